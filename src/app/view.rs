//! Makes the panes' orders from the table: scope, filter, sort. While pages stream in, a few times a second.
//!
//! What takes longer than a key may wait is done in turns, between one message and the next: an order of many leaks is
//! cast into parts, of which those on the screen are sorted at once and the others turn by turn ([`Sorting`]); groups
//! are made one pane a turn, and not at all for a pane that is not on the screen. What needs a whole order, such as a
//! range of marks, has the rest of it sorted first.

mod groups;
mod lacking;
pub(super) mod limits;
mod listed;
mod making;
mod pending;
mod rest;
mod rows;

pub use groups::{make, refresh_groups};
pub(super) use listed::{refresh_listed, refresh_listed_soon, shows_listed_at_once};
pub use pending::{Made, Making};
pub use rest::{REST, connections, moved, rest_now};
pub(in crate::app) use rows::{put_first, put_leaks};
pub use rows::{settle_all, settle_screen};

use groups::{in_scope, put, refresh_groups_of};
use rest::rest_soon;
use rows::show;

use super::{
    layout,
    model::{Context, Pane, Whole, WorkspaceUpdate},
    searching::{self, Slice},
};
use crate::{
    action::{Action, Rows},
    filter::Filter,
    table::{Handle, Sorting},
};
use std::{sync::Arc, time::Duration};
use strum::IntoEnumIterator;

/// While something streams in, the views are made again this often; of many rows less often.
pub const REPAINT: Duration = Duration::from_millis(250);

/// While something streams in, what is made of the leaks is made again this often; of many rows less often.
pub const GROUPS: Duration = Duration::from_secs(1);

/// So many rows are cast in one turn.
const CAST: usize = 16_384;
/// So many rows are sorted in one turn.
const SETTLE: usize = 8_192;

/// So many leaks or groups are counted or sorted in one turn.
const PORTION: usize = 8_192;

/// What is made of many rows is made less often: it takes its share of the time, not all of it. For each row it waits
/// many times what it takes for it.
fn wait(context: Context<'_>, least: Duration, a_row: Duration) -> Duration {
    least.max(a_row * context.data.table.len() as u32)
}

/// How long the leaks are left as they are for each of them, while more come.
const A_LEAK: Duration = Duration::from_micros(3);
/// The same of their groups.
const IN_GROUPS: Duration = Duration::from_micros(10);

/// Makes the views again that are due while something streams in: the leaks, and from time to time their groups.
pub fn refresh_due(update: &mut WorkspaceUpdate<'_>) {
    update.workspace.views_due = None;
    let groups = !update.data.is_loading()
        || update.now.since_start
            >= update.workspace.groups_made + wait(update.context(), GROUPS, IN_GROUPS);
    if update.data.table.len() <= limits::AT_ONCE {
        return if groups {
            refresh(update);
        } else {
            refresh_leaks(update, false);
        };
    }
    // One that is on its way is of what there was, and not begun anew: else none would ever come.
    if update.workspace.leaks.searching.is_none() && update.workspace.leaks.coming.is_none() {
        begin_leaks(update);
    }
    if groups {
        all_groups_are_stale(update);
    }
}

/// Begins to make the leaks pane again, in turns.
fn begin_leaks(update: &mut WorkspaceUpdate<'_>) {
    let filter = update.workspace.leaks.filter.filter.at(update.now.wall);
    if filter.is_slow() {
        // It comes in turns by itself.
        return refresh_leaks(update, false);
    }
    update.workspace.leaks.searching = None;
    let rows = chosen(update.context(), &filter, None);
    let sorting = Sorting::new(&update.data.table, rows, &update.workspace.leaks.sort);
    update.workspace.leaks.coming = Some((sorting, update.data.table.leaks_generation()));
}

/// Makes every view again: at once where that is quick, else in turns, so that a key never waits for all of them.
pub fn refresh_in_turns(update: &mut WorkspaceUpdate<'_>) {
    if update.data.table.len() <= limits::AT_ONCE || update.setup.headless {
        return refresh(update);
    }
    update.workspace.views_due = None;
    begin_leaks(update);
    all_groups_are_stale(update);
    if next_stale(update.context()).is_none() {
        rest_now(update);
    }
}

fn all_groups_are_stale(update: &mut WorkspaceUpdate<'_>) {
    update.workspace.groups_made = update.now.since_start;
    update.workspace.stale_groups = vec![Pane::Connections, Pane::Users, Pane::Domains];
}

/// Whether there is something to do in turns. A pane that is not on the screen can wait until it is.
pub fn has_turns(context: Context<'_>) -> bool {
    context.workspace.leaks.searching.is_some()
        || context.workspace.leaks.coming.is_some()
        || sorts_on(context)
        || !context.workspace.making.is_empty()
        || next_stale(context).is_some()
}

