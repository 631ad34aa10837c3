//! What follows the cursor once it rests: the detail, and the connections of the leak that it shows.

use crate::{
    app::{
        cursor,
        model::{Context, GroupRef, Pane, Subject, WorkspaceUpdate},
    },
    table::{GroupKind, GroupRow, Handle},
};
use std::time::Duration;

/// A cursor has rested when it has not moved for this long.
pub const REST: Duration = Duration::from_millis(150);

pub(super) fn rest_soon(update: &mut WorkspaceUpdate<'_>) {
    if update.workspace.rest.due.is_none() {
        moved(update);
    }
}

/// The cursor moved: the detail follows when it rests.
pub fn moved(update: &mut WorkspaceUpdate<'_>) {
    update.workspace.rest.due = Some(update.now.since_start + REST);
}

/// The cursor rests: the detail and the connections follow it.
pub fn rest_now(update: &mut WorkspaceUpdate<'_>) {
    update.workspace.rest.due = None;
    let subject = match update.workspace.focus {
        Pane::Leaks if update.workspace.leaks.grouping.is_some() => {
            cursor::under_cursor(update.context()).map(|(kind, group)| Subject::Group(kind, group))
        }
        Pane::Leaks => update.workspace.leaks.list.cursor().map(Subject::Leak),
        Pane::Jobs => update.workspace.jobs.list.cursor().map(Subject::Job),
        pane @ (Pane::Domains | Pane::Users | Pane::Connections) => update
            .workspace
            .groups(pane)
            .and_then(|groups| groups.list.cursor())
            .map(|(kind, group)| Subject::Group(kind, group)),
    };
    update.workspace.rest.subject = subject;
    update.workspace.rest.connections = match subject {
        Some(Subject::Leak(handle)) => connections(update.context(), handle),
        Some(Subject::Group(..) | Subject::Job(_)) | None => Vec::new(),
    };
    if update
        .workspace
        .reveal
        .as_ref()
        .is_some_and(|reveal| subject != Some(Subject::Leak(reveal.leak)))
    {
        update.workspace.reveal = None;
    }
}

/// The machine, the resource and the breach of a leak, with how many leaks share each.
pub fn connections(context: Context<'_>, handle: Handle) -> Vec<(GroupRef, GroupRow)> {
    [GroupKind::Endpoint, GroupKind::Resource, GroupKind::Breach]
        .into_iter()
        .filter_map(|kind| {
            let group = context.data.table.group(handle, kind)?;
            let row = context.data.table.group_row(kind, group);
            (row.total() > 0).then_some(((kind, group), row))
        })
        .collect()
}
