//! What a console finds on its desk and leaves there: the saved views, and where the last one stood. Two small files of
//! the state directory, ours alone, replaced whole.

use super::{files, mark_sets};
use crate::app::{
    memory,
    model::{Model, Pane, WorkspaceSplit},
    notice::{Notices, Severity},
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
pub(super) const MAX_FILE_BYTES: u64 = 1 << 20;

/// Puts both into a model that was not drawn yet; `user` is whose claims are called mine. A file that cannot be used
/// is reported and stays where it is.
pub fn load(split: WorkspaceSplit<'_>, state: &Path, user: Option<&str>) {
    let WorkspaceSplit {
        views,
        memory,
        mut update,
        ..
    } = split;
    let path = views_file(state);
    let read = files::read_private(&path, MAX_FILE_BYTES);
    if !matches!(read, Ok(Some(_))) {
        views.saved = views::default_views(user);
    }
    views.take_in(&mut update.feature(), &path.display().to_string(), read);
    match mark_sets::read(state) {
        Ok(sets) => {
            let sets = sets.list().iter();
            update.workspace.mark_sets =
                sets.map(|set| (set.name.clone(), set.keys.len())).collect();
        }
        Err(place) => notify(
            update.notices,
            place,
            "the sets of marks cannot be used until it is moved away",
        ),
    }
    let path = session_file(state);
    let restored = match files::read_private(&path, MAX_FILE_BYTES) {
        Ok(None) => Ok(()),
        Ok(Some(text)) => {
            memory.draft = memory::draft(&text);
            memory::restore(views, &mut update, &text)
                .map_err(|line| format!("{}:{line}", path.display()))
        }
        Err(why) => Err(format!("{}: {why}", path.display())),
    };
    if let Err(place) = restored {
        let text = format!("{place}: where the last console stood cannot be read");
        notify(update.notices, text, "this one begins afresh");
    }
    // Jobs have no place of their own to come back to before they are read.
    if update.workspace.focus == Pane::Jobs {
        update.workspace.focus = Pane::Leaks;
    }
}

fn notify(notices: &mut Notices, text: String, hint: &str) {
    let hint = Some(hint.to_owned());
    notices.push(Severity::Warning, text, hint, Duration::ZERO);
}

/// Leaves both as they are now: at the end, when no effect is carried out any more.
pub fn save(model: &Model, state: &Path) {
    if model.views.is_unsaved() {
        let text = model.views.text();
        log_error(save_views(state, &text, model.views.damaged, FINAL_SUFFIX));
    }
    if let Some(text) = model.session.changed(&model.views, model.context()) {
        let file = session_file(state);
        log_error(files::replace(&file, text.as_bytes(), FINAL_SUFFIX));
    }
}

/// How an unfinished file ends that an effect writes, and one that is written after all effects.
pub(super) const TEMPORARY_SUFFIX: &str = ".new";
const FINAL_SUFFIX: &str = ".last";

/// Nobody is there any more to be told; the log is.
fn log_error(result: Result<(), String>) {
    if let Err(why) = result {
        tracing::warn!(why, "what the next start takes up was not written");
    }
}

/// The path of the file of views, and its text, `None` where there is none.
pub fn views_text(state: &Path) -> (PathBuf, Result<Option<String>, String>) {
    let path = views_file(state);
    let text = files::read_private(&path, MAX_FILE_BYTES);
    (path, text)
}

/// Writes the views of a command.
///
/// # Errors
/// Why they were not written.
pub fn write_views(state: &Path, text: &str) -> Result<(), String> {
    save_views(state, text, false, TEMPORARY_SUFFIX)
}

/// Writes the views; what could not be read is kept beside.
pub(super) fn save_views(
    state: &Path,
    text: &str,
    aside: bool,
    unfinished: &str,
) -> Result<(), String> {
    let path = views_file(state);
    if aside {
        files::keep_backup(&path)?;
    }
    files::replace(&path, text.as_bytes(), unfinished)
}

/// The saved views, as a console would find them; those that every console begins with where there are none.
pub fn saved_views(state: &Path, user: Option<&str>) -> Vec<views::View> {
    match files::read_private(&views_file(state), MAX_FILE_BYTES) {
        Ok(Some(text)) => views::file::parse(&text)
            .map(|read| read.views)
            .unwrap_or_default(),
        Ok(None) | Err(_) => views::default_views(user),
    }
}
