//! The mouse, where it is on: the wheel scrolls, a click focuses a pane and moves its cursor, a click on a column's title
//! sorts by it, a drag marks a range. Never more: nothing is changed, opened or applied by it.

pub(super) mod event;
mod state;

pub use state::Mouse;

use super::{
    effect::{Effect, LoopEffect},
    model::FeatureUpdate,
    notice::Severity,
};

/// `:mouse on` and `:mouse off`: asks the terminal to report the mouse, or no longer. `None` for another word.
pub(super) fn command(
    mouse: &mut Mouse,
    update: &mut FeatureUpdate<'_>,
    word: &str,
) -> Option<Effect> {
    let on = match word {
        "on" => true,
        "off" => false,
        _ => return None,
    };
    let text = if on {
        "the mouse is on: Shift and the mouse select text"
    } else {
        "the mouse is off"
    };
    update.notify(Severity::Info, text, None);
    *mouse = Mouse {
        on,
        ..Mouse::default()
    };
    Some(Effect::Loop(LoopEffect::Mouse(on)))
}
