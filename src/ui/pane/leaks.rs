//! The leaks pane.

use super::{Look, cell, empty, marker, progress, title, titles};
use crate::{
    app::{
        claims,
        model::{Model, Pane},
        paging::grouped,
        search,
    },
    entity::{leak::LeakField, status::Status},
    table::Handle,
    ui::{
        column::{self, Column, Placed},
        frame, header, text,
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

const STATUS: usize = 0;
const LOGIN: usize = 1;
const URL: usize = 2;
const HOST: usize = 3;
const COUNTRY: usize = 4;
const CLASS: usize = 5;
const RISK: usize = 6;
const SEEN: usize = 7;
const FROM: usize = 8;
const CLAIM: usize = 9;

const COLUMNS: &[Column] = &[
    Column {
        title: "status",
        least: 9,
        weight: 0,
        rank: 1,
    },
    Column {
        title: "login",
        least: 24,
        weight: 5,
        rank: 0,
    },
    Column {
        title: "url",
        least: 18,
        weight: 6,
        rank: 3,
    },
    Column {
        title: "host",
        least: 12,
        weight: 2,
        rank: 4,
    },
    Column {
        title: "country",
        least: 8,
        weight: 1,
        rank: 6,
    },
    Column {
        title: "class",
        least: 8,
        weight: 1,
        rank: 7,
    },
    Column {
        title: "risk",
        least: 8,
        weight: 0,
        rank: 5,
    },
    Column {
        title: "seen",
        least: 10,
        weight: 0,
        rank: 2,
    },
    Column {
        title: "from",
        least: header::SHORT_NAME as u16,
        weight: 0,
        rank: 8,
    },
    Column {
        title: "claim",
        least: 10,
        weight: 0,
        rank: 1,
    },
];

/// Draws it.
pub fn draw(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) {
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
    let has_risk = model
        .profiles
        .iter()
        .any(|state| state.profile.capabilities.risk);
    let inner = Rect {
        x: room.x + 2,
        width: room.width.saturating_sub(3),
        ..room
    };
    let mut columns: Vec<Column> = COLUMNS.to_vec();
    if model.locals > 0 {
        // A sign beside the word says whose status it is; the login makes room for it.
        for (column, more) in [(STATUS, 2), (LOGIN, -2)] {
            if let Some(column) = columns.get_mut(column) {
                column.least = column.least.saturating_add_signed(more);
            }
        }
    }
    // A provider that knows no risk would only show a column of question marks, one profile a column of its name; and
    // claims are of no use where nobody has claimed anything.
    let several = model.profiles.len() > 1;
    let has_claims = claims::any(model);
    let offered: Vec<usize> = (0..columns.len())
        .filter(|index| has_risk || *index != RISK)
        .filter(|index| several || *index != FROM)
        .filter(|index| has_claims || *index != CLAIM)
        .collect();
    let chosen: Vec<Column> = offered.iter().map(|index| columns[*index]).collect();
    let placed: Vec<Placed> = column::place(&chosen, inner.width)
        .into_iter()
        .map(|place| Placed {
            index: offered[place.index],
            ..place
        })
        .collect();
    titles(look, &columns, &placed, &[], inner, buffer);
    let rows = Rect {
        y: room.y + 1,
        height: room.height.saturating_sub(1),
        ..room
    };
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
        for place in &placed {
            cell(
                &value(model, look, *handle, place),
                place,
                cells,
                row,
                buffer,
            );
        }
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
    let searching = model.leaks.searching.as_ref();
    for part in [
        progress(model),
        searching.map_or_else(String::new, |_| "searching".into()),
        search::sort_words(&model.leaks.sort),
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
    words
}

fn value(model: &Model, look: &Look, handle: Handle, place: &Placed) -> Line<'static> {
    let width = usize::from(place.width);
    let styles = &look.styles;
    let plain = |field| {
        text::fit(
            &model.table.text(handle, field),
            width,
            styles.text,
            styles.escape,
        )
    };
    match place.index {
        STATUS => row_status(model, look, handle),
        LOGIN => plain(LeakField::Login),
        URL => plain(LeakField::Url),
        HOST => plain(LeakField::Hostname),
        COUNTRY => plain(LeakField::Country),
        CLASS => plain(LeakField::Class),
        RISK => risk(look, model.table.row(handle).risk.map(|risk| risk.level)),
        SEEN => date(
            model,
            look,
            &model.table.text(handle, LeakField::FirstSeen),
            width,
        ),
        FROM => {
            let name = model.table.key(handle).profile;
            let name = header::short(model, name.as_str());
            Line::from(vec![text::own(name, styles.dim)])
        }
        CLAIM => claimed(model, look, handle, width),
        _ => Line::default(),
    }
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

fn risk(look: &Look, level: Option<crate::entity::leak::RiskLevel>) -> Line<'static> {
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
        && let Some(day) = local_time(model, bytes, "%Y-%m-%d")
    {
        return Line::from(vec![text::own(day, style)]);
    }
    text::fit(bytes, width, style, look.styles.escape)
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

/// The style of plain text, for what stands beside a list.
pub fn plain(look: &Look) -> Style {
    look.styles.text
}
