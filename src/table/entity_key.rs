//! Keys of many rows: what a large plan is made of.

use super::{IncrementalSort, ProfileSlot, RowId, SortField, SortKey, Table};
use crate::entity::key::{EntityKey, ProfileName, RemoteId};

/// Digits of a packed id.
const ID_DIGITS: usize = 32;

impl Table {
    /// The keys of rows, without a text in between for each.
    pub fn keys<'a>(&'a self, rows: &'a [RowId]) -> impl Iterator<Item = EntityKey> + 'a {
        let mut last: Option<(ProfileSlot, &ProfileName)> = None;
        rows.iter().map(move |&row| {
            let slot = self.slot(row);
            let name = match last {
                Some((known, name)) if known == slot => name,
                _ => &self.row_profile(row).0,
            };
            last = Some((slot, name));
            EntityKey::for_leak(name.clone(), self.remote_id(row))
        })
    }

    fn remote_id(&self, row: RowId) -> RemoteId {
        if self.columns.is_unpacked(row) {
            return RemoteId::from(&*self.columns.id(row));
        }
        let digit = |number: u8| number + if number < 10 { b'0' } else { b'a' - 10 };
        let mut text = [0; ID_DIGITS];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.columns.packed_id(row)) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        RemoteId::from(&text[..])
    }

    /// Begins to put rows in the order of their keys.
    pub fn begin_key_sort(&self, rows: Vec<RowId>) -> IncrementalSort {
        let key = SortKey {
            field: SortField::Key,
            descending: false,
        };
        IncrementalSort::new(self, rows, &[key])
    }
}
