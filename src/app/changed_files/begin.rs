//! Begins to look at the files of a profile.

use crate::{
    app::{
        effect::{DataEffect, Effect},
        model::DataUpdate,
    },
    entity::capability::Ability,
};
use std::time::Duration;

/// How often.
pub(super) const EVERY: Duration = Duration::from_secs(2);

/// A profile's list was read to its end: where it is from files, it is asked what was found, and looked at from now on.
pub(in crate::app) fn on_read(update: &mut DataUpdate<'_>, at: usize) -> Option<Effect> {
    let state = &mut update.data.profiles[at];
    if update.setup.headless || !state.profile.capabilities.can(Ability::Files) {
        return None;
    }
    state.files.due = Some(update.now.since_start + EVERY);
    let profile = state.profile.binding.name.clone();
    Some(Effect::Data(DataEffect::ReadReport(profile)))
}
