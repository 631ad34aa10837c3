//! The leaks pane.

use super::{Look, cell, empty, marker, progress, sort_words, title, titles, titles_of};
use crate::{
    app::{
        claims,
        columns::{self, Column, place::Placed},
        model::{Model, Pane},
        views,
    },
    entity::{leak::LeakField, number::grouped, status::Status},
    table::Handle,
    ui::{frame, header, kept::Kept, text},
};
use jiff::{civil, tz::TimeZone};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

/// Draws it.
pub fn draw(model: &Model, look: &Look, area: Rect, kept: &Kept, buffer: &mut Buffer) {
    if model.leaks.grouping.is_some() {
        super::groups::draw(model, look, Pane::Leaks, area, buffer);
        return;
    }
    let focused = model.focus == Pane::Leaks;
    let room = frame::pane(
        look,
        title(model, look, Pane::Leaks, more(model, look)),
        focused,
        area,
        buffer,
    );
    let list = &model.leaks.list;
    if list.order().is_empty() {
        empty(model, look, Pane::Leaks, inset(room), buffer);
        return;
    }
    let inner = Rect {
        x: room.x + 2,
        width: room.width.saturating_sub(3),
        ..room
    };
    let placed = columns::placed(model, Pane::Leaks, inner.width);
    titles(look, titles_of(&placed), inner, buffer);
    let rows = rows(area);
    let cells = Rect {
        x: inner.x,
        width: inner.width,
        ..rows
    };
    let range: &[Handle] = match (model.leaks.range, list.cursor()) {
        (Some((start, _)), Some(cursor)) => list.between(start, cursor),
        _ => &[],
    };
    for (row, handle) in list.window(usize::from(rows.height)).iter().enumerate() {
        let row = row as u16;
        if kept.has(rows.y + row) {
            continue;
        }
        let in_range = range.contains(handle);
        let marked = model.marks.contains(*handle) != in_range
            || (in_range && model.leaks.range.is_some_and(|(_, mark)| mark));
        marker(
            look,
            list.cursor() == Some(*handle),
            focused,
            marked,
            row,
            rows,
            buffer,
        );
        for (column, place) in &placed {
            let Some(field) = column.field() else {
                let value = value(model, look, *handle, *column, place);
                cell(&value, place, cells, row, buffer);
                continue;
            };
            let value = model.table.text(*handle, field);
            let at = (cells.x + place.at, cells.y + row);
            let styles = (look.styles.text, look.styles.escape);
            text::put(&value, place.width, styles, at, buffer);
        }
    }
}

/// Where the rows of leaks are in the area of the pane: within its frame, below the titles of columns.
pub fn rows(area: Rect) -> Rect {
    Rect {
        x: area.x + 1,
        y: area.y + 2,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(3),
    }
}

fn inset(room: Rect) -> Rect {
    Rect {
        x: room.x + 2,
        width: room.width.saturating_sub(4),
        ..room
    }
}

fn more(model: &Model, look: &Look) -> String {
    let (shown, all) = (
        model.leaks.list.order().len() as u64,
        model.table.len() as u64,
    );
    let total: u64 = model
        .profiles
        .iter()
        .map(|state| state.paging.total.unwrap_or(0))
        .sum();
    // Marked leaks that are gone are shown and counted here, and nowhere else.
    let all = all.max(shown);
    let mut words = if all == 0 && !model.complete() {
        String::new()
    } else if shown == all && all >= total {
        format!("{} of {} ", grouped(shown), grouped(all))
    } else if shown == all {
        format!("{} ", grouped(shown))
    } else {
        format!("{} of {} ", grouped(shown), grouped(all))
    };
    let glyphs = look.glyphs;
    let searching = model.leaks.searching.as_ref();
    for part in [
        progress(model),
        searching.map_or_else(String::new, |_| "searching".into()),
        sort_words(look, &model.leaks.sort),
        match model.leaks.lacking {
            0 => String::new(),
            count => format!("{} left out without a value", grouped(count as u64)),
        },
        if model.leaks.marked_only {
            "marked only".into()
        } else {
            String::new()
        },
    ] {
        if !part.is_empty() {
            if !words.is_empty() {
                words.push_str(look.glyphs.separator);
                words.push(' ');
            }
            words.push_str(&part);
            words.push(' ');
        }
    }
    match views::in_force(model) {
        Some(view) if words.is_empty() => format!("{view} "),
        Some(view) => format!("{view} {} {words}", glyphs.separator),
        None => words,
    }
}

