//! Everything that is known of a person or a connection: its facts, what providers say belongs to it, what else they
//! know, and the files of a stealer's archive as a tree.

use super::{Look, frame, text};
use crate::{
    app::{
        inspect,
        model::{GroupRef, Model, Pane},
        view,
    },
    entity::{tree, visible},
    table::GroupKind,
    ui::{facts, pane::groups},
};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

/// Columns that labels take.
const LABEL: usize = 12;

/// Draws it.
pub fn draw(
    model: &Model,
    look: &Look,
    group: GroupRef,
    scroll: usize,
    area: Rect,
    buffer: &mut Buffer,
) {
    let spot = Rect {
        height: area.height.saturating_sub(1),
        ..area
    };
    let title = groups::form(group.0);
    let room = frame::overlay(look, title, frame::centered(spot, 110, spot.height), buffer);
    let lines = lines(model, look, group, usize::from(room.width));
    let height = usize::from(room.height);
    let first = scroll.min(lines.len().saturating_sub(height));
    let below = lines.len().saturating_sub(first + height);
    for (row, line) in lines.into_iter().skip(first).take(height).enumerate() {
        buffer.set_line(room.x, room.y + row as u16, &line, room.width);
    }
    if below > 0 {
        let words = format!(" {below} more below ");
        let edge = Rect {
            y: room.bottom(),
            height: 1,
            ..room
        };
        frame::line(vec![text::own(words, look.styles.dim)], edge, 0, buffer);
    }
}

fn lines(model: &Model, look: &Look, (kind, id): GroupRef, columns: usize) -> Vec<Line<'static>> {
    let styles = &look.styles;
    let labelled = |label: &'static str, value: Line<'static>| {
        let mut line = Line::from(vec![text::own(format!("{label:<LABEL$}"), styles.dim)]);
        line.spans.extend(value.spans);
        line
    };
    let room = columns.saturating_sub(LABEL).max(1);
    let mut lines: Vec<Line<'static>> = facts::of(model, look, (kind, id), room)
        .into_iter()
        .map(|(label, value)| labelled(label, value))
        .collect();
    let kinds = view::kinds_of(Pane::Connections);
    for of in kinds.into_iter().chain([GroupKind::User]) {
        for (kind, other) in inspect::belonging(model, (kind, id), of) {
            let name = model.table.group_name(kind, other);
            let value = text::fit(&name, room, styles.text, styles.escape);
            lines.push(labelled(groups::form(kind), value));
        }
    }
    for native in model.table.natives(kind, id) {
        let Some(connection) = native.connection() else {
            continue;
        };
        if connection.metadata.is_none() && connection.tree.is_none() {
            continue;
        }
        lines.push(Line::default());
        let heading = text::own(native.key().profile.to_string(), styles.title);
        lines.push(Line::from(vec![heading]));
        if let Some(metadata) = &connection.metadata {
            lines.extend(facts_of(look, metadata.as_bytes(), columns));
        }
        if let Some(paths) = &connection.tree {
            let ascii = look.glyphs.border == crate::config::glyphs::ASCII.border;
            let tree = tree::lines(paths, ascii);
            lines.extend(
                tree.iter()
                    .map(|line| text::fit_visible(line, columns, styles.text, styles.escape)),
            );
        }
    }
    lines
}

/// The members of a JSON object, one a line; anything else as it is.
fn facts_of(look: &Look, json: &[u8], columns: usize) -> Vec<Line<'static>> {
    let styles = &look.styles;
    let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(json) else {
        return vec![text::fit(json, columns, styles.dim, styles.escape)];
    };
    let line = |(name, value): (&String, &serde_json::Value)| {
        let value = match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let name = visible::escape(name.as_bytes());
        let wide = columns / 3;
        let mut line = text::fit_visible(&name, wide, styles.dim, styles.escape);
        line.push_span(text::literal("  ", styles.text));
        let rest = columns.saturating_sub(line.width());
        let value = text::fit(value.as_bytes(), rest, styles.text, styles.escape);
        line.spans.extend(value.spans);
        line
    };
    members.iter().map(line).collect()
}
