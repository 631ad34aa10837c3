//! Everything that is known of a person or a connection, on a screen of its own.

use super::{
    effect::Effect,
    grouping,
    model::{Chip, GroupRef, Model, Pane},
    notice::Severity,
    overlay::Overlay,
    related, view,
};
use crate::{entity::tree, table::GroupKind};

/// Opens it for what is under the cursor: of a leak, its machine.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(group) = subject(model) else {
        let text = match model.focus {
            Pane::Leaks => "nothing is known of this leak but what its detail shows",
            _ => "nothing is under the cursor",
        };
        let now = model.now.since_start;
        model.notices.push(Severity::Info, text, None, now);
        return Vec::new();
    };
    let effects = related::ask(model, Chip::Group(group.0, group.1));
    model.overlays.push(Overlay::Inspect { group, scroll: 0 });
    effects
}

fn subject(model: &Model) -> Option<GroupRef> {
    match model.focus {
        Pane::Leaks if model.leaks.grouping.is_some() => grouping::under_cursor(model),
        Pane::Leaks => {
            let handle = model.leaks.list.cursor()?;
            let first = |kind| Some((kind, model.table.group(handle, kind)?));
            [GroupKind::Endpoint, GroupKind::Breach, GroupKind::Resource]
                .into_iter()
                .find_map(first)
        }
        pane => model.groups(pane)?.list.cursor(),
    }
}

/// The most lines that it takes where nothing is wrapped.
pub(super) fn rows(model: &Model, (kind, group): GroupRef) -> usize {
    let files: usize = model
        .table
        .natives(kind, group)
        .into_iter()
        .filter_map(|native| native.connection()?.tree)
        .map(|paths| tree::lines(&paths, true).len())
        .sum();
    let metadata: usize = model
        .table
        .natives(kind, group)
        .into_iter()
        .filter_map(|native| native.connection()?.metadata)
        .map(|text| memchr::memchr_iter(b',', text.as_bytes()).count() + 2)
        .sum();
    let related: usize = view::kinds_of(Pane::Connections)
        .into_iter()
        .chain([GroupKind::User])
        .map(|of| belonging(model, (kind, group), of).len())
        .sum();
    24 + files + metadata + related
}

/// What providers say belongs to a group, of one kind, by name.
pub fn belonging(model: &Model, (kind, group): GroupRef, of: GroupKind) -> Vec<GroupRef> {
    let natives = model.table.natives(kind, group).into_iter();
    let mut found: Vec<GroupRef> = natives
        .filter_map(|native| model.related.get(&native.key()))
        .flatten()
        .filter(|(other, _)| *other == of)
        .copied()
        .collect();
    found.sort_unstable();
    found.dedup();
    // Which came first says nothing.
    found.sort_by_cached_key(|(kind, group)| model.table.group_name(*kind, *group).into_owned());
    found
}
