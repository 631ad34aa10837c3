//! Types of a bulk action. A [`Plan`] is what would happen. A [`Job`] is a confirmed plan that the journal holds. A
//! [`Change`] is one change to one leak; only [`transition`](super::transition) changes its state. An [`ChangeOutcome`] is what
//! the operator sees of that state.

mod change;
mod outcome;
mod plan;
mod step;

pub use change::{Change, ChangeUpdate, initial_state};
pub use outcome::{ChangeOutcome, ChangeState, OutcomeCounts};
pub use plan::{
    InexactMapping, Plan, PlanHashInput, PlanHasher, PlannedChange, ProfileShare, SkipCode,
    Skipped, StorageTarget, plan_hash,
};
pub use step::{NextAction, Step, StoredState};

use super::{key::JobId, profile::ProfileBinding, status::Status, team::Holding};
use serde::Serialize;

/// The command that asked for the changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::EnumString, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum JobCommand {
    /// Set fixed.
    Fix,
    /// Set open, or new where the provider has no open.
    Reopen,
    /// Set any of the four.
    Set,
    /// Repeats the failed changes of a job.
    Retry,
    /// Sets the leaks of a job back to their status before it.
    Undo,
    /// Repeats a job that was undone.
    Redo,
}

impl JobCommand {
    /// Returns true if the command takes another job back. Every change of that job counts then, also one that cannot be
    /// taken back.
    pub fn is_revert(self) -> bool {
        matches!(self, Self::Undo | Self::Redo)
    }
}

/// Returns true if a job takes another one back, and its plan could not include every change of that job.
pub fn is_incomplete_revert(command: JobCommand, changes: &[Change]) -> bool {
    command.is_revert() && changes.iter().any(Change::is_incomplete_skip)
}

/// The reason why a job is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::EnumString, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum PauseReason {
    /// Rate limited.
    Rate,
    /// The key was refused.
    Auth,
    /// The provider cannot be reached.
    Net,
    /// The disk is full.
    Disk,
    /// The journal cannot be read or written.
    Io,
    /// The confirmation is too old: the operator must confirm again.
    Confirm,
    /// The terminal went away.
    Hangup,
}

impl PauseReason {
    /// Returns the reason as a display text.
    pub fn label(self) -> &'static str {
        match self {
            Self::Rate => "rate-limited",
            Self::Auth => "key refused",
            Self::Net => "not reached",
            Self::Disk => "disk full",
            Self::Io => "journal failed",
            Self::Confirm => "asks again",
            Self::Hangup => "interrupted",
        }
    }
}

/// State of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::EnumString, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum JobState {
    /// Confirmed and recorded; nothing was sent.
    Planned,
    /// At least one chunk was sent, and the job is not paused.
    Running,
    /// Paused; the job says why.
    Paused,
    /// Every change verified, skipped or local.
    Done,
    /// Ended with at least one other outcome.
    DoneWithExceptions,
    /// Stopped by the operator.
    Cancelled,
    /// Discarded by the operator after an interruption.
    Discarded,
}

impl JobState {
    /// Returns true if the job has ended.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Done | Self::DoneWithExceptions | Self::Cancelled | Self::Discarded
        )
    }
}

/// Costs of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Timing {
    /// Time to build and record the plan, in milliseconds.
    pub plan_ms: u64,
    /// Time of all journal commits of this job, in milliseconds.
    pub journal_ms: u64,
    /// Number of write requests.
    pub writes: u64,
    /// Number of read-back requests.
    pub reads: u64,
}

/// A confirmed plan, as the journal records it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// The plan, exactly as it was shown.
    pub plan: Plan,
    /// Reason, stored with the job; `None` if none was given.
    pub reason: Option<String>,
    /// Note; `None` if none was given.
    pub note: Option<String>,
    /// Ticket number; `None` if none was given.
    pub ticket: Option<String>,
    /// Time of the confirmation.
    pub confirmed_at: jiff::Timestamp,
    /// Time to build the plan, in milliseconds.
    pub plan_ms: u64,
}

/// A job without its changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Number of the job.
    pub id: JobId,
    /// State of the job.
    pub state: JobState,
    /// Why the job is paused, and until when if that is known; `None` if it is not paused.
    pub pause: Option<(PauseReason, Option<jiff::Timestamp>)>,
    /// The command that made it.
    pub command: JobCommand,
    /// The requested status.
    pub wanted: Status,
    /// Hash of the plan.
    pub plan_hash: String,
    /// The profiles that the job was confirmed for.
    pub profiles: Vec<ProfileBinding>,
    /// Time of the confirmation.
    pub created_at: jiff::Timestamp,
    /// Time of the first intent; `None` if nothing was sent.
    pub started_at: Option<jiff::Timestamp>,
    /// Time of the end; `None` if the job has not ended.
    pub ended_at: Option<jiff::Timestamp>,
    /// Reason; `None` if none was given.
    pub reason: Option<String>,
    /// Note; `None` if none was given.
    pub note: Option<String>,
    /// Ticket number; `None` if none was given.
    pub ticket: Option<String>,
    /// The job whose failed changes this one repeats.
    pub retry_of: Option<JobId>,
    /// The job that this one takes back.
    pub undo_of: Option<JobId>,
    /// The undo that this one takes back.
    pub redo_of: Option<JobId>,
    /// The job that took this one back.
    pub undone_by: Option<JobId>,
    /// Number of changes by outcome.
    pub counts: OutcomeCounts,
    /// Costs so far.
    pub timing: Timing,
    /// Whose it is in a team; `None` in the journal of one host.
    pub holding: Option<Box<Holding>>,
}

/// A job with its changes.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRecord {
    /// The job.
    pub job: Job,
    /// The changes in the order of the plan; skipped ones last.
    pub changes: Vec<Change>,
}
