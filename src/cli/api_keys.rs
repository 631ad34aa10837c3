//! `stanch api-keys`: the keys of a provider that lets them be administered, with a token of its own. A new key is shown
//! once or goes into a new file; it is stored and logged nowhere.

mod audit;
mod copy;
mod created;

use created::{NewKey, copy_key, deliver_key};

use super::{
    accounts::{self, Account, Accounts},
    audit_line,
    context::CommandContext,
    entities::{load::LoadReport, rows, value_list},
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption, ListFormatOption},
};
use crate::{
    config::Config,
    entity::{
        account::{ApiKeyRecord, ApiKeyRequest, ApiKeyResponse},
        error::{ProfileError, ProviderError},
        key::{ProfileName, ProviderId},
        profile::{KeySource, Profile},
        raw_text::RawText,
        secret::Secret,
        visible::escape,
    },
    export::{ExportError, json},
    journal::AuditRecord,
    provider::ApiKeyAdministration,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

/// The calls of the administration.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// List keys, without the keys themselves.
    List(ListFormatOption),
    /// Make a key; it is shown this once.
    Create(CreateArguments),
    /// Take a key back, for good.
    Revoke(IdArguments),
    /// Show how much a key was used.
    Usage(IdArguments),
}

/// `create`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct CreateArguments {
    /// What to call it.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Write the key to this new file, mode 0600, instead of showing it.
    #[arg(long, value_name = "FILE", conflicts_with = "copy")]
    pub output: Option<PathBuf>,
    /// Copy the key instead of showing it, where the policy lets secrets be copied.
    #[arg(long)]
    pub copy: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `revoke` and `usage`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct IdArguments {
    /// The key, by its id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

impl Command {
    fn is_change(&self) -> bool {
        matches!(self, Self::Create(_) | Self::Revoke(_))
    }
}

/// An account whose keys can be administered, and where its token comes from.
type AdministrableAccount<'a> = (Account<'a, dyn ApiKeyAdministration + 'a>, &'a KeySource);

/// Lists, makes, takes back or measures keys.
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    let done = call(session, command).await;
    if let Err(failure) = &done
        && command.is_change()
        && failure.exit == ExitCode::Policy
    {
        audit_line::write_refusal(session, audit::audit_record(command), failure).await;
    }
    done
}

async fn call(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    if command.is_change() && session.options.read_only {
        return Err(read_only_failure("--read-only forbids every change"));
    }
    if let Command::Create(CreateArguments {
        output: Some(path), ..
    }) = command
    {
        // Asked before there is a key that could be lost.
        check_output_path(path)?;
    }
    let config = session.config_for_command()?;
    if matches!(command, Command::Create(CreateArguments { copy: true, .. })) {
        copy::check_copy_allowed(session, &config)?;
    }
    let connected = accounts::connect_required(session, &config)?;
    administer(session, &config, &connected, command).await
}

async fn administer(
    session: &mut CommandContext,
    config: &Config,
    connected: &Accounts,
    command: &Command,
) -> Result<ExitCode, Failure> {
    let able = administrable_accounts(config, connected)?;
    let (call, format) = match command {
        Command::List(options) => return list(session, connected, &able, *options).await,
        Command::Create(arguments) => (
            ApiKeyRequest::Create {
                name: arguments.name.clone(),
            },
            arguments.format.format,
        ),
        Command::Revoke(arguments) => (
            ApiKeyRequest::Revoke {
                id: arguments.id.clone(),
            },
            arguments.format.format,
        ),
        Command::Usage(arguments) => (
            ApiKeyRequest::Usage {
                id: arguments.id.clone(),
            },
            arguments.format.format,
        ),
    };
    let [((profile, keys), source)] = able[..] else {
        let names: Vec<_> = able
            .iter()
            .map(|((profile, _), _)| profile.binding.name.as_str())
            .collect();
        return Err(Failure::new(
            FailureKind::Usage,
            format!("several profiles could do this: {}", names.join(", ")),
            "say which with --profile NAME",
        ));
    };
    if command.is_change() && profile.read_only {
        return Err(read_only_failure("the profile is read-only"));
    }
    let token = read_token(session, connected, profile, source)?;
    let answer = match command {
        Command::Create(_) | Command::Revoke(_) => {
            let line = AuditRecord {
                profile: Some(profile.binding.name.clone()),
                ..audit::audit_record(command)
            };
            audit_line::audit_change(session, line, keys.administer(&token, &call)).await?
        }
        Command::List(_) | Command::Usage(_) => keys.administer(&token, &call).await,
    };
    let answer = answer.map_err(|error| {
        Failure::from(&ProfileError {
            profile: profile.binding.name.clone(),
            error,
        })
    })?;
    print_answer(session, config, connected, format, command, answer)
}

