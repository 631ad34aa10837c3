//! Everything that is known of a person, a machine or another connection, on a screen of its own.

use super::{
    command::{Command, Open},
    effect::Effect,
    model::{Chip, Context, GroupRef, Pane, WorkspaceUpdate},
    notice::Severity,
    record,
};
use crate::{
    app::{cursor, model::kinds_of},
    entity::tree,
    table::GroupKind,
};
use std::{cmp::Reverse, collections::HashMap};

/// Opens it for what is under the cursor; of a leak, its record.
pub(super) fn open(update: &mut WorkspaceUpdate<'_>) -> Vec<Effect> {
    let one_by_one = update.workspace.leaks.grouping.is_none();
    if update.workspace.focus == Pane::Leaks
        && one_by_one
        && let Some(leak) = update.workspace.leaks.list.cursor()
    {
        return record::open(update, leak);
    }
    let Some(group) = subject(update.context()) else {
        let now = update.now.since_start;
        let text = "nothing is under the cursor";
        update.notices.push(Severity::Info, text, None, now);
        return Vec::new();
    };
    let chip = Chip::Group(group.0, group.1);
    update.commands.push(Command::LoadRelated(chip));
    update.commands.push(Command::Open(Open::Inspect(group)));
    Vec::new()
}

fn subject(context: Context<'_>) -> Option<GroupRef> {
    match context.workspace.focus {
        Pane::Leaks => cursor::under_cursor(context),
        pane => context.workspace.groups(pane)?.list.cursor(),
    }
}

/// The most lines that it takes where nothing is wrapped.
pub(super) fn rows(context: Context<'_>, (kind, group): GroupRef) -> usize {
    let files: usize = context
        .data
        .table
        .natives(kind, group)
        .into_iter()
        .filter_map(|native| native.connection()?.tree)
        .map(|paths| tree::lines(&paths, true).len())
        .sum();
    let metadata: usize = context
        .data
        .table
        .natives(kind, group)
        .into_iter()
        .filter_map(|native| native.connection()?.metadata)
        .map(|text| memchr::memchr_iter(b',', text.as_bytes()).count() + 2)
        .sum();
    24 + files + metadata + belonging(context, (kind, group)).len()
}

/// The kinds of what belongs to a group, in the order in which they are shown.
fn kinds() -> impl Iterator<Item = GroupKind> {
    let connections = kinds_of(Pane::Connections).into_iter();
    connections.chain([GroupKind::User])
}

/// What belongs to a group, with the leaks that it has in common with it: what its leaks tell, whichever provider they
/// are of, and what providers say. Kind by kind, most leaks first, then by name.
pub fn belonging(context: Context<'_>, (kind, group): GroupRef) -> Vec<(GroupRef, u32)> {
    let table = &context.data.table;
    let mut found: HashMap<GroupRef, u32> = HashMap::new();
    for row in table.group_rows(kind, group) {
        for of in kinds().filter(|of| *of != kind) {
            if let Some(other) = table.group(row, of) {
                *found.entry((of, other)).or_default() += 1;
            }
        }
    }
    for native in table.natives(kind, group) {
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
    let order: Vec<GroupKind> = kinds().collect();
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
