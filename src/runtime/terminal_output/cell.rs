//! The cells of a screen, in a form that is quick to compare: what is wanted, and what is shown.

use super::{
    capability::TerminalCapabilities,
    style::{CellStyle, VISIBLE_ON_BLANK},
};
use ratatui::{
    buffer::{Cell, CellWidth},
    style::{Color, Modifier},
};
use unicode_width::UnicodeWidthChar;

/// A region of whole rows that moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScrollMove {
    /// Its first row.
    pub(super) top: usize,
    /// The row after its last.
    pub(super) bottom: usize,
    /// Up or down.
    pub(super) up: bool,
    /// By so many rows.
    pub(super) distance: usize,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Glyph {
    /// One character.
    Char(char),
    /// Several that are drawn as one.
    Grapheme(Box<str>),
    /// The second half of the wide one on its left.
    WideTail,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RenderCell {
    pub(super) glyph: Glyph,
    pub(super) style: CellStyle,
    /// Columns: two for a wide one, none for its second half.
    pub(super) columns: u8,
    /// Terminals do not agree on its width or its place.
    pub(super) ambiguous_width: bool,
}

impl RenderCell {
    pub(super) const BLANK: Self = Self {
        glyph: Glyph::Char(' '),
        style: CellStyle::DEFAULT,
        columns: 1,
        ambiguous_width: false,
    };

    const WIDE_TAIL: Self = Self {
        glyph: Glyph::WideTail,
        columns: 0,
        ..Self::BLANK
    };

    /// The cell as it is shown with so many columns left in its row.
    fn from_cell(cell: &Cell, facts: TerminalCapabilities, room: usize) -> Self {
        let mut pen = CellStyle::from_cell(cell);
        if !facts.italic {
            pen.modifiers -= Modifier::ITALIC;
        }
        if !facts.dim {
            pen.modifiers -= Modifier::DIM;
        }
        let symbol = cell.symbol();
        let mut characters = symbol.chars();
        let (sign, columns, doubtful) = match (characters.next(), characters.next()) {
            (Some(' '..='~'), None) => {
                let sign = Glyph::Char(symbol.chars().next().unwrap_or(' '));
                (sign, 1, false)
            }
            (Some(first), None) if !first.is_control() => {
                let columns = symbol.cell_width();
                (
                    Glyph::Char(first),
                    columns,
                    !has_agreed_width(first, columns),
                )
            }
            (Some(_), Some(_)) if !symbol.chars().any(char::is_control) => {
                (Glyph::Grapheme(symbol.into()), symbol.cell_width(), true)
            }
            // Nothing, or what no terminal may be sent as text.
            _ => (Glyph::Char(' '), 1, false),
        };
        let (sign, columns, doubtful) = match columns {
            // A terminal that does not join them would write on into the next row.
            1 | 2 if doubtful && unjoined_width(symbol) > room => (REPLACEMENT, 1, false),
            1 | 2 => (sign, columns as u8, doubtful),
            0 => (Glyph::Char(' '), 1, false),
            // Wider than anything a terminal shows in one place.
            _ => (REPLACEMENT, 1, false),
        };
        Self {
            glyph: sign,
            style: pen,
            columns,
            ambiguous_width: doubtful,
        }
        .normalize_blank()
    }

    /// A blank has only what can be seen of its style.
    fn normalize_blank(mut self) -> Self {
        if self.glyph == Glyph::Char(' ')
            && self
                .style
                .modifiers
                .intersection(VISIBLE_ON_BLANK)
                .is_empty()
        {
            self.style.foreground = Color::Reset;
            self.style.modifiers = Modifier::empty();
        }
        self
    }

    /// A blank of which nothing but the ground can be seen.
    pub(super) fn is_blank(&self) -> bool {
        self.glyph == Glyph::Char(' ') && self.style.modifiers.is_empty()
    }

    /// Whether it is seen where it is blank: it has a ground, or is reversed.
    pub(super) fn has_ground(&self) -> bool {
        !self.style.erases_to_default()
    }

    /// Mixes the tile into a quick hash: what that says is only a hint.
    pub(super) fn mix(&self, hash: u64) -> u64 {
        let sign = match &self.glyph {
            Glyph::Char(one) => u64::from(u32::from(*one)),
            Glyph::Grapheme(several) => several
                .bytes()
                .fold(1 << 32, |sum: u64, byte| mix_hash(sum, u64::from(byte))),
            Glyph::WideTail => 1 << 33,
        };
        mix_hash(hash, sign ^ (self.style.hash_value() << 24))
    }

    /// A blank as erasing leaves it.
    pub(super) fn is_bare(&self) -> bool {
        *self == Self::BLANK
    }

    /// Bytes of its text.
    pub(super) fn length(&self) -> usize {
        match &self.glyph {
            Glyph::Char(one) => one.len_utf8(),
            Glyph::Grapheme(several) => several.len(),
            Glyph::WideTail => 0,
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match &self.glyph {
            Glyph::Char(one) => {
                let mut buffer = [0; 4];
                out.extend_from_slice(one.encode_utf8(&mut buffer).as_bytes());
            }
            Glyph::Grapheme(several) => out.extend_from_slice(several.as_bytes()),
            Glyph::WideTail => {}
        }
    }
}

/// In place of what cannot be shown where it stands.
fn mix_hash(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95)
}

const REPLACEMENT: Glyph = Glyph::Char(char::REPLACEMENT_CHARACTER);

/// Columns of characters that are not joined.
fn unjoined_width(symbol: &str) -> usize {
    symbol.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// Whether all terminals give a character so many columns, in the order of its text. What joins, what runs from right
/// to left and what is drawn as a picture in one place and as a letter in another is in doubt.
fn has_agreed_width(character: char, columns: u16) -> bool {
    let wide = columns == 2;
    match character {
        '\u{a0}'..='\u{2ff}'
        | '\u{370}'..='\u{482}'
        | '\u{48a}'..='\u{58f}'
        | '\u{1e00}'..='\u{1fff}'
        | '\u{2010}'..='\u{2027}'
        | '\u{2030}'..='\u{205e}'
        | '\u{2070}'..='\u{20cf}'
        | '\u{2100}'..='\u{2dff}' => !wide,
        '\u{2e80}'..='\u{3029}'
        | '\u{3030}'..='\u{3098}'
        | '\u{309b}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff01}'..='\u{ff60}'
        | '\u{20000}'..='\u{3fffd}' => wide,
        _ => false,
    }
}

/// A screen full of cells. Its rows lie apart, so that moving them copies none.
#[derive(Clone, Debug)]
pub(super) struct CellGrid {
    rows: Vec<Vec<RenderCell>>,
}

impl CellGrid {
    pub(super) fn blank(columns: u16, rows: u16) -> Self {
        Self {
            rows: vec![vec![RenderCell::BLANK; usize::from(columns)]; usize::from(rows)],
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// A row; none beyond the last.
    pub(super) fn row(&self, row: usize) -> &[RenderCell] {
        self.rows.get(row).map_or(&[], Vec::as_slice)
    }

    /// Puts a cell somewhere; answers whether that is on the screen.
    pub(super) fn set_cell(
        &mut self,
        column: u16,
        row: u16,
        cell: &Cell,
        facts: TerminalCapabilities,
    ) -> bool {
        let column = usize::from(column);
        let Some(tiles) = self.rows.get_mut(usize::from(row)) else {
            return false;
        };
        let room = tiles.len().saturating_sub(column);
        let Some(old) = tiles.get_mut(column) else {
            return false;
        };
        // What lies under a wide character is not seen; one that makes way was replaced before.
        if old.columns == 0 {
            return false;
        }
        let mut tile = RenderCell::from_cell(cell, facts, room);
        // Nearly every one takes the place of another that is as narrow.
        if (old.columns, tile.columns) == (1, 1) && cell.symbol().len() == 1 {
            *old = tile;
            return true;
        }
        let covered = usize::from(cell.cell_width()).clamp(1, room.max(1));
        if covered < 2 && tile.columns == 2 {
            // There is no room for its second half.
            tile = RenderCell {
                glyph: REPLACEMENT,
                columns: 1,
                ..tile
            };
        }
        // What was there makes way, to the second half of the last.
        for (at, place) in tiles.iter_mut().enumerate().skip(column) {
            let goes_on = at < column + covered || place.columns == 0;
            if !goes_on {
                break;
            }
            *place = RenderCell::BLANK;
        }
        if tile.columns == 2
            && let Some(right) = tiles.get_mut(column + 1)
        {
            *right = RenderCell::WIDE_TAIL;
        }
        if let Some(place) = tiles.get_mut(column) {
            *place = tile;
        }
        true
    }

    /// Moves rows as a scroll region does; blank ones come in.
    pub(super) fn scroll(&mut self, rows: ScrollMove) {
        let ScrollMove {
            top,
            bottom,
            up,
            distance: by,
        } = rows;
        let Some(region) = self.rows.get_mut(top..bottom) else {
            return;
        };
        let by = by.min(region.len());
        let fresh = if up {
            region.rotate_left(by);
            region.len() - by..region.len()
        } else {
            region.rotate_right(by);
            0..by
        };
        for row in region.get_mut(fresh).unwrap_or_default() {
            row.fill(RenderCell::BLANK);
        }
    }

    /// Takes a row over from another sheet of the same size.
    pub(super) fn copy_row_from(&mut self, row: usize, other: &Self) {
        if let (Some(to), Some(from)) = (self.rows.get_mut(row), other.rows.get(row)) {
            to.clone_from(from);
        }
    }
}
