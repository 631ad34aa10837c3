//! A job on its way: recorded, read where its plan is old, sent in chunks, read back, ended. Nothing is sent that the
//! journal does not hold, and nothing is called verified that was not read back.

mod answered;
pub(super) mod control;
mod ending;
pub mod left;
mod recorded;
mod running;
pub mod shown;
pub mod take_over;
mod tally;
pub mod targets;
mod window;

pub(super) use answered::row_for_change;
pub use answered::{on_cancelled, on_chunk_answered, on_precheck, on_read_back, on_timer_fired};
pub use control::{cancel, dismiss_resume, on_reconfirmed, on_resumed, pause, resume_all};
pub(super) use control::{pause_asked, prompt_resume, store_is_back};
pub use ending::{AUDIT_MISSING, on_state_recorded};
pub use recorded::RecordedPlan;
pub use running::{Chunk, JobError, RunningJob, SentAt};
pub use window::is_window_over;

use super::{
    command::Command,
    effect::{Effect, JobEffect},
    local,
    message::{Message, Moment},
    model::{Context, JobsUpdate, Pane, WorkspaceUpdate},
    notice::Severity,
};
use crate::{
    entity::{
        error::JournalError,
        job::{Change, ChangeState, JobState, PauseReason, Plan, StorageTarget},
        key::{EntityKey, JobId, ProfileName},
        status::Status,
        transition::ChangeEvent,
    },
    table::RowId,
};
use ending::{record_end, stop};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};
use window::ReadBackTime;

/// Up to so many changes are read back one call a leak; more by pages of the list.
pub const MAX_SINGLE_READS: u64 = 20;
/// A plan whose statuses were read longer ago than this is looked over before anything of it is sent.
const MAX_FRESH_AGE: Duration = Duration::from_secs(60);
/// A confirmation counts for so long.
const CONFIRMATION_VALIDITY: Duration = Duration::from_secs(24 * 60 * 60);
/// A clock that is put right by less than this was not set back.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

/// Whether what was said then still counts now: it is not older than a day, and the clock was not set back since.
pub fn contains_profile(then: jiff::Timestamp, now: jiff::Timestamp) -> bool {
    let age = now.duration_since(then);
    age <= jiff::SignedDuration::try_from(CONFIRMATION_VALIDITY).unwrap_or_default()
        && age >= -jiff::SignedDuration::try_from(CLOCK_TOLERANCE).unwrap_or_default()
}

/// What came of what a job asked for.
pub(super) fn on_message(update: &mut JobsUpdate<'_>, message: Message) -> Vec<Effect> {
    match message {
        Message::ChunkAnswered {
            job,
            indexes,
            result,
        } => on_chunk_answered(update, job, &indexes, result),
        Message::ReadBackRecorded {
            job,
            window_over: over,
            result,
            ..
        } => on_read_back(update, job, over, result),
        Message::PrecheckRecorded {
            job,
            profile,
            result,
        } => on_precheck(update, job, profile, result),
        Message::ChangesCancelled {
            job,
            indexes,
            result,
        } => on_cancelled(update, job, &indexes, result),
        Message::JobResumed { job, result } => on_resumed(update, job, result),
        Message::JobTimerFired(job) => on_timer_fired(update, job),
        Message::PauseAsked { job, result } => {
            control::on_pause_asked(update, job, result);
            Vec::new()
        }
        Message::JobStateRecorded {
            job,
            state,
            result,
            audit_result,
            ..
        } => {
            let effects = on_state_recorded(update, job, state, result);
            ending::on_audited(update, job, audit_result);
            effects
        }
        _ => Vec::new(),
    }
}

