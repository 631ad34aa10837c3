//! Makes the panes' orders from the table: scope, filter, sort. While pages stream in, a few times a second.
//!
//! What takes longer than a key may wait is done in slices, between one message and the next: an order of many leaks is
//! cast into parts, of which those on the screen are sorted at once and the others slice by slice ([`IncrementalSort`]); groups
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

pub use groups::{build_groups, refresh_groups};
pub(super) use listed::{refresh_listed, refresh_listed_soon, shows_listed_immediately};
pub use pending::{Made, Making};
pub use rest::{
    DETAIL_DELAY, connections, on_cursor_moved, shows_connections_of_leak, update_detail_now,
};
pub(in crate::app) use rows::{put_first, set_rows};
pub use rows::{sort_all, sort_visible};

use groups::{refresh_groups_among, rows_in_scope, set_groups};
use rest::update_detail_soon;
use rows::open_list;

use super::{
    layout,
    model::{Context, FullOrder, Pane, WorkspaceUpdate},
    searching::{self, Slice},
};
use crate::{
    action::{Action, Rows},
    filter::Filter,
    table::{IncrementalSort, RowId},
};
use std::{sync::Arc, time::Duration};
use strum::IntoEnumIterator;

/// While something streams in, the views are made again this often; of many rows less often.
pub const REFRESH_INTERVAL: Duration = Duration::from_millis(250);

/// While something streams in, what is made of the leaks is made again this often; of many rows less often.
pub const GROUPS_INTERVAL: Duration = Duration::from_secs(1);

/// So many rows are cast in one turn.
const PARTITION_SLICE_ROWS: usize = 16_384;
/// So many rows are sorted in one turn.
const SORT_SLICE_ROWS: usize = 8_192;

/// So many leaks or groups are counted or sorted in one turn.
const GROUPS_SLICE_ROWS: usize = 8_192;

/// What is made of many rows is made less often: it takes its share of the time, not all of it. For each row it waits
/// many times what it takes for it.
fn scaled_interval(context: Context<'_>, least: Duration, a_row: Duration) -> Duration {
    least.max(a_row * context.data.table.len() as u32)
}

/// How long the leaks are left as they are for each of them, while more come.
const LEAKS_TIME_PER_ROW: Duration = Duration::from_micros(3);
/// The same of their groups.
const GROUPS_TIME_PER_ROW: Duration = Duration::from_micros(10);

/// Makes the views again that are due while something streams in: the leaks, and from time to time their groups.
pub fn refresh_due(update: &mut WorkspaceUpdate<'_>) {
    let groups_due = update.workspace.groups_built_at
        + scaled_interval(update.context(), GROUPS_INTERVAL, GROUPS_TIME_PER_ROW);
    let groups = !update.data.is_loading() || update.now.since_start >= groups_due;
    // They follow the leaks even where nothing more comes for a long time.
    update.workspace.refresh_due = (!groups).then_some(groups_due);
    if update.data.table.len() <= limits::AT_ONCE {
        return if groups {
            refresh(update);
        } else {
            refresh_leaks(update, false);
        };
    }
    // One that is on its way is of what there was, and not begun anew: else none would ever come.
    if update.workspace.leaks.pending_search.is_none()
        && update.workspace.leaks.next_order.is_none()
    {
        start_leaks_refresh(update);
    }
    if groups {
        mark_groups_pending(update);
    }
}

/// Begins to make the leaks pane again, in slices.
fn start_leaks_refresh(update: &mut WorkspaceUpdate<'_>) {
    let filter = update
        .workspace
        .leaks
        .filter
        .filter
        .with_now(update.now.wall);
    if filter.is_expensive() {
        // It comes in slices by itself.
        return refresh_leaks(update, false);
    }
    update.workspace.leaks.pending_search = None;
    let rows = select_leaks(update.context(), &filter, None);
    let sorting = IncrementalSort::new(&update.data.table, rows, &update.workspace.leaks.sort);
    update.workspace.leaks.next_order = Some((sorting, update.data.table.leaks_generation()));
}

/// Makes every view again: at once where that is quick, else in slices, so that a key never waits for all of them.
pub fn refresh_in_slices(update: &mut WorkspaceUpdate<'_>) {
    if update.data.table.len() <= limits::AT_ONCE || update.setup.headless {
        return refresh(update);
    }
    if update.data.is_loading() {
        // Of what is still coming it would be made again and again, each time of nearly all.
        return refresh_soon(update, false);
    }
    update.workspace.refresh_due = None;
    start_leaks_refresh(update);
    mark_groups_pending(update);
    if next_pending_group(update.context()).is_none() {
        update_detail_now(update);
    }
}

