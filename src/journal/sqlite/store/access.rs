//! The writer's place, and what others have written.

use super::SqliteStore;
use crate::{
    entity::{changes::JournalChanges, error::JournalError, fingerprint::FingerprintKey},
    journal::{
        installation, location,
        port::{Access, AccessStore, InstallationStore, Operator, SharedAccess},
        sqlite::{lock, verify},
    },
};
use jiff::Timestamp;
use std::sync::{Arc, PoisonError};

impl AccessStore for SqliteStore {
    fn access(&self) -> SharedAccess {
        Arc::clone(&self.access)
    }

    /// A console that follows takes the writer's place when that was free at two looks in a row: a command that hands
    /// its job to another process gives it away for a moment only.
    fn changes_since(&mut self) -> Result<JournalChanges, JournalError> {
        let watches = matches!(
            *self.access.lock().unwrap_or_else(PoisonError::into_inner),
            Access::Follower { .. }
        );
        if watches {
            let holder = lock::holder(&self.place.lock())?;
            let was_free = std::mem::replace(&mut self.free, holder.is_none());
            match holder {
                Some(holder) => self.set_access(Access::Follower { holder }),
                None if was_free => self.take_lock()?,
                None => {}
            }
        }
        let version = self.read(|transaction| {
            Ok(transaction.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0))?)
        })?;
        let before = std::mem::replace(&mut self.seen, version);
        // Which part was written, the database does not say.
        Ok(if version.is_some() && version != before {
            JournalChanges::ALL
        } else {
            JournalChanges::NONE
        })
    }

    /// Whether anybody has the writer's place: this one, or another. Nobody can where there is no journal yet.
    fn has_writer(&self) -> Result<bool, JournalError> {
        if self.lock.is_some() {
            return Ok(true);
        }
        let path = self.place.lock();
        if location::file(&path)?.is_none() {
            return Ok(false);
        }
        Ok(lock::holder(&path)?.is_some())
    }

    /// Reads everything there is and compares it with its hashes, its counts and the chain.
    fn verify(&mut self) -> Result<(), JournalError> {
        self.read(|transaction| verify::verify_all(transaction))?;
        Ok(())
    }

    fn operator(&self) -> (Operator, Timestamp) {
        (self.who.clone(), (self.now)())
    }
}

impl InstallationStore for SqliteStore {
    fn fingerprint_key(&mut self) -> Result<FingerprintKey, JournalError> {
        if self.may_write().is_ok() {
            installation::read_or_make(&self.place)
        } else {
            installation::read_or_pass(&self.place)
        }
    }
}
