//! A retry, an undo or a redo of a job: each is a job of its own, planned on what its leaks are now.

use super::{
    command::{Ask, Command},
    effect::{Effect, JobEffect},
    job,
    model::{Context, FeatureUpdate, Pane},
    notice::Severity,
    overlay::{Overlay, update::OverlayUpdate},
    plan,
};
use crate::{
    action::Action,
    app::job::targets::{FollowUpError, FollowUpTargets},
    entity::{
        job::{Change, ChangeOutcome, Job, JobCommand, JobRecord},
        key::JobId,
        number::group_digits,
    },
};

/// The changes that a retry, an undo or a redo is about.
pub fn targets(command: JobCommand, record: &JobRecord) -> Vec<Change> {
    let is_target = |outcome: ChangeOutcome| match command {
        JobCommand::Retry => matches!(
            outcome,
            ChangeOutcome::Failed | ChangeOutcome::Contradicted | ChangeOutcome::Unverifiable
        ),
        JobCommand::Undo | JobCommand::Redo => {
            matches!(outcome, ChangeOutcome::Verified | ChangeOutcome::Local)
        }
        JobCommand::Fix | JobCommand::Reopen | JobCommand::Set => false,
    };
    let targets = record
        .changes
        .iter()
        .filter(|change| is_target(change.state().outcome()));
    targets.cloned().collect()
}

/// Which of the three an action asks for.
pub fn command_for_action(action: Action) -> Option<JobCommand> {
    match action {
        Action::JobRetry => Some(JobCommand::Retry),
        Action::JobUndo => Some(JobCommand::Undo),
        Action::JobRedo => Some(JobCommand::Redo),
        _ => None,
    }
}

/// The job that an action is about: the one that is shown, the one under the cursor of the jobs, else the newest one
/// that it can be done with.
pub fn selected_job(
    context: Context<'_>,
    overlay: Option<&Overlay>,
    action: Action,
) -> Option<JobId> {
    if let Some(id) = overlay.and_then(Overlay::job) {
        return Some(id);
    }
    if context.workspace.focus == Pane::Jobs {
        return context.workspace.jobs.list.cursor();
    }
    // One step back, and one forward: an undo is not undone by the same key, nor anything twice.
    let fits = |job: &&Job| {
        let is_next = (action == Action::JobRedo) == (job.command == JobCommand::Undo);
        is_next && job.undone_by.is_none() && check_available(job, action).is_ok()
    };
    context
        .workspace
        .jobs
        .jobs
        .iter()
        .find(fits)
        .map(|job| job.id)
}

/// Whether a job leaves something for an action to do; else why not.
pub fn check_available(job: &Job, action: Action) -> Result<(), String> {
    let (id, counts) = (job.id, job.counts);
    let ended = job.state.is_final();
    match action {
        Action::JobPause | Action::JobCancel if ended => Err(format!("job {id} has ended")),
        // Of a team's job that has not ended it is the key that takes it over.
        Action::JobRetry if !ended && job.holding.is_some() => Ok(()),
        Action::JobRetry | Action::JobUndo | Action::JobRedo if !ended => {
            Err(format!("job {id} has not ended"))
        }
        Action::JobRetry if counts.failed + counts.contradicted + counts.unverifiable == 0 => {
            Err(format!("nothing of job {id} failed"))
        }
        Action::JobUndo if counts.verified + counts.local == 0 => {
            Err(format!("job {id} changed nothing"))
        }
        Action::JobRedo if job.command != JobCommand::Undo && job.undone_by.is_none() => {
            Err(format!("job {id} was not undone: there is nothing to redo"))
        }
        _ => Ok(()),
    }
}

/// Whether a job is one of a team that has not ended: the key that repeats an ended one takes it over.
pub fn takes_over(context: Context<'_>, id: JobId) -> bool {
    let job = context.workspace.jobs.jobs.iter().find(|job| job.id == id);
    job.is_some_and(|job| !job.state.is_final() && job.holding.is_some())
}

/// Asks whether a job shall be taken over.
pub(super) fn take_over(update: &mut FeatureUpdate<'_>, id: JobId) {
    if let Some(asked) = job::take_over::asked(update.context, id) {
        update.commands.push(Command::Prompt(Ask::TakeOver {
            job: id,
            about: asked.about,
            alive: asked.alive,
        }));
    } else {
        let text = format!("job {id} is this console's own: p pauses it and lets it go on");
        update.notify(Severity::Info, text, None);
    }
}

/// Asks for what a plan needs to know.
pub(super) fn load_targets(
    update: &mut FeatureUpdate<'_>,
    action: Action,
    job: JobId,
) -> Vec<Effect> {
    let Some(command) = command_for_action(action) else {
        return Vec::new();
    };
    let text = format!("reading how the leaks of job {job} stand");
    update.notify(Severity::Info, text, None);
    vec![Effect::Jobs(JobEffect::LoadFollowUpTargets {
        job,
        command,
    })]
}

/// It came: the plan is shown, or why there is none.
pub(super) fn on_targets_loaded(
    update: &mut OverlayUpdate<'_>,
    result: Result<Box<FollowUpTargets>, FollowUpError>,
) -> Vec<Effect> {
    let now = update.now;
    let planned = result
        .map_err(|error| error.to_string())
        .and_then(|survey| {
            let whose = plan::whose(&survey);
            let whose = whose.map_or_else(String::new, |role| format!(", which is {role}'s"));
            let words = format!(
                "{} of job {}{whose}",
                group_digits(survey.targets.len() as u64),
                survey.job.id
            );
            plan::build_follow_up(update.context(), &survey, now).map(|plan| (plan, words))
        });
    match planned {
        Ok((plan, words)) => {
            job::shown::close_all(update.overlays);
            plan::open_built_plan(update, plan, words, 0, None);
        }
        Err(why) => {
            let text = format!("nothing is planned: {why}");
            update
                .notices
                .push(Severity::Error, text, None, now.since_start);
        }
    }
    Vec::new()
}