fn mark_groups_pending(update: &mut WorkspaceUpdate<'_>) {
    update.workspace.groups_built_at = update.now.since_start;
    update.workspace.pending_groups = vec![Pane::Connections, Pane::Users, Pane::Domains];
}

/// Whether there is something to do in slices. A pane that is not on the screen can wait until it is.
pub fn has_pending_work(context: Context<'_>) -> bool {
    context.workspace.leaks.pending_search.is_some()
        || context.workspace.leaks.next_order.is_some()
        || needs_sort_slice(context)
        || !context.workspace.groups_builders.is_empty()
        || next_pending_group(context).is_some()
}

/// While leaks come, an order that nobody sees is not worth the time: the next one is on its way.
fn needs_sort_slice(context: Context<'_>) -> bool {
    context.workspace.leaks.pending_sort.is_some() && !context.data.is_loading()
}

fn next_pending_group(context: Context<'_>) -> Option<usize> {
    if context.workspace.pending_groups.is_empty() {
        return None;
    }
    let areas = layout::areas(context);
    let shown =
        |pane: &Pane| areas.pane(*pane).is_some() && !shows_connections_of_leak(context, *pane);
    context.workspace.pending_groups.iter().rposition(shown)
}

/// Does what is next in turn. Answers whether the screen may look different now.
pub fn run_slice(update: &mut WorkspaceUpdate<'_>) -> bool {
    if let Some(changed) = search_on(update) {
        return changed;
    }
    if update.workspace.leaks.next_order.is_some() {
        return run_leaks_slice(update, PARTITION_SLICE_ROWS);
    }
    if let Some(turned) = run_groups_slice(update) {
        return turned;
    }
    if needs_sort_slice(update.context())
        && let Some(sorting) = &mut update.workspace.leaks.pending_sort
    {
        if sorting.sort_some(
            &update.data.table,
            update.workspace.leaks.list.order_mut(),
            SORT_SLICE_ROWS,
        ) {
            update.workspace.leaks.pending_sort = None;
        }
        return false;
    }
    let Some(at) = next_pending_group(update.context()) else {
        return false;
    };
    let pane = update.workspace.pending_groups.remove(at);
    refresh_groups(update, pane);
    let made = update.workspace.groups_builders.is_empty();
    if made && next_pending_group(update.context()).is_none() {
        update_detail_now(update);
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
    while update.workspace.leaks.pending_search.is_some() {
        if search_on(update).is_none() {
            break;
        }
    }
    if !update.data.is_loading() {
        finish_leaks(update);
    }
}

/// What an action needs of the rows is there before it acts: all of a search, and the order of all.
pub(super) fn prepare_rows(update: &mut WorkspaceUpdate<'_>, action: Action) {
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
        sort_all(update);
    }
}

/// Casts some more of the leaks that are on their way to their pane; whether they are there now.
fn run_leaks_slice(update: &mut WorkspaceUpdate<'_>, some: usize) -> bool {
    let Some((sorting, made)) = &mut update.workspace.leaks.next_order else {
        return false;
    };
    let Some(order) = sorting.partition_some(&update.data.table, some) else {
        return false;
    };
    let made = *made;
    if let Some((sorting, _)) = update.workspace.leaks.next_order.take() {
        open_list(update, sorting, order, made);
        update_detail_soon(update);
    }
    true
}

/// Brings the leaks that are on their way to their pane at once.
pub(super) fn finish_leaks(update: &mut WorkspaceUpdate<'_>) {
    run_leaks_slice(update, usize::MAX);
}

/// A portion of groups in the making, if there are any; whether the screen changes.
fn run_groups_slice(update: &mut WorkspaceUpdate<'_>) -> Option<bool> {
    let mut making = update.workspace.groups_builders.pop()?;
    let pane = making.pane();
    match making.step(update.context(), GROUPS_SLICE_ROWS) {
        None => {
            update.workspace.groups_builders.push(making);
            Some(false)
        }
        Some(made) => {
            set_groups(update, pane, made);
            if update.workspace.groups_builders.is_empty()
                && next_pending_group(update.context()).is_none()
            {
                update_detail_soon(update);
            }
            Some(true)
        }
    }
}

