//! Makes the panes' orders from the table: scope, filter, sort. While pages stream in, a few times a second.
//!
//! What takes longer than a key may wait is done in turns, between one message and the next: an order of many leaks is
//! cast into parts, of which those on the screen are sorted at once and the others turn by turn ([`Sorting`]); groups
//! are made one pane a turn, and not at all for a pane that is not on the screen. What needs a whole order, such as a
//! range of marks, has the rest of it sorted first.

mod groups;
mod lacking;
mod listed;
mod making;
mod rest;

pub(super) use groups::make;
pub use groups::{kind_of, kinds_of, refresh_groups};
pub(super) use listed::{refresh_listed, refresh_listed_soon, shows_listed_at_once};
pub use making::{Made, Making};
pub use rest::{REST, connections, moved, rest_now};

use groups::{in_scope, put, refresh_groups_of};
use rest::rest_soon;

use super::{
    facets, layout, memory,
    model::{Context, Model, Pane, Whole},
    searching,
};
use crate::{
    filter::Filter,
    table::{Handle, Marks, Sorting},
};
use std::{sync::Arc, time::Duration};
use strum::IntoEnumIterator;

/// While something streams in, the views are made again this often; of many rows less often.
pub const REPAINT: Duration = Duration::from_millis(250);

/// While something streams in, what is made of the leaks is made again this often; of many rows less often.
pub const GROUPS: Duration = Duration::from_secs(1);

/// Up to so many rows all views are made in one go, in less time than a key may wait.
const AT_ONCE: usize = 20_000;
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
pub fn refresh_due(model: &mut Model) {
    model.workspace.views_due = None;
    let groups = !model.data.is_loading()
        || model.now.since_start
            >= model.workspace.groups_made + wait(model.context(), GROUPS, IN_GROUPS);
    if model.data.table.len() <= AT_ONCE {
        return if groups {
            refresh(model);
        } else {
            refresh_leaks(model, false);
        };
    }
    // One that is on its way is of what there was, and not begun anew: else none would ever come.
    if model.workspace.leaks.searching.is_none() && model.workspace.leaks.coming.is_none() {
        begin_leaks(model);
    }
    if groups {
        all_groups_are_stale(model);
    }
}

/// Begins to make the leaks pane again, in turns.
fn begin_leaks(model: &mut Model) {
    let filter = model.workspace.leaks.filter.filter.at(model.now.wall);
    if filter.is_slow() {
        // It comes in turns by itself.
        return refresh_leaks(model, false);
    }
    model.workspace.leaks.searching = None;
    let rows = chosen(model.context(), &filter, None);
    let sorting = Sorting::new(&model.data.table, rows, &model.workspace.leaks.sort);
    model.workspace.leaks.coming = Some((sorting, model.data.table.leaks_generation()));
}

/// Makes every view again: at once where that is quick, else in turns, so that a key never waits for all of them.
pub fn refresh_in_turns(model: &mut Model) {
    if model.data.table.len() <= AT_ONCE || model.setup.headless {
        return refresh(model);
    }
    model.workspace.views_due = None;
    begin_leaks(model);
    all_groups_are_stale(model);
    if next_stale(model.context()).is_none() {
        rest_now(model);
    }
}