fn read_only_failure(why: &str) -> Failure {
    Failure::new(
        FailureKind::Policy,
        why,
        "api-keys list and usage only read; they work all the same",
    )
}

/// The accounts with a token.
fn administrable_accounts<'a>(
    config: &'a Config,
    connected: &'a Accounts,
) -> Result<Vec<AdministrableAccount<'a>>, Failure> {
    let able = connected.supporting(|it| it.api_keys(), "lets its keys be administered")?;
    let source = |name: &ProfileName| {
        let mut profiles = config.profiles.iter();
        let profile = profiles.find(|profile| profile.settings.name == *name)?;
        profile.jwt.as_ref()
    };
    let found: Vec<_> = able
        .into_iter()
        .filter_map(|account| Some((account, source(&account.0.binding.name)?)))
        .collect();
    if found.is_empty() {
        return Err(Failure::new(
            FailureKind::Config,
            "no profile in play has a token to administer keys with",
            "set jwt = { command = [\"…\"] } in the profile, or { file = \"…\" }",
        ));
    }
    Ok(found)
}

fn read_token(
    session: &mut CommandContext,
    connected: &Accounts,
    profile: &Profile,
    source: &KeySource,
) -> Result<Secret, Failure> {
    let token = accounts::read_key(session, &profile.binding.name, source)?;
    connected.secrets.add(&token);
    Ok(token)
}

/// A key, and whose.
#[derive(Serialize)]
struct ApiKeyItem {
    profile: ProfileName,
    provider: ProviderId,
    #[serde(flatten)]
    record: ApiKeyRecord,
}