/// The plan is on disk: the first chunk goes out. Or it is not: nothing is sent.
pub(super) fn on_recorded(
    update: &mut JobsUpdate<'_>,
    recorded: RecordedPlan,
    planned: Option<(String, Vec<RowId>)>,
    result: Result<JobId, JournalError>,
) -> Vec<Effect> {
    let now = update.now.since_start;
    let id = match result {
        Ok(id) => id,
        Err(error) => {
            update.notices.push(
                Severity::Error,
                format!("nothing was sent: {error}"),
                Some(error.hint().into()),
                now,
            );
            return vec![Effect::Jobs(JobEffect::LoadJobs)];
        }
    };
    if recorded.has_justification() {
        // Why it was made stands with its leaks at once.
        update.commands.push(Command::LoadAnnotations);
    }
    let plan = &recorded.new_job.plan;
    let keeps = plan.shares.iter().any(|share| share.local > 0);
    let mappings = plan.inexact_mappings.clone();
    update.commands.push(Command::AcceptMappings(mappings));
    let looks = !is_fresh(update.context(), plan);
    let mut job = recorded.into_job(id, now);
    let rows =
        planned.filter(|(hash, rows)| *hash == job.plan_hash && rows.len() == job.planned_count);
    job.rows = rows.map(|(_, rows)| rows).unwrap_or_default();
    job.precheck = looks;
    if update.jobs.detached {
        // Another process carries it out.
        update.jobs.finished.push(id);
        return vec![Effect::Jobs(JobEffect::LoadJobs)];
    }
    start(update, job, keeps)
}

/// Whether the statuses that a plan rests on were read a moment ago.
fn is_fresh(context: Context<'_>, plan: &Plan) -> bool {
    let young = |then: jiff::Timestamp| {
        let age = context.now.wall.duration_since(then);
        !age.is_negative() && age.unsigned_abs() <= MAX_FRESH_AGE
    };
    // What follows another job was planned on a reading of its own.
    if plan.source_job.is_some() {
        return young(plan.built_at);
    }
    plan.shares
        .iter()
        .filter(|share| share.remote > 0)
        .all(|share| {
            let read = context.data.profile(&share.binding.name);
            read.and_then(|state| state.paging.started_at)
                .is_some_and(young)
        })
}

fn start(update: &mut JobsUpdate<'_>, job: RunningJob, keeps: bool) -> Vec<Effect> {
    let id = job.id;
    update.jobs.finished.retain(|ended| *ended != id);
    if job.planned_count == 0 {
        let sent = job
            .changes
            .iter()
            .filter(|change| change.is_remote() && !change.state().is_final());
        update
            .jobs
            .active_leaks
            .extend(sent.map(|change| (change.key.clone(), id)));
    }
    // With nothing to send, recording it was the whole of it.
    let ended = job.is_finished().then(|| ending::final_state(&job));
    update.jobs.running.push(job);
    if let Some(state) = ended {
        return on_state_recorded(update, id, state, Ok(()));
    }
    let mut effects = advance(update, id);
    effects.push(Effect::Jobs(JobEffect::LoadJobs));
    if keeps {
        effects.push(local::load(update.context()));
    }
    effects
}

/// The job that has not ended and that a leak is in.
pub fn job_of(context: Context<'_>, key: &EntityKey) -> Option<JobId> {
    let running = || {
        context
            .jobs
            .running
            .iter()
            .find(|job| job.contains_leak(key))
    };
    let elsewhere = context.jobs.active_leaks.get(key).copied();
    elsewhere.or_else(|| running().map(|job| job.id))
}

/// The leaks of unfinished jobs by what the journal says, but for those that a job of this console knows itself.
fn active_leaks(context: Context<'_>, keys: Vec<(EntityKey, JobId)>) -> HashMap<EntityKey, JobId> {
    let (knows, takes_up): (Vec<_>, Vec<_>) = context
        .jobs
        .running
        .iter()
        .partition(|job| job.planned_count > 0);
    let running = takes_up.into_iter().flat_map(|job| {
        // What is kept here was settled when the job was recorded.
        let open = job.changes.iter().filter(|change| change.is_remote());
        open.map(|change| (change.key.clone(), job.id))
    });
    keys.into_iter()
        .filter(|(_, id)| knows.iter().all(|job| job.id != *id))
        .chain(running)
        .collect()
}

/// The leaks of unfinished jobs were read, or were not.
pub(super) fn on_live_keys(
    update: &mut JobsUpdate<'_>,
    result: Result<Vec<(EntityKey, JobId)>, JournalError>,
) {
    match result {
        Ok(keys) => update.jobs.active_leaks = active_leaks(update.context(), keys),
        Err(error) => {
            let now = update.now.since_start;
            let failed = "unfinished jobs cannot be read";
            update.notices.report(Err(error.to_string()), failed, now);
        }
    }
}