/// While leaks come, an order that nobody sees is not worth the time: the next one is on its way.
fn sorts_on(context: Context<'_>) -> bool {
    context.workspace.leaks.sorting.is_some() && !context.data.is_loading()
}

fn next_stale(context: Context<'_>) -> Option<usize> {
    if context.workspace.stale_groups.is_empty() {
        return None;
    }
    let areas = layout::areas(context);
    let shown = |pane: &Pane| areas.pane(*pane).is_some();
    context.workspace.stale_groups.iter().rposition(shown)
}

/// Does what is next in turn. Answers whether the screen may look different now.
pub fn take_turn(update: &mut WorkspaceUpdate<'_>) -> bool {
    if let Some(changed) = search_on(update) {
        return changed;
    }
    if update.workspace.leaks.coming.is_some() {
        return take_leaks_turn(update, CAST);
    }
    if let Some(turned) = take_group_turn(update) {
        return turned;
    }
    if sorts_on(update.context())
        && let Some(sorting) = &mut update.workspace.leaks.sorting
    {
        if sorting.settle(
            &update.data.table,
            update.workspace.leaks.list.order_mut(),
            SETTLE,
        ) {
            update.workspace.leaks.sorting = None;
        }
        return false;
    }
    let Some(at) = next_stale(update.context()) else {
        return false;
    };
    let pane = update.workspace.stale_groups.remove(at);
    refresh_groups(update, pane);
    let made = update.workspace.making.is_empty();
    if made && next_stale(update.context()).is_none() {
        rest_now(update);
    }
    made
}

/// Searches on, if a search is under way; whether the screen changes.
fn search_on(update: &mut WorkspaceUpdate<'_>) -> Option<bool> {
    Some(match searching::run_slice(update)? {
        Slice::Searched(changed) => changed,
        Slice::Stale => {
            refresh_leaks(update, false);
            true
        }
    })
}

/// Looks at all that is left, at once: something is done with what the filter takes, and a part of it will not do. What
/// has been read is in the view then, too.
pub(super) fn finish_search(update: &mut WorkspaceUpdate<'_>) {
    while update.workspace.leaks.searching.is_some() {
        if search_on(update).is_none() {
            break;
        }
    }
    if !update.data.is_loading() {
        finish_leaks(update);
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
        finish_search(update);
    }
    if ordered {
        settle_all(update);
    }
}

/// Casts some more of the leaks that are on their way to their pane; whether they are there now.
fn take_leaks_turn(update: &mut WorkspaceUpdate<'_>, some: usize) -> bool {
    let Some((sorting, made)) = &mut update.workspace.leaks.coming else {
        return false;
    };
    let Some(order) = sorting.cast(&update.data.table, some) else {
        return false;
    };
    let made = *made;
    if let Some((sorting, _)) = update.workspace.leaks.coming.take() {
        show(update, sorting, order, made);
        rest_soon(update);
    }
    true
}

/// Brings the leaks that are on their way to their pane at once.
pub(super) fn finish_leaks(update: &mut WorkspaceUpdate<'_>) {
    take_leaks_turn(update, usize::MAX);
}

/// A portion of groups in the making, if there are any; whether the screen changes.
fn take_group_turn(update: &mut WorkspaceUpdate<'_>) -> Option<bool> {
    let mut making = update.workspace.making.pop()?;
    let pane = making.pane();
    match making.step(update.context(), PORTION) {
        None => {
            update.workspace.making.push(making);
            Some(false)
        }
        Some(made) => {
            put(update, pane, made);
            if update.workspace.making.is_empty() && next_stale(update.context()).is_none() {
                rest_soon(update);
            }
            Some(true)
        }
    }
}

/// Makes every view again, now; of many leaks the groups in turns.
pub fn refresh(update: &mut WorkspaceUpdate<'_>) {
    update.workspace.views_due = None;
    if update.data.table.len() > limits::AT_ONCE && !update.setup.headless {
        refresh_leaks(update, false);
        all_groups_are_stale(update);
        if next_stale(update.context()).is_none() {
            rest_now(update);
        }
        return;
    }
    update.workspace.groups_made = update.now.since_start;
    update.workspace.stale_groups.clear();
    refresh_leaks(update, false);
    let rows = in_scope(update.context());
    for pane in [Pane::Domains, Pane::Users, Pane::Connections] {
        refresh_groups_of(update, pane, &rows);
    }
    rest_now(update);
}

/// Makes every view again soon; at once where that is asked for and quick.
pub fn refresh_soon(update: &mut WorkspaceUpdate<'_>, at_once: bool) {
    if update.setup.headless {
        return;
    }
    let now = update.now.since_start;
    if at_once && update.data.table.len() <= limits::AT_ONCE {
        return refresh(update);
    }
    let wait = if update.data.is_loading() {
        wait(update.context(), REPAINT, A_LEAK)
    } else {
        REPAINT
    };
    match update.workspace.views_due {
        None => update.workspace.views_due = Some(now + wait),
        // Where messages come without a pause, nothing else would say that it is time.
        Some(due) if due <= now => refresh_due(update),
        Some(_) if update.workspace.leaks.coming.is_some() => {
            take_turn(update);
        }
        Some(_) => {}
    }
}

