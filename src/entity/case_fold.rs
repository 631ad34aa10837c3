//! The form in which text is searched: lower case, character by character.

use std::borrow::Cow;

/// Lower-cases text for comparison. Character by character, so that a part of a text folds to a part of its folded
/// form; bytes that are not UTF-8 stay as they are.
pub fn case_fold(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.is_ascii() {
        return if bytes.iter().any(u8::is_ascii_uppercase) {
            bytes.to_ascii_lowercase().into()
        } else {
            bytes.into()
        };
    }
    let mut folded = Vec::with_capacity(bytes.len());
    let mut buffer = [0; 4];
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            for lower in c.to_lowercase() {
                // The sigma at a word's end is the same letter.
                let lower = if lower == 'ς' { 'σ' } else { lower };
                folded.extend_from_slice(lower.encode_utf8(&mut buffer).as_bytes());
            }
        }
        folded.extend_from_slice(chunk.invalid());
    }
    folded.into()
}

/// Whether folded text contains folded text.
pub fn contains(folded: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(folded, part).is_some()
}
