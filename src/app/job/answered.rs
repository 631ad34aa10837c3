//! What came of what a job asked for: an answer to a chunk, a reading, a look, a wait that is over.

use super::{
    JobError, RunningJob, advance, advance_all,
    ending::{record_end, stop, stop_for_journal},
    needs_read_back, window,
};
use crate::{
    app::{
        command::Command,
        effect::{Effect, JobEffect},
        local,
        message::{ChunkResult, Moment, ReadBackResult},
        model::{Context, JobsUpdate},
        notice::Severity,
    },
    entity::{
        error::{JournalError, ProviderError},
        job::{Change, ChangeState, ChangeUpdate, JobState, PauseReason, StorageTarget},
        key::{JobId, ProfileName},
        transition::{ChangeEvent, NextAction},
    },
    table::{RowId, Table},
};
use std::{collections::BTreeMap, time::Duration};

/// A provider that asks for a longer wait than this stops the job.
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);
/// So long nothing is asked after a web page, and a little more.
const RETRY_DELAY: Duration = Duration::from_secs(11);
/// Waits in a row, before the job pauses.
const MAX_READ_RETRIES: u32 = 1;
/// Tries of a chunk that never left, before the job pauses.
const MAX_CONNECT_ATTEMPTS: u32 = 5;

/// A chunk was answered, and the answer is on disk; or the journal failed, and nothing more is sent.
pub fn on_chunk_answered(
    update: &mut JobsUpdate<'_>,
    id: JobId,
    indexes: &[u32],
    result: Result<ChunkResult, JournalError>,
) -> Vec<Effect> {
    let now = update.now;
    let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    job.sending = false;
    let (updates, error) = match result {
        Ok(answered) => answered,
        Err(error) => return stop_for_journal(update, id, error),
    };
    let profile = indexes
        .first()
        .and_then(|index| job.changes.get(*index as usize))
        .map(|change| change.key.profile.clone());
    let Some(profile) = profile else {
        return Vec::new();
    };
    let next = next_action(updates.iter());
    let unsent: Vec<u32> = updates
        .iter()
        .filter(|update| update.state() == ChangeState::Pending)
        .map(|update| update.index)
        .collect();
    job.apply_updates(&updates);
    match next {
        NextAction::Continue | NextAction::Split => {
            job.unsent_attempts = 0;
            job.mark_sent(indexes, now.since_start);
            if next == NextAction::Split {
                // The rest of the job does not wait for the search for the leak at fault.
                job.split(&profile, &unsent);
            }
            advance(update, id)
        }
        NextAction::Wait(why) => {
            job.requeue(profile.clone(), &unsent);
            wait_for_chunk(update, id, why, profile, error)
        }
        NextAction::Pause(why) => {
            job.requeue(profile.clone(), &unsent);
            stop(update, id, why, provider_error(profile, why, error, now))
        }
    }
}

/// Returns the most urgent of what the steps ask the engine to do.
fn next_action<'a>(updates: impl IntoIterator<Item = &'a ChangeUpdate>) -> NextAction {
    let actions = updates.into_iter().map(|update| update.step.next());
    actions.fold(NextAction::Continue, NextAction::most_urgent)
}

/// Waits before a chunk goes out again, or stops the job where that would take too long or was tried too often.
fn wait_for_chunk(
    update: &mut JobsUpdate<'_>,
    id: JobId,
    why: PauseReason,
    profile: ProfileName,
    error: Option<ProviderError>,
) -> Vec<Effect> {
    let now = update.now;
    let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    if why == PauseReason::Rate {
        let until = match error {
            Some(ProviderError::RateLimited { until }) => until,
            _ => now.wall + Duration::from_secs(1),
        };
        let wait = Duration::try_from(until.duration_since(now.wall))
            .unwrap_or_default()
            .max(Duration::from_secs(1));
        if wait > MAX_WAIT {
            let error = JobError::Provider(profile, ProviderError::RateLimited { until });
            return stop(update, id, why, error);
        }
        let mut effects = start_wait(job, why, until, wait, now.since_start);
        effects.push(Effect::Jobs(JobEffect::RecordJobState {
            job: id,
            state: JobState::Paused,
            paused: Some((why, Some(until))),
        }));
        return effects;
    }
    job.unsent_attempts += 1;
    if job.unsent_attempts >= MAX_CONNECT_ATTEMPTS {
        return stop(update, id, why, provider_error(profile, why, error, now));
    }
    let wait = Duration::from_millis(500) * 2_u32.pow(job.unsent_attempts);
    start_wait(job, why, now.wall + wait, wait, now.since_start)
}

