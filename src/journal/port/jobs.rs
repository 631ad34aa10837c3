//! Jobs: recorded whole before anything is sent, then intent, answer and read-backs of each chunk, then the end.
//!
//! Every write about a job is one transaction: the store loads its rows, asks [`record`](super::super::record) what the
//! write means for them, and saves. `attempt` is the audit line of the operator's attempt that the write belongs to. A
//! store that holds the audit log itself commits both at once; another one keeps the order that each method states.

use super::super::audit::AuditRecord;
use crate::entity::{
    error::JournalError,
    job::{ChangeUpdate, Job, JobRecord, JobState, NewJob, PauseReason},
    key::{EntityKey, JobId},
};
use jiff::Timestamp;
use std::{collections::BTreeMap, time::Duration};

/// What the answer to a chunk proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkAnswer {
    /// Number of the chunk, as the intent returned it.
    pub chunk: u32,
    /// The class of the answer, in a word.
    pub class: &'static str,
    /// Its HTTP status; `None` if none came.
    pub status: Option<u16>,
    /// The steps of the changes in it.
    pub updates: Vec<ChangeUpdate>,
}

/// Jobs and their changes.
pub trait JobStore {
    /// Records a confirmed plan as a job, everything or nothing. Statuses that are stored locally alone are set with
    /// it, and so are the inexact mappings that were accepted; a job with nothing else in it has ended then. The audit
    /// line comes first; where the plan is refused, a second line says so.
    ///
    /// # Errors
    /// `StalePlan` if this plan was recorded before, or if one of its leaks came into another job since.
    fn record_job(
        &mut self,
        new: &NewJob,
        attempt: Option<&AuditRecord>,
    ) -> Result<JobId, JournalError>;

    /// Records that these changes are about to be sent in one request, and returns the number of that chunk.
    ///
    /// # Errors
    /// `Io` if one of them is not pending.
    fn record_intent(&mut self, job: JobId, indexes: &[u32]) -> Result<u32, JournalError>;

    /// Records what the answer to a chunk proves, then the audit line.
    ///
    /// # Errors
    /// `Io` if a step was not made for the change as it is stored, or if the chunk is not known.
    fn record_answer(
        &mut self,
        job: JobId,
        answer: &ChunkAnswer,
        attempt: Option<&AuditRecord>,
    ) -> Result<(), JournalError>;

    /// Records what reading changes showed, and how many requests it took, then the audit line. A change that is
    /// verified by it sets or removes the local status of its leak in the same transaction.
    ///
    /// # Errors
    /// `Io` if a step was not made for the change as it is stored.
    fn record_read_backs(
        &mut self,
        job: JobId,
        updates: &[ChangeUpdate],
        reads: u64,
        attempt: Option<&AuditRecord>,
    ) -> Result<(), JournalError>;

    /// Records that changes which were not sent are cancelled, then the audit line.
    ///
    /// # Errors
    /// `Io` if the job has ended.
    fn record_cancelled(
        &mut self,
        job: JobId,
        indexes: &[u32],
        attempt: Option<&AuditRecord>,
    ) -> Result<(), JournalError>;

    /// Records the state of a job; the audit line comes first. When the job ends, every open change gets its final
    /// state, and its leaks are free for other jobs.
    ///
    /// # Errors
    /// `Io` if the job has ended with another state.
    fn record_state(
        &mut self,
        job: JobId,
        state: JobState,
        paused: Option<(PauseReason, Option<Timestamp>)>,
        attempt: Option<&AuditRecord>,
    ) -> Result<(), JournalError>;

    /// Returns every job, newest first.
    ///
    /// # Errors
    /// `ReadOnly` if a row is damaged.
    fn jobs(&mut self) -> Result<Vec<Job>, JournalError>;

    /// Returns one job with its changes.
    ///
    /// # Errors
    /// `NoJob` if there is none of this number.
    fn job(&mut self, id: JobId) -> Result<JobRecord, JournalError>;

    /// Returns how long ago at least each change was sent that may still be applied. After a reboot, or where the clock
    /// was set back, that is no time at all.
    ///
    /// # Errors
    /// `ReadOnly` if a row is damaged.
    fn pending_ages(&mut self, job: JobId) -> Result<BTreeMap<u32, Duration>, JournalError>;

    /// Returns when the journal committed that changes of a job are verified, by index. Changes that are kept here have
    /// the moment of their job and are left out.
    ///
    /// # Errors
    /// `ReadOnly` if a row is damaged.
    fn verified_at(&mut self, job: JobId) -> Result<BTreeMap<u32, Timestamp>, JournalError>;

    /// Returns the leaks of jobs that have not ended, with the job.
    ///
    /// # Errors
    /// `ReadOnly` if a row is damaged.
    fn active_leaks(&mut self) -> Result<Vec<(EntityKey, JobId)>, JournalError>;
}
