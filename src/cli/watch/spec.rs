//! One watch: its name, what it takes, and the lock that lets it run once.

use super::{LineFormat, ScanWhen, Since, WatchArguments};
use crate::{
    cli::{
        entities::filter::parse,
        failure::{Failure, FailureKind},
        session::Session,
    },
    entity::seen::EventKind,
    filter::Filter,
    journal,
};
use rustix::fs::{FlockOperation, flock};
use std::{
    fs::File,
    path::{Path, PathBuf},
};

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
    /// Held as long as it runs.
    _lock: File,
}

/// What is the same for all watches of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) format: LineFormat,
    pub(super) scan: ScanWhen,
    pub(super) since: Option<Since>,
}

/// Characters of a watch's name.
const LONGEST_NAME: usize = 40;

/// Makes the watch that the arguments ask for.
pub(super) fn of_arguments(
    arguments: &WatchArguments,
    filter: Option<String>,
    state: &Path,
) -> Result<Spec, Failure> {
    let filter_text = filter.or_else(|| arguments.filter.clone());
    let parsed = parse(filter_text.as_deref())?;
    let name = match (&arguments.name, &arguments.view) {
        (Some(name), _) | (None, Some(name)) => name.clone(),
        (None, None) if parsed.is_empty() => "all".to_owned(),
        (None, None) => {
            let hash = blake3::hash(parsed.text().as_bytes());
            hash.to_hex().chars().take(8).collect()
        }
    };
    let kinds = if arguments.kinds.is_empty() {
        EventKind::TOLD.to_vec()
    } else {
        arguments.kinds.clone()
    };
    new(name, parsed, kinds, arguments.cursor.clone(), state)
}

/// Makes a watch and takes its lock.
pub(super) fn new(
    name: String,
    filter: Filter,
    kinds: Vec<EventKind>,
    file: Option<PathBuf>,
    state: &Path,
) -> Result<Spec, Failure> {
    let lock = lock(&name, state)?;
    Ok(Spec {
        name,
        filter,
        kinds,
        file,
        _lock: lock,
    })
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
pub(super) fn of_view(session: &Session, state: &Path, name: &str) -> Result<String, Failure> {
    let user = crate::cli::connect::who(session).user;
    let views = crate::runtime::desk::saved_views(state, Some(&user));
    let found = views.into_iter().find(|view| view.name == name);
    found.map(|view| view.filter).ok_or_else(|| {
        Failure::new(
            FailureKind::NotFound,
            "there is no view of that name",
            "the console's :view list names them; --filter takes an expression",
        )
    })
}
