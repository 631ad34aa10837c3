//! Puts rows of leaks into their pane: all of them, the first that were found, or an order that is not finished.

use super::lacking;
use crate::{
    app::{
        grouping, layout,
        model::{Pane, WorkspaceUpdate},
    },
    table::{IncrementalSort, Marks, RowId},
};

/// Shows these leaks, which are in order.
pub(in crate::app) fn set_rows(update: &mut WorkspaceUpdate<'_>, rows: Vec<RowId>) {
    let height = layout::rows(update.context(), Pane::Leaks);
    put_first(update, rows, height);
    update.workspace.leaks.built_from = update.data.table.leaks_generation();
    on_rows_set(update, height);
}

/// Puts leaks that are in order on the screen: all of them, or the first that were found.
pub(in crate::app) fn put_first(update: &mut WorkspaceUpdate<'_>, rows: Vec<RowId>, height: usize) {
    update.workspace.leaks.pending_sort = None;
    update
        .workspace
        .leaks
        .effective_sort
        .clone_from(&update.workspace.leaks.sort);
    update.workspace.leaks.visible_rows = rows.iter().copied().collect();
    update.workspace.leaks.list.set_order(rows, height);
}

/// The rows of the leaks pane are there: what hangs on them is made.
fn on_rows_set(update: &mut WorkspaceUpdate<'_>, height: usize) {
    update.workspace.leaks.missing_value_count = lacking::count_missing_values(update.context());
    on_order_changed(update, height);
    grouping::refresh(update);
}

/// What follows every new order of the leaks: the cursor that is sought, widths, a picture that is open.
fn on_order_changed(update: &mut WorkspaceUpdate<'_>, height: usize) {
    restore_cursor(update, height);
    update.workspace.columns.measure(&update.data.table);
    update.workspace.leaks_changed = true;
}

/// Shows an order whose rows are in their parts: what is on the screen is put in order, the rest follows in slices.
pub(super) fn open_list(
    update: &mut WorkspaceUpdate<'_>,
    mut sorting: IncrementalSort,
    mut order: Vec<RowId>,
    made: u64,
) {
    let height = layout::rows(update.context(), Pane::Leaks);
    let (table, list) = (&update.data.table, &mut update.workspace.leaks.list);
    let found = list.held().and_then(|held| {
        let around = sorting.bucket_at(table, held);
        sorting.sort_at(table, &mut order, &around);
        let part = order.get(around.clone()).unwrap_or_default();
        let place = part.iter().position(|row| *row == held);
        place.map(|place| around.start + place).or_else(|| {
            // Its value changed while the order was made.
            order.iter().position(|row| *row == held)
        })
    });
    let place = match list.held() {
        Some(_) => found.unwrap_or(list.position()),
        None => 0,
    };
    let place = place.min(order.len().saturating_sub(1));
    sorting.sort_at(table, &mut order, &(place..place + 1));
    update.workspace.leaks.visible_rows = if order.len() == table.row_id_count() {
        Marks::with_first(order.len())
    } else {
        order.iter().copied().collect()
    };
    list.set_order_at(order, found, height);
    update
        .workspace
        .leaks
        .effective_sort
        .clone_from(&update.workspace.leaks.sort);
    update.workspace.leaks.pending_sort = Some(sorting);
    update.workspace.leaks.built_from = made;
    on_rows_set(update, height);
    sort_visible(update);
}

/// Puts the leaks in order that are on the screen, and those that a key may bring there.
pub fn sort_visible(update: &mut WorkspaceUpdate<'_>) {
    if update.workspace.leaks.pending_sort.is_none() {
        return;
    }
    let height = layout::rows(update.context(), Pane::Leaks);
    let list = &mut update.workspace.leaks.list;
    let rows = list.order().len();
    let from = list.offset().saturating_sub(2 * height);
    let places = from..(list.offset() + 3 * height).min(rows);
    if let Some(sorting) = &mut update.workspace.leaks.pending_sort
        && !sorting.is_sorted_at(&places)
    {
        sorting.sort_at(&update.data.table, list.order_mut(), &places);
        list.hold(height);
    }
}

/// Puts all leaks of the view in order: before something is done that needs more of it than the screen.
pub fn sort_all(update: &mut WorkspaceUpdate<'_>) {
    if let Some(mut sorting) = update.workspace.leaks.pending_sort.take() {
        sorting.sort_some(
            &update.data.table,
            update.workspace.leaks.list.order_mut(),
            usize::MAX,
        );
        let height = layout::rows(update.context(), Pane::Leaks);
        update.workspace.leaks.list.hold(height);
    }
}

/// The rows of the leaks pane are made: is the leak among them that the cursor shall stand on? Until somebody moves it,
/// and while more is to come, it is looked for.
fn restore_cursor(update: &mut WorkspaceUpdate<'_>, height: usize) {
    let Some(key) = &update.workspace.leaks.restore_cursor else {
        return;
    };
    let found = update.data.table.find(key);
    let list = &mut update.workspace.leaks.list;
    let ends = list.is_moved() || found.is_some_and(|leak| list.set_cursor(leak, height));
    if ends || update.data.is_complete() {
        update.workspace.leaks.restore_cursor = None;
    }
}
