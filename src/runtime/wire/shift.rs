//! Finds rows that only moved.

use super::sheet::{Sheet, Tile};
use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
};

/// A region of whole rows that moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Move {
    /// Its first row.
    pub(super) top: usize,
    /// The row after its last.
    pub(super) bottom: usize,
    /// Up or down.
    pub(super) up: bool,
    /// By so many rows.
    pub(super) by: usize,
}

/// A move must save more than its sequences take.
const OVERHEAD: isize = 24;
/// Distances that are looked at closely.
const CANDIDATES: usize = 3;
/// A row that is painted with fewer bytes says nothing: blank rows are like each other everywhere.
const TELLING: isize = 12;

/// The move that saves most, if one saves anything.
pub(super) fn find(shown: &Sheet, wanted: &Sheet, touched: &[bool]) -> Option<Move> {
    // Moving a marker touches two rows; a list that moved touches more.
    if touched.iter().filter(|touched| **touched).count() < 3 {
        return None;
    }
    let costs = Costs::new(shown, wanted, touched);
    let (saved, best) = candidates(shown, wanted, touched)
        .into_iter()
        .filter_map(|(up, by)| costs.best(up, by))
        .max_by_key(|(saved, _)| *saved)?;
    (saved > OVERHEAD).then_some(best)
}

fn hash(row: &[Tile]) -> u64 {
    let mut hasher = Mixer(0);
    row.hash(&mut hasher);
    hasher.finish()
}

/// A quick hash: what it says is only a hint, every cell is compared before it is left alone.
struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            if let Some(place) = word.get_mut(..chunk.len()) {
                place.copy_from_slice(chunk);
            }
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u16(&mut self, value: u16) {
        self.write_u64(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value.cast_unsigned() as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Directions and distances that most rows speak for.
fn candidates(shown: &Sheet, wanted: &Sheet, touched: &[bool]) -> Vec<(bool, usize)> {
    let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
    for row in (0..shown.rows()).filter(|row| touched.get(*row) == Some(&true)) {
        let tiles = shown.row(row);
        if from_blank(tiles) >= TELLING {
            places.entry(hash(tiles)).or_default().push(row);
        }
    }
    let mut votes: HashMap<(bool, usize), usize> = HashMap::new();
    for row in (0..wanted.rows()).filter(|row| touched.get(*row) == Some(&true)) {
        let tiles = wanted.row(row);
        for &from in places.get(&hash(tiles)).into_iter().flatten() {
            if from != row {
                *votes.entry((from > row, from.abs_diff(row))).or_default() += 1;
            }
        }
    }
    let mut votes: Vec<_> = votes.into_iter().collect();
    votes.sort_by_key(|((up, by), count)| (std::cmp::Reverse(*count), *by, *up));
    let best = votes.into_iter().take(CANDIDATES);
    best.map(|(candidate, _)| candidate).collect()
}

/// About how many bytes painting a row takes, without the ways between its parts.
fn cost(from: &[Tile], to: &[Tile]) -> isize {
    let mut sum = 0;
    let mut apart = true;
    for (from, to) in from.iter().zip(to) {
        if from == to {
            apart = true;
        } else {
            // To get there, and to change the colour.
            sum += if apart { 6 } else { 0 } + to.length().min(3) as isize;
            apart = false;
        }
    }
    sum
}

fn from_blank(to: &[Tile]) -> isize {
    let mut sum = 0;
    let mut apart = true;
    for tile in to {
        if tile.is_bare() {
            apart = true;
        } else {
            sum += if apart { 6 } else { 0 } + tile.length().min(3) as isize;
            apart = false;
        }
    }
    sum
}

struct Costs<'s> {
    shown: &'s Sheet,
    wanted: &'s Sheet,
    /// Without a move.
    now: Vec<isize>,
    /// On an erased row.
    blank: Vec<isize>,
}

impl<'s> Costs<'s> {
    fn new(shown: &'s Sheet, wanted: &'s Sheet, touched: &[bool]) -> Self {
        let of = |row: usize| {
            if touched.get(row) == Some(&true) {
                cost(shown.row(row), wanted.row(row))
            } else {
                0
            }
        };
        Self {
            shown,
            wanted,
            now: (0..wanted.rows()).map(of).collect(),
            blank: (0..wanted.rows())
                .map(|row| from_blank(wanted.row(row)))
                .collect(),
        }
    }

    /// What a move by a distance saves at best, and between which rows.
    fn best(&self, up: bool, by: usize) -> Option<(isize, Move)> {
        let rows = self.wanted.rows();
        let source = |row: usize| {
            if up {
                Some(row + by).filter(|row| *row < rows)
            } else {
                row.checked_sub(by)
            }
        };
        // The run of rows that gains most by being made from other rows.
        let (mut best, mut run, mut start) = ((0, 0, 0), 0, 0);
        for row in 0..rows {
            let Some(from) = source(row) else {
                (run, start) = (0, row + 1);
                continue;
            };
            let now = self.now.get(row).copied().unwrap_or(0);
            run += now - cost(self.shown.row(from), self.wanted.row(row));
            if run <= 0 {
                (run, start) = (0, row + 1);
            } else if run > best.0 {
                best = (run, start, row + 1);
            }
        }
        let (gain, first, end) = best;
        if gain == 0 {
            return None;
        }
        // Rows that come in blank are painted whole.
        let (fresh, found) = if up {
            let found = Move {
                top: first,
                bottom: end + by,
                up,
                by,
            };
            (end..end + by, found)
        } else {
            let top = first.checked_sub(by)?;
            let found = Move {
                top,
                bottom: end,
                up,
                by,
            };
            (top..first, found)
        };
        let lost: isize = fresh
            .map(|row| {
                let of = |costs: &[isize]| costs.get(row).copied().unwrap_or(0);
                of(&self.blank) - of(&self.now)
            })
            .sum();
        Some((gain - lost, found))
    }
}
