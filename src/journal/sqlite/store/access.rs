//! Role of this console, and what others have written.

use super::SqliteStore;
use crate::{
    entity::{error::JournalError, fingerprint::FingerprintKey, journal_changes::JournalChanges},
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
            let holder = lock::holder(&self.directory.lock())?;
            let was_free = std::mem::replace(&mut self.lock_was_free, holder.is_none());
            match holder {
                Some(holder) => self.set_access(Access::Follower { holder }),
                None if was_free => self.acquire_lock()?,
                None => {}
            }
        }
        let version = self.read(|transaction| {
            Ok(transaction.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0))?)
        })?;
        let before = std::mem::replace(&mut self.data_version, version);
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
        let path = self.directory.lock();
        if location::file_length(&path)?.is_none() {
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
        (self.operator.clone(), (self.now)())
    }
}

impl HandoverStore for SqliteStore {}

impl InstallationStore for SqliteStore {
    fn fingerprint_key(&mut self) -> Result<FingerprintKey, JournalError> {
        if self.check_writable().is_ok() {
            installation::read_or_create(&self.directory)
        } else {
            installation::read_or_random(&self.directory)
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
