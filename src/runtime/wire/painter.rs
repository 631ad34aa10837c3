//! From what is shown to what is wanted.

use super::{
    facts::{Facts, Shift},
    pen::Pen,
    row::{self, Hand},
    sheet::{Move, Sheet},
    shift,
    step::{Place, decimal, sequence},
};
use crate::ui::kept::Turn;
use ratatui::buffer::Cell;
use zeroize::Zeroize as _;

/// So many regions may move in a frame.
const MOVES: usize = 2;

/// Keeps what is wanted beside what is shown, and makes the bytes that lead from one to the other.
#[derive(Debug)]
pub(super) struct Painter {
    facts: Facts,
    wanted: Sheet,
    shown: Sheet,
    /// Rows that may differ.
    touched: Vec<bool>,
    /// What moves first on the terminal; in both sheets it has moved.
    turned: Vec<Move>,
    /// What is on the terminal is not known: everything is painted anew.
    lost: bool,
    hand: Hand,
    /// Where the cursor belongs, if it is to be seen.
    pub(super) cursor: Option<(u16, u16)>,
    cursor_shown: bool,
}

impl Painter {
    pub(super) fn new(facts: Facts, columns: u16, rows: u16) -> Self {
        let blank = Sheet::blank(columns, rows);
        Self {
            facts,
            wanted: blank.clone(),
            shown: blank,
            touched: vec![false; usize::from(rows)],
            turned: Vec::new(),
            lost: true,
            hand: Hand {
                pen: Pen::DEFAULT,
                place: Place::Unknown,
            },
            cursor: None,
            cursor_shown: false,
        }
    }

    /// Forgets everything: the terminal is of this size, and what it shows is not known.
    pub(super) fn forget(&mut self, columns: u16, rows: u16) {
        *self = Self {
            cursor: self.cursor,
            ..Self::new(self.facts, columns, rows)
        };
    }

    /// Wants a cell.
    pub(super) fn put(&mut self, column: u16, row: u16, cell: &Cell) {
        if self.wanted.put(column, row, cell, self.facts)
            && let Some(touched) = self.touched.get_mut(usize::from(row))
        {
            *touched = true;
        }
    }

    /// Wants rows moved: by the terminal, if it can and if that is plainly shorter than to paint them.
    pub(super) fn turn(&mut self, turn: Turn) {
        let turn = Move {
            top: turn.top.into(),
            bottom: usize::from(turn.bottom).min(self.wanted.rows()),
            up: turn.up,
            by: turn.by.into(),
        };
        let still = !self.lost && !self.touched.contains(&true);
        let moved = shift::beside_bar(&self.shown, turn);
        if still && self.facts.shift != Shift::None && shift::pays(&self.shown, moved) {
            self.shown.shift(moved);
            self.turned.push(moved);
            // A row that was left where it is has other words to show, and the one beside it came in blank.
            if moved != turn
                && let Some(touched) = self.touched.get_mut(turn.top..turn.bottom)
            {
                touched.fill(true);
            }
        } else if let Some(touched) = self.touched.get_mut(turn.top..turn.bottom) {
            touched.fill(true);
        }
        self.wanted.shift(turn);
    }

    /// The bytes of a frame; none where nothing changed.
    pub(super) fn frame(&mut self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1 << 10);
        for turn in std::mem::take(&mut self.turned) {
            self.send_move(turn, &mut out);
        }
        if self.lost {
            self.begin(&mut out);
        } else if self.facts.shift != Shift::None {
            for _ in 0..MOVES {
                let Some(found) = shift::find(&self.shown, &self.wanted, &self.touched) else {
                    break;
                };
                self.shift(found, &mut out);
            }
        }
        for (row, touched) in self.touched.iter_mut().enumerate() {
            if std::mem::take(touched) {
                let (from, to) = (self.shown.row(row), self.wanted.row(row));
                reserve(&mut out, row::room(to.len()));
                row::paint(self.facts, row, from, to, &mut self.hand, &mut out);
                self.shown.take(row, &self.wanted);
            }
        }
        self.place_cursor(&mut out);
        out
    }

    /// From an unknown screen to a blank one.
    fn begin(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\x1b[m");
        if self.facts.shift != Shift::None {
            out.extend_from_slice(b"\x1b[r");
        }
        out.extend_from_slice(b"\x1b[H\x1b[J");
        out.extend_from_slice(if self.cursor.is_some() { SHOW } else { HIDE });
        self.cursor_shown = self.cursor.is_some();
        self.lost = false;
        self.hand = Hand {
            pen: Pen::DEFAULT,
            place: Place::At(0, 0),
        };
        self.touched.fill(true);
    }

    /// Moves rows on the terminal and in our copy of it.
    fn shift(&mut self, found: Move, out: &mut Vec<u8>) {
        self.send_move(found, out);
        self.shown.shift(found);
        let rows = self.touched.iter_mut().enumerate();
        for (row, touched) in rows.take(found.bottom).skip(found.top) {
            *touched = self.shown.row(row) != self.wanted.row(row);
        }
    }

    /// Moves rows on the terminal.
    fn send_move(&mut self, turn: Move, out: &mut Vec<u8>) {
        let Move {
            top,
            bottom,
            up,
            by,
        } = turn;
        // What comes in is erased: with the ground of the style on some terminals.
        self.hand.clean(out);
        let whole = top == 0 && bottom == self.wanted.rows();
        if !whole {
            out.extend_from_slice(b"\x1b[");
            if top > 0 {
                decimal(top + 1, out);
            }
            out.push(b';');
            decimal(bottom, out);
            out.push(b'r');
        }
        if self.facts.shift == Shift::Lines {
            self.hand.place = Place::Unknown;
            self.hand.go(self.facts, 0, top, out);
            out.extend(sequence(by, if up { b'M' } else { b'L' }));
        } else {
            out.extend(sequence(by, if up { b'S' } else { b'T' }));
        }
        if !whole {
            out.extend_from_slice(b"\x1b[r");
        }
        // Setting a region moves the cursor home on most terminals, and not on all.
        self.hand.place = Place::Unknown;
    }

    fn place_cursor(&mut self, out: &mut Vec<u8>) {
        match self.cursor {
            Some((column, row)) => {
                let (column, row) = (usize::from(column), usize::from(row));
                self.hand.go(self.facts, column, row, out);
                if !self.cursor_shown {
                    out.extend_from_slice(SHOW);
                }
            }
            None if self.cursor_shown => out.extend_from_slice(HIDE),
            None => {}
        }
        self.cursor_shown = self.cursor.is_some();
    }
}

const SHOW: &[u8] = b"\x1b[?25h";
const HIDE: &[u8] = b"\x1b[?25l";

/// Makes room for more bytes. What is left behind is zeroed: a password may be in a frame.
pub(super) fn reserve(bytes: &mut Vec<u8>, more: usize) {
    let needed = bytes.len() + more;
    if needed > bytes.capacity() {
        let mut larger = Vec::with_capacity(needed * 2);
        larger.extend_from_slice(bytes);
        bytes.as_mut_slice().zeroize();
        *bytes = larger;
    }
}
