//! What a watch needs before its first round: the installation's key, the accounts, the memory, the locks.

use super::{
    WatchArguments, channels,
    deliver::Deliverer,
    round::Watcher,
    spec::{self, Manner},
};
use crate::{
    cli::{
        accounts, context::CommandContext, failure::Failure, seen_options::seen_options,
        store::options::options,
    },
    journal::{AuditOrigin, Journal, OpenMode},
    seen::{Seen, SeenOptions},
};
use std::path::Path;

/// How the memory of a state directory is opened.
pub(in crate::cli) async fn memory(
    session: &mut CommandContext,
    state: &Path,
) -> Result<(Journal, SeenOptions), Failure> {
    // The key of the marks must stay the same: it is the team's, or made by whoever writes the journal first.
    let is_given = options(session)?.is_some_and(|team| team.fingerprint.is_some());
    if !is_given && !state.join("fingerprint.key").exists() {
        accounts::open_installation(session, state, OpenMode::Write)
            .await?
            .close()
            .await;
        session.fingerprint = None;
    }
    let journal = accounts::open_installation(session, state, OpenMode::Read).await?;
    let key = match &session.fingerprint {
        Some(key) => key.clone(),
        None => journal
            .fingerprint_key()
            .await
            .map_err(|error| Failure::from(&error))?,
    };
    let options = seen_options(session, state, &key, accounts::operator(session).host)?;
    Ok((journal, options))
}

/// Opens everything for a watch.
pub(super) async fn open(
    session: &mut CommandContext,
    arguments: &WatchArguments,
) -> Result<Watcher, Failure> {
    let mut config = session.config_for_command()?;
    if config.profiles.is_empty() {
        return Err(accounts::no_profile_failure());
    }
    if let Some(problem) = config.watch_problem() {
        return Err(Failure::from(problem));
    }
    let state = session.state_directory()?;
    let watching = config.watching.clone();
    // The rest of a rate is the console's.
    for profile in &mut config.profiles {
        let part = |rpm: u32| (f64::from(rpm) * watching.watch.share).floor().max(1.0) as u32;
        profile.settings.rpm = profile.settings.rpm.map(part);
    }
    let tell = channels::of_arguments(arguments, &watching);
    let specs = spec::of(session, arguments, &watching, &tell, &state)?;
    let ready = channels::open(session, arguments, &watching, &specs)?;
    if !ready.ready.is_empty() {
        // What a program of the operator's own makes is closed to others.
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    }
    let (journal, options) = memory(session, &state).await?;
    let marks = options.marks.clone();
    let seen = Seen::open(options)
        .await
        .map_err(|error| Failure::from(&error))?;
    let connected = accounts::connect_required(session, &config)?;
    let services = accounts::services(
        session,
        &config,
        &connected,
        journal.clone(),
        &state,
        AuditOrigin::Command,
    );
    let manner = Manner {
        format: arguments.format,
        scan: arguments.scan,
        since: arguments.since,
        scan_every: i64::try_from(watching.watch.scan_every.as_secs()).unwrap_or(i64::MAX),
        storm: watching.notify.storm as usize,
    };
    let every = specs.iter().map(|spec| spec.every).min();
    let every = every.unwrap_or(watching.watch.every);
    let deliverer = Deliverer::new(seen.clone(), ready, marks.clone(), every);
    Ok(Watcher::new(
        config, connected, services, journal, seen, marks, deliverer, specs, manner, every, state,
    ))
}
