//! A plan made anew of the targets of the one that is shown: without those that the filter hides, with those that are
//! closed as something else. It is another plan, to be read and answered again.

use super::{PlanSpec, making::PlanRequest, start_build};
use crate::{
    app::overlay::{Overlay, update::OverlayUpdate},
    table::RowId,
};

/// The plan without the targets that the filter hides: a new plan, drawn and read anew.
pub fn drop_hidden(update: &mut OverlayUpdate<'_>) {
    let Some(old) = update.overlays.pop().and_then(Overlay::into_plan) else {
        return;
    };
    let shown = |row: &RowId| update.workspace.leaks.visible_rows.contains(*row);
    let rows: Vec<_> = old.target_rows.iter().filter(shown).collect();
    let asked = PlanRequest {
        spec: PlanSpec {
            command: old.plan.command,
            wanted: old.plan.wanted,
            include_closed: old.include_closed,
        },
        target_label: format!(
            "{} of {} that the filter shows",
            rows.len(),
            old.target_label
        ),
        // They say why, whatever it is about.
        justification: old.justification,
    };
    start_build(update, asked, rows);
}

/// The plan with the targets that are closed as something else, or without them again: a new plan, drawn and read anew.
pub fn toggle_closed(update: &mut OverlayUpdate<'_>) {
    let Some(old) = update.overlays.pop().and_then(Overlay::into_plan) else {
        return;
    };
    let asked = PlanRequest {
        spec: PlanSpec {
            command: old.plan.command,
            wanted: old.plan.wanted,
            include_closed: !old.include_closed,
        },
        target_label: old.target_label,
        justification: old.justification,
    };
    start_build(update, asked, old.target_rows.iter().collect());
}