async fn list(
    session: &mut CommandContext,
    connected: &Accounts,
    able: &[AdministrableAccount<'_>],
    options: ListFormatOption,
) -> Result<ExitCode, Failure> {
    let (mut items, mut reading) = (Vec::new(), LoadReport::default());
    for ((profile, keys), source) in able {
        let name = &profile.binding.name;
        let token = match read_token(session, connected, profile, source) {
            Ok(token) => token,
            Err(failure) => {
                reading.add_unusable(&[(name.to_string(), failure)]);
                continue;
            }
        };
        match keys.administer(&token, &ApiKeyRequest::List).await {
            Ok(ApiKeyResponse::List(records)) => {
                let count = records.len() as u64;
                reading.add(profile, count, Some(count), None);
                items.extend(records.into_iter().map(|record| ApiKeyItem {
                    profile: name.clone(),
                    provider: profile.binding.provider.clone(),
                    record,
                }));
            }
            Ok(
                ApiKeyResponse::Created { .. } | ApiKeyResponse::Revoked | ApiKeyResponse::Usage(_),
            ) => {
                let error = ProviderError::Malformed {
                    why: "it is no list of keys".to_owned(),
                };
                reading.add(profile, 0, None, Some(&error));
            }
            Err(error) => reading.add(profile, 0, None, Some(&error)),
        }
    }
    reading.add_unusable(&connected.missing);
    value_list::list(
        &mut session.output,
        options.format,
        &items,
        &reading,
        &["profile", "id", "name", "more"],
        cells,
    );
    reading.finish()
}

fn cells(known: &ApiKeyItem) -> Vec<Vec<u8>> {
    let text = |text: &Option<RawText>| {
        text.as_ref()
            .map_or_else(Vec::new, |text| text.as_bytes().to_vec())
    };
    let more: Vec<_> = known.record.more.iter().map(member).collect();
    vec![
        known.profile.as_str().as_bytes().to_vec(),
        text(&known.record.id),
        text(&known.record.name),
        more.join(", ").into_bytes(),
    ]
}

/// A member by the provider's name for it.
fn member((name, value): (&String, &Value)) -> String {
    match value {
        Value::String(text) => format!("{name}: {text}"),
        value => format!("{name}: {value}"),
    }
}

fn print_answer(
    session: &mut CommandContext,
    config: &Config,
    connected: &Accounts,
    format: Format,
    command: &Command,
    answer: ApiKeyResponse,
) -> Result<ExitCode, Failure> {
    match (command, answer) {
        (Command::Create(arguments), ApiKeyResponse::Created { id, name, key }) => {
            connected.secrets.add(&key);
            let made = NewKey { id, name, key };
            if arguments.copy {
                return copy_key(session, config, format, &made);
            }
            deliver_key(session, format, &made, arguments.output.as_deref())
        }
        (Command::Revoke(arguments), ApiKeyResponse::Revoked) => {
            print_revoked(session, format, &arguments.id);
            Ok(ExitCode::Done)
        }
        (Command::Usage(_), ApiKeyResponse::Usage(usage)) => {
            print_usage(session, format, &usage);
            Ok(ExitCode::Done)
        }
        (
            _,
            ApiKeyResponse::List(_)
            | ApiKeyResponse::Created { .. }
            | ApiKeyResponse::Revoked
            | ApiKeyResponse::Usage(_),
        ) => Err(Failure::from(&ProviderError::Malformed {
            why: "it answers another question".to_owned(),
        })),
    }
}

fn print_revoked(session: &mut CommandContext, format: Format, id: &str) {
    #[derive(Serialize)]
    struct Json<'a> {
        id: &'a str,
        revoked: bool,
    }
    match format {
        Format::Json => session
            .output
            .json(&json::answer("api_key", Json { id, revoked: true })),
        Format::Table => session
            .output
            .key_values(&[("revoked", rows::printable(id))]),
    }
}

fn print_usage(session: &mut CommandContext, format: Format, usage: &Map<String, Value>) {
    match format {
        Format::Json => session.output.json(&json::answer("usage", usage)),
        Format::Table => {
            // Names are the provider's too: they stand in the value, where they are made printable.
            let fields: Vec<_> = usage
                .iter()
                .map(|used| ("used", rows::printable(member(used))))
                .collect();
            session.output.key_values(&fields);
        }
    }
}

