//! Moving about: the cursor, the focus, the drill-down and its history.

use super::{
    command::{Command, Open},
    effect::{Effect, JobEffect},
    grouping, layout,
    model::{Context, Location, Pane, ScopeItem, WorkspaceUpdate},
    notice::Severity,
    search, view,
    views::View,
};
use crate::{action::Action, app::model::kinds_for_pane, filter, table::GroupKind};
use strum::IntoEnumIterator;

/// Moves the cursor of the focused pane by rows.
pub fn step(update: &mut WorkspaceUpdate<'_>, by: isize) {
    with_list(update, |list, height| list.step(by, height));
}

/// A list of any kind of row, as far as moving goes.
trait CursorMotion {
    fn step(&mut self, by: isize, height: usize);
    fn page(&mut self, by: isize, height: usize);
    fn top(&mut self, height: usize);
    fn bottom(&mut self, height: usize);
}

impl<T: Copy + PartialEq> CursorMotion for super::list::List<T> {
    fn step(&mut self, by: isize, height: usize) {
        Self::step(self, by, height);
    }
    fn page(&mut self, by: isize, height: usize) {
        Self::page(self, by, height);
    }
    fn top(&mut self, height: usize) {
        Self::top(self, height);
    }
    fn bottom(&mut self, height: usize) {
        Self::bottom(self, height);
    }
}

fn with_list(update: &mut WorkspaceUpdate<'_>, go: impl FnOnce(&mut dyn CursorMotion, usize)) {
    let pane = update.workspace.focus;
    let height = layout::rows(update.context(), pane);
    match pane {
        Pane::Leaks => match &mut update.workspace.leaks.grouping {
            Some(grouping) => go(&mut grouping.pane.list, height),
            None => go(&mut update.workspace.leaks.list, height),
        },
        Pane::Jobs => go(&mut update.workspace.jobs.list, height),
        Pane::Domains => go(&mut update.workspace.domains.list, height),
        Pane::Users => go(&mut update.workspace.users.list, height),
        Pane::Connections => go(&mut update.workspace.connections.list, height),
    }
    view::on_cursor_moved(update);
}

/// A motion of the cursor of the focused pane.
pub fn move_cursor(update: &mut WorkspaceUpdate<'_>, action: Action) {
    let height = layout::rows(update.context(), update.workspace.focus) as isize;
    with_list(update, |list, rows| match action {
        Action::Down => list.step(1, rows),
        Action::Up => list.step(-1, rows),
        Action::HalfPageDown => list.page((height / 2).max(1), rows),
        Action::HalfPageUp => list.page(-(height / 2).max(1), rows),
        Action::PageDown => list.page(height, rows),
        Action::PageUp => list.page(-height, rows),
        Action::Top => list.top(rows),
        _ => list.bottom(rows),
    });
}

/// Gives a pane the focus. The connections keep what they showed beside a leak: they are that leak's, until they are
/// given the focus once more.
pub fn focus(update: &mut WorkspaceUpdate<'_>, pane: Pane) -> Vec<Effect> {
    if update.workspace.focus == pane {
        if pane == Pane::Connections && leave_leak(update) {
            view::refresh_groups(update, pane);
        }
        return Vec::new();
    }
    if pane == Pane::Connections && is_beside_leak(update.context()) {
        return drill(update);
    }
    // Among domains, users and leaks the chip of a leak would mean nothing.
    if !matches!(pane, Pane::Connections | Pane::Jobs) && leave_leak(update) {
        view::refresh_groups(update, Pane::Connections);
    }
    update.workspace.focus = pane;
    update.workspace.leaks.range_mark = None;
    update.workspace.reveal = None;
    view::clamp_cursors(update);
    view::update_detail_now(update);
    if pane == Pane::Jobs {
        vec![Effect::Jobs(JobEffect::LoadJobs)]
    } else {
        Vec::new()
    }
}

