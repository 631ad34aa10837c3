//! Joins the modules for one run: profiles with their keys to providers, the journal, the model. Every command that
//! talks to a provider or the journal begins here.

mod effect_services;
mod memory;
mod own_key;

pub use effect_services::{clipboard, services};
use own_key::{fingerprint, make_key};

use super::{
    context::CommandContext,
    failure::{Failure, FailureKind},
    files, orphaned_statuses, seen_head,
    store::options::options,
};
use crate::{
    app::{
        local,
        model::{DataUpdate, Model, Setup},
    },
    config::{Config, ProfileConfig},
    credential,
    entity::{
        key::ProfileName,
        local_status::ProfileStatusCount,
        option::AddressForm,
        profile::{AdapterSettings, KeySource, Profile, ProfileBinding},
        secret::Secret,
    },
    journal::{Access, AuditOrigin, Journal, JournalOptions, OpenMode, Operator},
    logging,
    provider::{Provider, capabilities_for, ids, registration},
    runtime::clock::{Clock, SystemClock},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Accounts that can be talked to.
pub struct Accounts {
    /// What they are.
    pub profiles: Vec<Profile>,
    /// How they are talked to.
    pub providers: HashMap<ProfileName, Arc<dyn Provider>>,
    /// Configured accounts that are in play and cannot be used, with the reason: what they have is missing.
    pub missing: Vec<(String, Failure)>,
    /// What must not get into the log; secrets that are read later are added later.
    pub secrets: logging::Secrets,
}

/// An account and the handle of its provider that a command needs.
pub(super) type Account<'a, T> = (&'a Profile, &'a T);

impl Accounts {
    /// The accounts whose provider has a handle, in their order.
    ///
    /// # Errors
    /// No account has it: what none does, in these words.
    pub(super) fn supporting<'s, T: ?Sized>(
        &'s self,
        handle: impl Fn(&'s dyn Provider) -> Option<&'s T>,
        what: &str,
    ) -> Result<Vec<Account<'s, T>>, Failure> {
        let able: Vec<_> = self
            .profiles
            .iter()
            .filter_map(|profile| {
                let provider = self.providers.get(&profile.binding.name)?;
                Some((profile, handle(provider.as_ref())?))
            })
            .collect();
        if able.is_empty() {
            return Err(Failure::new(
                FailureKind::Unsupported,
                format!("no profile in play {what}"),
                "stanch config show lists the profiles; --profile chooses among them",
            ));
        }
        Ok(able)
    }
}

/// Connects every profile of a configuration. What fails is the whole when `strict`, else it
/// is among what is missing.
pub fn connect(
    session: &mut CommandContext,
    config: &Config,
    strict: bool,
) -> Result<Accounts, Failure> {
    let secrets = logging::Secrets::default();
    let mut connected = Accounts {
        profiles: Vec::new(),
        providers: HashMap::new(),
        missing: unusable_profiles(session, config),
        secrets: secrets.clone(),
    };
    for profile in &config.profiles {
        match connect_profile(session, profile, &secrets) {
            Ok((name, provider)) => {
                connected
                    .profiles
                    .push(describe(&profile.settings, provider.as_ref()));
                connected.providers.insert(name, provider);
            }
            Err(failure) if strict => return Err(failure),
            Err(failure) => {
                let name = profile.settings.name.to_string();
                connected.missing.push((name, failure));
            }
        }
    }
    start_log(session, secrets)?;
    Ok(connected)
}

/// Starts the log, which knows the keys so that it can leave them out.
pub(super) fn start_log(
    session: &CommandContext,
    secrets: logging::Secrets,
) -> Result<(), Failure> {
    logging::init(
        session.options.log.as_deref(),
        session.options.verbose,
        secrets,
    )
    .map_err(|error| {
        Failure::new(
            FailureKind::Config,
            error.to_string(),
            "give another file, or none",
        )
    })
}

/// Profiles that the file has and that were left out, unless others were asked for by name.
fn unusable_profiles(session: &CommandContext, config: &Config) -> Vec<(String, Failure)> {
    if !session.options.profiles.is_empty() {
        return Vec::new();
    }
    let mut missing: Vec<(String, Failure)> = Vec::new();
    for (name, problem) in config.excluded_profile_problems() {
        if missing.iter().all(|(known, _)| known != name) {
            let failure = Failure {
                profile: Some(name.to_owned()),
                ..Failure::from(problem)
            };
            missing.push((name.to_owned(), failure));
        }
    }
    missing
}

/// Connects the profiles and refuses to go on without any.
pub fn connect_required(
    session: &mut CommandContext,
    config: &Config,
) -> Result<Accounts, Failure> {
    if config.profiles.is_empty() {
        return Err(no_profile_failure());
    }
    connect(session, config, true)
}

/// There is nothing to connect to.
pub(super) fn no_profile_failure() -> Failure {
    Failure::new(
        FailureKind::Config,
        "no profile is configured",
        "stanch config init writes a configuration to fill in; stanch demo needs none",
    )
}

