//! Paints what changed of a row.

use super::{
    facts::Facts,
    pen::{self, Pen},
    sheet::Tile,
    step::{self, Place, sequence},
};
use zeroize::Zeroize as _;

/// What the terminal has in hand: its style, and where its cursor is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hand {
    pub(super) pen: Pen,
    pub(super) place: Place,
}

impl Hand {
    pub(super) fn turn(&mut self, to: Pen, out: &mut Vec<u8>) {
        pen::turn(self.pen, to, out);
        self.pen = to;
    }

    /// Makes sure that what is erased is blank.
    pub(super) fn clean(&mut self, out: &mut Vec<u8>) {
        if !self.pen.erases() {
            self.turn(self.pen.toward_blank(Pen::DEFAULT), out);
        }
    }

    pub(super) fn go(&mut self, facts: Facts, column: usize, row: usize, out: &mut Vec<u8>) {
        step::go(facts, self.place, column, row, out);
        self.place = Place::At(column, row);
    }
}

/// More bytes than a column takes nearly ever: its style and its character.
const COLUMN: usize = 64;

/// From so many blanks on, erasing them is looked at.
const ERASED: usize = 4;

/// Paints a row: over what is there, or on what is left of it after erasing, whichever takes fewer bytes.
pub(super) fn paint(
    facts: Facts,
    row: usize,
    from: &[Tile],
    to: &[Tile],
    hand: &mut Hand,
    out: &mut Vec<u8>,
) {
    let changed = changes(from, to);
    let Some(first) = changed.iter().position(|changed| *changed) else {
        return;
    };
    let room = room(to.len());
    let mut over = Vec::with_capacity(room);
    let mut after = *hand;
    paint_changed(facts, row, &changed, to, &mut after, &mut over);
    // Painting one word over another is never longer than erasing the rest of the row first.
    // Where a width is in doubt, what runs over has to be painted over.
    if facts.erase_line && over.len() > 24 && !to.iter().any(|tile| tile.doubtful) {
        let mut anew = Vec::with_capacity(room);
        let mut hand_anew = *hand;
        hand_anew.go(facts, first, row, &mut anew);
        hand_anew.clean(&mut anew);
        anew.extend_from_slice(b"\x1b[K");
        let changes = changed.clone();
        let mut left = changed;
        for (column, left) in left.iter_mut().enumerate().skip(first) {
            *left = to.get(column).is_some_and(|tile| !tile.is_bare());
        }
        paint_changed(facts, row, &left, to, &mut hand_anew, &mut anew);
        if anew.len() < over.len() {
            std::mem::swap(&mut over, &mut anew);
            after = hand_anew;
        }
        // A password may be in the row.
        anew.as_mut_slice().zeroize();
        // What stands behind what changes, such as a frame, need not be painted again.
        let last = changes
            .iter()
            .rposition(|changed| *changed)
            .unwrap_or(first);
        let behind = to.get(last + 1..).unwrap_or_default();
        if facts.erase && behind.iter().any(|tile| !tile.is_bare()) {
            let mut within = Vec::with_capacity(room);
            let mut hand_within = *hand;
            hand_within.go(facts, first, row, &mut within);
            hand_within.clean(&mut within);
            within.extend(sequence(last + 1 - first, b'X'));
            let mut left = changes;
            for (column, left) in left.iter_mut().enumerate() {
                let is_erased = (first..=last).contains(&column);
                *left = is_erased && to.get(column).is_some_and(|tile| !tile.is_bare());
            }
            paint_changed(facts, row, &left, to, &mut hand_within, &mut within);
            if within.len() < over.len() {
                std::mem::swap(&mut over, &mut within);
                after = hand_within;
            }
            within.as_mut_slice().zeroize();
        }
    }
    out.extend_from_slice(&over);
    over.as_mut_slice().zeroize();
    *hand = after;
}

/// Room for the bytes of a row of so many columns, so that nothing is left behind by growing.
pub(super) fn room(columns: usize) -> usize {
    columns * COLUMN + 256
}