/// Returns what stops a job at a provider: the error, or what the reason stands for where there is none.
fn provider_error(
    profile: ProfileName,
    why: PauseReason,
    error: Option<ProviderError>,
    now: Moment,
) -> JobError {
    match error {
        Some(error) => JobError::Provider(profile, error),
        None => pause_error(profile, why, now.wall),
    }
}

fn start_wait(
    job: &mut RunningJob,
    why: PauseReason,
    until: jiff::Timestamp,
    wait: Duration,
    since_start: Duration,
) -> Vec<Effect> {
    job.paused = Some((why, Some(until)));
    job.wait_until = Some(since_start + wait);
    job.pending_timers += 1;
    vec![Effect::Jobs(JobEffect::StartJobTimer { job: job.id, wait })]
}

/// A wait of a job is over; of several the last counts.
pub fn on_timer_fired(update: &mut JobsUpdate<'_>, id: JobId) -> Vec<Effect> {
    if let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) {
        // One that belongs to an earlier try of this job ends nothing.
        let last = job.pending_timers == 1;
        job.pending_timers = job.pending_timers.saturating_sub(1);
        if last && job.error.is_none() {
            job.paused = None;
            job.wait_until = None;
        }
    }
    advance(update, id)
}

/// Changes were read back, and what was read is on disk.
pub fn on_read_back(
    update: &mut JobsUpdate<'_>,
    id: JobId,
    over: bool,
    result: Result<ReadBackResult, JournalError>,
) -> Vec<Effect> {
    let bulk_sizes = bulk_sizes(update.context());
    let now = update.now;
    let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    job.pending_reads = job.pending_reads.saturating_sub(1);
    let updates = match result {
        Ok((_, updates)) => updates,
        Err(error) => return stop_for_journal(update, id, error),
    };
    let mut read = Vec::new();
    let mut keeps = false;
    let mut again: Vec<u32> = Vec::new();
    let mut next = NextAction::Continue;
    let mut profile = None;
    for (change_update, word) in updates {
        let Some(change) = job.changes.get(change_update.index as usize) else {
            continue;
        };
        next = next.most_urgent(change_update.step.next());
        profile.get_or_insert_with(|| change.key.profile.clone());
        if let Some((status, word)) = word {
            read.extend(
                row_for_change(&update.data.table, job, change).map(|row| (row, status, word)),
            );
        }
        if change_update.state() == ChangeState::Pending {
            again.push(change_update.index);
        }
        keeps |= change_update.state() == ChangeState::Verified
            && change.storage_target == StorageTarget::Both;
        job.apply_updates(&[change_update]);
    }
    // Read as before after an unclear answer: it is safe to send these once more.
    job.enqueue(&again, &bulk_sizes);
    let mut taken_up = false;
    if job.pending_reads == 0 {
        let waits = job.has_any(needs_read_back);
        if job.verify_first {
            job.verify_first = false;
            job.read_count = 0;
            taken_up = waits && !over && job.discard_as != Some(JobState::Discarded);
        } else {
            job.read_count = if waits { job.read_count + 1 } else { 0 };
        }
    }
    let gives_up = job.discard_as.is_some();
    let discards = job.discard_as == Some(JobState::Discarded);
    let wait = if let NextAction::Wait(why) = next {
        wait_once(job, why, now)
    } else {
        job.read_retries = 0;
        None
    };
    if let Some(text) = window::pending_notice(update.context(), id).filter(|_| taken_up) {
        let now = update.now.since_start;
        update.notices.push(Severity::Info, text, None, now);
    }
    update.commands.push(Command::ShowStatuses(read));
    let mut effects = match (next, wait, profile) {
        (_, Some(wait), _) => wait,
        (NextAction::Pause(why @ PauseReason::Confirm), ..) if !gives_up => {
            stop(update, id, why, JobError::Confirm)
        }
        (
            NextAction::Continue | NextAction::Split | NextAction::Pause(PauseReason::Confirm),
            ..,
        ) => advance(update, id),
        (NextAction::Wait(_) | NextAction::Pause(_), ..) if discards => end_discarded(update, id),
        (NextAction::Wait(why) | NextAction::Pause(why), _, Some(profile)) => {
            stop(update, id, why, pause_error(profile, why, now.wall))
        }
        (NextAction::Wait(_) | NextAction::Pause(_), _, None) => advance(update, id),
    };
    if keeps {
        effects.push(local::load(update.context()));
    }
    effects
}

/// What is given up for good ends without what could not be asked.
fn end_discarded(update: &mut JobsUpdate<'_>, id: JobId) -> Vec<Effect> {
    let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    job.ending = true;
    vec![record_end(job)]
}

