//! What is wrong with a text that is no filter, and where.

use super::FilterError;

pub(super) const QUOTE: &str = "to look for the text itself, put it in quotes";

pub(super) fn error(
    column: usize,
    message: impl Into<String>,
    hint: impl Into<String>,
) -> FilterError {
    FilterError {
        column,
        message: message.into(),
        hint: hint.into(),
    }
}
