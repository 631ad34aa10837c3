//! `stanch doctor`: whether everything is in order.

#[cfg(feature = "postgres")]
use super::store;
use super::{
    accounts,
    context::CommandContext,
    entities::{load, rows},
    exit::ExitCode,
    failure::Failure,
    format::{Format, FormatOption},
};
use crate::{
    config::Config,
    entity::{local_status::MOVE_HINT, visible::escape},
    export::json,
    journal::OpenMode,
    logging,
};
use serde::Serialize;

/// Checks configuration, keys, providers and journal.
pub async fn run(
    session: &mut CommandContext,
    arguments: &FormatOption,
) -> Result<ExitCode, Failure> {
    let config = session.config();
    let mut checks = configuration(session, &config);
    let secrets = logging::Secrets::default();
    for profile in &config.profiles {
        let name = profile.settings.name.to_string();
        match accounts::connect_profile(session, profile, &secrets) {
            Ok((_, provider)) => {
                if profile.key.is_some() {
                    checks.push(Check::passed("key", &name, "the key can be read"));
                }
                let answer = provider.check().await;
                checks.push(match answer {
                    Ok(()) => Check::passed("provider", &name, "it answers and takes the key"),
                    Err(error) => Check::failed(
                        "provider",
                        load::list_failure(&profile.settings.name, &error),
                    ),
                });
            }
            // A key that cannot be read is the configuration's fault; the adapter may refuse the address too.
            Err(failure) if failure.exit == ExitCode::Usage && profile.key.is_some() => {
                checks.push(Check::failed("key", failure));
            }
            Err(failure) => checks.push(Check::failed("provider", failure)),
        }
    }
    accounts::start_log(session, secrets)?;
    checks.push(journal(session).await);
    #[cfg(feature = "postgres")]
    checks.extend(store(session).await);
    checks.extend(check_orphaned_statuses(session).await);
    let worst = [
        ExitCode::Usage,
        ExitCode::Policy,
        ExitCode::Unauthorised,
        ExitCode::Unreachable,
        ExitCode::Journal,
    ]
    .into_iter()
    .find(|exit| checks.iter().any(|check| check.exit == *exit));
    let other = checks
        .iter()
        .map(|check| check.exit)
        .find(|exit| *exit != ExitCode::Done);
    match arguments.format {
        Format::Json => session.output.json(&json::answer("checks", &checks)),
        Format::Table => print(session, &checks),
    }
    Ok(worst.or(other).unwrap_or(ExitCode::Done))
}

/// One thing that was looked at.
#[derive(Serialize)]
struct Check {
    name: &'static str,
    profile: Option<String>,
    ok: bool,
    message: String,
    hint: Option<String>,
    #[serde(skip)]
    exit: ExitCode,
}

impl Check {
    fn passed(name: &'static str, profile: &str, message: &str) -> Self {
        Self {
            name,
            profile: (!profile.is_empty()).then(|| profile.to_owned()),
            ok: true,
            message: message.to_owned(),
            hint: None,
            exit: ExitCode::Done,
        }
    }

    fn failed(name: &'static str, failure: Failure) -> Self {
        Self {
            name,
            profile: failure.profile,
            ok: false,
            message: failure.message,
            hint: (!failure.hint.is_empty())
                // Whoever reads this runs it already.
                .then(|| failure.hint.replace(": stanch doctor", "")),
            exit: failure.exit,
        }
    }
}

fn configuration(session: &CommandContext, config: &Config) -> Vec<Check> {
    const NAME: &str = "configuration";
    let mut checks: Vec<Check> = config
        .problems
        .iter()
        .map(|problem| Check::failed(NAME, Failure::from(problem)))
        .collect();
    if config.profiles.is_empty() && checks.is_empty() {
        checks.push(Check::failed(NAME, accounts::no_profile_failure()));
    }
    if checks.is_empty() {
        let path = session
            .config_path
            .as_deref()
            .map_or_else(String::new, |path| {
                escape(path.as_os_str().as_encoded_bytes())
                    .as_str()
                    .to_owned()
            });
        checks.push(Check::passed(NAME, "", &format!("{path} is in order")));
    }
    checks
}

/// Whether the state directory is ours and what is in it can be read. Nothing is made and no lock is taken: a console
/// that is open is no fault.
async fn journal(session: &CommandContext) -> Check {
    const NAME: &str = "journal";
    let read = async {
        let state = session.state_directory()?;
        let journal = accounts::open_journal(session, &state, OpenMode::Read).await?;
        journal
            .verify()
            .await
            .map_err(|error| Failure::from(&error))?;
        let jobs = journal
            .jobs()
            .await
            .map_err(|error| Failure::from(&error))?;
        Ok::<usize, Failure>(jobs.len())
    };
    match read.await {
        Ok(jobs) => Check::passed(NAME, "", &format!("it can be read: {jobs} jobs")),
        Err(failure) => Check::failed(NAME, failure),
    }
}

/// How the store of a team is: how it is reached, who we are there, and what of its settings is weak. What is weak is no
/// fault of this run.
#[cfg(feature = "postgres")]
async fn store(session: &CommandContext) -> Vec<Check> {
    use crate::journal::team_store::{Admin, Verdict};
    let options = match store::options::options(session) {
        Ok(None) => return Vec::new(),
        Ok(Some(options)) => options,
        Err(failure) => return vec![Check::failed("store configuration", failure)],
    };
    let state = session.state_directory().ok();
    let state = state.and_then(|path| std::path::absolute(path).ok());
    let asked = tokio::task::spawn_blocking(move || Admin::new(options)?.checkup(state)).await;
    let found = match asked {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return vec![Check::failed("store reachable", Failure::from(&error))],
        Err(_) => return Vec::new(),
    };
    let hint = |hint: &str| (!hint.is_empty()).then(|| hint.to_owned());
    found
        .into_iter()
        .map(|one| match one.verdict {
            Verdict::Good => Check::passed(one.name, "", &one.message),
            Verdict::Weak => Check {
                hint: hint(one.hint),
                ..Check::passed(one.name, "", &format!("warning: {}", one.message))
            },
            Verdict::Bad(error) => Check {
                hint: hint(one.hint),
                ..Check::failed(one.name, Failure::from(&error))
            },
        })
        .collect()
}

/// Statuses that are kept for profiles that are no longer configured: nobody sees them. What cannot be read stands in
/// the check of the journal.
async fn check_orphaned_statuses(session: &CommandContext) -> Vec<Check> {
    let left = accounts::find_orphaned_statuses(session)
        .await
        .unwrap_or_default();
    left.iter()
        .map(|under| Check {
            name: "statuses",
            profile: Some(under.profile.to_string()),
            ok: false,
            message: under.to_string(),
            hint: Some(MOVE_HINT.to_owned()),
            exit: ExitCode::Usage,
        })
        .collect()
}

fn print(session: &mut CommandContext, checks: &[Check]) {
    for check in checks {
        let word = if check.ok { "ok  " } else { "FAIL" };
        let profile = check.profile.as_deref().unwrap_or_default();
        let of = if profile.is_empty() { "" } else { " " };
        let line = format!("{word}  {}{of}{profile}: {}", check.name, check.message);
        session
            .output
            .text(&format!("{}\n", rows::printable(line).as_str()));
        if let Some(hint) = &check.hint {
            session
                .output
                .text(&format!("      hint: {}\n", rows::printable(hint).as_str()));
        }
    }
}
