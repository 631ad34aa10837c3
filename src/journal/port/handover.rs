//! Which console runs which job. An embedded store has one writer, which runs all of them: for it every method is what it
//! is here.

use super::News;
use crate::entity::{
    error::JournalError,
    key::JobId,
    team::{Holding, TeamState},
};
use std::{collections::BTreeMap, time::Duration};

/// Jobs that go from one console to another.
pub trait HandoverStore {
    /// Makes this console the holder of a job that nobody runs, or with `force` of any job that has not ended. What was
    /// in flight then is unknown.
    ///
    /// # Errors
    /// `Held` if a live console runs it and `force` is false.
    fn take_job(&mut self, job: JobId, force: bool) -> Result<(), JournalError> {
        let _ = (job, force);
        Ok(())
    }

    /// Returns how long what the former holder of a job sent may still arrive at a provider. Nothing that reads as before
    /// may be called not applied until then.
    fn settling(&self, job: JobId) -> Duration {
        let _ = job;
        Duration::ZERO
    }

    /// Confirms a job anew, for another 24 hours.
    ///
    /// # Errors
    /// `TakenOver` if another console runs it.
    fn confirm_job(&mut self, job: JobId) -> Result<(), JournalError> {
        let _ = job;
        Ok(())
    }

    /// Asks the console that runs a job to pause it. Returns false where no other console can be asked.
    ///
    /// # Errors
    /// `NoJob` if there is none of this number.
    fn ask_pause(&mut self, job: JobId) -> Result<bool, JournalError> {
        let _ = job;
        Ok(false)
    }

    /// Returns the jobs of this console that a colleague asked to pause.
    ///
    /// # Errors
    /// `Unreachable` if the store does not answer.
    fn asked_to_pause(&mut self) -> Result<Vec<JobId>, JournalError> {
        Ok(Vec::new())
    }

    /// Returns whose each job is; of the jobs that have ended only who recorded them. Empty for an embedded store.
    ///
    /// # Errors
    /// `Unreachable` if the store does not answer.
    fn holdings(&mut self) -> Result<BTreeMap<JobId, Holding>, JournalError> {
        Ok(BTreeMap::new())
    }

    /// Returns the whole time that a write request may take, counted from before its intent; `None` where no other
    /// console can take a job over.
    fn send_limit(&self) -> Option<Duration> {
        None
    }

    /// Returns what wakes a console when colleagues have written; `None` for an embedded store.
    fn news(&self) -> Option<News> {
        None
    }

    /// Returns the team as this console sees it; `None` for an embedded store.
    fn team(&self) -> Option<TeamState> {
        None
    }
}
