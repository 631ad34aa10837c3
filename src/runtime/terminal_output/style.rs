//! The style that the terminal writes with, and the shortest way from one to another.

use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};

/// What can be seen of a style on a blank.
pub(super) const VISIBLE_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Modifier::CROSSED_OUT);

/// Modifiers with the numbers that set and end them. Bold and dim end together.
const MODIFIER_CODES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// A style. An underline has the colour of its text: no theme can say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CellStyle {
    pub(super) foreground: Color,
    pub(super) background: Color,
    pub(super) modifiers: Modifier,
}

impl CellStyle {
    pub(super) const DEFAULT: Self = Self {
        foreground: Color::Reset,
        background: Color::Reset,
        modifiers: Modifier::empty(),
    };

    pub(super) fn from_cell(cell: &Cell) -> Self {
        Self {
            foreground: cell.fg,
            background: cell.bg,
            modifiers: cell.modifier,
        }
    }

    /// A number that two different styles seldom share.
    pub(super) fn hash_value(self) -> u64 {
        let marks = u64::from(self.modifiers.bits());
        (color_code(self.foreground) << 12) ^ (color_code(self.background) << 28) ^ marks
    }

    /// Whether a blank written with this one looks as if written with the other.
    pub(super) fn equals_on_blank(self, other: Self) -> bool {
        self.background == other.background
            && (self.modifiers | other.modifiers)
                .intersection(VISIBLE_ON_BLANK)
                .is_empty()
    }

    /// Whether what is erased now is blank, whatever the terminal erases with.
    pub(super) fn erases_to_default(self) -> bool {
        self.equals_on_blank(Self::DEFAULT)
    }

    /// This one, changed as little as can be, so that it writes blanks like the other.
    pub(super) fn nearest_for_blank(self, other: Self) -> Self {
        Self {
            foreground: self.foreground,
            background: other.background,
            modifiers: self.modifiers - VISIBLE_ON_BLANK,
        }
    }
}

/// A colour as a number.
fn color_code(color: Color) -> u64 {
    match color {
        Color::Reset => 0,
        Color::Black => 1,
        Color::Red => 2,
        Color::Green => 3,
        Color::Yellow => 4,
        Color::Blue => 5,
        Color::Magenta => 6,
        Color::Cyan => 7,
        Color::Gray => 8,
        Color::DarkGray => 9,
        Color::LightRed => 10,
        Color::LightGreen => 11,
        Color::LightYellow => 12,
        Color::LightBlue => 13,
        Color::LightMagenta => 14,
        Color::LightCyan => 15,
        Color::White => 16,
        Color::Indexed(index) => 0x100 | u64::from(index),
        Color::Rgb(red, green, blue) => {
            1 << 24 | u64::from(red) << 16 | u64::from(green) << 8 | u64::from(blue)
        }
    }
}

/// Changes the style from one to another.
pub(super) fn write_transition(from: CellStyle, to: CellStyle, out: &mut Vec<u8>) {
    if from == to {
        return;
    }
    let (mut change, mut anew) = (Vec::with_capacity(24), Vec::with_capacity(24));
    let ended = from.modifiers - to.modifiers;
    let mut left = from.modifiers;
    for (mark, _, end) in MODIFIER_CODES {
        if ended.contains(mark) {
            write_parameter(end, &mut change);
            // What ends with it is set again below.
            for (other, _, also) in MODIFIER_CODES {
                if also == end {
                    left -= other;
                }
            }
        }
    }
    write_parameter(0, &mut anew);
    for (mark, set, _) in MODIFIER_CODES {
        if to.modifiers.contains(mark) {
            write_parameter(set, &mut anew);
            if !left.contains(mark) {
                write_parameter(set, &mut change);
            }
        }
    }
    if from.foreground != to.foreground {
        write_color(to.foreground, 30, &mut change);
    }
    if from.background != to.background {
        write_color(to.background, 40, &mut change);
    }
    if to.foreground != Color::Reset {
        write_color(to.foreground, 30, &mut anew);
    }
    if to.background != Color::Reset {
        write_color(to.background, 40, &mut anew);
    }
    if to == CellStyle::DEFAULT {
        // The number is left out: zero is what is meant without one.
        anew.clear();
    }
    let shorter = if anew.len() < change.len() {
        &anew
    } else {
        &change
    };
    out.extend_from_slice(b"\x1b[");
    out.extend_from_slice(shorter);
    out.push(b'm');
}

/// A colour by its numbers; `base` is 30 for letters and 40 for the ground.
fn write_color(color: Color, base: u8, out: &mut Vec<u8>) {
    let plain = |offset: u8, out: &mut Vec<u8>| write_parameter(base + offset, out);
    match color {
        Color::Reset => plain(9, out),
        Color::Black => plain(0, out),
        Color::Red => plain(1, out),
        Color::Green => plain(2, out),
        Color::Yellow => plain(3, out),
        Color::Blue => plain(4, out),
        Color::Magenta => plain(5, out),
        Color::Cyan => plain(6, out),
        Color::Gray => plain(7, out),
        Color::DarkGray => plain(60, out),
        Color::LightRed => plain(61, out),
        Color::LightGreen => plain(62, out),
        Color::LightYellow => plain(63, out),
        Color::LightBlue => plain(64, out),
        Color::LightMagenta => plain(65, out),
        Color::LightCyan => plain(66, out),
        Color::White => plain(67, out),
        Color::Indexed(index) => {
            plain(8, out);
            write_parameter(5, out);
            write_parameter(index, out);
        }
        Color::Rgb(red, green, blue) => {
            plain(8, out);
            for one in [2, red, green, blue] {
                write_parameter(one, out);
            }
        }
    }
}

/// One more number of a list.
fn write_parameter(value: u8, out: &mut Vec<u8>) {
    if !out.is_empty() {
        out.push(b';');
    }
    super::cursor::decimal(usize::from(value), out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(from: CellStyle, to: CellStyle) -> String {
        let mut out = Vec::new();
        write_transition(from, to, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_style_changes_by_the_shorter_way() {
        let bold = CellStyle {
            modifiers: Modifier::BOLD,
            ..CellStyle::DEFAULT
        };
        let both = CellStyle {
            foreground: Color::Red,
            modifiers: Modifier::BOLD | Modifier::DIM,
            ..CellStyle::DEFAULT
        };
        assert_eq!(turned(bold, bold), "");
        assert_eq!(turned(CellStyle::DEFAULT, bold), "\x1b[1m");
        assert_eq!(turned(both, CellStyle::DEFAULT), "\x1b[m");
        assert_eq!(turned(bold, both), "\x1b[2;31m");
        // Bold and dim end with one number: what stays is set again.
        assert_eq!(
            turned(
                both,
                CellStyle {
                    foreground: Color::Red,
                    ..bold
                }
            ),
            "\x1b[22;1m"
        );
        let red = CellStyle {
            foreground: Color::LightRed,
            ..CellStyle::DEFAULT
        };
        assert_eq!(turned(both, red), "\x1b[0;91m");
        let blue = CellStyle {
            foreground: Color::Indexed(12),
            background: Color::Rgb(1, 2, 3),
            ..CellStyle::DEFAULT
        };
        assert_eq!(turned(red, blue), "\x1b[38;5;12;48;2;1;2;3m");
    }
}
