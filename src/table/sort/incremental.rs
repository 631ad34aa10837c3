//! An order that is made in slices: rows are first cast into many small parts of it, then each part is sorted, those on
//! the screen before all others. A million rows are on the screen in their order long before all of them are in it.

use super::{
    SortKey,
    buffer::SortBuffer,
    partition::{Partitioned, Partitioning},
    radix_key::RadixKeys,
};
use crate::table::{RowId, Table};
use fixedbitset::FixedBitSet;
use std::ops::Range;

/// An order in the making.
#[derive(Clone, Debug)]
pub struct IncrementalSort {
    keys: RadixKeys,
    stage: Stage,
    /// Parts that are sorted.
    sorted_buckets: FixedBitSet,
    /// The first part that may not be.
    next: usize,
    buffer: SortBuffer<RowId>,
}

#[derive(Clone, Debug)]
enum Stage {
    Partitioning(Partitioning<RowId>),
    /// The rows themselves are the caller's.
    Partitioned(Partitioned<RowId>),
}

/// So many numbers are made at once: they stay near.
const ROWS_PER_STEP: usize = 1_024;

impl IncrementalSort {
    /// Begins to sort rows by keys, then by profile and id.
    pub fn new(table: &Table, rows: Vec<RowId>, keys: &[SortKey]) -> Self {
        let digits = RadixKeys::new(table, keys);
        let casting = Partitioning::new(rows, |row| digits.first_word(table, row));
        Self {
            keys: digits,
            stage: Stage::Partitioning(casting),
            sorted_buckets: FixedBitSet::new(),
            next: 0,
            buffer: SortBuffer::new(),
        }
    }

    /// Casts some more rows. Once all are cast, the rows part by part: to be kept by the caller, and given to the
    /// other functions.
    pub fn partition_some(&mut self, table: &Table, some: usize) -> Option<Vec<RowId>> {
        let Stage::Partitioning(casting) = &mut self.stage else {
            return None;
        };
        let mut left = some;
        let mut firsts = Vec::new();
        while left > 0 {
            let rows = casting.next_unnumbered(left.min(ROWS_PER_STEP));
            if rows.is_empty() {
                break;
            }
            left -= rows.len();
            self.keys.first_words(table, rows, &mut firsts);
            casting.add_numbers(&firsts);
        }
        if left == 0 {
            return None;
        }
        let mut cast = casting.distribute(left)?;
        let rows = std::mem::take(&mut cast.things);
        self.sorted_buckets = FixedBitSet::with_capacity(cast.bucket_count());
        self.stage = Stage::Partitioned(cast);
        Some(rows)
    }

    fn buckets_at(&self, places: &Range<usize>) -> Range<usize> {
        match &self.stage {
            Stage::Partitioning(_) => 0..0,
            Stage::Partitioned(cast) => cast.buckets_at(places),
        }
    }

    /// The places among which a row is.
    pub fn bucket_at(&self, table: &Table, row: RowId) -> Range<usize> {
        match &self.stage {
            Stage::Partitioning(_) => 0..0,
            Stage::Partitioned(cast) => {
                cast.bucket_range(cast.bucket_of(self.keys.first_word(table, row)))
            }
        }
    }

    /// Whether the rows at some places are in order.
    pub fn is_sorted_at(&self, places: &Range<usize>) -> bool {
        let mut parts = self.buckets_at(places);
        parts.all(|part| self.sorted_buckets.contains(part))
    }

    /// Puts the rows at some places in order, and those around them.
    pub fn sort_at(&mut self, table: &Table, order: &mut [RowId], places: &Range<usize>) {
        for part in self.buckets_at(places) {
            self.sort_bucket(table, order, part);
        }
    }

    /// How many rows that were.
    fn sort_bucket(&mut self, table: &Table, order: &mut [RowId], part: usize) -> usize {
        let Stage::Partitioned(cast) = &self.stage else {
            return 0;
        };
        if self.sorted_buckets.put(part) {
            return 0;
        }
        let places = cast.bucket_range(part);
        let firsts = cast.numbers.get(places.clone());
        if let (Some(rows), Some(firsts)) = (order.get_mut(places.clone()), firsts) {
            self.keys.sort_with(table, rows, firsts, &mut self.buffer);
        }
        places.len()
    }

    /// Puts about so many rows more in order; whether all are now.
    pub fn sort_some(&mut self, table: &Table, order: &mut [RowId], some: usize) -> bool {
        let parts = match &self.stage {
            Stage::Partitioning(_) => return false,
            Stage::Partitioned(cast) => cast.bucket_count(),
        };
        let mut done = 0;
        while self.next < parts && done < some {
            done += self.sort_bucket(table, order, self.next);
            self.next += 1;
        }
        self.next >= parts
    }
}