/// Reads one profile's key and makes its adapter; nothing is sent.
pub(super) fn connect_profile(
    session: &mut CommandContext,
    profile: &ProfileConfig,
    secrets: &logging::Secrets,
) -> Result<(ProfileName, Arc<dyn Provider>), Failure> {
    let mut settings = AdapterSettings {
        fingerprint: fingerprint(session)?,
        state: session.state_directory().ok(),
        ..profile.settings.clone()
    };
    let name = settings.name.clone();
    let row = registration(settings.provider.as_str()).ok_or_else(|| {
        Failure::new(
            FailureKind::Config,
            format!("{name}: no provider is called that"),
            "stanch config check names those there are",
        )
    })?;
    let key = match &profile.key {
        Some(source) => read_key(session, &name, source)?,
        None => Secret::new(Vec::new()),
    };
    secrets.add(&key);
    if let Some(source) = &profile.archive_password {
        settings.files.archive_password = Some(read_key(session, &name, source)?);
    }
    if let Some(password) = &settings.files.archive_password {
        secrets.add(password);
    }
    let provider = (row.connect)(settings, key).map_err(|error| Failure {
        profile: Some(name.to_string()),
        ..Failure::from(&error)
    })?;
    Ok((name, provider))
}

fn describe(settings: &AdapterSettings, provider: &dyn Provider) -> Profile {
    let url = url::Url::parse(&settings.base_url).ok();
    let origin = url
        .as_ref()
        .map_or_else(String::new, |url| url.origin().ascii_serialization());
    let loopback = url
        .as_ref()
        .and_then(url::Url::host)
        .is_some_and(|host| match host {
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => address.is_loopback(),
            url::Host::Domain(name) => name == "localhost",
        });
    let row = registration(settings.provider.as_str());
    let origin = match row.map(|row| row.address) {
        Some(AddressForm::Path) => "file:".to_owned(),
        _ => origin,
    };
    Profile {
        binding: ProfileBinding {
            name: settings.name.clone(),
            provider: settings.provider.clone(),
            origin,
            team: settings.team_id.clone().unwrap_or_default(),
        },
        provider_title: row
            .map_or_else(|| settings.provider.to_string(), |row| row.title.to_owned()),
        environment: settings.environment.clone(),
        short: settings.short.clone(),
        read_only: settings.read_only,
        insecure: !loopback && url.is_some_and(|url| url.scheme() == "http"),
        capabilities: capabilities_for(provider),
        verify: settings.verify.clone(),
        rpm: settings.rpm,
        attribution: crate::provider::attribution(settings),
    }
}

/// Reads a key or a token of an account; what is weak about its source is told.
pub(super) fn read_key(
    session: &mut CommandContext,
    name: &ProfileName,
    source: &KeySource,
) -> Result<Secret, Failure> {
    let (key, notice) = credential::read(source).map_err(|error| Failure {
        kind: error.kind(),
        message: format!("{name}: {error}"),
        hint: error.hint().to_owned(),
        profile: Some(name.to_string()),
        exit: super::exit::ExitCode::from_code(error.exit_code()),
    })?;
    if let Some(notice) = notice {
        session.output.notice(&format!("stanch: {name}: {notice}"));
    }
    Ok(key)
}

/// Who is at work.
pub fn operator(session: &CommandContext) -> Operator {
    let text = |name: &str| {
        session
            .environment
            .get(name)
            .and_then(|value| value.into_string().ok())
            .unwrap_or_default()
    };
    let user = [text("USER"), text("LOGNAME")]
        .into_iter()
        .find(|name| !name.is_empty());
    let tty = rustix::termios::ttyname(rustix::stdio::stdin(), Vec::new())
        .ok()
        .and_then(|name| name.into_string().ok());
    Operator {
        user: user.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw())),
        host: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
        tty: tty.unwrap_or_default(),
        pid: std::process::id().to_string(),
    }
}

/// Opens the journal in the state directory.
pub async fn open_journal(
    session: &CommandContext,
    directory: &Path,
    mode: OpenMode,
) -> Result<Journal, Failure> {
    let directory = absolute_path(directory)?;
    let options = JournalOptions {
        team: options(session)?,
        thread_init: session.on_thread_start,
        ..JournalOptions::new(directory, mode, operator(session))
    };
    Journal::open(options)
        .await
        .map_err(|error| Failure::from(&error))
}

/// Opens the journal and takes the installation's key from it, for the profiles that are connected next.
pub async fn open_installation(
    session: &mut CommandContext,
    directory: &Path,
    mode: OpenMode,
) -> Result<Journal, Failure> {
    let journal = open_journal(session, directory, mode).await?;
    match journal.fingerprint_key().await {
        Ok(key) => session.fingerprint = Some(key),
        Err(error) => {
            journal.close().await;
            return Err(Failure::from(&error));
        }
    }
    Ok(journal)
}

