//! What this console knows of a job that it runs.

use crate::entity::{
    error::{JournalError, ProviderError},
    job::{Change, ChangeUpdate, Counts, JobCommand, PauseReason, Place},
    key::{JobId, ProfileName},
    status::Status,
};
use std::{collections::VecDeque, time::Duration};

/// A job that this console runs.
#[derive(Clone, Debug, PartialEq)]
pub struct RunningJob {
    /// Its number.
    pub id: JobId,
    /// What asked for it.
    pub command: JobCommand,
    /// The status that was asked for.
    pub wanted: Status,
    /// Its changes, eligible ones first.
    pub changes: Vec<Change>,
    /// What the provider said of each when the plan was made: what is read back is compared with that, and not with
    /// what was kept here.
    pub remotes: Vec<Option<Status>>,
    /// Chunks that wait to be sent.
    pub queue: VecDeque<Chunk>,
    /// A chunk is being sent.
    pub sending: bool,
    /// Changes are being read back, or wait for it.
    pub reading: u32,
    /// How many readings of what was accepted there were.
    pub stage: usize,
    /// Chunks in a row that never left.
    pub unsent: u32,
    /// Why it waits.
    pub paused: Option<(PauseReason, Option<jiff::Timestamp>)>,
    /// What stopped it, if anything.
    pub error: Option<JobError>,
    /// It is being ended.
    pub ending: bool,
    /// When it was recorded, since the start.
    pub since: Duration,
}

/// What stopped a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobError {
    /// A provider.
    Provider(ProfileName, ProviderError),
    /// The journal.
    Journal(JournalError),
}

/// Changes that go out in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// To whom.
    pub profile: ProfileName,
    /// Which changes.
    pub indexes: Vec<u32>,
}

impl RunningJob {
    /// How its changes stand.
    pub fn counts(&self) -> Counts {
        self.changes
            .iter()
            .map(|change| change.state.outcome())
            .collect()
    }

    /// Whether every change has come to its end.
    pub fn is_settled(&self) -> bool {
        self.changes.iter().all(|change| change.state.is_final())
    }

    pub(super) fn apply(&mut self, updates: &[ChangeUpdate]) {
        for update in updates {
            if let Some(change) = self.changes.get_mut(update.index as usize) {
                change.state = update.state;
                change.code = update.code;
                change.reason.clone_from(&update.reason);
            }
        }
    }

    /// Changes as reading them back needs them: with what the provider itself said before.
    pub(super) fn as_sent(&self, changes: impl IntoIterator<Item = Change>) -> Vec<Change> {
        changes
            .into_iter()
            .map(|change| Change {
                before: self
                    .remotes
                    .get(change.index as usize)
                    .copied()
                    .flatten()
                    .or(change.before),
                ..change
            })
            .collect()
    }

    /// Whether it changes what we keep: by a status of our own, or by one of the provider's in its place.
    pub(super) fn touches_locals(&self) -> bool {
        self.changes
            .iter()
            .zip(&self.remotes)
            .any(|(change, remote)| change.place != Place::Remote || change.before != *remote)
    }

    pub(super) fn pick(&self, indexes: &[u32]) -> Vec<Change> {
        indexes
            .iter()
            .filter_map(|index| self.changes.get(*index as usize).cloned())
            .collect()
    }
}
