//! What comes back at the next start: the view in force, the pane, filters, sorts, the grouping, the columns and the
//! leak under the cursor. Never a value of a leak beyond what was typed, and nothing where another console writes.

use super::{
    columns::VisibleColumn,
    effect::{Effect, SessionEffect},
    grouping,
    model::{Context, FeatureUpdate, History, JournalAccess, MAX_LINES, Pane, WorkspaceUpdate},
    notice::Severity,
    search,
    views::{Views, file},
};
use crate::{
    app::permission,
    entity::{
        claim::{Justification, non_blank},
        key::EntityKey,
    },
    filter,
    table::GroupSort,
};
use std::time::Duration;
use strum::IntoEnumIterator;
use toml::{Table, Value};

/// The form of the file.
const SCHEMA_VERSION: i64 = 1;

/// What stands at the top of the file.
const HEADER: &str =
    "# Where the last console of Stanch stood. Without this file it begins afresh.\n";

/// It is written when nothing was done for so long, so that a console at rest wakes for nothing.
const SAVE_DELAY: Duration = Duration::from_secs(1);
/// While somebody works without a pause, it is written this often.
const MAX_SAVE_DELAY: Duration = Duration::from_secs(30);

/// How the file stands to the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionState {
    /// When the file is looked after.
    pub save_due: Option<Duration>,
    /// When it is at the latest, whatever is done until then.
    latest_save: Option<Duration>,
    /// Words for a plan that were typed and belong to no job yet.
    pub draft: Justification,
    /// What it says.
    saved_text: String,
}

impl SessionState {
    /// The operator did something: the file is looked after in a while.
    pub(super) fn touch(&mut self, context: Context<'_>) {
        if can_save(context) {
            let now = context.now.since_start;
            let latest = *self.latest_save.get_or_insert(now + MAX_SAVE_DELAY);
            self.save_due = Some(latest.min(now + SAVE_DELAY));
        }
    }

    /// The writing of the file, where it is due and would say something else.
    pub(super) fn save_due(&mut self, views: &Views, context: Context<'_>) -> Option<Effect> {
        self.save_due
            .filter(|due| *due <= context.now.since_start)?;
        (self.save_due, self.latest_save) = (None, None);
        let text = self.changed(views, context)?;
        self.saved_text.clone_from(&text);
        Some(Effect::Session(SessionEffect::SaveSession(text)))
    }

    /// What the file shall say, where that is not what it says.
    pub fn changed(&self, views: &Views, context: Context<'_>) -> Option<String> {
        let text = can_save(context).then(|| text(views, &self.draft, context))?;
        (text != self.saved_text).then_some(text)
    }
}

/// The file was written, or was not: that is told once.
pub(super) fn on_saved(update: &mut FeatureUpdate<'_>, result: Result<(), String>) {
    let Err(why) = result else {
        return;
    };
    let text = format!("where you are is not kept for the next start: {why}");
    if update
        .notices
        .newest_first()
        .all(|notice| notice.text != text)
    {
        update.notify(Severity::Warning, text, None);
    }
}

/// Whether this console keeps where it stands: another one that writes does, and who only reads changes nothing.
fn can_save(context: Context<'_>) -> bool {
    context.access.journal == JournalAccess::Writer
        && !context.data.first_run
        && !context.setup.headless
        && permission::write_forbidden(context).is_none()
}

fn text(views: &Views, draft: &Justification, context: Context<'_>) -> String {
    let mut document = Table::new();
    let leaks = &context.workspace.leaks;
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    put("schema", Value::Integer(SCHEMA_VERSION));
    put("pane", Value::String(context.workspace.focus.to_string()));
    // What is new is looked at, and nothing to come back to.
    let is_look = views.shows_since_left(context);
    let before = context.workspace.history_back.last().filter(|_| is_look);
    let arranged = before.and_then(|place| place.arranged.as_ref());
    let sort = arranged.map_or(&leaks.sort, |(sort, _)| sort);
    put("sort", file::word_list(file::format_sort_keys(sort)));
    let grouping = leaks.grouping.as_ref();
    if let Some(word) = grouping.and_then(|grouping| file::format_group(grouping.kind)) {
        put("group", Value::String(word.to_owned()));
    }
    if let Some(view) = views.current.as_ref().filter(|_| !is_look) {
        put("view", Value::String(view.clone()));
    }
    let cursor = leaks.list.cursor().map(|leak| context.data.table.key(leak));
    // Where the list has not come yet, the leak is the one that it would have gone to.
    if let Some(key) = leaks.restore_cursor.clone().or(cursor) {
        put("cursor", Value::String(key.to_string()));
    }
    let history = &context.workspace.history;
    for (name, lines) in [
        ("filter_history", &history.filters),
        ("command_history", &history.commands),
    ] {
        if !lines.is_empty() {
            put(name, file::word_list(lines.iter().cloned()));
        }
    }
    let mut words = Table::new();
    for (name, word) in [
        ("reason", &draft.reason),
        ("note", &draft.note),
        ("ticket", &draft.ticket),
    ] {
        if let Some(word) = word {
            words.insert(name.to_owned(), Value::String(word.clone()));
        }
    }
    if !words.is_empty() {
        put("draft", Value::Table(words));
    }
    let mut filters = Table::new();
    let mut columns = Table::new();
    let mut sorts = Table::new();
    for pane in Pane::iter() {
        let text = context
            .workspace
            .filter(pane)
            .map(|state| state.filter.text());
        let text = match before {
            Some(place) if pane == Pane::Leaks => Some(place.filter.text()),
            _ => text.filter(|_| !(is_look && pane == Pane::Leaks)),
        };
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            filters.insert(pane.to_string(), Value::String(text.to_owned()));
        }
        let chosen = match arranged {
            Some((_, columns)) if pane == Pane::Leaks => columns.as_deref(),
            _ => context.workspace.columns.get(pane),
        };
        if let Some(chosen) = chosen {
            let chosen = chosen.iter().map(VisibleColumn::to_string);
            columns.insert(pane.to_string(), file::word_list(chosen));
        }
        if let Some(groups) = context.workspace.groups(pane) {
            sorts.insert(
                pane.to_string(),
                Value::String(format_group_sort(groups.sort)),
            );
        }
    }
    for (name, table) in [("filters", filters), ("columns", columns), ("sorts", sorts)] {
        if !table.is_empty() {
            document.insert(name.to_owned(), Value::Table(table));
        }
    }
    format!("{HEADER}{document}")
}

