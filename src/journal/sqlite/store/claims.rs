//! Claims, each act in one transaction.

use super::SqliteStore;
use crate::{
    entity::{
        claim::{Claim, ClaimOperation, ClaimResult},
        error::JournalError,
        key::{EntityKey, ProviderId},
        profile::ProfileBinding,
    },
    journal::{port::ClaimStore, sqlite::claim},
};

impl ClaimStore for SqliteStore {
    fn claim(
        &mut self,
        leaks: &[(EntityKey, ProviderId)],
        act: ClaimOperation,
    ) -> Result<ClaimResult, JournalError> {
        let (who, now) = (self.operator.clone(), (self.now)());
        self.commit(|transaction| claim::apply(transaction, leaks, act, &who, now))
    }

    fn renew_claims(&mut self) -> Result<u64, JournalError> {
        let (who, now) = (self.operator.clone(), (self.now)());
        self.commit(|transaction| claim::renew(transaction, &who, now))
    }

    fn claims(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Claim)>, JournalError> {
        let (who, now) = (self.operator.clone(), (self.now)());
        let claims =
            self.read(|transaction| claim::for_profiles(transaction, profiles, &who, now))?;
        Ok(claims.unwrap_or_default())
    }
}
