//! The order in which a plan shows its targets: that of the leaks pane, which the operator has read, and not the order
//! of their keys, in which they are sent.

use crate::{
    app::{
        claims,
        model::{Context, Pane},
    },
    entity::{job::Plan, risk::RiskLevel},
    table::{GroupKind, RowId},
};
use std::collections::HashMap;

/// Of more targets than this it is cheaper to go through the leaks pane than to sort them once more.
const MAX_SORTED_TARGETS: usize = 4_096;

/// The targets of a plan in the order of the view, by their places: first the changes of the plan, then what it leaves
/// alone. `rows` has the row of each, in that order, where it has one; those without one come last.
pub(super) fn order_targets(context: Context<'_>, plan: &Plan, rows: &[Option<RowId>]) -> Vec<u32> {
    let sum = plan.eligible.len() + plan.skipped.len();
    let places: HashMap<RowId, u32> = rows
        .iter()
        .take(sum)
        .zip(0..)
        .filter_map(|(row, place)| row.map(|row| (row, place)))
        .collect();
    let list = &context.workspace.leaks.list;
    let made = context.workspace.leaks.pending_sort.is_none()
        && context.workspace.leaks.next_order.is_none();
    let settled = made && context.workspace.leaks.grouping.is_none();
    let mut order = Vec::with_capacity(sum);
    let mut taken = vec![false; sum];
    let mut take = |place: u32, taken: &mut Vec<bool>| {
        if let Some(is) = taken.get_mut(place as usize).filter(|is| !**is) {
            *is = true;
            order.push(place);
        }
    };
    if settled && context.workspace.focus == Pane::Leaks && places.len() > MAX_SORTED_TARGETS {
        for place in list.order().iter().filter_map(|row| places.get(row)) {
            take(*place, &mut taken);
        }
    }
    let mut others: Vec<RowId> = rows
        .iter()
        .take(sum)
        .zip(&taken)
        .filter_map(|(row, taken)| row.filter(|_| !*taken))
        .collect();
    context
        .data
        .table
        .sort(&mut others, &context.workspace.leaks.sort);
    for place in others.iter().filter_map(|row| places.get(row)) {
        take(*place, &mut taken);
    }
    for place in 0..u32::try_from(sum).unwrap_or(u32::MAX) {
        take(place, &mut taken);
    }
    put_first(context, rows, &mut order);
    order
}

/// Puts the odd ones first; the others are grouped by profile and domain where they are few enough to be read. What is
/// alike stays in the order of the view.
fn put_first(context: Context<'_>, rows: &[Option<RowId>], order: &mut [u32]) {
    let table = &context.data.table;
    let few = order.len() <= MAX_SORTED_TARGETS;
    order.sort_by_cached_key(|place| {
        let place = *place as usize;
        let row = rows.get(place).copied().flatten();
        let is_plain = row.is_none_or(|row| !is_odd(context, row));
        let group = row.filter(|_| few).map(|row| {
            // By name: the numbers of groups depend on the order in which pages came.
            let domain = table
                .group(row, GroupKind::Domain)
                .map(|group| table.group_name(GroupKind::Domain, group));
            (table.slot(row), domain)
        });
        (is_plain, group)
    });
}

/// Whether a leak is one to look at before it is changed: of high risk, claimed by another, or of a status that the
/// provider contradicts.
fn is_odd(context: Context<'_>, row: RowId) -> bool {
    let table = &context.data.table;
    let risk = table.row(row).risk.map(|risk| risk.level);
    risk == Some(RiskLevel::High)
        || table.is_disputed(row)
        || claims::active_claim(context, row).is_some_and(|claim| !claim.is_own)
}