/// The words of a draft that a file has; none where it cannot be read.
pub fn draft(text: &str) -> Justification {
    let document: Table = toml::from_str(text).unwrap_or_default();
    let word = |name: &str| {
        let word = document.get("draft")?.get(name)?.as_str()?;
        non_blank(word)
    };
    Justification {
        reason: word("reason"),
        note: word("note"),
        ticket: word("ticket"),
    }
}

fn format_group_sort(sort: GroupSort) -> String {
    let minus = if sort.descending { "-" } else { "" };
    format!("{minus}{}", sort.field)
}

fn parse_group_sort(word: &str) -> Option<GroupSort> {
    let name = word.strip_prefix('-');
    Some(GroupSort {
        field: name.unwrap_or(word).parse().ok()?,
        descending: name.is_some(),
    })
}

/// Takes up where the last console stood: before anything was drawn. A filter that was given at the start stays.
/// What cannot be used is left out; answers the line of a file that says nothing at all.
pub fn restore(
    views: &mut Views,
    update: &mut WorkspaceUpdate<'_>,
    text: &str,
) -> Result<(), usize> {
    let document: Table = toml::from_str(text).map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        text.get(..at).unwrap_or(text).matches('\n').count() + 1
    })?;
    if document.get("schema") != Some(&Value::Integer(SCHEMA_VERSION)) {
        return Ok(());
    }
    let word = |name: &str| document.get(name).and_then(Value::as_str);
    let of = |table: &str, pane: Pane| document.get(table)?.get(pane.to_string());
    let given = !update.workspace.leaks.filter.filter.is_empty();
    if let Some(pane) = word("pane").and_then(|name| name.parse().ok()) {
        update.workspace.focus = pane;
    }
    if let Some(keys) = parse_list(document.get("sort"), search::parse_sort_key) {
        update.workspace.leaks.sort = keys;
    }
    for pane in Pane::iter() {
        let columns = parse_list(of("columns", pane), |word| {
            word.parse::<VisibleColumn>().ok()
        });
        update.workspace.columns.set(pane, columns);
        let sort = of("sorts", pane).and_then(Value::as_str);
        if let (Some(sort), Some(groups)) = (
            sort.and_then(parse_group_sort),
            update.workspace.groups_mut(pane),
        ) {
            groups.sort = sort;
        }
        let filter = of("filters", pane).and_then(Value::as_str);
        let filter = filter.and_then(|text| filter::parse(text, &update.setup.sources).ok());
        if let (Some(filter), Some(state)) = (filter, update.workspace.filter_mut(pane))
            && !(given && pane == Pane::Leaks)
        {
            state.filter = filter;
        }
    }
    // Last: what is gathered takes the filter of the leaks, and has a sort of its own.
    grouping::set(update, word("group").and_then(file::parse_group));
    let sort = of("sorts", Pane::Leaks).and_then(Value::as_str);
    if let (Some(sort), Some(groups)) = (
        sort.and_then(parse_group_sort),
        update.workspace.groups_mut(Pane::Leaks),
    ) {
        groups.sort = sort;
    }
    if !given {
        let current = word("view").filter(|name| views.find(name).is_some());
        views.current = current.map(str::to_owned);
    }
    let lines = |name: &str| {
        let mut lines = file::parse_word_list(document.get(name).cloned()).flatten()?;
        let more = lines.len().saturating_sub(MAX_LINES);
        lines.drain(..more);
        Some(lines)
    };
    update.workspace.history = History {
        filters: lines("filter_history").unwrap_or_default(),
        commands: lines("command_history").unwrap_or_default(),
    };
    update.workspace.leaks.restore_cursor =
        word("cursor").and_then(|key| key.parse::<EntityKey>().ok());
    Ok(())
}

/// A list of words, each of them understood; an empty one is none.
fn parse_list<T>(value: Option<&Value>, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let words = file::parse_word_list(value.cloned()).flatten()?;
    let read: Option<Vec<T>> = words.iter().map(|word| read(word)).collect();
    read.filter(|read| !read.is_empty())
}
