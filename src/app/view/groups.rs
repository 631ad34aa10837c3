//! Makes the panes of groups: domains, users and connections.

use super::{
    super::{
        layout,
        model::{Context, Pane, WorkspaceUpdate},
    },
    limits,
};
use crate::{
    app::{
        model::GroupRows,
        view::{Made, Making},
    },
    filter::Filter,
    table::{GroupKind, GroupRow, Handle},
};
use std::{collections::HashSet, sync::Arc};

/// Makes one pane of groups again: at once where that is quick, else in turns; until then it shows what it showed.
pub fn refresh_groups(update: &mut WorkspaceUpdate<'_>, pane: Pane) {
    let rows = in_scope(update.context());
    refresh_groups_of(update, pane, &rows);
}

pub(super) fn in_scope(context: Context<'_>) -> Arc<[Handle]> {
    let (filter, scope) = (Filter::default(), context.workspace.scope_groups());
    let rows = context
        .data
        .table
        .select(&filter, &scope, None, &context.workspace.marks);
    rows.into()
}

/// The same of leaks that are in the scope.
pub(super) fn refresh_groups_of(
    update: &mut WorkspaceUpdate<'_>,
    pane: Pane,
    everything: &Arc<[Handle]>,
) {
    if let Some(making) = Making::of_pane(update.context(), pane, Arc::clone(everything)) {
        make(update, making);
    }
}

/// Makes groups at once where that is quick, else in turns. What was on its way for the same pane is called off.
pub fn make(update: &mut WorkspaceUpdate<'_>, mut making: Making) {
    let pane = making.pane();
    update.workspace.making.retain(|other| other.pane() != pane);
    if making.leaks() > limits::AT_ONCE && !update.setup.headless {
        update.workspace.making.push(making);
    } else if let Some(made) = making.step(update.context(), usize::MAX) {
        put(update, pane, made);
    }
}

/// Shows groups that were made.
pub(super) fn put(update: &mut WorkspaceUpdate<'_>, pane: Pane, made: Made) {
    let height = layout::rows(update.context(), pane);
    if pane == Pane::Leaks {
        return put_grouping(update, made, height);
    }
    if let Some(groups) = update.workspace.groups_mut(pane) {
        groups.rows = made.rows.into();
        groups.list.set_order(made.order, height);
    }
}

/// Shows groups that were made.
fn put_grouping(update: &mut WorkspaceUpdate<'_>, made: Made, height: usize) {
    let all = update.workspace.leaks.list.order().len();
    let Some(grouping) = &mut update.workspace.leaks.grouping else {
        return;
    };
    let rows = GroupRows::from(made.rows);
    let gathered = rows.values().map(|row| row.total() as usize).sum();
    grouping.without = all.saturating_sub(gathered);
    grouping.pane.rows = rows;
    grouping.pane.list.set_order(made.order, height);
}

/// Watched domains that have no leak yet have a row too, outside a drill-down.
pub(super) fn without_leaks(
    context: Context<'_>,
    pane: Pane,
    kind: GroupKind,
    have: &[GroupRow],
) -> Vec<GroupRow> {
    let mut scope = context.workspace.scope_groups().into_iter();
    if pane != Pane::Domains || !scope.all(|(kind, _)| kind == GroupKind::Profile) {
        return Vec::new();
    }
    let have: HashSet<_> = have.iter().map(|row| row.group).collect();
    let domains = context
        .data
        .profiles
        .iter()
        .filter(|state| context.workspace.includes_profile(state.slot))
        .flat_map(|state| state.domains.iter().flatten());
    domains
        .filter_map(|domain| context.data.table.find_group(kind, &domain.key))
        .filter(|group| !have.contains(group))
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .map(|group| GroupRow::without_rows(group, 1))
        .collect()
}
