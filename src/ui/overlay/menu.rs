//! What can follow the keys pressed so far.

use super::{Look, frame, text};
use crate::{
    app::{availability, input, model::Model, plan},
    config::{chord::Chord, keymap::Lookup},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Draws it above the last line.
pub fn draw(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let pressed: Vec<Chord> = model
        .sequence
        .keys
        .iter()
        .map(|key| Chord::from(*key))
        .collect();
    let Lookup::Prefix(next) = model.setup.keymap.lookup(input::contexts(model), &pressed) else {
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
        text::own(title, styles.title),
        text::literal(" ", styles.border),
    ];
    let room = frame::pane(look, title, true, spot, buffer);
    for (row, (keys, action)) in next.into_iter().enumerate() {
        let why = availability::availability(model, action).err();
        let style = if why.is_none() {
            styles.text
        } else {
            styles.dim
        };
        let mut spans = vec![text::own(format!(" {keys:<4}"), styles.key_hint)];
        if let Some(status) = plan::setting::set_by(action) {
            spans.push(text::literal(look.glyphs.status(status), style));
            spans.push(text::literal(" ", style));
        }
        spans.push(text::literal(action.help(), style));
        if let Some(why) = why {
            spans.push(text::own(format!(" Unavailable: {why}."), styles.dim));
        }
        frame::line(spans, room, row as u16, buffer);
    }
}
