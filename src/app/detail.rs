//! The detail with the focus: the keys that move scroll it, any other key of the panes gives the focus back.

use super::{
    layout,
    model::{Context, DetailSubject, Workspace, WorkspaceUpdate},
    notice::Severity,
    record,
};
use crate::action::Action;

/// Columns of the detail that its frame, its blanks and its labels take.
const BESIDE: u16 = 16;

/// Rows of the detail, with its frame, below which there is nothing to scroll through.
const LOWEST: u16 = 5;

/// Gives the detail the focus, or takes it away again.
pub(super) fn focus(update: &mut WorkspaceUpdate<'_>) {
    if update.workspace.detail_scroll.take().is_some() {
        return;
    }
    let before = std::mem::replace(&mut update.workspace.detail_visible, true);
    let area = layout::areas(update.context()).detail;
    if area.is_none_or(|area| area.height < LOWEST) {
        update.workspace.detail_visible = before;
        let now = update.now.since_start;
        let text = "there is no room for the detail on this screen";
        let hint = Some("i opens everything on a screen of its own".to_owned());
        update.notices.push(Severity::Info, text, hint, now);
        return;
    }
    update.workspace.detail_scroll = Some(0);
}

/// What is done in the panes takes the focus from the detail.
pub(super) fn leave(workspace: &mut Workspace, action: Action) {
    if !matches!(action, Action::FocusDetail | Action::Reveal) {
        workspace.detail_scroll = None;
    }
}

/// Scrolls the detail.
pub(super) fn motion(update: &mut WorkspaceUpdate<'_>, action: Action) {
    let context = update.context();
    let area = layout::areas(context).detail.unwrap_or_default();
    let page = isize::from(i16::try_from(area.height.saturating_sub(3)).unwrap_or(1));
    let by = match action {
        Action::Down => 1,
        Action::Up => -1,
        Action::HalfPageDown => page / 2,
        Action::HalfPageUp => -page / 2,
        Action::PageDown => page,
        Action::PageUp => -page,
        Action::Top => isize::MIN / 2,
        _ => isize::MAX / 2,
    };
    let rows = usize::from(area.height.saturating_sub(2));
    let last = lines(context, usize::from(area.width.saturating_sub(BESIDE))).saturating_sub(rows);
    if let Some(scroll) = &mut update.workspace.detail_scroll {
        *scroll = scroll.saturating_add_signed(by).min(last);
    }
}

/// How many lines the detail has, about.
fn lines(context: Context<'_>, columns: usize) -> usize {
    match context.workspace.detail_delay.subject {
        Some(DetailSubject::Leak(leak)) => record::rows(context, leak, columns),
        Some(DetailSubject::Group(..) | DetailSubject::Job(_)) => 24,
        None => 0,
    }
}
