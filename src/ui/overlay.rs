//! What lies above the panes, one file per overlay of any size; the small ones are here.

pub mod columns;
pub mod facets;
pub mod help;
pub mod inspect;
pub mod job;
pub mod lookup;
pub mod menu;
pub mod palette;
pub mod plan;
pub mod record;
pub mod rejects;
pub mod resume;
pub mod team;
pub mod traffic;
pub mod views;

use super::{Look, frame, text};
use crate::app::{
    model::{Context, Model},
    notice::{format_seconds, outcome_summary},
    tour::{self, CARDS},
};
use crate::entity::number::group_digits;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    widgets::{Clear, Widget},
};

/// The screen is too small for anything but this.
pub fn draw_too_small(look: &Look, area: Rect, buffer: &mut Buffer) {
    let row = frame::wrapped(
        "Stanch needs 40 columns and 12 rows.",
        look.styles.warn,
        area,
        0,
        buffer,
    );
    frame::wrapped(
        &format!("This is {} by {}.", area.width, area.height),
        look.styles.text,
        area,
        row,
        buffer,
    );
}

/// The screen of somebody who has configured nothing yet.
pub fn draw_first_run(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let room = frame::overlay(
        look,
        "stanch",
        Rect {
            height: area.height.saturating_sub(1),
            ..area
        },
        buffer,
    );
    // On a small screen every line is wanted: the way to an own account is the last.
    let gap = u16::from(room.height > 10);
    let mut row = gap;
    row = frame::wrapped(
        "Welcome. No profile is configured yet, so there is nothing to triage.",
        styles.text,
        room,
        row,
        buffer,
    ) + gap;
    frame::line(
        vec![
            text::literal("d", styles.key_hint),
            text::literal("  try it now: no account needed", styles.text),
        ],
        room,
        row,
        buffer,
    );
    frame::line(
        vec![
            text::literal("?", styles.key_hint),
            text::literal("  the keys", styles.text),
        ],
        room,
        row + 1,
        buffer,
    );
    frame::line(
        vec![
            text::literal("q", styles.key_hint),
            text::literal("  quit", styles.text),
        ],
        room,
        row + 2,
        buffer,
    );
    row = frame::wrapped(
        "To use your own account, write a configuration and put your key into it:",
        styles.text,
        room,
        row + 3 + gap,
        buffer,
    );
    frame::line(
        vec![text::literal("  stanch config init", styles.accent)],
        room,
        row,
        buffer,
    );
    frame::line(
        vec![text::literal("  stanch doctor", styles.accent)],
        room,
        row + 1,
        buffer,
    );
    for notice in model.notices.newest_first().take(1) {
        frame::wrapped(
            &notice.text,
            super::pane::parts::severity_style(look, notice.severity),
            room,
            row + 3,
            buffer,
        );
    }
}

/// The notices in full, newest first.
pub fn draw_notices(model: &Model, look: &Look, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let spot = Rect {
        height: area.height.saturating_sub(1),
        ..area
    };
    frame::fitted(
        look,
        "what happened",
        spot,
        (110, 1),
        buffer,
        |room, buffer| {
            notices(model, look, scroll, room, buffer);
        },
    );
}

fn notices(model: &Model, look: &Look, scroll: usize, room: Rect, buffer: &mut Buffer) {
    let mut row = failing(model, look, scroll, room, buffer);
    if scroll == 0 {
        let reports: Vec<_> = model.data.reports().collect();
        row = rejects::told(&reports, look, row, room, buffer);
    }
    if model.notices.newest_first().next().is_none() && row == 0 {
        frame::wrapped("Nothing to report.", look.styles.text, room, 0, buffer);
        return;
    }
    let now = model.now;
    for notice in model.notices.newest_first().skip(scroll) {
        let ago = now.since_start.saturating_sub(notice.posted_at);
        let at = (now.wall - ago).to_zoned(model.setup.zone.clone());
        let words = format!("{}  {}", at.strftime("%H:%M:%S"), notice.text);
        let style = super::pane::parts::severity_style(look, notice.severity);
        row = frame::wrapped(&words, style, room, row, buffer);
        if let Some(hint) = &notice.hint {
            row = frame::wrapped(&format!("hint: {hint}"), look.styles.dim, room, row, buffer);
        }
        row += 1;
    }
}

