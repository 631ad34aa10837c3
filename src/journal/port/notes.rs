//! Notes: the justification of the newest job that was to change a leak.

use crate::entity::{claim::Noted, error::JournalError, key::EntityKey, profile::ProfileBinding};
use std::sync::Arc;

/// Last notes of leaks.
pub trait NoteStore {
    /// Returns the last notes that were left with leaks of these profiles.
    ///
    /// # Errors
    /// `ReadOnly` if a row is damaged.
    fn last_notes(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Arc<Noted>)>, JournalError>;
}