fn absolute_path(directory: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(directory).map_err(|_| {
        Failure::new(
            FailureKind::Journal,
            "the state directory has no path",
            "set STANCH_STATE_DIR",
        )
    })
}

/// The options that a copied command line repeats.
fn command_prefix(session: &CommandContext) -> Vec<String> {
    let options = &session.options;
    let mut words = Vec::new();
    if let Some(config) = &options.config {
        words.extend(["--config".to_owned(), config.to_string_lossy().into_owned()]);
    }
    for profile in &options.profiles {
        words.extend(["--profile".to_owned(), profile.clone()]);
    }
    words
}

/// This program and the global options of this session. `None` where its path is not known, or is no text.
fn own_program(session: &CommandContext) -> Option<Vec<String>> {
    let path = std::env::current_exe().ok()?;
    let mut words = vec![path.to_str()?.to_owned()];
    words.extend(command_prefix(session));
    if session.options.insecure_http {
        words.push("--insecure-http".to_owned());
    }
    Some(words)
}

/// A model that has read nothing yet.
pub fn model(
    session: &CommandContext,
    config: &Config,
    connected: &Accounts,
    journal: &Journal,
    banner: Option<String>,
    headless: bool,
) -> (Box<Model>, Arc<dyn Clock>) {
    let clock = SystemClock::start();
    let setup = Setup {
        keymap: config.keymap.clone(),
        policy: config.policy,
        times: config.console.times,
        reasons: config.reasons.clone(),
        commands: config.commands.clone(),
        directory: std::env::current_dir().unwrap_or_default(),
        banner,
        zone: jiff::tz::TimeZone::system(),
        command_prefix: command_prefix(session),
        own_program: own_program(session),
        headless,
        sources: ids(),
    };
    let mut model = Model::new(
        setup,
        connected.profiles.clone(),
        crate::runtime::services::journal_state(journal),
        clock.now(),
    );
    model.access.write_lock = session.options.read_only;
    model.refresh.every = config.console.refresh;
    // The runtime asks the terminal for it at its start.
    model.mouse.on = config.console.mouse && !headless;
    (Box::new(model), Arc::new(clock))
}

/// Adds to what is known what the journal keeps: local statuses, and the inexact mappings that the operator accepted.
pub(super) async fn load_local_records(
    update: &mut DataUpdate<'_>,
    connected: &Accounts,
    journal: &Journal,
) -> Result<(), Failure> {
    let profiles: Vec<_> = connected
        .profiles
        .iter()
        .map(|profile| profile.binding.clone())
        .collect();
    let kept = crate::runtime::services::local_records(journal, profiles).await;
    local::apply_local_records(update, kept.map_err(|error| Failure::from(&error))?);
    Ok(())
}

/// A run without a console, on the configured profiles. The journal is opened for writing only where `mode` says so.
pub async fn start_headless(
    session: &mut CommandContext,
    mode: OpenMode,
) -> Result<(crate::runtime::headless::HeadlessRun, Accounts), Failure> {
    let config = session.config_for_command()?;
    if config.profiles.is_empty() {
        return Err(no_profile_failure());
    }
    let state = session.state_directory()?;
    if config.profiles.iter().any(files::is_of_files) {
        make_key(session, &state).await;
    }
    let journal = open_installation(session, &state, mode).await?;
    let connected = match connect_required(session, &config) {
        Ok(connected) => connected,
        Err(failure) => {
            journal.close().await;
            return Err(failure);
        }
    };
    let (mut model, clock) = model(session, &config, &connected, &journal, None, true);
    load_local_records(&mut model.data_update(), &connected, &journal).await?;
    let left = orphaned_statuses::find(&session.full_config(), &journal).await?;
    orphaned_statuses::notify(session, &left);
    let services = services(
        session,
        &config,
        &connected,
        journal,
        &state,
        AuditOrigin::Command,
    );
    services.audit_missing().await;
    if services.journal.access() == Access::Writer {
        seen_head::keep(session, &services.journal).await;
    }
    Ok((
        crate::runtime::headless::HeadlessRun::new(model, services, clock),
        connected,
    ))
}

/// Statuses that are left behind in the journal of this session; nothing is made and no lock is taken.
pub(super) async fn find_orphaned_statuses(
    session: &CommandContext,
) -> Result<Vec<ProfileStatusCount>, Failure> {
    let state = session.state_directory()?;
    let journal = open_journal(session, &state, OpenMode::Read).await?;
    let left = match journal.local_status_counts().await {
        // A configuration of very many lines takes as long again: it is read where something is kept, and only there.
        Ok(kept) if kept.is_empty() => Ok(kept),
        Ok(_) => orphaned_statuses::find(&session.full_config(), &journal).await,
        Err(error) => Err(Failure::from(&error)),
    };
    journal.close().await;
    left
}
