//! Makes the panes' orders from the table: scope, filter, sort. While pages stream in, at most four times a second.

use super::model::{Chip, FilterState, GroupRef, Model, Pane, Subject};
use crate::{
    entity::key::Kind,
    filter::Filter,
    table::{self, GroupKind, GroupRow, Handle},
};
use std::{collections::HashMap, time::Duration};
use strum::IntoEnumIterator;

/// While something streams in, the views are made again this often.
pub const REPAINT: Duration = Duration::from_millis(250);
/// A cursor has rested when it has not moved for this long.
pub const REST: Duration = Duration::from_millis(150);

/// Makes every view again, now.
pub fn refresh(model: &mut Model) {
    model.views_due = None;
    refresh_leaks(model, false);
    for pane in [Pane::Domains, Pane::Users, Pane::Connections] {
        refresh_groups(model, pane);
    }
    rest_now(model);
}

/// Makes every view again soon; at once if it is the first page.
pub fn refresh_soon(model: &mut Model, at_once: bool) {
    if model.setup.headless {
        return;
    }
    if at_once {
        refresh(model);
    } else if model.views_due.is_none() {
        model.views_due = Some(model.now.since_start + REPAINT);
    }
}

/// Makes the leaks pane again; `narrowed` says that every new hit is among the old ones.
pub fn refresh_leaks(model: &mut Model, narrowed: bool) {
    let scope = model.scope_groups();
    let pane = &model.leaks;
    // The old hits stand for the table only while it has not changed since.
    let narrowed = narrowed && pane.made == model.table.generation();
    let within = narrowed.then(|| pane.list.order());
    let mut rows = model
        .table
        .select(&pane.filter.filter, &scope, within, &model.marks);
    if pane.marked_only {
        rows.retain(|handle| model.marks.contains(*handle));
    }
    // What was selected out of the old order is in the old order: it needs no sort.
    if !narrowed {
        model.table.sort(&mut rows, &pane.sort);
    }
    let height = super::layout::rows(model, Pane::Leaks);
    model.leaks.list.set_order(rows, height);
    model.leaks.made = model.table.generation();
}

/// Makes one group pane again.
pub fn refresh_groups(model: &mut Model, pane: Pane) {
    let Some(groups) = model.groups(pane) else {
        return;
    };
    let FilterState { filter, .. } = &groups.filter;
    let (own, of_leaks) = filter.split(kind_of(pane));
    let leak = model.scope.iter().find_map(|chip| match chip {
        Chip::Leak(handle) => Some(*handle),
        Chip::Group(..) => None,
    });
    let everything: Vec<Handle> = model.table.select(
        &Filter::default(),
        &model.scope_groups(),
        None,
        &model.marks,
    );
    let chosen = (!of_leaks.is_empty()).then(|| {
        model.table.select(
            &of_leaks,
            &model.scope_groups(),
            Some(&everything),
            &model.marks,
        )
    });
    let mut order: Vec<GroupRef> = Vec::new();
    let mut found = HashMap::new();
    for kind in kinds_of(pane) {
        let keep: Option<std::collections::HashSet<_>> = chosen.as_ref().map(|rows| {
            rows.iter()
                .filter_map(|handle| model.table.group(*handle, kind))
                .collect()
        });
        let mut rows = model.table.aggregate(kind, everything.iter().copied());
        rows.extend(without_leaks(model, pane, kind, &rows));
        rows.retain(|row| {
            keep.as_ref().is_none_or(|keep| keep.contains(&row.group))
                && leak.is_none_or(|leak| {
                    pane != Pane::Connections || model.table.group(leak, kind) == Some(row.group)
                })
                && (own.is_empty() || model.table.group_matches(kind, row.group, &own))
        });
        table::sort_groups(&model.table, kind, &mut rows, groups.sort);
        order.extend(rows.iter().map(|row| (kind, row.group)));
        found.extend(rows.into_iter().map(|row| ((kind, row.group), row)));
    }
    if kinds_of(pane).len() > 1 {
        sort_mixed(model, pane, &mut order, &found);
    }
    let height = super::layout::rows(model, pane);
    if let Some(groups) = model.groups_mut(pane) {
        groups.rows = found;
        groups.list.set_order(order, height);
    }
}

/// Watched domains that have no leak yet have a row too, outside a drill-down.
fn without_leaks(model: &Model, pane: Pane, kind: GroupKind, have: &[GroupRow]) -> Vec<GroupRow> {
    if pane != Pane::Domains || !model.scope.is_empty() {
        return Vec::new();
    }
    let have: std::collections::HashSet<_> = have.iter().map(|row| row.group).collect();
    let domains = model
        .profiles
        .iter()
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
fn sort_mixed(
    model: &Model,
    pane: Pane,
    order: &mut [GroupRef],
    rows: &HashMap<GroupRef, GroupRow>,
) {
    let Some(groups) = model.groups(pane) else {
        return;
    };
    let by = groups.sort;
    let count = |row: &GroupRef| {
        rows.get(row)
            .map_or((0, 0), |row| (row.unresolved, row.total))
    };
    // A stable sort: within equal keys each kind keeps the order that the table gave it.
    match by.field {
        table::GroupSortField::Name => order.sort_by(|a, b| {
            let (a, b) = (
                model.table.group_name(a.0, a.1),
                model.table.group_name(b.0, b.1),
            );
            let by_name = a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase());
            if by.descending {
                by_name.reverse()
            } else {
                by_name
            }
        }),
        table::GroupSortField::Leaks => order.sort_by_key(|row| {
            if by.descending {
                u64::MAX - u64::from(count(row).1)
            } else {
                u64::from(count(row).1)
            }
        }),
        table::GroupSortField::Unresolved => order.sort_by_key(|row| {
            let key = (u64::from(count(row).0) << 32) | u64::from(count(row).1);
            if by.descending { u64::MAX - key } else { key }
        }),
        table::GroupSortField::Seen => {}
    }
}

/// The kinds of group that a pane shows.
pub fn kinds_of(pane: Pane) -> Vec<GroupKind> {
    match pane {
        Pane::Domains => vec![GroupKind::Domain],
        Pane::Users => vec![GroupKind::User],
        Pane::Connections => vec![GroupKind::Endpoint, GroupKind::Resource],
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

/// The machine and the resource of a leak, with how many leaks share each.
pub fn connections(model: &Model, handle: Handle) -> Vec<(GroupRef, GroupRow)> {
    [GroupKind::Endpoint, GroupKind::Resource]
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
            Pane::Leaks => model.leaks.list.follow(height),
            Pane::Jobs => model.jobs.list.follow(height),
            Pane::Domains | Pane::Users | Pane::Connections => {
                if let Some(groups) = model.groups_mut(pane) {
                    groups.list.follow(height);
                }
            }
        }
    }
}
