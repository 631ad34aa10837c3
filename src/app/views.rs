//! Saved views: a name for a filter, a sort, a grouping and columns. They stand in the order that the operator gives
//! them, `[` and `]` walk through them, and they lie in a file of the state directory.

pub mod file;
pub(super) mod list;
mod start;
mod view;

use super::{
    columns::{self},
    command::{Command, Open},
    effect::{Effect, ViewsEffect},
    model::{Context, FeatureUpdate, Pane},
    notice::Severity,
};
use crate::{app::permission, entity::visible, filter};
pub use start::{default_views, since_left};
use std::{fmt, path::PathBuf};
pub use view::{Rest, SINCE_LEFT, View};

/// There are never more.
pub const MAX_VIEWS: usize = 100;
/// Characters of a name.
pub const MAX_NAME_CHARS: usize = 40;
/// Bytes of a filter.
pub const MAX_FILTER_BYTES: usize = 4_096;

/// What follows `:view` and is no name.
pub const SUBCOMMANDS: &[&str] = &["save", "list", "delete", "export", "import"];

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
    /// What is new since the operator left, where that is known: always there, and in no file.
    pub since_left: Option<View>,
    /// The name of the one that was opened or saved last.
    pub current: Option<String>,
    /// The one in force before what is new was shown.
    before: Option<String>,
    /// What of the file is not ours to understand, and stays in it.
    pub unknown: Rest,
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
        self.all().find(|view| view.name == name)
    }

    /// All that can be shown, in their order.
    pub fn all(&self) -> impl Iterator<Item = &View> {
        self.saved.iter().chain(&self.since_left)
    }

    /// Whether the leaks are shown as the view of what is new says.
    pub fn shows_since_left(&self, context: Context<'_>) -> bool {
        let filter = &context.workspace.leaks.filter.filter;
        let view = self.since_left.as_ref();
        self.current.as_deref() == Some(SINCE_LEFT)
            && view.is_some_and(|view| filter.text() == view.filter)
    }

    /// The operator went back: what is shown is not what is new any more, and the view before it is in force again.
    pub(super) fn went_back(&mut self, context: Context<'_>) {
        if self.current.as_deref() == Some(SINCE_LEFT) && !self.shows_since_left(context) {
            self.current = self.before.take();
        }
    }

    /// Whether the file is older than what is here.
    pub fn is_unsaved(&self) -> bool {
        self.unsaved || self.writing
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        file::serialize(&self.saved, &self.unknown)
    }
}

/// Whether a name can be a view's: short, of printable characters, and no word of the command.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    let first = name.split_whitespace().next().unwrap_or_default();
    if name.is_empty() || name.trim() != name {
        return Err("a view has a name, without blanks around it");
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return Err("a view's name has forty characters at most");
    }
    if visible::escape(name.as_bytes()).as_str() != name {
        return Err("a view's name is of printable characters");
    }
    if SUBCOMMANDS.contains(&first) {
        return Err("save, list, delete, export and import are no names of views");
    }
    Ok(())
}

/// The name of the view in force, with a star where something was changed since.
pub fn current_name(views: &Views, context: Context<'_>) -> Option<String> {
    let view = views.find(views.current.as_deref()?)?;
    let star = if is_changed(context, view) { "*" } else { "" };
    Some(format!("{}{star}", view.name))
}

fn is_changed(context: Context<'_>, view: &View) -> bool {
    let leaks = &context.workspace.leaks;
    let columns = columns::visible_columns(context, Pane::Leaks);
    leaks.filter.filter.text() != view.filter.trim()
        || leaks.sort != view.sort
        || leaks.grouping.as_ref().map(|grouping| grouping.kind) != view.group
        || view.columns.as_ref().is_some_and(|own| *own != columns)
}

/// The leaks pane as it is, under a name.
fn current_view(views: &Views, context: Context<'_>, name: &str) -> View {
    let leaks = &context.workspace.leaks;
    View {
        name: name.to_owned(),
        filter: leaks.filter.filter.text().to_owned(),
        sort: leaks.sort.clone(),
        group: leaks.grouping.as_ref().map(|grouping| grouping.kind),
        columns: Some(columns::visible_columns(context, Pane::Leaks)),
        unknown: views
            .find(name)
            .map(|view| view.unknown.clone())
            .unwrap_or_default(),
    }
}

