//! The rows of a group.

use super::{GroupId, GroupKind};
use crate::table::{Handle, Table};
use fixedbitset::FixedBitSet;

impl Table {
    /// The rows of a group that are not gone, by handle.
    pub fn group_rows(&self, kind: GroupKind, group: GroupId) -> Vec<Handle> {
        let rows = self.columns.handles().filter(|&row| !self.is_gone(row));
        let map = match kind {
            GroupKind::User => Some((&self.groups.user_of, ReadNumber::Login)),
            GroupKind::Endpoint => Some((&self.groups.endpoint_of, ReadNumber::Machine)),
            GroupKind::Resource => Some((&self.groups.resource_of, ReadNumber::Url)),
            _ => None,
        };
        let Some((map, of)) = map else {
            let is_in = |row: &Handle| self.group(*row, kind) == Some(group);
            return rows.filter(is_in).collect();
        };
        // A row is then one number and one bit, not a walk through the map.
        let numbers = map.iter().enumerate();
        let hits: FixedBitSet = numbers
            .filter(|(_, other)| **other == group.0)
            .map(|(number, _)| number)
            .collect();
        let number = |row| match of {
            ReadNumber::Login => self.columns.login(row),
            ReadNumber::Machine => self.columns.machine(row),
            ReadNumber::Url => self.columns.url(row),
        };
        rows.filter(|&row| hits.contains(number(row) as usize))
            .collect()
    }
}

/// The column that leads to a group.
#[derive(Clone, Copy)]
enum ReadNumber {
    Login,
    Machine,
    Url,
}
