//! The leaks in view over time: a chart of their dates, and beside it what statuses the leaks of each date have.

use super::{
    Bucket, BucketSize, FacetChart, FacetPanel, Look, TWO_COLUMNS_WIDTH, frame, of_bar, text,
};
use crate::{
    entity::number::group_digits,
    ui::{chart, value},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// The chart of dates, and beside it what statuses the leaks of each date have.
pub(super) fn over_time(look: &Look, picture: &FacetPanel, room: Rect, buffer: &mut Buffer) {
    if room.width < TWO_COLUMNS_WIDTH || picture.timeline.buckets.is_empty() {
        return draw_timeline(look, picture, room, buffer);
    }
    let right = (room.width * 2 / 5).max(NARROWEST);
    let left = Rect {
        width: room.width.saturating_sub(right + 3),
        ..room
    };
    draw_timeline(look, picture, left, buffer);
    let right = Rect {
        x: left.right() + 3,
        width: right,
        ..room
    };
    statuses(look, picture, right, buffer);
}

/// Columns that the statuses over time need at least.
const NARROWEST: u16 = 34;
/// Columns that the name of a status takes with its sign.
const STATUS: usize = 16;
/// Columns of a number beside it.
const COUNT: usize = 8;

/// The statuses over time, a line each on one scale: the number is that of the date under the cursor of the chart.
fn statuses(look: &Look, picture: &FacetPanel, room: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let timeline = &picture.timeline;
    let last = timeline.buckets.len().saturating_sub(1);
    let cursor = picture.cursor(FacetChart::Seen).min(last);
    let by = match timeline.bucket_size {
        BucketSize::Day => "status by day",
        BucketSize::Month => "status by month",
        BucketSize::Year => "status by year",
    };
    let mut title = vec![text::literal(by, styles.accent)];
    if let Some(name) = timeline.name(cursor) {
        title.push(text::from_ui(format!("  {name}"), styles.dim));
    }
    frame::line(title, room, 0, buffer);
    let columns = usize::from(room.width).saturating_sub(STATUS + COUNT + 1);
    let count = timeline.buckets.len();
    let wide = (columns / count.max(1)).clamp(1, 8);
    let shown = (columns / wide).clamp(1, count.max(1));
    // As in the chart: the newest is at the right edge, unless the cursor is further back.
    let first = cursor.min(count.saturating_sub(shown));
    let bars = timeline.buckets.iter();
    let most = bars.flat_map(|bar| bar.by_status).max().unwrap_or(0);
    for (row, status) in timeline.statuses().into_iter().enumerate() {
        let mut name = value::status(look, status, false);
        let style = name.spans.first().map_or(styles.text, |span| span.style);
        let style = of_bar(style);
        let gap = STATUS.saturating_sub(name.width());
        name.push_span(text::from_ui(" ".repeat(gap), styles.text));
        let of = |bar: &Bucket| bar.by_status[status as usize];
        let here = timeline.buckets.get(cursor).map_or(0, of);
        name.push_span(text::number(u64::from(here), COUNT, styles.text));
        name.push_span(text::literal(" ", styles.text));
        let bars = timeline.buckets.iter().enumerate();
        for (at, bar) in bars.skip(first).take(shown) {
            let cell = chart::column(look, of(bar), most, 1);
            let cell = cell.first().copied().unwrap_or(" ").repeat(wide);
            let style = if at == cursor && picture.current_chart() == FacetChart::Seen {
                styles.title
            } else {
                style
            };
            name.push_span(text::from_ui(cell, style));
        }
        frame::line(name.spans, room, row as u16 + 1, buffer);
    }
}

/// The statuses of the leaks of the date under the cursor, on one line.
pub(super) fn statuses_here(look: &Look, picture: &FacetPanel, room: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let timeline = &picture.timeline;
    let last = timeline.buckets.len().saturating_sub(1);
    let Some(bar) = timeline
        .buckets
        .get(picture.cursor(FacetChart::Seen).min(last))
    else {
        return;
    };
    let mut spans = Vec::new();
    for status in timeline.statuses() {
        let count = bar.by_status[status as usize];
        if count > 0 {
            spans.extend(value::status(look, status, false).spans);
            spans.push(text::from_ui(
                format!(" {}  ", group_digits(u64::from(count))),
                styles.text,
            ));
        }
    }
    frame::line(spans, room, 0, buffer);
}

/// Columns that the numbers beside the chart take.
const SCALE_WIDTH: u16 = 8;

/// The chart of dates: bars, the cursor below them, the time below that.
pub(super) fn draw_timeline(look: &Look, picture: &FacetPanel, room: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let timeline = &picture.timeline;
    if room.height < 4 || timeline.buckets.is_empty() {
        let words = "No leak in view has a date.";
        if timeline.buckets.is_empty() && room.height > 0 {
            frame::line(vec![text::literal(words, styles.dim)], room, 0, buffer);
        }
        return;
    }
    let focused = picture.current_chart() == FacetChart::Seen;
    let cursor = picture
        .cursor(FacetChart::Seen)
        .min(timeline.buckets.len() - 1);
    draw_chart_title(look, picture, focused, cursor, room, buffer);
    let rows = room.height - 3;
    let columns = room.width.saturating_sub(SCALE_WIDTH + 1);
    let count = timeline.buckets.len();
    let wide = (usize::from(columns) / count).clamp(1, 8);
    let shown = (usize::from(columns) / wide).clamp(1, count);
    // The newest is at the right edge, unless the cursor is further back.
    let first = cursor.min(count - shown);
    let first = if cursor + shown >= count {
        count - shown
    } else {
        first
    };
    let most = timeline
        .buckets
        .iter()
        .map(|bar| bar.count)
        .max()
        .unwrap_or(0);
    let scale = |number: u32| {
        let number = text::number(u64::from(number), usize::from(SCALE_WIDTH), styles.dim);
        vec![number]
    };
    frame::line(scale(most), room, 1, buffer);
    if rows > 2 {
        frame::line(scale(0), room, rows, buffer);
    }
    let chart = Rect {
        x: room.x + SCALE_WIDTH + 1,
        width: columns,
        ..room
    };
    let thick = if wide >= 3 { wide - 1 } else { wide };
    let mut free = 0;
    for (place, (at, bucket)) in timeline
        .buckets
        .iter()
        .enumerate()
        .skip(first)
        .take(shown)
        .enumerate()
    {
        let x = (place * wide) as u16;
        let spot = Rect {
            x: chart.x + x,
            width: (thick as u16).min(chart.width.saturating_sub(x)),
            ..chart
        };
        let here = focused && at == cursor;
        let style = if here { styles.warn } else { styles.accent };
        let cells = chart::column(look, bucket.count, most, rows);
        for (up, cell) in cells.into_iter().enumerate() {
            let row = rows - up as u16;
            let bar = text::from_ui(cell.repeat(usize::from(spot.width)), style);
            frame::line(vec![bar], spot, row, buffer);
        }
        if here {
            let sign = text::literal(look.glyphs.ascending, styles.cursor);
            let middle = Rect {
                x: spot.x + spot.width / 2,
                ..spot
            };
            frame::line(vec![sign], middle, rows + 1, buffer);
        }
        let label = label(picture, at, place == 0);
        let rest = chart.width.saturating_sub(x);
        let width = label.len() as u16;
        if !label.is_empty() && x >= free && width <= rest {
            let spot = Rect {
                width: rest,
                ..spot
            };
            frame::line(
                vec![text::from_ui(label, styles.dim)],
                spot,
                rows + 2,
                buffer,
            );
            free = x + width + 2;
        }
    }
}

fn draw_chart_title(
    look: &Look,
    picture: &FacetPanel,
    focused: bool,
    cursor: usize,
    room: Rect,
    buffer: &mut Buffer,
) {
    let styles = &look.styles;
    let timeline = &picture.timeline;
    let style = if focused { styles.title } else { styles.accent };
    let by = match timeline.bucket_size {
        BucketSize::Day => "leaked by day",
        BucketSize::Month => "leaked by month",
        BucketSize::Year => "leaked by year",
    };
    let mut spans = vec![text::literal(by, style)];
    if let (Some(name), Some(bar)) = (timeline.name(cursor), timeline.buckets.get(cursor)) {
        let count = group_digits(u64::from(bar.count));
        let style = if focused { styles.text } else { styles.dim };
        spans.push(text::from_ui(format!("  {name}: {count}"), style));
    }
    if timeline.undated > 0 {
        let count = group_digits(u64::from(timeline.undated));
        let words = format!("  {} {count} without a date", look.glyphs.separator);
        spans.push(text::from_ui(words, styles.dim));
    }
    frame::line(spans, room, 0, buffer);
}

/// What stands below a bar: where a year or a month begins, and at the left edge.
fn label(picture: &FacetPanel, at: usize, is_first: bool) -> String {
    let timeline = &picture.timeline;
    let (Some(name), Some(bucket)) = (timeline.name(at), timeline.buckets.get(at)) else {
        return String::new();
    };
    match timeline.bucket_size {
        BucketSize::Day if is_first || bucket.first_day.day() == 1 => name,
        BucketSize::Day => name.get(8..).unwrap_or_default().to_owned(),
        BucketSize::Month if is_first => name,
        BucketSize::Month if bucket.first_day.month() == 1 => {
            name.get(..4).unwrap_or_default().to_owned()
        }
        BucketSize::Month => String::new(),
        BucketSize::Year => name,
    }
}
