//! What belongs to the installation and not to a job.

use crate::entity::{error::JournalError, fingerprint::FingerprintKey};

/// The installation's own secrets.
pub trait InstallationStore {
    /// Returns the installation's key for fingerprints. The writer makes it where it is missing; a reader gets one for
    /// this run then.
    ///
    /// # Errors
    /// `Io` if the key is there and is not as it was made.
    fn fingerprint_key(&mut self) -> Result<FingerprintKey, JournalError>;

    /// Returns the hash of the first event: what tells this journal from every other. `None` for one without events.
    ///
    /// # Errors
    /// `ReadOnly` if it cannot be read.
    fn first_event(&mut self) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(None)
    }
}
