//! Statuses that the journal keeps because a provider cannot store them, and the inexact mappings that were accepted.

use crate::entity::{
    claim::Justification,
    error::JournalError,
    job::InexactMapping,
    key::{EntityKey, ProfileName, ProviderId},
    local_status::{ImportResult, LocalStatus, MoveResult, ProfileStatusCount},
    profile::ProfileBinding,
    status::Status,
};

/// A local status with its provider, as files of statuses have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalStatusRecord {
    /// Key of the leak.
    pub key: EntityKey,
    /// Provider of the profile.
    pub provider: ProviderId,
    /// The local status.
    pub local: LocalStatus,
    /// Status before; `None` if unknown.
    pub previous: Option<Status>,
    /// Last note of the leak; not a part of the row.
    pub justification: Justification,
}

/// A move of all data of one profile name to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The present name.
    pub from: ProfileName,
    /// The new name.
    pub to: ProfileName,
    /// Provider of both.
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
    fn local_status_counts(&mut self) -> Result<Vec<ProfileStatusCount>, JournalError>;

    /// Returns what moving all that is kept to another profile name would do.
    fn plan_move(&mut self, wish: &Move) -> Result<MoveResult, JournalError>;

    /// Moves all that is kept to another profile name, everything or nothing.
    fn move_profile_data(&mut self, wish: &Move) -> Result<MoveResult, JournalError>;

    /// Imports statuses from a file, everything or nothing; of each leak the one that was set last stays.
    fn import_statuses(
        &mut self,
        statuses: &[LocalStatusRecord],
    ) -> Result<ImportResult, JournalError>;

    /// Returns the inexact mappings of these profiles that were accepted with a job.
    fn accepted_mappings(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<InexactMapping>, JournalError>;
}
