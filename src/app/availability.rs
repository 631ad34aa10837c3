//! Whether an action can be done now, and if not, why: a disabled action always says why.

use super::{
    cells, evidence, follow,
    model::{Context, Model, Pane},
    overlay::Overlay,
};
use crate::{
    action::{Action, Focus, Rule, Target},
    app::{permission, targets},
    entity::capability::Ability,
};

/// Why an action cannot be done now; `Ok` if it can.
pub fn availability(model: &Model, action: Action) -> Result<(), String> {
    availability_with_overlay(model, model.overlay(), action)
}

/// The same while this lies above the panes, whatever lies above that: first where the operator is, then the rule, then
/// what there is to act on, then what is the action's own.
pub fn availability_with_overlay(
    model: &Model,
    overlay: Option<&Overlay>,
    action: Action,
) -> Result<(), String> {
    let needs = action.requirement();
    check_focus(model.context(), overlay, needs.focus)?;
    if needs.target == Target::Job {
        // Whether the rule forbids it hangs on the job.
        return check_job_action(model.context(), overlay, action);
    }
    check_rule(model.context(), needs.rule)?;
    check_target(model.context(), needs.target)?;
    check_specific(model, overlay, action)
}

/// Whether the operator is where an action can be done.
fn check_focus(
    context: Context<'_>,
    overlay: Option<&Overlay>,
    focus: Focus,
) -> Result<(), String> {
    let pane = context.workspace.focus;
    let groups = context.workspace.leaks.grouping.is_some();
    let why = match focus {
        Focus::EntityPane if pane == Pane::Jobs => {
            "a job has no leaks of its own to act on here: Enter shows its changes"
        }
        Focus::FilteredPane if pane == Pane::Jobs => "the jobs are always listed newest first",
        Focus::ColumnsPane if pane == Pane::Jobs => "the columns of the jobs are always the same",
        Focus::LeaksPane if pane != Pane::Leaks => "groups the leaks: 3",
        Focus::UngroupedLeaks if pane != Pane::Leaks => "works in the leaks pane: 3",
        Focus::UngroupedLeaks if groups => {
            "works on one leak: Enter shows those of the group, g0 shows all"
        }
        Focus::SortedLeaks if pane != Pane::Leaks || groups => {
            "a second sort key is for leaks one by one: 3, g0"
        }
        Focus::Job if overlay.is_some_and(|overlay| overlay.job().is_none()) => {
            "no job is shown here"
        }
        Focus::Plan if !overlay.is_some_and(Overlay::is_about_plan) => "no plan is open",
        // An action on a list does nothing where it has no use.
        Focus::List
        | Focus::Anywhere
        | Focus::Pane
        | Focus::EntityPane
        | Focus::FilteredPane
        | Focus::ColumnsPane
        | Focus::LeaksPane
        | Focus::UngroupedLeaks
        | Focus::SortedLeaks
        | Focus::Job
        | Focus::Plan => return Ok(()),
    };
    Err(why.to_owned())
}

/// Whether the rule of an action allows it. The rule of an action on a job hangs on that job: see [`check_job_action`].
fn check_rule(context: Context<'_>, rule: Rule) -> Result<(), String> {
    let policy = &context.setup.policy;
    let why = match rule {
        Rule::Write | Rule::JobControl => permission::refused(context),
        Rule::Journal if context.access.write_lock => {
            Some("writes are locked in this console: % unlocks them".to_owned())
        }
        Rule::Journal => permission::journal_unwritable(context),
        Rule::Reveal | Rule::CopySecret if !policy.reveal => {
            Some("the policy forbids reveals: [policy] reveal = false".to_owned())
        }
        Rule::CopySecret if !policy.copy_secrets => {
            Some("the policy forbids copying secrets: [policy] copy_secrets = false".to_owned())
        }
        Rule::None | Rule::Reveal | Rule::CopySecret => None,
    };
    why.map_or(Ok(()), Err)
}

/// Whether there is what an action acts on. That of a job is looked for by [`check_job_action`].
fn check_target(context: Context<'_>, target: Target) -> Result<(), String> {
    match target {
        Target::Leaks if !targets::has_targets(context) => {
            Err("no leak is marked or under the cursor".into())
        }
        Target::Leak if context.workspace.leaks.list.cursor().is_none() => {
            Err("no leak is under the cursor".into())
        }
        Target::None | Target::Leak | Target::Leaks | Target::Job => Ok(()),
    }
}

