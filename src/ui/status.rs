//! The line above the hints: marks (and how many are hidden), where the drill-down is, the filter, the running job.

use super::{Look, frame, text};
use crate::app::{
    job::RunningJob,
    layout,
    model::{Context, DetailSubject, Model, Pane, ScopeItem},
};
use crate::entity::number::group_digits;
use crate::table::GroupKind;
use ratatui::{buffer::Buffer, layout::Rect, text::Span};

/// A part of the line; it stands there whole or not at all, for half a number is another number.
type Part = Vec<Span<'static>>;

/// From so many columns on, what leaks are narrowed to is spelled out.
const WIDE: u16 = 120;

/// Draws it: the first parts first, each whole; what has no room is left out with a sign.
pub fn draw(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width);
    let mut line: Part = Vec::new();
    let mut used = 0;
    let mut left_out = false;
    for mut part in parts(model, look, area.width < 60) {
        part.insert(
            0,
            text::literal(if line.is_empty() { " " } else { "  " }, look.styles.text),
        );
        let width: usize = part.iter().map(Span::width).sum();
        if used + width > room {
            left_out = true;
            continue;
        }
        used += width;
        line.extend(part);
    }
    if left_out && used + 2 <= room {
        line.push(text::literal(" ", look.styles.dim));
        line.push(text::literal(look.glyphs.ellipsis, look.styles.dim));
    }
    frame::line(line, area, 0, buffer);
}

fn parts(model: &Model, look: &Look, narrow: bool) -> Vec<Part> {
    let styles = &look.styles;
    let mut parts = vec![marks(model.context(), look)];
    for job in model.jobs.running.iter().filter(|job| !job.ending) {
        parts.push(job_part(model.context(), look, job, narrow));
    }
    if model.jobs.quit_asked {
        parts.push(vec![text::literal("quits when it ends", styles.warn)]);
    }
    if let Some((_, mark)) = model.workspace.leaks.range_mark {
        let words = if mark {
            "marking a range"
        } else {
            "unmarking a range"
        };
        parts.push(vec![text::literal(words, styles.pending)]);
    }
    parts.extend(source(model.context(), look));
    parts.extend(
        model
            .workspace
            .scope
            .iter()
            .map(|chip| chip_part(model.context(), look, *chip, model.size.0 >= WIDE)),
    );
    let mut panes = vec![model.workspace.focus];
    if model.workspace.focus != Pane::Leaks {
        panes.push(Pane::Leaks);
    }
    for pane in panes {
        let Some(state) = model
            .workspace
            .filter(pane)
            .filter(|state| !state.filter.is_empty())
        else {
            continue;
        };
        let mut part = vec![text::literal("/", styles.accent)];
        let typed = state.filter.text().as_bytes();
        // The whole of it where there is room for that beside what else stands here.
        let room = usize::from(model.size.0);
        let room = room.saturating_sub(60).max(40).min(room * 2 / 3);
        part.extend(text::fit(typed, room, styles.text, styles.escape).spans);
        if pane != model.workspace.focus {
            part.push(text::literal(" in leaks", styles.dim));
        }
        parts.push(part);
    }
    parts
}

/// Whose data is under the cursor, where there is no detail to say it.
fn source(context: Context<'_>, look: &Look) -> Option<Part> {
    if layout::areas(context).detail.is_some() {
        return None;
    }
    let slot = match context.workspace.detail_delay.subject? {
        DetailSubject::Leak(handle) => context.data.table.slot(handle),
        DetailSubject::Group(
            kind @ (GroupKind::Breach | GroupKind::Paste | GroupKind::Resource),
            group,
        ) => {
            let key = context.data.table.group_key(kind, group);
            context.data.profile(&key.profile)?.slot
        }
        DetailSubject::Group(..) | DetailSubject::Job(_) => return None,
    };
    let words = context.data.table.attribution(slot)?;
    Some(vec![text::from_ui(words.to_owned(), look.styles.dim)])
}

fn marks(context: Context<'_>, look: &Look) -> Part {
    let (styles, marked) = (&look.styles, context.workspace.marks.len());
    if marked == 0 {
        return vec![text::literal("0 marked", styles.dim)];
    }
    let hidden = context.workspace.hidden_marks();
    let words = format!(
        "{} {} marked ({} hidden)",
        look.glyphs.mark,
        group_digits(marked as u64),
        group_digits(hidden as u64)
    );
    let style = if hidden > 0 {
        styles.warn
    } else {
        styles.marked
    };
    vec![text::from_ui(words, style)]
}

fn chip_part(context: Context<'_>, look: &Look, chip: ScopeItem, wide: bool) -> Part {
    let styles = &look.styles;
    let mut part = vec![
        text::literal(look.glyphs.chip, styles.accent),
        text::literal(" ", styles.text),
    ];
    match chip {
        ScopeItem::Group(kind, group) => {
            let form = format!("{}:", super::value::form_label(kind));
            part.push(text::from_ui(form, styles.dim));
            let name = context.data.table.group_name(kind, group);
            // Whole where there is room: two addresses that begin alike are two.
            let room = if wide { 48 } else { 28 };
            part.extend(text::fit(&name, room, styles.text, styles.escape).spans);
        }
        ScopeItem::Leak(_) => part.push(text::literal("this leak", styles.text)),
    }
    part
}

fn job_part(context: Context<'_>, look: &Look, job: &RunningJob, narrow: bool) -> Part {
    let styles = &look.styles;
    let counts = job.counts();
    let open = counts.pending + counts.accepted + counts.unknown;
    let settled = format!(
        "{} of {}",
        group_digits(counts.sum() - open),
        group_digits(counts.sum())
    );
    let style = if job.paused.is_some() || job.paused_by_operator {
        styles.warn
    } else {
        styles.pending
    };
    let mut words = if narrow {
        format!("{} {settled}", look.glyphs.pending)
    } else {
        format!("{} job {}: {settled}", look.glyphs.pending, job.id)
    };
    if counts.local > 0 && !narrow {
        words.push_str(&format!(", {} local only", group_digits(counts.local)));
    }
    if counts.accepted > 0 && !narrow {
        words.push_str(&format!(
            ", {} not yet verified",
            group_digits(counts.accepted)
        ));
    }
    if counts.unknown > 0 && !narrow {
        words.push_str(&format!(", {} unknown", group_digits(counts.unknown)));
    }
    if job.paused.is_some() || job.paused_by_operator {
        let (paused, _) = super::pane::jobs::job_activity(context, job);
        words.push_str(&format!(", {paused}"));
    }
    vec![text::from_ui(words, style)]
}