fn value(
    model: &Model,
    look: &Look,
    handle: Handle,
    column: Column,
    place: &Placed,
) -> Line<'static> {
    let width = usize::from(place.width);
    let styles = &look.styles;
    let said = |text: Option<&str>| {
        let text = text.unwrap_or_default().as_bytes();
        text::fit(text, width, styles.text, styles.escape)
    };
    let noted = || model.table.noted(handle);
    match column {
        Column::Status => row_status(model, look, handle),
        Column::Risk => risk(look, model.table.row(handle).risk.map(|risk| risk.level)),
        Column::Seen => dated(model, look, handle, LeakField::FirstSeen, width),
        Column::Added => dated(model, look, handle, LeakField::AddedAt, width),
        Column::From => {
            let name = model.table.key(handle).profile;
            let name = header::short(model, name.as_str());
            Line::from(vec![text::own(name, styles.dim)])
        }
        Column::Claim => claimed(model, look, handle, width),
        Column::Reason => said(noted().and_then(|noted| noted.words.reason.as_deref())),
        Column::Ticket => said(noted().and_then(|noted| noted.words.ticket.as_deref())),
        // What the provider sent is put where it belongs without a line of its own.
        _ => Line::default(),
    }
}

/// A date of a leak.
fn dated(
    model: &Model,
    look: &Look,
    handle: Handle,
    field: LeakField,
    width: usize,
) -> Line<'static> {
    date(model, look, &model.table.text(handle, field), width)
}

/// `@user`, brighter where that is us.
fn claimed(model: &Model, look: &Look, handle: Handle, width: usize) -> Line<'static> {
    let Some(claim) = claims::holder(model, handle) else {
        return Line::default();
    };
    let style = if claim.mine {
        look.styles.accent
    } else {
        look.styles.warn
    };
    let words = format!("@{}", claim.by.user);
    text::fit(words.as_bytes(), width, style, look.styles.escape)
}

/// The status of a row, with a sign beside it where we keep it, and another where the provider says otherwise.
pub fn row_status(model: &Model, look: &Look, handle: Handle) -> Line<'static> {
    let table = &model.table;
    let mut line = status(look, table.status(handle), table.is_gone(handle));
    if table.is_local(handle) {
        let (glyph, style) = if table.is_disputed(handle) {
            (look.glyphs.disputed, look.styles.error)
        } else {
            (look.glyphs.local, look.styles.accent)
        };
        line.push_span(text::literal(" ", look.styles.text));
        line.push_span(text::literal(glyph, style));
    }
    line
}

/// A status by glyph and word, as well as by colour.
pub fn status(look: &Look, status: Status, gone: bool) -> Line<'static> {
    let styles = &look.styles;
    if gone {
        return Line::from(vec![text::literal("- gone", styles.dim)]);
    }
    let style = match status {
        Status::Fixed => styles.ok,
        Status::New | Status::Open => styles.warn,
        Status::Investigating => styles.pending,
        Status::FalsePositive | Status::Unknown => styles.dim,
    };
    let word = match status {
        Status::New => " new",
        Status::Investigating => " looking",
        Status::Open => " open",
        Status::Fixed => " fixed",
        Status::FalsePositive => " false +",
        Status::Unknown => " unknown",
    };
    Line::from(vec![
        text::literal(look.glyphs.status(status), style),
        text::literal(word, style),
    ])
}

