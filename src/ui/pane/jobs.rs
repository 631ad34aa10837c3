//! The jobs pane.

use super::parts::{bar, cell, draw_titles, marker, title};
use crate::{
    app::{
        columns::place::{self, ColumnSpec},
        job::{self, RunningJob},
        model::{Context, JournalAccess, Pane},
        notice::{changed, format_seconds},
    },
    config::theme::Styles,
    entity::{
        job::{Job, JobCommand, JobState, OutcomeCounts},
        key::JobId,
        number::group_digits,
    },
    ui::{Look, frame, text},
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec {
        title: "job",
        min_width: 4,
        weight: 0,
        priority: 0,
    },
    ColumnSpec {
        title: "what",
        min_width: 8,
        weight: 0,
        priority: 1,
    },
    ColumnSpec {
        title: "state",
        min_width: 11,
        weight: 2,
        priority: 2,
    },
    ColumnSpec {
        title: "changed",
        min_width: 11,
        weight: 2,
        priority: 3,
    },
    ColumnSpec {
        title: "when",
        min_width: 11,
        weight: 0,
        priority: 4,
    },
];

/// The same for a team: by whom, and on which host it runs.
const TEAM_COLUMNS: &[ColumnSpec] = &[
    COLUMNS[0],
    COLUMNS[1],
    COLUMNS[2],
    COLUMNS[3],
    COLUMNS[4],
    ColumnSpec {
        title: "by",
        min_width: 6,
        weight: 1,
        priority: 5,
    },
    ColumnSpec {
        title: "on",
        min_width: 6,
        weight: 1,
        priority: 6,
    },
];

/// Who recorded a job of a team, or the host where it runs.
fn whose(context: Context<'_>, job: JobId, column: usize) -> String {
    let team = context.access.team.as_ref();
    let holding = team.and_then(|team| team.holdings.get(&job));
    match (holding, column) {
        (Some(holding), 5) => holding.by.role.clone(),
        (Some(holding), _) => {
            let at = holding.runs_at.as_ref().filter(|at| at.online);
            at.map_or_else(String::new, |at| at.host.clone())
        }
        (None, _) => String::new(),
    }
}

/// Where a job of a team stands that does not run here, in words.
pub fn elsewhere(context: Context<'_>, job: JobId) -> Option<String> {
    let team = context.access.team.as_ref()?;
    let holding = team.holdings.get(&job)?;
    Some(match &holding.runs_at {
        Some(at) if at.is_self => "interrupted".to_owned(),
        Some(at) if at.online => format!("running on {} ({})", at.host, at.role),
        Some(at) => format!(
            "no console runs it: {} ({}) was last seen {} ago",
            at.host,
            at.role,
            format_seconds(at.seen_ago.as_secs())
        ),
        None => match holding.paused_by_another(&team.state.role) {
            Some(role) => format!("paused by {role}"),
            None => "no console runs it".to_owned(),
        },
    })
}

/// The jobs of a team that have not ended and that nobody runs, in words.
pub fn orphans(context: Context<'_>) -> Vec<String> {
    let jobs = context.workspace.jobs.jobs.iter();
    jobs.filter(|job| !job.state.is_final())
        .filter_map(|job| {
            let team = context.access.team.as_ref()?;
            if !team.holdings.get(&job.id)?.is_free() {
                return None;
            }
            let words = elsewhere(context, job.id)?;
            Some(format!("job {} ({}): {words}", job.id, job_title(job)))
        })
        .collect()
}

