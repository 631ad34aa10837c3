//! The first line: who we are, every profile with its state, and what must be seen on every frame.

use super::{Look, frame, text};
use crate::app::{
    model::{JournalState, Model, Pane, ProfileState},
    paging::{PagingState, grouped},
    wake,
};
use ratatui::{buffer::Buffer, layout::Rect, text::Span};
use strum::IntoEnumIterator;

/// Draws the header. Banners come first: they are what a narrow screen must not cut off.
pub fn draw(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let mut spans = vec![text::literal(" stanch ", styles.accent)];
    for banner in banners(model) {
        spans.push(text::own(format!(" {banner} "), styles.banner));
        spans.push(text::literal(" ", styles.text));
    }
    for state in &model.profiles {
        spans.extend(profile(model, look, state));
        spans.push(text::literal("  ", styles.text));
    }
    frame::line(spans, area, 0, buffer);
}

fn banners(model: &Model) -> Vec<String> {
    let mut banners: Vec<String> = model.setup.banner.iter().cloned().collect();
    if model.write_lock
        || model.profiles.iter().all(|state| state.profile.read_only) && !model.profiles.is_empty()
    {
        banners.push("READ-ONLY".into());
    }
    match &model.journal {
        JournalState::Writer => {}
        JournalState::Watcher { .. } => banners.push("WATCHING".into()),
        JournalState::ReadOnly { .. } => banners.push("JOURNAL READ-ONLY".into()),
    }
    if model.profiles.iter().any(|state| state.profile.insecure) {
        banners.push("PLAIN HTTP".into());
    }
    banners
}

fn profile(model: &Model, look: &Look, state: &ProfileState) -> Vec<Span<'static>> {
    let styles = &look.styles;
    let profile = &state.profile;
    let mut spans = vec![text::own(profile.binding.name.to_string(), styles.title)];
    if !profile.environment.is_empty() {
        spans.push(text::own(
            format!(" {}", profile.environment.to_uppercase()),
            styles.warn,
        ));
    }
    if !profile.binding.team.is_empty() {
        spans.push(text::literal(" team ", styles.dim));
        spans.extend(
            text::fit(
                profile.binding.team.as_bytes(),
                16,
                styles.text,
                styles.escape,
            )
            .spans,
        );
    }
    let paging = &state.paging;
    let have = grouped(paging.kept.max(paging.seen));
    let of = paging.total.map_or_else(|| have.clone(), grouped);
    let (words, style) = match paging.state {
        PagingState::Idle => (" not asked yet".to_owned(), styles.dim),
        PagingState::Loading if paging.total.is_none() => (" loading".to_owned(), styles.pending),
        PagingState::Loading => (
            format!(" loading {} of {of}", grouped(paging.seen)),
            styles.pending,
        ),
        PagingState::Complete => (format!(" {have}"), styles.text),
        PagingState::Incomplete => match &paging.error {
            Some(error) => (
                format!(" {} {}", look.glyphs.failed, error.kind()),
                styles.error,
            ),
            None => (format!(" have {have} of {of}"), styles.warn),
        },
    };
    spans.push(text::own(words, style));
    if profile.read_only {
        spans.push(text::literal(" read-only", styles.warn));
    }
    let budget = &state.budget;
    if let Some(until) = budget.wait_until.filter(|until| *until > model.now.wall) {
        let left = until.duration_since(model.now.wall).as_secs().max(0) + 1;
        spans.push(text::own(format!(" waits {left} s"), styles.pending));
    }
    if let (Some(limit), Some(left)) = (budget.limit, budget.left(model.now.wall)) {
        spans.push(text::own(
            format!(" {left} of {limit} requests left"),
            styles.dim,
        ));
    }
    spans
}

/// The names of the panes, where only one is shown.
pub fn tabs(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let narrow = area.width < 60;
    let mut spans = Vec::new();
    for (index, pane) in Pane::iter().enumerate() {
        let focused = pane == model.focus;
        let name = pane.to_string();
        // A narrow line has the numbers of all panes and the name of one.
        let shown = if narrow && !focused {
            format!("{} ", index + 1)
        } else {
            format!("{} {name} ", index + 1)
        };
        let style = if focused { styles.title } else { styles.dim };
        if focused {
            spans.push(text::literal("[", styles.accent));
            spans.push(text::own(shown.trim_end().to_owned(), style));
            spans.push(text::literal("] ", styles.accent));
        } else {
            spans.push(text::literal(" ", style));
            spans.push(text::own(shown, style));
        }
    }
    frame::line(spans, area, 0, buffer);
}

/// Whether any profile waits: the countdown is drawn then.
pub fn counts_down(model: &Model) -> bool {
    wake::is_waiting(model)
}
