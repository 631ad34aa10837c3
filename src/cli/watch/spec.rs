//! One watch: its name, what it takes, and the lock that lets it run once.

use super::{LineFormat, ScanWhen, Since, WatchArguments};
use crate::{
    cli::{
        context::CommandContext,
        entities::filter::parse,
        failure::{Failure, FailureKind},
    },
    config::{
        channel::Channel,
        watching::{WatchConfig, Watching},
    },
    entity::seen::EventKind,
    filter::Filter,
    journal,
};
use rustix::fs::{FlockOperation, flock};
use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::Instant;

/// One watch.
pub(super) struct Spec {
    /// Its name.
    pub(super) name: String,
    /// What it takes.
    pub(super) filter: Filter,
    /// The kinds that it tells.
    pub(super) kinds: Vec<EventKind>,
    /// Its cursor's file, where it has one.
    pub(super) file: Option<PathBuf>,
    /// Between two of its rounds.
    pub(super) every: Duration,
    /// When it is due next; none is at once.
    pub(super) next: Option<Instant>,
    /// Whether it tells in this round.
    pub(super) is_due: bool,
    /// Whom it tells beside its output.
    pub(super) tell: Vec<Channel>,
    /// Who of the team runs it; nothing where it runs here.
    pub(super) elsewhere: Option<String>,
    /// Held as long as it runs.
    #[expect(dead_code, reason = "it is held, not looked at")]
    lock: File,
}

impl Spec {
    /// Says whether it tells in a round that begins at this moment. What is due soon is told now: rounds of several
    /// watches come together where they can, for each of them asks the provider.
    pub(super) fn begin(&mut self, now: Instant) {
        let soon = now + self.every / 4;
        self.is_due = self.next.is_none_or(|next| next <= soon);
    }
}

/// What is the same for all watches of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) format: LineFormat,
    pub(super) scan: ScanWhen,
    pub(super) since: Option<Since>,
    /// A scan is due after so long, in seconds, where no probe asks for one.
    pub(super) scan_every: i64,
    /// More events than this in a round are a storm.
    pub(super) storm: usize,
}

/// Characters of a watch's name.
const LONGEST_NAME: usize = 40;

/// The watches that the arguments ask for; those of the configuration where they name none.
pub(super) fn of(
    session: &CommandContext,
    arguments: &WatchArguments,
    watching: &Watching,
    tell: &[Channel],
    state: &Path,
) -> Result<Vec<Spec>, Failure> {
    let is_named =
        arguments.view.is_some() || arguments.filter.is_some() || arguments.name.is_some();
    if is_named || watching.watches.is_empty() {
        let view = arguments.view.as_deref();
        let view = view.map(|name| of_view(session, state, name)).transpose()?;
        return Ok(vec![of_arguments(arguments, view, watching, tell, state)?]);
    }
    if arguments.cursor.is_some() && watching.watches.len() > 1 {
        return Err(Failure::new(
            FailureKind::Usage,
            "one cursor file cannot keep the places of several watches",
            "choose one with --view, --filter or --name, or leave --cursor out",
        ));
    }
    let mut specs = Vec::new();
    for watch in &watching.watches {
        specs.push(of_config(session, arguments, watch, watching, tell, state)?);
    }
    Ok(specs)
}

fn of_arguments(
    arguments: &WatchArguments,
    view: Option<String>,
    watching: &Watching,
    tell: &[Channel],
    state: &Path,
) -> Result<Spec, Failure> {
    let named = arguments.name.as_deref();
    let kept = watching
        .watches
        .iter()
        .find(|watch| named == Some(&watch.name[..]));
    if let Some(watch) = kept.filter(|_| view.is_none() && arguments.filter.is_none()) {
        // --name alone is that watch of the configuration.
        return of_watch(arguments, watch, watching, tell, None, state);
    }
    let text = view.or_else(|| arguments.filter.clone());
    let filter = parse(text.as_deref())?;
    let name = match (&arguments.name, &arguments.view) {
        (Some(name), _) | (None, Some(name)) => name.clone(),
        (None, None) if filter.is_empty() => "all".to_owned(),
        (None, None) => {
            let hash = blake3::hash(filter.text().as_bytes());
            hash.to_hex().chars().take(8).collect()
        }
    };
    Ok(Spec {
        lock: lock(&name, state)?,
        name,
        filter,
        kinds: kinds(arguments, None, watching),
        file: arguments.cursor.clone(),
        every: every(arguments, None, watching),
        next: None,
        is_due: true,
        tell: tell.to_vec(),
        elsewhere: None,
    })
}

