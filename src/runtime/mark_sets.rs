//! Reads and writes the named sets of marks, `marks.json` in the state directory. Each change reads the file first, so
//! that consoles and commands that save different sets do not lose each other's.

use super::files;
use crate::entity::{
    key::EntityKey,
    mark_set::{MarkSet, MarkSets},
};
use jiff::Timestamp;
use std::{
    fs::DirBuilder,
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

/// The largest file, in bytes.
const LARGEST: u64 = 256 << 20;

/// How the file ends while it is written; a process has its own.
fn unfinished() -> String {
    format!(".new-{}", std::process::id())
}

/// Returns the path of the file.
pub fn path(state: &Path) -> PathBuf {
    state.join("marks.json")
}

/// Reads all sets; none where there is no file.
///
/// # Errors
/// The file, and what is wrong with it.
pub fn read(state: &Path) -> Result<MarkSets, String> {
    let path = path(state);
    let place = |why: String| format!("{}: {why}", path.display());
    match files::read_private(&path, LARGEST).map_err(place)? {
        None => Ok(MarkSets::default()),
        Some(text) => MarkSets::parse(&text).map_err(place),
    }
}

/// Saves keys under a name, in place of what had it, and returns the set as it was saved.
///
/// # Errors
/// The name cannot be one, there are too many sets or keys, or the file cannot be read or written.
pub fn save(
    state: &Path,
    name: &str,
    keys: Vec<EntityKey>,
    now: Timestamp,
) -> Result<MarkSet, String> {
    let mut sets = read(state)?;
    sets.save(name, keys, now)?;
    let saved = sets.find(name).cloned();
    write(state, &sets)?;
    saved.ok_or_else(|| "the set was not saved".to_owned())
}

/// Deletes the set of a name, and returns true if there was one.
///
/// # Errors
/// The file cannot be read or written.
pub fn delete(state: &Path, name: &str) -> Result<bool, String> {
    let mut sets = read(state)?;
    if !sets.delete(name) {
        return Ok(false);
    }
    write(state, &sets).map(|()| true)
}

fn write(state: &Path, sets: &MarkSets) -> Result<(), String> {
    let place = |error: io::Error| format!("{}: {}", state.display(), error.kind());
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(state)
        .map_err(place)?;
    files::replace(&path(state), sets.text().as_bytes(), &unfinished())
}
