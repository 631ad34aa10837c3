//! The record of one leak: its fields in full, what else is known of its person, machine and credential, its history.

use super::{Look, frame, text};
use crate::{
    app::{
        model::{Context, Model},
        record::{self, History, Item, Record},
    },
    entity::{history::HistoryEntry, leak::LeakField, number::group_digits, visible::escape},
    table::RowId,
    ui::{cells, password, value},
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

/// Columns that labels take.
pub(super) const LABEL: usize = 12;

/// Columns that it takes at most, its frame included.
const WIDEST: u16 = 120;

/// Draws it.
pub fn draw(model: &Model, look: &Look, record: &Record, area: Rect, buffer: &mut Buffer) {
    let items = record::items(model.context(), record);
    let columns = inside(area);
    let blocks = items
        .iter()
        .map(|item| drawn(model, look, record, item, columns));
    scrolled(look, "leak", blocks.collect(), record.cursor, area, buffer);
}

/// Columns inside a record: the cursor's sign has two of its own.
pub(super) fn inside(area: Rect) -> usize {
    let columns = area.width.min(WIDEST);
    usize::from(columns.saturating_sub(frame::HORIZONTAL_INSET)).saturating_sub(2)
}

/// Draws the lines of items in a frame as large as they are, with a cursor before one of the items.
pub(super) fn scrolled(
    look: &Look,
    title: &str,
    blocks: Vec<Vec<Line<'static>>>,
    cursor_at: usize,
    area: Rect,
    buffer: &mut Buffer,
) {
    let spot = Rect {
        height: area.height.saturating_sub(1),
        ..area
    };
    let columns = spot.width.min(WIDEST);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut under_cursor = 0;
    for (at, block) in blocks.into_iter().enumerate() {
        if at == cursor_at {
            under_cursor = lines.len();
        }
        let cursor = at == cursor_at;
        for (row, line) in block.into_iter().enumerate() {
            let sign = if cursor && row == 0 {
                text::from_ui(format!("{} ", look.glyphs.cursor), look.styles.cursor)
            } else {
                text::literal("  ", look.styles.text)
            };
            let mut spans = vec![sign];
            spans.extend(line.spans);
            lines.push(Line::from(spans));
        }
    }
    let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let room = frame::overlay(look, title, frame::centered(spot, columns, rows), buffer);
    let height = usize::from(room.height);
    // The cursor stays in the middle, as far as there are lines around it.
    let first = under_cursor
        .saturating_sub(height / 2)
        .min(lines.len().saturating_sub(height));
    let below = lines.len().saturating_sub(first + height);
    for (row, line) in lines.into_iter().skip(first).take(height).enumerate() {
        let at = (room.x, room.y + row as u16);
        cells::draw_spans(&line.spans, at, room.width, buffer);
    }
    frame::draw_more_below(look, below, room, buffer);
}

/// The fields of a leak in full, for the detail.
pub fn fields(model: &Model, look: &Look, leak: RowId, columns: usize) -> Vec<Line<'static>> {
    let record = Record {
        leak,
        cursor: 0,
        history: History::Loading,
    };
    record::fields(model.context(), leak)
        .iter()
        .flat_map(|item| drawn(model, look, &record, item, columns))
        .collect()
}

/// The lines of an item.
fn drawn(
    model: &Model,
    look: &Look,
    record: &Record,
    item: &Item,
    columns: usize,
) -> Vec<Line<'static>> {
    let styles = &look.styles;
    let context = model.context();
    let room = columns.saturating_sub(LABEL).max(1);
    let own = |words: String| vec![Line::from(vec![text::from_ui(words, styles.text)])];
    let folded = |bytes: &[u8]| text::folded(bytes, room, styles.text, styles.escape);
    match item {
        Item::Heading(words) => vec![
            Line::default(),
            Line::from(vec![text::from_ui(words.clone(), styles.title)]),
        ],
        Item::Words(words) => text::wrap(words, columns)
            .into_iter()
            .map(|line| Line::from(vec![text::from_ui(line, styles.dim)]))
            .collect(),
        Item::Field(label, bytes) => {
            let mut lines = folded(bytes);
            if escape(bytes).is_right_to_left()
                && let Some(last) = lines.last_mut()
            {
                last.push_span(text::literal(" RTL", styles.warn));
            }
            labelled(look, label, lines)
        }
        Item::Time(label, bytes) => {
            let lines = match value::local_time(context, bytes, "%Y-%m-%d %H:%M %Z") {
                Some(time) => own(time),
                None => folded(bytes),
            };
            labelled(look, label, with_age(context, look, bytes, lines))
        }
        Item::Status => {
            let line = value::row_status(context, look, record.leak);
            labelled(look, "status", vec![line])
        }
        Item::Password => {
            let lines = password::password_lines(model, look, record.leak, room);
            labelled(look, "password", lines)
        }
        Item::Leak(leak) => vec![other(context, look, Some(record.leak), *leak, columns)],
        Item::Act(at) => match &record.history {
            History::Known(entries) => entries
                .get(*at)
                .map_or_else(Vec::new, |entry| act(context, look, entry, 1, columns)),
            History::Loading | History::Failed(_) => Vec::new(),
        },
    }
}

