//! A plan made anew of the targets of the one that is shown: without those that the filter hides, with those that are
//! closed as something else. It is another plan, to be read and answered again.

use super::{Wish, begin, making::Asked};
use crate::{
    app::overlay::{Overlay, update::OverlayUpdate},
    table::Handle,
};

/// The plan without the targets that the filter hides: a new plan, drawn and read anew.
pub fn visible_only(update: &mut OverlayUpdate<'_>) {
    let Some(Overlay::Plan(old)) = update.overlays.pop() else {
        return;
    };
    let shown = |row: &Handle| update.workspace.leaks.shown.contains(*row);
    let rows: Vec<_> = old.of.iter().filter(shown).collect();
    let asked = Asked {
        wish: Wish {
            command: old.plan.command,
            wanted: old.plan.wanted,
            include_closed: old.include_closed,
        },
        targets: format!("{} of {} that the filter shows", rows.len(), old.targets),
        // They say why, whatever it is about.
        words: old.words,
    };
    begin(update, asked, rows);
}

/// The plan with the targets that are closed as something else, or without them again: a new plan, drawn and read anew.
pub fn include_closed(update: &mut OverlayUpdate<'_>) {
    let Some(Overlay::Plan(old)) = update.overlays.pop() else {
        return;
    };
    let asked = Asked {
        wish: Wish {
            command: old.plan.command,
            wanted: old.plan.wanted,
            include_closed: !old.include_closed,
        },
        targets: old.targets,
        words: old.words,
    };
    begin(update, asked, old.of.iter().collect());
}
