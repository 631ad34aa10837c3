//! What the cursor of the focused pane stands for.

use super::model::{Context, GroupRef, Pane};
use crate::table::{GroupKind, RowId};

/// The group under the cursor, where the leaks pane has the focus and shows groups.
pub fn selected_view(context: Context<'_>) -> Option<GroupRef> {
    let grouping = context.workspace.leaks.grouping.as_ref();
    grouping
        .filter(|_| context.workspace.focus == Pane::Leaks)
        .and_then(|grouping| grouping.pane.list.cursor())
}

/// The leaks of the view that are in a group.
pub fn leaks_in_group(context: Context<'_>, (kind, group): GroupRef) -> Vec<RowId> {
    let rows = context.workspace.leaks.list.order().iter().copied();
    rows.filter(|row| context.data.table.group(*row, kind) == Some(group))
        .collect()
}

/// What a group of a kind is called.
pub fn noun(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Domain => "domain",
        GroupKind::User => "user",
        GroupKind::Endpoint => "machine",
        GroupKind::Resource => "site",
        GroupKind::Breach => "breach",
        GroupKind::Credential => "credential",
        GroupKind::Profile => "profile",
        GroupKind::Paste => "paste",
        GroupKind::Source => "source",
        GroupKind::Country => "country",
    }
}
