//! A job: its numbers, what it does now or what stopped it, and each change, how it was, what it was to become, what came
//! of it and why.

mod bar;
mod changes;
mod counts;

use super::{Look, frame, text};
use crate::{
    app::{
        job::{
            RunningJob,
            left::{self, TimeLeft},
            shown,
        },
        model::{Context, JournalAccess},
        notice::format_seconds,
    },
    entity::{
        job::{Job, JobRecord},
        key::JobId,
        number::group_digits,
        status::Status,
        visible,
    },
    ui::pane::jobs,
};
use ratatui::{buffer::Buffer, layout::Rect};

/// So many rows a room must have for what is only good to know.
const MIN_SUMMARY_HEIGHT: u16 = 13;

/// Draws it.
pub fn draw(
    context: Context<'_>,
    look: &Look,
    (id, record, ended, scroll): (JobId, Option<&JobRecord>, bool, usize),
    area: Rect,
    buffer: &mut Buffer,
) {
    let live = context.jobs.running.iter().find(|running| running.id == id);
    let known = shown::known_job(context, id, record);
    let ended = live.is_none() && (ended || known.is_some_and(|job| job.state.is_final()));
    let title = if ended { "report" } else { "job" };
    let spot = Rect {
        height: area.height.saturating_sub(1),
        ..area
    };
    // A blank or two below few changes; what is left out on a low screen is not left out on a high one.
    let least = MIN_SUMMARY_HEIGHT.min(spot.height.saturating_sub(2));
    frame::fitted(
        look,
        title,
        spot,
        (spot.width, least),
        buffer,
        |room, buffer| {
            inside(context, look, (id, record, scroll), room, buffer);
        },
    );
}

/// What stands inside its frame.
fn inside(
    context: Context<'_>,
    look: &Look,
    (id, record, scroll): (JobId, Option<&JobRecord>, usize),
    room: Rect,
    buffer: &mut Buffer,
) {
    let live = context.jobs.running.iter().find(|running| running.id == id);
    let known = shown::known_job(context, id, record);
    let reading = |row: u16, buffer: &mut Buffer| {
        let words = format!("Reading job {id} from the journal.");
        frame::wrapped(&words, look.styles.pending, room, row, buffer);
    };
    let all = live.map(|running| &running.changes);
    let all = all.or(record.map(|record| &record.changes));
    let counts = live.map(RunningJob::counts).or(known.map(|job| job.counts));
    let Some(counts) = counts else {
        return reading(0, buffer);
    };
    let changes = all.map_or(&[][..], Vec::as_slice);
    let mut row = counts::draw(look, (id, counts), changes, room, buffer);
    row = bar::draw(look, counts, room, row, buffer);
    row = match (live, known) {
        (Some(running), _) => draw_progress(context, look, running, room, row, buffer),
        (None, Some(job)) if !job.state.is_final() => {
            draw_unfinished(context, look, job, room, row, buffer)
        }
        (None, _) => row,
    };
    if let Some(job) = known.filter(|_| room.height >= MIN_SUMMARY_HEIGHT) {
        row = draw_summary(context, look, job, room, row, buffer) + 1;
    }
    let body = Rect {
        y: room.y + row,
        height: room.height.saturating_sub(row),
        ..room
    };
    if all.is_none() {
        return reading(row, buffer);
    }
    let wanted = live.map(|running| running.wanted);
    let wanted = wanted.or(known.map(|job| job.wanted));
    let wanted = wanted.unwrap_or(Status::Unknown);
    changes::draw(context, look, (changes, wanted, scroll), body, buffer);
}

