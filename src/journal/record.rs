//! What a write to the journal means, whichever store carries it out: which step each change takes, how the numbers of
//! its job move, and which event is recorded.
//!
//! A store loads the rows that a write is about, calls these functions, and saves what they changed, in one transaction.
//! It checks nothing of this by itself.

use super::{
    audit::AuditRecord,
    port::{ChunkAnswer, Operator},
};
use crate::entity::{
    error::JournalError,
    job::{
        self, Change, ChangeState, ChangeUpdate, Job, JobCommand, JobState, NewJob, OutcomeCounts,
        PauseReason, Plan, SkipCode, StorageTarget, Timing,
    },
    key::{EntityKey, JobId},
    status::Status,
    transition::{self, ChangeEvent},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An event of the chain.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    /// Its kind, in a stored word.
    pub(super) kind: &'static str,
    /// Its members.
    pub(super) detail: Value,
}

/// A change as a plan begins it.
pub(super) struct InitialChange<'a> {
    pub(super) key: &'a EntityKey,
    pub(super) before: Option<Status>,
    pub(super) wanted: Status,
    pub(super) storage_target: StorageTarget,
    pub(super) state: ChangeState,
    pub(super) reason: Option<SkipCode>,
}

/// Returns the error of a request that the order of writes does not allow.
pub(super) fn order_violation(why: String) -> JournalError {
    JournalError::Io { why }
}

/// Returns the changes of a plan as they begin: the eligible ones, then the skipped ones.
pub(super) fn initial_changes(plan: &Plan) -> impl Iterator<Item = InitialChange<'_>> {
    let eligible = plan.eligible.iter().map(|planned| InitialChange {
        key: &planned.key,
        before: Some(planned.before),
        wanted: planned.wanted,
        storage_target: planned.storage_target,
        state: job::initial_state(planned.storage_target, None),
        reason: None,
    });
    let skipped = plan.skipped.iter().map(|skipped| InitialChange {
        key: &skipped.key,
        before: skipped.before,
        wanted: plan.wanted,
        storage_target: StorageTarget::Remote,
        state: job::initial_state(StorageTarget::Remote, Some(skipped.code)),
        reason: Some(skipped.code),
    });
    eligible.chain(skipped)
}

/// Returns the job that a confirmed plan begins as.
pub(super) fn initial_job(new: &NewJob, id: JobId, now: Timestamp) -> Job {
    let plan = &new.plan;
    let states = || initial_changes(plan).map(|change| change.state);
    let state = initial_state(states(), plan.is_incomplete_revert());
    Job {
        id,
        state,
        pause: None,
        command: plan.command,
        wanted: plan.wanted,
        plan_hash: plan.hash.clone(),
        profiles: plan
            .shares
            .iter()
            .map(|share| share.binding.clone())
            .collect(),
        created_at: new.confirmed_at,
        started_at: None,
        ended_at: state.is_final().then_some(now),
        reason: new.reason.clone(),
        note: new.note.clone(),
        ticket: new.ticket.clone(),
        retry_of: source_job(plan, JobCommand::Retry),
        undo_of: source_job(plan, JobCommand::Undo),
        redo_of: source_job(plan, JobCommand::Redo),
        undone_by: None,
        counts: states()
            .map(ChangeState::outcome)
            .collect::<OutcomeCounts>(),
        timing: Timing {
            plan_ms: new.plan_ms,
            ..Timing::default()
        },
        holding: None,
    }
}

/// A job that no provider is asked for has ended with its recording: nothing can interrupt it.
fn initial_state(states: impl Iterator<Item = ChangeState>, leaves_behind: bool) -> JobState {
    let (mut open, mut local, mut drifted) = (false, false, false);
    for state in states {
        open |= !state.is_final();
        local |= state == ChangeState::Local;
        drifted |= state == ChangeState::Drifted;
    }
    if open || !local {
        JobState::Planned
    } else if drifted || leaves_behind {
        JobState::DoneWithExceptions
    } else {
        JobState::Done
    }
}

