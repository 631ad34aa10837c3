//! Everything that is known of a person or a connection: its facts, what providers say belongs to it, what else they
//! know, and the files of a stealer's archive as a tree.

use super::{Look, frame, text};
use crate::{
    app::{
        inspect,
        model::{Context, GroupRef},
    },
    entity::{number::grouped, tree, visible},
    ui::{cells, facts, header, value},
};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

/// Columns that labels take.
const LABEL: usize = 12;

/// Columns that it takes at most.
const WIDEST: u16 = 110;

/// Draws it.
pub fn draw(
    context: Context<'_>,
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
    let title = value::form(group.0);
    let columns = spot.width.min(WIDEST);
    let lines = lines(
        context,
        look,
        group,
        usize::from(columns.saturating_sub(frame::SIDES)),
    );
    // No more of what lies below is hidden than must be.
    let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let room = frame::overlay(look, title, frame::centered(spot, columns, rows), buffer);
    let height = usize::from(room.height);
    let first = scroll.min(lines.len().saturating_sub(height));
    let below = lines.len().saturating_sub(first + height);
    for (row, line) in lines.into_iter().skip(first).take(height).enumerate() {
        cells::put(
            &line.spans,
            (room.x, room.y + row as u16),
            room.width,
            buffer,
        );
    }
    frame::more_below(look, below, room, buffer);
}

fn lines(
    context: Context<'_>,
    look: &Look,
    (kind, id): GroupRef,
    columns: usize,
) -> Vec<Line<'static>> {
    let styles = &look.styles;
    let labelled = |label: &'static str, value: Line<'static>| {
        let mut line = Line::from(vec![text::own(format!("{label:<LABEL$}"), styles.dim)]);
        line.spans.extend(value.spans);
        line
    };
    let room = columns.saturating_sub(LABEL).max(1);
    let mut lines: Vec<Line<'static>> = facts::of(context, look, (kind, id), room)
        .into_iter()
        .map(|(label, value)| labelled(label, value))
        .collect();
    for ((kind, other), leaks) in inspect::belonging(context, (kind, id)) {
        let leaks = match leaks {
            0 => String::new(),
            1 => "  1 leak".to_owned(),
            more => format!("  {} leaks", grouped(more.into())),
        };
        let wide = room.saturating_sub(leaks.len()).max(1);
        let mut value = value::name(context, look, (kind, other), wide);
        value.push_span(text::own(leaks, styles.dim));
        lines.push(labelled(value::form(kind), value));
    }
    for native in context.data.table.natives(kind, id) {
        let Some(connection) = native.connection() else {
            continue;
        };
        if connection.metadata.is_none() && connection.tree.is_none() {
            continue;
        }
        lines.push(Line::default());
        let heading = header::titled(context, &native.key().profile);
        lines.push(Line::from(vec![text::own(heading, styles.title)]));
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
    let names: Vec<_> = members
        .keys()
        .map(|name| visible::escape(name.as_bytes()))
        .map(|name| text::fit_visible(&name, columns / 3, styles.dim, styles.escape))
        .collect();
    let wide = names.iter().map(Line::width).max().unwrap_or(0) + 2;
    let line = |(mut line, value): (Line<'static>, &serde_json::Value)| {
        let value = match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let gap = " ".repeat(wide.saturating_sub(line.width()));
        line.push_span(text::own(gap, styles.text));
        let rest = columns.saturating_sub(line.width());
        let value = text::fit(value.as_bytes(), rest, styles.text, styles.escape);
        line.spans.extend(value.spans);
        line
    };
    names.into_iter().zip(members.values()).map(line).collect()
}
