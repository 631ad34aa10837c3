//! The first look through a document: its grammar, and where the values of its outermost containers stand.

use super::{
    BYTE_ORDER_MARK, Broken,
    check::check,
    notes::{Notes, Outline},
    scan::blanks,
};

/// Looks through a whole document, as [`parse`](super::parse) does, and notes what stands in its outermost containers.
pub fn outline(bytes: &[u8]) -> Result<Outline, Broken> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let start = blanks(bytes, 0);
    let mut notes = Notes::of(bytes);
    let end = check(bytes, start, &mut notes)?;
    if blanks(bytes, end) == bytes.len() {
        Ok(notes.finish())
    } else {
        Err(Broken::Syntax)
    }
}
