//! How a job ends: with its report, or stopped by something that the operator has to mend.

use super::{JobError, RunningJob, advance_all};
use crate::{
    app::{
        command::Command,
        effect::{Effect, JobEffect},
        model::JobsUpdate,
        notice::{Severity, changed},
    },
    entity::{
        error::JournalError,
        job::{JobState, PauseReason, is_incomplete_revert},
        key::JobId,
    },
};

/// What becomes of lines that could not be written.
pub const AUDIT_MISSING: &str =
    "the next start that can write adds them; the journal has every outcome";

/// The state that a job ends in.
pub(super) fn final_state(job: &RunningJob) -> JobState {
    let counts = job.counts();
    if let Some(state) = job.discard_as {
        return state;
    }
    let clean = counts.verified + counts.local + counts.skipped == counts.sum();
    if clean && !is_incomplete_revert(job.command, &job.changes) {
        JobState::Done
    } else {
        JobState::DoneWithExceptions
    }
}

pub(super) fn record_end(job: &RunningJob) -> Effect {
    Effect::Jobs(JobEffect::RecordJobState {
        job: job.id,
        state: final_state(job),
        paused: None,
    })
}

pub(super) fn stop_for_journal(
    update: &mut JobsUpdate<'_>,
    id: JobId,
    error: JournalError,
) -> Vec<Effect> {
    let reason = match &error {
        JournalError::Full => PauseReason::Disk,
        JournalError::Forbidden { .. } => PauseReason::Auth,
        JournalError::ConfirmAgain => PauseReason::Confirm,
        _ => PauseReason::Io,
    };
    stop(update, id, reason, JobError::Journal(error))
}

/// A job cannot go on: it is paused, and says why and what to do.
pub(super) fn stop(
    update: &mut JobsUpdate<'_>,
    id: JobId,
    reason: PauseReason,
    error: JobError,
) -> Vec<Effect> {
    let now = update.now.since_start;
    // Who wanted to leave when all is done has to see this first.
    update.jobs.quit_asked = false;
    let journal_failed = matches!(error, JobError::Journal(_));
    // Nothing can be recorded any more, not even that it waits.
    let word = if journal_failed { "stopped" } else { "paused" };
    let (text, hint) = (format!("job {id} {word}: {error}"), error.hint());
    update
        .notices
        .push(Severity::Error, text, Some(hint.into()), now);
    if let Some(job) = update.jobs.running.iter_mut().find(|job| job.id == id) {
        job.paused = Some((reason, None));
        job.wait_until = None;
        job.error = Some(error);
    }
    update.jobs.finished.push(id);
    let mut effects = Vec::new();
    if !journal_failed {
        effects.push(Effect::Jobs(JobEffect::RecordJobState {
            job: id,
            state: JobState::Paused,
            paused: Some((reason, None)),
        }));
    }
    effects.extend(advance_all(update));
    effects
}

/// The lines of a job that has ended were written to the audit log, or were not.
pub(super) fn on_audited(update: &mut JobsUpdate<'_>, id: JobId, told: Result<(), JournalError>) {
    if let Err(error) = told {
        let text = format!("job {id} has ended, and its lines are not in the audit log: {error}");
        let hint = Some(AUDIT_MISSING.to_owned());
        let now = update.now.since_start;
        update.notices.push(Severity::Error, text, hint, now);
        update.jobs.not_audited.push((id, error));
    }
}

/// How a job ended, in a word.
fn ending(state: JobState) -> &'static str {
    match state {
        JobState::Cancelled => "cancelled",
        JobState::Discarded => "discarded",
        // What failed is counted behind it.
        JobState::Done
        | JobState::DoneWithExceptions
        | JobState::Planned
        | JobState::Running
        | JobState::Paused => "finished",
    }
}

/// A job's state is on disk; when that was the end, its report is shown.
pub fn on_state_recorded(
    update: &mut JobsUpdate<'_>,
    id: JobId,
    state: JobState,
    result: Result<(), JournalError>,
) -> Vec<Effect> {
    if let Err(error) = result {
        return if update.jobs.finished.contains(&id) {
            Vec::new()
        } else {
            stop_for_journal(update, id, error)
        };
    }
    if !state.is_final() {
        update.commands.push(Command::ReloadOpenJobs);
        return vec![Effect::Jobs(JobEffect::LoadJobs)];
    }
    let Some(at) = update.jobs.running.iter().position(|job| job.id == id) else {
        return Vec::new();
    };
    let mut job = update.jobs.running.remove(at);
    // As the journal did with its rows.
    job.finish_changes();
    update.jobs.active_leaks.retain(|_, of| *of != id);
    update.jobs.just_finished = Some(id);
    let (now, counts) = (update.now.since_start, job.counts());
    let severity = if state == JobState::Done {
        Severity::Info
    } else {
        Severity::Warning
    };
    update.notices.push(
        severity,
        format!("job {id} {}: {}", ending(state), changed(counts)),
        None,
        now,
    );
    update.jobs.finished.push(id);
    update
        .commands
        .push(Command::JobEnded(Box::new(job), state));
    Vec::new()
}
