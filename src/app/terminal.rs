//! What the terminal says: its size, its focus, and that a frame was drawn.

use super::{
    effect::{Effect, LoopEffect},
    layout,
    model::Model,
    overlay::Overlay,
    view,
};

/// The terminal has another size.
pub(super) fn resized(model: &mut Model, columns: u16, rows: u16) -> Vec<Effect> {
    model.size = (columns, rows);
    model.workspace.reveal = None;
    // A plan that left the screen has to be read again.
    let shown = layout::is_usable(model.size);
    if let Some(plan) = model.plan_mut().filter(|_| !shown) {
        plan.drawn = None;
    }
    view::fit(&mut model.workspace_update());
    vec![Effect::Loop(LoopEffect::Redraw)]
}

/// The terminal got the focus or lost it: a password does not stay on a screen that nobody looks at.
pub(super) fn focus_changed(model: &mut Model, has: bool) -> Vec<Effect> {
    if !has {
        model.workspace.reveal = None;
    }
    Vec::new()
}

/// A frame is on the screen: what may only be answered once it was seen can be answered now.
pub(super) fn frame_drawn(model: &mut Model) -> Vec<Effect> {
    let now = model.now.since_start;
    let shown = layout::is_usable(model.size);
    if let Some(plan) = model
        .plan_mut()
        .filter(|plan| shown && plan.drawn.is_none())
    {
        plan.drawn = Some(now);
    }
    if let Some(Overlay::Resume { drawn, .. }) = model.overlays.last_mut()
        && shown
    {
        drawn.get_or_insert(now);
    }
    Vec::new()
}
