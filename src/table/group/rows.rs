//! The rows of a group: a walk along a column of numbers, as quick as one can be, for it is made of every row there is
//! while somebody waits.

use super::{GroupId, GroupKind};
use crate::table::{RowId, Table, columns::Columns, packed_column::PackedColumn};
use fixedbitset::FixedBitSet;

/// The column whose numbers lead from a row to its group, where it takes no other.
fn column_of(columns: &Columns, kind: GroupKind) -> Option<&PackedColumn> {
    match kind {
        GroupKind::User => Some(columns.logins()),
        GroupKind::Resource => Some(columns.urls()),
        GroupKind::Endpoint | GroupKind::Country => Some(columns.machines()),
        GroupKind::Breach => Some(columns.breaches()),
        GroupKind::Credential => Some(columns.credentials()),
        GroupKind::Domain => Some(columns.domains()),
        GroupKind::Profile | GroupKind::Paste | GroupKind::Source => None,
    }
}

impl Table {
    /// The rows of a group that are not gone, by handle.
    pub fn group_rows(&self, kind: GroupKind, group: GroupId) -> Vec<RowId> {
        let mut found: Vec<RowId> = Vec::new();
        if let Some(column) = column_of(&self.columns, kind) {
            self.collect_rows(column, kind, group, &mut found);
        } else {
            let is_in = |row: &RowId| self.group(*row, kind) == Some(group);
            found.extend(self.columns.row_ids().filter(is_in));
        }
        found.retain(|&row| !self.is_gone(row));
        found
    }

    /// The rows whose number in a column leads to a group.
    fn collect_rows(
        &self,
        column: &PackedColumn,
        kind: GroupKind,
        group: GroupId,
        found: &mut Vec<RowId>,
    ) {
        let numbers = self.group_numbers(kind, group);
        let mut take = |row: usize| found.push(RowId(row as u32));
        match numbers[..] {
            [] => {}
            [one] => column.for_each_row_with(one, take),
            [.., last] => {
                // A row is then one number and one bit, not a walk through the groups.
                let mut hits = FixedBitSet::with_capacity(last as usize + 1);
                for &number in &numbers {
                    hits.insert(number as usize);
                }
                column.for_each(|row, number| {
                    if hits.contains(number as usize) {
                        take(row);
                    }
                });
            }
        }
    }

    /// The numbers that lead to a group, in order.
    fn group_numbers(&self, kind: GroupKind, group: GroupId) -> Vec<u32> {
        let groups = &self.groups;
        let of = |map: &[u32]| {
            let found = map.iter().zip(0..).filter(|(of, _)| **of == group.0);
            found.map(|(_, number)| number).collect()
        };
        match kind {
            GroupKind::Domain => of(&groups.domain_by_text),
            GroupKind::User => of(&groups.user_by_login),
            GroupKind::Endpoint => of(&groups.endpoint_by_machine),
            GroupKind::Resource => of(&groups.resource_by_url),
            // The group has the number of its text, and is none where that is blank.
            GroupKind::Breach => {
                let named = self.breaches.names.is_informative(group.0);
                named.then_some(group.0).into_iter().collect()
            }
            GroupKind::Credential => vec![group.0],
            GroupKind::Country => (0..groups.machines().len() as u32)
                .filter(|&number| self.group_by_number(kind, number) == Some(group))
                .collect(),
            GroupKind::Profile | GroupKind::Paste | GroupKind::Source => Vec::new(),
        }
    }
}
