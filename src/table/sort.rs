//! Orders of rows, by any number of keys: see [`digits`] for how two are compared, [`sorting`] for how many
//! are, and [`groups`] for orders of groups.

mod borders;
mod casting;
mod digits;
mod groups;
mod merging;
mod ranks;
mod scratch;
mod sorting;

pub use groups::{GroupSort, GroupSortField, GroupSorting, sort_groups};
pub use merging::{GroupMerging, RowsOfKind};
pub use sorting::Sorting;

use super::{Handle, Table};
use digits::Digits;
use scratch::Scratch;
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
const FEW: usize = 4_096;

impl Table {
    /// Sorts rows: by the keys, then by profile and id, never by arrival. Text is compared in lower case, byte by
    /// byte.
    pub fn sort(&self, rows: &mut [Handle], keys: &[SortKey]) {
        if rows.len() <= FEW {
            return Digits::new(self, keys).sort(self, rows, &mut Scratch::new());
        }
        let mut sorting = Sorting::new(self, rows.to_vec(), keys);
        if let Some(mut order) = sorting.cast(self, usize::MAX) {
            sorting.settle(self, &mut order, usize::MAX);
            rows.copy_from_slice(&order);
        }
    }

    /// The order of two rows' keys: by profile, then by id.
    pub fn compare_keys(&self, one: Handle, two: Handle) -> Ordering {
        let (slot, other) = (self.slot(one), self.slot(two));
        let profiles = if slot == other {
            Ordering::Equal
        } else {
            let name = |slot: super::Slot| &self.profiles[slot.0 as usize].0;
            name(slot).cmp(name(other))
        };
        profiles.then_with(|| {
            let columns = &self.columns;
            if columns.is_odd(one) || columns.is_odd(two) {
                columns.id(one).cmp(&columns.id(two))
            } else {
                columns.packed_id(one).cmp(columns.packed_id(two))
            }
        })
    }
}
