//! Sort keys of the command line, and the groups of a list in order: domains, users, machines and resources.

use crate::{
    app::model::{self, Context},
    cli::failure::{Failure, FailureKind},
    config::suggest::suggest,
    entity::key::{EntityKey, Kind},
    filter::{self, Filter},
    table::{GroupKind, GroupRow, GroupSort, GroupSortField, Marks, RowId, SortField, SortKey},
};
use std::{cmp::Ordering, collections::HashSet, str::FromStr};
use strum::IntoEnumIterator as _;

/// The sort keys of leaks; the newest first unless any is given.
pub(in crate::cli) fn leak_sort_keys(words: &[String]) -> Result<Vec<SortKey>, Failure> {
    let names: Vec<String> = SortField::iter().map(|field| field.to_string()).collect();
    let keys = words
        .iter()
        .map(|word| {
            let (field, descending) = parse(word, &names)?;
            Ok(SortKey { field, descending })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    Ok(if keys.is_empty() {
        model::newest_first()
    } else {
        keys
    })
}

/// The sort keys of groups; what needs most work first unless any is given.
pub(in crate::cli) fn group_sort_keys(words: &[String]) -> Result<Vec<GroupSort>, Failure> {
    let names: Vec<String> = GroupSortField::iter()
        .map(|field| field.to_string())
        .collect();
    let keys = words
        .iter()
        .map(|word| {
            let (field, descending) = parse(word, &names)?;
            Ok(GroupSort { field, descending })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    Ok(if keys.is_empty() {
        vec![model::SORT_BY_OPEN]
    } else {
        keys
    })
}

fn parse<F: FromStr>(word: &str, names: &[String]) -> Result<(F, bool), Failure> {
    let (name, descending) = word
        .strip_prefix('-')
        .map_or((word, false), |name| (name, true));
    let field = name.parse().map_err(|_| {
        let near = suggest(name, names.iter().map(String::as_str));
        let hint = if near.is_empty() {
            format!("one of: {}", names.join(", "))
        } else {
            format!("did you mean {}?", near.join(" or "))
        };
        let shown = crate::entity::visible::escape(name.as_bytes());
        Failure::new(
            FailureKind::Usage,
            format!("{} is no sort key here", shown.as_str()),
            hint,
        )
    })?;
    Ok((field, descending))
}

/// A group of a list.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Group {
    /// Of what.
    pub(in crate::cli) kind: GroupKind,
    /// Which, with its counts.
    pub(in crate::cli) row: GroupRow,
    /// Its identity.
    pub(in crate::cli) key: EntityKey,
    name: Vec<u8>,
    seen: Option<i64>,
}

/// The kinds of group that a noun is made of.
pub(in crate::cli) fn kinds(kind: Kind) -> Vec<GroupKind> {
    match kind {
        Kind::Domain => vec![GroupKind::Domain],
        Kind::User => vec![GroupKind::User],
        Kind::Connection => vec![
            GroupKind::Endpoint,
            GroupKind::Resource,
            GroupKind::Breach,
            GroupKind::Paste,
        ],
        Kind::Leak => Vec::new(),
    }
}

/// Every group of a noun, by kind and number.
pub(in crate::cli) fn groups(context: Context<'_>, kind: Kind) -> Vec<Group> {
    let table = &context.data.table;
    let rows = table.select(&Filter::default(), &[], None, &Marks::default());
    let mut groups = Vec::new();
    for kind in kinds(kind) {
        let found = table.overview(kind, rows.iter().copied(), &[]);
        groups.extend(found.into_iter().map(|row| Group {
            kind,
            row,
            key: table.group_key(kind, row.group),
            name: filter::case_fold(&table.group_name(kind, row.group)).into_owned(),
            seen: table.group_seconds(kind, &row),
        }));
    }
    groups
}

/// Keeps the groups that a filter takes: by their own members, and by any of their leaks.
pub(in crate::cli) fn retain_matching(
    context: Context<'_>,
    kind: Kind,
    filter: &Filter,
    groups: &mut Vec<Group>,
) {
    if filter.is_empty() {
        return;
    }
    let table = &context.data.table;
    let (own, of_leaks) = filter.split_by_target(kind);
    let rows: Option<Vec<RowId>> =
        (!of_leaks.is_empty()).then(|| table.select(&of_leaks, &[], None, &Marks::default()));
    let with_leak: Option<HashSet<_>> = rows.map(|rows| {
        kinds(kind)
            .into_iter()
            .flat_map(|kind| {
                rows.iter()
                    .filter_map(move |row| Some((kind, table.group(*row, kind)?)))
            })
            .collect()
    });
    groups.retain(|group| {
        with_leak
            .as_ref()
            .is_none_or(|found| found.contains(&(group.kind, group.row.group)))
            && (own.is_empty() || table.group_matches(group.kind, &group.row, &own))
    });
}

/// Sorts groups: by the keys, then by name, then by key. Groups without a date come last in both directions.
pub(in crate::cli) fn sort(groups: &mut [Group], keys: &[GroupSort]) {
    groups.sort_by(|one, two| {
        keys.iter()
            .map(|key| compare(one, two, *key))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
            .then_with(|| one.name.cmp(&two.name))
            .then_with(|| one.key.cmp(&two.key))
    });
}

fn compare(one: &Group, two: &Group, by: GroupSort) -> Ordering {
    let directed = |order: Ordering| {
        if by.descending {
            order.reverse()
        } else {
            order
        }
    };
    match by.field {
        GroupSortField::Name => directed(one.name.cmp(&two.name)),
        GroupSortField::Leaks => directed(one.row.total().cmp(&two.row.total())),
        GroupSortField::Unresolved => directed(one.row.unresolved().cmp(&two.row.unresolved())),
        GroupSortField::Seen => match (one.seen, two.seen) {
            (Some(one), Some(two)) => directed(one.cmp(&two)),
            (one, two) => one.is_none().cmp(&two.is_none()),
        },
    }
}
