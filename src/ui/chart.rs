//! Bars of block characters: in eighths of a cell, or of whole signs where there are letters alone.

use super::Look;
use crate::config::glyphs;

const HORIZONTAL_EIGHTHS: [&str; 8] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];
const VERTICAL_EIGHTHS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII_FULL: &str = "#";
const ASCII_PARTIAL: &str = ".";

/// Whether there are letters alone.
pub fn is_ascii(look: &Look) -> bool {
    look.glyphs.border == glyphs::ASCII.border
}

/// Eighths of so many cells that a count takes of the largest; what is there is never nothing.
fn eighths(count: u32, most: u32, cells: u16) -> usize {
    if count == 0 || most == 0 || cells == 0 {
        return 0;
    }
    let whole = u64::from(cells) * 8;
    let share = u64::from(count) * whole / u64::from(most);
    usize::try_from(share.clamp(1, whole)).unwrap_or(1)
}

/// A bar from left to right.
pub fn bar(look: &Look, count: u32, most: u32, columns: u16) -> String {
    if columns == 0 {
        return String::new();
    }
    let eighths = eighths(count, most, columns);
    if is_ascii(look) {
        return ASCII_FULL.repeat(eighths.div_ceil(8));
    }
    let part = (eighths % 8).checked_sub(1);
    let part = part.and_then(|at| HORIZONTAL_EIGHTHS.get(at)).copied();
    let full = HORIZONTAL_EIGHTHS.last().copied().unwrap_or(ASCII_FULL);
    full.repeat(eighths / 8) + part.unwrap_or_default()
}

/// The cells of a bar that stands, the lowest first.
pub fn column(look: &Look, count: u32, most: u32, rows: u16) -> Vec<&'static str> {
    let eighths = eighths(count, most, rows);
    let ascii = is_ascii(look);
    let cell = |row: usize| {
        let here = eighths.saturating_sub(row * 8).min(8);
        match (here, ascii) {
            (0, _) => " ",
            (1..4, true) => ASCII_PARTIAL,
            (_, true) => ASCII_FULL,
            (here, false) => VERTICAL_EIGHTHS
                .get(here - 1)
                .copied()
                .unwrap_or(ASCII_FULL),
        }
    };
    (0..usize::from(rows)).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use unicode_width::UnicodeWidthStr;

    fn look(ascii: bool) -> Look {
        let config = Config::default();
        Look {
            styles: config.theme.styles,
            glyphs: if ascii {
                &glyphs::ASCII
            } else {
                &glyphs::UNICODE
            },
        }
    }

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_longer_than_its_room() {
        for ascii in [false, true] {
            let look = look(ascii);
            for most in [1, 7, 1_000, u32::MAX] {
                for count in [0, 1, most / 3, most] {
                    for columns in [0, 1, 9, 40] {
                        let wide = bar(&look, count, most, columns).width();
                        assert!(wide <= usize::from(columns));
                        assert_eq!(wide == 0, count == 0 || columns == 0);
                        assert!(count < most || wide == usize::from(columns));
                    }
                }
            }
        }
        assert_eq!(bar(&look(false), 1, 2, 3), "█▌");
        assert_eq!(bar(&look(true), 1, 2, 3), "##");
    }

    #[test]
    fn a_standing_bar_begins_below() {
        assert_eq!(column(&look(false), 3, 4, 2), ["█", "▄"]);
        assert_eq!(column(&look(false), 1, 1_000, 2), ["▁", " "]);
        assert_eq!(column(&look(true), 1, 1_000, 2), [".", " "]);
        assert_eq!(column(&look(true), 0, 5, 2), [" ", " "]);
    }
}
