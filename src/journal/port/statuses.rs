//! Statuses that the journal keeps because a provider cannot store them, and the inexact mappings that were accepted.

use crate::entity::{
    claim::Words,
    error::JournalError,
    job::Lossy,
    key::{EntityKey, ProfileName, ProviderId},
    local::{Imported, KeptUnder, LocalStatus, Moved},
    profile::ProfileBinding,
    status::Status,
};

/// A status that is kept, with whose it is: as it goes into a file and comes out of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalStatusRecord {
    /// Which leak.
    pub key: EntityKey,
    /// At which provider.
    pub provider: ProviderId,
    /// The status.
    pub local: LocalStatus,
    /// What the leak's status was before.
    pub previous: Option<Status>,
    /// The last words that were left with the leak; they are not a part of the row.
    pub words: Words,
}

/// From which name to which, and whose leaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The name that it is kept under.
    pub from: ProfileName,
    /// The name that it shall be kept under.
    pub to: ProfileName,
    /// The provider of both.
    pub provider: ProviderId,
}

/// Local statuses. Every method fails with `ReadOnly` if a row is damaged.
pub trait LocalStatusStore {
    /// Returns the statuses that are kept for leaks of these profiles, by name and provider.
    fn local_statuses(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, LocalStatus)>, JournalError>;

    /// Returns every status that is kept, by key, with its provider and the last words that were left with its leak.
    fn all_local_statuses(&mut self) -> Result<Vec<LocalStatusRecord>, JournalError>;

    /// Returns how many statuses are kept under which profile name.
    fn kept_under(&mut self) -> Result<Vec<KeptUnder>, JournalError>;

    /// Returns what moving all that is kept to another profile name would do.
    fn plan_move(&mut self, wish: &Move) -> Result<Moved, JournalError>;

    /// Moves all that is kept to another profile name, everything or nothing.
    fn move_kept(&mut self, wish: &Move) -> Result<Moved, JournalError>;

    /// Imports statuses from a file, everything or nothing; of each leak the one that was set last stays.
    fn import_statuses(&mut self, statuses: &[LocalStatusRecord])
    -> Result<Imported, JournalError>;

    /// Returns the inexact mappings of these profiles that were accepted with a job.
    fn accepted_mappings(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<Lossy>, JournalError>;
}
