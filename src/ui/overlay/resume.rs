//! What an earlier run left unfinished: asked once, at the start.

use super::{Look, draw_answers, frame, text};
use crate::{
    app::{job, model::Context, notice::outcome_summary},
    entity::{
        job::{Job, PauseReason},
        key::JobId,
        number::group_digits,
    },
    ui::pane::jobs as pane,
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

/// Columns that it takes at most.
const MAX_WIDTH: u16 = 84;

/// Draws it.
pub fn draw(context: Context<'_>, look: &Look, jobs: &[JobId], area: Rect, buffer: &mut Buffer) {
    let narrow = area.width < 64;
    let jobs: Vec<&Job> = jobs
        .iter()
        .filter_map(|id| context.workspace.jobs.jobs.iter().find(|job| job.id == *id))
        .collect();
    let keys = key_hints(narrow);
    // The answers must have room on the smallest screen: frame, question, answers, and a blank where there is room.
    let around = 2 + 2 + keys.len() as u16;
    let each = if narrow { 1 } else { 2 };
    let rows = usize::from(area.height.saturating_sub(around) / each);
    let shown = jobs.len().min(rows.max(1));
    let more = u16::from(shown < jobs.len());
    let height = around + 1 + shown as u16 * each + more;
    let room = frame::overlay(
        look,
        "unfinished",
        frame::centered(area, MAX_WIDTH, height.min(area.height)),
        buffer,
    );
    let words = if jobs.len() == 1 {
        "A job of an earlier run has not ended."
    } else {
        "Jobs of an earlier run have not ended."
    };
    let mut row = frame::wrapped(words, look.styles.warn, room, 0, buffer);
    let gap = u16::from(room.height >= height.saturating_sub(2) && !narrow);
    row += gap;
    for job in jobs.iter().take(shown) {
        for line in lines(context, look, job, narrow) {
            frame::line(line.spans, room, row, buffer);
            row += 1;
        }
    }
    if more > 0 {
        let words = format!("and {} more", jobs.len() - shown);
        let line = vec![text::from_ui(words, look.styles.dim)];
        frame::line(line, room, row, buffer);
        row += 1;
    }
    let gap = u16::from(room.height > row + keys.len() as u16);
    draw_answers(look, &keys, room, row + gap, buffer);
}

fn key_hints(narrow: bool) -> [(&'static str, &'static str); 3] {
    if narrow {
        return [
            ("r", "resume, reading first"),
            ("n", "leave for now"),
            ("d", "discard what was not sent"),
        ];
    }
    [
        (
            "r",
            "resume: what was under way is read before anything is sent",
        ),
        (
            "n",
            "leave it for now: its leaks stay out of other jobs, 5 shows it",
        ),
        ("d", "discard what was not sent"),
    ]
}

/// What a job is and when it was confirmed; below, how far it came and what stopped it.
fn lines(context: Context<'_>, look: &Look, job: &Job, narrow: bool) -> Vec<Line<'static>> {
    let styles = &look.styles;
    let id = job.id;
    let number = |style: Style| text::from_ui(format!("job {id}"), style);
    let counts = outcome_summary(job.counts);
    if narrow {
        let (counts, all) = (job.counts, group_digits(job.counts.sum()));
        let open = counts.pending + counts.accepted + counts.unknown;
        let settled = group_digits(counts.sum() - open);
        let rest = text::from_ui(format!(": {settled} of {all} finished"), styles.text);
        return vec![Line::from(vec![number(styles.accent), rest])];
    }
    let when = job.created_at.to_zoned(context.setup.zone.clone());
    let words = format!(
        "  {}, {}",
        pane::job_title(job),
        when.strftime("%Y-%m-%d %H:%M")
    );
    let mut first = vec![number(styles.accent), text::from_ui(words, styles.text)];
    if !job::contains_profile(job.created_at, context.now.wall) {
        let words = ", over a day ago: asked again";
        first.push(text::literal(words, styles.warn));
    }
    let indent = " ".repeat(first.first().map_or(0, Span::width) + 2);
    let why = match job.pause {
        Some((PauseReason::Hangup, _)) | None => "interrupted",
        Some((why, _)) => why.label(),
    };
    let second = vec![
        text::from_ui(format!("{indent}{counts}"), styles.text),
        text::from_ui(format!(", {why}"), styles.dim),
    ];
    vec![Line::from(first), Line::from(second)]
}
