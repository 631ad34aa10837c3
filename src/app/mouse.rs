//! The mouse, where it is on: the wheel scrolls, a click focuses a pane and moves its cursor, a click on a column's title
//! sorts by it, a drag marks a range. Never more: nothing is changed, opened or applied by it.

pub(super) mod event;
mod state;

pub use state::Mouse;

use super::{
    effect::{Effect, LoopEffect},
    model::Model,
    notice::Severity,
};

/// Asks the terminal to report the mouse, or no longer.
fn set(model: &mut Model, on: bool) -> Vec<Effect> {
    model.mouse = Mouse {
        on,
        ..Mouse::default()
    };
    vec![Effect::Loop(LoopEffect::Mouse(on))]
}

/// `:mouse on` and `:mouse off`.
pub(super) fn command(model: &mut Model, word: &str) -> Option<Vec<Effect>> {
    let on = match word {
        "on" => true,
        "off" => false,
        _ => return None,
    };
    let now = model.now.since_start;
    let text = if on {
        "the mouse is on: Shift and the mouse select text"
    } else {
        "the mouse is off"
    };
    model.notices.push(Severity::Info, text, None, now);
    Some(set(model, on))
}
