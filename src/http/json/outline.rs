//! The first look through a document: its grammar, and where the values of its outermost containers stand.

use super::{
    BYTE_ORDER_MARK, JsonError,
    check::check,
    index::{IndexBuilder, JsonIndex},
    scan::skip_blanks,
};

/// Looks through a whole document, as [`parse`](super::parse) does, and notes what stands in its outermost containers.
pub fn build_index(bytes: &[u8]) -> Result<JsonIndex, JsonError> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let start = skip_blanks(bytes, 0);
    let mut notes = IndexBuilder::for_document(bytes);
    let end = check(bytes, start, &mut notes)?;
    if skip_blanks(bytes, end) == bytes.len() {
        Ok(notes.finish())
    } else {
        Err(JsonError::Syntax)
    }
}
