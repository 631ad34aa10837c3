//! A job with its changes: how each was, what it was to become, what came of it and why.

use super::{Look, frame, text};
use crate::{
    app::{job::RunningJob, model::Model, notice::counted, paging::grouped},
    entity::{
        job::{Change, Job, JobRecord, Outcome, Place},
        key::JobId,
        leak::LeakField,
        status::Status,
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// Draws it.
pub fn draw(
    model: &Model,
    look: &Look,
    (id, record, ended, scroll): (JobId, Option<&JobRecord>, bool, usize),
    area: Rect,
    buffer: &mut Buffer,
) {
    let styles = &look.styles;
    let room = frame::overlay(
        look,
        if ended { "report" } else { "job" },
        Rect {
            height: area.height.saturating_sub(1),
            ..area
        },
        buffer,
    );
    let Some(record) = record else {
        frame::wrapped(
            &format!("Reading job {id} from the journal."),
            styles.pending,
            room,
            0,
            buffer,
        );
        return;
    };
    let job = &record.job;
    let live = model.running.iter().find(|running| running.id == id);
    let words = format!(
        "job {id}: {}",
        counted(super::super::pane::jobs::counts(model, job))
    );
    let mut row = frame::wrapped(&words, styles.accent, room, 0, buffer);
    let profiles: Vec<_> = job
        .profiles
        .iter()
        .map(|binding| {
            let environment = model
                .profile(&binding.name)
                .map(|state| state.profile.environment.to_uppercase());
            format!("{} {}", binding.name, environment.unwrap_or_default())
        })
        .collect();
    let what = format!(
        "{} to {}, {}, plan {}",
        job.command,
        job.wanted.in_words(),
        profiles.join(" "),
        job.plan_hash.get(..12).unwrap_or_default()
    );
    row = frame::wrapped(&what, styles.dim, room, row, buffer);
    row = links(job).map_or(row, |words| {
        frame::wrapped(&words, styles.dim, room, row, buffer)
    });
    if let Some(running) = live {
        row = progress(model, look, running, room, row, buffer);
    }
    row += 1;
    // What did not go as asked comes first: that is what a report is read for.
    let changes = live.map_or(&record.changes, |running| &running.changes);
    let mut changes: Vec<&Change> = changes.iter().collect();
    changes.sort_by_key(|change| (rank(change.state.outcome()), change.index));
    let body = Rect {
        y: room.y + row,
        height: room.height.saturating_sub(row),
        ..room
    };
    let last = changes.len().saturating_sub(usize::from(body.height));
    for (line, change) in changes
        .iter()
        .skip(scroll.min(last))
        .take(usize::from(body.height))
        .enumerate()
    {
        draw_change(model, look, (change, job.wanted), body, line as u16, buffer);
    }
    let below = Rect {
        y: room.bottom(),
        height: 1,
        ..room
    };
    let shown = (scroll.min(last) + usize::from(body.height)).min(changes.len());
    frame::line(
        vec![text::own(
            format!(
                " {} of {} changes  j k move, Esc closes ",
                grouped(shown as u64),
                grouped(changes.len() as u64)
            ),
            styles.dim,
        )],
        below,
        0,
        buffer,
    );
}

/// Which job this one follows, and which one followed it.
fn links(job: &Job) -> Option<String> {
    let link = |words: &str, id: Option<JobId>| id.map(|id| format!("{words} job {id}"));
    let links: Vec<_> = [
        link("retries", job.retries),
        link("undoes", job.undoes),
        link("redoes", job.redoes),
        link("undone by", job.undone_by),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!links.is_empty()).then(|| links.join(", "))
}

/// What a job that runs here does now, how fast, and how long it will take; what it waits for, and what to do.
fn progress(
    model: &Model,
    look: &Look,
    job: &RunningJob,
    room: Rect,
    row: u16,
    buffer: &mut Buffer,
) -> u16 {
    let (styles, now) = (&look.styles, model.now.since_start);
    if let Some(error) = &job.error {
        let why = job
            .paused
            .map_or_else(String::new, |(why, _)| why.to_string());
        let row = frame::wrapped(
            &format!("paused: {why}: {error}"),
            styles.error,
            room,
            row,
            buffer,
        );
        return frame::wrapped(
            &format!("hint: {}", error.hint()),
            styles.dim,
            room,
            row,
            buffer,
        );
    }
    let (words, style) = super::super::pane::jobs::doing(job, now);
    let speed = job.speed(now).map_or_else(String::new, |(speed, left)| {
        format!(", {} a minute, about {left} s left", grouped(speed))
    });
    frame::wrapped(&format!("{words}{speed}"), style(styles), room, row, buffer)
}

fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Failed | Outcome::Contradicted => 0,
        Outcome::Unverifiable | Outcome::Drifted => 1,
        Outcome::Accepted | Outcome::Unknown | Outcome::Pending => 2,
        Outcome::Verified | Outcome::Local => 3,
        Outcome::Skipped | Outcome::Cancelled => 4,
    }
}

fn style(look: &Look, outcome: Outcome) -> Style {
    let styles = &look.styles;
    match outcome {
        Outcome::Verified | Outcome::Local => styles.ok,
        Outcome::Failed | Outcome::Contradicted => styles.error,
        Outcome::Unverifiable | Outcome::Drifted => styles.warn,
        Outcome::Accepted | Outcome::Unknown | Outcome::Pending => styles.pending,
        Outcome::Skipped | Outcome::Cancelled => styles.dim,
    }
}

fn draw_change(
    model: &Model,
    look: &Look,
    (change, asked): (&Change, Status),
    room: Rect,
    row: u16,
    buffer: &mut Buffer,
) {
    let styles = &look.styles;
    let outcome = change.state.outcome();
    let before = change.before.map_or("-", |status| status.in_words());
    // What is stored at the provider may be less than what was asked for.
    let becomes = if change.place == Place::Both {
        format!(
            "{} (stored as {})",
            asked.in_words(),
            change.wanted.in_words()
        )
    } else {
        change.wanted.in_words().to_owned()
    };
    let mut spans = vec![
        text::literal(look.glyphs.outcome(outcome), style(look, outcome)),
        text::own(format!(" {outcome:<13}"), style(look, outcome)),
        text::own(format!("{before} to {becomes:<8} "), styles.dim),
    ];
    match model.table.find(&change.key) {
        Some(handle) => spans.extend(
            text::fit(
                &model.table.text(handle, LeakField::Login),
                32,
                styles.text,
                styles.escape,
            )
            .spans,
        ),
        None => spans.push(text::own(change.key.to_string(), styles.text)),
    }
    let code = change
        .code
        .map(|code| format!("  HTTP {code}"))
        .unwrap_or_default();
    let reason = change
        .reason
        .as_ref()
        .map(|reason| format!("  {reason}"))
        .unwrap_or_default();
    spans.push(text::own(format!("{code}{reason}"), styles.dim));
    frame::line(spans, room, row, buffer);
}
