//! What the mouse does.

use crate::app::{
    cells, columns,
    command::Command,
    effect::Effect,
    layout, marks,
    model::{Context, Pane, WorkspaceUpdate},
    mouse::Mouse,
    navigate,
};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};
use strum::IntoEnumIterator as _;

/// Lines that a turn of the wheel scrolls by.
const WHEEL: isize = 3;

/// The pane under a position, and its area.
fn pane_at(context: Context<'_>, at: Position) -> Option<(Pane, Rect)> {
    let areas = layout::areas(context);
    Pane::iter()
        .filter_map(|pane| Some((pane, areas.pane(pane)?)))
        .find(|(_, area)| area.contains(at))
}

/// How many lines the wheel scrolls by, where it was the wheel.
pub(in crate::app) fn wheel(event: MouseEvent) -> Option<isize> {
    match event.kind {
        MouseEventKind::ScrollDown => Some(WHEEL),
        MouseEventKind::ScrollUp => Some(-WHEEL),
        _ => None,
    }
}

/// What the mouse did on the panes.
pub(in crate::app) fn on_event(
    mouse: &mut Mouse,
    update: &mut WorkspaceUpdate<'_>,
    event: MouseEvent,
) -> Vec<Effect> {
    let at = Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::Up(MouseButton::Left) => {
            if mouse.dragging {
                marks::mark_range(update, true);
            }
            (mouse.pressed, mouse.dragging) = (false, false);
        }
        MouseEventKind::Drag(MouseButton::Left) if mouse.pressed => drag(mouse, update, at),
        MouseEventKind::Down(MouseButton::Left) => return press(mouse, update, at),
        _ => {
            if let (Some(by), Some((pane, _))) = (wheel(event), pane_at(update.context(), at)) {
                let effects = navigate::focus(update, pane);
                navigate::step(update, by);
                return effects;
            }
        }
    }
    Vec::new()
}

/// The button went down: the pane has the focus, and the row the cursor.
fn press(mouse: &mut Mouse, update: &mut WorkspaceUpdate<'_>, at: Position) -> Vec<Effect> {
    (mouse.pressed, mouse.dragging) = (false, false);
    let Some((pane, area)) = pane_at(update.context(), at) else {
        return Vec::new();
    };
    let effects = navigate::focus(update, pane);
    // Below the frame stand the titles, below these the rows.
    if at.y == area.y + 1 {
        sort(update, pane, area, at);
    } else if let Some(by) = distance(update.context(), pane, area, at) {
        navigate::step(update, by);
        mouse.pressed = pane == Pane::Leaks && update.workspace.leaks.grouping.is_none();
    }
    effects
}

/// How far the row at a position is from the cursor; `None` where no row stands.
fn distance(context: Context<'_>, pane: Pane, area: Rect, at: Position) -> Option<isize> {
    let row = usize::from(at.y.checked_sub(area.y + 2)?);
    if row >= layout::rows(context, pane) {
        return None;
    }
    let workspace = context.workspace;
    let (offset, cursor, rows) = match pane {
        Pane::Jobs => {
            let list = &workspace.jobs.list;
            (list.offset(), list.position(), list.order().len())
        }
        Pane::Leaks if workspace.leaks.grouping.is_none() => {
            let list = &workspace.leaks.list;
            (list.offset(), list.position(), list.order().len())
        }
        pane => {
            let list = &workspace.groups(pane)?.list;
            (list.offset(), list.position(), list.order().len())
        }
    };
    let to = offset + row;
    (to < rows).then(|| to as isize - cursor as isize)
}

/// A click on a title sorts the leaks by that column.
fn sort(update: &mut WorkspaceUpdate<'_>, pane: Pane, area: Rect, at: Position) {
    if pane != Pane::Leaks || update.workspace.leaks.grouping.is_some() {
        return;
    }
    let room = columns::available_width(update.context(), pane);
    // The frame and the marker stand before the first column.
    let Some(x) = at.x.checked_sub(area.x + 3) else {
        return;
    };
    let placed = columns::layout_columns(update.context(), pane, room);
    let found = placed
        .iter()
        .find(|(_, place)| (place.x..place.x + place.width).contains(&x));
    if let Some(action) = found.and_then(|(column, _)| cells::sorted_by(*column)) {
        update.commands.push(Command::Act(action));
    }
}

/// A drag marks from where it began to the row under the pointer; beyond the list it scrolls.
fn drag(mouse: &mut Mouse, update: &mut WorkspaceUpdate<'_>, at: Position) {
    let Some(area) = layout::areas(update.context()).leaks else {
        return;
    };
    if !std::mem::replace(&mut mouse.dragging, true) {
        update.workspace.leaks.range_mark = None;
        marks::mark_range(update, true);
    }
    let by = if at.y < area.y + 2 {
        -1
    } else {
        distance(update.context(), Pane::Leaks, area, at).unwrap_or(1)
    };
    navigate::step(update, by);
}
