//! What the leaks in view have in common: a card of bars for each property, and a chart of their dates.

mod time;

use super::{Look, frame, text};
use crate::{
    app::{
        facets::{
            FacetChart, FacetPanel, FacetValue, Value,
            timeline::{Bucket, BucketSize},
        },
        model::Context,
    },
    entity::number::group_digits,
    ui::{chart, value},
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
};
use strum::{EnumCount, IntoEnumIterator};

/// From so many columns on cards stand beside each other, three or two.
const THREE_COLUMNS_WIDTH: u16 = 110;
const TWO_COLUMNS_WIDTH: u16 = 66;
/// Lower than this there is one card at a time.
const MIN_STACK_HEIGHT: u16 = 17;
/// The names of all cards beside each other.
const ALL_NAMES_WIDTH: u16 = 40;
/// A card is never less than its title and two values.
const MIN_CARD_HEIGHT: u16 = 3;

/// Draws it.
pub fn draw(
    context: Context<'_>,
    look: &Look,
    picture: &FacetPanel,
    area: Rect,
    buffer: &mut Buffer,
) {
    let spot = Rect {
        height: area.height.saturating_sub(1),
        ..area
    };
    let room = frame::overlay(look, "facets", spot, buffer);
    draw_headline(context, look, picture, room, buffer);
    let body = skip_rows(room, if room.height > MIN_STACK_HEIGHT { 2 } else { 1 });
    let columns: &[&[FacetChart]] = match room.width {
        _ if room.height < MIN_STACK_HEIGHT => &[],
        THREE_COLUMNS_WIDTH.. => &[
            &[FacetChart::Status, FacetChart::Risk],
            &[FacetChart::Class, FacetChart::Source],
            &[FacetChart::Country],
        ],
        TWO_COLUMNS_WIDTH.. => &[
            &[FacetChart::Status, FacetChart::Risk],
            &[FacetChart::Class, FacetChart::Country, FacetChart::Source],
        ],
        _ => &[],
    };
    if columns.is_empty() {
        return draw_single_card(look, picture, body, buffer);
    }
    // The chart takes what the cards leave, and never less than a third.
    let wanted = columns
        .iter()
        .map(|stack| stack_height(picture, stack))
        .max();
    let least = (body.height / 3).clamp(6, 12);
    let left = body.height.saturating_sub(wanted.unwrap_or(0) + 1);
    let high = if picture.timeline.buckets.is_empty() {
        0
    } else {
        left.clamp(least, MAX_CHART_HEIGHT.max(least))
    };
    let cards = Rect {
        height: body.height.saturating_sub(high + u16::from(high > 0)),
        ..body
    };
    let count = columns.len() as u16;
    let wide = (cards.width.saturating_sub(3 * (count - 1))) / count;
    for (at, stack) in columns.iter().enumerate() {
        let x = cards.x + at as u16 * (wide + 3);
        let column = Rect {
            x,
            width: wide,
            ..cards
        };
        draw_stack(look, picture, stack, column, buffer);
    }
    let lower = Rect {
        y: body.bottom().saturating_sub(high),
        height: high,
        ..body
    };
    time::over_time(look, picture, lower, buffer);
}

/// Rows of a chart that nothing else wants.
const MAX_CHART_HEIGHT: u16 = 22;

/// Rows that a stack of cards wants.
fn stack_height(picture: &FacetPanel, cards: &[FacetChart]) -> u16 {
    let shown = cards
        .iter()
        .map(|card| picture.values(*card).len())
        .filter(|count| *count > 0);
    let rows: usize = shown.map(|count| count + 2).sum();
    u16::try_from(rows.saturating_sub(1)).unwrap_or(u16::MAX)
}

fn skip_rows(room: Rect, rows: u16) -> Rect {
    Rect {
        y: room.y + rows.min(room.height),
        height: room.height.saturating_sub(rows),
        ..room
    }
}