/// What an action needs that no other does.
fn check_specific(model: &Model, overlay: Option<&Overlay>, action: Action) -> Result<(), String> {
    match action {
        Action::Evidence => evidence::check_available(model.context(), overlay),
        Action::Reveal | Action::CopySecret => check_secret(model.context()),
        Action::ColumnLeft
        | Action::ColumnRight
        | Action::CellMark
        | Action::CellOnly
        | Action::CellWithout
        | Action::CellSort
        | Action::CellCount
        | Action::CopyCell => {
            cells::refused(model.context()).map_or(Ok(()), |why| Err(why.to_owned()))
        }
        Action::RepeatLast if model.plan.last.is_none() => Err("no change was planned yet".into()),
        Action::RemarkLast if model.workspace.last_marks.is_empty() => {
            Err("no marks were cleared yet".into())
        }
        Action::ShowMarked
            if model.workspace.marks.is_empty() && !model.workspace.leaks.marked_only =>
        {
            Err("nothing is marked".into())
        }
        Action::GroupNone if model.workspace.leaks.grouping.is_none() => {
            Err("the leaks are shown one by one already".into())
        }
        Action::HistoryBack if model.workspace.history_back.is_empty() => {
            Err("no earlier view".into())
        }
        Action::HistoryForward if model.workspace.history_forward.is_empty() => {
            Err("no later view".into())
        }
        Action::SinceLeft | Action::NewsSeen if !model.news.is_on() => {
            Err("what is seen is not kept here, so there are no news".into())
        }
        Action::NewsSeen if model.news.counts().all() == 0 => Err("there are no news".into()),
        Action::NextView | Action::PreviousView if model.views.all().next().is_none() => {
            Err("no view is saved: :view save NAME keeps what is shown".into())
        }
        Action::Views if model.views.saved.is_empty() => {
            Err("no view is saved: :view save NAME keeps what is shown".into())
        }
        _ if action.requirement().focus == Focus::Plan => check_plan_action(overlay, action),
        _ => Ok(()),
    }
}

/// Whether something can be done with the plan on top.
fn check_plan_action(overlay: Option<&Overlay>, action: Action) -> Result<(), String> {
    let Some(plan) = overlay.and_then(Overlay::plan) else {
        return match overlay {
            Some(overlay) if overlay.is_plan_build() && action == Action::PlanCancel => Ok(()),
            Some(overlay) if overlay.is_plan_build() => Err("the plan is still being made".into()),
            _ => Err("no plan is open".into()),
        };
    };
    match action {
        Action::PlanVisibleOnly if plan.plan.hidden == 0 => {
            Err("the filter hides nothing of this plan".into())
        }
        Action::PlanIncludeClosed if !plan.is_about_closed() => {
            Err("nothing of this plan is closed as something else".into())
        }
        Action::PlanAcceptLossy if !plan.needs_mapping_acceptance() => {
            Err("no status of this plan has to be accepted as another one".into())
        }
        _ => Ok(()),
    }
}

/// Whether something can be done with the job that an action is about.
fn check_job_action(
    context: Context<'_>,
    overlay: Option<&Overlay>,
    action: Action,
) -> Result<(), String> {
    let Some(id) = follow::selected_job(context, overlay, action) else {
        return Err(match action {
            Action::JobUndo => "no job has changed anything that can be undone".into(),
            Action::JobRedo => "no job was undone".into(),
            _ => "no job is under the cursor".into(),
        });
    };
    let runs = context
        .jobs
        .running
        .iter()
        .any(|job| job.id == id && job.error.is_none() && !job.paused_by_operator);
    // Whoever may not write may still stop what writes.
    let stops = action == Action::JobPause && runs;
    if !stops {
        check_rule(context, action.requirement().rule)?;
    }
    match context.workspace.jobs.jobs.iter().find(|job| job.id == id) {
        Some(job) => follow::check_available(job, action),
        None => Ok(()),
    }
}

/// Why no password can be shown or copied.
fn check_secret(context: Context<'_>) -> Result<(), String> {
    let profile = context
        .workspace
        .leaks
        .list
        .cursor()
        .and_then(|handle| context.data.profile_for_row(handle))
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
pub fn is_offered(context: Context<'_>, action: Action) -> bool {
    action != Action::CopySecret || context.setup.policy.copy_secrets
}
