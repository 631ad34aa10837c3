//! The editor of columns, at the edge: what it does is seen beside it.

use super::{Look, frame, text};
use crate::app::{
    columns::{self, edit::ColumnEditor},
    model::Context,
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Columns that it takes.
const WIDTH: u16 = 34;

/// Rows that it takes at least, where the screen has them.
const MIN_HEIGHT: u16 = 9;

/// Draws it.
pub fn draw(
    context: Context<'_>,
    look: &Look,
    editor: &ColumnEditor,
    area: Rect,
    buffer: &mut Buffer,
) {
    let styles = &look.styles;
    let body = area.height.saturating_sub(1);
    let rows = u16::try_from(editor.rows.len()).unwrap_or(u16::MAX);
    let height = rows
        .saturating_add(2)
        .min((body / 2).max(MIN_HEIGHT))
        .min(body);
    let width = WIDTH.min(area.width);
    let spot = Rect::new(area.right() - width, body - height, width, height);
    let room = frame::overlay(look, "columns", spot, buffer);
    let shown = usize::from(room.height).max(1);
    let first = (editor.cursor + 1).saturating_sub(shown);
    let rows = editor.rows.iter().enumerate().skip(first).take(shown);
    for (row, (at, (column, is_shown))) in rows.enumerate() {
        let cursor = if at == editor.cursor {
            text::literal(look.glyphs.cursor, styles.cursor)
        } else {
            text::literal(" ", styles.text)
        };
        let (sign, style) = if *is_shown {
            (look.glyphs.verified, styles.text)
        } else {
            (" ", styles.dim)
        };
        let width = match column.width {
            _ if !columns::has_content(context, column.column) => "nothing to show".to_owned(),
            Some(width) => format!("{width} wide"),
            None if *is_shown => "fits".to_owned(),
            None => String::new(),
        };
        let spans = vec![
            cursor,
            text::literal(" [", styles.dim),
            text::literal(sign, styles.ok),
            text::literal("] ", styles.dim),
            text::from_ui(format!("{:<9}", column.column.title()), style),
            text::from_ui(format!("{width:>15}"), styles.dim),
        ];
        frame::line(spans, room, row as u16, buffer);
    }
    frame::draw_more_below(
        look,
        editor.rows.len().saturating_sub(first + shown),
        room,
        buffer,
    );
}
