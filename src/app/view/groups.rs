//! Makes the panes of groups: domains, users and connections.

use super::{
    super::{
        layout,
        model::{Context, GroupRef, Pane, ScopeItem, WorkspaceUpdate},
    },
    limits,
};
use crate::{
    app::{
        model::{GroupRows, kinds_for_pane},
        view::{Made, Making},
    },
    filter::Filter,
    table::RowId,
};
use std::sync::Arc;

/// Makes one pane of groups again: at once where that is quick, else in slices; until then it shows what it showed.
pub fn refresh_groups(update: &mut WorkspaceUpdate<'_>, pane: Pane) {
    let rows = rows_in_scope(update.context());
    refresh_groups_among(update, pane, &rows);
}

pub(super) fn rows_in_scope(context: Context<'_>) -> Arc<[RowId]> {
    let (filter, scope) = (Filter::default(), context.workspace.scope_groups());
    let rows = context
        .data
        .table
        .select(&filter, &scope, None, &context.workspace.marks);
    rows.into()
}

/// The same of leaks that are in the scope.
pub(super) fn refresh_groups_among(
    update: &mut WorkspaceUpdate<'_>,
    pane: Pane,
    everything: &Arc<[RowId]>,
) {
    if let Some(making) = Making::for_pane(update.context(), pane, Arc::clone(everything)) {
        build_groups(update, making);
    }
}

/// Makes groups at once where that is quick, else in slices. What was on its way for the same pane is called off.
pub fn build_groups(update: &mut WorkspaceUpdate<'_>, mut making: Making) {
    let pane = making.pane();
    update
        .workspace
        .groups_builders
        .retain(|other| other.pane() != pane);
    if making.leak_count() > limits::AT_ONCE && !update.setup.headless {
        update.workspace.groups_builders.push(making);
    } else if let Some(made) = making.step(update.context(), usize::MAX) {
        set_groups(update, pane, made);
    }
}

/// Shows groups that were made.
pub(super) fn set_groups(update: &mut WorkspaceUpdate<'_>, pane: Pane, made: Made) {
    let height = layout::rows(update.context(), pane);
    if pane == Pane::Leaks {
        return put_grouping(update, made, height);
    }
    let mut order = made.order;
    if pane == Pane::Connections
        && let Some(leak) = leak_in_scope(update.context())
    {
        in_order_of_leak(update.context(), leak, &mut order);
    }
    if let Some(groups) = update.workspace.groups_mut(pane) {
        groups.rows = made.rows.into();
        groups.list.set_order(order, height);
    }
}

/// The leak whose connections the drill-down shows.
fn leak_in_scope(context: Context<'_>) -> Option<RowId> {
    let chips = context.workspace.scope.iter();
    chips.rev().find_map(|chip| match chip {
        ScopeItem::Leak(leak) => Some(*leak),
        ScopeItem::Group(..) => None,
    })
}

/// Puts the connections of a leak in the order in which they stand beside it, its own before what a provider adds.
fn in_order_of_leak(context: Context<'_>, leak: RowId, order: &mut [GroupRef]) {
    let kinds = kinds_for_pane(Pane::Connections);
    order.sort_by_key(|(kind, group)| {
        let is_own = context.data.table.group(leak, *kind) == Some(*group);
        (!is_own, kinds.iter().position(|other| other == kind))
    });
}

/// Shows groups that were made.
fn put_grouping(update: &mut WorkspaceUpdate<'_>, made: Made, height: usize) {
    let all = update.workspace.leaks.list.order().len();
    let Some(grouping) = &mut update.workspace.leaks.grouping else {
        return;
    };
    let rows = GroupRows::from(made.rows);
    let gathered = rows.values().map(|row| row.total() as usize).sum();
    grouping.ungrouped_count = all.saturating_sub(gathered);
    grouping.pane.rows = rows;
    grouping.pane.list.set_order(made.order, height);
}
