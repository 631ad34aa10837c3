//! Makes the panes of groups: domains, users and connections.

use super::super::{
    layout,
    model::{Chip, Model, Pane},
    related, scope,
};
use crate::{
    entity::key::Kind,
    filter::Filter,
    table::{self, GroupKind, GroupRow, Handle},
};
use std::collections::HashSet;

/// Makes one group pane again.
pub fn refresh_groups(model: &mut Model, pane: Pane) {
    let rows = in_scope(model);
    refresh_groups_of(model, pane, &rows);
}

pub(super) fn in_scope(model: &Model) -> Vec<Handle> {
    let (filter, scope) = (Filter::default(), model.scope_groups());
    model.table.select(&filter, &scope, None, &model.marks)
}

pub(super) fn refresh_groups_of(model: &mut Model, pane: Pane, everything: &[Handle]) {
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
    let height = layout::rows(model, pane);
    if let Some(groups) = model.groups_mut(pane) {
        groups.rows = found.into();
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
        .filter(|state| scope::holds(model, state.slot))
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
