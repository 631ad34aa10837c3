//! What the operator does with a job: holds it, lets it go on, calls off what was not sent, takes up one that an
//! earlier run left behind.

use super::{JobError, RunningJob, all_go_on, ending::state, go_on, lets_go, start};
use crate::{
    app::{
        command::{Command, Open},
        effect::{Effect, JobEffect},
        message::Resumed,
        model::{Context, JobsUpdate, JournalState},
        notice::Severity,
        permission,
    },
    entity::{
        error::{JournalError, ProviderError},
        job::{Change, Job, JobState, PauseReason},
        key::{EntityKey, JobId, ProfileName},
        local::LocalStatus,
        status::Status,
    },
};
use std::collections::{BTreeMap, HashMap};

/// `p`: holds a job that runs here; lets one go on that is held, stopped or left behind.
pub fn pause(update: &mut JobsUpdate<'_>, id: JobId) -> Vec<Effect> {
    let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) else {
        let team = update.access.team.as_ref();
        if team.is_some_and(|team| team.runs_elsewhere(id)) {
            return vec![Effect::Jobs(JobEffect::AskPause(id))];
        }
        return take_up(update, id);
    };
    match &job.error {
        Some(JobError::Confirm) => {
            update.commands.push(Command::Reconfirm(id));
            Vec::new()
        }
        // What the journal says counts: a write may have been cut in two.
        Some(_) => {
            lets_go(update, id);
            take_up(update, id)
        }
        None if job.held => {
            job.held = false;
            let mut effects = vec![recorded(id, JobState::Running)];
            effects.extend(go_on(update, id));
            effects
        }
        None => {
            job.held = true;
            let mut effects = vec![recorded(id, JobState::Paused)];
            effects.extend(all_go_on(update));
            effects
        }
    }
}

/// Holds a job that runs here, because a colleague asked for it. One that waits already is left alone.
pub(in crate::app) fn pause_asked(update: &mut JobsUpdate<'_>, id: JobId) -> Vec<Effect> {
    let runs = update
        .jobs
        .running
        .iter()
        .any(|job| job.id == id && job.error.is_none() && !job.held);
    if !runs {
        return Vec::new();
    }
    let text = format!("job {id} is paused: a colleague asked for it");
    let now = update.now.since_start;
    update.notices.push(Severity::Info, text, None, now);
    pause(update, id)
}

/// Takes up the jobs that stopped because a team's store was gone. What was under way is read first.
pub(in crate::app) fn store_is_back(update: &mut JobsUpdate<'_>) -> Vec<Effect> {
    let gone =
        |error: &JobError| matches!(error, JobError::Journal(JournalError::Unreachable { .. }));
    let stopped: Vec<JobId> = update
        .jobs
        .running
        .iter()
        .filter(|job| job.error.as_ref().is_some_and(gone))
        .map(|job| job.id)
        .collect();
    stopped
        .into_iter()
        .flat_map(|id| pause(update, id))
        .collect()
}

/// Says what became of asking a colleague's console to pause a job.
pub(in crate::app) fn on_pause_asked(
    update: &mut JobsUpdate<'_>,
    id: JobId,
    result: Result<bool, JournalError>,
) {
    let now = update.now.since_start;
    let (severity, text) = match result {
        Ok(_) => (
            Severity::Info,
            format!("the console that runs job {id} was asked to pause it"),
        ),
        Err(error) => (Severity::Error, format!("job {id}: {error}")),
    };
    update.notices.push(severity, text, None, now);
}

/// Asks the journal for a job that is to go on here.
fn take_up(update: &mut JobsUpdate<'_>, id: JobId) -> Vec<Effect> {
    update.jobs.taking_up.insert(id);
    vec![Effect::Jobs(JobEffect::ResumeJob(id))]
}

fn recorded(job: JobId, state: JobState) -> Effect {
    Effect::Jobs(JobEffect::RecordState {
        job,
        state,
        paused: None,
    })
}

/// `x`: what was not sent is called off; what is under way settles first.
pub fn cancel(update: &mut JobsUpdate<'_>, id: JobId) -> Vec<Effect> {
    give_up(update, id, JobState::Cancelled)
}

fn give_up(update: &mut JobsUpdate<'_>, id: JobId, ends_as: JobState) -> Vec<Effect> {
    let stopped = update
        .jobs
        .running
        .iter()
        .any(|job| job.id == id && job.error.is_some());
    if stopped {
        lets_go(update, id);
    }
    let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) else {
        // It is read first: what was under way must be known before it ends.
        update.jobs.giving_up.insert(id, ends_as);
        return take_up(update, id);
    };
    job.gives_up = Some(ends_as);
    job.held = false;
    job.paused = None;
    job.wait_until = None;
    go_on(update, id)
}

/// At the start, jobs that an earlier run left are asked about, once.
pub(in crate::app) fn ask_about_unfinished(update: &mut JobsUpdate<'_>) {
    let asks = !update.setup.headless && update.access.journal == JournalState::Writer;
    if update.jobs.asked_to_resume || !asks {
        return;
    }
    update.jobs.asked_to_resume = true;
    let mut jobs: Vec<JobId> = update
        .workspace
        .jobs
        .jobs
        .iter()
        .filter(|job| !job.state.is_final())
        .map(|job| job.id)
        .filter(|id| update.jobs.running.iter().all(|job| job.id != *id))
        // A colleague's job, and one that runs elsewhere, is nobody's to ask about.
        .filter(|id| {
            let team = update.access.team.as_ref();
            team.is_none_or(|team| team.is_left_behind(*id))
        })
        .collect();
    jobs.sort_unstable();
    if !jobs.is_empty() {
        update.commands.push(Command::Open(Open::Resume(jobs)));
    }
}

