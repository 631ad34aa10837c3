//! An order that is made in turns: rows are first cast into many small parts of it, then each part is sorted, those on
//! the screen before all others. A million rows are on the screen in their order long before all of them are in it.

use super::{SortKey, digits::Digits};
use crate::table::{Handle, Table};
use fixedbitset::FixedBitSet;
use std::ops::Range;

/// An order in the making.
#[derive(Clone, Debug)]
pub struct Sorting {
    digits: Digits,
    /// The rows, until all are cast.
    rows: Vec<Handle>,
    /// By row, its part.
    parts: Vec<u16>,
    /// The first number of each part but the first.
    borders: Vec<u64>,
    /// By part, how many rows; once all are cast, where they begin, and the end.
    starts: Vec<u32>,
    /// Parts that are sorted.
    settled: FixedBitSet,
    /// The first part that may not be.
    next: usize,
    scratch: Vec<(u64, Handle)>,
}

/// Rows of a part, about.
const PART: usize = 1_024;
const PARTS: usize = 1_024;
/// So many rows are looked at for each border.
const SAMPLES: usize = 8;

fn part_of(borders: &[u64], first: u64) -> usize {
    borders.partition_point(|border| *border <= first)
}

impl Sorting {
    /// Begins to sort rows by keys, then by profile and id.
    pub fn new(table: &Table, rows: Vec<Handle>, keys: &[SortKey]) -> Self {
        let digits = Digits::new(table, keys);
        let parts = (rows.len() / PART).clamp(1, PARTS);
        let step = (rows.len() / (parts * SAMPLES)).max(1);
        let mut sample: Vec<u64> = rows
            .iter()
            .step_by(step)
            .map(|&row| digits.first(table, row))
            .collect();
        sample.sort_unstable();
        let mut borders: Vec<u64> = sample
            .chunks(SAMPLES)
            .skip(1)
            .filter_map(|chunk| chunk.first().copied())
            .collect();
        borders.dedup();
        borders.truncate(usize::from(u16::MAX));
        let starts = vec![0; borders.len() + 1];
        Self {
            settled: FixedBitSet::with_capacity(starts.len()),
            parts: Vec::with_capacity(rows.len()),
            next: 0,
            scratch: Vec::new(),
            digits,
            rows,
            borders,
            starts,
        }
    }

    /// Casts some more rows. Once all are cast, the rows part by part: to be kept by the caller, and given to the
    /// other functions.
    pub fn cast(&mut self, table: &Table, some: usize) -> Option<Vec<Handle>> {
        let from = self.parts.len();
        let to = from.saturating_add(some).min(self.rows.len());
        let mut firsts = Vec::new();
        for rows in self.rows[from..to].chunks(PART) {
            self.digits.firsts(table, rows, &mut firsts);
            for first in &firsts {
                let part = part_of(&self.borders, *first);
                self.parts.push(part as u16);
                self.starts[part] += 1;
            }
        }
        if to < self.rows.len() {
            return None;
        }
        let mut end = 0;
        for start in &mut self.starts {
            end += std::mem::replace(start, end);
        }
        let mut places = self.starts.clone();
        self.starts.push(end);
        let mut order = vec![Handle(0); self.rows.len()];
        for (row, part) in self.rows.iter().zip(&self.parts) {
            let place = &mut places[usize::from(*part)];
            order[*place as usize] = *row;
            *place += 1;
        }
        (self.rows, self.parts) = (Vec::new(), Vec::new());
        Some(order)
    }

    fn part_of(&self, table: &Table, row: Handle) -> usize {
        part_of(&self.borders, self.digits.first(table, row))
    }

    /// The places among which a row is.
    pub fn around(&self, table: &Table, row: Handle) -> Range<usize> {
        self.places(self.part_of(table, row))
    }

    fn places(&self, part: usize) -> Range<usize> {
        let at = |part: usize| self.starts.get(part).map_or(0, |start| *start as usize);
        at(part)..at(part + 1)
    }

    /// Whether the rows at some places are in order.
    pub fn is_settled_at(&self, places: &Range<usize>) -> bool {
        let mut parts = self.parts_at(places);
        parts.all(|part| self.settled.contains(part))
    }

    fn parts_at(&self, places: &Range<usize>) -> Range<usize> {
        // The last of several parts that begin at one place is the one that has rows.
        let begun = |place: usize| {
            let before = self
                .starts
                .partition_point(|start| *start as usize <= place);
            before.saturating_sub(1)
        };
        if places.is_empty() {
            return 0..0;
        }
        begun(places.start)..(begun(places.end - 1) + 1).min(self.borders.len() + 1)
    }

    /// Puts the rows at some places in order, and those around them.
    pub fn settle_at(&mut self, table: &Table, order: &mut [Handle], places: &Range<usize>) {
        for part in self.parts_at(places) {
            self.settle_part(table, order, part);
        }
    }

    fn settle_part(&mut self, table: &Table, order: &mut [Handle], part: usize) {
        if self.settled.contains(part) {
            return;
        }
        if let Some(rows) = order.get_mut(self.places(part)) {
            self.digits.sort(table, rows, &mut self.scratch);
        }
        self.settled.insert(part);
    }

    /// Puts about so many rows more in order; whether all are now.
    pub fn settle(&mut self, table: &Table, order: &mut [Handle], some: usize) -> bool {
        let mut done = 0;
        while self.next <= self.borders.len() && done < some {
            if !self.settled.contains(self.next) {
                done += self.places(self.next).len();
                self.settle_part(table, order, self.next);
            }
            self.next += 1;
        }
        self.next > self.borders.len()
    }
}
