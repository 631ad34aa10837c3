//! The rows of a group.

use super::{GroupId, GroupKind};
use crate::table::{Handle, Table, columns::Columns};
use fixedbitset::FixedBitSet;

/// Reads the number that leads from a row to its group.
type Read = fn(&Columns, Handle) -> u32;

impl Table {
    /// The rows of a group that are not gone, by handle.
    pub fn group_rows(&self, kind: GroupKind, group: GroupId) -> Vec<Handle> {
        let rows = self.columns.handles().filter(|&row| !self.is_gone(row));
        let column: Option<(Read, usize)> = match kind {
            GroupKind::User => Some((Columns::login, self.logins.len())),
            GroupKind::Resource => Some((Columns::url, self.urls.len())),
            GroupKind::Endpoint | GroupKind::Country => {
                Some((Columns::machine, self.groups.machines().len()))
            }
            _ => None,
        };
        let Some((number, numbers)) = column else {
            let is_in = |row: &Handle| self.group(*row, kind) == Some(group);
            return rows.filter(is_in).collect();
        };
        // A row is then one number and one bit, not a walk through the groups.
        let hits: FixedBitSet = (0..numbers)
            .filter(|&at| self.group_of(kind, at as u32) == Some(group))
            .collect();
        rows.filter(|&row| hits.contains(number(&self.columns, row) as usize))
            .collect()
    }
}
