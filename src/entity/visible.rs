//! The one place where a provider's bytes become printable. Every hidden character is shown as an escape, none is
//! dropped, and two different values never look the same.
//!
//! An escape differs from the same characters typed literally by its place in [`Visible::parts`]: a screen draws it
//! in reverse video, a file names it in a column of its own.

mod char_class;

use char_class::CharClass;
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Combining characters that one base may carry; what is beyond is escaped, so that a cell stays a few bytes.
const MAX_MARKS_PER_BASE: u8 = 4;

/// Printable text; parts that came from escaping are known, so that the screen can draw them in reverse video.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Visible {
    text: String,
    escapes: Vec<(u32, u32)>,
}

/// One shown character or one escape: what a cut may not divide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Where it ends in the printable text, in bytes.
    pub end: usize,
    /// Where it ends in the value, in bytes.
    pub source_end: usize,
    /// Whether it came from escaping.
    pub is_escape: bool,
}

/// The printable beginning of a value, unit by unit.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Prefix {
    /// What of the value was looked at, made printable.
    pub text: String,
    /// Its units, in order.
    pub units: Vec<Unit>,
    /// Whether that is the whole value.
    pub is_whole: bool,
}

/// Makes bytes printable.
pub fn escape(bytes: &[u8]) -> Visible {
    if let Some(text) = as_plain(bytes) {
        return Visible {
            text: text.to_owned(),
            escapes: Vec::new(),
        };
    }
    let mut visible = Visible {
        text: String::with_capacity(bytes.len() + 16),
        escapes: Vec::new(),
    };
    each_unit(bytes, &mut visible.text, |start, unit, _| {
        if unit.is_escape {
            let (start, end) = (start as u32, unit.end as u32);
            match visible.escapes.last_mut() {
                Some(last) if last.1 == start => last.1 = end,
                Some(_) | None => visible.escapes.push((start, end)),
            }
        }
        true
    });
    visible
}

/// Makes the beginning of a value printable: enough to fill `columns`, whatever the length of the value.
pub fn escape_prefix(bytes: &[u8], columns: usize) -> Prefix {
    let mut prefix = Prefix::default();
    // Characters that join into one cluster take fewer columns than their sum: a base and four emoji modifiers take
    // two of ten. Hence more than `columns` is looked at, but never the whole of a long value.
    let enough = columns.saturating_mul(6).saturating_add(16);
    let mut used = 0;
    let mut text = String::with_capacity(bytes.len().min(enough));
    let mut units = Vec::with_capacity(bytes.len().min(enough));
    prefix.is_whole = each_unit(bytes, &mut text, |_, unit, width| {
        units.push(unit);
        used += width;
        used <= enough || unit.source_end == bytes.len()
    });
    prefix.text = text;
    prefix.units = units;
    prefix
}

/// Whether a character is never shown as it is: a control, one that turns, joins or takes no room, or none at all.
pub fn is_hidden(c: char) -> bool {
    char_class::char_class(c) == CharClass::Hidden
}

/// The bytes as they are, where nothing in them needs a second look: printable ASCII without edge blanks.
pub fn as_plain(bytes: &[u8]) -> Option<&str> {
    let edges = bytes.first() != Some(&b' ') && bytes.last() != Some(&b' ');
    (edges && bytes.iter().all(|&b| matches!(b, b' '..=b'~')))
        .then(|| std::str::from_utf8(bytes).ok())
        .flatten()
}

