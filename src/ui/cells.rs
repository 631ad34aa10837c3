//! Spans and text put into a buffer, cell by cell.

use ratatui::{buffer::Buffer, style::Style, text::Span};

/// Puts spans somewhere, as much of them as fits in so many columns.
pub fn draw_spans(spans: &[Span<'static>], at: (u16, u16), columns: u16, buffer: &mut Buffer) {
    let end = at.0.saturating_add(columns);
    let mut column = at.0;
    for span in spans {
        let left = end.saturating_sub(column);
        if left == 0 {
            return;
        }
        column = draw_text(&span.content, span.style, (column, at.1), left, buffer);
    }
}

/// Puts text somewhere, as much of it as fits in so many columns; answers the column after it.
pub fn draw_text(
    text: &str,
    style: Style,
    (column, row): (u16, u16),
    columns: u16,
    buffer: &mut Buffer,
) -> u16 {
    let columns = columns.min(buffer.area.right().saturating_sub(column));
    let bytes = text.as_bytes();
    // Nearly all text is letters of one byte and one column: where its characters end needs no search.
    if !bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        let whole = usize::from(columns);
        return buffer.set_stringn(column, row, text, whole, style).0;
    }
    let length = bytes.len().min(usize::from(columns));
    if length == 0 {
        return column;
    }
    let start = buffer.index_of(column, row);
    let cells = buffer.content.iter_mut().skip(start).take(length);
    for (cell, byte) in cells.zip(bytes) {
        cell.set_char(char::from(*byte)).set_style(style);
    }
    column + length as u16
}
