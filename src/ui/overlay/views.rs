//! The saved views: what each shows, and which is in force.

use super::{Look, draw_answers, frame, text};
use crate::{
    app::{
        cursor,
        model::Model,
        views::{self, View},
    },
    filter,
    ui::pane::parts::sort_label,
};
use ratatui::{buffer::Buffer, layout::Rect, text::Span};

/// Columns that it takes at most.
const MAX_WIDTH: u16 = 116;

/// Columns below which a view has no more than its name and its filter.
const NARROW_WIDTH: u16 = 76;

/// Draws it.
pub fn draw(
    model: &Model,
    look: &Look,
    (cursor, asks): (usize, bool),
    area: Rect,
    buffer: &mut Buffer,
) {
    let styles = &look.styles;
    let saved = &model.views.saved;
    let spot = Rect {
        height: area.height.saturating_sub(1),
        ..area
    };
    // The frame, the titles, a line below.
    let rows = u16::try_from(saved.len() + 5).unwrap_or(u16::MAX).max(9);
    let room = frame::overlay(
        look,
        "views",
        frame::centered(spot, MAX_WIDTH, rows),
        buffer,
    );
    let wide = room.width >= NARROW_WIDTH;
    let name = usize::from(room.width / if wide { 3 } else { 2 }).min(views::MAX_NAME_CHARS);
    let filter = if wide {
        usize::from(room.width) - name - 4 - SORT_WIDTH - GROUP_WIDTH
    } else {
        usize::from(room.width).saturating_sub(name + 4)
    };
    let mut titles = format!("  {:<name$}  {:<filter$}", "name", "filter");
    if wide {
        titles.push_str(&format!("{:<SORT_WIDTH$}{:<GROUP_WIDTH$}", "sort", "group"));
    }
    frame::line(vec![text::from_ui(titles, styles.dim)], room, 0, buffer);
    let list = Rect {
        y: room.y + 1,
        height: room.height.saturating_sub(3),
        ..room
    };
    let height = usize::from(list.height).max(1);
    let first = (cursor + 1).saturating_sub(height);
    for (row, (at, view)) in saved
        .iter()
        .enumerate()
        .skip(first)
        .take(height)
        .enumerate()
    {
        let in_force = model.views.current.as_deref() == Some(&view.name);
        let sign = if at == cursor {
            text::literal(look.glyphs.cursor, styles.cursor)
        } else {
            text::literal(" ", styles.text)
        };
        let style = if in_force { styles.accent } else { styles.text };
        let mut spans = vec![sign, text::literal(" ", styles.text)];
        spans.extend(pad(look, &view.name, name, style));
        spans.push(text::literal("  ", styles.text));
        let wrong = filter::parse(&view.filter, &model.setup.sources).is_err();
        let style = if wrong { styles.error } else { styles.dim };
        let words = if view.filter.is_empty() {
            "everything"
        } else {
            &view.filter
        };
        spans.extend(pad(look, words, filter, style));
        if wide {
            spans.extend(pad(
                look,
                &sort_label(look, &view.sort),
                SORT_WIDTH,
                styles.dim,
            ));
            let noun = view.group.map_or("", cursor::noun);
            spans.push(text::literal(noun, styles.dim));
        }
        frame::line(spans, list, row as u16, buffer);
    }
    let below = Rect {
        y: room.bottom().saturating_sub(1),
        height: 1,
        ..room
    };
    match saved.get(cursor) {
        Some(view) if asks => draw_delete_prompt(look, view, spot, buffer),
        Some(_) => {
            let words = ":view save NAME keeps what the leaks pane shows";
            frame::line(vec![text::literal(words, styles.dim)], below, 0, buffer);
        }
        None => {
            let words = "No view is saved. :view save NAME keeps what the leaks pane shows.";
            frame::wrapped(words, styles.text, list, 0, buffer);
        }
    }
}

/// Columns of a sort, and of what the leaks are gathered by.
const SORT_WIDTH: usize = 24;
const GROUP_WIDTH: usize = 10;

/// A text in so many columns, filled up with blanks.
fn pad(
    look: &Look,
    words: &str,
    columns: usize,
    style: ratatui::style::Style,
) -> Vec<Span<'static>> {
    let mut line = text::fit(words.as_bytes(), columns, style, look.styles.escape);
    let gap = columns.saturating_sub(line.width());
    line.push_span(text::from_ui(" ".repeat(gap), style));
    line.spans
}

/// Asks before a view goes.
fn draw_delete_prompt(look: &Look, view: &View, area: Rect, buffer: &mut Buffer) {
    let room = frame::overlay(look, "delete", frame::centered(area, 60, 6), buffer);
    let words = format!("Delete the view {}?", view.name);
    let row = frame::wrapped(&words, look.styles.warn, room, 0, buffer);
    let keys = [("y", "delete it"), ("n", "keep it")];
    draw_answers(look, &keys, room, row, buffer);
}
