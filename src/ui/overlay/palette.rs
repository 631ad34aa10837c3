//! The commands that the line could become, above it.

use super::{Look, frame, text};
use crate::app::{model::Model, palette};
use ratatui::{buffer::Buffer, layout::Rect};

/// Draws them.
pub fn draw(model: &Model, look: &Look, line: &str, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let found = palette::candidates(model, line);
    let most = usize::from(area.y.saturating_sub(4)).clamp(1, 12);
    let rows = found.len().min(most) as u16 + 2;
    let spot = Rect::new(
        area.x,
        area.y.saturating_sub(rows),
        area.width.min(90),
        rows,
    );
    super::clear(spot, buffer);
    let title = vec![text::own(
        format!(" {} commands, Tab completes ", found.len()),
        styles.dim,
    )];
    let room = frame::pane(look, title, true, spot, buffer);
    for (row, (name, help)) in found.into_iter().take(most).enumerate() {
        let spans = vec![
            text::own(format!(" {name:<18} "), styles.key_hint),
            text::literal(help, styles.text),
        ];
        frame::line(spans, room, row as u16, buffer);
    }
}
