//! Saved views: a name for a filter, a sort, a grouping and columns. They stand in the order that the operator gives
//! them, `[` and `]` walk through them, and they lie in a file of the state directory.

pub mod file;
pub(super) mod list;
mod start;

pub use start::at_first;

use super::{
    columns::{self, Shown},
    effect::{Effect, ViewsEffect},
    grouping,
    model::{Context, Model, Pane, WorkspaceUpdate},
    navigate,
    notice::Severity,
    overlay::Overlay,
    plan, view,
};
use crate::{
    entity::visible,
    filter,
    table::{GroupKind, SortKey},
};
use file::Rest;
use std::{fmt, path::PathBuf};

/// There are never more.
pub const MOST: usize = 100;
/// Characters of a name.
pub const LONGEST_NAME: usize = 40;
/// Bytes of a filter.
pub const LONGEST_FILTER: usize = 4_096;

/// What follows `:view` and is no name.
pub const WORDS: &[&str] = &["save", "list", "delete", "export", "import"];

/// A saved view.
#[derive(Clone, PartialEq)]
pub struct View {
    /// What it is called.
    pub name: String,
    /// Its filter, as it was typed.
    pub filter: String,
    /// Its sort, most important key first.
    pub sort: Vec<SortKey>,
    /// By what it gathers the leaks.
    pub group: Option<GroupKind>,
    /// Its columns, where it says so.
    pub columns: Option<Vec<Shown>>,
    /// Members of its entry in the file that we do not know.
    pub rest: toml::Table,
}

/// A filter may hold a leaked name: a log gets the view's own name only.
impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "View({})", self.name)
    }
}

/// All of them, and how they stand to their file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Views {
    /// In order.
    pub saved: Vec<View>,
    /// The name of the one that was opened or saved last.
    pub current: Option<String>,
    /// What of the file is not ours to understand, and stays in it.
    pub rest: Rest,
    /// The file could not be read: it is kept beside the next one.
    pub damaged: bool,
    /// Something is to be written that is not under way yet.
    unsaved: bool,
    /// The file is being written.
    writing: bool,
}

impl Views {
    /// The view of a name.
    pub fn find(&self, name: &str) -> Option<&View> {
        self.saved.iter().find(|view| view.name == name)
    }

    /// Whether the file is older than what is here.
    pub fn is_unsaved(&self) -> bool {
        self.unsaved || self.writing
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        file::write(&self.saved, &self.rest)
    }
}

/// Whether a name can be a view's: short, of printable characters, and no word of the command.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    let first = name.split_whitespace().next().unwrap_or_default();
    if name.is_empty() || name.trim() != name {
        return Err("a view has a name, without blanks around it");
    }
    if name.chars().count() > LONGEST_NAME {
        return Err("a view's name has forty characters at most");
    }
    if visible::escape(name.as_bytes()).as_str() != name {
        return Err("a view's name is of printable characters");
    }
    if WORDS.contains(&first) {
        return Err("save, list, delete, export and import are no names of views");
    }
    Ok(())
}

/// The name of the view in force, with a star where something was changed since.
pub fn in_force(model: &Model) -> Option<String> {
    let view = model.views.find(model.views.current.as_deref()?)?;
    let star = if is_changed(model.context(), view) {
        "*"
    } else {
        ""
    };
    Some(format!("{}{star}", view.name))
}

fn is_changed(context: Context<'_>, view: &View) -> bool {
    let leaks = &context.workspace.leaks;
    let columns = columns::shown(context, Pane::Leaks);
    leaks.filter.filter.text() != view.filter.trim()
        || leaks.sort != view.sort
        || leaks.grouping.as_ref().map(|grouping| grouping.kind) != view.group
        || view.columns.as_ref().is_some_and(|own| *own != columns)
}

/// The leaks pane as it is, under a name.
fn here(model: &Model, name: &str) -> View {
    let leaks = &model.workspace.leaks;
    View {
        name: name.to_owned(),
        filter: leaks.filter.filter.text().to_owned(),
        sort: leaks.sort.clone(),
        group: leaks.grouping.as_ref().map(|grouping| grouping.kind),
        columns: Some(columns::shown(model.context(), Pane::Leaks)),
        rest: model
            .views
            .find(name)
            .map(|view| view.rest.clone())
            .unwrap_or_default(),
    }
}

