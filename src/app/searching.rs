//! A filter of the leaks that takes long on many rows, in turns: keys come in between. Rows are looked at in the order
//! of the view, so that the first screen is there with the first of them; the rest follows when it is complete.

use super::{
    layout,
    model::{Pane, WorkspaceUpdate},
    view::{moved, put_first, put_leaks},
};
use crate::{app::model::Searching, filter::Filter, table::Handle};
use std::sync::Arc;

/// What is looked at in one turn: less than a key may wait.
const TURN: usize = 100_000;

/// Begins, and takes the first turn: most searches have their first screen then.
pub(super) fn begin(update: &mut WorkspaceUpdate<'_>, filter: &Filter, order: Arc<[Handle]>) {
    let scope = update.workspace.scope_groups();
    let selection = update.data.table.selection(filter, &scope, order);
    update.workspace.leaks.searching = Some(Searching {
        selection,
        cursors: None,
    });
    step(update, TURN);
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
    let searching = update.workspace.leaks.searching.as_ref()?;
    // While leaks come, the one that is next sees those that came meanwhile; begun anew with every page, none would end.
    if searching.selection.is_of(&update.data.table) || update.data.is_loading() {
        return Some(Slice::Searched(step(update, TURN)));
    }
    Some(Slice::Stale)
}

/// Looks at more rows. Answers whether the screen changes.
fn step(update: &mut WorkspaceUpdate<'_>, budget: usize) -> bool {
    let height = layout::rows(update.context(), Pane::Leaks);
    let Some(searching) = &mut update.workspace.leaks.searching else {
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
    let rows = shown(
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
    if let Some(searching) = &mut update.workspace.leaks.searching {
        searching.cursors = Some((before, placed));
    }
    moved(update);
    true
}

fn end(update: &mut WorkspaceUpdate<'_>) {
    let Some(searching) = update.workspace.leaks.searching.take() else {
        return;
    };
    let cursors = searching.cursors;
    let made = searching.selection.generation();
    let hits = searching.selection.into_hits();
    let rows = shown(
        update.workspace.leaks.marked_only,
        &update.workspace.marks,
        &hits,
    );
    put_leaks(update, rows);
    update.workspace.leaks.made = made;
    // The first screen may have lacked the row that the cursor was on: it goes back, unless it was moved since.
    if let Some((Some(before), placed)) = cursors
        && placed == update.workspace.leaks.list.cursor()
        && placed != Some(before)
    {
        let height = layout::rows(update.context(), Pane::Leaks);
        update.workspace.leaks.list.put_back(before, height);
    }
    moved(update);
}

/// Of hits those that are shown.
fn shown(marked_only: bool, marked: &crate::table::Marks, hits: &[Handle]) -> Vec<Handle> {
    let hits = hits.iter().copied();
    if marked_only {
        hits.filter(|row| marked.contains(*row)).collect()
    } else {
        hits.collect()
    }
}
