//! Makes the panes' orders from the table: scope, filter, sort. While pages stream in, at most four times a second.

use super::{
    model::{Chip, GroupRef, Model, Pane, Subject, Whole},
    related, searching,
};
use crate::{
    entity::key::Kind,
    filter::Filter,
    table::{self, GroupKind, GroupRow, Handle},
};
use std::{collections::HashSet, sync::Arc, time::Duration};
use strum::IntoEnumIterator;

/// While something streams in, the views are made again this often.
pub const REPAINT: Duration = Duration::from_millis(250);
/// A cursor has rested when it has not moved for this long.
pub const REST: Duration = Duration::from_millis(150);

/// While something streams in, what is made of the leaks is made again this often.
pub const GROUPS: Duration = Duration::from_secs(1);

/// Makes the views again that are due while something streams in: the leaks, and from time to time their groups.
pub fn refresh_due(model: &mut Model) {
    if !model.loading() || model.now.since_start >= model.groups_made + GROUPS {
        return refresh_in_turns(model);
    }
    model.views_due = None;
    refresh_leaks(model, false);
}

/// Up to so many rows all views are made in one go, in less time than a key may wait.
const AT_ONCE: usize = 20_000;

/// Makes every view again: at once where that is quick, else the leaks now and their groups one pane a turn, so that
/// a key never waits for all of them.
pub fn refresh_in_turns(model: &mut Model) {
    if model.table.len() <= AT_ONCE {
        return refresh(model);
    }
    model.views_due = None;
    model.groups_made = model.now.since_start;
    refresh_leaks(model, false);
    model.stale_groups = vec![Pane::Connections, Pane::Users, Pane::Domains];
}

/// Goes on with a search, else makes the next pane of groups that waits for its turn. Answers whether the screen
/// changes.
pub fn take_turn(model: &mut Model) -> bool {
    if let Some(changed) = searching::take_turn(model) {
        return changed;
    }
    let Some(pane) = model.stale_groups.pop() else {
        return false;
    };
    refresh_groups(model, pane);
    if model.stale_groups.is_empty() {
        rest_now(model);
    }
    true
}

/// Makes every view again, now.
pub fn refresh(model: &mut Model) {
    model.views_due = None;
    model.groups_made = model.now.since_start;
    model.stale_groups.clear();
    refresh_leaks(model, false);
    let rows = in_scope(model);
    for pane in [Pane::Domains, Pane::Users, Pane::Connections] {
        refresh_groups_of(model, pane, &rows);
    }
    rest_now(model);
}

/// Makes every view again soon; at once if it is the first page.
pub fn refresh_soon(model: &mut Model, at_once: bool) {
    if model.setup.headless {
        return;
    }
    if at_once {
        refresh_in_turns(model);
    } else if model.views_due.is_none() {
        model.views_due = Some(model.now.since_start + REPAINT);
    }
}

/// Makes the leaks pane again; `narrowed` says that every new hit is among the old ones.
pub fn refresh_leaks(model: &mut Model, narrowed: bool) {
    let scope = model.scope_groups();
    // The old hits stand for the table only while it has not changed since, and when they are all there.
    let narrowed =
        narrowed && model.leaks.made == model.table.generation() && model.leaks.searching.is_none();
    model.leaks.searching = None;
    let filter = model.leaks.filter.filter.at(model.now.wall);
    if filter.is_slow() && model.table.len() > AT_ONCE {
        let order = if narrowed {
            model.leaks.list.order().into()
        } else {
            whole(model)
        };
        return searching::begin(model, &filter, order);
    }
    let mut rows = if narrowed {
        // What was selected out of the old order is in the old order: it needs no sort.
        let within = Some(model.leaks.list.order());
        model.table.select(&filter, &scope, within, &model.marks)
    } else if model.loading() {
        // Every page would make the order of all of them again.
        let mut rows = model.table.select(&filter, &scope, None, &model.marks);
        model.table.sort(&mut rows, &model.leaks.sort);
        rows
    } else {
        let whole = whole(model);
        model
            .table
            .select(&filter, &scope, Some(&whole), &model.marks)
    };
    if model.leaks.marked_only {
        rows.retain(|handle| model.marks.contains(*handle));
    }
    put_leaks(model, rows);
}

