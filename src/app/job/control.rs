//! What the operator does with a job: holds it, lets it go on, calls off what was not sent, takes up one that an
//! earlier run left behind.

use super::{
    JobError, RunningJob, advance, advance_all, ending::final_state, start, stop_tracking,
};
use crate::{
    app::{
        command::{Command, Open},
        effect::{Effect, JobEffect},
        message::ResumedJob,
        model::{Context, JobsUpdate, JournalAccess},
        notice::Severity,
        permission,
    },
    entity::{
        error::{JournalError, ProviderError},
        job::{Change, Job, JobState, PauseReason},
        key::{EntityKey, JobId, ProfileName},
        local_status::LocalStatus,
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
        return request_resume(update, id);
    };
    match &job.error {
        Some(JobError::Confirm) => {
            update.commands.push(Command::Reconfirm(id));
            Vec::new()
        }
        // What the journal says counts: a write may have been cut in two.
        Some(_) => {
            stop_tracking(update, id);
            request_resume(update, id)
        }
        None if job.paused_by_operator => {
            job.paused_by_operator = false;
            let mut effects = vec![record_state(id, JobState::Running)];
            effects.extend(advance(update, id));
            effects
        }
        None => {
            job.paused_by_operator = true;
            let mut effects = vec![record_state(id, JobState::Paused)];
            effects.extend(advance_all(update));
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
        .any(|job| job.id == id && job.error.is_none() && !job.paused_by_operator);
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
fn request_resume(update: &mut JobsUpdate<'_>, id: JobId) -> Vec<Effect> {
    update.jobs.resuming.insert(id);
    vec![Effect::Jobs(JobEffect::ResumeJob(id))]
}

fn record_state(job: JobId, state: JobState) -> Effect {
    Effect::Jobs(JobEffect::RecordJobState {
        job,
        state,
        paused: None,
    })
}

/// `x`: what was not sent is called off; what is under way settles first.
pub fn cancel(update: &mut JobsUpdate<'_>, id: JobId) -> Vec<Effect> {
    discard(update, id, JobState::Cancelled)
}

fn discard(update: &mut JobsUpdate<'_>, id: JobId, ends_as: JobState) -> Vec<Effect> {
    let stopped = update
        .jobs
        .running
        .iter()
        .any(|job| job.id == id && job.error.is_some());
    if stopped {
        stop_tracking(update, id);
    }
    let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) else {
        // It is read first: what was under way must be known before it ends.
        update.jobs.discarding.insert(id, ends_as);
        return request_resume(update, id);
    };
    job.discard_as = Some(ends_as);
    job.paused_by_operator = false;
    job.paused = None;
    job.wait_until = None;
    advance(update, id)
}

/// At the start, jobs that an earlier run left are asked about, once.
pub(in crate::app) fn prompt_resume(update: &mut JobsUpdate<'_>) {
    let asks = !update.setup.headless && update.access.journal == JournalAccess::Writer;
    if update.jobs.resume_prompted || !asks {
        return;
    }
    update.jobs.resume_prompted = true;
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
pub fn resume_all(update: &mut JobsUpdate<'_>, jobs: &[JobId], discard: bool) -> Vec<Effect> {
    if let Some(why) = permission::refused(update.context()) {
        let now = update.now.since_start;
        update.notices.push(Severity::Error, why, None, now);
        return Vec::new();
    }
    jobs.iter()
        .flat_map(|id| {
            if discard {
                self::discard(update, *id, JobState::Discarded)
            } else {
                request_resume(update, *id)
            }
        })
        .collect()
}

/// The jobs that were asked about stay as they are.
pub fn dismiss_resume(update: &mut JobsUpdate<'_>) {
    let text = "the unfinished jobs stay: p in the jobs resumes one";
    let now = update.now.since_start;
    update.notices.push(Severity::Info, text, None, now);
}

/// A job was taken up: what was under way is read, what was not sent is looked over, then it goes on.
pub fn on_resumed(
    update: &mut JobsUpdate<'_>,
    id: JobId,
    result: Result<Box<ResumedJob>, JournalError>,
) -> Vec<Effect> {
    let now = update.now.since_start;
    let gives_up = update.jobs.discarding.remove(&id);
    update.jobs.resuming.remove(&id);
    let ResumedJob {
        record,
        min_ages: ages,
        local_statuses: locals,
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
        find_unbound_profile(update.context(), &record.job)
            .or_else(|| find_missing_reason(update.context(), &record.job))
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
            record_paused(id, PauseReason::Confirm),
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
    let before = |change: &Change| remote_status_before(change, locals.get(&change.key));
    let mut job = RunningJob::resume_from(record, before, &sizes, now);
    job.discard_as = gives_up;
    job.mark_interrupted(&ages, now);
    if job.is_finished() {
        // It was left between its last reading and its end.
        let effect = Effect::Jobs(JobEffect::RecordJobState {
            job: id,
            state: final_state(&job),
            paused: None,
        });
        job.ending = true;
        update.jobs.running.push(job);
        return vec![effect];
    }
    start(update, job, false)
}

fn record_paused(job: JobId, why: PauseReason) -> Effect {
    Effect::Jobs(JobEffect::RecordJobState {
        job,
        state: JobState::Paused,
        paused: Some((why, None)),
    })
}

/// What the provider itself said of a leak before: where a status of ours was shown, what it said when that was set.
fn remote_status_before(change: &Change, local: Option<&LocalStatus>) -> Option<Status> {
    local
        .filter(|local| Some(local.status) == change.before)
        .and_then(|local| local.remote_when_set)
        .or(change.before)
}

/// A profile of a job that is not the account any more that the job was confirmed for, or that may not be changed.
fn find_unbound_profile(context: Context<'_>, job: &Job) -> Option<(ProfileName, String)> {
    job.profiles.iter().find_map(|binding| {
        let why = match permission::check_same_account(context, binding) {
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
fn find_missing_reason(context: Context<'_>, job: &Job) -> Option<(ProfileName, String)> {
    let lacks = context.setup.policy.require_reason && job.reason.is_none();
    let binding = job.profiles.first().filter(|_| lacks)?;
    let why = "the policy wants a reason with every change, and it was made without one";
    Some((binding.name.clone(), why.to_owned()))
}

/// The operator has said yes again: everything is read once more, then the job goes on.
pub fn on_reconfirmed(update: &mut JobsUpdate<'_>, id: JobId) -> Vec<Effect> {
    let wall = update.now.wall;
    update.jobs.finished.retain(|ended| *ended != id);
    if let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) {
        job.confirmed_at = wall;
        job.error = None;
        job.paused = None;
        job.precheck = true;
        job.verify_first = true;
    }
    let mut effects = vec![record_state(id, JobState::Running)];
    effects.extend(advance(update, id));
    effects
}
