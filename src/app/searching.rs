//! A filter of the leaks that takes long on many rows, in turns: keys come in between. Rows are looked at in the order
//! of the view, so that the first screen is there with the first of them; the rest follows when it is complete.

use super::{layout, marks, model::Pane, model::WorkspaceUpdate, view};
use crate::app::model::Searching;
use crate::{
    action::{Action, Rows},
    filter::Filter,
    table::{Handle, Selection},
};
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

/// Takes the next turn, if there is one to take. Answers whether there was, and whether the screen changes.
pub(super) fn take_turn(update: &mut WorkspaceUpdate<'_>) -> Option<bool> {
    let searching = update.workspace.leaks.searching.as_ref()?;
    // While leaks come, the one that is next sees those that came meanwhile; begun anew with every page, none would end.
    if searching.selection.is_of(&update.data.table) || update.data.is_loading() {
        return Some(step(update, TURN));
    }
    // What it was made from is not what there is.
    view::refresh_leaks(update, false);
    Some(true)
}

/// Looks at all that is left, at once: something is done with what the filter takes, and a part of it will not do. What
/// has been read is in the view then, too.
pub(super) fn finish(update: &mut WorkspaceUpdate<'_>) {
    while update.workspace.leaks.searching.is_some() {
        if take_turn(update).is_none() {
            break;
        }
    }
    if !update.data.is_loading() {
        view::finish_leaks(update);
    }
}

/// What an action needs of the rows is there before it acts: all of a search, and the order of all.
pub(super) fn before(update: &mut WorkspaceUpdate<'_>, action: Action) {
    let (all, ordered) = match action.requirement().rows {
        Rows::None | Rows::Screen => (false, false),
        Rows::Found => (false, true),
        Rows::All => (true, false),
        Rows::Ordered => (true, true),
    };
    if all {
        finish(update);
    }
    if ordered {
        view::settle_all(update);
    }
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
    view::put_first(update, rows, height);
    let placed = update.workspace.leaks.list.cursor();
    if let Some(searching) = &mut update.workspace.leaks.searching {
        searching.cursors = Some((before, placed));
    }
    view::moved(update);
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
    view::put_leaks(update, rows);
    update.workspace.leaks.made = made;
    // The first screen may have lacked the row that the cursor was on: it goes back, unless it was moved since.
    if let Some((Some(before), placed)) = cursors
        && placed == update.workspace.leaks.list.cursor()
        && placed != Some(before)
    {
        let height = layout::rows(update.context(), Pane::Leaks);
        update.workspace.leaks.list.put_back(before, height);
    }
    view::moved(update);
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

/// Marks changed: what a filter of marks takes is made again.
pub(super) fn marks_changed(update: &mut WorkspaceUpdate<'_>) {
    if update.workspace.leaks.marked_only
        || marks::are_asked_for(&update.workspace.leaks.filter.filter)
    {
        view::refresh_leaks(update, false);
    }
    for pane in [Pane::Domains, Pane::Users, Pane::Connections] {
        let asked = |state: &super::model::FilterState| marks::are_asked_for(&state.filter);
        if update.workspace.filter(pane).is_some_and(asked) {
            view::refresh_groups(update, pane);
        }
    }
}
