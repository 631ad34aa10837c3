//! How far a job has come, as a bar: what went as asked, what did not, what is under way, what waits.

use super::{Look, MIN_SUMMARY_HEIGHT, changes, frame, text};
use crate::entity::{
    job::{ChangeOutcome, OutcomeCounts},
    number::group_digits,
};
use ratatui::{buffer::Buffer, layout::Rect};
use strum::IntoEnumIterator;

/// No bar is longer.
const MAX_WIDTH: u64 = 60;

/// Draws it where there is room; answers the row after.
pub(super) fn draw(
    look: &Look,
    counts: OutcomeCounts,
    room: Rect,
    row: u16,
    buffer: &mut Buffer,
) -> u16 {
    let (styles, glyphs, sum) = (&look.styles, look.glyphs, counts.sum());
    if room.height < MIN_SUMMARY_HEIGHT || sum == 0 {
        return row;
    }
    let settled = sum - counts.pending - counts.accepted - counts.unknown;
    let words = format!(
        "  {} of {} finished",
        group_digits(settled),
        group_digits(sum)
    );
    let length = u64::from(room.width)
        .saturating_sub(words.len() as u64)
        .min(MAX_WIDTH);
    let mut spans = Vec::new();
    let (mut counted, mut drawn) = (0, 0);
    for outcome in ChangeOutcome::iter() {
        let count = counts.get(outcome);
        counted += count;
        let mut end = counted * length / sum;
        // One that failed among ten thousand is seen.
        if count > 0 && end <= drawn && drawn < length {
            end = drawn + 1;
        }
        let cells = usize::try_from(end.saturating_sub(drawn)).unwrap_or_default();
        drawn = drawn.max(end);
        let (glyph, style) = match outcome {
            ChangeOutcome::Pending => (glyphs.bar_empty, styles.dim),
            ChangeOutcome::Accepted | ChangeOutcome::Unknown => (glyphs.bar_half, styles.pending),
            outcome => (glyphs.bar_full, changes::style(look, outcome)),
        };
        spans.push(text::from_ui(glyph.repeat(cells), style));
    }
    spans.push(text::from_ui(words, styles.dim));
    frame::line(spans, room, row, buffer);
    row + 1
}
