//! The installation's key for fingerprints of credentials. The writer creates it once. A reader without one uses a
//! random key for its run.

use super::location::{self, StateDirectory};
use crate::entity::{error::JournalError, fingerprint::FingerprintKey};
use std::{
    io::{ErrorKind, Read, Write},
    path::Path,
};
use zeroize::Zeroizing;

/// Length of a key in bytes.
const KEY_BYTES: usize = 32;

/// Returns the key of the installation in this directory, or a random one if there is none. Takes no lock and creates
/// no file.
///
/// # Errors
/// `Io` when the key's file is there and is not as it was made, or others can reach it.
pub fn fingerprint_key(directory: Option<&Path>) -> Result<FingerprintKey, JournalError> {
    match directory {
        Some(directory) => read_or_random(&StateDirectory::new(directory.to_path_buf())?),
        None => Ok(FingerprintKey::new(*random()?)),
    }
}

/// Whether the installation in this directory has a key.
pub fn has_key(directory: &Path) -> bool {
    let place = StateDirectory::new(directory.to_path_buf());
    place.is_ok_and(|place| place.fingerprint().is_file())
}

/// Returns the stored key, or a random one for this run.
pub(super) fn read_or_random(place: &StateDirectory) -> Result<FingerprintKey, JournalError> {
    match read(&place.fingerprint())? {
        Some(key) => Ok(key),
        None => Ok(FingerprintKey::new(*random()?)),
    }
}

/// Returns the stored key, or creates it. The caller has the writer's lock.
pub(super) fn read_or_create(place: &StateDirectory) -> Result<FingerprintKey, JournalError> {
    let path = place.fingerprint();
    if let Some(key) = read(&path)? {
        return Ok(key);
    }
    let unfinished = place.unfinished_fingerprint();
    // Left by an interrupted start; it was never used.
    match std::fs::remove_file(&unfinished) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(location::io_error(&unfinished, "remove", &error)),
    }
    let bytes = random()?;
    let mut file = location::open(&unfinished, false)?;
    file.write_all(&*bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&unfinished, &path))
        .map_err(|error| location::io_error(&path, "make", &error))?;
    place.sync()?;
    Ok(FingerprintKey::new(*bytes))
}

fn read(path: &Path) -> Result<Option<FingerprintKey>, JournalError> {
    let Some(length) = location::file_length(path)? else {
        return Ok(None);
    };
    if length != KEY_BYTES as u64 {
        return Err(JournalError::Io {
            why: format!(
                "{} is {length} bytes long, not {KEY_BYTES}; put a copy of it back, or remove it and a new one is made",
                location::printable_path(path)
            ),
        });
    }
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    location::open_to_read(path)?
        .read_exact(&mut *bytes)
        .map_err(|error| location::io_error(path, "read", &error))?;
    Ok(Some(FingerprintKey::new(*bytes)))
}

fn random() -> Result<Zeroizing<[u8; KEY_BYTES]>, JournalError> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    // The random generator of the system, through the library that TLS uses too.
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut *bytes)
        .map_err(|_| JournalError::Io {
            why: "the system gives no random bytes for a new key".to_owned(),
        })?;
    Ok(bytes)
}
