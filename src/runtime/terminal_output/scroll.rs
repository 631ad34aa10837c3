//! Finds rows that only moved.

use super::cell::{CellGrid, RenderCell, ScrollMove};
use std::collections::HashMap;

/// A move must save more than its sequences take.
const SCROLL_OVERHEAD_BYTES: isize = 24;
/// Distances that are looked at closely.
const MAX_CANDIDATES: usize = 3;
/// A row that is painted with fewer bytes says nothing: blank rows are like each other everywhere.
const MIN_DISTINCT_COST: isize = 12;

/// The move that saves most, if one saves anything.
pub(super) fn find(shown: &CellGrid, wanted: &CellGrid, touched: &[bool]) -> Option<ScrollMove> {
    // Moving a marker touches two rows; a list that moved touches more.
    if touched.iter().filter(|touched| **touched).count() < 3 {
        return None;
    }
    let hashes = Hashes::new(shown, wanted, touched);
    let candidates = candidates(shown, &hashes);
    if candidates.is_empty() {
        return None;
    }
    let costs = Costs::new(shown, wanted, &hashes);
    let (saved, best) = candidates
        .into_iter()
        .filter_map(|(up, by)| costs.best(up, by))
        .max_by_key(|(saved, _)| *saved)?;
    (saved > SCROLL_OVERHEAD_BYTES).then_some(best)
}

/// Whether moving rows is plainly shorter than to paint them where they are wanted, whatever stands in those that come
/// in. It does not look at more of them than it takes to say so.
pub(super) fn is_cheaper(shown: &CellGrid, turn: ScrollMove) -> bool {
    let come_in = shown.row(turn.top).len() as isize * turn.distance as isize;
    let mut rows =
        (turn.top + turn.distance..turn.bottom).map(|lower| (lower, lower - turn.distance));
    let mut saved = 0;
    rows.any(|(lower, upper)| {
        let (from, to) = if turn.up {
            (upper, lower)
        } else {
            (lower, upper)
        };
        saved += cost(shown.row(from), shown.row(to));
        saved > SCROLL_OVERHEAD_BYTES + come_in
    })
}

/// The same move without the row at the end that it goes from, where that one is a bar: a list that scrolls under its
/// cursor has the bar where it was, and only its words are others. Moved along, all of it would be painted twice.
pub(super) fn beside_bar(shown: &CellGrid, turn: ScrollMove) -> ScrollMove {
    let (edge, beside) = if turn.up {
        let bottom = turn.bottom.saturating_sub(1);
        (bottom, ScrollMove { bottom, ..turn })
    } else {
        let top = turn.top + 1;
        (turn.top, ScrollMove { top, ..turn })
    };
    let row = shown.row(edge);
    let grounded = row.iter().filter(|tile| tile.has_ground()).count();
    let room = beside.bottom.saturating_sub(beside.top);
    if turn.distance == 1 && room > 1 && grounded * 2 > row.len() {
        beside
    } else {
        turn
    }
}

/// What stands in the rows that may differ, as a number each: what two equal ones say is only a hint, every cell is
/// compared before it is left alone.
struct Hashes {
    current: Vec<Option<u64>>,
    target: Vec<Option<u64>>,
}

impl Hashes {
    fn new(shown: &CellGrid, wanted: &CellGrid, touched: &[bool]) -> Self {
        let of = |sheet: &CellGrid| {
            let rows = touched.iter().enumerate();
            rows.map(|(row, touched)| touched.then(|| hash(sheet.row(row))))
                .collect()
        };
        Self {
            current: of(shown),
            target: of(wanted),
        }
    }

    fn is_touched(&self, row: usize) -> bool {
        self.target.get(row).is_some_and(Option::is_some)
    }

    /// Whether a row that is shown looks as another shall.
    fn equal_rows(&self, shown: usize, wanted: usize) -> bool {
        let shown = self.current.get(shown).copied().flatten();
        shown.is_some() && shown == self.target.get(wanted).copied().flatten()
    }
}

fn hash(row: &[RenderCell]) -> u64 {
    row.iter().fold(0, |hash, tile| tile.mix(hash))
}

