//! The actions that set a status on the targets.

use super::open;
use crate::{
    action::Action,
    app::{model::Context, overlay::update::OverlayUpdate},
    entity::{job::JobCommand, status::Status},
};

/// The actions that set a status on the targets, the shortest way first.
const STATUS_ACTIONS: [(Action, Status); 6] = [
    (Action::MarkFixed, Status::Fixed),
    (Action::Reopen, Status::Open),
    (Action::SetNew, Status::New),
    (Action::SetInvestigating, Status::Investigating),
    (Action::SetFixed, Status::Fixed),
    (Action::SetFalsePositive, Status::FalsePositive),
];
/// The status that an action sets on the targets, if it sets one.
pub fn status_of_action(action: Action) -> Option<Status> {
    let (_, status) = STATUS_ACTIONS
        .iter()
        .find(|(setter, _)| *setter == action)?;
    Some(*status)
}

/// Opens the plan of an action that sets a status.
pub(in crate::app) fn open_for(update: &mut OverlayUpdate<'_>, action: Action) {
    if let Some(status) = status_of_action(action) {
        open(update, JobCommand::Set, status);
    }
}

/// The key that sets a status on the targets; none where no action wants it.
pub fn key_for_status(context: Context<'_>, status: Status) -> Option<String> {
    let (action, _) = STATUS_ACTIONS.iter().find(|(_, set)| *set == status)?;
    context.keys.first(*action)
}