/// Every row in the order of the sort, which is made when the table or the sort changed.
fn whole(model: &mut Model) -> Arc<[Handle]> {
    let (made, sort) = (model.table.generation(), &model.leaks.sort);
    if let Some(whole) = &model.leaks.whole
        && whole.made == made
        && whole.sort == *sort
    {
        return Arc::clone(&whole.rows);
    }
    // The old one is of no use, and two are in no one's way.
    model.leaks.whole = None;
    let mut rows: Vec<Handle> = (0..model.table.rows() as u32).map(Handle).collect();
    model.table.sort(&mut rows, sort);
    let whole = Whole {
        made,
        sort: sort.clone(),
        rows: rows.into(),
    };
    let rows = Arc::clone(&whole.rows);
    model.leaks.whole = Some(whole);
    rows
}

/// Shows these leaks.
pub(super) fn put_leaks(model: &mut Model, rows: Vec<Handle>) {
    let height = super::layout::rows(model, Pane::Leaks);
    model.leaks.list.set_order(rows, height);
    model.leaks.made = model.table.generation();
    super::grouping::refresh(model);
}

/// Makes one group pane again.
pub fn refresh_groups(model: &mut Model, pane: Pane) {
    let rows = in_scope(model);
    refresh_groups_of(model, pane, &rows);
}

fn in_scope(model: &Model) -> Vec<Handle> {
    let (filter, scope) = (Filter::default(), model.scope_groups());
    model.table.select(&filter, &scope, None, &model.marks)
}

fn refresh_groups_of(model: &mut Model, pane: Pane, everything: &[Handle]) {
    let Some(groups) = model.groups(pane) else {
        return;
    };
    let filter = groups.filter.filter.at(model.now.wall);
    let (own, of_leaks) = filter.split(kind_of(pane));
    let leak = model.scope.iter().find_map(|chip| match chip {
        Chip::Leak(handle) => Some(*handle),
        Chip::Group(..) => None,
    });
    let chosen = (!of_leaks.is_empty()).then(|| {
        let scope = model.scope_groups();
        model
            .table
            .select(&of_leaks, &scope, Some(everything), &model.marks)
    });
    let mut found: Vec<(GroupKind, GroupRow)> = Vec::new();
    for kind in kinds_of(pane) {
        let keep: Option<HashSet<_>> = chosen.as_ref().map(|rows| {
            let of = |handle: &Handle| model.table.group(*handle, kind);
            rows.iter().filter_map(of).collect()
        });
        let all = everything.iter().copied();
        let mut rows = model.table.overview(kind, all, &model.scope_groups());
        let related = related::groups(model, kind);
        rows.extend(related::rows(model, kind, &rows));
        rows.extend(without_leaks(model, pane, kind, &rows));
        rows.retain(|row| {
            keep.as_ref().is_none_or(|keep| keep.contains(&row.group))
                && leak.is_none_or(|leak| {
                    pane != Pane::Connections
                        || model.table.group(leak, kind) == Some(row.group)
                        || related.contains(&(kind, row.group))
                })
                && (own.is_empty() || model.table.group_matches(kind, row, &own))
        });
        table::sort_groups(&model.table, kind, &mut rows, groups.sort);
        found.extend(rows.into_iter().map(|row| (kind, row)));
    }
    if kinds_of(pane).len() > 1 {
        sort_mixed(model, groups.sort, &mut found);
    }
    let order = found.iter().map(|(kind, row)| (*kind, row.group)).collect();
    let rows = found
        .into_iter()
        .map(|(kind, row)| ((kind, row.group), row))
        .collect();
    let height = super::layout::rows(model, pane);
    if let Some(groups) = model.groups_mut(pane) {
        groups.rows = rows;
        groups.list.set_order(order, height);
    }
}

/// Watched domains that have no leak yet have a row too, outside a drill-down.
fn without_leaks(model: &Model, pane: Pane, kind: GroupKind, have: &[GroupRow]) -> Vec<GroupRow> {
    let mut scope = model.scope_groups().into_iter();
    if pane != Pane::Domains || !scope.all(|(kind, _)| kind == GroupKind::Profile) {
        return Vec::new();
    }
    let have: HashSet<_> = have.iter().map(|row| row.group).collect();
    let domains = model
        .profiles
        .iter()
        .filter(|state| super::scope::holds(model, state.slot))
        .flat_map(|state| state.domains.iter().flatten());
    domains
        .filter_map(|domain| model.table.find_group(kind, &domain.key))
        .filter(|group| !have.contains(group))
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .map(|group| GroupRow {
            group,
            total: 0,
            unresolved: 0,
            by_status: [0; 6],
            sources: 1,
            first: None,
            last: None,
        })
        .collect()
}

