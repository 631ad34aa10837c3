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
pub(super) const MAX_FILE_BYTES: u64 = 1 << 20;

/// Puts both into a model that was not drawn yet; `user` is whose claims are called mine. A file that cannot be used
/// is told and stays where it is.
pub fn load(model: &mut Model, state: &Path, user: Option<&str>) {
    let path = views_file(state);
    let read = files::read_private(&path, MAX_FILE_BYTES);
    if !matches!(read, Ok(Some(_))) {
        model.views.saved = views::default_views(user);
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
        Err(place) => notify(
            model,
            place,
            "the sets of marks cannot be used until it is moved away",
        ),
    }
    let path = session_file(state);
    let restored = match files::read_private(&path, MAX_FILE_BYTES) {
        Ok(None) => Ok(()),
        Ok(Some(text)) => {
            model.session.draft = memory::draft(&text);
            restore_session(model, &text).map_err(|line| format!("{}:{line}", path.display()))
        }
        Err(why) => Err(format!("{}: {why}", path.display())),
    };
    if let Err(place) = restored {
        let text = format!("{place}: where the last console stood cannot be read");
        notify(model, text, "this one begins afresh");
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

fn notify(model: &mut Model, text: String, hint: &str) {
    let hint = Some(hint.to_owned());
    model
        .notices
        .push(Severity::Warning, text, hint, Duration::ZERO);
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
