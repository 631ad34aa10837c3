//! How a job ends: with its report, or stopped by something that the operator has to mend.

use super::{JobError, RunningJob, all_go_on, answered::row_of, shown};
use crate::{
    app::{
        effect::{Effect, JobEffect, LoopEffect},
        local,
        model::Model,
        notice::{Severity, counted},
        view,
    },
    entity::{
        error::JournalError,
        job::{Change, JobState, Outcome, PauseReason, leaves_behind},
        key::JobId,
    },
};

/// What becomes of lines that could not be written.
pub const NOT_TOLD: &str = "the next start that can write adds them; the journal has every outcome";

/// The state that a job ends in.
pub(super) fn state(job: &RunningJob) -> JobState {
    let counts = job.counts();
    if let Some(state) = job.gives_up {
        return state;
    }
    let clean = counts.verified + counts.local + counts.skipped == counts.sum();
    if clean && !leaves_behind(job.command, &job.changes) {
        JobState::Done
    } else {
        JobState::DoneWithExceptions
    }
}

pub(super) fn end(job: &RunningJob) -> Effect {
    Effect::Jobs(JobEffect::RecordState {
        job: job.id,
        state: state(job),
        paused: None,
    })
}

pub(super) fn stop_for_journal(model: &mut Model, id: JobId, error: JournalError) -> Vec<Effect> {
    let reason = if error == JournalError::Full {
        PauseReason::Disk
    } else {
        PauseReason::Io
    };
    stop(model, id, reason, JobError::Journal(error))
}

/// A job cannot go on: it is paused, and says why and what to do.
pub(super) fn stop(
    model: &mut Model,
    id: JobId,
    reason: PauseReason,
    error: JobError,
) -> Vec<Effect> {
    let now = model.now.since_start;
    // Who wanted to leave when all is done has to see this first.
    model.quit_asked = false;
    let journal_failed = matches!(error, JobError::Journal(_));
    // Nothing can be recorded any more, not even that it waits.
    let word = if journal_failed { "stopped" } else { "paused" };
    let (text, hint) = (format!("job {id} {word}: {error}"), error.hint());
    model
        .notices
        .push(Severity::Error, text, Some(hint.into()), now);
    if let Some(job) = model.jobs.running.iter_mut().find(|job| job.id == id) {
        job.paused = Some((reason, None));
        job.wait_until = None;
        job.error = Some(error);
    }
    model.jobs.ended.push(id);
    let mut effects = Vec::new();
    if !journal_failed {
        effects.push(Effect::Jobs(JobEffect::RecordState {
            job: id,
            state: JobState::Paused,
            paused: Some((reason, None)),
        }));
    }
    effects.extend(all_go_on(model));
    effects
}

/// The lines of a job that has ended were written to the audit log, or were not.
pub(super) fn on_told(model: &mut Model, id: JobId, told: Result<(), JournalError>) {
    if let Err(error) = told {
        let text = format!("job {id} has ended, and its lines are not in the audit log: {error}");
        let hint = Some(NOT_TOLD.to_owned());
        let now = model.now.since_start;
        model.notices.push(Severity::Error, text, hint, now);
        model.jobs.not_told.push((id, error));
    }
}

/// A job's state is on disk; when that was the end, its report is shown.
pub fn on_state(
    model: &mut Model,
    id: JobId,
    state: JobState,
    result: Result<(), JournalError>,
) -> Vec<Effect> {
    if let Err(error) = result {
        return if model.jobs.ended.contains(&id) {
            Vec::new()
        } else {
            stop_for_journal(model, id, error)
        };
    }
    if !state.is_final() {
        let mut effects = vec![Effect::Jobs(JobEffect::LoadJobs)];
        effects.extend(shown::reload(model));
        return effects;
    }
    let Some(at) = model.jobs.running.iter().position(|job| job.id == id) else {
        return Vec::new();
    };
    let mut job = model.jobs.running.remove(at);
    // As the journal did with its rows.
    job.ended();
    model.jobs.live_keys.retain(|_, of| *of != id);
    shown::ended(model, &job, state);
    model.jobs.just_ended = Some(id);
    if !model.workspace.marks.is_empty() {
        let done = |change: &&Change| {
            matches!(change.state().outcome(), Outcome::Verified | Outcome::Local)
        };
        for change in job.changes.iter().filter(done) {
            if let Some(row) = row_of(&model.data.table, &job, change) {
                model.workspace.marks.remove(row);
            }
        }
    }
    let (now, counts) = (model.now.since_start, job.counts());
    let severity = if state == JobState::Done {
        Severity::Info
    } else {
        Severity::Warning
    };
    model.notices.push(
        severity,
        format!("job {id}: {}", counted(counts)),
        None,
        now,
    );
    model.jobs.ended.push(id);
    if model.setup.headless {
        view::refresh(model);
    } else {
        view::refresh_soon(model, true);
    }
    let mut effects = vec![Effect::Jobs(JobEffect::LoadJobs)];
    if job.touches_locals() {
        effects.push(local::load(model.context()));
    }
    if !model.setup.headless {
        // A report of clean work does not cover the screen; one with exceptions must be seen.
        if state != JobState::Done {
            shown::report(model, id);
        }
        // One that another job took back says so.
        effects.extend(shown::reload(model));
        if shown::on_top(model) == Some(id) {
            // The screen says it already, and its keys are wanted now.
            model.notices.hide();
        }
        effects.extend(all_go_on(model));
        if model.quit_asked
            && state == JobState::Done
            && model.jobs.running.iter().all(|job| job.error.is_some())
        {
            effects.push(Effect::Loop(LoopEffect::Quit(0)));
        }
    }
    effects
}