/// Draws it.
pub fn draw(context: Context<'_>, look: &Look, area: Rect, buffer: &mut Buffer) {
    let focused = context.workspace.focus == Pane::Jobs;
    let list = &context.workspace.jobs.list;
    let room = frame::pane(
        look,
        title(
            context,
            look,
            Pane::Jobs,
            format!("{} ", list.order().len()),
        ),
        focused,
        area,
        buffer,
    );
    let inner = Rect {
        x: room.x + 2,
        width: room.width.saturating_sub(3),
        ..room
    };
    let styles = &look.styles;
    if let Some(error) = &context.workspace.jobs.error {
        frame::wrapped(error, styles.error, inner, 0, buffer);
        return;
    }
    if list.order().is_empty() {
        frame::wrapped(
            "No jobs yet. Mark leaks with Space, then press f.",
            styles.text,
            inner,
            0,
            buffer,
        );
        return;
    }
    let columns = if context.access.team.is_some() {
        TEAM_COLUMNS
    } else {
        COLUMNS
    };
    let placed = place::layout_widths(columns, inner.width);
    let named = placed
        .iter()
        .map(|place| (columns[place.index].title, place.index == 0, *place));
    draw_titles(look, named, inner, buffer);
    let below = Rect {
        y: room.y + 1,
        height: room.height.saturating_sub(1),
        ..room
    };
    let cells = Rect {
        x: inner.x,
        width: inner.width,
        ..below
    };
    for (row, id) in list.window(usize::from(below.height)).iter().enumerate() {
        let row = row as u16;
        marker(
            look,
            list.cursor() == Some(*id),
            focused,
            false,
            row,
            below,
            buffer,
        );
        let Some(job) = context.workspace.jobs.jobs.iter().find(|job| job.id == *id) else {
            continue;
        };
        for place in &placed {
            let width = usize::from(place.width);
            let value = match place.index {
                0 => Line::from(vec![text::from_ui(
                    format!("{:>width$}", id.0),
                    styles.text,
                )]),
                1 => Line::from(vec![text::from_ui(asked(look, job), styles.text)]),
                2 => short_state(context, look, job, width),
                3 => Line::from(vec![text::from_ui(
                    finished_count(&counts(context, job), width),
                    styles.text,
                )]),
                5 | 6 => Line::from(vec![text::from_ui(
                    whose(context, job.id, place.index),
                    styles.dim,
                )]),
                _ => Line::from(vec![text::from_ui(
                    job.created_at
                        .to_zoned(context.setup.zone.clone())
                        .strftime("%m-%d %H:%M")
                        .to_string(),
                    styles.dim,
                )]),
            };
            cell(&value, place, cells, row, buffer);
        }
        if focused && list.cursor() == Some(*id) {
            bar(look, row, below, buffer);
        }
    }
}

/// A job in words: what was asked for, or which job it follows. One that takes another back gives each leak what it had.
pub fn job_title(job: &Job) -> String {
    let of = |id: Option<JobId>| id.map(|id| format!("{} of job {id}", job.command));
    let to = || match job.command {
        JobCommand::Fix => "mark fixed".to_owned(),
        JobCommand::Set => format!("set {}", job.wanted.label()),
        command => command.to_string(),
    };
    match job.command {
        JobCommand::Undo => of(job.undo_of),
        JobCommand::Redo => of(job.redo_of),
        JobCommand::Retry => of(job.retry_of),
        JobCommand::Fix | JobCommand::Reopen | JobCommand::Set => None,
    }
    .unwrap_or_else(to)
}

/// The same in a column: what was set is its sign, as it stands in the list of leaks.
fn asked(look: &Look, job: &Job) -> String {
    match job.command {
        JobCommand::Set => format!("set {}", look.glyphs.status(job.wanted)),
        command => command.to_string(),
    }
}

/// The numbers of a job: live ones where it runs here.
pub fn counts(context: Context<'_>, job: &Job) -> OutcomeCounts {
    context
        .jobs
        .running
        .iter()
        .find(|running| running.id == job.id)
        .map_or(job.counts, RunningJob::counts)
}

/// How many leaks are changed, of how many that were to change; what failed, where there is room to say so. What was
/// skipped was not to change.
fn finished_count(counts: &OutcomeCounts, width: usize) -> String {
    let words = format!(
        "{} of {}",
        group_digits(counts.verified + counts.local),
        group_digits(counts.sum() - counts.skipped)
    );
    for more in [changed(*counts), format!("{words} changed")] {
        if more.len() <= width {
            return more;
        }
    }
    words
}

