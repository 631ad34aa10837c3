//! What is made of the lists that providers keep themselves: the groups, and nothing of the leaks.

use super::{
    GROUPS, IN_GROUPS, all_groups_are_stale, limits, next_stale, refresh, refresh_soon, rest_now,
    wait,
};
use crate::app::model::{Context, Model, WorkspaceUpdate};

/// Whether views are made in turns: there are more leaks than a key may wait for.
fn takes_turns(context: Context<'_>) -> bool {
    context.data.table.len() > limits::AT_ONCE && !context.setup.headless
}

/// Whether a page of a list changes the screen when it comes. What is listed is seen once the groups are made of it again;
/// where they are made in turns, that comes later.
pub(in crate::app) fn shows_listed_at_once(model: &Model) -> bool {
    !takes_turns(model.context()) || !model.overlays.is_empty()
}

/// Makes the groups again that providers list, now and then while more of them come. The leaks stay as they are: they
/// are made of nothing that is listed.
pub(in crate::app) fn refresh_listed_soon(update: &mut WorkspaceUpdate<'_>) {
    if !takes_turns(update.context()) {
        return refresh_soon(update, false);
    }
    let due = update.workspace.groups_made + wait(update.context(), GROUPS, IN_GROUPS);
    let made = update.workspace.making.is_empty() && next_stale(update.context()).is_none();
    if made && due <= update.now.since_start {
        all_groups_are_stale(update);
    }
}

/// Makes the groups again when a list has come to its end.
pub(in crate::app) fn refresh_listed(update: &mut WorkspaceUpdate<'_>) {
    if !takes_turns(update.context()) {
        return refresh(update);
    }
    all_groups_are_stale(update);
    if next_stale(update.context()).is_none() {
        rest_now(update);
    }
}