/// A risk by glyph and word, as well as by colour.
pub fn risk(look: &Look, level: Option<crate::entity::leak::RiskLevel>) -> Line<'static> {
    use crate::entity::leak::RiskLevel;
    let styles = &look.styles;
    let (word, style) = match level {
        Some(RiskLevel::High) => (" high", styles.risk_high),
        Some(RiskLevel::Medium) => (" medium", styles.risk_medium),
        Some(RiskLevel::Low) => (" low", styles.risk_low),
        Some(RiskLevel::None) => (" none", styles.risk_none),
        None => (" -", styles.dim),
    };
    Line::from(vec![
        text::literal(look.glyphs.risk(level), style),
        text::literal(word, style),
    ])
}

/// A date in the operator's zone; one that is none is shown as it came.
pub fn date(model: &Model, look: &Look, bytes: &[u8], width: usize) -> Line<'static> {
    let style = look.styles.text;
    if width >= 10
        && let Some(day) = local_day(model, bytes)
    {
        return Line::from(vec![text::own(day, style)]);
    }
    text::fit(bytes, width, style, look.styles.escape)
}

/// The day of a time in the operator's zone.
fn local_day(model: &Model, bytes: &[u8]) -> Option<String> {
    let Some(time) = utc(bytes) else {
        return local_time(model, bytes, "%Y-%m-%d");
    };
    let zone = &model.setup.zone;
    let time = TimeZone::UTC.to_timestamp(time).ok()?;
    Some(zone.to_datetime(time).date().to_string())
}

/// A time as nearly all providers write it, `2026-02-11T09:30:00Z`; it is there in every row of every frame.
fn utc(bytes: &[u8]) -> Option<civil::DateTime> {
    let bytes: &[u8; 20] = bytes.try_into().ok()?;
    let separators = [
        bytes[4], bytes[7], bytes[10], bytes[13], bytes[16], bytes[19],
    ];
    if separators != *b"--T::Z" {
        return None;
    }
    let number = |at: usize| -> Option<i8> {
        let digit = |at: usize| char::from(bytes[at]).to_digit(10);
        i8::try_from(digit(at)? * 10 + digit(at + 1)?).ok()
    };
    let year = i16::from(number(0)?) * 100 + i16::from(number(2)?);
    if year < 1000 {
        return None;
    }
    let (month, day) = (number(5)?, number(8)?);
    let (hour, minute, second) = (number(11)?, number(14)?, number(17)?);
    civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()
}

/// A time in the operator's zone; `None` for a date alone, which has no zone, and for what is neither.
pub fn local_time(model: &Model, bytes: &[u8], format: &str) -> Option<String> {
    let time: jiff::Timestamp = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() <= 40 && text.contains('T'))?
        .parse()
        .ok()?;
    Some(
        time.to_zoned(model.setup.zone.clone())
            .strftime(format)
            .to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_the_quick_way_as_it_is_read_the_long_way() {
        for text in [
            "2026-02-11T09:30:00Z",
            "0000-01-01T00:00:00Z",
            "1000-01-01T00:00:00Z",
            "9999-12-30T22:00:00Z",
            "2024-02-29T23:59:59Z",
            "2023-02-29T23:59:59Z",
            "2026-02-11T09:30:60Z",
            "2026-02-11T24:00:00Z",
            "2026-02-1aT09:30:00Z",
            "2026-02-11 09:30:00Z",
            "2026-02-11T09:30:00z",
        ] {
            let long: Option<jiff::Timestamp> = text.parse().ok();
            let quick = utc(text.as_bytes()).map(|time| TimeZone::UTC.to_timestamp(time).unwrap());
            // What the quick way does not know is left to the long one.
            assert!(quick.is_none() || quick == long, "{text}");
        }
        assert!(utc(b"2026-02-11T09:30:00Z").is_some());
    }
}
