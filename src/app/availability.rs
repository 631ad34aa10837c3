//! Whether an action can be done now, and if not, why: a disabled action always says why.

use super::{
    evidence, follow, local,
    model::{Model, Pane},
    overlay::Overlay,
    plan,
};
use crate::action::Action;
use crate::entity::capability::Ability;

/// Why an action cannot be done now; `Ok` if it can.
pub fn availability(model: &Model, action: Action) -> Result<(), String> {
    under(model, model.overlay(), action)
}

/// The same while this lies above the panes, whatever lies above that.
pub fn under(model: &Model, overlay: Option<&Overlay>, action: Action) -> Result<(), String> {
    let leaks_only = || {
        if model.leaks.grouping.is_some() && model.focus == Pane::Leaks {
            Err("works on one leak: Enter shows those of the group, g0 shows all".to_owned())
        } else if model.focus == Pane::Leaks {
            Ok(())
        } else {
            Err("works in the leaks pane: 3".to_owned())
        }
    };
    let not_jobs = || {
        if model.focus == Pane::Jobs {
            Err("a job has no leaks of its own to act on here: Enter shows its changes".to_owned())
        } else {
            Ok(())
        }
    };
    match action {
        _ if local::set_by(action).is_some() => {
            not_jobs()?;
            if let Some(why) = plan::refused(model) {
                return Err(why);
            }
            if !plan::has_targets(model) {
                return Err("no leak is marked or under the cursor".into());
            }
            Ok(())
        }
        Action::JobPause
        | Action::JobCancel
        | Action::JobRetry
        | Action::JobUndo
        | Action::JobRedo => on_a_job(model, overlay, action),
        Action::Claim | Action::TakeOver => {
            not_jobs()?;
            claimable(model)
        }
        Action::Evidence => evidence::available(model, overlay),
        Action::RangeMark
        | Action::RangeUnmark
        | Action::MarkSameUser
        | Action::MarkSameDomain
        | Action::MarkSameHost
        | Action::MarkSameUrl
        | Action::MarkSameStatus
        | Action::MarkSameCountry
        | Action::CopyRow => leaks_only(),
        Action::Reveal | Action::CopySecret => {
            leaks_only()?;
            secret(model, action)
        }
        Action::ToggleMark
        | Action::MarkAll
        | Action::InvertMarks
        | Action::MarkPattern
        | Action::UnmarkPattern => not_jobs(),
        Action::Filter | Action::ClearFilter | Action::ReverseSort => {
            if model.focus == Pane::Jobs {
                Err("the jobs are always listed newest first".into())
            } else {
                Ok(())
            }
        }
        Action::RemarkLast if model.last_marks.is_empty() => {
            Err("no marks were cleared yet".into())
        }
        Action::ShowMarked if model.marks.is_empty() && !model.leaks.marked_only => {
            Err("nothing is marked".into())
        }
        _ if gathers(action) && model.focus != Pane::Leaks => Err("groups the leaks: 3".into()),
        Action::GroupNone if model.leaks.grouping.is_none() => {
            Err("the leaks are shown one by one already".into())
        }
        Action::HistoryBack if model.past.is_empty() => Err("no earlier view".into()),
        Action::HistoryForward if model.future.is_empty() => Err("no later view".into()),
        Action::PlanApply
        | Action::PlanCancel
        | Action::PlanVisibleOnly
        | Action::PlanIncludeClosed
        | Action::PlanAcceptLossy
        | Action::PlanReason
        | Action::PlanNote
        | Action::PlanTicket => of_a_plan(overlay, action),
        _ => of_views(model, action),
    }
}

/// Whether something can be done with the plan on top.
fn of_a_plan(overlay: Option<&Overlay>, action: Action) -> Result<(), String> {
    let overlay = match overlay {
        Some(Overlay::Plan(plan)) => plan,
        Some(Overlay::Planning { .. }) if action == Action::PlanCancel => return Ok(()),
        Some(Overlay::Planning { .. }) => return Err("the plan is still being made".into()),
        _ => return Err("no plan is open".into()),
    };
    match action {
        Action::PlanVisibleOnly if overlay.plan.hidden == 0 => {
            Err("the filter hides nothing of this plan".into())
        }
        Action::PlanIncludeClosed if !overlay.is_about_closed() => {
            Err("nothing of this plan is closed as something else".into())
        }
        Action::PlanAcceptLossy if !overlay.asks_about_lossy() => {
            Err("no status of this plan has to be accepted as another one".into())
        }
        _ => Ok(()),
    }
}

