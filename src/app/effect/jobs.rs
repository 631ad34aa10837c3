//! What jobs need.

use super::{Failure, Request};
use crate::{
    app::message::Message,
    entity::{
        job::{Change, JobCommand, JobState, NewJob, PauseReason},
        key::{JobId, ProfileName},
        status::Status,
    },
};
use std::time::Duration;

/// What jobs need.
#[derive(Clone, Debug, PartialEq)]
pub enum JobEffect {
    /// Commit a confirmed plan.
    RecordJob(Box<NewJob>),
    /// Commit the intent, send one chunk, commit the answer.
    SendChunk {
        /// Of which job.
        job: JobId,
        /// To whom.
        profile: ProfileName,
        /// The changes, as they stand.
        changes: Vec<Change>,
        /// The status to set.
        wanted: Status,
    },
    /// Wait, read changes back, commit what was read.
    ReadBack {
        /// Of which job.
        job: JobId,
        /// From whom.
        profile: ProfileName,
        /// The changes, as they stand.
        changes: Vec<Change>,
        /// The status that was set.
        wanted: Status,
        /// How long to wait first.
        delay: Duration,
        /// No later reading follows: what cannot be read is unverifiable.
        is_last_read: bool,
        /// The window of every one of them is over then: what still reads as before was not applied.
        window_over: bool,
        /// The confirmation is young enough to send what reads as before once more.
        confirmation_valid: bool,
    },
    /// Read changes that were not sent yet, commit what somebody else has changed since.
    CheckBeforeSend {
        /// Of which job.
        job: JobId,
        /// From whom.
        profile: ProfileName,
        /// The changes, as they stand.
        changes: Vec<Change>,
        /// What most of them should read as.
        expected: Status,
    },
    /// Commit that changes which were not sent will not be.
    CancelChanges {
        /// Of which job.
        job: JobId,
        /// Which.
        indexes: Vec<u32>,
    },
    /// Take up a job that this console does not run: commit that what was under way is unknown, and read it.
    ResumeJob(JobId),
    /// Make this console the holder of a job of a team, whoever runs it, and take it up.
    TakeJob(JobId),
    /// Read a job and how its leaks stand now, for a retry, an undo or a redo of it.
    LoadFollowUpTargets {
        /// Which job.
        job: JobId,
        /// Which of the three.
        command: JobCommand,
    },
    /// Wait, for a job.
    StartJobTimer {
        /// Which.
        job: JobId,
        /// How long.
        wait: Duration,
    },
    /// Commit a job's state.
    RecordJobState {
        /// Which job.
        job: JobId,
        /// Which state.
        state: JobState,
        /// Why it waits, and until when if that is known.
        paused: Option<(PauseReason, Option<jiff::Timestamp>)>,
    },
    /// Ask the console that runs a job to pause it.
    AskPause(JobId),
    /// Read all jobs.
    LoadJobs,
    /// Read one job with its changes.
    LoadJob(JobId),
    /// Read which leaks are in a job that has not ended.
    LoadActiveLeaks,
}

impl Request for JobEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        let indexes = |changes: &[Change]| changes.iter().map(|change| change.index).collect();
        match self {
            Self::RecordJob(job) => Message::JobRecorded {
                job: Box::new((*job).into()),
                result: Err(failure.to_journal_error()),
            },
            Self::SendChunk { job, changes, .. } => Message::ChunkAnswered {
                job,
                indexes: indexes(&changes),
                result: Err(failure.to_journal_error()),
            },
            Self::ReadBack { job, changes, .. } => Message::ReadBackRecorded {
                job,
                indexes: indexes(&changes),
                window_over: false,
                result: Err(failure.to_journal_error()),
            },
            Self::CheckBeforeSend { job, profile, .. } => Message::PrecheckRecorded {
                job,
                profile,
                result: Err(failure.to_journal_error()),
            },
            Self::CancelChanges { job, indexes } => Message::ChangesCancelled {
                job,
                indexes,
                result: Err(failure.to_journal_error()),
            },
            Self::ResumeJob(job) | Self::TakeJob(job) => Message::JobResumed {
                job,
                result: Err(failure.to_journal_error()),
            },
            Self::LoadFollowUpTargets { job, command } => Message::FollowUpTargetsLoaded {
                job,
                command,
                result: Err(failure.to_journal_error().into()),
            },
            Self::StartJobTimer { job, .. } => Message::JobTimerFired(job),
            Self::RecordJobState { job, state, paused } => Message::JobStateRecorded {
                job,
                state,
                paused: paused.map(|(why, _)| why),
                result: Err(failure.to_journal_error()),
                audit_result: Ok(()),
            },
            Self::AskPause(job) => Message::PauseAsked {
                job,
                result: Err(failure.to_journal_error()),
            },
            Self::LoadJobs => Message::JobsLoaded(Err(failure.to_journal_error())),
            Self::LoadJob(_) => Message::JobLoaded(Err(failure.to_journal_error())),
            Self::LoadActiveLeaks => Message::ActiveLeaksLoaded(Err(failure.to_journal_error())),
        }
    }
}