/// Waits once before a reading that could not be asked for is tried again; `None` if that was tried already.
fn wait_once(job: &mut RunningJob, why: PauseReason, now: Moment) -> Option<Vec<Effect>> {
    if job.read_retries >= MAX_READ_RETRIES {
        job.read_retries = 0;
        return None;
    }
    job.read_retries += 1;
    let until = now.wall + RETRY_DELAY;
    Some(start_wait(job, why, until, RETRY_DELAY, now.since_start))
}

/// Why a job waits that could not ask.
fn pause_error(profile: ProfileName, why: PauseReason, wall: jiff::Timestamp) -> JobError {
    let error = match why {
        PauseReason::Auth => ProviderError::Unauthorised { status: 401 },
        PauseReason::Rate => ProviderError::RateLimited { until: wall },
        _ => ProviderError::Unreachable {
            why: "what was sent could not be read back yet".to_owned(),
            not_sent: true,
        },
    };
    JobError::Provider(profile, error)
}

/// The row of a change, where it has one: known from its plan, or looked for.
pub(in crate::app) fn row_for_change(
    table: &Table,
    job: &RunningJob,
    change: &Change,
) -> Option<RowId> {
    let known = job.rows.get(change.index as usize).copied();
    known.or_else(|| table.find(&change.key))
}

/// What was not sent yet was read, and what others have changed is on disk.
pub fn on_precheck(
    update: &mut JobsUpdate<'_>,
    id: JobId,
    profile: ProfileName,
    result: Result<(ReadBackResult, Option<ProviderError>), JournalError>,
) -> Vec<Effect> {
    let now = update.now;
    let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    job.pending_reads = job.pending_reads.saturating_sub(1);
    let ((_, updates), unread) = match result {
        Ok(looked) => looked,
        Err(error) => return stop_for_journal(update, id, error),
    };
    let mut read = Vec::new();
    let mut keeps = false;
    let mut next = NextAction::Continue;
    for (change_update, word) in updates {
        let Some(change) = job.changes.get(change_update.index as usize) else {
            continue;
        };
        next = next.most_urgent(change_update.step.next());
        if let Some((status, word)) = word {
            read.extend(
                row_for_change(&update.data.table, job, change).map(|row| (row, status, word)),
            );
        }
        // One that was sent before and has arrived: what is kept of its leak changes with it.
        keeps |= change_update.state() == ChangeState::Verified
            && change.storage_target == StorageTarget::Both;
        job.apply_updates(&[change_update]);
    }
    let changes = &job.changes;
    for chunk in &mut job.queue {
        chunk.indexes.retain(|index| {
            let change = changes.get(*index as usize);
            change.is_some_and(|change| change.state() == ChangeState::Pending)
        });
    }
    job.queue.retain(|chunk| !chunk.indexes.is_empty());
    // What cannot be read is not sent on a guess, unless it is not to be sent at all.
    if job.discard_as.is_some() {
        next = NextAction::Continue;
    }
    if job.pending_reads == 0 && next == NextAction::Continue {
        job.precheck = false;
    }
    let wait = match next {
        NextAction::Wait(why) => wait_once(job, why, now),
        _ => None,
    };
    update.commands.push(Command::ShowStatuses(read));
    let mut effects = match (next, wait) {
        (_, Some(wait)) => wait,
        (NextAction::Wait(why) | NextAction::Pause(why), None) => {
            stop(update, id, why, provider_error(profile, why, unread, now))
        }
        (NextAction::Continue | NextAction::Split, None) => advance(update, id),
    };
    if keeps {
        effects.push(local::load(update.context()));
    }
    effects
}

/// Changes that were not sent are cancelled on disk.
pub fn on_cancelled(
    update: &mut JobsUpdate<'_>,
    id: JobId,
    indexes: &[u32],
    result: Result<(), JournalError>,
) -> Vec<Effect> {
    let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) else {
        return Vec::new();
    };
    job.sending = false;
    if let Err(error) = result {
        return stop_for_journal(update, id, error);
    }
    for index in indexes {
        job.update_change(*index, &ChangeEvent::Cancelled);
    }
    let mut effects = advance(update, id);
    effects.extend(advance_all(update));
    effects
}

fn bulk_sizes(context: Context<'_>) -> BTreeMap<ProfileName, usize> {
    let profiles = context.data.profiles.iter().map(|state| &state.profile);
    profiles
        .map(|profile| {
            let size = profile.capabilities.bulk_size.max(1) as usize;
            (profile.binding.name.clone(), size)
        })
        .collect()
}
