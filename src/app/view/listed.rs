//! What is made of the lists that providers keep themselves: the groups, and nothing of the leaks.

use super::{
    GROUPS_INTERVAL, GROUPS_TIME_PER_ROW, limits, mark_groups_pending, next_pending_group, refresh,
    refresh_soon, scaled_interval, update_detail_now,
};
use crate::app::model::{Context, Model, WorkspaceUpdate};

/// Whether views are made in slices: there are more leaks than a key may wait for.
fn uses_slices(context: Context<'_>) -> bool {
    context.data.table.len() > limits::AT_ONCE && !context.setup.headless
}

/// Whether a page of a list changes the screen when it comes. What is listed is seen once the groups are made of it again;
/// where they are made in slices, that comes later.
pub(in crate::app) fn shows_listed_immediately(model: &Model) -> bool {
    !uses_slices(model.context()) || !model.overlays.is_empty()
}

/// Makes the groups again that providers list, now and then while more of them come. The leaks stay as they are: they
/// are made of nothing that is listed.
pub(in crate::app) fn refresh_listed_soon(update: &mut WorkspaceUpdate<'_>) {
    if !uses_slices(update.context()) {
        return refresh_soon(update, false);
    }
    let due = update.workspace.groups_built_at
        + scaled_interval(update.context(), GROUPS_INTERVAL, GROUPS_TIME_PER_ROW);
    let made = update.workspace.groups_builders.is_empty()
        && next_pending_group(update.context()).is_none();
    if made && due <= update.now.since_start {
        mark_groups_pending(update);
    }
}

/// Makes the groups again when a list has come to its end.
pub(in crate::app) fn refresh_listed(update: &mut WorkspaceUpdate<'_>) {
    if !uses_slices(update.context()) {
        return refresh(update);
    }
    if update.data.is_loading() {
        // The groups are made again with the leaks that come.
        return refresh_soon(update, false);
    }
    mark_groups_pending(update);
    if next_pending_group(update.context()).is_none() {
        update_detail_now(update);
    }
}
