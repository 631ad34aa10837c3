//! Finding where values begin and end.

/// Where the next value behind `at` begins; `None` at the closing bracket.
pub(super) fn value_start(bytes: &[u8], at: usize) -> Option<usize> {
    let mut start = skip_blanks(bytes, at);
    while matches!(bytes.get(start), Some(b',' | b':')) {
        start = skip_blanks(bytes, start + 1);
    }
    (!matches!(bytes.get(start), None | Some(b']' | b'}'))).then_some(start)
}

/// Behind the blanks at `at`.
pub(super) fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Where a string ends.
#[derive(Clone, Copy)]
pub(super) struct StringEnd {
    /// Behind its closing quote.
    pub(super) at: usize,
    /// There is no backslash in it.
    pub(super) has_no_escape: bool,
}

/// Where the string that opens at `at` ends.
#[expect(
    clippy::inline_always,
    reason = "asked for every text of every page, and quicker than a call"
)]
#[inline(always)]
pub(super) fn string_end(bytes: &[u8], at: usize) -> Option<StringEnd> {
    let mut at = at + 1;
    at += quote_or_backslash(bytes.get(at..)?)?;
    if bytes.get(at) == Some(&b'"') {
        return Some(StringEnd {
            at: at + 1,
            has_no_escape: true,
        });
    }
    loop {
        // What a backslash stands before is not looked at.
        at += 2;
        at += quote_or_backslash(bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(StringEnd {
                at: at + 1,
                has_no_escape: false,
            });
        }
    }
}

/// The same byte eight times.
const REPEATED_BYTE: u64 = u64::MAX / 0xff;

/// Where a text may end. Nearly all are shorter than what a search for long ones takes to begin: the first bytes are
/// looked at eight at a time.
#[inline]
fn quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    const SHORT_TEXT_BYTES: usize = 64;
    let mut at = 0;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*word);
        let hits = zero_byte_bits(word ^ (REPEATED_BYTE * u64::from(b'"')))
            | zero_byte_bits(word ^ (REPEATED_BYTE * u64::from(b'\\')));
        if hits != 0 {
            return Some(at + hits.trailing_zeros() as usize / 8);
        }
        at += 8;
        if at == SHORT_TEXT_BYTES {
            break;
        }
    }
    far_quote_or_backslash(bytes, at)
}

/// The same, of what begins at `at`, in steps for long texts.
#[cold]
fn far_quote_or_backslash(bytes: &[u8], at: usize) -> Option<usize> {
    let found = memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
    Some(at + found)
}

/// A bit in every byte that is zero; above the lowest such byte there may be more bits than that.
fn zero_byte_bits(word: u64) -> u64 {
    word.wrapping_sub(REPEATED_BYTE) & !word & (REPEATED_BYTE << 7)
}

/// Where the word or number at `at` ends.
pub(super) fn scalar_end(bytes: &[u8], at: usize) -> usize {
    let length = bytes[at..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        .count();
    at + length
}

/// Where the value at `at` of checked bytes ends.
pub(super) fn skip(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        match *bytes.get(at)? {
            b'"' => at = string_end(bytes, at)?.at,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            _ => at = scalar_end(bytes, at).max(at + 1),
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_text_is_found_wherever_it_stands() {
        // The byte before the sought ones in the alphabet, and high ones, borrow in the arithmetic of eight bytes.
        for filler in [
            b'a', b'!', b'#', b'[', b']', 0, 0x7f, 0x80, 0xa2, 0xdc, 0xff,
        ] {
            for length in 0..150 {
                for stop in [b'"', b'\\'] {
                    let mut bytes = vec![filler; length];
                    assert_eq!(quote_or_backslash(&bytes), None, "{filler} {length}");
                    bytes.extend([stop, filler, b'"', b'\\', filler]);
                    assert_eq!(quote_or_backslash(&bytes), Some(length), "{filler}");
                }
            }
        }
    }
}
