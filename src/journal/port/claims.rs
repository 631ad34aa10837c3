//! Claims: leases on leaks that consoles make, extend and release.

use crate::entity::{
    claim::{Claim, ClaimOperation, ClaimResult},
    error::JournalError,
    key::{EntityKey, ProviderId},
    profile::ProfileBinding,
};

/// Claims on leaks. Every method fails with `ReadOnly` if a row is damaged.
pub trait ClaimStore {
    /// Claims leaks for this console, takes them over or releases them, all at once. Each claim that gets another holder
    /// or none is an act in the history of its leak: [`NoteStore::history`](super::NoteStore::history).
    fn claim(
        &mut self,
        leaks: &[(EntityKey, ProviderId)],
        act: ClaimOperation,
    ) -> Result<ClaimResult, JournalError>;

    /// Extends this console's claims, and returns how many it has.
    fn renew_claims(&mut self) -> Result<u64, JournalError>;

    /// Returns the claims that hold on leaks of these profiles, by name and provider.
    fn claims(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Claim)>, JournalError>;
}
