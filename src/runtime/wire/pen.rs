//! The style that the terminal writes with, and the shortest way from one to another.

use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};

/// What can be seen of a style on a blank.
pub(super) const ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Modifier::CROSSED_OUT);

/// Modifiers with the numbers that set and end them. Bold and dim end together.
const NUMBERS: [(Modifier, u8, u8); 9] = [
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
pub(super) struct Pen {
    pub(super) ink: Color,
    pub(super) ground: Color,
    pub(super) marks: Modifier,
}

impl Pen {
    pub(super) const DEFAULT: Self = Self {
        ink: Color::Reset,
        ground: Color::Reset,
        marks: Modifier::empty(),
    };

    pub(super) fn of(cell: &Cell) -> Self {
        Self {
            ink: cell.fg,
            ground: cell.bg,
            marks: cell.modifier,
        }
    }

    /// A number that two different styles seldom share.
    pub(super) fn number(self) -> u64 {
        let marks = u64::from(self.marks.bits());
        (tint(self.ink) << 12) ^ (tint(self.ground) << 28) ^ marks
    }

    /// Whether a blank written with this one looks as if written with the other.
    pub(super) fn blanks_like(self, other: Self) -> bool {
        self.ground == other.ground && (self.marks | other.marks).intersection(ON_BLANK).is_empty()
    }

    /// Whether what is erased now is blank, whatever the terminal erases with.
    pub(super) fn erases(self) -> bool {
        self.blanks_like(Self::DEFAULT)
    }

    /// This one, changed as little as can be, so that it writes blanks like the other.
    pub(super) fn toward_blank(self, other: Self) -> Self {
        Self {
            ink: self.ink,
            ground: other.ground,
            marks: self.marks - ON_BLANK,
        }
    }
}

/// A colour as a number.
fn tint(color: Color) -> u64 {
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
pub(super) fn turn(from: Pen, to: Pen, out: &mut Vec<u8>) {
    if from == to {
        return;
    }
    let (mut change, mut anew) = (Vec::with_capacity(24), Vec::with_capacity(24));
    let ended = from.marks - to.marks;
    let mut left = from.marks;
    for (mark, _, end) in NUMBERS {
        if ended.contains(mark) {
            number(end, &mut change);
            // What ends with it is set again below.
            for (other, _, also) in NUMBERS {
                if also == end {
                    left -= other;
                }
            }
        }
    }
    number(0, &mut anew);
    for (mark, set, _) in NUMBERS {
        if to.marks.contains(mark) {
            number(set, &mut anew);
            if !left.contains(mark) {
                number(set, &mut change);
            }
        }
    }
    if from.ink != to.ink {
        color(to.ink, 30, &mut change);
    }
    if from.ground != to.ground {
        color(to.ground, 40, &mut change);
    }
    if to.ink != Color::Reset {
        color(to.ink, 30, &mut anew);
    }
    if to.ground != Color::Reset {
        color(to.ground, 40, &mut anew);
    }
    if to == Pen::DEFAULT {
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
fn color(color: Color, base: u8, out: &mut Vec<u8>) {
    let plain = |offset: u8, out: &mut Vec<u8>| number(base + offset, out);
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
            number(5, out);
            number(index, out);
        }
        Color::Rgb(red, green, blue) => {
            plain(8, out);
            for one in [2, red, green, blue] {
                number(one, out);
            }
        }
    }
}

/// One more number of a list.
fn number(value: u8, out: &mut Vec<u8>) {
    if !out.is_empty() {
        out.push(b';');
    }
    super::step::decimal(usize::from(value), out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(from: Pen, to: Pen) -> String {
        let mut out = Vec::new();
        turn(from, to, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_style_changes_by_the_shorter_way() {
        let bold = Pen {
            marks: Modifier::BOLD,
            ..Pen::DEFAULT
        };
        let both = Pen {
            ink: Color::Red,
            marks: Modifier::BOLD | Modifier::DIM,
            ..Pen::DEFAULT
        };
        assert_eq!(turned(bold, bold), "");
        assert_eq!(turned(Pen::DEFAULT, bold), "\x1b[1m");
        assert_eq!(turned(both, Pen::DEFAULT), "\x1b[m");
        assert_eq!(turned(bold, both), "\x1b[2;31m");
        // Bold and dim end with one number: what stays is set again.
        assert_eq!(
            turned(
                both,
                Pen {
                    ink: Color::Red,
                    ..bold
                }
            ),
            "\x1b[22;1m"
        );
        let red = Pen {
            ink: Color::LightRed,
            ..Pen::DEFAULT
        };
        assert_eq!(turned(both, red), "\x1b[0;91m");
        let blue = Pen {
            ink: Color::Indexed(12),
            ground: Color::Rgb(1, 2, 3),
            ..Pen::DEFAULT
        };
        assert_eq!(turned(red, blue), "\x1b[38;5;12;48;2;1;2;3m");
    }
}