/// Makes every view again, now; of many leaks the groups in slices.
pub fn refresh(update: &mut WorkspaceUpdate<'_>) {
    update.workspace.refresh_due = None;
    if update.data.table.len() > limits::AT_ONCE && !update.setup.headless {
        refresh_leaks(update, false);
        mark_groups_pending(update);
        if next_pending_group(update.context()).is_none() {
            update_detail_now(update);
        }
        return;
    }
    update.workspace.groups_built_at = update.now.since_start;
    update.workspace.pending_groups.clear();
    refresh_leaks(update, false);
    let rows = rows_in_scope(update.context());
    for pane in [Pane::Domains, Pane::Users, Pane::Connections] {
        refresh_groups_among(update, pane, &rows);
    }
    update_detail_now(update);
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
        scaled_interval(update.context(), REFRESH_INTERVAL, LEAKS_TIME_PER_ROW)
    } else {
        REFRESH_INTERVAL
    };
    match update.workspace.refresh_due {
        None => update.workspace.refresh_due = Some(now + wait),
        // Where messages come without a pause, nothing else would say that it is time.
        Some(due) if due <= now => refresh_due(update),
        Some(due) => {
            update.workspace.refresh_due = Some(due.min(now + wait));
            if update.workspace.leaks.next_order.is_some() {
                run_slice(update);
            }
        }
    }
}

/// Makes the leaks pane again; `narrowed` says that every new hit is among the old ones.
pub fn refresh_leaks(update: &mut WorkspaceUpdate<'_>, narrowed: bool) {
    // The old hits stand for the table only while it has not changed since, and when they are all there.
    let narrowed = narrowed
        && update.workspace.leaks.built_from == update.data.table.leaks_generation()
        && update.workspace.leaks.pending_search.is_none();
    update.workspace.leaks.pending_search = None;
    update.workspace.leaks.next_order = None;
    let filter = update
        .workspace
        .leaks
        .filter
        .filter
        .with_now(update.now.wall);
    if filter.is_expensive() && update.data.table.len() > limits::AT_ONCE && !update.setup.headless
    {
        let order = if narrowed {
            sort_all(update);
            update.workspace.leaks.list.order().into()
        } else {
            full_order(update)
        };
        return searching::begin(update, &filter, order);
    }
    let within = narrowed.then(|| update.workspace.leaks.list.order());
    let mut rows = select_leaks(update.context(), &filter, within);
    // What was selected out of an old order is in that order: it needs no sort.
    let sorted = narrowed && update.workspace.leaks.pending_sort.is_none();
    if !sorted && rows.len() > limits::AT_ONCE && !update.setup.headless {
        let mut sorting =
            IncrementalSort::new(&update.data.table, rows, &update.workspace.leaks.sort);
        if let Some(order) = sorting.partition_some(&update.data.table, usize::MAX) {
            let made = update.data.table.leaks_generation();
            open_list(update, sorting, order, made);
        }
        return;
    }
    if !sorted {
        update
            .data
            .table
            .sort(&mut rows, &update.workspace.leaks.sort);
    }
    set_rows(update, rows);
}

/// The leaks that scope, filter and marks choose.
fn select_leaks(context: Context<'_>, filter: &Filter, within: Option<&[RowId]>) -> Vec<RowId> {
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
fn full_order(update: &mut WorkspaceUpdate<'_>) -> Arc<[RowId]> {
    let (made, sort) = (
        update.data.table.leaks_generation(),
        &update.workspace.leaks.sort,
    );
    if let Some(whole) = &update.workspace.leaks.full_order
        && whole.built_from == made
        && whole.sort == *sort
    {
        return Arc::clone(&whole.rows);
    }
    // The old one is of no use, and two are in no one's way.
    update.workspace.leaks.full_order = None;
    let leaks = &update.workspace.leaks;
    let all = update.data.table.row_id_count();
    let shows_all = leaks.list.order().len() == all;
    let rows = if shows_all && leaks.built_from == made && leaks.effective_sort == leaks.sort {
        sort_all(update);
        update.workspace.leaks.list.order().into()
    } else {
        let mut rows: Vec<RowId> = (0..all as u32).map(RowId).collect();
        update
            .data
            .table
            .sort(&mut rows, &update.workspace.leaks.sort);
        rows.into()
    };
    let sort = update.workspace.leaks.sort.clone();
    let whole = FullOrder {
        built_from: made,
        sort,
        rows,
    };
    let rows = Arc::clone(&whole.rows);
    update.workspace.leaks.full_order = Some(whole);
    rows
}

/// The window was resized, or another pane has the focus: every cursor stays on its screen.
pub fn clamp_cursors(update: &mut WorkspaceUpdate<'_>) {
    // What nobody saw may be older than the leaks; it is not shown like that.
    let focus = update.workspace.focus;
    if update.workspace.pending_groups.contains(&focus) {
        update
            .workspace
            .pending_groups
            .retain(|pane| *pane != focus);
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