/// How many leaks these are, and by which filter.
fn draw_headline(
    context: Context<'_>,
    look: &Look,
    picture: &FacetPanel,
    room: Rect,
    buffer: &mut Buffer,
) {
    let styles = &look.styles;
    let count = format!("{} leaks in view", group_digits(picture.total as u64));
    let mut spans = vec![text::from_ui(count, styles.title)];
    let filter = context.workspace.leaks.filter.filter.text();
    if !filter.is_empty() {
        let used: usize = spans.iter().map(Span::width).sum();
        let left = usize::from(room.width).saturating_sub(used + 3);
        spans.push(text::literal("  /", styles.accent));
        let filter = text::fit(filter.as_bytes(), left, styles.text, styles.escape);
        spans.extend(filter.spans);
    }
    frame::line(spans, room, 0, buffer);
}

/// The card with the cursor alone, below the names of all.
fn draw_single_card(look: &Look, picture: &FacetPanel, room: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let mut spans = Vec::new();
    if room.width < ALL_NAMES_WIDTH {
        let at = picture.current_chart() as usize + 1;
        let words = format!("  {at} of {}", FacetChart::COUNT);
        spans.push(text::literal(picture.current_chart().title(), styles.title));
        spans.push(text::from_ui(words, styles.dim));
    }
    for card in FacetChart::iter().filter(|_| room.width >= ALL_NAMES_WIDTH) {
        let style = if card == picture.current_chart() {
            styles.title
        } else {
            styles.dim
        };
        let sign = if card == picture.current_chart() {
            look.glyphs.cursor
        } else {
            " "
        };
        spans.push(text::literal(sign, styles.cursor));
        spans.push(text::literal(card.title(), style));
    }
    frame::line(spans, room, 0, buffer);
    let rest = skip_rows(room, 1);
    if picture.current_chart() == FacetChart::Seen {
        // The last line says what the chart beside it says where there is room.
        let last = Rect {
            y: rest.bottom().saturating_sub(1),
            height: rest.height.min(1),
            ..rest
        };
        let chart = Rect {
            height: rest.height.saturating_sub(1),
            ..rest
        };
        time::draw_timeline(look, picture, chart, buffer);
        time::statuses_here(look, picture, last, buffer);
    } else {
        draw_values(look, picture, picture.current_chart(), rest, buffer);
    }
}

/// Cards one below the other; the longest gives way where there is no room for all.
fn draw_stack(
    look: &Look,
    picture: &FacetPanel,
    cards: &[FacetChart],
    room: Rect,
    buffer: &mut Buffer,
) {
    let shown: Vec<FacetChart> = cards
        .iter()
        .copied()
        .filter(|card| !picture.values(*card).is_empty())
        .collect();
    let wants =
        |card: &FacetChart| u16::try_from(picture.values(*card).len() + 1).unwrap_or(u16::MAX);
    let mut rows: Vec<u16> = shown
        .iter()
        .map(|card| wants(card).min(room.height))
        .collect();
    let gaps = shown.len().saturating_sub(1) as u16;
    let most = room.height.saturating_sub(gaps);
    while rows.iter().sum::<u16>() > most {
        let longest = rows.iter_mut().max();
        match longest {
            Some(longest) if *longest > MIN_CARD_HEIGHT => *longest -= 1,
            _ => break,
        }
    }
    let mut y = room.y;
    for (card, rows) in shown.iter().zip(rows) {
        let spot = Rect {
            y,
            height: rows.min(room.bottom().saturating_sub(y)),
            ..room
        };
        draw_title(look, picture, *card, spot, buffer);
        draw_values(look, picture, *card, skip_rows(spot, 1), buffer);
        y += rows + 1;
    }
}

fn draw_title(
    look: &Look,
    picture: &FacetPanel,
    card: FacetChart,
    room: Rect,
    buffer: &mut Buffer,
) {
    let focused = picture.current_chart() == card;
    let styles = &look.styles;
    let style = if focused { styles.title } else { styles.accent };
    let count = picture.values(card).len();
    let hidden = count.saturating_sub(usize::from(room.height.saturating_sub(1)));
    let mut spans = vec![text::literal(card.title(), style)];
    if hidden > 0 {
        spans.push(text::from_ui(format!("  {count} values"), styles.dim));
    }
    frame::line(spans, room, 0, buffer);
}