impl Views {
    /// Shows the leaks as a view says. `H` goes back.
    pub fn open(&mut self, update: &mut FeatureUpdate<'_>, name: &str) {
        let Some(mut view) = self.find(name).cloned() else {
            let names = self.all().map(|view| &view.name[..]);
            let near = crate::config::suggest::suggest(name, names);
            let hint = near.first().map_or_else(
                || ":view list shows them, :view save NAME keeps what is shown".to_owned(),
                |near| format!("did you mean :view {near}?"),
            );
            update.notify(Severity::Error, "there is no view of that name", Some(hint));
            return;
        };
        // One whose filter cannot be read is not shown, and the shown one stays the current one.
        if filter::parse(&view.filter, &update.context.setup.sources).is_ok() {
            let before = self.current.replace(view.name.clone());
            if view.is_since_left() && before.as_deref() != Some(SINCE_LEFT) {
                self.before = before;
            }
        }
        if view.is_since_left() {
            view.columns = Some(start::columns_of_news(update.context));
        }
        update.commands.push(Command::ShowView(Box::new(view)));
    }

    /// The view before or after the one in force, round and round.
    pub fn step(&mut self, update: &mut FeatureUpdate<'_>, forward: bool) {
        let count = self.all().count();
        let current = self.current.as_ref();
        let at = current.and_then(|name| self.all().position(|view| view.name == *name));
        let to = match (at, forward) {
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
            (None, true) => 0,
            (None, false) => count.saturating_sub(1),
        };
        let name = self.all().nth(to).map(|view| view.name.clone());
        if let Some(name) = name {
            self.open(update, &name);
        }
    }

    /// `:view` and what follows it.
    pub(super) fn command(&mut self, update: &mut FeatureUpdate<'_>, rest: &str) -> Vec<Effect> {
        let rest = rest.trim();
        let (word, name) = rest.split_once(' ').unwrap_or((rest, ""));
        let name = name.trim();
        match word {
            "" | "list" if name.is_empty() => self.show(update),
            "save" => {
                // What is in force is saved again under its name.
                let current = self.current.clone().filter(|_| name.is_empty());
                return self.save(update, current.as_deref().unwrap_or(name));
            }
            "delete" if name.is_empty() => {
                update.notify(Severity::Error, ":view delete NAME", None);
            }
            "delete" => return self.delete(update, name),
            "export" if name.is_empty() => {
                update.notify(Severity::Error, ":view export FILE", None);
            }
            "export" => {
                return vec![Effect::Views(ViewsEffect::ExportViews {
                    path: PathBuf::from(name),
                    text: self.text(),
                    count: self.saved.len(),
                })];
            }
            "import" if name.is_empty() => {
                update.notify(Severity::Error, ":view import FILE", None);
            }
            "import" => return vec![Effect::Views(ViewsEffect::ImportViews(PathBuf::from(name)))],
            _ => self.open(update, rest),
        }
        Vec::new()
    }

    /// Opens the list of all views, on the one in force.
    pub(super) fn show(&self, update: &mut FeatureUpdate<'_>) {
        let current = self.current.as_deref();
        let mut saved = self.saved.iter();
        let cursor = saved.position(|view| Some(&view.name[..]) == current);
        let cursor = cursor.unwrap_or(0);
        update.commands.push(Command::Open(Open::Views { cursor }));
    }

    /// Keeps what is shown under a name, in place of what had it.
    fn save(&mut self, update: &mut FeatureUpdate<'_>, name: &str) -> Vec<Effect> {
        let full = self.find(name).is_none() && self.saved.len() >= MAX_VIEWS;
        let is_taken = name == SINCE_LEFT;
        let wrong = check_name(name)
            .err()
            .or_else(|| is_taken.then_some("since I left is always there: give it another name"))
            .or_else(|| full.then_some("there are a hundred views: delete one first"));
        if let Some(why) = wrong {
            update.notify(Severity::Error, why, None);
            return Vec::new();
        }
        if refuse_write(update) {
            return Vec::new();
        }
        let view = current_view(self, update.context, name);
        match self.saved.iter_mut().find(|other| other.name == name) {
            Some(other) => *other = view,
            None => self.saved.push(view),
        }
        self.current = Some(name.to_owned());
        update.notify(Severity::Info, format!("the view {name} is saved"), None);
        self.keep()
    }

    /// Takes a view away for good.
    fn delete(&mut self, update: &mut FeatureUpdate<'_>, name: &str) -> Vec<Effect> {
        if self.saved.iter().all(|view| view.name != name) {
            self.open(update, name);
            return Vec::new();
        }
        if refuse_write(update) {
            return Vec::new();
        }
        self.saved.retain(|view| view.name != name);
        if self.current.as_deref() == Some(name) {
            self.current = None;
        }
        update.notify(Severity::Info, format!("the view {name} is deleted"), None);
        self.keep()
    }

