//! What follows the cursor once it rests: the detail, and the connections of the leak that it shows.

use crate::{
    app::{
        cursor,
        model::{Context, DetailSubject, GroupRef, Pane, WorkspaceUpdate},
    },
    table::{GroupKind, GroupRow, RowId},
};
use std::time::Duration;

/// A cursor has rested when it has not moved for this long.
pub const DETAIL_DELAY: Duration = Duration::from_millis(150);

pub(super) fn update_detail_soon(update: &mut WorkspaceUpdate<'_>) {
    if update.workspace.detail_delay.due.is_none() {
        on_cursor_moved(update);
    }
}

/// The cursor moved: the detail follows when it rests.
pub fn on_cursor_moved(update: &mut WorkspaceUpdate<'_>) {
    update.workspace.detail_delay.due = Some(update.now.since_start + DETAIL_DELAY);
}

/// The cursor rests: the detail and the connections follow it.
pub fn update_detail_now(update: &mut WorkspaceUpdate<'_>) {
    update.workspace.detail_delay.due = None;
    let subject = match update.workspace.focus {
        Pane::Leaks if update.workspace.leaks.grouping.is_some() => {
            cursor::selected_view(update.context())
                .map(|(kind, group)| DetailSubject::Group(kind, group))
        }
        Pane::Leaks => update
            .workspace
            .leaks
            .list
            .cursor()
            .map(DetailSubject::Leak),
        Pane::Jobs => update.workspace.jobs.list.cursor().map(DetailSubject::Job),
        pane @ (Pane::Domains | Pane::Users | Pane::Connections) => update
            .workspace
            .groups(pane)
            .and_then(|groups| groups.list.cursor())
            .map(|(kind, group)| DetailSubject::Group(kind, group)),
    };
    update.workspace.detail_delay.subject = subject;
    update.workspace.detail_delay.connections = match subject {
        Some(DetailSubject::Leak(handle)) => connections(update.context(), handle),
        Some(DetailSubject::Group(..) | DetailSubject::Job(_)) | None => Vec::new(),
    };
    if update
        .workspace
        .reveal
        .as_ref()
        .is_some_and(|reveal| subject != Some(DetailSubject::Leak(reveal.leak)))
    {
        update.workspace.reveal = None;
    }
}

/// Whether a pane shows the connections of the leak under the cursor in place of groups: those are not made then.
pub fn shows_connections_of_leak(context: Context<'_>, pane: Pane) -> bool {
    pane == Pane::Connections
        && context.workspace.focus != pane
        && !context.workspace.detail_delay.connections.is_empty()
}

/// The machine, the resource and the breach of a leak, with how many leaks share each.
pub fn connections(context: Context<'_>, handle: RowId) -> Vec<(GroupRef, GroupRow)> {
    [GroupKind::Endpoint, GroupKind::Resource, GroupKind::Breach]
        .into_iter()
        .filter_map(|kind| {
            let group = context.data.table.group(handle, kind)?;
            let row = context.data.table.group_row(kind, group);
            (row.total() > 0).then_some(((kind, group), row))
        })
        .collect()
}