/// Whether something can be done with views, columns and further sort keys.
fn of_views(model: &Model, action: Action) -> Result<(), String> {
    match action {
        Action::NextView | Action::PreviousView | Action::Views if model.views.saved.is_empty() => {
            Err("no view is saved: :view save NAME keeps what is shown".into())
        }
        Action::Columns | Action::Narrower | Action::Wider if model.focus == Pane::Jobs => {
            Err("the columns of the jobs are always the same".into())
        }
        Action::ThenSeen
        | Action::ThenAdded
        | Action::ThenLogin
        | Action::ThenDomain
        | Action::ThenUrl
        | Action::ThenStatus
        | Action::ThenHost
        | Action::ThenCountry
        | Action::ThenRisk
            if model.focus != Pane::Leaks || model.leaks.grouping.is_some() =>
        {
            Err("a second sort key is for leaks one by one: 3, g0".into())
        }
        _ => Ok(()),
    }
}

/// Whether an action gathers the leaks by something.
fn gathers(action: Action) -> bool {
    matches!(
        action,
        Action::GroupUser
            | Action::GroupDomain
            | Action::GroupHost
            | Action::GroupDevice
            | Action::GroupCountry
            | Action::GroupSource
            | Action::GroupCredential
    )
}

/// Why nothing can be claimed.
fn claimable(model: &Model) -> Result<(), String> {
    if model.write_lock {
        return Err("writes are locked in this console: % unlocks them".into());
    }
    if let Some(why) = plan::journal_refuses(model) {
        return Err(why);
    }
    if !plan::has_targets(model) {
        return Err("no leak is marked or under the cursor".into());
    }
    Ok(())
}

/// Whether something can be done with the job that an action is about.
fn on_a_job(model: &Model, overlay: Option<&Overlay>, action: Action) -> Result<(), String> {
    if overlay.is_some_and(|overlay| !matches!(overlay, Overlay::Job { .. })) {
        return Err("no job is shown here".into());
    }
    let Some(id) = follow::subject(model, overlay, action) else {
        return Err(match action {
            Action::JobUndo => "no job has changed anything that can be undone".into(),
            Action::JobRedo => "no job was undone".into(),
            _ => "no job is under the cursor".into(),
        });
    };
    let runs = model
        .running
        .iter()
        .any(|job| job.id == id && job.error.is_none() && !job.held);
    // Whoever may not write may still stop what writes.
    let stops = action == Action::JobPause && runs;
    if let Some(why) = plan::refused(model).filter(|_| !stops) {
        return Err(why);
    }
    match model.jobs.jobs.iter().find(|job| job.id == id) {
        Some(job) => follow::possible(job, action),
        None => Ok(()),
    }
}

/// Why no password can be shown or copied.
fn secret(model: &Model, action: Action) -> Result<(), String> {
    if !model.setup.policy.reveal {
        return Err("the policy forbids reveals: [policy] reveal = false".into());
    }
    if action == Action::CopySecret && !model.setup.policy.copy_secrets {
        return Err("the policy forbids copying secrets: [policy] copy_secrets = false".into());
    }
    let profile = model
        .leaks
        .list
        .cursor()
        .and_then(|handle| model.profile_of(handle))
        .map(|state| &state.profile);
    match profile {
        None => Err("no leak is under the cursor".into()),
        Some(profile) if profile.insecure => Err("no password is asked for over plain http".into()),
        Some(profile) if !profile.capabilities.can(Ability::Secrets) => {
            Err(format!("{} shows no passwords", profile.provider_title))
        }
        Some(_) => Ok(()),
    }
}

/// Whether the palette and the help list an action at all: what can never be done here is not offered.
pub fn is_offered(model: &Model, action: Action) -> bool {
    action != Action::CopySecret || model.setup.policy.copy_secrets
}
