//! The order in which a plan shows its targets: that of the leaks pane, which the operator has read, and not the order
//! of their keys, in which they are sent.

use crate::{
    app::model::{Context, Pane},
    entity::job::Plan,
    table::Handle,
};
use std::collections::HashMap;

/// Of more targets than this it is cheaper to go through the leaks pane than to sort them once more.
const MANY: usize = 4_096;

/// The targets of a plan in the order of the view, by their places: first the changes of the plan, then what it leaves
/// alone. `rows` has the row of each, in that order, where it has one; those without one come last.
pub(super) fn of(context: Context<'_>, plan: &Plan, rows: &[Option<Handle>]) -> Vec<u32> {
    let sum = plan.eligible.len() + plan.skipped.len();
    let places: HashMap<Handle, u32> = rows
        .iter()
        .take(sum)
        .zip(0..)
        .filter_map(|(row, place)| row.map(|row| (row, place)))
        .collect();
    let list = &context.workspace.leaks.list;
    let made =
        context.workspace.leaks.sorting.is_none() && context.workspace.leaks.coming.is_none();
    let settled = made && context.workspace.leaks.grouping.is_none();
    let mut order = Vec::with_capacity(sum);
    let mut taken = vec![false; sum];
    let mut take = |place: u32, taken: &mut Vec<bool>| {
        if let Some(is) = taken.get_mut(place as usize).filter(|is| !**is) {
            *is = true;
            order.push(place);
        }
    };
    if settled && context.workspace.focus == Pane::Leaks && places.len() > MANY {
        for place in list.order().iter().filter_map(|row| places.get(row)) {
            take(*place, &mut taken);
        }
    }
    let mut others: Vec<Handle> = rows
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
    order
}
