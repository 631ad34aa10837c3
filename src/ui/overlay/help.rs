//! The keys that work here, from the keymap in force and the actions' own words.

use super::{Look, frame, text};
use crate::app::{
    help::{Entry, entries},
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
            96,
            area.height,
        ),
        buffer,
    );
    if let Some(overlay) = model.below_help() {
        // Whose keys these are.
        let words = format!("of {} ", overlay.name());
        let edge = Rect::new(
            room.x + 5,
            room.y.saturating_sub(1),
            room.width.saturating_sub(5),
            1,
        );
        frame::line(vec![text::own(words, styles.title)], edge, 0, buffer);
    }
    let entries = entries(model, search);
    if entries.is_empty() {
        frame::wrapped(
            "No key does that here. : lists every command.",
            styles.text,
            room,
            0,
            buffer,
        );
        return;
    }
    let last = entries.len().saturating_sub(usize::from(room.height));
    for (row, entry) in entries
        .iter()
        .skip(scroll.min(last))
        .take(usize::from(room.height))
        .enumerate()
    {
        let spans = match entry {
            Entry::Chapter(category) => vec![text::own(category.to_string(), styles.title)],
            Entry::Answers => vec![text::literal("Answers", styles.title)],
            Entry::Language => vec![text::literal("Filter language", styles.title)],
            Entry::Form(form, what) => vec![
                text::own(format!("  {form:<22} "), styles.key_hint),
                text::literal(what, styles.text),
            ],
            Entry::Keys(keys, action, why) => {
                let keys = text::own(format!("  {keys:<16} "), styles.key_hint);
                match why {
                    None => vec![keys, text::literal(action.help(), styles.text)],
                    Some(why) => vec![
                        keys,
                        text::literal(action.help(), styles.dim),
                        text::own(format!(" Not now: {why}."), styles.dim),
                    ],
                }
            }
        };
        frame::line(spans, room, row as u16, buffer);
    }
    let below = Rect {
        y: room.bottom(),
        height: 1,
        ..room
    };
    let words = format!(
        " {} of {}  / searches, Esc closes ",
        (scroll.min(last) + usize::from(room.height)).min(entries.len()),
        entries.len()
    );
    frame::line(vec![text::own(words, styles.dim)], below, 0, buffer);
}
