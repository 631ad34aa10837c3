//! The leaks that a retry, an undo or a redo of a job is about, and how they stand now.

use crate::entity::{
    error::{JournalError, ProfileError},
    job::{Change, Job, JobCommand},
    local_status::LocalStatus,
    status::Status,
};

/// A job and how the leaks stand that it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowUpTargets {
    /// Retry, undo or redo.
    pub command: JobCommand,
    /// Of which job.
    pub job: Job,
    /// Its targets.
    pub targets: Vec<FollowUpTarget>,
}

/// A change of a job that ended, and how its leak stands now.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowUpTarget {
    /// The change.
    pub change: Change,
    /// What was asked for it; the provider may store the nearest that it has.
    pub requested: Status,
    /// What the provider says now.
    pub remote: RemoteState,
    /// What we keep now.
    pub local: Option<LocalStatus>,
}

/// What a provider says of a leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteState {
    /// It stores no status, and was not asked.
    NotStored,
    /// Its word means this.
    Status(Status),
    /// It has no such leak, or not for this key.
    Gone(u16),
}

/// Why there is nothing to plan on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FollowUpError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A provider could not be read.
    #[error(transparent)]
    Provider(#[from] ProfileError),
    /// The job is not one that this can be done with.
    #[error("{0}")]
    Refused(String),
}
