//! A filter of the leaks that takes long on many rows, in turns: keys come in between. Rows are looked at in the order
//! of the view, so that the first screen is there with the first of them; the rest follows when it is complete.

use super::{layout, marks, model::Model, model::Pane, view};
use crate::{
    action::{Action, Rows},
    filter::Filter,
    table::{Handle, Selection},
};
use std::sync::Arc;

/// What is looked at in one turn: less than a key may wait.
const TURN: usize = 100_000;

/// A search that is under way.
#[derive(Clone, Debug)]
pub struct Searching {
    selection: Selection,
    /// The cursor before, and the one that the first screen got, once that is shown.
    cursors: Option<(Option<Handle>, Option<Handle>)>,
}

/// Begins, and takes the first turn: most searches have their first screen then.
pub(super) fn begin(model: &mut Model, filter: &Filter, order: Arc<[Handle]>) {
    let scope = model.workspace.scope_groups();
    let selection = model.data.table.selection(filter, &scope, order);
    model.workspace.leaks.searching = Some(Searching {
        selection,
        cursors: None,
    });
    step(model, TURN);
}

/// Takes the next turn, if there is one to take. Answers whether there was, and whether the screen changes.
pub(super) fn take_turn(model: &mut Model) -> Option<bool> {
    let searching = model.workspace.leaks.searching.as_ref()?;
    // While leaks come, the one that is next sees those that came meanwhile; begun anew with every page, none would end.
    if searching.selection.is_of(&model.data.table) || model.data.is_loading() {
        return Some(step(model, TURN));
    }
    // What it was made from is not what there is.
    view::refresh_leaks(model, false);
    Some(true)
}

/// Looks at all that is left, at once: something is done with what the filter takes, and a part of it will not do. What
/// has been read is in the view then, too.
pub(super) fn finish(model: &mut Model) {
    while model.workspace.leaks.searching.is_some() {
        if take_turn(model).is_none() {
            break;
        }
    }
    if !model.data.is_loading() {
        view::finish_leaks(model);
    }
}

/// What an action needs of the rows is there before it acts: all of a search, and the order of all.
pub(super) fn before(model: &mut Model, action: Action) {
    let (all, ordered) = match action.requirement().rows {
        Rows::None | Rows::Screen => (false, false),
        Rows::Found => (false, true),
        Rows::All => (true, false),
        Rows::Ordered => (true, true),
    };
    if all {
        finish(model);
    }
    if ordered {
        view::settle_all(model);
    }
}

/// Looks at more rows. Answers whether the screen changes.
fn step(model: &mut Model, budget: usize) -> bool {
    let height = layout::rows(model.context(), Pane::Leaks);
    let Some(searching) = &mut model.workspace.leaks.searching else {
        return false;
    };
    if searching
        .selection
        .step(&model.data.table, &model.workspace.marks, budget)
    {
        end(model);
        return true;
    }
    // Groups are of all rows or wrong.
    let first = searching.cursors.is_none() && model.workspace.leaks.grouping.is_none();
    if !first || searching.selection.hits().len() < height {
        return false;
    }
    let rows = shown(
        model.workspace.leaks.marked_only,
        &model.workspace.marks,
        searching.selection.hits(),
    );
    if rows.len() < height {
        return false;
    }
    let before = model.workspace.leaks.list.cursor();
    view::put_first(model, rows, height);
    let placed = model.workspace.leaks.list.cursor();
    if let Some(searching) = &mut model.workspace.leaks.searching {
        searching.cursors = Some((before, placed));
    }
    view::moved(model);
    true
}

fn end(model: &mut Model) {
    let Some(searching) = model.workspace.leaks.searching.take() else {
        return;
    };
    let cursors = searching.cursors;
    let made = searching.selection.generation();
    let hits = searching.selection.into_hits();
    let rows = shown(
        model.workspace.leaks.marked_only,
        &model.workspace.marks,
        &hits,
    );
    view::put_leaks(model, rows);
    model.workspace.leaks.made = made;
    // The first screen may have lacked the row that the cursor was on: it goes back, unless it was moved since.
    if let Some((Some(before), placed)) = cursors
        && placed == model.workspace.leaks.list.cursor()
        && placed != Some(before)
    {
        let height = layout::rows(model.context(), Pane::Leaks);
        model.workspace.leaks.list.put_back(before, height);
    }
    view::moved(model);
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
pub(super) fn marks_changed(model: &mut Model) {
    if model.workspace.leaks.marked_only
        || marks::are_asked_for(&model.workspace.leaks.filter.filter)
    {
        view::refresh_leaks(model, false);
    }
    for pane in [Pane::Domains, Pane::Users, Pane::Connections] {
        let asked = |state: &super::model::FilterState| marks::are_asked_for(&state.filter);
        if model.workspace.filter(pane).is_some_and(asked) {
            view::refresh_groups(model, pane);
        }
    }
}
