//! From what is shown to what is wanted.

use super::{
    capability::{ScrollMode, TerminalCapabilities},
    cell::{CellGrid, ScrollMove},
    cursor::{CursorState, decimal, sequence},
    row::{self, TerminalState},
    scroll,
    style::CellStyle,
};
use crate::ui::redraw::ScrollRegion;
use ratatui::buffer::Cell;
use zeroize::Zeroize as _;

/// So many regions may move in a frame.
const MAX_SCROLLS: usize = 2;

/// Keeps what is wanted beside what is shown, and makes the bytes that lead from one to the other.
#[derive(Debug)]
pub(super) struct FrameDiff {
    capabilities: TerminalCapabilities,
    target: CellGrid,
    current: CellGrid,
    /// Rows that may differ.
    dirty_rows: Vec<bool>,
    /// What moves first on the terminal; in both sheets it has moved.
    pending_scrolls: Vec<ScrollMove>,
    /// What is on the terminal is not known: everything is painted anew.
    needs_full_paint: bool,
    state: TerminalState,
    /// Where the cursor belongs, if it is to be seen.
    pub(super) cursor: Option<(u16, u16)>,
    cursor_visible: bool,
}

impl FrameDiff {
    pub(super) fn new(facts: TerminalCapabilities, columns: u16, rows: u16) -> Self {
        let blank = CellGrid::blank(columns, rows);
        Self {
            capabilities: facts,
            target: blank.clone(),
            current: blank,
            dirty_rows: vec![false; usize::from(rows)],
            pending_scrolls: Vec::new(),
            needs_full_paint: true,
            state: TerminalState {
                style: CellStyle::DEFAULT,
                cursor: CursorState::Unknown,
            },
            cursor: None,
            cursor_visible: false,
        }
    }

    /// Forgets everything: the terminal is of this size, and what it shows is not known.
    pub(super) fn invalidate(&mut self, columns: u16, rows: u16) {
        *self = Self {
            cursor: self.cursor,
            ..Self::new(self.capabilities, columns, rows)
        };
    }

    /// Wants a cell.
    pub(super) fn set_cell(&mut self, column: u16, row: u16, cell: &Cell) {
        if self.target.set_cell(column, row, cell, self.capabilities)
            && let Some(touched) = self.dirty_rows.get_mut(usize::from(row))
        {
            *touched = true;
        }
    }

    /// Wants rows moved: by the terminal, if it can and if that is plainly shorter than to paint them.
    pub(super) fn scroll(&mut self, turn: ScrollRegion) {
        let turn = ScrollMove {
            top: turn.top.into(),
            bottom: usize::from(turn.bottom).min(self.target.rows()),
            up: turn.up,
            distance: turn.distance.into(),
        };
        let still = !self.needs_full_paint && !self.dirty_rows.contains(&true);
        let moved = scroll::beside_bar(&self.current, turn);
        if still
            && self.capabilities.scroll != ScrollMode::None
            && scroll::is_cheaper(&self.current, moved)
        {
            self.current.scroll(moved);
            self.pending_scrolls.push(moved);
            // A row that was left where it is has other words to show, and the one beside it came in blank.
            if moved != turn
                && let Some(touched) = self.dirty_rows.get_mut(turn.top..turn.bottom)
            {
                touched.fill(true);
            }
        } else if let Some(touched) = self.dirty_rows.get_mut(turn.top..turn.bottom) {
            touched.fill(true);
        }
        self.target.scroll(turn);
    }

    /// The bytes of a frame; none where nothing changed.
    pub(super) fn frame(&mut self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1 << 10);
        for turn in std::mem::take(&mut self.pending_scrolls) {
            self.write_scroll(turn, &mut out);
        }
        if self.needs_full_paint {
            self.write_reset(&mut out);
        } else if self.capabilities.scroll != ScrollMode::None {
            for _ in 0..MAX_SCROLLS {
                let Some(found) = scroll::find(&self.current, &self.target, &self.dirty_rows)
                else {
                    break;
                };
                self.apply_scroll(found, &mut out);
            }
        }
        for (row, touched) in self.dirty_rows.iter_mut().enumerate() {
            if std::mem::take(touched) {
                let (from, to) = (self.current.row(row), self.target.row(row));
                reserve(&mut out, row::room(to.len()));
                row::paint(self.capabilities, row, from, to, &mut self.state, &mut out);
                self.current.copy_row_from(row, &self.target);
            }
        }
        self.write_cursor(&mut out);
        out
    }

    /// From an unknown screen to a blank one.
    fn write_reset(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\x1b[m");
        if self.capabilities.scroll != ScrollMode::None {
            out.extend_from_slice(b"\x1b[r");
        }
        out.extend_from_slice(b"\x1b[H\x1b[J");
        out.extend_from_slice(if self.cursor.is_some() {
            SHOW_CURSOR
        } else {
            HIDE_CURSOR
        });
        self.cursor_visible = self.cursor.is_some();
        self.needs_full_paint = false;
        self.state = TerminalState {
            style: CellStyle::DEFAULT,
            cursor: CursorState::Known(0, 0),
        };
        self.dirty_rows.fill(true);
    }

    /// Moves rows on the terminal and in our copy of it.
    fn apply_scroll(&mut self, found: ScrollMove, out: &mut Vec<u8>) {
        self.write_scroll(found, out);
        self.current.scroll(found);
        let rows = self.dirty_rows.iter_mut().enumerate();
        for (row, touched) in rows.take(found.bottom).skip(found.top) {
            *touched = self.current.row(row) != self.target.row(row);
        }
    }

    /// Moves rows on the terminal.
    fn write_scroll(&mut self, turn: ScrollMove, out: &mut Vec<u8>) {
        let ScrollMove {
            top,
            bottom,
            up,
            distance: by,
        } = turn;
        // What comes in is erased: with the ground of the style on some terminals.
        self.state.reset_background(out);
        let whole = top == 0 && bottom == self.target.rows();
        if !whole {
            out.extend_from_slice(b"\x1b[");
            if top > 0 {
                decimal(top + 1, out);
            }
            out.push(b';');
            decimal(bottom, out);
            out.push(b'r');
        }
        if self.capabilities.scroll == ScrollMode::Lines {
            self.state.cursor = CursorState::Unknown;
            self.state.move_to(self.capabilities, 0, top, out);
            out.extend(sequence(by, if up { b'M' } else { b'L' }));
        } else {
            out.extend(sequence(by, if up { b'S' } else { b'T' }));
        }
        if !whole {
            out.extend_from_slice(b"\x1b[r");
        }
        // Setting a region moves the cursor home on most terminals, and not on all.
        self.state.cursor = CursorState::Unknown;
    }

    fn write_cursor(&mut self, out: &mut Vec<u8>) {
        match self.cursor {
            Some((column, row)) => {
                let (column, row) = (usize::from(column), usize::from(row));
                self.state.move_to(self.capabilities, column, row, out);
                if !self.cursor_visible {
                    out.extend_from_slice(SHOW_CURSOR);
                }
            }
            None if self.cursor_visible => out.extend_from_slice(HIDE_CURSOR),
            None => {}
        }
        self.cursor_visible = self.cursor.is_some();
    }
}

const SHOW_CURSOR: &[u8] = b"\x1b[?25h";
const HIDE_CURSOR: &[u8] = b"\x1b[?25l";

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
