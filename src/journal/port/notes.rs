//! Notes and the history of a leak. The last words of a leak are the justification of the newest job that was to change
//! it, or a newer note.

use crate::entity::{
    claim::LastNote,
    error::JournalError,
    history::{HistoryEntry, Note},
    key::{EntityKey, ProviderId},
    profile::ProfileBinding,
};
use std::sync::Arc;

/// Notes of leaks. Every method fails with `ReadOnly` if a row is damaged.
pub trait NoteStore {
    /// Returns the last words that were left with leaks of these profiles, by name and provider. A note that is newer
    /// than the job's words replaces their note and their author; reason and ticket stay those of the job.
    fn last_notes(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Arc<LastNote>)>, JournalError>;

    /// Adds the same note to each of these leaks, all or none, and returns it with its author and time.
    fn add_note(
        &mut self,
        leaks: &[(EntityKey, ProviderId)],
        text: &str,
    ) -> Result<Note, JournalError>;

    /// Returns every note on leaks of these profiles, by name and provider, oldest first.
    fn notes(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Note)>, JournalError>;

    /// Returns what this store itself knows of a leak, in any order: the changes of jobs apart from skipped ones, notes,
    /// imported words, and each act on a claim that changed it. A renewal of one's own claim and its expiry are no acts.
    /// The audit log is not a part of it: see [`Journal::history`](super::super::Journal::history).
    fn history(
        &mut self,
        leak: &EntityKey,
        provider: &ProviderId,
    ) -> Result<Vec<HistoryEntry>, JournalError>;
}
