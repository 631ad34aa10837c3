//! What is kept here beside the jobs, as the journal's thread sees it: statuses, under which names, and their way from
//! one name to another.

use super::SqliteStore;
use crate::{
    entity::{
        error::JournalError,
        job::InexactMapping,
        key::EntityKey,
        local::{Imported, KeptUnder, LocalStatus, Moved},
        profile::ProfileBinding,
    },
    journal::{
        port::{LocalStatusRecord, LocalStatusStore, Move},
        sqlite::{local, moved},
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
        let mut ended = std::mem::take(&mut self.ended);
        let kept = self.read(|transaction| local::all_with_words(transaction, &mut ended));
        self.ended = ended;
        Ok(kept?.unwrap_or_default())
    }

    fn kept_under(&mut self) -> Result<Vec<KeptUnder>, JournalError> {
        let under = self.read(|transaction| local::under(transaction))?;
        Ok(under.unwrap_or_default())
    }

    fn plan_move(&mut self, wish: &Move) -> Result<Moved, JournalError> {
        let mut ended = std::mem::take(&mut self.ended);
        let counts = self.read(|transaction| moved::plan(transaction, wish, &mut ended));
        self.ended = ended;
        Ok(counts?.unwrap_or_default())
    }

    fn move_kept(&mut self, wish: &Move) -> Result<Moved, JournalError> {
        let now = (self.now)();
        let mut ended = std::mem::take(&mut self.ended);
        let counts = self.commit(|transaction| moved::perform(transaction, wish, &mut ended, now));
        self.ended = ended;
        counts
    }

    fn import_statuses(
        &mut self,
        statuses: &[LocalStatusRecord],
    ) -> Result<Imported, JournalError> {
        let now = (self.now)();
        self.commit(|transaction| local::import(transaction, statuses, now))
    }

    fn accepted_mappings(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<InexactMapping>, JournalError> {
        Ok(self
            .read(|transaction| local::lossy(transaction, profiles))?
            .unwrap_or_default())
    }
}
