//! A bulk action: [`Plan`] (what would happen), [`Job`] (a confirmed plan, durable), [`Change`] (one change to one
//! leak, whose state [`transition`](super::transition) alone changes) and [`Outcome`] (what became of it).

mod change;
mod outcome;
mod plan;

pub use change::{Change, ChangeUpdate, Stored};
pub use outcome::{ChangeState, Counts, Outcome};
pub use plan::{
    InexactMapping, Place, Plan, PlanHashInput, PlanHasher, PlannedChange, ProfileShare, SkipCode,
    Skipped, plan_hash,
};

use super::{key::JobId, profile::ProfileBinding, status::Status};
use serde::Serialize;

/// What asked for the changes.
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
    /// Try again what failed.
    Retry,
    /// Take a job back.
    Undo,
    /// Take an undo back.
    Redo,
}

impl JobCommand {
    /// Whether it takes another job back: every change of that job counts, those that cannot be taken back too.
    pub fn takes_back(self) -> bool {
        matches!(self, Self::Undo | Self::Redo)
    }
}

/// Whether a job takes another one back and has left changes of that behind: the plan could not touch them.
pub fn leaves_behind(command: JobCommand, changes: &[Change]) -> bool {
    command.takes_back() && changes.iter().any(Change::is_left_behind)
}

/// Why a job waits.
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
    /// It has to be confirmed again.
    Confirm,
    /// The terminal went away.
    Hangup,
}

impl PauseReason {
    /// The reason as a state of the job, for a person.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Rate => "rate limited",
            Self::Auth => "key refused",
            Self::Net => "not reached",
            Self::Disk => "disk full",
            Self::Io => "journal failed",
            Self::Confirm => "asks again",
            Self::Hangup => "interrupted",
        }
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::EnumString, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum JobState {
    /// Confirmed and on disk; nothing sent.
    Planned,
    /// Under way.
    Running,
    /// Waiting.
    Paused,
    /// Every change verified, skipped or local.
    Done,
    /// Ended with something else among them.
    DoneWithExceptions,
    /// Stopped by the operator.
    Cancelled,
    /// Given up after an interruption.
    Discarded,
}

impl JobState {
    /// Whether nothing more can happen to it.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Done | Self::DoneWithExceptions | Self::Cancelled | Self::Discarded
        )
    }
}

/// What a job cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Timing {
    /// Making and recording the plan, in milliseconds.
    pub plan_ms: u64,
    /// All of the journal's commits of this job, in milliseconds.
    pub journal_ms: u64,
    /// Write requests sent.
    pub writes: u64,
    /// Read-back requests sent.
    pub reads: u64,
}

/// A plan that was confirmed, as the journal is asked to record it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// The plan, with everything that was shown.
    pub plan: Plan,
    /// Why, for whom: kept with the job.
    pub reason: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// A ticket's number.
    pub ticket: Option<String>,
    /// When it was confirmed.
    pub confirmed_at: jiff::Timestamp,
    /// How long making the plan took, in milliseconds.
    pub plan_ms: u64,
}

/// A job without its changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// Where it stands.
    pub state: JobState,
    /// Why it waits, and until when if that is known.
    pub paused: Option<(PauseReason, Option<jiff::Timestamp>)>,
    /// What asked for it.
    pub command: JobCommand,
    /// The status that was asked for.
    pub wanted: Status,
    /// The plan's hash.
    pub plan_hash: String,
    /// The profiles that it is bound to.
    pub profiles: Vec<ProfileBinding>,
    /// When it was confirmed.
    pub created_at: jiff::Timestamp,
    /// When its first intent was recorded.
    pub started_at: Option<jiff::Timestamp>,
    /// When it ended.
    pub ended_at: Option<jiff::Timestamp>,
    /// Why, for whom.
    pub reason: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// A ticket's number.
    pub ticket: Option<String>,
    /// The job whose failures this one tries again.
    pub retries: Option<JobId>,
    /// The job that this one takes back.
    pub undoes: Option<JobId>,
    /// The undo that this one takes back.
    pub redoes: Option<JobId>,
    /// The job that took this one back.
    pub undone_by: Option<JobId>,
    /// How its changes stand.
    pub counts: Counts,
    /// What it cost.
    pub timing: Timing,
}

/// A job with its changes.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRecord {
    /// The job.
    pub job: Job,
    /// Its changes, in the order of the plan, those left alone last.
    pub changes: Vec<Change>,
}
