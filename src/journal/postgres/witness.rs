//! The witness: number and hash of the newest event that a console of this installation has seen. A store that lacks the
//! event, or has another in its place, has lost what was committed.

use crate::{
    entity::{self, error::JournalError},
    journal::location::{self, StateDirectory},
};
use serde::{Deserialize, Serialize};
use std::io::Write;

/// The newest event that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Witness {
    /// Id of the store.
    pub(super) store: String,
    /// Number of the event.
    pub(super) seq: i64,
    /// Its hash, hex.
    pub(super) hash: String,
}

impl Witness {
    /// The stored one, if it is of this store.
    ///
    /// # Errors
    /// `Io` if the file cannot be read, or others can reach it.
    pub(super) fn read(place: &StateDirectory, store: &str) -> Result<Option<Self>, JournalError> {
        let path = place.witness();
        if location::file_length(&path)?.is_none() {
            return Ok(None);
        }
        let file = location::open_to_read(&path)?;
        let read: Option<Self> = serde_json::from_reader(file).ok();
        Ok(read.filter(|witness| witness.store == store))
    }

    /// Stores it in place of the one before.
    ///
    /// # Errors
    /// `Io` or `Full` if it cannot be written.
    pub(super) fn write(&self, place: &StateDirectory) -> Result<(), JournalError> {
        place.prepare()?;
        let (path, unfinished) = (place.witness(), place.unfinished_witness());
        match std::fs::remove_file(&unfinished) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(location::io_error(&unfinished, "remove", &error)),
        }
        let mut file = location::open(&unfinished, false)?;
        let text = entity::json::to_vec(self).map_err(|_| JournalError::Io {
            why: "the witness cannot be written as JSON".to_owned(),
        })?;
        file.write_all(&text)
            .and_then(|()| std::fs::rename(&unfinished, &path))
            .map_err(|error| location::io_error(&path, "write", &error))
    }
}
