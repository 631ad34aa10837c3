//! The keys that work here, from the keymap in force and the actions' own words.

use super::{Look, frame, text};
use crate::app::{
    help::{self, LineKind},
    model::Model,
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Draws it.
pub fn draw(
    model: &Model,
    look: &Look,
    scroll: usize,
    search: &str,
    area: Rect,
    buffer: &mut Buffer,
) {
    let styles = &look.styles;
    let room = frame::overlay(
        look,
        "keys",
        frame::centered(
            Rect {
                height: area.height.saturating_sub(1),
                ..area
            },
            help::MAX_WIDTH,
            area.height,
        ),
        buffer,
    );
    if let Some(overlay) = model.overlay_below_help() {
        // Whose keys these are.
        let words = format!("of {} ", overlay.name());
        let edge = Rect::new(
            room.x + 5,
            room.y.saturating_sub(1),
            room.width.saturating_sub(5),
            1,
        );
        frame::line(vec![text::from_ui(words, styles.title)], edge, 0, buffer);
    }
    let lines = help::lines(model, search, area.width);
    if lines.is_empty() {
        frame::wrapped(
            "No key does that here. : lists every command.",
            styles.text,
            room,
            0,
            buffer,
        );
        return;
    }
    let height = usize::from(room.height);
    let last = lines.len().saturating_sub(height);
    let cursor = scroll.min(lines.len().saturating_sub(1));
    // The cursor goes to the middle, then the lines move below it.
    let top = cursor.saturating_sub(height / 2).min(last);
    for (row, line) in lines.iter().skip(top).take(height).enumerate() {
        let (head, words) = match line.kind {
            LineKind::Title => (styles.title, styles.title),
            LineKind::Available => (styles.key_hint, styles.text),
            LineKind::Unavailable => (styles.key_hint, styles.dim),
        };
        let spans = vec![
            text::from_ui(line.head.clone(), head),
            text::from_ui(line.text.clone(), words),
        ];
        // The first column is the cursor's.
        let behind = Rect {
            x: room.x.saturating_add(1),
            width: room.width.saturating_sub(1),
            ..room
        };
        frame::line(spans, behind, row as u16, buffer);
        if top + row == cursor {
            let sign = vec![text::literal(look.glyphs.cursor, styles.cursor)];
            frame::line(sign, Rect { width: 1, ..room }, row as u16, buffer);
        }
    }
    let below = Rect {
        y: room.bottom(),
        height: 1,
        ..room
    };
    let words = format!(
        " {} of {}  Enter does it, / searches, Esc closes ",
        (cursor + 1).min(lines.len()),
        lines.len()
    );
    frame::line(vec![text::from_ui(words, styles.dim)], below, 0, buffer);
}
