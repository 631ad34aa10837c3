//! The last line: a prompt while something is typed, else the newest notice, else the keys that matter here.

use super::{Look, frame, overlay, pane::parts, text};
use crate::{
    action::Action,
    app::{
        availability, follow, input, layout,
        model::{Model, Pane},
        overlay::Overlay,
        wake,
    },
    entity::{error::ProviderError, team::FeedKind},
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Span,
};

/// Draws it; answers where the terminal's cursor belongs, if anywhere.
pub fn draw(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    if let Some(prompt) = &model.prompt {
        clear_line(area, buffer);
        return Some(super::prompt::draw(model, look, prompt, area, buffer));
    }
    if !model.sequence.keys.is_empty()
        && model.now.since_start >= model.sequence.started_at + wake::MENU_DELAY
    {
        overlay::menu::draw(model, look, area, buffer);
        return None;
    }
    // A plan has the whole screen, and so has one that is being made.
    if model.overlay().is_some_and(Overlay::is_about_plan) {
        return None;
    }
    if let Some(spans) = reveal_spans(model, look, area) {
        clear_line(area, buffer);
        frame::line(spans, area, 0, buffer);
        return None;
    }
    if let Some(notice) = model.notices.current() {
        clear_line(area, buffer);
        let mut spans = vec![
            text::literal(" ", look.styles.text),
            text::from_ui(
                notice.text.clone(),
                parts::severity_style(look, notice.severity),
            ),
        ];
        if let Some(hint) = &notice.hint {
            spans.push(text::from_ui(format!("  hint: {hint}"), look.styles.dim));
        }
        frame::line(spans, area, 0, buffer);
    } else {
        // A plan below the help has the whole screen, this line too.
        if model.overlay().is_some() {
            clear_line(area, buffer);
        }
        draw_hints(model, look, area, buffer);
    }
    None
}

/// A secret that was asked for is shown here where the detail has no room for it.
fn reveal_spans(model: &Model, look: &Look, area: Rect) -> Option<Vec<Span<'static>>> {
    let reveal = model.workspace.reveal.as_ref()?;
    let detail = layout::areas(model.context())
        .detail
        .map_or(0, |area| area.height);
    // Its frame, the login, the password.
    if detail >= 4 {
        return None;
    }
    let mut spans = vec![text::literal(" password  ", look.styles.dim)];
    match &reveal.secret {
        Some(secret) => {
            let room = usize::from(area.width).saturating_sub(12);
            let styles = (look.styles.accent, look.styles.escape);
            spans.extend(text::fit(secret.expose(), room, styles.0, styles.1).spans);
        }
        None => spans.push(text::literal("asking the provider", look.styles.pending)),
    }
    Some(spans)
}

fn clear_line(area: Rect, buffer: &mut Buffer) {
    ratatui::widgets::Widget::render(ratatui::widgets::Clear, area, buffer);
}

/// The hints while the column cursor is on.
const ON_A_CELL: &[Action] = &[
    Action::Help,
    Action::ColumnRight,
    Action::CellOnly,
    Action::CellWithout,
    Action::CellSort,
    Action::CellCount,
    Action::CopyCell,
    Action::CellMark,
    Action::ColumnCursor,
];

/// The actions worth a hint, by where the operator is; those that cannot be done now are left out.
fn hint_actions(model: &Model) -> &'static [Action] {
    match model.overlay() {
        Some(overlay) => overlay.hints(),
        None if model.data.first_run => &[Action::Help, Action::Quit],
        None => of_pane(model),
    }
}

/// The same where no overlay is open.
fn of_pane(model: &Model) -> &'static [Action] {
    match model.workspace.focus {
        Pane::Leaks if model.workspace.leaks.grouping.is_some() => &[
            Action::Help,
            Action::GroupNone,
            Action::ToggleMark,
            Action::Drill,
            Action::Inspect,
            Action::Filter,
            Action::MarkFixed,
            Action::Export,
            Action::Palette,
            Action::Quit,
        ],
        Pane::Leaks if model.workspace.column.is_some() => ON_A_CELL,
        Pane::Leaks if matches!(model.workspace.leaks.range_mark, Some((_, true))) => &[
            Action::Help,
            Action::RangeMark,
            Action::Down,
            Action::Up,
            Action::Bottom,
            Action::Back,
        ],
        Pane::Leaks if model.workspace.leaks.range_mark.is_some() => &[
            Action::Help,
            Action::RangeUnmark,
            Action::Down,
            Action::Up,
            Action::Bottom,
            Action::Back,
        ],
        Pane::Leaks => &[
            Action::Help,
            Action::Filter,
            Action::ToggleMark,
            Action::MarkAll,
            Action::MarkFixed,
            Action::Reopen,
            Action::Inspect,
            Action::Drill,
            Action::Export,
            Action::Palette,
            Action::Quit,
        ],
        Pane::Jobs => &[
            Action::Help,
            Action::Drill,
            Action::JobPause,
            Action::JobCancel,
            Action::JobRetry,
            Action::JobUndo,
            Action::JobRedo,
            Action::NextPane,
            Action::Palette,
            Action::Quit,
        ],
        Pane::Domains | Pane::Users | Pane::Connections => &[
            Action::Help,
            Action::Drill,
            Action::Inspect,
            Action::Back,
            Action::Filter,
            Action::ToggleMark,
            Action::MarkFixed,
            Action::NextPane,
            Action::Palette,
            Action::Quit,
        ],
    }
}

