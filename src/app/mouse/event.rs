//! What the mouse does.

use crate::app::{
    cells, columns,
    command::Command,
    effect::Effect,
    layers, layout, marks,
    model::{Context, Model, Pane},
    navigate,
    overlay::Overlay,
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

/// What the mouse did.
pub(in crate::app) fn on_event(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    if !model.mouse.on || model.prompt.is_some() || model.data.first_run {
        return Vec::new();
    }
    let wheel = match event.kind {
        MouseEventKind::ScrollDown => WHEEL,
        MouseEventKind::ScrollUp => -WHEEL,
        _ => 0,
    };
    if model.overlay().is_some() {
        if wheel != 0 && !model.overlay().is_some_and(Overlay::awaits_answer) {
            layers::scroll(model, wheel);
        }
        return Vec::new();
    }
    let at = Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::Up(MouseButton::Left) => {
            if model.mouse.dragging {
                marks::mark_range(&mut model.workspace_update(), true);
            }
            (model.mouse.pressed, model.mouse.dragging) = (false, false);
            Vec::new()
        }
        MouseEventKind::Drag(MouseButton::Left) if model.mouse.pressed => {
            drag(model, at);
            Vec::new()
        }
        MouseEventKind::Down(MouseButton::Left) => press(model, at),
        _ if wheel != 0 => {
            let Some((pane, _)) = pane_at(model.context(), at) else {
                return Vec::new();
            };
            let effects = navigate::focus(&mut model.workspace_update(), pane);
            navigate::step(&mut model.workspace_update(), wheel);
            effects
        }
        _ => Vec::new(),
    }
}

/// The button went down: the pane has the focus, and the row the cursor.
fn press(model: &mut Model, at: Position) -> Vec<Effect> {
    (model.mouse.pressed, model.mouse.dragging) = (false, false);
    let Some((pane, area)) = pane_at(model.context(), at) else {
        return Vec::new();
    };
    let effects = navigate::focus(&mut model.workspace_update(), pane);
    // Below the frame stand the titles, below these the rows.
    if at.y == area.y + 1 {
        sort(model, pane, area, at);
    } else if let Some(by) = distance(model.context(), pane, area, at) {
        navigate::step(&mut model.workspace_update(), by);
        model.mouse.pressed = pane == Pane::Leaks && model.workspace.leaks.grouping.is_none();
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
fn sort(model: &mut Model, pane: Pane, area: Rect, at: Position) {
    if pane != Pane::Leaks || model.workspace.leaks.grouping.is_some() {
        return;
    }
    let room = columns::available_width(model.context(), pane);
    // The frame and the marker stand before the first column.
    let Some(x) = at.x.checked_sub(area.x + 3) else {
        return;
    };
    let placed = columns::layout_columns(model.context(), pane, room);
    let found = placed
        .iter()
        .find(|(_, place)| (place.x..place.x + place.width).contains(&x));
    if let Some(action) = found.and_then(|(column, _)| cells::sorted_by(*column)) {
        model.commands.push(Command::Act(action));
    }
}

/// A drag marks from where it began to the row under the pointer; beyond the list it scrolls.
fn drag(model: &mut Model, at: Position) {
    let Some(area) = layout::areas(model.context()).leaks else {
        return;
    };
    if !std::mem::replace(&mut model.mouse.dragging, true) {
        model.workspace.leaks.range_mark = None;
        marks::mark_range(&mut model.workspace_update(), true);
    }
    let by = if at.y < area.y + 2 {
        -1
    } else {
        distance(model.context(), Pane::Leaks, area, at).unwrap_or(1)
    };
    navigate::step(&mut model.workspace_update(), by);
}
