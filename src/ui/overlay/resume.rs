//! What an earlier run left unfinished: asked once, at the start.

use super::{Look, answers, frame, text};
use crate::{
    app::{job, model::Model, notice::counted},
    entity::key::JobId,
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Draws it.
pub fn draw(model: &Model, look: &Look, jobs: &[JobId], area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let height = 9 + 2 * jobs.len().min(4) as u16;
    let room = frame::overlay(
        look,
        "unfinished",
        frame::centered(area, 76, height.min(area.height)),
        buffer,
    );
    let narrow = room.width < 60;
    let words = if jobs.len() == 1 {
        "A job of an earlier run has not ended."
    } else {
        "Jobs of an earlier run have not ended."
    };
    let mut row = frame::wrapped(words, styles.warn, room, 0, buffer);
    // The answers must have room on the smallest screen.
    let shown = usize::from(room.height.saturating_sub(7)).clamp(1, jobs.len());
    for id in jobs.iter().take(shown) {
        let Some(job) = model.jobs.jobs.iter().find(|job| job.id == *id) else {
            continue;
        };
        let when = job.created_at.to_zoned(model.setup.zone.clone());
        let old = if job::holds(job.created_at, model.now.wall) {
            ""
        } else {
            ", more than a day ago: asked once more"
        };
        let words = if narrow {
            format!("job {id}: {}", counted(job.counts))
        } else {
            format!(
                "job {id}, {} to {}, {}{old}: {}",
                job.command,
                job.wanted.in_words(),
                when.strftime("%m-%d %H:%M"),
                counted(job.counts)
            )
        };
        row = frame::wrapped(&words, styles.text, room, row, buffer);
    }
    if shown < jobs.len() {
        let words = format!("and {} more", jobs.len() - shown);
        let line = vec![text::own(words, styles.dim)];
        frame::line(line, room, row, buffer);
        row += 1;
    }
    let keys = if narrow {
        [
            ("r", "resume, reading first"),
            ("n", "leave for now"),
            ("d", "discard what was not sent"),
        ]
    } else {
        [
            (
                "r",
                "resume: what was under way is read before anything is sent",
            ),
            ("n", "leave it for now: its leaks stay out of other jobs"),
            ("d", "discard what was not sent"),
        ]
    };
    let gap = u16::from(room.height > row + 4);
    answers(look, &keys, room, row + gap, buffer);
}
