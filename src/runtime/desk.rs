//! What a console finds on its desk and leaves there: the saved views, and where the last one stood. Two small files of
//! the state directory, ours alone, replaced whole.

use super::{files, mark_sets};
use crate::app::{
    memory,
    model::{Model, Pane, Split},
    notice::Severity,
    views,
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// The file of views.
pub(super) fn views_file(state: &Path) -> PathBuf {
    state.join("views.toml")
}

/// The file that says where the last console stood.
pub(super) fn session_file(state: &Path) -> PathBuf {
    state.join("session.toml")
}

/// More than this is no file of ours.
pub(super) const LARGEST: u64 = 1 << 20;

/// Puts both into a model that was not drawn yet; `user` is whose claims are called mine. A file that cannot be used
/// is told and stays where it is.
pub fn restore(model: &mut Model, state: &Path, user: Option<&str>) {
    let path = views_file(state);
    let read = files::read_ours(&path, LARGEST);
    if !matches!(read, Ok(Some(_))) {
        model.views.saved = views::at_first(user);
    }
    let Split {
        views, mut update, ..
    } = model.split();
    views.take_in(&mut update, &path.display().to_string(), read);
    match mark_sets::read(state) {
        Ok(sets) => {
            let sets = sets.list().iter();
            model.workspace.mark_sets =
                sets.map(|set| (set.name.clone(), set.keys.len())).collect();
        }
        Err(place) => tell(
            model,
            place,
            "the sets of marks cannot be used until it is moved away",
        ),
    }
    let path = session_file(state);
    let restored = match files::read_ours(&path, LARGEST) {
        Ok(None) => Ok(()),
        Ok(Some(text)) => {
            model.memory.draft = memory::draft(&text);
            restore_session(model, &text).map_err(|line| format!("{}:{line}", path.display()))
        }
        Err(why) => Err(format!("{}: {why}", path.display())),
    };
    if let Err(place) = restored {
        let text = format!("{place}: where the last console stood cannot be read");
        tell(model, text, "this one begins afresh");
    }
    // Jobs have no place of their own to come back to before they are read.
    if model.workspace.focus == Pane::Jobs {
        model.workspace.focus = Pane::Leaks;
    }
}

fn restore_session(model: &mut Model, text: &str) -> Result<(), usize> {
    let mut views = std::mem::take(&mut model.views);
    let restored = memory::restore(&mut views, &mut model.workspace_update(), text);
    model.views = views;
    restored
}

fn tell(model: &mut Model, text: String, hint: &str) {
    let hint = Some(hint.to_owned());
    model
        .notices
        .push(Severity::Warning, text, hint, Duration::ZERO);
}

/// Leaves both as they are now: at the end, when no effect is carried out any more.
pub fn leave(model: &Model, state: &Path) {
    if model.views.is_unsaved() {
        let text = model.views.text();
        note(keep_views(state, &text, model.views.damaged, LAST));
    }
    if let Some(text) = model.memory.changed(&model.views, model.context()) {
        let file = session_file(state);
        note(files::replace(&file, text.as_bytes(), LAST));
    }
}

/// How an unfinished file ends that an effect writes, and one that is written after all effects.
pub(super) const UNFINISHED: &str = ".new";
const LAST: &str = ".last";

/// Nobody is there any more to be told; the log is.
fn note(result: Result<(), String>) {
    if let Err(why) = result {
        tracing::warn!(why, "what the next start takes up was not written");
    }
}

/// The path of the file of views, and its text, `None` where there is none.
pub fn views_text(state: &Path) -> (PathBuf, Result<Option<String>, String>) {
    let path = views_file(state);
    let text = files::read_ours(&path, LARGEST);
    (path, text)
}

/// Writes the views of a command.
///
/// # Errors
/// Why they were not written.
pub fn write_views(state: &Path, text: &str) -> Result<(), String> {
    keep_views(state, text, false, UNFINISHED)
}

/// Writes the views; what could not be read is kept beside.
pub(super) fn keep_views(
    state: &Path,
    text: &str,
    aside: bool,
    unfinished: &str,
) -> Result<(), String> {
    let path = views_file(state);
    if aside {
        files::keep_aside(&path)?;
    }
    files::replace(&path, text.as_bytes(), unfinished)
}

/// The saved views, as a console would find them; those that every console begins with where there are none.
pub fn saved_views(state: &Path, user: Option<&str>) -> Vec<views::View> {
    match files::read_ours(&views_file(state), LARGEST) {
        Ok(Some(text)) => views::file::read(&text)
            .map(|read| read.views)
            .unwrap_or_default(),
        Ok(None) | Err(_) => views::at_first(user),
    }
}