/// What a job that runs here does now, with the seconds that a wait still takes.
pub fn job_activity(context: Context<'_>, job: &RunningJob) -> (String, fn(&Styles) -> Style) {
    let now = context.now.since_start;
    let warn: fn(&Styles) -> Style = |styles| styles.warn;
    if job.paused_by_operator {
        let team = context.access.team.as_ref();
        let by = team.and_then(|team| {
            let holding = team.holdings.get(&job.id)?;
            holding.paused_by_another(&team.state.role)
        });
        let words = by.map_or_else(|| "paused".to_owned(), |role| format!("paused by {role}"));
        return (words, warn);
    }
    if let Some((why, _)) = job.paused {
        let words = why.label();
        return match job.remaining_wait(now) {
            Some(left) => (format!("{words}, resumes in {left} s"), warn),
            None => (words.to_owned(), |styles| styles.error),
        };
    }
    let pending: fn(&Styles) -> Style = |styles| styles.pending;
    if job.discard_as.is_some() {
        return ("stopping".into(), pending);
    }
    if let Some(other) = job::left::blocking_job(context, job.id) {
        return (format!("waits for job {other}"), pending);
    }
    let budget = job::left::estimate(context, job)
        .budget_wait
        .map_or(0, |(_, left)| left);
    let words = match (job.pending_reads > 0, job.verification_seconds(now)) {
        // What may still be applied is waited for.
        (true, Some(left)) if left.max(budget) > 0 => format!("reading {} s", left.max(budget)),
        (true, _) => "reading".to_owned(),
        (false, _) if budget > 0 => return (format!("rate-limited, {budget} s"), warn),
        (false, _) => "running".to_owned(),
    };
    (words, pending)
}

/// The state in a column: of a wait the seconds are what matters.
fn short_state(context: Context<'_>, look: &Look, job: &Job, width: usize) -> Line<'static> {
    let whole = state(context, look, job);
    let here = context
        .jobs
        .running
        .iter()
        .find(|running| running.id == job.id);
    let left = here.and_then(|running| running.remaining_wait(context.now.since_start));
    match left {
        Some(left) if whole.width() > width => Line::from(vec![
            text::literal(look.glyphs.pending, look.styles.warn),
            text::from_ui(format!(" waits {left} s"), look.styles.warn),
        ]),
        _ => whole,
    }
}

/// A job's state in a word, by glyph and colour too.
pub fn state(context: Context<'_>, look: &Look, job: &Job) -> Line<'static> {
    let (styles, glyphs) = (&look.styles, look.glyphs);
    let here = context
        .jobs
        .running
        .iter()
        .find(|running| running.id == job.id);
    let (glyph, word, style): (&'static str, String, Style) = match job.state {
        JobState::Done => (glyphs.verified, " finished".into(), styles.ok),
        JobState::DoneWithExceptions => (glyphs.failed, " partial".into(), styles.error),
        JobState::Cancelled => (glyphs.cancelled, " cancelled".into(), styles.dim),
        JobState::Discarded => (glyphs.cancelled, " discarded".into(), styles.dim),
        JobState::Planned | JobState::Running | JobState::Paused => {
            match (here, job.pause) {
                (Some(running), _) => {
                    let (words, style) = job_activity(context, running);
                    (glyphs.pending, format!(" {words}"), style(styles))
                }
                (None, _) if context.jobs.resuming.contains(&job.id) => {
                    (glyphs.pending, " being resumed".into(), styles.pending)
                }
                (None, Some((why, _))) => {
                    (glyphs.pending, format!(" {}", why.label()), styles.warn)
                }
                (None, None) if context.access.team.is_some() => {
                    let words = elsewhere(context, job.id);
                    let words = words.unwrap_or_else(|| "not ended".to_owned());
                    (glyphs.pending, format!(" {words}"), styles.warn)
                }
                (None, None) => match &context.access.journal {
                    // Its own console runs it.
                    JournalAccess::Follower { .. } => {
                        (glyphs.pending, " runs elsewhere".into(), styles.pending)
                    }
                    _ if job.state == JobState::Paused => {
                        (glyphs.pending, " paused".into(), styles.warn)
                    }
                    // Whether somebody runs it is not known.
                    JournalAccess::ReadOnly { .. } => {
                        (glyphs.pending, " not ended".into(), styles.warn)
                    }
                    JournalAccess::Writer => (glyphs.pending, " interrupted".into(), styles.warn),
                },
            }
        }
    };
    Line::from(vec![
        text::literal(glyph, style),
        text::from_ui(word, style),
    ])
}