fn all_groups_are_stale(model: &mut Model) {
    model.workspace.groups_made = model.now.since_start;
    model.workspace.stale_groups = vec![Pane::Connections, Pane::Users, Pane::Domains];
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
pub fn take_turn(model: &mut Model) -> bool {
    if let Some(changed) = searching::take_turn(model) {
        return changed;
    }
    if model.workspace.leaks.coming.is_some() {
        return take_leaks_turn(model, CAST);
    }
    if let Some(turned) = take_group_turn(model) {
        return turned;
    }
    if sorts_on(model.context())
        && let Some(sorting) = &mut model.workspace.leaks.sorting
    {
        if sorting.settle(
            &model.data.table,
            model.workspace.leaks.list.order_mut(),
            SETTLE,
        ) {
            model.workspace.leaks.sorting = None;
        }
        return false;
    }
    let Some(at) = next_stale(model.context()) else {
        return false;
    };
    let pane = model.workspace.stale_groups.remove(at);
    refresh_groups(model, pane);
    let made = model.workspace.making.is_empty();
    if made && next_stale(model.context()).is_none() {
        rest_now(model);
    }
    made
}

/// Casts some more of the leaks that are on their way to their pane; whether they are there now.
fn take_leaks_turn(model: &mut Model, some: usize) -> bool {
    let Some((sorting, made)) = &mut model.workspace.leaks.coming else {
        return false;
    };
    let Some(order) = sorting.cast(&model.data.table, some) else {
        return false;
    };
    let made = *made;
    if let Some((sorting, _)) = model.workspace.leaks.coming.take() {
        show(model, sorting, order, made);
        rest_soon(model);
    }
    true
}

/// Brings the leaks that are on their way to their pane at once.
pub(super) fn finish_leaks(model: &mut Model) {
    take_leaks_turn(model, usize::MAX);
}

/// A portion of groups in the making, if there are any; whether the screen changes.
fn take_group_turn(model: &mut Model) -> Option<bool> {
    let mut making = model.workspace.making.pop()?;
    let pane = making.pane();
    match making.step(model.context(), PORTION) {
        None => {
            model.workspace.making.push(making);
            Some(false)
        }
        Some(made) => {
            put(model, pane, made);
            if model.workspace.making.is_empty() && next_stale(model.context()).is_none() {
                rest_soon(model);
            }
            Some(true)
        }
    }
}

/// Makes every view again, now; of many leaks the groups in turns.
pub fn refresh(model: &mut Model) {
    model.workspace.views_due = None;
    if model.data.table.len() > AT_ONCE && !model.setup.headless {
        refresh_leaks(model, false);
        all_groups_are_stale(model);
        if next_stale(model.context()).is_none() {
            rest_now(model);
        }
        return;
    }
    model.workspace.groups_made = model.now.since_start;
    model.workspace.stale_groups.clear();
    refresh_leaks(model, false);
    let rows = in_scope(model.context());
    for pane in [Pane::Domains, Pane::Users, Pane::Connections] {
        refresh_groups_of(model, pane, &rows);
    }
    rest_now(model);
}

/// Makes every view again soon; at once where that is asked for and quick.
pub fn refresh_soon(model: &mut Model, at_once: bool) {
    if model.setup.headless {
        return;
    }
    let now = model.now.since_start;
    if at_once && model.data.table.len() <= AT_ONCE {
        return refresh(model);
    }
    let wait = if model.data.is_loading() {
        wait(model.context(), REPAINT, A_LEAK)
    } else {
        REPAINT
    };
    match model.workspace.views_due {
        None => model.workspace.views_due = Some(now + wait),
        // Where messages come without a pause, nothing else would say that it is time.
        Some(due) if due <= now => refresh_due(model),
        Some(_) if model.workspace.leaks.coming.is_some() => {
            take_turn(model);
        }
        Some(_) => {}
    }
}

/// Makes the leaks pane again; `narrowed` says that every new hit is among the old ones.
pub fn refresh_leaks(model: &mut Model, narrowed: bool) {
    // The old hits stand for the table only while it has not changed since, and when they are all there.
    let narrowed = narrowed
        && model.workspace.leaks.made == model.data.table.leaks_generation()
        && model.workspace.leaks.searching.is_none();
    model.workspace.leaks.searching = None;
    model.workspace.leaks.coming = None;
    let filter = model.workspace.leaks.filter.filter.at(model.now.wall);
    if filter.is_slow() && model.data.table.len() > AT_ONCE && !model.setup.headless {
        let order = if narrowed {
            settle_all(model);
            model.workspace.leaks.list.order().into()
        } else {
            whole(model)
        };
        return searching::begin(model, &filter, order);
    }
    let within = narrowed.then(|| model.workspace.leaks.list.order());
    let mut rows = chosen(model.context(), &filter, within);
    // What was selected out of an old order is in that order: it needs no sort.
    let sorted = narrowed && model.workspace.leaks.sorting.is_none();
    if !sorted && rows.len() > AT_ONCE && !model.setup.headless {
        let mut sorting = Sorting::new(&model.data.table, rows, &model.workspace.leaks.sort);
        if let Some(order) = sorting.cast(&model.data.table, usize::MAX) {
            let made = model.data.table.leaks_generation();
            show(model, sorting, order, made);
        }
        return;
    }
    if !sorted {
        model
            .data
            .table
            .sort(&mut rows, &model.workspace.leaks.sort);
    }
    put_leaks(model, rows);
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
fn whole(model: &mut Model) -> Arc<[Handle]> {
    let (made, sort) = (
        model.data.table.leaks_generation(),
        &model.workspace.leaks.sort,
    );
    if let Some(whole) = &model.workspace.leaks.whole
        && whole.made == made
        && whole.sort == *sort
    {
        return Arc::clone(&whole.rows);
    }
    // The old one is of no use, and two are in no one's way.
    model.workspace.leaks.whole = None;
    let leaks = &model.workspace.leaks;
    let all = model.data.table.rows();
    let shows_all = leaks.list.order().len() == all;
    let rows = if shows_all && leaks.made == made && leaks.sorted_by == leaks.sort {
        settle_all(model);
        model.workspace.leaks.list.order().into()
    } else {
        let mut rows: Vec<Handle> = (0..all as u32).map(Handle).collect();
        model
            .data
            .table
            .sort(&mut rows, &model.workspace.leaks.sort);
        rows.into()
    };
    let sort = model.workspace.leaks.sort.clone();
    let whole = Whole { made, sort, rows };
    let rows = Arc::clone(&whole.rows);
    model.workspace.leaks.whole = Some(whole);
    rows
}

/// Shows these leaks, which are in order.
pub(super) fn put_leaks(model: &mut Model, rows: Vec<Handle>) {
    let height = layout::rows(model.context(), Pane::Leaks);
    put_first(model, rows, height);
    model.workspace.leaks.made = model.data.table.leaks_generation();
    rows_are_made(model, height);
}

/// Puts leaks that are in order on the screen: all of them, or the first that were found.
pub(super) fn put_first(model: &mut Model, rows: Vec<Handle>, height: usize) {
    model.workspace.leaks.sorting = None;
    model
        .workspace
        .leaks
        .sorted_by
        .clone_from(&model.workspace.leaks.sort);
    model.workspace.leaks.shown = rows.iter().copied().collect();
    model.workspace.leaks.list.set_order(rows, height);
}

/// The rows of the leaks pane are there: what hangs on them is made.
fn rows_are_made(model: &mut Model, height: usize) {
    model.workspace.leaks.lacking = lacking::count(model.context());
    after_order(model, height);
    super::grouping::refresh(model);
}

/// What follows every new order of the leaks: the cursor that is sought, widths, a picture that is open.
fn after_order(model: &mut Model, height: usize) {
    memory::seek(model, height);
    model.workspace.columns.measure(&model.data.table);
    facets::follow(model);
}

/// Shows an order whose rows are in their parts: what is on the screen is put in order, the rest follows in turns.
fn show(model: &mut Model, mut sorting: Sorting, mut order: Vec<Handle>, made: u64) {
    let height = layout::rows(model.context(), Pane::Leaks);
    let (table, list) = (&model.data.table, &mut model.workspace.leaks.list);
    let found = list.held().and_then(|held| {
        let around = sorting.around(table, held);
        sorting.settle_at(table, &mut order, &around);
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
    sorting.settle_at(table, &mut order, &(place..place + 1));
    model.workspace.leaks.shown = if order.len() == table.rows() {
        Marks::of_all(order.len())
    } else {
        order.iter().copied().collect()
    };
    list.set_order_at(order, found, height);
    model
        .workspace
        .leaks
        .sorted_by
        .clone_from(&model.workspace.leaks.sort);
    model.workspace.leaks.sorting = Some(sorting);
    model.workspace.leaks.made = made;
    rows_are_made(model, height);
    settle_screen(model);
}

/// Puts the leaks in order that are on the screen, and those that a key may bring there.
pub fn settle_screen(model: &mut Model) {
    if model.workspace.leaks.sorting.is_none() {
        return;
    }
    let height = layout::rows(model.context(), Pane::Leaks);
    let list = &mut model.workspace.leaks.list;
    let rows = list.order().len();
    let from = list.offset().saturating_sub(2 * height);
    let places = from..(list.offset() + 3 * height).min(rows);
    if let Some(sorting) = &mut model.workspace.leaks.sorting
        && !sorting.is_settled_at(&places)
    {
        sorting.settle_at(&model.data.table, list.order_mut(), &places);
        list.hold(height);
    }
}

/// Puts all leaks of the view in order: before something is done that needs more of it than the screen.
pub fn settle_all(model: &mut Model) {
    if let Some(mut sorting) = model.workspace.leaks.sorting.take() {
        sorting.settle(
            &model.data.table,
            model.workspace.leaks.list.order_mut(),
            usize::MAX,
        );
        let height = layout::rows(model.context(), Pane::Leaks);
        model.workspace.leaks.list.hold(height);
    }
}

/// The window was resized, or another pane has the focus: every cursor stays on its screen.
pub fn fit(model: &mut Model) {
    // What nobody saw may be older than the leaks; it is not shown like that.
    let focus = model.workspace.focus;
    if model.workspace.stale_groups.contains(&focus) {
        model.workspace.stale_groups.retain(|pane| *pane != focus);
        refresh_groups(model, focus);
    }
    for pane in Pane::iter() {
        let height = layout::rows(model.context(), pane);
        match pane {
            Pane::Leaks => {
                model.workspace.leaks.list.follow(height);
                if let Some(groups) = model.workspace.groups_mut(pane) {
                    groups.list.follow(height);
                }
            }
            Pane::Jobs => model.workspace.jobs.list.follow(height),
            Pane::Domains | Pane::Users | Pane::Connections => {
                if let Some(groups) = model.workspace.groups_mut(pane) {
                    groups.list.follow(height);
                }
            }
        }
    }
}
