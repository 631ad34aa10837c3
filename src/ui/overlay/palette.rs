//! The commands that the line could become, above it: each with its keys, and why it cannot be done now.

use super::{Look, frame, text};
use crate::app::{
    model::Model,
    palette::{self, Candidate},
    prompt::{Prompt, PromptKind},
};
use ratatui::{buffer::Buffer, layout::Rect};
use unicode_width::UnicodeWidthStr as _;

/// The most lines.
const MOST: usize = 16;

/// Draws them.
pub fn draw(model: &Model, look: &Look, prompt: &Prompt, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let cursor = match prompt.kind {
        PromptKind::Palette {
            cursor,
            history_index: 0,
        } => cursor,
        _ => 0,
    };
    let found = palette::candidates(model, prompt.input.value());
    let most = usize::from(area.y.saturating_sub(4)).clamp(1, MOST);
    let shown = found.len().min(most);
    let rows = shown.max(1) as u16;
    let spot = Rect::new(
        area.x,
        area.y.saturating_sub(rows + 2),
        area.width.min(100),
        rows + 2,
    );
    super::clear(spot, buffer);
    let words = match found.len() {
        0 => " commands ".to_owned(),
        1 => " 1 command, Tab completes ".to_owned(),
        count => format!(" {count} commands, Tab completes, down and up choose "),
    };
    let title = vec![text::from_ui(words, styles.dim)];
    let room = frame::pane(look, title, true, spot, buffer);
    if found.is_empty() {
        let words = match palette::begun(prompt.input.value()) {
            Some(help) => format!(" Enter: {help}"),
            None => " No command has these letters. Esc leaves.".to_owned(),
        };
        frame::line(vec![text::from_ui(words, styles.text)], room, 0, buffer);
        return;
    }
    // The chosen one stays in sight.
    let cursor = cursor.min(found.len().saturating_sub(1));
    let top = cursor.saturating_sub(shown.saturating_sub(1));
    let chosen = !prompt.input.value().is_empty() || cursor > 0;
    for (row, candidate) in found.iter().skip(top).take(shown).enumerate() {
        let under = chosen && top + row == cursor;
        line(look, candidate, under, room, row as u16, buffer);
    }
}

fn line(
    look: &Look,
    candidate: &Candidate,
    under: bool,
    room: Rect,
    row: u16,
    buffer: &mut Buffer,
) {
    let styles = &look.styles;
    let sign = if under { look.glyphs.cursor } else { " " };
    let name = format!("{} {}", candidate.line, candidate.argument);
    // Names of views and sets may be long: what they do matters more than their end.
    let wide = room.width >= 60;
    let longest = if wide { 27 } else { 18 };
    let name = fitted(name.trim_end(), longest, look.glyphs.ellipsis);
    let keys = fitted(&candidate.keys, 8, look.glyphs.ellipsis);
    let (style, words, what) = match &candidate.unavailable {
        Some(why) => (styles.dim, format!("unavailable: {why}"), styles.dim),
        None => (styles.key_hint, candidate.help.to_owned(), styles.text),
    };
    let mut spans = vec![
        text::from_ui(format!("{sign} "), styles.cursor),
        text::from_ui(format!("{name:<longest$} "), style),
    ];
    // Without room for a column of keys, what a command does matters more than blanks where it has none.
    if wide {
        spans.push(text::from_ui(format!("{keys:<8} "), styles.accent));
    } else if !keys.is_empty() {
        spans.push(text::from_ui(format!("{keys} "), styles.accent));
    }
    spans.push(text::from_ui(words, what));
    frame::line(spans, room, row, buffer);
}

/// Our own words, cut to so many columns.
fn fitted(words: &str, columns: usize, sign: &str) -> String {
    if words.width() <= columns {
        return words.to_owned();
    }
    let kept: String = words.chars().take(columns.saturating_sub(1)).collect();
    format!("{kept}{sign}")
}