/// Makes the leaks pane again; `narrowed` says that every new hit is among the old ones.
pub fn refresh_leaks(update: &mut WorkspaceUpdate<'_>, narrowed: bool) {
    // The old hits stand for the table only while it has not changed since, and when they are all there.
    let narrowed = narrowed
        && update.workspace.leaks.made == update.data.table.leaks_generation()
        && update.workspace.leaks.searching.is_none();
    update.workspace.leaks.searching = None;
    update.workspace.leaks.coming = None;
    let filter = update.workspace.leaks.filter.filter.at(update.now.wall);
    if filter.is_slow() && update.data.table.len() > limits::AT_ONCE && !update.setup.headless {
        let order = if narrowed {
            settle_all(update);
            update.workspace.leaks.list.order().into()
        } else {
            whole(update)
        };
        return searching::begin(update, &filter, order);
    }
    let within = narrowed.then(|| update.workspace.leaks.list.order());
    let mut rows = chosen(update.context(), &filter, within);
    // What was selected out of an old order is in that order: it needs no sort.
    let sorted = narrowed && update.workspace.leaks.sorting.is_none();
    if !sorted && rows.len() > limits::AT_ONCE && !update.setup.headless {
        let mut sorting = Sorting::new(&update.data.table, rows, &update.workspace.leaks.sort);
        if let Some(order) = sorting.cast(&update.data.table, usize::MAX) {
            let made = update.data.table.leaks_generation();
            show(update, sorting, order, made);
        }
        return;
    }
    if !sorted {
        update
            .data
            .table
            .sort(&mut rows, &update.workspace.leaks.sort);
    }
    put_leaks(update, rows);
}

/// The leaks that scope, filter and marks choose.
fn chosen(context: Context<'_>, filter: &Filter, within: Option<&[Handle]>) -> Vec<Handle> {
    let scope = context.workspace.scope_groups();
    let mut rows = context
        .data
        .table
        .select(filter, &scope, within, &context.workspace.marks);
    if context.workspace.leaks.marked_only {
        rows.retain(|handle| context.workspace.marks.contains(*handle));
    }
    rows
}

/// Every row in the order of the sort, which is made when the table or the sort changed: a search that takes long
/// goes along it, so that what it finds first is what stands first.
fn whole(update: &mut WorkspaceUpdate<'_>) -> Arc<[Handle]> {
    let (made, sort) = (
        update.data.table.leaks_generation(),
        &update.workspace.leaks.sort,
    );
    if let Some(whole) = &update.workspace.leaks.whole
        && whole.made == made
        && whole.sort == *sort
    {
        return Arc::clone(&whole.rows);
    }
    // The old one is of no use, and two are in no one's way.
    update.workspace.leaks.whole = None;
    let leaks = &update.workspace.leaks;
    let all = update.data.table.rows();
    let shows_all = leaks.list.order().len() == all;
    let rows = if shows_all && leaks.made == made && leaks.sorted_by == leaks.sort {
        settle_all(update);
        update.workspace.leaks.list.order().into()
    } else {
        let mut rows: Vec<Handle> = (0..all as u32).map(Handle).collect();
        update
            .data
            .table
            .sort(&mut rows, &update.workspace.leaks.sort);
        rows.into()
    };
    let sort = update.workspace.leaks.sort.clone();
    let whole = Whole { made, sort, rows };
    let rows = Arc::clone(&whole.rows);
    update.workspace.leaks.whole = Some(whole);
    rows
}

/// The window was resized, or another pane has the focus: every cursor stays on its screen.
pub fn fit(update: &mut WorkspaceUpdate<'_>) {
    // What nobody saw may be older than the leaks; it is not shown like that.
    let focus = update.workspace.focus;
    if update.workspace.stale_groups.contains(&focus) {
        update.workspace.stale_groups.retain(|pane| *pane != focus);
        refresh_groups(update, focus);
    }
    for pane in Pane::iter() {
        let height = layout::rows(update.context(), pane);
        match pane {
            Pane::Leaks => {
                update.workspace.leaks.list.follow(height);
                if let Some(groups) = update.workspace.groups_mut(pane) {
                    groups.list.follow(height);
                }
            }
            Pane::Jobs => update.workspace.jobs.list.follow(height),
            Pane::Domains | Pane::Users | Pane::Connections => {
                if let Some(groups) = update.workspace.groups_mut(pane) {
                    groups.list.follow(height);
                }
            }
        }
    }
}