/// Returns the job that a plan follows with this command.
fn source_job(plan: &Plan, command: JobCommand) -> Option<JobId> {
    plan.source_job.filter(|_| plan.command == command)
}

/// Returns the job that a plan takes back: it is marked as undone by the new one.
pub(super) fn undone_job(plan: &Plan) -> Option<JobId> {
    source_job(plan, JobCommand::Undo).or_else(|| source_job(plan, JobCommand::Redo))
}

/// Returns the event of a recorded plan.
pub(super) fn recorded_event(new: &NewJob, who: &Operator) -> Event {
    let plan = &new.plan;
    Event {
        kind: "recorded",
        detail: json!({
            "plan": plan.hash, "command": plan.command, "wanted": plan.wanted, "targets": plan.targets(),
            "user": who.user, "host": who.host, "pid": who.pid,
        }),
    }
}

/// Returns the audit line of an attempt that the journal itself has refused.
pub(super) fn failed_attempt(attempt: &AuditRecord, error: &JournalError) -> AuditRecord {
    AuditRecord {
        outcome: format!("failed: {}", error.kind()),
        ..attempt.clone()
    }
}

/// Moves changes that are about to be sent, and their job with them.
///
/// # Errors
/// `Io` if the job has ended, if a change is not pending, or if one is named twice: it would count as two attempts.
pub(super) fn apply_intent<'a>(
    job: &mut Job,
    changes: impl IntoIterator<Item = &'a mut Change>,
    now: Timestamp,
) -> Result<(), JournalError> {
    check_open(job)?;
    let id = job.id;
    let mut indexes = Vec::new();
    for change in changes {
        if change.state() != ChangeState::Pending {
            return Err(order_violation(format!(
                "job {id}: change {} is {} and cannot be sent",
                change.index,
                change.state()
            )));
        }
        indexes.push(change.index);
        let sent = transition::step(change, &ChangeEvent::Sent);
        change.apply(sent);
    }
    if indexes.is_empty() {
        return Err(order_violation(format!(
            "job {id}: an intent without changes"
        )));
    }
    indexes.sort_unstable();
    if indexes.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(order_violation(format!(
            "job {id}: a change twice in one chunk"
        )));
    }
    job.state = JobState::Running;
    job.pause = None;
    job.started_at = job.started_at.or(Some(now));
    Ok(())
}

/// Returns the event of an intent.
pub(super) fn intent_event(chunk: u32, indexes: &[u32]) -> Event {
    let mut sorted = indexes.to_vec();
    sorted.sort_unstable();
    Event {
        kind: "intent",
        detail: json!({"chunk": chunk, "changes": ranges(&sorted)}),
    }
}

/// Changes by the word of the state that they came to, for the event of a write.
#[derive(Debug, Default)]
pub(super) struct IndexesByState(BTreeMap<String, Vec<u32>>);

impl IndexesByState {
    fn into_json(self) -> Value {
        let states = self.0.into_iter().map(|(state, mut indexes)| {
            indexes.sort_unstable();
            (state, Value::from(ranges(&indexes)))
        });
        states.collect()
    }
}

/// Applies the step of an update to its change, and counts it. Returns true if the change is verified by it: the local
/// status of its leak follows then.
///
/// # Errors
/// `Io` if the step was not made for the change as it is stored.
pub(super) fn apply(
    job: &mut Job,
    change: &mut Change,
    update: &ChangeUpdate,
    moved: &mut IndexesByState,
) -> Result<bool, JournalError> {
    if !change.accepts(&update.step) {
        return Err(order_violation(format!(
            "job {}: change {} is {} and cannot become {}",
            job.id,
            change.index,
            change.state(),
            update.state()
        )));
    }
    let (from, to) = (change.state(), update.state());
    job.counts.move_one(from.outcome(), to.outcome());
    change.apply(update.step.clone());
    moved
        .0
        .entry(to.to_string())
        .or_default()
        .push(update.index);
    Ok(to == ChangeState::Verified && from != ChangeState::Verified)
}