/// The columns of printable text.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Our own words on as many lines of so many columns as they need; at least one.
pub fn wrap(words: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words.split_whitespace() {
        if !line.is_empty() && line.width() + 1 + word.width() > columns.max(1) {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Appends each unit to `text` and hands `take` its start, itself and its columns until that says no; whether all was
/// taken.
fn each_unit(
    bytes: &[u8],
    text: &mut String,
    mut take: impl FnMut(usize, Unit, usize) -> bool,
) -> bool {
    let inner = bytes.len() - bytes.iter().rev().take_while(|&&b| b == b' ').count();
    let mut at = 0;
    let mut leading = true;
    let mut pile = VisibilityFilter::default();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let start = text.len();
            leading &= c == ' ';
            let shown = pile.is_shown(c) && (c != ' ' || (!leading && at < inner));
            if shown {
                text.push(c);
            } else {
                push_escape(text, c);
                pile = VisibilityFilter::default();
            }
            at += c.len_utf8();
            let unit = Unit {
                end: text.len(),
                source_end: at,
                is_escape: !shown,
            };
            let width = if shown {
                c.width().unwrap_or(0)
            } else {
                text.len() - start
            };
            if !take(start, unit, width) {
                return false;
            }
        }
        for byte in chunk.invalid() {
            let start = text.len();
            let _ = write!(text, "\\x{byte:02x}");
            leading = false;
            pile = VisibilityFilter::default();
            at += 1;
            let unit = Unit {
                end: text.len(),
                source_end: at,
                is_escape: true,
            };
            if !take(start, unit, 4) {
                return false;
            }
        }
    }
    true
}

/// Decides character by character what is shown as it is: the one judgement for screens, tables and JSON. A new one
/// stands at the beginning of a text, or behind an escape.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct VisibilityFilter {
    /// How many marks the base before has; none without a base.
    marks: Option<u8>,
}

impl VisibilityFilter {
    /// Whether the next character of the text is shown as it is.
    pub(super) fn is_shown(&mut self, c: char) -> bool {
        let class = char_class::char_class(c);
        let shown = match (class, self.marks) {
            (CharClass::Plain | CharClass::Modifier, None) | (CharClass::Plain, Some(_)) => true,
            (CharClass::Mark | CharClass::Modifier, Some(count)) => count < MAX_MARKS_PER_BASE,
            (CharClass::Mark, None) | (CharClass::Hidden, _) => false,
        };
        self.marks = match (class, self.marks) {
            _ if !shown => None,
            (CharClass::Mark | CharClass::Modifier, Some(count)) => Some(count + 1),
            (CharClass::Plain | CharClass::Modifier | CharClass::Mark | CharClass::Hidden, _) => {
                Some(0)
            }
        };
        shown
    }
}

fn push_escape(text: &mut String, c: char) {
    let short = match c {
        '\0' => '0',
        '\x07' => 'a',
        '\x08' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\x0b' => 'v',
        '\x0c' => 'f',
        '\r' => 'r',
        '\x1b' => 'e',
        c => {
            let number = u32::from(c);
            // Writing to a string cannot fail. U+009B must not read like the raw byte 9B, hence two forms.
            let _ = if number < 0x80 {
                write!(text, "\\x{number:02x}")
            } else {
                write!(text, "\\u{{{number:x}}}")
            };
            return;
        }
    };
    text.push('\\');
    text.push(short);
}

impl Visible {
    /// Our own words.
    pub fn literal(text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            escapes: Vec::new(),
        }
    }

    /// The same with words of our own before it.
    #[must_use]
    pub fn with_prefix(self, words: &str) -> Self {
        let more = words.len() as u32;
        let shift = |(start, end)| (start + more, end + more);
        Self {
            text: format!("{words}{}", self.text),
            escapes: self.escapes.into_iter().map(shift).collect(),
        }
    }

    /// The text, escapes written out.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether any part came from escaping.
    pub fn has_escapes(&self) -> bool {
        !self.escapes.is_empty()
    }

    /// The text in parts: whether the part came from escaping, and the part. No part is empty.
    pub fn parts(&self) -> impl Iterator<Item = (bool, &str)> + '_ {
        let mut parts = Vec::new();
        let mut at = 0;
        for &(start, end) in &self.escapes {
            parts.push((false, &self.text[at..start as usize]));
            parts.push((true, &self.text[start as usize..end as usize]));
            at = end as usize;
        }
        parts.push((false, &self.text[at..]));
        parts.into_iter().filter(|(_, part)| !part.is_empty())
    }

    /// Columns that it takes on a terminal.
    pub fn width(&self) -> usize {
        self.text.width()
    }

    /// Whether it has letters that are written from right to left, which a terminal may reorder: they stay, with a
    /// badge.
    pub fn is_right_to_left(&self) -> bool {
        self.text.chars().any(char_class::is_right_to_left_char)
    }
}