/// The leaks of a job that has not ended and that this console does not run any more.
pub(super) fn stop_tracking(update: &mut JobsUpdate<'_>, id: JobId) {
    let Some(at) = update.jobs.running.iter().position(|job| job.id == id) else {
        return;
    };
    let job = update.jobs.running.remove(at);
    let planned = job.changes.into_iter().take(job.planned_count);
    let sent = planned.filter(|change| change.storage_target != StorageTarget::Local);
    update
        .jobs
        .active_leaks
        .extend(sent.map(|change| (change.key, id)));
}

/// The older job of this console that is under way and has a profile in common with this one: jobs run one after the
/// other at each account. One that is stopped or held does not stand in the way.
fn earlier_job(context: Context<'_>, id: JobId) -> Option<JobId> {
    let job = context.jobs.running.iter().find(|job| job.id == id)?;
    let earlier = context
        .jobs
        .running
        .iter()
        .take_while(|other| other.id != id);
    earlier
        .filter(|other| other.error.is_none() && !other.paused_by_operator)
        .find(|other| {
            let mut theirs = other.open_profiles();
            theirs.any(|name| job.open_profiles().any(|ours| ours == name))
        })
        .map(|other| other.id)
}

/// Lets every job go on that can.
pub(super) fn advance_all(update: &mut JobsUpdate<'_>) -> Vec<Effect> {
    let ids: Vec<_> = update.jobs.running.iter().map(|job| job.id).collect();
    ids.into_iter().flat_map(|id| advance(update, id)).collect()
}

/// Does the next thing of a job: what is unknown is read, what waits is looked over where its plan is old, then one
/// chunk at a time, then the readings, then the end.
pub fn advance(update: &mut JobsUpdate<'_>, id: JobId) -> Vec<Effect> {
    if earlier_job(update.context(), id).is_some() {
        return Vec::new();
    }
    let now = update.now;
    let windows: BTreeMap<ProfileName, Vec<Duration>> = update
        .data
        .profiles
        .iter()
        .map(|state| &state.profile)
        .map(|profile| (profile.binding.name.clone(), profile.verify.clone()))
        .collect();
    let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    let busy = job.sending || job.ending || job.pending_reads > 0;
    if busy || job.paused_by_operator || job.error.is_some() || job.paused.is_some() {
        return Vec::new();
    }
    if job.discard_as.is_some() {
        // What was sent before and waits again may have been applied: it is read before it is called off.
        let sent = job.changes.iter().filter(|change| change.was_sent_before());
        let sent: Vec<u32> = sent.map(|change| change.index).collect();
        if job.precheck_on_discard && !sent.is_empty() {
            job.precheck_on_discard = false;
            return send_precheck(job, &sent);
        }
        job.queue.clear();
        let indexes = job.indexes_in_state(ChangeState::Pending);
        if !indexes.is_empty() {
            job.sending = true;
            return vec![Effect::Jobs(JobEffect::CancelChanges { job: id, indexes })];
        }
    }
    if job.verify_first {
        if job.has_any(|state| state == ChangeState::Unknown) {
            return read_back(job, &windows, now);
        }
        job.verify_first = false;
    }
    if job.precheck && !job.queue.is_empty() {
        let waits: Vec<u32> = job
            .queue
            .iter()
            .flat_map(|chunk| chunk.indexes.iter().copied())
            .collect();
        return send_precheck(job, &waits);
    }
    if !job.queue.is_empty() && !contains_profile(job.confirmed_at, now.wall) {
        return stop(update, id, PauseReason::Confirm, JobError::Confirm);
    }
    if let Some(chunk) = job.queue.pop_front() {
        return send(job, chunk);
    }
    if job.has_any(needs_read_back) {
        return read_back(job, &windows, now);
    }
    job.ending = true;
    vec![record_end(job)]
}

/// What is read back.
fn needs_read_back(state: ChangeState) -> bool {
    matches!(state, ChangeState::Accepted | ChangeState::Unknown)
}

fn send(job: &mut RunningJob, chunk: Chunk) -> Vec<Effect> {
    job.sending = true;
    // What is sent now is read at every moment of its window.
    job.read_count = 0;
    for index in &chunk.indexes {
        job.update_change(*index, &ChangeEvent::Sent);
    }
    let changes = job
        .changes_at(&chunk.indexes)
        .map(|change| job.for_read_back(change));
    let changes: Vec<_> = changes.collect();
    let wanted = changes.first().map_or(job.wanted, |change| change.wanted);
    vec![Effect::Jobs(JobEffect::SendChunk {
        job: job.id,
        profile: chunk.profile,
        changes,
        wanted,
    })]
}