/// Returns true if the leaks have the focus, and a leak with connections is under their cursor.
fn is_beside_leak(context: Context<'_>) -> bool {
    let leaks = &context.workspace.leaks;
    context.workspace.focus == Pane::Leaks
        && leaks.grouping.is_none()
        && leaks
            .list
            .cursor()
            .is_some_and(|leak| !view::connections(context, leak).is_empty())
}

/// Takes the leak out of the drill-down, so that the connections are those of all leaks in it. Returns false if there is
/// none.
fn leave_leak(update: &mut WorkspaceUpdate<'_>) -> bool {
    let before = update.workspace.scope.len();
    update
        .workspace
        .scope
        .retain(|chip| !matches!(chip, ScopeItem::Leak(_)));
    let way_in = Location {
        focus: Pane::Leaks,
        ..current_location(update.context())
    };
    let has_left = update.workspace.scope.len() < before;
    // What led to the leak has nothing to go back to any more.
    if has_left && update.workspace.history_back.last() == Some(&way_in) {
        update.workspace.history_back.pop();
    }
    has_left
}

/// The next pane in order, or the one before.
pub fn cycle(update: &mut WorkspaceUpdate<'_>, by: usize) -> Vec<Effect> {
    let panes: Vec<_> = Pane::iter().collect();
    let at = panes
        .iter()
        .position(|pane| *pane == update.workspace.focus)
        .unwrap_or(0);
    focus(update, panes[(at + by) % panes.len()])
}

/// The pane to the left or the right.
pub fn focus_sideways(update: &mut WorkspaceUpdate<'_>, right: bool) -> Vec<Effect> {
    let pane = match (update.workspace.focus, right) {
        (Pane::Users, false) => Pane::Domains,
        (Pane::Domains, true) => Pane::Users,
        (Pane::Jobs, false) => Pane::Connections,
        (Pane::Connections, true) => Pane::Jobs,
        _ if layout::is_wide(update.size) && !update.workspace.zoomed => return Vec::new(),
        (_, true) => return cycle(update, 1),
        (_, false) => return cycle(update, 4),
    };
    focus(update, pane)
}

pub(super) fn current_location(context: Context<'_>) -> Location {
    Location {
        focus: context.workspace.focus,
        scope: context.workspace.scope.clone(),
        filter: context.workspace.leaks.filter.filter.clone(),
        grouping: context
            .workspace
            .leaks
            .grouping
            .as_ref()
            .map(|grouping| grouping.kind),
        arranged: None,
    }
}

pub(super) fn restore_location(update: &mut WorkspaceUpdate<'_>, place: Location) {
    update.workspace.focus = place.focus;
    update.workspace.scope = place.scope;
    update.workspace.leaks.filter.filter = place.filter;
    update.workspace.leaks.filter.error = None;
    if let Some((sort, columns)) = place.arranged {
        update.workspace.leaks.sort = sort;
        update.workspace.columns.set(Pane::Leaks, columns);
    }
    grouping::set(update, place.grouping);
    view::refresh(update);
    view::clamp_cursors(update);
}

/// Shows the leaks as a view says. The way back is kept.
pub(super) fn show_view(update: &mut WorkspaceUpdate<'_>, view: View) {
    let filter = match filter::parse(&view.filter, &update.setup.sources) {
        Ok(filter) => filter,
        Err(error) => {
            let text = format!(
                "the filter of {} is wrong at column {}: {}",
                view.name, error.column, error.message
            );
            let now = update.now.since_start;
            let hint = Some(error.hint);
            update.notices.push(Severity::Error, text, hint, now);
            return;
        }
    };
    let mut here = current_location(update.context());
    let (is_look, workspace) = (view.is_since_left(), &mut *update.workspace);
    if is_look {
        let columns = workspace.columns.get(Pane::Leaks).map(<[_]>::to_vec);
        here.arranged = Some((workspace.leaks.sort.clone(), columns));
    }
    workspace.history_back.push(here);
    workspace.history_forward.clear();
    workspace.focus = Pane::Leaks;
    workspace.reveal = None;
    let leaks = &mut workspace.leaks;
    leaks.range_mark = None;
    leaks.marked_only = false;
    leaks.filter.filter = filter;
    leaks.filter.error = None;
    leaks.sort = view.sort;
    if view.columns.is_some() {
        workspace.columns.set(Pane::Leaks, view.columns);
    }
    view::refresh_leaks(update, false);
    grouping::set(update, view.group);
    if is_look {
        // What came back is first, and is what is looked at.
        let height = layout::rows(update.context(), Pane::Leaks);
        update.workspace.leaks.list.top(height);
    }
    view::clamp_cursors(update);
    view::update_detail_now(update);
}