/// What it is, when it was and why, and which job took it back.
fn draw_summary(
    context: Context<'_>,
    look: &Look,
    job: &Job,
    room: Rect,
    row: u16,
    buffer: &mut Buffer,
) -> u16 {
    let styles = &look.styles;
    let profiles: Vec<_> = job
        .profiles
        .iter()
        .map(|binding| {
            let environment = context
                .data
                .profile(&binding.name)
                .map(|state| state.profile.environment.to_uppercase());
            format!("{} {}", binding.name, environment.unwrap_or_default())
        })
        .collect();
    let what = format!(
        "{}, {}, plan {}",
        jobs::job_title(job),
        profiles.join(" ").trim_end(),
        job.plan_hash.get(..12).unwrap_or_default()
    );
    let mut row = frame::wrapped(&what, styles.dim, room, row, buffer);
    if let Some(ended) = job.ended_at {
        let seconds = ended.duration_since(job.created_at).as_secs().max(0);
        let when = ended.to_zoned(context.setup.zone.clone());
        let words = format!(
            "ended {} after {}, writes {}, reads {}",
            when.strftime("%Y-%m-%d %H:%M:%S %Z"),
            format_seconds(seconds.unsigned_abs()),
            group_digits(job.timing.writes),
            group_digits(job.timing.reads)
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
fn draw_progress(
    context: Context<'_>,
    look: &Look,
    job: &RunningJob,
    room: Rect,
    row: u16,
    buffer: &mut Buffer,
) -> u16 {
    let (styles, now) = (&look.styles, context.now.since_start);
    if let Some(error) = &job.error {
        let why = job.paused.map_or("stopped", |(why, _)| why.label());
        let words = format!("{why}: {error}");
        let row = frame::wrapped(&words, styles.error, room, row, buffer);
        let hint = format!("hint: {}; then p resumes", error.hint());
        return frame::wrapped(&hint, styles.dim, room, row, buffer);
    }
    let (words, style) = jobs::job_activity(context, job);
    let more = match (job.paused_by_operator, job.remaining_wait(now)) {
        (true, _) => ": p resumes, x cancels what was not sent".to_owned(),
        (false, Some(_)) => ": nothing is sent until then".to_owned(),
        (false, None) => format_time_left(&left::estimate(context, job), job.sending),
    };
    frame::wrapped(&format!("{words}{more}"), style(styles), room, row, buffer)
}

/// How fast it is, which budget it waits for and how long it will take: ` for the budget of acme, 168 a minute, about 52 s left`.
fn format_time_left(time: &TimeLeft, sends: bool) -> String {
    let mut words = String::new();
    if let Some((profile, _)) = &time.budget_wait {
        let what = if sends { "" } else { ", waits" };
        words.push_str(&format!("{what} for the budget of {profile}"));
    }
    if let Some(speed) = time.changes_per_minute {
        words.push_str(&format!(", {} a minute", group_digits(speed)));
    }
    if let Some(seconds) = time.seconds {
        words.push_str(&format!(", about {} left", format_seconds(seconds)));
    }
    words
}

/// Why a job that has not ended does not run here, and what to do.
fn draw_unfinished(
    context: Context<'_>,
    look: &Look,
    job: &Job,
    room: Rect,
    row: u16,
    buffer: &mut Buffer,
) -> u16 {
    let styles = &look.styles;
    if let JournalAccess::Follower { holder } = &context.access.journal {
        let words = match job.pause {
            Some((why, _)) => format!("{} there: {holder}", why.label()),
            None => format!("runs there: {holder}"),
        };
        return frame::wrapped(&words, styles.pending, room, row, buffer);
    }
    if let Some(team) = &context.access.team
        && team.runs_elsewhere(job.id)
        && let Some(words) = jobs::elsewhere(context, job.id)
    {
        let words = format!("{words}: p asks that console to pause, r takes the job over");
        return frame::wrapped(&words, styles.pending, room, row, buffer);
    }
    if let Some(team) = &context.access.team
        && !context.jobs.resuming.contains(&job.id)
        && team
            .holdings
            .get(&job.id)
            .is_some_and(|holding| !holding.mine)
        && let Some(words) = jobs::elsewhere(context, job.id)
    {
        let whose = job
            .holding
            .as_ref()
            .and_then(|holding| holding.of_another());
        let whose = whose.map_or_else(String::new, |role| format!(" of {role}"));
        let words =
            format!("{words}: r takes the job{whose} over and reads first what was under way");
        return frame::wrapped(&words, styles.warn, room, row, buffer);
    }
    if context.jobs.resuming.contains(&job.id) {
        let words = "is being taken up: reading what was under way";
        return frame::wrapped(words, styles.pending, room, row, buffer);
    }
    if let JournalAccess::ReadOnly { reason: why } = &context.access.journal {
        let words =
            format!("has not ended; whether another console runs it cannot be told here: {why}");
        return frame::wrapped(&words, styles.warn, room, row, buffer);
    }
    let why = job.pause.map_or("interrupted", |(why, _)| why.label());
    let words = format!("{why}: p resumes and first reads what was under way, x cancels the rest");
    frame::wrapped(&words, styles.warn, room, row, buffer)
}
