//! Role of this console, and what others have written.

use super::SqliteStore;
use crate::{
    entity::{changes::JournalChanges, error::JournalError, fingerprint::FingerprintKey},
    journal::{
        installation, location,
        port::{Access, AccessStore, HandoverStore, InstallationStore, Operator, SharedAccess},
        sqlite::{lock, verify},
    },
};
use jiff::Timestamp;
use rusqlite::OptionalExtension;
use std::sync::{Arc, PoisonError};

impl AccessStore for SqliteStore {
    fn access(&self) -> SharedAccess {
        Arc::clone(&self.access)
    }

    /// A following console becomes the writer if the lock was free at two questions in a row: a command that hands its
    /// job to another process releases the lock for a moment.
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
        // The database does not say which part was written.
        Ok(if version.is_some() && version != before {
            JournalChanges::ALL
        } else {
            JournalChanges::NONE
        })
    }

    /// Without a lock file nobody can have written.
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

    /// Verifies hashes, counts and the event chain.
    fn verify(&mut self) -> Result<(), JournalError> {
        self.read(|transaction| verify::verify_all(transaction))?;
        Ok(())
    }

    fn operator(&self) -> (Operator, Timestamp) {
        (self.who.clone(), (self.now)())
    }
}

impl HandoverStore for SqliteStore {}

impl InstallationStore for SqliteStore {
    fn fingerprint_key(&mut self) -> Result<FingerprintKey, JournalError> {
        if self.may_write().is_ok() {
            installation::read_or_make(&self.place)
        } else {
            installation::read_or_pass(&self.place)
        }
    }

    fn first_event(&mut self) -> Result<Option<Vec<u8>>, JournalError> {
        let hash = self.read(|transaction| {
            let first =
                transaction.query_row("SELECT hash FROM event ORDER BY seq LIMIT 1", [], |row| {
                    row.get::<_, Vec<u8>>(0)
                });
            Ok(first.optional()?)
        })?;
        Ok(hash.flatten())
    }
}