/// Lists that fail now: where they were asked for, what the answer was, and for how long that is so.
fn failing(model: &Model, look: &Look, scroll: usize, room: Rect, buffer: &mut Buffer) -> u16 {
    let mut row = 0;
    if scroll > 0 {
        return row;
    }
    for state in &model.data.profiles {
        let (error, request) = match (&state.paging.error, &state.domains_error) {
            (Some(error), _) => (error, "the list of leaks"),
            (None, Some(error)) => (error, "the list of domains"),
            (None, None) => continue,
        };
        let binding = &state.profile.binding;
        let since = model
            .failing
            .get(&binding.name)
            .map_or_else(String::new, |since| {
                let at = since.to_zoned(model.setup.zone.clone());
                let seconds = model.now.wall.duration_since(*since).as_secs();
                let ago = format_seconds(u64::try_from(seconds).unwrap_or(0));
                format!(", since {}, for {ago}", at.strftime("%H:%M:%S"))
            });
        let words = format!(
            "{} {} at {}: {request}: {error} ({}){since}",
            look.glyphs.failed,
            binding.name,
            binding.origin,
            error.kind()
        );
        row = frame::wrapped(&words, look.styles.error, room, row, buffer);
        let hint = format!("hint: {}", error.hint());
        row = frame::wrapped(&hint, look.styles.dim, room, row, buffer) + 1;
    }
    row
}

/// The step of the tour, on the line of the hints; above a line that is typed.
pub fn tour_step(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) {
    let words = model
        .tour
        .and_then(|step| tour::words(model.context(), step));
    let Some(words) = words else {
        return;
    };
    let above = u16::from(model.prompt.is_some());
    let spot = Rect {
        y: area.bottom().saturating_sub(1 + above),
        height: 1,
        ..area
    };
    clear(spot, buffer);
    let spans = vec![
        text::literal(" ", look.styles.text),
        text::from_ui(words, look.styles.accent),
    ];
    frame::line(spans, spot, 0, buffer);
}

/// A card of the tour.
pub fn draw_tour(look: &Look, card: usize, area: Rect, buffer: &mut Buffer) {
    let Some((title, lines)) = CARDS.get(card) else {
        return;
    };
    let room = frame::overlay(look, "tour", frame::centered(area, 76, 12), buffer);
    let mut row = frame::wrapped(title, look.styles.title, room, 0, buffer) + 1;
    for words in *lines {
        row = frame::wrapped(words, look.styles.text, room, row, buffer);
    }
    let last = room.height.saturating_sub(1);
    frame::line(
        vec![text::from_ui(
            format!(
                "{} of {}   j next, k before, Esc ends",
                card + 1,
                CARDS.len()
            ),
            look.styles.dim,
        )],
        room,
        last,
        buffer,
    );
}

/// Keys and what they do, each wrapped to the room; answers the row after.
fn draw_answers(
    look: &Look,
    answers: &[(&'static str, &'static str)],
    room: Rect,
    row: u16,
    buffer: &mut Buffer,
) -> u16 {
    let mut row = row;
    for (key, words) in answers {
        let key = vec![text::literal(key, look.styles.key_hint)];
        frame::line(key, room, row, buffer);
        let beside = Rect {
            x: room.x + 3,
            width: room.width.saturating_sub(3),
            ..room
        };
        row = frame::wrapped(words, look.styles.text, beside, row, buffer);
    }
    row
}

/// Asks whether to load the rest before all is marked.
pub fn draw_mark_all(look: &Look, missing: u64, area: Rect, buffer: &mut Buffer) {
    let words = format!(
        "{} leaks are not loaded yet. Load them first?",
        group_digits(missing)
    );
    let keys = [
        ("w", "wait: load the rest, then mark all"),
        ("y", "mark only what is loaded"),
        ("n", "mark nothing"),
    ];
    frame::fitted(look, "mark all", area, (66, 1), buffer, |room, buffer| {
        let row = frame::wrapped(&words, look.styles.warn, room, 0, buffer) + 1;
        draw_answers(look, &keys, room, row, buffer);
    });
}

/// Asks what to do with a running job before leaving.
pub fn draw_quit(context: Context<'_>, look: &Look, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let keys = [
        ("w", "wait for its end, then quit"),
        (
            "y",
            "quit now: what is under way is recorded, the rest stays unsent",
        ),
        ("n", "stay"),
    ];
    let title = "a job is running";
    frame::fitted(look, title, area, (66, 1), buffer, |room, buffer| {
        let mut row = 0;
        for job in &context.jobs.running {
            let words = format!("job {}: {}", job.id, outcome_summary(job.counts()));
            row = frame::wrapped(&words, styles.text, room, row, buffer);
        }
        draw_answers(look, &keys, room, row + 1, buffer);
    });
}

/// Clears an area.
pub fn clear(area: Rect, buffer: &mut Buffer) {
    Clear.render(area, buffer);
}