/// Directions and distances that most rows speak for.
fn candidates(shown: &CellGrid, hashes: &Hashes) -> Vec<(bool, usize)> {
    let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
    for (row, hash) in hashes.current.iter().enumerate() {
        if let Some(hash) = hash
            && is_distinct(shown.row(row))
        {
            places.entry(*hash).or_default().push(row);
        }
    }
    let mut votes: HashMap<(bool, usize), usize> = HashMap::new();
    for (row, hash) in hashes.target.iter().enumerate() {
        let Some(hash) = hash else { continue };
        for &from in places.get(hash).into_iter().flatten() {
            if from != row {
                *votes.entry((from > row, from.abs_diff(row))).or_default() += 1;
            }
        }
    }
    let mut votes: Vec<_> = votes.into_iter().collect();
    votes.sort_by_key(|((up, by), count)| (std::cmp::Reverse(*count), *by, *up));
    let best = votes.into_iter().take(MAX_CANDIDATES);
    best.map(|(candidate, _)| candidate).collect()
}

/// Whether a row has enough to be told from others by.
fn is_distinct(row: &[RenderCell]) -> bool {
    // A row that tells nothing is short or empty: seldom is all of it looked at.
    let (mut sum, mut apart) = (0, true);
    row.iter().any(|tile| {
        let bare = tile.is_bare();
        if !bare {
            sum += cell_cost(tile, apart);
        }
        apart = bare;
        sum >= MIN_DISTINCT_COST
    })
}

/// About how many bytes painting a row takes, without the ways between its parts.
fn cost(from: &[RenderCell], to: &[RenderCell]) -> isize {
    let (mut sum, mut apart) = (0, true);
    for (from, to) in from.iter().zip(to) {
        let same = from == to;
        if !same {
            sum += cell_cost(to, apart);
        }
        apart = same;
    }
    sum
}

fn blank_cost(to: &[RenderCell]) -> isize {
    let (mut sum, mut apart) = (0, true);
    for tile in to {
        let bare = tile.is_bare();
        if !bare {
            sum += cell_cost(tile, apart);
        }
        apart = bare;
    }
    sum
}

/// About how many bytes a tile takes: those to get there and to change the colour, and its own.
fn cell_cost(tile: &RenderCell, apart: bool) -> isize {
    (if apart { 6 } else { 0 }) + tile.length().min(3) as isize
}

struct Costs<'s> {
    current: &'s CellGrid,
    target: &'s CellGrid,
    hashes: &'s Hashes,
    /// Without a move.
    without_scroll: Vec<isize>,
}

impl<'s> Costs<'s> {
    fn new(shown: &'s CellGrid, wanted: &'s CellGrid, hashes: &'s Hashes) -> Self {
        let of = |row: usize| {
            if !hashes.is_touched(row) || hashes.equal_rows(row, row) {
                0
            } else {
                cost(shown.row(row), wanted.row(row))
            }
        };
        Self {
            current: shown,
            target: wanted,
            hashes,
            without_scroll: (0..wanted.rows()).map(of).collect(),
        }
    }

    /// What a move by a distance saves at best, and between which rows.
    fn best(&self, up: bool, by: usize) -> Option<(isize, ScrollMove)> {
        let rows = self.target.rows();
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
            let now = self.without_scroll.get(row).copied().unwrap_or(0);
            run += now;
            if !self.hashes.equal_rows(from, row) {
                run -= cost(self.current.row(from), self.target.row(row));
            }
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
            let found = ScrollMove {
                top: first,
                bottom: end + by,
                up,
                distance: by,
            };
            (end..end + by, found)
        } else {
            let top = first.checked_sub(by)?;
            let found = ScrollMove {
                top,
                bottom: end,
                up,
                distance: by,
            };
            (top..first, found)
        };
        let lost: isize = fresh
            .map(|row| {
                let now = self.without_scroll.get(row).copied().unwrap_or(0);
                blank_cost(self.target.row(row)) - now
            })
            .sum();
        Some((gain - lost, found))
    }
}
