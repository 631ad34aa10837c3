//! Last notes. What was read of jobs that have ended is kept: it does not change any more.

use super::SqliteStore;
use crate::{
    entity::{claim::Noted, error::JournalError, key::EntityKey, profile::ProfileBinding},
    journal::{
        port::NoteStore,
        sqlite::{notes, sql},
    },
};
use std::sync::Arc;

impl NoteStore for SqliteStore {
    fn last_notes(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Arc<Noted>)>, JournalError> {
        let mut ended = std::mem::take(&mut self.ended);
        let accounts = sql::accounts(profiles);
        let noted =
            self.read(|transaction| notes::for_accounts(transaction, &accounts, &mut ended));
        self.ended = ended;
        Ok(noted?.unwrap_or_default())
    }
}
