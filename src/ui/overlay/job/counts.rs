//! The numbers of a job: all of them where there is room, and their sum, which is the plan's.

use super::{Look, changes, frame, text};
use crate::entity::{
    job::{Change, ChangeOutcome, OutcomeCounts},
    key::JobId,
    number::group_digits,
};
use ratatui::{buffer::Buffer, layout::Rect, text::Span};
use std::collections::BTreeMap;
use strum::IntoEnumIterator;

/// Draws them, on as many lines as they need; answers the row after.
pub(super) fn draw(
    look: &Look,
    (id, counts): (JobId, OutcomeCounts),
    all: &[Change],
    room: Rect,
    buffer: &mut Buffer,
) -> u16 {
    let styles = &look.styles;
    let columns = usize::from(room.width);
    let head = text::from_ui(format!("job {id}: "), styles.accent);
    let end = text::from_ui(format!(" = {}", group_digits(counts.sum())), styles.text);
    let mut parts = count_spans(look, counts, all, true);
    let whole: usize = parts.iter().map(|part| part.width() + 2).sum();
    if whole + head.width() + end.width() > columns + 2 {
        parts = self::count_spans(look, counts, all, false);
    }
    let (mut row, mut line) = (0, vec![head]);
    let last = parts.len().saturating_sub(1);
    for (at, part) in parts.into_iter().enumerate() {
        let used: usize = line.iter().map(Span::width).sum();
        let tail = if at == last { end.width() } else { 1 };
        if used + part.width() + tail > columns {
            frame::line(std::mem::take(&mut line), room, row, buffer);
            row += 1;
        }
        line.push(part);
        let comma = if at == last { "" } else { ", " };
        line.push(text::literal(comma, styles.dim));
    }
    line.push(end);
    frame::line(line, room, row, buffer);
    row + 1
}

/// A number and its word each; those that are nought are quiet, or left out where there is no room for all.
fn count_spans(
    look: &Look,
    counts: OutcomeCounts,
    all: &[Change],
    whole: bool,
) -> Vec<Span<'static>> {
    let open = [
        ChangeOutcome::Accepted,
        ChangeOutcome::Unknown,
        ChangeOutcome::Pending,
    ];
    ChangeOutcome::iter()
        .map(|outcome| (outcome, counts.get(outcome)))
        .filter(|(outcome, count)| {
            let counts = whole && !open.contains(outcome);
            counts || *count > 0 || *outcome == ChangeOutcome::Verified
        })
        .map(|(outcome, count)| {
            let style = if count == 0 {
                look.styles.dim
            } else {
                changes::style(look, outcome)
            };
            let codes = if outcome == ChangeOutcome::Failed {
                failure_codes(all)
            } else {
                String::new()
            };
            let words = outcome.in_words();
            text::from_ui(format!("{} {words}{codes}", group_digits(count)), style)
        })
        .collect()
}

/// What failed, by HTTP status: ` (403: 3, not applied: 1)`.
fn failure_codes(all: &[Change]) -> String {
    let mut codes: BTreeMap<u16, u64> = BTreeMap::new();
    for change in all {
        if change.state().outcome() == ChangeOutcome::Failed {
            // What was proven not applied has no status, and comes last.
            *codes.entry(change.code().unwrap_or(u16::MAX)).or_default() += 1;
        }
    }
    if codes.is_empty() {
        return String::new();
    }
    let words: Vec<_> = codes
        .into_iter()
        .map(|(code, count)| match code {
            u16::MAX => format!("not applied: {}", group_digits(count)),
            code => format!("{code}: {}", group_digits(count)),
        })
        .collect();
    format!(" ({})", words.join(", "))
}
