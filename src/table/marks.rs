//! Which leaks are marked: a bitmap over handles.

use super::RowId;
use fixedbitset::FixedBitSet;

/// Marked rows, as a bitmap over handles; how many they are is kept.
#[derive(Clone, Default, Debug)]
pub struct Marks {
    bits: FixedBitSet,
    len: usize,
}

/// The same rows are marked, however long the bitmaps are.
impl PartialEq for Marks {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.bits.is_subset(&other.bits)
    }
}

impl Marks {
    /// The first rows, so many of them.
    pub fn with_first(rows: usize) -> Self {
        let mut bits = FixedBitSet::with_capacity(rows);
        bits.insert_range(..);
        Self { bits, len: rows }
    }

    /// Whether the row is marked.
    pub fn contains(&self, row: RowId) -> bool {
        self.bits.contains(row.0 as usize)
    }

    /// Marks a row; whether it was not.
    pub fn insert(&mut self, row: RowId) -> bool {
        if row.0 as usize >= self.bits.len() {
            // As far as the next thousand, so that it need not grow for each.
            self.bits.grow((row.0 as usize | 1023) + 1);
        }
        let new = !self.bits.put(row.0 as usize);
        self.len += usize::from(new);
        new
    }

    /// Unmarks a row; whether it was marked.
    pub fn remove(&mut self, row: RowId) -> bool {
        let was = self.contains(row);
        if was {
            self.bits.set(row.0 as usize, false);
            self.len -= 1;
        }
        was
    }

    /// Turns a mark over; whether the row is marked now.
    pub fn toggle(&mut self, row: RowId) -> bool {
        !self.remove(row) && self.insert(row)
    }

    /// How many rows are marked.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many rows are marked in both.
    pub fn intersection_len(&self, other: &Self) -> usize {
        self.bits.intersection_count(&other.bits)
    }

    /// Marks all that another has marked.
    pub fn union_with(&mut self, other: &Self) {
        self.bits.union_with(&other.bits);
        self.len = self.bits.count_ones(..);
    }

    /// Turns the marks over of all that another has marked.
    pub fn toggle_all(&mut self, other: &Self) {
        self.bits.symmetric_difference_with(&other.bits);
        self.len = self.bits.count_ones(..);
    }

    /// The marked rows, by handle.
    pub fn iter(&self) -> impl Iterator<Item = RowId> + '_ {
        self.bits.ones().map(|at| RowId(at as u32))
    }

    /// Unmarks all.
    pub fn clear(&mut self) {
        self.bits.clear();
        self.len = 0;
    }
}

impl Extend<RowId> for Marks {
    fn extend<T: IntoIterator<Item = RowId>>(&mut self, rows: T) {
        for row in rows {
            self.insert(row);
        }
    }
}

impl FromIterator<RowId> for Marks {
    fn from_iter<T: IntoIterator<Item = RowId>>(rows: T) -> Self {
        let mut marks = Self::default();
        marks.extend(rows);
        marks
    }
}
