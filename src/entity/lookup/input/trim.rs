//! What surrounds an address or a name where it was copied from: blanks, characters that nobody sees, quotes, brackets
//! and the punctuation of a list or a sentence.

use crate::entity::visible;

/// Quotation marks of many languages, opening and closing.
const QUOTES: &[char] = &[
    '"', '\'', '`', '\u{b4}', '\u{ab}', '\u{bb}', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}',
    '\u{201c}', '\u{201d}', '\u{201e}', '\u{201f}', '\u{2039}', '\u{203a}', '\u{2032}', '\u{2033}',
    '\u{300c}', '\u{300d}', '\u{300e}', '\u{300f}', '\u{301d}', '\u{301e}', '\u{301f}', '\u{ff02}',
    '\u{ff07}',
];

/// Brackets that a name or an address may stand in.
const BRACKETS: &[(char, char)] = &[
    ('<', '>'),
    ('[', ']'),
    ('(', ')'),
    ('{', '}'),
    ('\u{ff1c}', '\u{ff1e}'),
    ('\u{3008}', '\u{3009}'),
    ('\u{300a}', '\u{300b}'),
    ('\u{ff08}', '\u{ff09}'),
    ('\u{3010}', '\u{3011}'),
];

/// What ends an item of a list or a sentence.
const TRAILING_PUNCTUATION: &[char] = &[
    ',', ';', '.', '\u{3001}', '\u{3002}', '\u{ff0c}', '\u{ff0e}', '\u{ff1b}', '\u{ff61}',
    '\u{60c}', '\u{61b}',
];

/// What stands for characters that are kept back.
const MASK_CHARS: &[char] = &[
    '*', '\u{2022}', '\u{25cf}', '\u{2219}', '\u{22c6}', '\u{2605}', '\u{2026}', '\u{ff0a}',
    '\u{2217}', '\u{25a0}', '\u{25aa}', '\u{2588}', '\u{26ab}', '\u{2b24}', '\u{2043}',
];

/// A blank, or a character that shows nothing: neither is part of a name. Control characters are no blanks, but for
/// tabs and line ends.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || (visible::is_hidden(c) && !c.is_control())
}

/// Without what surrounds it.
pub(super) fn trim_edges(text: &str) -> &str {
    let mut text = text;
    loop {
        let next = text
            .trim_matches(is_blank)
            .trim_end_matches(TRAILING_PUNCTUATION);
        let next = next.trim_end_matches(QUOTES);
        let next = match next.strip_prefix(QUOTES) {
            // "a b"@c is an address whose first part is quoted.
            Some(rest) if !rest.contains("\"@") => rest,
            Some(_) | None => next,
        };
        if next.len() == text.len() {
            return text;
        }
        text = next;
    }
}

/// A name without blanks around it, the comma of a list, and a pair of quotes.
pub(super) fn trim_name(text: &str) -> &str {
    let mut text = text;
    loop {
        let next = text.trim_matches(is_blank).trim_end_matches([',', ';']);
        let next = next
            .strip_prefix(QUOTES)
            .and_then(|rest| rest.strip_suffix(QUOTES))
            .unwrap_or(next);
        if next.len() == text.len() {
            return text;
        }
        text = next;
    }
}

/// What stands in brackets at the end or the beginning, and what stands around them. A bracket that has no other is
/// taken off.
pub(super) fn split_brackets(text: &str) -> Option<(&str, String)> {
    for (open, close) in BRACKETS {
        if let Some(before) = text.strip_suffix(*close) {
            let Some(at) = before.rfind(*open) else {
                return Some((before, String::new()));
            };
            let inner = &before[at + open.len_utf8()..];
            return Some((inner, trim_edges(&before[..at]).to_owned()));
        }
        if let Some(behind) = text.strip_prefix(*open) {
            let Some((inner, rest)) = behind.split_once(*close) else {
                return Some((behind, String::new()));
            };
            return Some((inner, trim_edges(rest).to_owned()));
        }
    }
    None
}

/// What stands behind one of these schemes, whatever its letter case.
pub(super) fn strip_scheme<'a>(text: &'a str, schemes: &[&str]) -> Option<&'a str> {
    let (before, rest) = text.split_once(':')?;
    let is_one = schemes
        .iter()
        .any(|scheme| before.eq_ignore_ascii_case(scheme));
    is_one.then_some(rest)
}

/// The quoted first part of an address without its quotes.
pub(super) fn unquote(local: &str) -> &str {
    local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(local)
}

/// The character inside that nobody sees, in words.
pub(super) fn find_hidden_char(text: &str) -> Option<String> {
    let odd = |c: &char| c.is_control() || (visible::is_hidden(*c) && !c.is_whitespace());
    let odd = text.chars().find(odd)?;
    let what = match odd {
        '\r' | '\n' => return Some("it is more than one line".to_owned()),
        '\t' => return Some("it has a tab inside".to_owned()),
        odd if odd.is_control() => "a control character",
        _ => "a character inside that shows nothing",
    };
    Some(format!("it has {what}, U+{:04X}", u32::from(odd)))
}

/// Whether characters of it are kept back, as in `j***@acme.example`.
pub(super) fn is_masked(text: &str) -> bool {
    text.contains(MASK_CHARS)
}

/// Whether it was cut somewhere, as a narrow column does.
pub(super) fn is_truncated(text: &str) -> bool {
    text.contains("...") || text.contains('\u{2026}')
}

/// The ASCII character that one of full width stands for.
pub(super) fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xff01 + u32::from('!')).unwrap_or(c)
        }
        c => c,
    }
}
