//! A job: its numbers, what it does now or what stopped it, and each change, how it was, what it was to become, what came
//! of it and why.

mod bar;
mod changes;
mod numbers;

use super::{Look, frame, text};
use crate::{
    app::{
        job::RunningJob,
        model::{JournalState, Model},
        paging::grouped,
    },
    entity::{
        job::{Job, JobRecord},
        key::JobId,
        visible,
    },
    ui::pane::jobs,
};
use ratatui::{buffer::Buffer, layout::Rect};

/// So many rows a room must have for what is only good to know.
const ROOMY: u16 = 13;

/// Draws it.
pub fn draw(
    model: &Model,
    look: &Look,
    (id, record, ended, scroll): (JobId, Option<&JobRecord>, bool, usize),
    area: Rect,
    buffer: &mut Buffer,
) {
    let ended = ended || record.is_some_and(|record| record.job.state.is_final());
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
            look.styles.pending,
            room,
            0,
            buffer,
        );
        return;
    };
    let job = &record.job;
    let live = model.running.iter().find(|running| running.id == id);
    let all = live.map_or(&record.changes, |running| &running.changes);
    let counts = jobs::counts(model, job);
    let mut row = numbers::draw(look, (id, counts), all, room, buffer);
    row = bar::draw(look, counts, room, row, buffer);
    row = match live {
        Some(running) => progress(model, look, running, room, row, buffer),
        None if job.state.is_final() => row,
        None => left(model, look, job, room, row, buffer),
    };
    if room.height >= ROOMY {
        row = about(model, look, job, room, row, buffer) + 1;
    }
    let body = Rect {
        y: room.y + row,
        height: room.height.saturating_sub(row),
        ..room
    };
    changes::draw(model, look, (all, job.wanted, scroll), body, buffer);
}

/// What it is, when it was and why, and which job took it back.
fn about(model: &Model, look: &Look, job: &Job, room: Rect, row: u16, buffer: &mut Buffer) -> u16 {
    let styles = &look.styles;
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
        "{}, {}, plan {}",
        jobs::named(job),
        profiles.join(" ").trim_end(),
        job.plan_hash.get(..12).unwrap_or_default()
    );
    let mut row = frame::wrapped(&what, styles.dim, room, row, buffer);
    if let Some(ended) = job.ended_at {
        let seconds = ended.duration_since(job.created_at).as_secs().max(0);
        let when = ended.to_zoned(model.setup.zone.clone());
        let words = format!(
            "ended {} after {}, writes {}, reads {}",
            when.strftime("%Y-%m-%d %H:%M:%S %Z"),
            in_words(seconds.unsigned_abs()),
            grouped(job.timing.writes),
            grouped(job.timing.reads)
        );
        row = frame::wrapped(&words, styles.dim, room, row, buffer);
    }
    for (label, word) in [
        ("reason", &job.reason),
        ("note", &job.note),
        ("ticket", &job.ticket),
    ] {
        if let Some(word) = word {
            let shown = visible::escape(word.as_bytes());
            let words = format!("{label}: {}", shown.as_str());
            row = frame::wrapped(&words, styles.text, room, row, buffer);
        }
    }
    match job.undone_by {
        Some(id) => {
            let words = format!("undone by job {id}");
            frame::wrapped(&words, styles.warn, room, row, buffer)
        }
        None => row,
    }
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
        let why = job.paused.map_or("stopped", |(why, _)| why.in_words());
        let words = format!("{why}: {error}");
        let row = frame::wrapped(&words, styles.error, room, row, buffer);
        let hint = format!("hint: {}; then p goes on", error.hint());
        return frame::wrapped(&hint, styles.dim, room, row, buffer);
    }
    let (words, style) = jobs::doing(job, now);
    let more = match (job.held, job.waits_for(now), job.speed(now)) {
        (true, ..) => ": p goes on, x gives up what was not sent".to_owned(),
        (false, Some(_), _) => ": nothing is sent until then".to_owned(),
        (false, None, Some((speed, left))) => format!(
            ", {} a minute, about {} left",
            grouped(speed),
            in_words(left)
        ),
        (false, None, None) => String::new(),
    };
    frame::wrapped(&format!("{words}{more}"), style(styles), room, row, buffer)
}

/// Why a job that has not ended does not run here, and what to do.
fn left(model: &Model, look: &Look, job: &Job, room: Rect, row: u16, buffer: &mut Buffer) -> u16 {
    let styles = &look.styles;
    if let JournalState::Watcher { holder } = &model.journal {
        let words = match job.paused {
            Some((why, _)) => format!("{} there: {holder}", why.in_words()),
            None => format!("runs there: {holder}"),
        };
        return frame::wrapped(&words, styles.pending, room, row, buffer);
    }
    let why = job.paused.map_or("interrupted", |(why, _)| why.in_words());
    let words = format!("{why}: p goes on and reads first what was under way, x gives up the rest");
    frame::wrapped(&words, styles.warn, room, row, buffer)
}

/// A time in the largest two units that it has.
pub(super) fn in_words(seconds: u64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3_600);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{hours} h {} min", minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_time_has_two_units_at_most() {
        let words = [0, 59, 61, 3_599, 3_600, 90_061].map(super::in_words);
        let wanted = [
            "0 s",
            "59 s",
            "1 min 1 s",
            "59 min 59 s",
            "1 h 0 min",
            "25 h 1 min",
        ];
        assert_eq!(words, wanted);
    }
}
