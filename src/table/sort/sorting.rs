//! An order that is made in turns: rows are first cast into many small parts of it, then each part is sorted, those on
//! the screen before all others. A million rows are on the screen in their order long before all of them are in it.

use super::{
    SortKey,
    casting::{Cast, Casting},
    digits::Digits,
    scratch::Scratch,
};
use crate::table::{Handle, Table};
use fixedbitset::FixedBitSet;
use std::ops::Range;

/// An order in the making.
#[derive(Clone, Debug)]
pub struct Sorting {
    digits: Digits,
    stage: Stage,
    /// Parts that are sorted.
    settled: FixedBitSet,
    /// The first part that may not be.
    next: usize,
    scratch: Scratch<Handle>,
}

#[derive(Clone, Debug)]
enum Stage {
    Casting(Casting<Handle>),
    /// The rows themselves are the caller's.
    Cast(Cast<Handle>),
}

/// So many numbers are made at once: they stay near.
const SOME: usize = 1_024;

impl Sorting {
    /// Begins to sort rows by keys, then by profile and id.
    pub fn new(table: &Table, rows: Vec<Handle>, keys: &[SortKey]) -> Self {
        let digits = Digits::new(table, keys);
        let casting = Casting::new(rows, |row| digits.first(table, row));
        Self {
            digits,
            stage: Stage::Casting(casting),
            settled: FixedBitSet::new(),
            next: 0,
            scratch: Scratch::new(),
        }
    }

    /// Casts some more rows. Once all are cast, the rows part by part: to be kept by the caller, and given to the
    /// other functions.
    pub fn cast(&mut self, table: &Table, some: usize) -> Option<Vec<Handle>> {
        let Stage::Casting(casting) = &mut self.stage else {
            return None;
        };
        let mut left = some;
        let mut firsts = Vec::new();
        while left > 0 {
            let rows = casting.next(left.min(SOME));
            if rows.is_empty() {
                break;
            }
            left -= rows.len();
            self.digits.firsts(table, rows, &mut firsts);
            casting.take(&firsts);
        }
        if left == 0 {
            return None;
        }
        let mut cast = casting.place(left)?;
        let rows = std::mem::take(&mut cast.things);
        self.settled = FixedBitSet::with_capacity(cast.parts());
        self.stage = Stage::Cast(cast);
        Some(rows)
    }

    fn parts_at(&self, places: &Range<usize>) -> Range<usize> {
        match &self.stage {
            Stage::Casting(_) => 0..0,
            Stage::Cast(cast) => cast.parts_at(places),
        }
    }

    /// The places among which a row is.
    pub fn around(&self, table: &Table, row: Handle) -> Range<usize> {
        match &self.stage {
            Stage::Casting(_) => 0..0,
            Stage::Cast(cast) => cast.places(cast.part_of(self.digits.first(table, row))),
        }
    }

    /// Whether the rows at some places are in order.
    pub fn is_settled_at(&self, places: &Range<usize>) -> bool {
        let mut parts = self.parts_at(places);
        parts.all(|part| self.settled.contains(part))
    }

    /// Puts the rows at some places in order, and those around them.
    pub fn settle_at(&mut self, table: &Table, order: &mut [Handle], places: &Range<usize>) {
        for part in self.parts_at(places) {
            self.settle_part(table, order, part);
        }
    }

    /// How many rows that were.
    fn settle_part(&mut self, table: &Table, order: &mut [Handle], part: usize) -> usize {
        let Stage::Cast(cast) = &self.stage else {
            return 0;
        };
        if self.settled.put(part) {
            return 0;
        }
        let places = cast.places(part);
        let firsts = cast.numbers.get(places.clone());
        if let (Some(rows), Some(firsts)) = (order.get_mut(places.clone()), firsts) {
            self.digits
                .sort_with(table, rows, firsts, &mut self.scratch);
        }
        places.len()
    }

    /// Puts about so many rows more in order; whether all are now.
    pub fn settle(&mut self, table: &Table, order: &mut [Handle], some: usize) -> bool {
        let parts = match &self.stage {
            Stage::Casting(_) => return false,
            Stage::Cast(cast) => cast.parts(),
        };
        let mut done = 0;
        while self.next < parts && done < some {
            done += self.settle_part(table, order, self.next);
            self.next += 1;
        }
        self.next >= parts
    }
}