/// Shows the leaks as a view says. `H` goes back.
pub fn open(model: &mut Model, name: &str) {
    let now = model.now.since_start;
    let Some(view) = model.views.find(name).cloned() else {
        let names = model.views.saved.iter().map(|view| &view.name[..]);
        let near = crate::config::nearest::nearest(name, names);
        let hint = near.first().map_or_else(
            || ":view list shows them, :view save NAME keeps what is shown".to_owned(),
            |near| format!("did you mean :view {near}?"),
        );
        let text = "there is no view of that name";
        model.notices.push(Severity::Error, text, Some(hint), now);
        return;
    };
    let filter = match filter::parse(&view.filter, &model.setup.sources) {
        Ok(filter) => filter,
        Err(error) => {
            let text = format!(
                "the filter of {name} is wrong at column {}: {}",
                error.column, error.message
            );
            model
                .notices
                .push(Severity::Error, text, Some(error.hint), now);
            return;
        }
    };
    model.workspace.past.push(navigate::place(model.context()));
    model.workspace.future.clear();
    model.workspace.focus = Pane::Leaks;
    model.workspace.leaks.range = None;
    model.workspace.reveal = None;
    model.workspace.leaks.marked_only = false;
    model.workspace.leaks.filter.filter = filter;
    model.workspace.leaks.filter.error = None;
    model.workspace.leaks.sort = view.sort;
    if view.columns.is_some() {
        model.workspace.columns.choose(Pane::Leaks, view.columns);
    }
    model.views.current = Some(view.name);
    view::refresh_leaks(&mut model.workspace_update(), false);
    grouping::set(&mut model.workspace_update(), view.group);
    view::fit(&mut model.workspace_update());
    view::rest_now(&mut model.workspace_update());
}

/// The view before or after the one in force, round and round.
pub fn step(model: &mut Model, forward: bool) {
    let views = &model.views;
    let count = views.saved.len();
    let at = views
        .current
        .as_ref()
        .and_then(|name| views.saved.iter().position(|view| view.name == *name));
    let to = match (at, forward) {
        (Some(at), true) => (at + 1) % count,
        (Some(at), false) => (at + count - 1) % count,
        (None, true) => 0,
        (None, false) => count.saturating_sub(1),
    };
    if let Some(name) = views.saved.get(to).map(|view| view.name.clone()) {
        open(model, &name);
    }
}

/// `:view` and what follows it.
pub(super) fn command(model: &mut Model, rest: &str) -> Vec<Effect> {
    let rest = rest.trim();
    let (word, name) = rest.split_once(' ').unwrap_or((rest, ""));
    let name = name.trim();
    let lacks = |model: &mut Model, what: &str| {
        let now = model.now.since_start;
        model.notices.push(Severity::Error, what, None, now);
        Vec::new()
    };
    match word {
        "" | "list" if name.is_empty() => {
            show(model);
            Vec::new()
        }
        "save" => match (name, model.views.current.clone()) {
            // What is in force is saved again under its name.
            ("", Some(current)) => save(model, &current),
            _ => save(model, name),
        },
        "delete" if name.is_empty() => lacks(model, ":view delete NAME"),
        "delete" => delete(model, name),
        "export" if name.is_empty() => lacks(model, ":view export FILE"),
        "export" => vec![Effect::Views(ViewsEffect::ExportViews {
            path: PathBuf::from(name),
            text: model.views.text(),
            count: model.views.saved.len(),
        })],
        "import" if name.is_empty() => lacks(model, ":view import FILE"),
        "import" => vec![Effect::Views(ViewsEffect::ImportViews(PathBuf::from(name)))],
        _ => {
            open(model, rest);
            Vec::new()
        }
    }
}

/// Opens the list of all views, on the one in force.
pub(super) fn show(model: &mut Model) {
    let current = model.views.current.as_deref();
    let cursor = model
        .views
        .saved
        .iter()
        .position(|view| Some(&view.name[..]) == current)
        .unwrap_or(0);
    model.overlays.push(Overlay::Views {
        cursor,
        asks: false,
    });
}

/// Keeps what is shown under a name, in place of what had it.
fn save(model: &mut Model, name: &str) -> Vec<Effect> {
    let full = model.views.find(name).is_none() && model.views.saved.len() >= MOST;
    let wrong = check_name(name)
        .err()
        .or_else(|| full.then_some("there are a hundred views: delete one first"));
    if let Some(why) = wrong {
        let now = model.now.since_start;
        model.notices.push(Severity::Error, why, None, now);
        return Vec::new();
    }
    if refused(&mut model.workspace_update()) {
        return Vec::new();
    }
    let view = here(model, name);
    let mut saved = model.views.saved.iter_mut();
    match saved.find(|other| other.name == name) {
        Some(other) => *other = view,
        None => model.views.saved.push(view),
    }
    model.views.current = Some(name.to_owned());
    say(
        &mut model.workspace_update(),
        format!("the view {name} is saved"),
    );
    keep(model)
}

/// Takes a view away for good.
fn delete(model: &mut Model, name: &str) -> Vec<Effect> {
    if model.views.find(name).is_none() {
        open(model, name);
        return Vec::new();
    }
    if refused(&mut model.workspace_update()) {
        return Vec::new();
    }
    model.views.saved.retain(|view| view.name != name);
    if model.views.current.as_deref() == Some(name) {
        model.views.current = None;
    }
    say(
        &mut model.workspace_update(),
        format!("the view {name} is deleted"),
    );
    keep(model)
}

