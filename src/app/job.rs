//! A job on its way: recorded, sent in chunks, read back, ended. Nothing is sent that the journal does not hold, and
//! nothing is called verified that was not read back.

mod ending;
mod running;

pub use ending::on_state;
pub use running::{Chunk, JobError, RunningJob};

use ending::{end, stop, stop_for_journal};

use super::{effect::Effect, local, model::Model, notice::Severity, view};
use crate::entity::{
    answer::Answer,
    error::{JournalError, ProviderError},
    job::{Change, ChangeState, ChangeUpdate, JobState, NewJob, PauseReason, Place, SkipCode},
    key::{JobId, ProfileName},
};
use std::{collections::VecDeque, time::Duration};

/// Up to so many changes are read back one call a leak; more by pages of the list.
pub const FEW: u64 = 20;
/// A provider that asks for a longer wait than this stops the job.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// Tries of a chunk that never left, before the job pauses.
const CONNECTS: u32 = 5;

/// The plan is on disk: the first chunk goes out. Or it is not: nothing is sent.
pub fn on_recorded(
    model: &mut Model,
    new: NewJob,
    result: Result<JobId, JournalError>,
) -> Vec<Effect> {
    let now = model.now.since_start;
    let id = match result {
        Ok(id) => id,
        Err(error) => {
            model.notices.push(
                Severity::Error,
                format!("nothing was sent: {error}"),
                Some(error.hint().into()),
                now,
            );
            return vec![Effect::LoadJobs];
        }
    };
    let plan = new.plan;
    let keeps = plan.local() > 0;
    local::said_yes(model, plan.lossy.iter().cloned());
    let mut remotes = Vec::with_capacity(plan.targets());
    let mut changes: Vec<Change> = Vec::with_capacity(plan.targets());
    for planned in plan.eligible {
        let state = if planned.place == Place::Local {
            ChangeState::Local
        } else {
            ChangeState::Pending
        };
        let index = changes.len() as u32;
        if planned.place != Place::Local {
            model.live_keys.insert(planned.key.clone(), id);
        }
        remotes.push(planned.remote);
        changes.push(Change {
            index,
            key: planned.key,
            before: Some(planned.before),
            wanted: planned.wanted,
            place: planned.place,
            state,
            attempts: 0,
            code: None,
            reason: None,
        });
    }
    let mut queue = VecDeque::new();
    for share in &plan.shares {
        let of_profile = changes.iter().filter(|change| {
            change.state == ChangeState::Pending && change.key.profile == share.binding.name
        });
        let indexes: Vec<u32> = of_profile.map(|change| change.index).collect();
        for chunk in indexes.chunks(share.bulk_size.max(1) as usize) {
            queue.push_back(Chunk {
                profile: share.binding.name.clone(),
                indexes: chunk.to_vec(),
            });
        }
    }
    for skipped in plan.skipped {
        let index = changes.len() as u32;
        let (key, before, reason) = (skipped.key, skipped.before, Some(skipped.code.to_string()));
        remotes.push(before);
        changes.push(Change {
            index,
            key,
            before,
            wanted: plan.wanted,
            place: Place::Remote,
            state: if skipped.code == SkipCode::Drifted {
                ChangeState::Drifted
            } else {
                ChangeState::Skipped
            },
            attempts: 0,
            code: None,
            reason,
        });
    }
    let job = RunningJob {
        id,
        command: plan.command,
        wanted: plan.wanted,
        changes,
        remotes,
        queue,
        sending: false,
        reading: 0,
        stage: 0,
        unsent: 0,
        paused: None,
        error: None,
        ending: false,
        since: now,
    };
    // With nothing to send, recording it was the whole of it.
    let ended = job.is_settled().then(|| ending::state(&job));
    model.running.push(job);
    if let Some(state) = ended {
        return on_state(model, id, state, Ok(()));
    }
    let mut effects = go_on(model, id);
    effects.push(Effect::LoadJobs);
    if keeps {
        effects.push(local::load(model));
    }
    effects
}

