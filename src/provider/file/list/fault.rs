//! Where in a line of a list the fault is that makes it no record: looked for once more, and only where it is listed.

use super::{
    super::{blank::trim_start, text::character},
    host_of,
};

/// The character, from 1, at which a line that was rejected for this reason goes wrong: the one where the field that is
/// missing should begin, the separator that can be read in two ways, the blank in what should have none. None where
/// nothing in it is better than the rest.
pub(in crate::provider::file) fn place(line: &[u8], reason: &str) -> Option<u64> {
    let text = trim_start(line);
    let begin = line.len() - text.len();
    let end = text.len();
    let at = match reason {
        "bad_url" => host_of(text).map_or(0, |host| host.end),
        "no_login" | "no_password" | "no_separator" => end,
        "ambiguous" => separator(text)?,
        "columns" => last_separator(text)?,
        "prose" => memchr::memchr2(b' ', b'\t', text).or_else(|| separator(text))?,
        _ => return None,
    };
    Some(character(line, begin + at))
}

/// The first separator behind a scheme and a host.
fn separator(text: &[u8]) -> Option<usize> {
    let from = host_of(text).map_or(0, |host| host.end);
    let rest = text.get(from..)?;
    rest.iter()
        .position(|byte| matches!(byte, b':' | b'|' | b';' | b'\t'))
        .map(|at| from + at)
}

/// The third separator of the kind that comes first: what stands behind it has no place in a list.
fn last_separator(text: &[u8]) -> Option<usize> {
    let kind = text
        .iter()
        .find(|byte| matches!(byte, b'\t' | b'|' | b';'))?;
    let mut all = memchr::memchr_iter(*kind, text);
    let second = all.nth(1)?;
    Some(all.next().unwrap_or(second))
}