/// Drills down: domain → users → leaks → connections → the leaks that share it; a job → its changes.
pub fn drill(update: &mut WorkspaceUpdate<'_>) -> Vec<Effect> {
    let from = current_location(update.context());
    let (chip, to) = match update.workspace.focus {
        Pane::Jobs => {
            let Some(id) = update.workspace.jobs.list.cursor() else {
                return Vec::new();
            };
            update.commands.push(Command::Open(Open::Job(id)));
            return vec![Effect::Jobs(JobEffect::LoadJob(id))];
        }
        Pane::Leaks if update.workspace.leaks.grouping.is_some() => {
            (cursor_scope_item(update.context()), Pane::Leaks)
        }
        Pane::Leaks => (
            update.workspace.leaks.list.cursor().map(ScopeItem::Leak),
            Pane::Connections,
        ),
        Pane::Domains => (cursor_scope_item(update.context()), Pane::Users),
        Pane::Users | Pane::Connections => (cursor_scope_item(update.context()), Pane::Leaks),
    };
    let Some(chip) = chip else { return Vec::new() };
    // Connections are reached from a leak; what shares one of them is looked for in all leaks of the scope.
    update
        .workspace
        .scope
        .retain(|other| !matches!(other, ScopeItem::Leak(_)));
    if let ScopeItem::Group(kind, _) = chip {
        update
            .workspace
            .scope
            .retain(|other| !matches!(other, ScopeItem::Group(other, _) if *other == kind));
        // What shares a connection is looked for in all leaks of the profiles in view.
        if kinds_for_pane(Pane::Connections).contains(&kind) {
            update
                .workspace
                .scope
                .retain(|other| matches!(other, ScopeItem::Group(GroupKind::Profile, _)));
        }
    }
    update.workspace.scope.push(chip);
    update.workspace.history_back.push(from);
    update.workspace.history_forward.clear();
    update.workspace.focus = to;
    grouping::set(update, None);
    update.commands.push(Command::LoadRelated(chip));
    view::refresh(update);
    // What is on top was on top beside the leak.
    if matches!(chip, ScopeItem::Leak(_)) {
        let height = layout::rows(update.context(), Pane::Connections);
        update.workspace.connections.list.top(height);
    }
    view::clamp_cursors(update);
    Vec::new()
}

fn cursor_scope_item(context: Context<'_>) -> Option<ScopeItem> {
    context
        .workspace
        .groups(context.workspace.focus)?
        .list
        .cursor()
        .map(|(kind, group)| ScopeItem::Group(kind, group))
}

/// History: back or forward.
pub fn history(update: &mut WorkspaceUpdate<'_>, back: bool) {
    let here = current_location(update.context());
    let to = if back {
        update.workspace.history_back.pop()
    } else {
        update.workspace.history_forward.pop()
    };
    let Some(to) = to else { return };
    if back {
        update.workspace.history_forward.push(here);
    } else {
        update.workspace.history_back.push(here);
    }
    restore_location(update, to);
}

/// The filter of the focused pane is taken away.
pub fn clear_filter(update: &mut WorkspaceUpdate<'_>) {
    let pane = update.workspace.focus;
    search::set_filter_text(update, pane, "");
}