    /// Moves the view at a place of the list one up or down; answers where it is then.
    fn shift(
        &mut self,
        update: &mut FeatureUpdate<'_>,
        at: usize,
        down: bool,
    ) -> (usize, Vec<Effect>) {
        let to = if down { at + 1 } else { at.wrapping_sub(1) };
        let count = self.saved.len();
        if at >= count || to >= count || refuse_write(update) {
            return (at, Vec::new());
        }
        self.saved.swap(at, to);
        (to, self.keep())
    }

    /// A file of views was read: what is not here yet is taken in.
    pub(super) fn on_import(
        &mut self,
        update: &mut FeatureUpdate<'_>,
        result: Result<String, String>,
    ) -> Vec<Effect> {
        let read = result.and_then(|text| {
            file::parse(&text)
                .map_err(|problem| format!("line {}: {}", problem.line, problem.message))
        });
        let read = match read {
            Ok(read) => read,
            Err(why) => {
                let text = format!("no views were taken in: {why}");
                update.notify(Severity::Error, text, None);
                return Vec::new();
            }
        };
        if refuse_write(update) {
            return Vec::new();
        }
        let (mut taken, mut known) = (0, 0);
        for view in read.views {
            if self.find(&view.name).is_some() || self.saved.len() >= MAX_VIEWS {
                known += 1;
            } else {
                self.saved.push(view);
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
        update.notify(Severity::Info, text, None);
        if taken == 0 {
            return Vec::new();
        }
        self.keep()
    }

    /// The file was read, or there is none, or it cannot be read: then what is here stays, and the file is kept beside the
    /// next one.
    pub fn take_in(
        &mut self,
        update: &mut FeatureUpdate<'_>,
        path: &str,
        read: Result<Option<String>, String>,
    ) {
        let wrong = |problem: &file::Problem| format!("{path}:{}: ", problem.line);
        let text = match read {
            Ok(None) => return,
            Ok(Some(text)) => text,
            Err(why) => return self.damage(update, format!("{path}: {why}")),
        };
        let read = match file::parse(&text) {
            Ok(read) => read,
            Err(problem) => {
                let place = wrong(&problem);
                let text = format!("{place}the saved views cannot be read: {}", problem.message);
                return self.damage(update, text);
            }
        };
        if let Some(problem) = read.problems.first() {
            let more = match read.problems.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            let place = wrong(problem);
            let text = format!("{place}a view cannot be read: {}{more}", problem.message);
            warn(update, text, "it stays in the file as it is");
        }
        self.saved = read.views;
        self.unknown = read.unknown;
        self.damaged = false;
    }

    fn damage(&mut self, update: &mut FeatureUpdate<'_>, text: String) {
        self.damaged = true;
        let hint = "nothing is lost: the file is kept beside the next one";
        warn(update, text, hint);
    }

    /// The file was written, or was not.
    pub(super) fn on_kept(
        &mut self,
        update: &mut FeatureUpdate<'_>,
        result: Result<(), String>,
    ) -> Vec<Effect> {
        self.writing = false;
        match result {
            Ok(()) => self.damaged = false,
            Err(why) => {
                let text = format!("the views were not saved: {why}");
                let hint = ":view export FILE writes them elsewhere".to_owned();
                update.notify(Severity::Error, text, Some(hint));
            }
        }
        if self.unsaved {
            return self.keep();
        }
        Vec::new()
    }

    /// Writes the file; one writing at a time, so that the last one is the newest.
    fn keep(&mut self) -> Vec<Effect> {
        if self.writing {
            self.unsaved = true;
            return Vec::new();
        }
        self.unsaved = false;
        self.writing = true;
        vec![Effect::Views(ViewsEffect::SaveViews {
            text: self.text(),
            keep_backup: self.damaged,
        })]
    }
}

fn warn(update: &mut FeatureUpdate<'_>, text: String, hint: &str) {
    update.notify(Severity::Warning, text, Some(hint.to_owned()));
}

/// Who may not write the state directory changes no view; says so.
fn refuse_write(update: &mut FeatureUpdate<'_>) -> bool {
    let Some(why) = permission::journal_unwritable(update.context) else {
        return false;
    };
    update.notify(Severity::Error, why, None);
    true
}