/// Does the next thing of a job: one chunk at a time, then the readings, then the end. Jobs run one after the other.
pub fn go_on(model: &mut Model, id: JobId) -> Vec<Effect> {
    // An older job of the same console goes first; a stopped one does not stand in the way.
    let first = model
        .running
        .iter()
        .find(|job| job.error.is_none())
        .map(|job| job.id);
    if first != Some(id) {
        return Vec::new();
    }
    let verify: Vec<Duration> = model
        .profiles
        .first()
        .map(|state| state.profile.verify.clone())
        .unwrap_or_default();
    let per_profile: Vec<(ProfileName, Vec<Duration>)> = model
        .profiles
        .iter()
        .map(|state| {
            (
                state.profile.binding.name.clone(),
                state.profile.verify.clone(),
            )
        })
        .collect();
    let Some(job) = model.running.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    if job.sending
        || job.ending
        || job.reading > 0
        || matches!(job.paused, Some((PauseReason::Rate | PauseReason::Net, _)))
    {
        return Vec::new();
    }
    if let Some(chunk) = job.queue.pop_front() {
        job.sending = true;
        for index in &chunk.indexes {
            if let Some(change) = job.changes.get_mut(*index as usize) {
                change.state = ChangeState::Inflight;
                change.attempts += 1;
            }
        }
        let changes = job.pick(&chunk.indexes);
        let wanted = changes.first().map_or(job.wanted, |change| change.wanted);
        return vec![Effect::SendChunk {
            job: id,
            profile: chunk.profile,
            changes,
            wanted,
        }];
    }
    let open: Vec<Change> = job
        .changes
        .iter()
        .filter(|change| matches!(change.state, ChangeState::Accepted | ChangeState::Unknown))
        .cloned()
        .collect();
    if open.is_empty() {
        job.ending = true;
        return vec![end(job)];
    }
    let mut effects = Vec::new();
    for (profile, waits) in per_profile {
        let of_profile = open.iter().filter(|change| change.key.profile == profile);
        let changes = job.as_sent(of_profile.cloned());
        let Some(wanted) = changes.first().map(|change| change.wanted) else {
            continue;
        };
        let waits = if waits.is_empty() { &verify } else { &waits };
        let at = |stage: usize| waits.get(stage).copied().unwrap_or_default();
        let after = if job.stage == 0 {
            at(0)
        } else {
            at(job.stage).saturating_sub(at(job.stage - 1))
        };
        let last = job.stage + 1 >= waits.len();
        job.reading += 1;
        effects.push(Effect::ReadBack {
            job: id,
            profile,
            changes,
            wanted,
            after,
            last,
        });
    }
    if effects.is_empty() {
        job.ending = true;
        effects.push(end(job));
    }
    effects
}

/// A chunk was answered, and the answer is on disk; or the journal failed, and nothing more is sent.
pub fn on_answer(
    model: &mut Model,
    id: JobId,
    indexes: &[u32],
    result: Result<(Answer, Vec<ChangeUpdate>), JournalError>,
) -> Vec<Effect> {
    let now = model.now;
    let Some(job) = model.running.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    job.sending = false;
    let (answer, updates) = match result {
        Ok(answered) => answered,
        Err(error) => return stop_for_journal(model, id, error),
    };
    let profile = indexes
        .first()
        .and_then(|index| job.changes.get(*index as usize))
        .map(|change| change.key.profile.clone());
    let Some(profile) = profile else {
        return Vec::new();
    };
    job.apply(&updates);
    let again = |job: &mut RunningJob| {
        for index in indexes {
            if let Some(change) = job.changes.get_mut(*index as usize) {
                change.attempts = change.attempts.saturating_sub(1);
            }
        }
        job.queue.push_front(Chunk {
            profile: profile.clone(),
            indexes: indexes.to_vec(),
        });
    };
    match answer {
        Answer::Accepted | Answer::Refused { .. } | Answer::Unclear(_) => {
            job.unsent = 0;
            go_on(model, id)
        }
        Answer::RateLimited(error) => {
            again(job);
            let until = match error {
                ProviderError::RateLimited { until } => until,
                _ => now.wall + Duration::from_secs(1),
            };
            let wait = Duration::try_from(until.duration_since(now.wall))
                .unwrap_or_default()
                .max(Duration::from_secs(1));
            if wait > LONGEST_WAIT {
                let error = JobError::Provider(profile, ProviderError::RateLimited { until });
                return stop(model, id, PauseReason::Rate, error);
            }
            job.paused = Some((PauseReason::Rate, Some(until)));
            vec![
                Effect::WaitForJob { job: id, wait },
                Effect::RecordState {
                    job: id,
                    state: JobState::Paused,
                    paused: job.paused,
                },
            ]
        }
        Answer::NotSent(error) => {
            again(job);
            job.unsent += 1;
            if !matches!(error, ProviderError::Unreachable { .. }) {
                // A rule forbids it, here or there: waiting changes nothing.
                return stop(
                    model,
                    id,
                    PauseReason::Net,
                    JobError::Provider(profile, error),
                );
            }
            if job.unsent >= CONNECTS {
                return stop(
                    model,
                    id,
                    PauseReason::Net,
                    JobError::Provider(profile, error),
                );
            }
            let wait = Duration::from_millis(500) * 2_u32.pow(job.unsent);
            job.paused = Some((PauseReason::Net, Some(now.wall + wait)));
            vec![Effect::WaitForJob { job: id, wait }]
        }
        Answer::Unauthorised(error) => {
            again(job);
            stop(
                model,
                id,
                PauseReason::Auth,
                JobError::Provider(profile, error),
            )
        }
    }
}

