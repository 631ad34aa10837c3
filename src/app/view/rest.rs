//! What follows the cursor once it rests: the detail, and the connections of the leak that it shows.

use crate::{
    app::{
        grouping,
        model::{Context, GroupRef, Model, Pane, Subject},
    },
    table::{GroupKind, GroupRow, Handle},
};
use std::time::Duration;

/// A cursor has rested when it has not moved for this long.
pub const REST: Duration = Duration::from_millis(150);

pub(super) fn rest_soon(model: &mut Model) {
    if model.workspace.rest.due.is_none() {
        moved(model);
    }
}

/// The cursor moved: the detail follows when it rests.
pub fn moved(model: &mut Model) {
    model.workspace.rest.due = Some(model.now.since_start + REST);
}

/// The cursor rests: the detail and the connections follow it.
pub fn rest_now(model: &mut Model) {
    model.workspace.rest.due = None;
    let subject = match model.workspace.focus {
        Pane::Leaks if model.workspace.leaks.grouping.is_some() => {
            grouping::under_cursor(model.context()).map(|(kind, group)| Subject::Group(kind, group))
        }
        Pane::Leaks => model.workspace.leaks.list.cursor().map(Subject::Leak),
        Pane::Jobs => model.workspace.jobs.list.cursor().map(Subject::Job),
        pane @ (Pane::Domains | Pane::Users | Pane::Connections) => model
            .workspace
            .groups(pane)
            .and_then(|groups| groups.list.cursor())
            .map(|(kind, group)| Subject::Group(kind, group)),
    };
    model.workspace.rest.subject = subject;
    model.workspace.rest.connections = match subject {
        Some(Subject::Leak(handle)) => connections(model.context(), handle),
        Some(Subject::Group(..) | Subject::Job(_)) | None => Vec::new(),
    };
    if model
        .reveal
        .as_ref()
        .is_some_and(|reveal| subject != Some(Subject::Leak(reveal.leak)))
    {
        model.reveal = None;
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