fn of_config(
    session: &CommandContext,
    arguments: &WatchArguments,
    watch: &WatchConfig,
    watching: &Watching,
    tell: &[Channel],
    state: &Path,
) -> Result<Spec, Failure> {
    let view = watch.view.as_deref();
    let view = view.map(|name| of_view(session, state, name)).transpose()?;
    of_watch(arguments, watch, watching, tell, view, state)
}

fn of_watch(
    arguments: &WatchArguments,
    watch: &WatchConfig,
    watching: &Watching,
    tell: &[Channel],
    view: Option<String>,
    state: &Path,
) -> Result<Spec, Failure> {
    let text = view.or_else(|| watch.filter.clone());
    let mut channels = watch.tell.clone();
    channels.extend(tell.iter().cloned());
    channels.sort();
    channels.dedup();
    Ok(Spec {
        lock: lock(&watch.name, state)?,
        name: watch.name.clone(),
        filter: parse(text.as_deref())?,
        kinds: kinds(arguments, watch.kinds.as_ref(), watching),
        file: arguments.cursor.clone(),
        every: every(arguments, watch.every, watching),
        next: None,
        is_due: true,
        tell: channels,
        elsewhere: None,
    })
}

/// Between two rounds: what was asked for, else what the watch says, else what `[watch]` says.
fn every(arguments: &WatchArguments, own: Option<Duration>, watching: &Watching) -> Duration {
    let said = arguments.every.or(own);
    said.unwrap_or(watching.watch.every)
}

/// What is told: what was asked for, else what the watch says, else what `[watch]` says.
fn kinds(
    arguments: &WatchArguments,
    own: Option<&Vec<EventKind>>,
    watching: &Watching,
) -> Vec<EventKind> {
    if arguments.kinds.is_empty() {
        own.unwrap_or(&watching.watch.kinds).clone()
    } else {
        arguments.kinds.clone()
    }
}

/// Whether a name can be a watch's, and the name of its lock.
fn lock(name: &str, state: &Path) -> Result<File, Failure> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let fits = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.starts_with('.')
        && !name.chars().any(char::is_control);
    if !fits {
        return Err(Failure::new(
            FailureKind::Usage,
            "a watch's name has one to forty printable characters and begins with no dot",
            "give another one with --name",
        ));
    }
    // A view's name may hold what a file's may not.
    let file = if name.chars().all(is_plain) {
        format!("watch-{name}.lock")
    } else {
        let hash = blake3::hash(name.as_bytes()).to_hex();
        format!("watch-view-{}.lock", &hash.as_str()[..16])
    };
    let path = journal::own_file(state, &file).map_err(|error| Failure::from(&error))?;
    let failed = || {
        Failure::new(
            FailureKind::Journal,
            "the watch's lock cannot be opened",
            "check the state directory's owner, mode and disk",
        )
    };
    let file = File::options()
        .read(true)
        .write(true)
        .open(path)
        .map_err(|_| failed())?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(Failure::new(
            FailureKind::Locked,
            format!("another watch called {name} runs"),
            "let it run, end it, or give this one another name with --name",
        )),
        Err(_) => Err(failed()),
    }
}

/// The filter's text of a saved view.
fn of_view(session: &CommandContext, state: &Path, name: &str) -> Result<String, Failure> {
    let user = crate::cli::accounts::operator(session).user;
    let views = crate::runtime::state_files::saved_views(state, Some(&user));
    let found = views.into_iter().find(|view| view.name == name);
    found.map(|view| view.filter).ok_or_else(|| {
        Failure::new(
            FailureKind::NotFound,
            "there is no view of that name",
            "the console's :view list names them; --filter takes an expression",
        )
    })
}
