//! The record of a person, a machine or another group: its facts, what is related to it, its leaks, and what was done
//! with them. Lines are items with a cursor; each can be copied, and a leak or another group opened.

mod items;
mod state;

pub(super) use items::copied;
pub use items::{Item, act, items};
pub use state::{Act, Acts, Inspected};

use super::{
    command::{Command, Open},
    effect::{Effect, NotesEffect},
    model::{Context, GroupRef, Pane, ScopeItem, WorkspaceUpdate},
    notice::Severity,
    record,
};
use crate::{
    app::{cursor, model::kinds_for_pane},
    entity::{error::JournalError, history::HistoryEntry, key::EntityKey},
    table::{GroupKind, RowId},
};
use std::{cmp::Reverse, collections::HashMap};

/// Leaks of a group whose histories are read at most, the newest.
const MAX_HISTORIES: usize = 200;

/// Opens it for what is under the cursor; of a leak, its record.
pub(super) fn open(update: &mut WorkspaceUpdate<'_>) -> Vec<Effect> {
    let one_by_one = update.workspace.leaks.grouping.is_none();
    if update.workspace.focus == Pane::Leaks
        && one_by_one
        && let Some(leak) = update.workspace.leaks.list.cursor()
    {
        return record::open(update, leak);
    }
    let Some(group) = cursor_group(update.context()) else {
        let now = update.now.since_start;
        let text = "nothing is under the cursor";
        update.notices.push(Severity::Info, text, None, now);
        return Vec::new();
    };
    open_group(update, group)
}

/// Opens the record of a group, and reads what was done with its leaks.
pub(super) fn open_group(update: &mut WorkspaceUpdate<'_>, group: GroupRef) -> Vec<Effect> {
    let chip = ScopeItem::Group(group.0, group.1);
    update.commands.push(Command::LoadRelated(chip));
    update.commands.push(Command::Open(Open::Inspect(group)));
    load(update.context(), group).into_iter().collect()
}

/// The effect that reads what was done with the newest leaks of a group; none where it has no leak.
pub(super) fn load(context: Context<'_>, (kind, group): GroupRef) -> Option<Effect> {
    let rows = context.data.table.group_rows(kind, group);
    let leaks: Vec<_> = record::newest(context, rows, MAX_HISTORIES)
        .into_iter()
        .filter_map(|leak| record::named(context, leak))
        .collect();
    let group = (kind, group);
    (!leaks.is_empty()).then_some(Effect::Notes(NotesEffect::LoadHistories { group, leaks }))
}

fn cursor_group(context: Context<'_>) -> Option<GroupRef> {
    match context.workspace.focus {
        Pane::Leaks => cursor::selected_view(context),
        pane => context.workspace.groups(pane)?.list.cursor(),
    }
}

/// The kinds of what belongs to a group, in the order in which they are shown.
fn related_kinds() -> impl Iterator<Item = GroupKind> {
    let connections = kinds_for_pane(Pane::Connections).into_iter();
    connections.chain([GroupKind::User])
}

/// What belongs to a group, with the leaks that it has in common with it: what its leaks tell, whichever provider they
/// are of, and what providers say. Kind by kind, most leaks first, then by name.
pub fn connected_groups(context: Context<'_>, (kind, group): GroupRef) -> Vec<(GroupRef, u32)> {
    let table = &context.data.table;
    let mut found: HashMap<GroupRef, u32> = HashMap::new();
    for row in table.group_rows(kind, group) {
        for of in related_kinds().filter(|of| *of != kind) {
            if let Some(other) = table.group(row, of) {
                *found.entry((of, other)).or_default() += 1;
            }
        }
    }
    for native in table.listed_entities(kind, group) {
        let told = context
            .data
            .related
            .get(&native.key())
            .into_iter()
            .flatten();
        for other in told.filter(|other| **other != (kind, group)) {
            found.entry(*other).or_default();
        }
    }
    let order: Vec<GroupKind> = related_kinds().collect();
    let place = |kind: GroupKind| order.iter().position(|other| *other == kind);
    let mut found: Vec<(GroupRef, u32)> = found
        .into_iter()
        .filter(|((kind, _), _)| order.contains(kind))
        .collect();
    found.sort_by_cached_key(|((kind, group), leaks)| {
        let name = table.group_name(*kind, *group).into_owned();
        (place(*kind), Reverse(*leaks), name, *group)
    });
    found
}

/// Takes in what was done with the leaks of a group, if its record is still open.
pub(super) fn on_histories<'a>(
    records: impl Iterator<Item = &'a mut Inspected>,
    group: GroupRef,
    result: &Result<Vec<(EntityKey, HistoryEntry)>, JournalError>,
) {
    for record in records.filter(|record| record.group == group) {
        record.history = match result {
            Ok(entries) => Acts::Known(state::folded(entries)),
            Err(error) => Acts::Failed(error.to_string()),
        };
    }
}

/// Moves the cursor by so many items; headings are passed over.
pub(super) fn step(record: &mut Inspected, context: Context<'_>, by: isize) {
    let items = items(context, record, false);
    let selectable = |at: &usize| items.get(*at).is_some_and(Item::is_selectable);
    let places: Vec<usize> = (0..items.len()).filter(selectable).collect();
    record.cursor = record::moved(&places, record.cursor, by);
}

/// What the item under the cursor leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Chosen {
    /// A leak.
    Leak(RowId),
    /// Another group.
    Group(GroupRef),
}

/// What the item under the cursor leads to, if to anything.
pub(super) fn chosen(context: Context<'_>, record: &Inspected) -> Option<Chosen> {
    match items(context, record, false).get(record.cursor)? {
        Item::Leak(leak) => Some(Chosen::Leak(*leak)),
        Item::Group(group, _) => Some(Chosen::Group(*group)),
        _ => None,
    }
}