/// Changes by account and by a status of theirs: what one reading of lists is good for.
fn group_for_read_back(
    changes: impl Iterator<Item = Change>,
    most: usize,
    by: impl Fn(&Change) -> Status,
) -> BTreeMap<(ProfileName, Status), Vec<Change>> {
    // There are few groups, and mostly one: that has room for all of them at once.
    let mut groups: Vec<((ProfileName, Status), Vec<Change>)> = Vec::new();
    for change in changes {
        let status = by(&change);
        let known = groups
            .iter()
            .position(|((name, by), _)| *by == status && *name == change.key.profile);
        if let Some((_, group)) = known.and_then(|at| groups.get_mut(at)) {
            group.push(change);
        } else {
            let name = change.key.profile.clone();
            let room = if groups.is_empty() { most } else { 1 };
            let mut group = Vec::with_capacity(room);
            group.push(change);
            groups.push(((name, status), group));
        }
    }
    groups.into_iter().collect()
}

/// Reads back what was accepted and what is unknown.
fn read_back(
    job: &mut RunningJob,
    windows: &BTreeMap<ProfileName, Vec<Duration>>,
    now: Moment,
) -> Vec<Effect> {
    let holds = contains_profile(job.confirmed_at, now.wall) || job.discard_as.is_some();
    let counts = job.counts();
    let open = job
        .changes
        .iter()
        .filter(|change| needs_read_back(change.state()));
    let open = open.map(|change| job.for_read_back(change));
    let room = (counts.accepted + counts.unknown) as usize;
    let open = group_for_read_back(open, room, |change| change.wanted);
    let discards = job.discard_as == Some(JobState::Discarded);
    let mut effects = Vec::new();
    job.verification_end = None;
    for ((profile, wanted), changes) in open {
        let moments = windows.get(&profile).map_or(&[][..], Vec::as_slice);
        let elapsed = job.elapsed(changes.iter().map(|change| change.index), now.since_start);
        let next = if job.verify_first || discards {
            // What has arrived is known at once; whether the rest has not, only when its window is over.
            ReadBackTime {
                delay: Duration::ZERO,
                window_over: is_window_over(moments, elapsed),
            }
        } else {
            window::next_read_back(moments, job.read_count, elapsed)
        };
        if let Some(end) = moments.last().filter(|_| !discards) {
            let until = now.since_start + end.saturating_sub(elapsed);
            job.verification_end = job.verification_end.max(Some(until));
        }
        job.pending_reads += 1;
        effects.push(Effect::Jobs(JobEffect::ReadBack {
            job: job.id,
            profile,
            changes,
            wanted,
            delay: next.delay,
            is_last_read: discards || (next.window_over && !job.verify_first),
            window_over: next.window_over,
            confirmation_valid: holds,
        }));
    }
    effects
}

/// Reads what was not sent yet: somebody else may have been at it since the plan.
fn send_precheck(job: &mut RunningJob, waits: &[u32]) -> Vec<Effect> {
    let mut effects = Vec::new();
    let expected = |change: &Change| change.before.unwrap_or(Status::Unknown);
    let changes = job
        .changes_at(waits)
        .map(|change| job.for_read_back(change));
    for ((profile, expected), changes) in group_for_read_back(changes, waits.len(), expected) {
        job.pending_reads += 1;
        effects.push(Effect::Jobs(JobEffect::CheckBeforeSend {
            job: job.id,
            profile,
            changes,
            expected,
        }));
    }
    effects
}

/// The jobs of the journal came. Returns true if they could be read.
pub fn on_jobs_loaded(
    update: &mut WorkspaceUpdate<'_>,
    result: Result<Vec<crate::entity::job::Job>, JournalError>,
) -> bool {
    let mut jobs = match result {
        Ok(jobs) => jobs,
        Err(error) => {
            update.workspace.jobs.error = Some(error.to_string());
            return false;
        }
    };
    shown::preserve_final_states(update.context(), &mut jobs);
    let height = super::layout::rows(update.context(), Pane::Jobs);
    let pane = &mut update.workspace.jobs;
    let order = jobs.iter().map(|job| job.id).collect();
    pane.list.set_order(order, height);
    pane.jobs = jobs;
    pane.error = None;
    true
}