/// Whether a new file can be made there, as far as that can be told before.
fn check_output_path(path: &Path) -> Result<(), Failure> {
    let shown = || escape(path.as_os_str().as_bytes()).as_str().to_owned();
    if path.symlink_metadata().is_ok() {
        return Err(Failure::from(&ExportError::Exists { path: shown() }));
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !parent.is_dir() {
        return Err(Failure::from(&ExportError::Io {
            path: shown(),
            why: "there is no such directory".to_owned(),
        }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::{
            GlobalOptions,
            context::Environment,
            output::{MemoryWriter, Output},
            test_provider::{self, ScriptedProvider},
        },
        config::ProfileConfig,
        entity::{fingerprint::FingerprintKey, option::OptionValues, profile::AdapterSettings},
    };
    use serde_json::json;
    use std::{os::unix::fs::PermissionsExt as _, sync::Arc};

    /// A run with a state directory of its own: making and taking back keys writes audit lines.
    fn session() -> (
        CommandContext,
        MemoryWriter,
        MemoryWriter,
        tempfile::TempDir,
    ) {
        let (output, out, err) = Output::in_memory();
        let home = tempfile::tempdir().unwrap();
        let state = ("STANCH_STATE_DIR", home.path().join("state").into());
        let environment = Environment::from_variables(vec![state]);
        let session = CommandContext::new(GlobalOptions::default(), environment, output);
        (session, out, err, home)
    }

    /// A profile with a token.
    fn profile(name: &str) -> ProfileConfig {
        ProfileConfig {
            settings: AdapterSettings {
                name: ProfileName::new(name).unwrap(),
                provider: ProviderId::new("fake"),
                base_url: "http://127.0.0.1:1".to_owned(),
                team_id: None,
                options: OptionValues::default(),
                rpm: None,
                page_size: None,
                bulk_size: None,
                verify: Vec::new(),
                allow_insecure_http: false,
                insecure_http_flag: false,
                ca_file: None,
                proxy: None,
                read_only: false,
                environment: String::new(),
                short: None,
                attribution: None,
                files: crate::entity::files::FileSettings::default(),
                state: None,
                fingerprint: FingerprintKey::new([0; 32]),
            },
            key: None,
            archive_password: None,
            jwt: Some(KeySource::Command(vec![
                "echo".to_owned(),
                "t0ken".to_owned(),
            ])),
            account: None,
        }
    }

    fn config(names: &[&str]) -> Config {
        Config {
            profiles: names.iter().map(|name| profile(name)).collect(),
            ..Config::default()
        }
    }

    fn answering(answer: ApiKeyResponse) -> Arc<ScriptedProvider> {
        Arc::new(ScriptedProvider {
            api_keys: Some(Ok(answer)),
            ..ScriptedProvider::default()
        })
    }

    fn made() -> Arc<ScriptedProvider> {
        answering(ApiKeyResponse::Created {
            id: Some("7".into()),
            name: Some("ci".into()),
            key: Secret::from("n3w-k3y".to_owned()),
        })
    }

    fn create(output: Option<PathBuf>) -> Command {
        Command::Create(CreateArguments {
            name: "ci".to_owned(),
            output,
            copy: false,
            format: FormatOption {
                format: Format::Json,
            },
        })
    }

    async fn ran(
        fake: &Arc<ScriptedProvider>,
        command: &Command,
    ) -> (Value, String, Result<ExitCode, Failure>) {
        let (mut session, out, err, _home) = session();
        let connected = test_provider::accounts(&[("a", fake)]);
        let end = administer(&mut session, &config(&["a"]), &connected, command).await;
        session.output.flush();
        let out = serde_json::from_str(&out.text()).unwrap_or_default();
        (out, err.text(), end)
    }

    #[tokio::test]
    async fn a_new_key_is_shown_once_with_the_token_of_its_own() {
        let fake = made();
        let (out, err, end) = ran(&fake, &create(None)).await;
        assert_eq!(end.unwrap(), ExitCode::Done);
        assert_eq!(
            out,
            json!({"schema": 1, "api_key": {"id": "7", "name": "ci", "key": "n3w-k3y", "file": null}})
        );
        assert!(
            err.contains("this once") && !err.contains("n3w-k3y"),
            "{err}"
        );
        assert_eq!(fake.requests(), ["Create { name: \"ci\" } with t0ken"]);
    }

    #[tokio::test]
    async fn a_new_key_goes_into_a_new_file_and_is_not_shown() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("key");
        let (out, err, end) = ran(&made(), &create(Some(path.clone()))).await;
        assert_eq!(end.unwrap(), ExitCode::Done);
        assert_eq!(out["api_key"]["key"], Value::Null);
        assert_eq!(out["api_key"]["file"], path.to_str().unwrap());
        assert_eq!(err, "");
        assert_eq!(std::fs::read(&path).unwrap(), b"n3w-k3y\n");
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        // A name that is taken is refused before there is a key to lose, and so is one in no directory.
        for taken in [path, home.path().join("no/key")] {
            assert_eq!(check_output_path(&taken).unwrap_err().exit, ExitCode::Usage);
        }
        assert!(check_output_path(Path::new("no-such-file")).is_ok());
    }

    #[tokio::test]
    async fn a_key_that_cannot_be_written_is_not_lost() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("no/key");
        let (out, _, end) = ran(&made(), &create(Some(path))).await;
        assert_eq!(out["api_key"]["key"], "n3w-k3y");
        assert_eq!(end.unwrap_err().exit, ExitCode::Usage);
    }

    #[tokio::test]
    async fn a_key_is_copied_only_where_secrets_may_be_and_is_not_shown_then() {
        let home = tempfile::tempdir().unwrap();
        let (output, out, err) = Output::in_memory();
        let state = ("STANCH_STATE_DIR", home.path().join("state").into());
        let environment = Environment::from_variables(vec![state]);
        let mut session = CommandContext::new(GlobalOptions::default(), environment, output);
        let mut config = config(&["a"]);
        config.clipboard = crate::config::ClipboardVia::File;
        let refused = copy::check_copy_allowed(&session, &config).unwrap_err();
        assert_eq!(refused.exit, ExitCode::Policy);
        config.policy.copy_secrets = true;
        assert!(copy::check_copy_allowed(&session, &config).is_ok());
        let mut command = create(None);
        if let Command::Create(arguments) = &mut command {
            arguments.copy = true;
        }
        let fake = made();
        let connected = test_provider::accounts(&[("a", &fake)]);
        let end = administer(&mut session, &config, &connected, &command).await;
        assert_eq!(end.unwrap(), ExitCode::Done);
        session.output.flush();
        assert!(!format!("{}{}", out.text(), err.text()).contains("n3w-k3y"));
        // Without a terminal there is nothing that an escape sequence would reach.
        config.clipboard = crate::config::ClipboardVia::Osc52;
        let nowhere = copy::check_copy_allowed(&session, &config).unwrap_err();
        assert!(nowhere.hint.contains("--output"));
    }

    #[tokio::test]
    async fn keys_are_listed_measured_and_taken_back() {
        let mut more = Map::new();
        more.insert("last_used".to_owned(), "2026-02-01".into());
        let record = ApiKeyRecord {
            id: Some("7".into()),
            name: Some("ci".into()),
            more: more.clone(),
        };
        let fake = answering(ApiKeyResponse::List(vec![record]));
        let list = Command::List(ListFormatOption {
            bom: None,
            format: crate::cli::format::ListFormat::Json,
        });
        let (out, _, end) = ran(&fake, &list).await;
        assert_eq!(end.unwrap(), ExitCode::Done);
        assert_eq!(
            out["items"],
            json!([{"profile": "a", "provider": "fake", "id": "7", "name": "ci", "more": {"last_used": "2026-02-01"}}])
        );
        let id = |format| IdArguments {
            id: "7".to_owned(),
            format: FormatOption { format },
        };
        let usage = Command::Usage(id(Format::Json));
        let (out, _, _) = ran(&answering(ApiKeyResponse::Usage(more)), &usage).await;
        assert_eq!(
            out,
            json!({"schema": 1, "usage": {"last_used": "2026-02-01"}})
        );
        let revoke = Command::Revoke(id(Format::Json));
        let (out, _, _) = ran(&answering(ApiKeyResponse::Revoked), &revoke).await;
        assert_eq!(out["api_key"], json!({"id": "7", "revoked": true}));
    }

    #[tokio::test]
    async fn nothing_is_changed_read_only_without_a_token_or_at_several_profiles() {
        let fake = made();
        let (mut session, _out, _err, _home) = session();
        session.options.read_only = true;
        let refused = run(&mut session, &create(None)).await.unwrap_err();
        assert_eq!(refused.exit, ExitCode::Policy);
        session.options.read_only = false;
        let mut connected = test_provider::accounts(&[("a", &fake), ("b", &fake)]);
        let two = administer(
            &mut session,
            &config(&["a", "b"]),
            &connected,
            &create(None),
        )
        .await;
        assert!(two.unwrap_err().message.contains("a, b"));
        let none = administer(&mut session, &config(&[]), &connected, &create(None)).await;
        assert!(none.unwrap_err().hint.contains("jwt"));
        connected.profiles[0].read_only = true;
        let closed = administer(&mut session, &config(&["a"]), &connected, &create(None)).await;
        assert_eq!(closed.unwrap_err().exit, ExitCode::Policy);
        assert_eq!(fake.requests(), Vec::<String>::new());
    }
}
