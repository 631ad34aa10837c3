//! Jobs: each write is one transaction, with the time that its commits took in the row.

use super::SqliteStore;
use crate::{
    entity::{
        error::JournalError,
        job::{ChangeUpdate, Job, JobRecord, JobState, NewJob, PauseReason},
        key::{EntityKey, JobId},
    },
    journal::{
        audit::AuditRecord,
        port::{AuditStore, ChunkAnswer, JobStore},
        record,
        sqlite::{plan, read, sent_times, write},
        verified,
    },
};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    slice,
    time::{Duration, Instant},
};

impl SqliteStore {
    /// Appends the audit line of an attempt, if the write is one.
    fn audit_attempt(&mut self, attempt: Option<&AuditRecord>) -> Result<(), JournalError> {
        match attempt {
            Some(line) => self.audit(slice::from_ref(line)),
            None => Ok(()),
        }
    }

    fn commit_plan(&mut self, new: &NewJob) -> Result<JobId, JournalError> {
        let start = Instant::now();
        let (who, now) = (self.operator.clone(), (self.now)());
        let id = self.commit_at("plan", |transaction| {
            plan::record_job(transaction, new, &who, now)
        })?;
        *self.commit_times.entry(id).or_default() += start.elapsed();
        Ok(id)
    }
}

impl JobStore for SqliteStore {
    fn record_job(
        &mut self,
        new: &NewJob,
        attempt: Option<&AuditRecord>,
    ) -> Result<JobId, JournalError> {
        self.audit_attempt(attempt)?;
        let recorded = self.commit_plan(new);
        if let (Err(error), Some(line)) = (&recorded, attempt) {
            // The plan is refused, even if this line cannot be written.
            self.audit(&[record::failed_attempt(line, error)]).ok();
        }
        recorded
    }

    fn record_intent(&mut self, job: JobId, indexes: &[u32]) -> Result<u32, JournalError> {
        self.record(job, "intent", |transaction, row, now| {
            write::record_intent(transaction, row, indexes, now)
        })
    }

    fn record_answer(
        &mut self,
        job: JobId,
        answer: &ChunkAnswer,
        attempt: Option<&AuditRecord>,
    ) -> Result<(), JournalError> {
        self.record(job, "answer", |transaction, row, now| {
            write::record_answer(transaction, row, answer, now)
        })?;
        self.audit_attempt(attempt)
    }

    fn record_read_backs(
        &mut self,
        job: JobId,
        updates: &[ChangeUpdate],
        reads: u64,
        attempt: Option<&AuditRecord>,
    ) -> Result<(), JournalError> {
        self.record(job, "readings", |transaction, row, now| {
            write::record_read_backs(transaction, row, updates, reads, now)
        })?;
        self.audit_attempt(attempt)
    }

    fn record_cancelled(
        &mut self,
        job: JobId,
        indexes: &[u32],
        attempt: Option<&AuditRecord>,
    ) -> Result<(), JournalError> {
        self.record(job, "readings", |transaction, row, now| {
            write::record_cancelled(transaction, row, indexes, now)
        })?;
        self.audit_attempt(attempt)
    }

    fn record_state(
        &mut self,
        job: JobId,
        state: JobState,
        paused: Option<(PauseReason, Option<Timestamp>)>,
        attempt: Option<&AuditRecord>,
    ) -> Result<(), JournalError> {
        self.audit_attempt(attempt)?;
        self.record(job, "state", |transaction, row, now| {
            write::record_state(transaction, row, state, paused, now)
        })
    }

    fn jobs(&mut self) -> Result<Vec<Job>, JournalError> {
        let rows = self.read(|transaction| read::jobs(transaction))?;
        Ok(rows
            .unwrap_or_default()
            .into_iter()
            .map(|row| self.add_commit_time(&row, row.job.clone()))
            .collect())
    }

    fn job(&mut self, id: JobId) -> Result<JobRecord, JournalError> {
        let (row, mut record) = self
            .read(|transaction| read::record(transaction, id))?
            .ok_or(JournalError::NoJob(id.0))?;
        record.job = self.add_commit_time(&row, record.job);
        Ok(record)
    }

    fn pending_ages(&mut self, id: JobId) -> Result<BTreeMap<u32, Duration>, JournalError> {
        let now = sent_times::ClockReading::with_wall((self.now)());
        Ok(self
            .read(|transaction| sent_times::ages(transaction, id, &now))?
            .unwrap_or_default())
    }

    fn verified_at(&mut self, id: JobId) -> Result<BTreeMap<u32, Timestamp>, JournalError> {
        let events = self.read(|transaction| read::events(transaction, id))?;
        Ok(verified::times(events.unwrap_or_default()))
    }

    fn active_leaks(&mut self) -> Result<Vec<(EntityKey, JobId)>, JournalError> {
        Ok(self
            .read(|transaction| read::active_leaks(transaction))?
            .unwrap_or_default())
    }
}
