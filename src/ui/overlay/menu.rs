//! What can follow the keys pressed so far.

use super::{Look, frame, text};
use crate::{
    action::Action,
    app::{availability, input, model::Model, plan},
    config::{chord::Chord, keymap::KeyMatch},
};
use ratatui::{buffer::Buffer, layout::Rect, text::Span};

/// Draws it above the last line.
pub fn draw(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let pressed: Vec<Chord> = model
        .sequence
        .keys
        .iter()
        .map(|key| Chord::from(*key))
        .collect();
    let KeyMatch::Prefix(next) = model.setup.keymap.lookup(input::contexts(model), &pressed) else {
        return;
    };
    let rows = (next.len() as u16 + 2).min(area.y);
    let spot = Rect::new(area.x, area.bottom() - rows, area.width.min(100), rows);
    super::clear(spot, buffer);
    let title = model
        .setup
        .keymap
        .menu_title(&pressed)
        .unwrap_or("keys")
        .to_owned();
    let title = vec![
        text::literal(" ", styles.border),
        text::from_ui(title, styles.title),
        text::literal(" ", styles.border),
    ];
    let room = frame::pane(look, title, true, spot, buffer);
    // What has no line is named on the last one, so that no key is a secret.
    let height = usize::from(room.height);
    let lines = if next.len() > height {
        let lines = height.saturating_sub(1);
        let others = next.get(lines..).unwrap_or_default();
        frame::line(others_named(look, others), room, lines as u16, buffer);
        lines
    } else {
        height
    };
    for (row, (keys, action)) in next.into_iter().take(lines).enumerate() {
        let why = availability::availability(model, action).err();
        let style = if why.is_none() {
            styles.text
        } else {
            styles.dim
        };
        let mut spans = vec![text::from_ui(format!(" {keys:<4}"), styles.key_hint)];
        if let Some(status) = plan::setting::status_of_action(action) {
            spans.push(text::literal(look.glyphs.status(status), style));
            spans.push(text::literal(" ", style));
        }
        spans.push(text::literal(action.help(), style));
        if let Some(why) = why {
            spans.push(text::from_ui(format!(" Unavailable: {why}."), styles.dim));
        }
        frame::line(spans, room, row as u16, buffer);
    }
}

/// Keys with the word behind each, one after the other.
fn others_named(look: &Look, next: &[(String, Action)]) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for (keys, action) in next {
        spans.push(text::from_ui(format!(" {keys} "), look.styles.key_hint));
        spans.push(text::from_ui(
            format!("{} ", action.label()),
            look.styles.text,
        ));
    }
    spans
}
