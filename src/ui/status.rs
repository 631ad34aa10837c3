//! The line above the hints: marks (and how many are hidden), where the drill-down is, the filter, the running job.

use super::{Look, frame, text};
use crate::app::{
    model::{Chip, Model, Pane},
    paging::grouped,
};
use ratatui::{buffer::Buffer, layout::Rect, text::Span};

/// Draws it.
pub fn draw(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let mut spans: Vec<Span<'static>> = vec![text::literal(" ", styles.text)];
    let marked = model.marks.len();
    if marked > 0 {
        let hidden = model.hidden_marks();
        let words = format!(
            "{} {} marked ({} hidden)",
            look.glyphs.mark,
            grouped(marked as u64),
            grouped(hidden as u64)
        );
        spans.push(text::own(
            words,
            if hidden > 0 {
                styles.warn
            } else {
                styles.marked
            },
        ));
    } else {
        spans.push(text::literal("0 marked", styles.dim));
    }
    if let Some((_, mark)) = model.leaks.range {
        spans.push(text::literal(
            if mark {
                "  marking a range"
            } else {
                "  unmarking a range"
            },
            styles.pending,
        ));
    }
    for job in model.running.iter().filter(|job| !job.ending) {
        spans.extend(running(look, job));
    }
    for chip in &model.scope {
        spans.push(text::literal("  ", styles.text));
        spans.push(text::literal(look.glyphs.chip, styles.accent));
        spans.push(text::literal(" ", styles.text));
        match chip {
            Chip::Group(kind, group) => {
                spans.push(text::own(
                    format!("{}:", super::pane::groups::form(*kind)),
                    styles.dim,
                ));
                spans.extend(
                    text::fit(
                        model.table.group_name(*kind, *group),
                        28,
                        styles.text,
                        styles.escape,
                    )
                    .spans,
                );
            }
            Chip::Leak(_) => spans.push(text::literal("this leak", styles.text)),
        }
    }
    for pane in [model.focus, Pane::Leaks] {
        let Some(state) = model.filter(pane).filter(|state| !state.filter.is_empty()) else {
            continue;
        };
        if pane == Pane::Leaks
            && model.focus == Pane::Leaks
            && spans.iter().any(|span| span.content == "  /")
        {
            continue;
        }
        spans.push(text::literal("  /", styles.accent));
        spans.extend(
            text::fit(
                state.filter.text().as_bytes(),
                40,
                styles.text,
                styles.escape,
            )
            .spans,
        );
        if pane != model.focus {
            spans.push(text::literal(" in leaks", styles.dim));
        }
    }
    frame::line(spans, area, 0, buffer);
}

fn running(look: &Look, job: &crate::app::job::RunningJob) -> Vec<Span<'static>> {
    let styles = &look.styles;
    let counts = job.counts();
    let open = counts.pending + counts.accepted + counts.unknown;
    let mut words = format!(
        "  {} job {}: {} of {}",
        look.glyphs.pending,
        job.id,
        grouped(counts.sum() - open),
        grouped(counts.sum())
    );
    if counts.accepted > 0 {
        words.push_str(&format!(", {} accepted", grouped(counts.accepted)));
    }
    if counts.unknown > 0 {
        words.push_str(&format!(", {} unknown", grouped(counts.unknown)));
    }
    let style = if let Some((reason, _)) = job.paused {
        words.push_str(&format!(", paused: {reason}"));
        styles.warn
    } else {
        styles.pending
    };
    vec![text::own(words, style)]
}