/// Moves the view at a place of the list one up or down; answers where it is then.
fn shift(model: &mut Model, at: usize, down: bool) -> (usize, Vec<Effect>) {
    let to = if down { at + 1 } else { at.wrapping_sub(1) };
    let count = model.views.saved.len();
    if at >= count || to >= count || refused(&mut model.workspace_update()) {
        return (at, Vec::new());
    }
    model.views.saved.swap(at, to);
    (to, keep(model))
}

/// A file of views was read: what is not here yet is taken in.
pub(super) fn on_import(model: &mut Model, result: Result<String, String>) -> Vec<Effect> {
    let now = model.now.since_start;
    let read = result.and_then(|text| {
        file::read(&text).map_err(|problem| format!("line {}: {}", problem.line, problem.message))
    });
    let read = match read {
        Ok(read) => read,
        Err(why) => {
            let text = format!("no views were taken in: {why}");
            model.notices.push(Severity::Error, text, None, now);
            return Vec::new();
        }
    };
    if refused(&mut model.workspace_update()) {
        return Vec::new();
    }
    let (mut taken, mut known) = (0, 0);
    for view in read.views {
        if model.views.find(&view.name).is_some() || model.views.saved.len() >= MOST {
            known += 1;
        } else {
            model.views.saved.push(view);
            taken += 1;
        }
    }
    let noun = if taken == 1 { "view" } else { "views" };
    let mut text = format!("{taken} {noun} taken in");
    if known > 0 {
        text.push_str(&format!(", {known} left out: their names are taken"));
    }
    if let Some(problem) = read.problems.first() {
        let more = read.problems.len();
        text.push_str(&format!(
            ", {more} not understood: line {}: {}",
            problem.line, problem.message
        ));
    }
    say(&mut model.workspace_update(), text);
    if taken == 0 {
        return Vec::new();
    }
    keep(model)
}

/// The file was read, or there is none, or it cannot be read: then what is here stays, and the file is kept beside the
/// next one.
pub fn take_in(model: &mut Model, path: &str, read: Result<Option<String>, String>) {
    let wrong = |problem: &file::Problem| format!("{path}:{}: ", problem.line);
    let text = match read {
        Ok(None) => return,
        Ok(Some(text)) => text,
        Err(why) => return damaged(model, format!("{path}: {why}")),
    };
    let read = match file::read(&text) {
        Ok(read) => read,
        Err(problem) => {
            let place = wrong(&problem);
            let text = format!("{place}the saved views cannot be read: {}", problem.message);
            return damaged(model, text);
        }
    };
    if let Some(problem) = read.problems.first() {
        let more = match read.problems.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let place = wrong(problem);
        let text = format!("{place}a view cannot be read: {}{more}", problem.message);
        warn(
            &mut model.workspace_update(),
            text,
            "it stays in the file as it is",
        );
    }
    model.views.saved = read.views;
    model.views.rest = read.rest;
    model.views.damaged = false;
}

fn damaged(model: &mut Model, text: String) {
    model.views.damaged = true;
    let hint = "nothing is lost: the file is kept beside the next one";
    warn(&mut model.workspace_update(), text, hint);
}

fn warn(update: &mut WorkspaceUpdate<'_>, text: String, hint: &str) {
    let now = update.now.since_start;
    let hint = Some(hint.to_owned());
    update.notices.push(Severity::Warning, text, hint, now);
}

/// The file was written, or was not.
pub(super) fn on_kept(model: &mut Model, result: Result<(), String>) -> Vec<Effect> {
    model.views.writing = false;
    match result {
        Ok(()) => model.views.damaged = false,
        Err(why) => {
            let (text, now) = (format!("the views were not saved: {why}"), model.now);
            let hint = ":view export FILE writes them elsewhere".to_owned();
            model
                .notices
                .push(Severity::Error, text, Some(hint), now.since_start);
        }
    }
    if model.views.unsaved {
        return keep(model);
    }
    Vec::new()
}

/// Writes the file; one writing at a time, so that the last one is the newest.
fn keep(model: &mut Model) -> Vec<Effect> {
    if model.views.writing {
        model.views.unsaved = true;
        return Vec::new();
    }
    model.views.unsaved = false;
    model.views.writing = true;
    vec![Effect::Views(ViewsEffect::KeepViews {
        text: model.views.text(),
        aside: model.views.damaged,
    })]
}

/// Who may not write the state directory changes no view; says so.
fn refused(update: &mut WorkspaceUpdate<'_>) -> bool {
    let Some(why) = plan::journal_refuses(update.context()) else {
        return false;
    };
    let now = update.now.since_start;
    update.notices.push(Severity::Error, why, None, now);
    true
}

fn say(update: &mut WorkspaceUpdate<'_>, text: String) {
    let now = update.now.since_start;
    update.notices.push(Severity::Info, text, None, now);
}