/// Which columns are painted: those that differ, the whole of a wide character where a half differs, and the whole row
/// where a width is in doubt.
fn changes(from: &[Tile], to: &[Tile]) -> Vec<bool> {
    let mut changed: Vec<bool> = from.iter().zip(to).map(|(from, to)| from != to).collect();
    if !changed.contains(&true) {
        return changed;
    }
    let mut tiles = from.iter().chain(to);
    if tiles.clone().any(|tile| tile.doubtful) {
        changed.fill(true);
        return changed;
    }
    if tiles.any(|tile| tile.columns == 2) {
        let mut grows = true;
        while grows {
            grows = false;
            for sheet in [from, to] {
                for (column, tile) in sheet.iter().enumerate() {
                    if tile.columns == 2
                        && let Some([one, other]) = changed.get_mut(column..column + 2)
                        && *one != *other
                    {
                        (*one, *other, grows) = (true, true, true);
                    }
                }
            }
        }
    }
    changed
}

fn paint_changed(
    facts: Facts,
    row: usize,
    changed: &[bool],
    to: &[Tile],
    hand: &mut Hand,
    out: &mut Vec<u8>,
) {
    // From this column on there is nothing but blanks as erasing leaves them.
    let text = to.iter().rposition(|tile| !tile.is_bare());
    let text = text.map_or(0, |last| last + 1);
    let last = changed.iter().rposition(|changed| *changed);
    let end = last.map_or(0, |last| last + 1);
    let mut column = 0;
    while column < end {
        let Some(tile) = to.get(column) else { break };
        if changed.get(column) != Some(&true) || tile.columns == 0 {
            column += 1;
            continue;
        }
        if tile.is_bare() {
            if facts.erase_line && column >= text && end - column >= ERASED {
                hand.go(facts, column, row, out);
                hand.clean(out);
                out.extend_from_slice(b"\x1b[K");
                return;
            }
            let run = to.iter().skip(column).take(end - column);
            let run = run.take_while(|tile| tile.is_bare()).count();
            if facts.erase && run >= ERASED && erases_shorter(facts, *hand, column, row, run) {
                hand.go(facts, column, row, out);
                hand.clean(out);
                out.extend(sequence(run, b'X'));
                column += run;
                continue;
            }
        }
        approach(facts, row, column, to, hand, out);
        write(facts, tile, (column, row), to.len(), hand, out);
        column += 1;
    }
}

/// Whether a run of blanks is shorter to erase and to step over than to write.
fn erases_shorter(facts: Facts, hand: Hand, column: usize, row: usize, run: usize) -> bool {
    let mut pen = Vec::new();
    let mut clean = hand;
    clean.clean(&mut pen);
    let after = step::length(facts, Place::At(column, row), column + run, row);
    pen.len() + sequence(run, b'X').len() + after < run
}

/// Brings the cursor to a column: by writing what lies between again where that is no longer than a step.
fn approach(
    facts: Facts,
    row: usize,
    column: usize,
    to: &[Tile],
    hand: &mut Hand,
    out: &mut Vec<u8>,
) {
    if let Place::At(at, here) = hand.place
        && here == row
        && at < column
        && let Some(between) = to.get(at..column)
    {
        let step = step::length(facts, hand.place, column, row);
        let same = between
            .iter()
            .all(|tile| tile.columns == 1 && !tile.doubtful && suits(hand.pen, tile));
        if same && between.iter().map(Tile::length).sum::<usize>() <= step {
            for tile in between {
                tile.write(out);
            }
            hand.place = Place::At(column, row);
            return;
        }
    }
    hand.go(facts, column, row, out);
}

/// Whether a style writes a tile as it shall look.
fn suits(pen: Pen, tile: &Tile) -> bool {
    pen == tile.pen || (tile.is_blank() && pen.blanks_like(tile.pen))
}

fn write(
    facts: Facts,
    tile: &Tile,
    (column, row): (usize, usize),
    columns: usize,
    hand: &mut Hand,
    out: &mut Vec<u8>,
) {
    if !suits(hand.pen, tile) {
        let to = if tile.is_blank() {
            hand.pen.toward_blank(tile.pen)
        } else {
            tile.pen
        };
        hand.turn(to, out);
    }
    let next = column + usize::from(tile.columns);
    if tile.doubtful {
        // Should it be narrower there than here, nothing of what stood there is left.
        out.extend(std::iter::repeat_n(b' ', usize::from(tile.columns)));
        hand.place = if next >= columns {
            Place::Edge(row)
        } else {
            Place::At(next, row)
        };
        hand.go(facts, column, row, out);
        tile.write(out);
        hand.place = Place::Unknown;
        return;
    }
    tile.write(out);
    hand.place = if next >= columns {
        Place::Edge(row)
    } else {
        Place::At(next, row)
    };
}
