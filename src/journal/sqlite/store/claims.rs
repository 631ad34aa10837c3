//! Claims, each act in one transaction.

use super::SqliteStore;
use crate::{
    entity::{
        claim::{Claim, ClaimAct, Claimed},
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
        act: ClaimAct,
    ) -> Result<Claimed, JournalError> {
        let (who, now) = (self.who.clone(), (self.now)());
        self.commit(|transaction| claim::act(transaction, leaks, act, &who, now))
    }

    fn renew_claims(&mut self) -> Result<u64, JournalError> {
        let (who, now) = (self.who.clone(), (self.now)());
        self.commit(|transaction| claim::renew(transaction, &who, now))
    }

    fn claims(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Claim)>, JournalError> {
        let (who, now) = (self.who.clone(), (self.now)());
        let claims =
            self.read(|transaction| claim::for_profiles(transaction, profiles, &who, now))?;
        Ok(claims.unwrap_or_default())
    }
}