/// A wait of a job is over.
pub fn on_waited(model: &mut Model, id: JobId) -> Vec<Effect> {
    if let Some(job) = model.running.iter_mut().find(|job| job.id == id) {
        job.paused = None;
    }
    go_on(model, id)
}

/// Changes were read back, and what was read is on disk.
pub fn on_read_back(
    model: &mut Model,
    id: JobId,
    result: Result<super::message::ReadBackResult, JournalError>,
) -> Vec<Effect> {
    let bulk_sizes: Vec<(ProfileName, usize)> = model
        .profiles
        .iter()
        .map(|state| &state.profile)
        .map(|profile| {
            let size = profile.capabilities.bulk_size.max(1) as usize;
            (profile.binding.name.clone(), size)
        })
        .collect();
    let Some(job) = model.running.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    job.reading = job.reading.saturating_sub(1);
    let updates = match result {
        Ok((_, updates)) => updates,
        Err(error) => return stop_for_journal(model, id, error),
    };
    let mut read = Vec::new();
    let mut keeps = false;
    let mut again: Vec<u32> = Vec::new();
    for (update, word) in updates {
        let Some(change) = job.changes.get_mut(update.index as usize) else {
            continue;
        };
        if let Some((status, word)) = word {
            read.push((change.key.clone(), status, word));
        }
        if update.state == ChangeState::Pending {
            again.push(update.index);
        }
        keeps |= update.state == ChangeState::Verified && change.place == Place::Both;
        job.apply(&[update]);
    }
    if let Some(profile) = again
        .first()
        .and_then(|index| job.changes.get(*index as usize))
        .map(|change| change.key.profile.clone())
    {
        let bulk_size = bulk_sizes
            .iter()
            .find(|(name, _)| *name == profile)
            .map_or(1, |(_, size)| *size);
        // Read as before after an unclear answer: it is safe to send these once more.
        for indexes in again.chunks(bulk_size) {
            job.queue.push_back(Chunk {
                profile: profile.clone(),
                indexes: indexes.to_vec(),
            });
        }
    }
    if job.reading == 0 {
        let waits = job.changes.iter().any(|change| {
            change.state == ChangeState::Accepted || change.state == ChangeState::Unknown
        });
        job.stage = if waits { job.stage + 1 } else { 0 };
    }
    for (key, status, word) in read {
        // The row shows what was read.
        if let Some(handle) = model.table.find(&key) {
            model.table.set_status(handle, status, word.as_bytes());
        }
    }
    view::refresh_soon(model, true);
    let mut effects = go_on(model, id);
    if keeps {
        effects.push(local::load(model));
    }
    effects
}

/// The jobs of the journal came.
pub fn on_jobs(model: &mut Model, result: Result<Vec<crate::entity::job::Job>, JournalError>) {
    match result {
        Ok(jobs) => {
            let height = super::layout::rows(model, super::model::Pane::Jobs);
            model
                .jobs
                .list
                .set_order(jobs.iter().map(|job| job.id).collect(), height);
            model.jobs.jobs = jobs;
            model.jobs.error = None;
        }
        Err(error) => model.jobs.error = Some(error.to_string()),
    }
}
