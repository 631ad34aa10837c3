//! The team: who is there, since when and with what, which jobs each console runs and how many leaks each login has
//! claimed, which jobs nobody runs.

use super::{Look, frame, text};
use crate::entity::team::{Colleague, FeedKind, Team, TeamState};
use jiff::{Timestamp, tz::TimeZone};
use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

/// Columns that it takes at most.
const WIDEST: u16 = 132;

/// A column: its title, its columns of the terminal, and from which width on it is shown.
struct Column {
    title: &'static str,
    width: usize,
    from: u16,
}

const COLUMNS: &[Column] = &[
    Column {
        title: "who",
        width: 14,
        from: 0,
    },
    Column {
        title: "host",
        width: 14,
        from: 34,
    },
    Column {
        title: "terminal",
        width: 12,
        from: 90,
    },
    Column {
        title: "version",
        width: 10,
        from: 100,
    },
    Column {
        title: "since",
        width: 13,
        from: 70,
    },
    Column {
        title: "last seen",
        width: 13,
        from: 60,
    },
    Column {
        title: "claims",
        width: 8,
        from: 50,
    },
    Column {
        title: "runs",
        width: 30,
        from: 0,
    },
];

/// What it shows.
pub struct Shown<'a> {
    /// The team; `None` where the journal is this host's own.
    pub team: Option<&'a Team>,
    /// The jobs that no console runs, in words.
    pub orphans: Vec<String>,
    /// The operator's zone.
    pub zone: &'a TimeZone,
    /// First console shown.
    pub scroll: usize,
}

/// Draws it.
pub fn draw(shown: &Shown<'_>, look: &Look, area: Rect, buffer: &mut Buffer) {
    let spot = Rect {
        height: area.height.saturating_sub(1),
        ..area
    };
    let (orphans, zone) = (&shown.orphans, shown.zone);
    let Some(team) = shown.team else {
        let room = frame::overlay(look, "team", frame::centered(spot, WIDEST, 5), buffer);
        let words = "The journal is this host's own: no team store is configured.";
        frame::wrapped(words, look.styles.text, room, 0, buffer);
        return;
    };
    let rows = team.state.consoles.len() + orphans.len() + 8;
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).max(9);
    let room = frame::overlay(look, "team", frame::centered(spot, WIDEST, rows), buffer);
    let mut row = frame::wrapped(
        &line(zone, &team.state),
        style(look, &team.state),
        room,
        0,
        buffer,
    );
    let columns: Vec<&Column> = COLUMNS
        .iter()
        .filter(|column| column.from <= room.width)
        .collect();
    let titles = columns.iter().map(|column| {
        text::from_ui(
            format!("{:<width$}", column.title, width = column.width),
            look.styles.dim,
        )
    });
    let mut spans = vec![text::literal("  ", look.styles.dim)];
    spans.extend(titles);
    frame::line(spans, room, row, buffer);
    row += 1;
    // Who is there comes first, each login's consoles together.
    let mut consoles: Vec<&Colleague> = team.state.consoles.iter().collect();
    consoles.sort_by_key(|console| (!console.online, console.role.clone(), console.id));
    let below = consoles.len().saturating_sub(shown.scroll);
    for console in consoles.into_iter().skip(shown.scroll) {
        if row >= room.height {
            frame::draw_more_below(look, below, room, buffer);
            return;
        }
        frame::line(
            cells(zone, look, team, console, &columns),
            room,
            row,
            buffer,
        );
        row += 1;
    }
    if orphans.is_empty() || row + 1 >= room.height {
        return;
    }
    row += 1;
    for (at, words) in orphans.iter().enumerate() {
        if row >= room.height {
            frame::draw_more_below(look, orphans.len() - at, room, buffer);
            return;
        }
        row = frame::wrapped_or_cut(words, look.styles.warn, room, row, buffer);
    }
}

/// The connection in one line.
fn line(zone: &TimeZone, state: &TeamState) -> String {
    if let Some(lost) = &state.lost {
        let at = clock(zone, lost, false);
        let why = state.refused.as_ref();
        let why = why.map_or_else(String::new, |why| format!(" ({why})"));
        return format!(
            "The store was lost at {at}{why}: reading only; what colleagues did since is not shown."
        );
    }
    let news = match (state.behind_seconds, state.feed) {
        (Some(seconds @ 2..), _) => format!("{seconds} s behind"),
        (_, FeedKind::Listen) => "live".to_owned(),
        (_, FeedKind::Poll) => "polling".to_owned(),
    };
    format!(
        "{} online, {news}. The last news took {} ms; round trip {} ms, the store's clock is {:+} ms off.",
        state.online(),
        state.lag_ms,
        state.round_trip_ms,
        state.clock_offset_ms
    )
}

fn style(look: &Look, state: &TeamState) -> Style {
    if state.lost.is_some() {
        look.styles.error
    } else {
        look.styles.dim
    }
}

fn cells(
    zone: &TimeZone,
    look: &Look,
    team: &Team,
    console: &Colleague,
    shown: &[&Column],
) -> Vec<Span<'static>> {
    let styles = &look.styles;
    let (glyph, style) = if console.online {
        (look.glyphs.verified, styles.text)
    } else {
        (look.glyphs.cancelled, styles.dim)
    };
    let mut spans = vec![text::literal(glyph, style), text::literal(" ", style)];
    for column in shown {
        let words = match column.title {
            "who" if console.is_self => format!("{} (here)", console.role),
            "who" => console.role.clone(),
            "host" => console.host.clone(),
            "terminal" => console
                .tty
                .strip_prefix("/dev/")
                .unwrap_or(&console.tty)
                .to_owned(),
            "version" => console.version.clone(),
            "since" => clock(zone, &console.since, true),
            "last seen" if console.online => "online".to_owned(),
            "last seen" => clock(zone, &console.seen_at, true),
            "claims" => console.claims.to_string(),
            _ => runs(team, console),
        };
        let line = text::fit(words.as_bytes(), column.width - 1, style, styles.escape);
        let gap = column.width.saturating_sub(line.width());
        spans.extend(line.spans);
        spans.push(text::from_ui(" ".repeat(gap), style));
    }
    spans
}

/// The jobs that a console runs.
fn runs(team: &Team, console: &Colleague) -> String {
    let runs: Vec<String> = team
        .holdings
        .iter()
        .filter(|(_, holding)| {
            let at = holding.runs_at.as_ref();
            at.is_some_and(|at| at.id == console.id && at.online)
        })
        .map(|(id, _)| id.to_string())
        .collect();
    match &runs[..] {
        [] => String::new(),
        [one] => format!("job {one}"),
        many => format!("jobs {}", many.join(", ")),
    }
}

/// A moment in the operator's zone, with its day where that is wanted.
fn clock(zone: &TimeZone, moment: &str, day: bool) -> String {
    let Ok(moment) = moment.parse::<Timestamp>() else {
        return String::new();
    };
    let form = if day { "%m-%d %H:%M" } else { "%H:%M:%S" };
    let zoned = moment.to_zoned(zone.clone());
    zoned.strftime(form).to_string()
}
