//! Orders of rows, by any number of keys: see [`radix_key`] for how two are compared, [`incremental`] for how many
//! are, and [`group_sort`] for orders of groups.

mod buffer;
mod group_sort;
mod incremental;
mod merge;
mod partition;
mod radix_key;
mod ranks;
mod splitters;

pub use group_sort::{GroupSort, GroupSortField, IncrementalGroupSort, sort_groups};
pub use incremental::IncrementalSort;
pub use merge::{GroupMerge, RowsOfKind};

use super::{RowId, Table};
use buffer::SortBuffer;
use radix_key::RadixKeys;
use std::cmp::Ordering;

/// What leaks are sorted by.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, strum::EnumString, strum::Display, strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
pub enum SortField {
    /// The provider's date of the leak.
    Seen,
    /// When it came into the provider's store.
    Added,
    /// When it was found here.
    Found,
    /// What is told of it since the operator left: what came back, disputed, again, new.
    News,
    /// The login.
    Login,
    /// The domain that it is filed under.
    Domain,
    /// The URL.
    Url,
    /// The status: new, investigating, open, unknown, fixed, false positive.
    Status,
    /// The machine's host name.
    Host,
    /// The machine's country.
    Country,
    /// The provider's risk, then its score.
    Risk,
    /// The key.
    Key,
}

/// A sort key and its direction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SortKey {
    /// By what.
    pub field: SortField,
    /// Largest first. Rows without a value come last in both directions.
    pub descending: bool,
}

/// So many rows are sorted without being cast into parts first.
const MAX_DIRECT_SORT_ROWS: usize = 4_096;

impl Table {
    /// Sorts rows: by the keys, then by profile and id, never by arrival. Text is compared in lower case, byte by
    /// byte.
    pub fn sort(&self, rows: &mut [RowId], keys: &[SortKey]) {
        if rows.len() <= MAX_DIRECT_SORT_ROWS {
            return RadixKeys::new(self, keys).sort(self, rows, &mut SortBuffer::new());
        }
        let mut sorting = IncrementalSort::new(self, rows.to_vec(), keys);
        if let Some(mut order) = sorting.partition_some(self, usize::MAX) {
            sorting.sort_some(self, &mut order, usize::MAX);
            rows.copy_from_slice(&order);
        }
    }

    /// The order of two rows' keys: by profile, then by id.
    pub fn compare_keys(&self, one: RowId, two: RowId) -> Ordering {
        let (slot, other) = (self.slot(one), self.slot(two));
        let profiles = if slot == other {
            Ordering::Equal
        } else {
            let name = |slot: super::ProfileSlot| &self.profiles[slot.0 as usize].0;
            name(slot).cmp(name(other))
        };
        profiles.then_with(|| {
            let columns = &self.columns;
            if columns.is_unpacked(one) || columns.is_unpacked(two) {
                columns.id(one).cmp(&columns.id(two))
            } else {
                columns.packed_id(one).cmp(columns.packed_id(two))
            }
        })
    }
}
