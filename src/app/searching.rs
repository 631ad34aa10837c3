//! A filter of the leaks that takes long on many rows, in slices: keys come in between. Rows are looked at in the order
//! of the view, so that the first screen is there with the first of them; the rest follows when it is complete.

use super::{
    layout,
    model::{Pane, WorkspaceUpdate},
    view::{on_cursor_moved, put_first, set_rows},
};
use crate::{app::model::IncrementalSearch, filter::Filter, table::RowId};
use std::sync::Arc;

/// What is looked at in one turn: less than a key may wait.
const SLICE_ROWS: usize = 100_000;

/// Begins, and takes the first turn: most searches have their first screen then.
pub(super) fn begin(update: &mut WorkspaceUpdate<'_>, filter: &Filter, order: Arc<[RowId]>) {
    let scope = update.workspace.scope_groups();
    let selection = update.data.table.begin_selection(filter, &scope, order);
    update.workspace.leaks.pending_search = Some(IncrementalSearch {
        selection,
        cursors: None,
    });
    step(update, SLICE_ROWS);
}

/// What a slice of a search came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slice {
    /// Rows were looked at; whether the screen changes.
    Searched(bool),
    /// The table has changed since the search began: it has to begin again.
    Stale,
}

/// Looks at some more rows; `None` if no search is under way.
pub(super) fn run_slice(update: &mut WorkspaceUpdate<'_>) -> Option<Slice> {
    let searching = update.workspace.leaks.pending_search.as_ref()?;
    // While leaks come, the one that is next sees those that came meanwhile; begun anew with every page, none would end.
    if searching.selection.is_current_for(&update.data.table) || update.data.is_loading() {
        return Some(Slice::Searched(step(update, SLICE_ROWS)));
    }
    Some(Slice::Stale)
}

/// Looks at more rows. Answers whether the screen changes.
fn step(update: &mut WorkspaceUpdate<'_>, budget: usize) -> bool {
    let height = layout::rows(update.context(), Pane::Leaks);
    let Some(searching) = &mut update.workspace.leaks.pending_search else {
        return false;
    };
    if searching
        .selection
        .step(&update.data.table, &update.workspace.marks, budget)
    {
        end(update);
        return true;
    }
    // Groups are of all rows or wrong.
    let first = searching.cursors.is_none() && update.workspace.leaks.grouping.is_none();
    if !first || searching.selection.hits().len() < height {
        return false;
    }
    let rows = filter_marked(
        update.workspace.leaks.marked_only,
        &update.workspace.marks,
        searching.selection.hits(),
    );
    if rows.len() < height {
        return false;
    }
    let before = update.workspace.leaks.list.cursor();
    put_first(update, rows, height);
    let placed = update.workspace.leaks.list.cursor();
    if let Some(searching) = &mut update.workspace.leaks.pending_search {
        searching.cursors = Some((before, placed));
    }
    on_cursor_moved(update);
    true
}

fn end(update: &mut WorkspaceUpdate<'_>) {
    let Some(searching) = update.workspace.leaks.pending_search.take() else {
        return;
    };
    let cursors = searching.cursors;
    let made = searching.selection.generation();
    let hits = searching.selection.into_hits();
    let rows = filter_marked(
        update.workspace.leaks.marked_only,
        &update.workspace.marks,
        &hits,
    );
    set_rows(update, rows);
    update.workspace.leaks.built_from = made;
    // The first screen may have lacked the row that the cursor was on: it goes back, unless it was moved since.
    if let Some((Some(before), placed)) = cursors
        && placed == update.workspace.leaks.list.cursor()
        && placed != Some(before)
    {
        let height = layout::rows(update.context(), Pane::Leaks);
        update.workspace.leaks.list.put_back(before, height);
    }
    on_cursor_moved(update);
}

/// Of hits those that are shown.
fn filter_marked(marked_only: bool, marked: &crate::table::Marks, hits: &[RowId]) -> Vec<RowId> {
    let hits = hits.iter().copied();
    if marked_only {
        hits.filter(|row| marked.contains(*row)).collect()
    } else {
        hits.collect()
    }
}
