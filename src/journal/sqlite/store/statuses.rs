//! What is kept here beside the jobs, as the journal's thread sees it: statuses, under which names, and their way from
//! one name to another.

use super::SqliteStore;
use crate::{
    entity::{
        error::JournalError,
        job::InexactMapping,
        key::EntityKey,
        local_status::{ImportResult, LocalStatus, MoveResult, ProfileStatusCount},
        profile::ProfileBinding,
    },
    journal::{
        port::{LocalStatusRecord, LocalStatusStore, Move},
        sqlite::{local, profile_move},
    },
};

impl LocalStatusStore for SqliteStore {
    fn local_statuses(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, LocalStatus)>, JournalError> {
        let kept = self.read(|transaction| local::for_profiles(transaction, profiles))?;
        Ok(kept
            .unwrap_or_default()
            .into_iter()
            .map(|kept| (kept.key, kept.local))
            .collect())
    }

    fn all_local_statuses(&mut self) -> Result<Vec<LocalStatusRecord>, JournalError> {
        let mut ended = std::mem::take(&mut self.ended_jobs);
        let kept = self.read(|transaction| local::all_with_justification(transaction, &mut ended));
        self.ended_jobs = ended;
        Ok(kept?.unwrap_or_default())
    }

    fn local_status_counts(&mut self) -> Result<Vec<ProfileStatusCount>, JournalError> {
        let under = self.read(|transaction| local::count_by_profile(transaction))?;
        Ok(under.unwrap_or_default())
    }

    fn plan_move(&mut self, wish: &Move) -> Result<MoveResult, JournalError> {
        let mut ended = std::mem::take(&mut self.ended_jobs);
        let counts = self.read(|transaction| profile_move::plan(transaction, wish, &mut ended));
        self.ended_jobs = ended;
        Ok(counts?.unwrap_or_default())
    }

    fn move_profile_data(&mut self, wish: &Move) -> Result<MoveResult, JournalError> {
        let now = (self.now)();
        let mut ended = std::mem::take(&mut self.ended_jobs);
        let counts =
            self.commit(|transaction| profile_move::perform(transaction, wish, &mut ended, now));
        self.ended_jobs = ended;
        counts
    }

    fn import_statuses(
        &mut self,
        statuses: &[LocalStatusRecord],
    ) -> Result<ImportResult, JournalError> {
        let now = (self.now)();
        self.commit(|transaction| local::import(transaction, statuses, now))
    }

    fn accepted_mappings(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<InexactMapping>, JournalError> {
        Ok(self
            .read(|transaction| local::accepted_mappings(transaction, profiles))?
            .unwrap_or_default())
    }
}