/// Adds how long ago a moment was.
fn with_age(
    context: Context<'_>,
    look: &Look,
    bytes: &[u8],
    mut lines: Vec<Line<'static>>,
) -> Vec<Line<'static>> {
    if let (Some(age), Some(last)) = (value::age(context, bytes), lines.last_mut()) {
        last.push_span(text::from_ui(format!("  {age} ago"), look.styles.dim));
    }
    lines
}

/// A label before the first line, blanks before the others.
pub(super) fn labelled(
    look: &Look,
    label: &'static str,
    lines: Vec<Line<'static>>,
) -> Vec<Line<'static>> {
    let mut label = label;
    let mut labelled = Vec::with_capacity(lines.len());
    for line in lines {
        let label = std::mem::take(&mut label);
        let mut spans: Vec<Span<'static>> =
            vec![text::from_ui(format!("{label:<LABEL$}"), look.styles.dim)];
        spans.extend(line.spans);
        labelled.push(Line::from(spans));
    }
    labelled
}

/// Another leak on one line: status, date, login where it is another one, address.
pub(super) fn other(
    context: Context<'_>,
    look: &Look,
    of: Option<RowId>,
    leak: RowId,
    columns: usize,
) -> Line<'static> {
    const STATUS: usize = 17;
    const DATE: usize = 12;
    let (table, styles) = (&context.data.table, &look.styles);
    let mut line = value::row_status(context, look, leak);
    let pad = |line: &mut Line<'static>, to: usize| {
        let gap = " ".repeat(to.saturating_sub(line.width()).max(1));
        line.push_span(text::from_ui(gap, styles.text));
    };
    pad(&mut line, STATUS);
    let seen = table.text(leak, LeakField::FirstSeen);
    line.spans
        .extend(value::date(context, look, &seen, DATE - 1).spans);
    pad(&mut line, STATUS + DATE);
    let login = table.text(leak, LeakField::Login);
    if of.is_none_or(|of| *login != *table.text(of, LeakField::Login)) {
        let room = columns.saturating_sub(line.width()) / 2;
        line.spans
            .extend(text::fit(&login, room, styles.text, styles.escape).spans);
        line.push_span(text::literal("  ", styles.text));
    }
    let room = columns.saturating_sub(line.width());
    let url = table.text(leak, LeakField::Url);
    line.spans
        .extend(text::fit(&url, room, styles.text, styles.escape).spans);
    line
}

/// An act: when, who and what, then its words, each in full.
pub(super) fn act(
    context: Context<'_>,
    look: &Look,
    entry: &HistoryEntry,
    leaks: usize,
    columns: usize,
) -> Vec<Line<'static>> {
    let styles = &look.styles;
    let at = entry
        .at
        .to_zoned(context.setup.zone.clone())
        .strftime("%Y-%m-%d %H:%M %Z");
    let mut words = format!("{at}  {}  {}", record::by(entry), entry.what);
    if let Some(after) = entry.after {
        let before = entry.before.map_or("unknown", |status| status.label());
        words.push_str(&format!("  {before} to {}", after.label()));
    }
    for part in [&entry.outcome, &entry.detail].into_iter().flatten() {
        words.push_str(&format!("  {part}"));
    }
    if let Some(job) = entry.job {
        words.push_str(&format!("  job {job}"));
    }
    if leaks > 1 {
        words.push_str(&format!("  {} leaks", group_digits(leaks as u64)));
    }
    let mut lines = text::folded(words.as_bytes(), columns, styles.text, styles.escape);
    let said = &entry.words;
    for (label, text) in [
        ("reason", &said.reason),
        ("ticket", &said.ticket),
        ("note", &said.note),
    ] {
        let Some(words) = text else { continue };
        let room = columns.saturating_sub(LABEL).max(1);
        let folded = text::folded(words.as_bytes(), room, styles.text, styles.escape);
        lines.extend(labelled(look, label, folded));
    }
    lines
}
