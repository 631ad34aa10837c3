//! One profile, or all: `:profile`. It is a chip of the drill-down, so that `Esc` goes back to all of them.

use super::{
    model::{ScopeItem, WorkspaceUpdate},
    navigate,
    notice::Severity,
    view,
};
use crate::table::{GroupId, GroupKind};

/// `:profile`, `:profile all` and `:profile NAME`.
pub(super) fn command(
    update: &mut WorkspaceUpdate<'_>,
    name: Option<&str>,
) -> Vec<super::effect::Effect> {
    let found = name.and_then(|name| {
        let mut profiles = update.data.profiles.iter();
        profiles.find(|state| state.profile.binding.name.as_str() == name)
    });
    let only = match (name, found) {
        (Some("all"), None) | (None, Some(_)) => None,
        (Some(_), Some(state)) => Some(state.slot),
        (_, None) => {
            let names: Vec<_> = update
                .data
                .profiles
                .iter()
                .map(|state| state.profile.binding.name.to_string())
                .collect();
            let text = match name {
                Some(_) => "there is no profile of that name here",
                None => "which profile?",
            };
            let hint = format!(":profile all, or one of {}", names.join(", "));
            let now = update.now.since_start;
            update.notices.push(Severity::Error, text, Some(hint), now);
            return Vec::new();
        }
    };
    let from = navigate::current_location(update.context());
    let is_profile = |chip: &ScopeItem| matches!(chip, ScopeItem::Group(GroupKind::Profile, _));
    update.workspace.scope.retain(|chip| !is_profile(chip));
    if let Some(slot) = only {
        let chip = ScopeItem::Group(GroupKind::Profile, GroupId(u32::from(slot.0)));
        update.workspace.scope.insert(0, chip);
    }
    if update.workspace.scope != from.scope {
        update.workspace.history_back.push(from);
        update.workspace.history_forward.clear();
        view::refresh(update);
        view::clamp_cursors(update);
    }
    Vec::new()
}