/// Returns the event of an answer.
pub(super) fn answer_event(answer: &ChunkAnswer, moved: IndexesByState) -> Event {
    Event {
        kind: "answer",
        detail: json!({
            "chunk": answer.chunk, "class": answer.class, "status": answer.status,
            "changes": moved.into_json(),
        }),
    }
}

/// Returns the event of read-backs.
pub(super) fn read_backs_event(reads: u64, moved: IndexesByState) -> Event {
    Event {
        kind: "readings",
        detail: json!({"reads": reads, "changes": moved.into_json()}),
    }
}

/// Returns the update of a change that is cancelled before it was sent.
pub(super) fn cancellation(change: &Change) -> ChangeUpdate {
    ChangeUpdate {
        index: change.index,
        step: transition::step(change, &ChangeEvent::Cancelled),
    }
}

/// What recording the state of a job leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StateChange {
    /// It had ended with that state: nothing is recorded.
    Repeated,
    /// It goes on, or waits.
    Open,
    /// It ends: every open change gets its final state, and its leaks are free.
    Ended,
}

/// Moves a job to a state.
///
/// # Errors
/// `Io` if it has ended with another state.
pub(super) fn apply_state(
    job: &mut Job,
    state: JobState,
    paused: Option<(PauseReason, Option<Timestamp>)>,
    now: Timestamp,
) -> Result<StateChange, JournalError> {
    if job.state.is_final() && state == job.state {
        return Ok(StateChange::Repeated);
    }
    check_open(job)?;
    job.state = state;
    job.pause = if state == JobState::Paused {
        paused
    } else {
        None
    };
    if !state.is_final() {
        return Ok(StateChange::Open);
    }
    job.ended_at = Some(now);
    Ok(StateChange::Ended)
}

/// Gives an open change of a job that ends its final state.
pub(super) fn end_change(job: &mut Job, change: &mut Change) {
    let ended = transition::step(change, &ChangeEvent::JobEnded);
    job.counts
        .move_one(change.state().outcome(), ended.state().outcome());
    change.apply(ended);
}

/// Returns the event of a job's state.
pub(super) fn state_event(job: &Job) -> Event {
    Event {
        kind: "state",
        detail: json!({
            "state": job.state, "paused": job.pause.map(|(why, _)| why), "counts": job.counts,
        }),
    }
}

/// Returns an error if a job has ended: nothing more is recorded for it.
pub(super) fn check_open(job: &Job) -> Result<(), JournalError> {
    if job.state.is_final() {
        return Err(order_violation(format!(
            "job {} has ended ({}); nothing more is recorded for it",
            job.id, job.state
        )));
    }
    Ok(())
}

/// Sorted numbers as `0-99,105`.
fn ranges(sorted: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for &number in sorted {
        match parts.last_mut() {
            Some((_, end)) if *end + 1 == number => *end = number,
            Some(_) | None => parts.push((number, number)),
        }
    }
    parts
        .into_iter()
        .map(|(start, end)| {
            if start == end {
                start.to_string()
            } else {
                format!("{start}-{end}")
            }
        })
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    #[test]
    fn ranges_are_short_and_exact() {
        assert_eq!(super::ranges(&[0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
        assert_eq!(super::ranges(&[]), "");
    }

    #[test]
    fn the_verified_changes_of_an_event_are_read_as_they_were_written() {
        let mut moved = super::IndexesByState::default();
        moved.0.insert("verified".to_owned(), vec![0, 1, 2, 5, 7]);
        moved.0.insert("failed".to_owned(), vec![3]);
        let now = super::Timestamp::UNIX_EPOCH;
        let event = |event: super::Event| [(now, event.detail)];
        let times = super::super::verified::times(event(super::read_backs_event(1, moved)));
        assert!(times.keys().eq(&[0, 1, 2, 5, 7]) && times.values().all(|at| *at == now));
        let none = super::super::verified::times(event(super::intent_event(1, &[1, 2])));
        assert!(none.is_empty());
    }
}
