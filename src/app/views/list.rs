//! The list of all views: one is opened, moved or, once that was answered, taken away.

use super::{delete, open, shift};
use crate::app::{effect::Effect, model::Model, overlay::Overlay};
use crossterm::event::KeyCode;

fn under_cursor(model: &Model) -> Option<(usize, String)> {
    let Some(Overlay::Views { cursor, .. }) = model.overlays.last() else {
        return None;
    };
    let view = model.views.saved.get(*cursor)?;
    Some((*cursor, view.name.clone()))
}

/// Opens the view under the cursor, in place of the list.
pub(in crate::app) fn choose(model: &mut Model) {
    let Some((_, name)) = under_cursor(model) else {
        return;
    };
    model.overlays.pop();
    open(model, &name);
}

/// Moves the view under the cursor, and the cursor with it.
pub(in crate::app) fn move_view(model: &mut Model, down: bool) -> Vec<Effect> {
    let Some((at, _)) = under_cursor(model) else {
        return Vec::new();
    };
    let (to, effects) = shift(model, at, down);
    if let Some(Overlay::Views { cursor, .. }) = model.overlays.last_mut() {
        *cursor = to;
    }
    effects
}

/// Asks whether the view under the cursor shall go.
pub(in crate::app) fn ask(model: &mut Model) {
    let there = under_cursor(model).is_some();
    if let Some(Overlay::Views { asks, .. }) = model.overlays.last_mut() {
        *asks = there;
    }
}

/// The answer.
pub(in crate::app) fn answered(model: &mut Model, key: KeyCode) -> Vec<Effect> {
    let yes = key == KeyCode::Char('y');
    let Some((at, name)) = under_cursor(model) else {
        return Vec::new();
    };
    let no = matches!(key, KeyCode::Char('n' | 'q') | KeyCode::Esc);
    let effects = if yes {
        delete(model, &name)
    } else {
        Vec::new()
    };
    let last = model.views.saved.len().saturating_sub(1);
    if let Some(Overlay::Views { asks, cursor }) = model.overlays.last_mut()
        && (yes || no)
    {
        *asks = false;
        *cursor = at.min(last);
    }
    effects
}