/// The word behind the key of an action, which may be another one above an overlay.
fn hint_label(model: &Model, action: Action) -> &'static str {
    if action == Action::JobRetry {
        let job = follow::selected_job(model.context(), model.overlay(), action);
        if job.is_some_and(|job| follow::takes_over(model.context(), job)) {
            return "take over";
        }
    }
    let label = model.overlay().and_then(|overlay| overlay.label(action));
    label.unwrap_or_else(|| action.label())
}

fn draw_hints(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) {
    let area = team(model, look, area, buffer);
    let mut spans = vec![text::literal(" ", look.styles.text)];
    let mut used = 1;
    if let Some(words) = list_error_line(model, look) {
        used += words.chars().count() + 2;
        spans.push(text::from_ui(words, look.styles.error));
        spans.push(text::literal("  ", look.styles.text));
    }
    let can = |action: &Action| availability::availability(model, *action).is_ok();
    let actions: Vec<Action> = hint_actions(model).iter().copied().filter(can).collect();
    let keys = &model.setup.keymap;
    let keys = keys.first_keys(input::contexts(model), &actions);
    for (action, key) in actions.into_iter().zip(keys) {
        let Some(key) = key else { continue };
        let words = hint_label(model, action);
        let width = key.chars().count() + 1 + words.len() + 2;
        if used + width > usize::from(area.width) {
            break;
        }
        used += width;
        spans.push(text::from_ui(key, look.styles.key_hint));
        spans.push(text::literal(" ", look.styles.text));
        spans.push(text::literal(words, look.styles.dim));
        spans.push(text::literal("  ", look.styles.text));
    }
    frame::line(spans, area, 0, buffer);
}

/// The team at the right end, where there is room beside the keys; returns what is left of the line.
fn team(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) -> Rect {
    let Some(team) = &model.access.team else {
        return area;
    };
    let state = &team.state;
    let (words, style) = match (&state.lost, state.feed) {
        _ if state.lost.is_none() && state.behind_seconds.is_some_and(|seconds| seconds >= 2) => (
            format!(
                "team · {} s behind",
                state.behind_seconds.unwrap_or_default()
            ),
            look.styles.warn,
        ),
        (Some(_), _) => ("team · lost".to_owned(), look.styles.error),
        (None, FeedKind::Listen) => (
            format!("team · {} online · live", state.online()),
            look.styles.dim,
        ),
        (None, FeedKind::Poll) => (
            format!("team · {} online · polling", state.online()),
            look.styles.dim,
        ),
    };
    let width = u16::try_from(words.chars().count())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    if width > area.width / 2 {
        return area;
    }
    let left = area.width - width;
    let place = Rect {
        x: area.x + left,
        width,
        ..area
    };
    frame::line(vec![text::from_ui(words, style)], place, 0, buffer);
    Rect {
        width: left,
        ..area
    }
}

/// Which profile's list did not come, and what to do: it stays here after its notice is gone.
fn list_error_line(model: &Model, look: &Look) -> Option<String> {
    if model.overlay().is_some() {
        return None;
    }
    let mut failed = model
        .data
        .profiles
        .iter()
        .filter_map(|state| Some((&state.profile.binding.name, state.paging.error.as_ref()?)));
    let (name, error) = failed.next()?;
    let refresh = Action::RefreshAll;
    let contexts = input::contexts(model);
    let key = model.setup.keymap.keys_for(contexts, refresh).into_iter();
    let what = match (error, key.take(1).next()) {
        (ProviderError::Unauthorised { .. }, _) => "new key, start again".to_owned(),
        (ProviderError::Payment { .. }, _) => "see the plan, start again".to_owned(),
        (_, Some(key)) => format!("{key} tries again"),
        (_, None) => ":refresh-all tries again".to_owned(),
    };
    let more = match failed.count() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let (glyph, word) = (look.glyphs.failed, super::header::failure_label(error));
    Some(format!("{glyph} {name} {word}: {what}{more}"))
}
