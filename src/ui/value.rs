//! Values as panes, details and overlays show them alike: a status, a risk, a date, the name of a group.

use super::{Look, chart, text};
use crate::{
    app::model::{Context, GroupRef},
    config::console::Times,
    entity::{date, news::News, risk::RiskLevel, seen::EventKind, status::Status},
    table::{GroupKind, RowId},
};
use jiff::{civil, tz::TimeZone};
use ratatui::text::{Line, Span};

/// The status of a row, with a sign beside it where we keep it, and another where the provider says otherwise.
pub fn row_status(context: Context<'_>, look: &Look, handle: RowId) -> Line<'static> {
    let table = &context.data.table;
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
        Status::Investigating => " investigating",
        Status::Open => " open",
        Status::Fixed => " fixed",
        Status::FalsePositive => " false positive",
        Status::Unknown => " unknown",
    };
    Line::from(vec![
        text::literal(look.glyphs.status(status), style),
        text::literal(word, style),
    ])
}

/// The status of a row in a column: a word that has no room ends in `…`, and the sign beside it stays.
pub fn status_in(
    context: Context<'_>,
    look: &Look,
    handle: RowId,
    columns: usize,
) -> Line<'static> {
    let whole = row_status(context, look, handle);
    if whole.width() <= columns {
        return whole;
    }
    let mut spans = whole.spans;
    let signs = spans.split_off(2.min(spans.len()));
    let taken: usize = signs.iter().map(Span::width).sum();
    if let [glyph, word] = &spans[..] {
        let room = columns.saturating_sub(taken + glyph.width());
        let word = text::fit(
            word.content.trim_start().as_bytes(),
            room.saturating_sub(1),
            word.style,
            look.styles.escape,
        );
        let mut line = Line::from(vec![glyph.clone(), text::literal(" ", look.styles.text)]);
        line.spans.extend(word.spans);
        line.spans.extend(signs);
        return line;
    }
    Line::from(spans)
}

/// The sign of what is told of a leak.
pub fn news_sign(look: &Look, kind: EventKind) -> &'static str {
    match kind {
        EventKind::Regressed if chart::is_ascii(look) => "^",
        EventKind::Regressed => "↑",
        EventKind::Disputed => "!",
        EventKind::Again => "*",
        _ => "+",
    }
}

/// What is told of a leak, by sign and word.
pub fn news(look: &Look, news: &News) -> Line<'static> {
    let styles = &look.styles;
    let style = match news.kind {
        EventKind::Regressed | EventKind::Disputed => styles.error,
        EventKind::Again => styles.warn,
        _ => styles.accent,
    };
    let sign = news_sign(look, news.kind);
    Line::from(vec![text::from_ui(
        format!("{sign} {}", news.word()),
        style,
    )])
}

/// A risk by glyph and word, as well as by colour.
pub fn risk(look: &Look, level: Option<RiskLevel>) -> Line<'static> {
    let styles = &look.styles;
    let (word, style) = match level {
        Some(RiskLevel::High) => (" high", styles.risk_high),
        Some(RiskLevel::Medium) => (" medium", styles.risk_medium),
        Some(RiskLevel::Low) => (" low", styles.risk_low),
        Some(RiskLevel::None) => (" none", styles.risk_none),
        None => return Line::from(vec![text::literal("n/a", styles.dim)]),
    };
    Line::from(vec![
        text::literal(look.glyphs.risk(level), style),
        text::literal(word, style),
    ])
}