/// The jobs that were asked about are taken up, the oldest first.
pub fn settle_unfinished(
    update: &mut JobsUpdate<'_>,
    jobs: &[JobId],
    discard: bool,
) -> Vec<Effect> {
    if let Some(why) = permission::refused(update.context()) {
        let now = update.now.since_start;
        update.notices.push(Severity::Error, why, None, now);
        return Vec::new();
    }
    jobs.iter()
        .flat_map(|id| {
            if discard {
                give_up(update, *id, JobState::Discarded)
            } else {
                take_up(update, *id)
            }
        })
        .collect()
}

/// The jobs that were asked about stay as they are.
pub fn leave_unfinished(update: &mut JobsUpdate<'_>) {
    let text = "the unfinished jobs stay: p in the jobs resumes one";
    let now = update.now.since_start;
    update.notices.push(Severity::Info, text, None, now);
}

/// A job was taken up: what was under way is read, what was not sent is looked over, then it goes on.
pub fn on_resumed(
    update: &mut JobsUpdate<'_>,
    id: JobId,
    result: Result<Box<Resumed>, JournalError>,
) -> Vec<Effect> {
    let now = update.now.since_start;
    let gives_up = update.jobs.giving_up.remove(&id);
    update.jobs.taking_up.remove(&id);
    let Resumed {
        record,
        ages,
        locals,
    } = match result {
        Ok(resumed) => *resumed,
        Err(error) => {
            let text = format!("job {id} cannot be taken up: {error}");
            let hint = Some(error.hint().into());
            update.notices.push(Severity::Error, text, hint, now);
            update.jobs.not_resumed.push((id, JobError::Journal(error)));
            return vec![Effect::Jobs(JobEffect::LoadJobs)];
        }
    };
    if record.job.state.is_final() || update.jobs.running.iter().any(|job| job.id == id) {
        update.commands.push(Command::ReloadOpenJobs);
        return vec![Effect::Jobs(JobEffect::LoadJobs)];
    }
    let forbidden = || {
        unbound(update.context(), &record.job).or_else(|| unreasoned(update.context(), &record.job))
    };
    if let Some((profile, why)) = forbidden().filter(|_| gives_up.is_none()) {
        let error = ProviderError::Policy { why };
        let text = format!("job {id} cannot be taken up: {error}");
        let hint = "stanch jobs discard cancels what was not sent";
        update
            .notices
            .push(Severity::Error, text, Some(hint.into()), now);
        update
            .jobs
            .not_resumed
            .push((id, JobError::Provider(profile, error)));
        return vec![
            recorded_paused(id, PauseReason::Confirm),
            Effect::Jobs(JobEffect::LoadJobs),
        ];
    }
    let locals: HashMap<EntityKey, LocalStatus> = locals.into_iter().collect();
    let sizes: BTreeMap<ProfileName, usize> = update
        .data
        .profiles
        .iter()
        .map(|state| &state.profile)
        .map(|profile| {
            let size = profile.capabilities.bulk_size.max(1) as usize;
            (profile.binding.name.clone(), size)
        })
        .collect();
    let before = |change: &Change| said_before(change, locals.get(&change.key));
    let mut job = RunningJob::again(record, before, &sizes, now);
    job.gives_up = gives_up;
    job.were_found(&ages, now);
    if job.is_settled() {
        // It was left between its last reading and its end.
        let effect = Effect::Jobs(JobEffect::RecordState {
            job: id,
            state: state(&job),
            paused: None,
        });
        job.ending = true;
        update.jobs.running.push(job);
        return vec![effect];
    }
    start(update, job, false)
}

fn recorded_paused(job: JobId, why: PauseReason) -> Effect {
    Effect::Jobs(JobEffect::RecordState {
        job,
        state: JobState::Paused,
        paused: Some((why, None)),
    })
}

/// What the provider itself said of a leak before: where a status of ours was shown, what it said when that was set.
fn said_before(change: &Change, local: Option<&LocalStatus>) -> Option<Status> {
    local
        .filter(|local| Some(local.status) == change.before)
        .and_then(|local| local.remote_then)
        .or(change.before)
}

/// A profile of a job that is not the account any more that the job was confirmed for, or that may not be changed.
fn unbound(context: Context<'_>, job: &Job) -> Option<(ProfileName, String)> {
    job.profiles.iter().find_map(|binding| {
        let why = match permission::bound(context, binding) {
            Err(why) => Some(why),
            Ok(()) => context
                .data
                .profile(&binding.name)
                .filter(|state| state.profile.read_only)
                .map(|_| "the profile is read-only".to_owned()),
        };
        why.map(|why| (binding.name.clone(), why))
    })
}

/// A job without a reason, where the policy wants one by now.
fn unreasoned(context: Context<'_>, job: &Job) -> Option<(ProfileName, String)> {
    let lacks = context.setup.policy.require_reason && job.reason.is_none();
    let binding = job.profiles.first().filter(|_| lacks)?;
    let why = "the policy wants a reason with every change, and it was made without one";
    Some((binding.name.clone(), why.to_owned()))
}

/// The operator has said yes again: everything is read once more, then the job goes on.
pub fn confirmed_again(update: &mut JobsUpdate<'_>, id: JobId) -> Vec<Effect> {
    let wall = update.now.wall;
    update.jobs.ended.retain(|ended| *ended != id);
    if let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) {
        job.confirmed_at = wall;
        job.error = None;
        job.paused = None;
        job.looks = true;
        job.reads_first = true;
    }
    let mut effects = vec![recorded(id, JobState::Running)];
    effects.extend(go_on(update, id));
    effects
}