/// Machines and resources share a pane: each kind is sorted by the table, the two are merged here by the same field.
fn sort_mixed(model: &Model, by: table::GroupSort, rows: &mut [(GroupKind, GroupRow)]) {
    let directed = |key: u64| if by.descending { u64::MAX - key } else { key };
    // A stable sort: within equal keys each kind keeps the order that the table gave it.
    match by.field {
        table::GroupSortField::Name => rows.sort_by_cached_key(|(kind, row)| {
            let mut name = model
                .table
                .group_name(*kind, row.group)
                .to_ascii_lowercase();
            if by.descending {
                // Turned round byte by byte, with an end that sorts after every byte.
                for byte in &mut name {
                    *byte = !*byte;
                }
                name.push(u8::MAX);
            }
            name
        }),
        table::GroupSortField::Leaks => {
            rows.sort_by_key(|(_, row)| directed(u64::from(row.total)));
        }
        table::GroupSortField::Unresolved => {
            rows.sort_by_key(|(_, row)| directed(u64::from(row.unresolved)));
        }
        table::GroupSortField::Seen => rows.sort_by_cached_key(|(kind, row)| {
            let seconds = model.table.group_seconds(*kind, row);
            seconds.map_or(u64::MAX, |seconds| {
                directed(seconds.cast_unsigned() ^ 1 << 63)
            })
        }),
    }
}

/// The kinds of group that a pane shows.
pub fn kinds_of(pane: Pane) -> Vec<GroupKind> {
    match pane {
        Pane::Domains => vec![GroupKind::Domain],
        Pane::Users => vec![GroupKind::User],
        Pane::Connections => vec![
            GroupKind::Endpoint,
            GroupKind::Resource,
            GroupKind::Breach,
            GroupKind::Paste,
        ],
        Pane::Leaks | Pane::Jobs => Vec::new(),
    }
}

/// The noun of a pane.
pub fn kind_of(pane: Pane) -> Kind {
    match pane {
        Pane::Domains => Kind::Domain,
        Pane::Users => Kind::User,
        Pane::Connections => Kind::Connection,
        Pane::Leaks | Pane::Jobs => Kind::Leak,
    }
}

/// The cursor moved: the detail follows when it rests.
pub fn moved(model: &mut Model) {
    model.rest.due = Some(model.now.since_start + REST);
}

/// The cursor rests: the detail and the connections follow it.
pub fn rest_now(model: &mut Model) {
    model.rest.due = None;
    let subject = match model.focus {
        Pane::Leaks if model.leaks.grouping.is_some() => {
            super::grouping::under_cursor(model).map(|(kind, group)| Subject::Group(kind, group))
        }
        Pane::Leaks => model.leaks.list.cursor().map(Subject::Leak),
        Pane::Jobs => model.jobs.list.cursor().map(Subject::Job),
        pane @ (Pane::Domains | Pane::Users | Pane::Connections) => model
            .groups(pane)
            .and_then(|groups| groups.list.cursor())
            .map(|(kind, group)| Subject::Group(kind, group)),
    };
    model.rest.subject = subject;
    model.rest.connections = match subject {
        Some(Subject::Leak(handle)) => connections(model, handle),
        Some(Subject::Group(..) | Subject::Job(_)) | None => Vec::new(),
    };
    if model
        .reveal
        .as_ref()
        .is_some_and(|reveal| subject != Some(Subject::Leak(reveal.leak)))
    {
        model.reveal = None;
    }
}

/// The machine, the resource and the breach of a leak, with how many leaks share each.
pub fn connections(model: &Model, handle: Handle) -> Vec<(GroupRef, GroupRow)> {
    [GroupKind::Endpoint, GroupKind::Resource, GroupKind::Breach]
        .into_iter()
        .filter_map(|kind| {
            let group = model.table.group(handle, kind)?;
            let row = model
                .table
                .aggregate(kind, model.table.group_rows(kind, group))
                .into_iter()
                .next()?;
            Some(((kind, group), row))
        })
        .collect()
}

/// The window was resized: every cursor stays on its screen.
pub fn fit(model: &mut Model) {
    for pane in Pane::iter() {
        let height = super::layout::rows(model, pane);
        match pane {
            Pane::Leaks => {
                model.leaks.list.follow(height);
                if let Some(groups) = model.groups_mut(pane) {
                    groups.list.follow(height);
                }
            }
            Pane::Jobs => model.jobs.list.follow(height),
            Pane::Domains | Pane::Users | Pane::Connections => {
                if let Some(groups) = model.groups_mut(pane) {
                    groups.list.follow(height);
                }
            }
        }
    }
}