/// The values of a card: as many as fit, those around its cursor.
fn draw_values(
    look: &Look,
    picture: &FacetPanel,
    card: FacetChart,
    room: Rect,
    buffer: &mut Buffer,
) {
    let styles = &look.styles;
    let all = picture.values(card);
    let most = all.iter().map(|counted| counted.count).max().unwrap_or(0);
    let focused = picture.current_chart() == card;
    let cursor = picture.cursor(card);
    let height = usize::from(room.height);
    let first = (cursor + 1).saturating_sub(height.max(1));
    let names = all
        .iter()
        .map(|counted| value_label(look, counted, MAX_NAME_WIDTH).0.width());
    let names = names.max().unwrap_or(0);
    let most_of_it = usize::from(room.width * 2 / 5);
    // Our own words are never cut, and what stands behind them stands below each other.
    let own = matches!(card, FacetChart::Status | FacetChart::Risk);
    let label = names.max(10).min(if own {
        most_of_it.max(names)
    } else {
        most_of_it
    });
    let count = if room.width < 38 { 6 } else { 8 };
    let bar = usize::from(room.width).saturating_sub(2 + label + 1 + count + 1 + 5);
    for (row, (at, counted)) in all.iter().enumerate().skip(first).take(height).enumerate() {
        let here = focused && at == cursor;
        let sign = if here {
            text::literal(look.glyphs.cursor, styles.cursor)
        } else {
            text::literal(" ", styles.text)
        };
        let (name, style) = value_label(look, counted, label);
        let gap = label.saturating_sub(name.width());
        let mut spans = vec![sign, text::literal(" ", styles.text)];
        spans.extend(name.spans);
        spans.push(text::from_ui(" ".repeat(gap + 1), styles.text));
        spans.push(text::number(u64::from(counted.count), count, styles.text));
        spans.push(text::literal(" ", styles.text));
        let drawn = chart::bar(look, counted.count, most, bar as u16);
        let rest = bar.saturating_sub(drawn.chars().count());
        spans.push(text::from_ui(drawn, style));
        spans.push(text::from_ui(" ".repeat(rest), styles.text));
        spans.push(text::from_ui(
            format_share(counted.count, picture.total),
            styles.dim,
        ));
        frame::line(spans, room, row as u16, buffer);
    }
}

/// Columns of the longest name.
const MAX_NAME_WIDTH: usize = 32;

/// A share of the whole: `12%`, `<1%`.
fn format_share(count: u32, total: usize) -> String {
    let percent = u64::from(count) * 100 / (total as u64).max(1);
    if percent == 0 && count > 0 {
        return "  <1%".to_owned();
    }
    format!("{percent:>4}%")
}

/// A value in so many columns, and the style of its bar.
fn value_label(look: &Look, counted: &FacetValue, columns: usize) -> (Line<'static>, Style) {
    let styles = &look.styles;
    let first = |line: Line<'static>| {
        let style = line.spans.first().map_or(styles.accent, |span| span.style);
        (line, of_bar(style))
    };
    match &counted.value {
        Value::Status(status) => first(value::status(look, *status, false)),
        Value::Risk(level) => first(value::risk(look, *level)),
        Value::Source(source) => {
            let line = text::fit(source.as_bytes(), columns, styles.text, styles.escape);
            (line, styles.accent)
        }
        Value::Text(Some(value)) => {
            let line = text::fit(value.as_bytes(), columns, styles.text, styles.escape);
            (line, styles.accent)
        }
        Value::Text(None) => {
            let line = Line::from(vec![text::literal("none", styles.dim)]);
            (line, styles.dim)
        }
    }
}

/// The style of a bar: the colour of what it counts. A theme without colours underlines and reverses words, which would
/// draw a bar where there is none.
fn of_bar(style: Style) -> Style {
    style.remove_modifier(Modifier::UNDERLINED | Modifier::REVERSED)
}