/// A date in the operator's zone; one that is none is shown as it came.
pub fn date(context: Context<'_>, look: &Look, bytes: &[u8], width: usize) -> Line<'static> {
    let style = look.styles.text;
    if width >= 10
        && let Some(day) = local_day(context, bytes)
    {
        return Line::from(vec![text::from_ui(day, style)]);
    }
    text::fit(bytes, width, style, look.styles.escape)
}

/// A moment in a list: how long ago it was, or its day, as the operator has it.
pub fn listed(context: Context<'_>, look: &Look, bytes: &[u8], width: usize) -> Line<'static> {
    let age = (context.setup.times == Times::Relative)
        .then(|| age(context, bytes))
        .flatten();
    match age {
        Some(age) => Line::from(vec![text::from_ui(age, look.styles.text)]),
        None => date(context, look, bytes, width),
    }
}

/// The day of a time in the operator's zone.
fn local_day(context: Context<'_>, bytes: &[u8]) -> Option<String> {
    let Some(time) = parse_utc(bytes) else {
        return local_time(context, bytes, "%Y-%m-%d");
    };
    let zone = &context.setup.zone;
    let time = TimeZone::UTC.to_timestamp(time).ok()?;
    Some(zone.to_datetime(time).date().to_string())
}

/// A time as nearly all providers write it, `2026-02-11T09:30:00Z`; it is there in every row of every frame.
fn parse_utc(bytes: &[u8]) -> Option<civil::DateTime> {
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
pub fn local_time(context: Context<'_>, bytes: &[u8], format: &str) -> Option<String> {
    let time: jiff::Timestamp = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() <= 40 && text.contains('T'))?
        .parse()
        .ok()?;
    Some(
        time.to_zoned(context.setup.zone.clone())
            .strftime(format)
            .to_string(),
    )
}

/// How long ago a date or a time was, in its largest unit: `40 min`, `5 h`, `3 d`, `2 mo`, `4 y`. `None` for what is
/// neither, and for what is to come.
pub fn age(context: Context<'_>, bytes: &[u8]) -> Option<String> {
    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;
    let then = match parse_utc(bytes) {
        Some(time) => TimeZone::UTC.to_timestamp(time).ok()?.as_second(),
        None => date::parse_seconds(bytes)?,
    };
    let ago = context.now.wall.as_second() - then;
    Some(match ago {
        ..0 => return None,
        0..HOUR => format!("{} min", ago / 60),
        HOUR..DAY => format!("{} h", ago / HOUR),
        _ => match ago / DAY {
            days @ 0..60 => format!("{days} d"),
            days @ 60..730 => format!("{} mo", days / 30),
            days => format!("{} y", days / 365),
        },
    })
}

/// What a group is called. Two credentials of a person differ in their last letters alone, so these are never cut.
pub fn group_name(
    context: Context<'_>,
    look: &Look,
    (kind, group): GroupRef,
    width: usize,
) -> Line<'static> {
    let styles = &look.styles;
    let name = context.data.table.group_name(kind, group);
    let parts = name
        .windows(SEPARATOR.len())
        .rposition(|window| window == SEPARATOR)
        .filter(|_| kind == GroupKind::Credential)
        .and_then(|at| Some((name.get(..at)?, name.get(at + SEPARATOR.len()..)?)));
    let Some((login, end)) = parts else {
        return text::fit(&name, width, styles.text, styles.escape);
    };
    let end = text::fit(end, width, styles.dim, styles.escape);
    let room = width.saturating_sub(end.width() + 3);
    let mut line = text::fit(login, room, styles.text, styles.escape);
    line.push_span(text::from_ui(
        format!(" {} ", look.glyphs.separator),
        styles.dim,
    ));
    line.spans.extend(end.spans);
    line
}

/// What the table puts between a login and the print of its password.
const SEPARATOR: &[u8] = " · ".as_bytes();

/// What a group is called by its form.
pub fn form_label(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Endpoint => "machine",
        GroupKind::Resource => "site",
        GroupKind::Domain => "domain",
        GroupKind::User => "user",
        GroupKind::Breach => "breach",
        GroupKind::Credential => "credential",
        GroupKind::Profile => "profile",
        GroupKind::Paste => "paste",
        GroupKind::Source => "source",
        GroupKind::Country => "country",
    }
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
            let quick =
                parse_utc(text.as_bytes()).map(|time| TimeZone::UTC.to_timestamp(time).unwrap());
            // What the quick way does not know is left to the long one.
            assert!(quick.is_none() || quick == long, "{text}");
        }
        assert!(parse_utc(b"2026-02-11T09:30:00Z").is_some());
    }
}
