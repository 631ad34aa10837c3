//! The grammar of a document, without recursion and without decoding.

use super::{
    JsonError,
    index::IndexBuilder,
    scan::{scalar_end, skip_blanks, string_end},
};

/// Deeper than this a document is not looked at: no honest one is, and the stack of brackets costs memory.
pub(super) const MAX_DEPTH: usize = 100_000;

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    /// A value.
    Value,
    /// A value, or the end of the array that has just opened.
    ValueOrEnd,
    /// A name, or the end of the object that has just opened.
    NameOrEnd,
    /// A name.
    Name,
    /// A comma or the end of what is open.
    CommaOrEnd,
}

/// Checks the grammar of the value at `at` and returns where it ends. Strings are not looked into. Notes what stands in
/// the outermost containers.
pub(super) fn check(
    bytes: &[u8],
    mut at: usize,
    notes: &mut IndexBuilder,
) -> Result<usize, JsonError> {
    let mut open: Vec<u8> = Vec::new();
    let mut expect = Expect::Value;
    loop {
        at = skip_blanks(bytes, at);
        let byte = *bytes.get(at).ok_or(JsonError::Truncated)?;
        match (byte, expect) {
            (b'}' | b']', Expect::ValueOrEnd | Expect::NameOrEnd | Expect::CommaOrEnd) => {
                let opened = open.pop().ok_or(JsonError::Syntax)?;
                if opened + 2 != byte {
                    return Err(JsonError::Syntax);
                }
                at += 1;
                notes.close(open.len(), at);
                expect = Expect::CommaOrEnd;
            }
            (b',', Expect::CommaOrEnd) => {
                at += 1;
                expect = if open.last() == Some(&b'{') {
                    Expect::Name
                } else {
                    Expect::Value
                };
            }
            (b'"', Expect::Name | Expect::NameOrEnd) => {
                (at, expect) = check_texts(bytes, at, open.len(), notes)?;
            }
            (b'{' | b'[', Expect::Value | Expect::ValueOrEnd) => {
                if open.len() == MAX_DEPTH {
                    return Err(JsonError::Syntax);
                }
                notes.open(open.len(), at);
                open.push(byte);
                at += 1;
                expect = if byte == b'{' {
                    Expect::NameOrEnd
                } else {
                    Expect::ValueOrEnd
                };
            }
            (b'"', Expect::Value | Expect::ValueOrEnd) => {
                let end = string_end(bytes, at).ok_or(JsonError::Truncated)?;
                notes.text(open.len(), at, end);
                at = end.at;
                expect = Expect::CommaOrEnd;
            }
            (_, Expect::Value | Expect::ValueOrEnd) => {
                let end = scalar_end(bytes, at);
                check_scalar(&bytes[at..end], end == bytes.len())?;
                notes.scalar(open.len(), at, end);
                at = end;
                expect = Expect::CommaOrEnd;
            }
            _ => return Err(JsonError::Syntax),
        }
        if open.is_empty() {
            return Ok(at);
        }
    }
}

/// Checks members from the name at `at` on for as long as they come as most do: names and texts without a blank
/// between them. Tells how far it came and what is expected there.
fn check_texts(
    bytes: &[u8],
    mut at: usize,
    depth: usize,
    notes: &mut IndexBuilder,
) -> Result<(usize, Expect), JsonError> {
    loop {
        let name = string_end(bytes, at).ok_or(JsonError::Truncated)?;
        notes.text(depth, at, name);
        at = name.at;
        if bytes.get(at) != Some(&b':') {
            at = skip_blanks(bytes, at);
            match bytes.get(at) {
                Some(b':') => {}
                Some(_) => return Err(JsonError::Syntax),
                None => return Err(JsonError::Truncated),
            }
        }
        at += 1;
        if bytes.get(at) != Some(&b'"') {
            return Ok((at, Expect::Value));
        }
        let text = string_end(bytes, at).ok_or(JsonError::Truncated)?;
        notes.text(depth, at, text);
        at = text.at;
        if bytes.get(at..at + 2) != Some(b",\"") {
            return Ok((at, Expect::CommaOrEnd));
        }
        at += 1;
    }
}

fn check_scalar(word: &[u8], at_end: bool) -> Result<(), JsonError> {
    let words: [&[u8]; 3] = [b"true", b"false", b"null"];
    let number = matches!(word.first(), Some(b'-' | b'0'..=b'9'))
        && word
            .iter()
            .all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    if words.contains(&word) || (number && word != b"-") {
        Ok(())
    } else if at_end && (word == b"-" || words.iter().any(|whole| whole.starts_with(word))) {
        Err(JsonError::Truncated)
    } else {
        Err(JsonError::Syntax)
    }
}
