//! Claims.

use super::Services;
use crate::{
    app::{
        effect::{AuditNote, ClaimEffect},
        message::Message,
    },
    entity::{
        claim::{ClaimOperation, ClaimResult},
        error::JournalError,
        key::{EntityKey, ProviderId},
    },
};

impl Services {
    /// Claims leaks, or puts the end of our claims off.
    pub(in crate::runtime) async fn perform_claims(&self, effect: ClaimEffect) -> Message {
        match effect {
            ClaimEffect::ChangeClaims { leaks, operation } => Message::ClaimsChanged {
                operation,
                result: self.claim_leaks(leaks, operation).await,
            },
            ClaimEffect::RenewClaims => Message::ClaimsRenewed(self.journal.renew_claims().await),
        }
    }

    /// Claims leaks, takes them over or gives them back, and says so in the log.
    pub(in crate::runtime) async fn claim_leaks(
        &self,
        leaks: Vec<(EntityKey, ProviderId)>,
        act: ClaimOperation,
    ) -> Result<ClaimResult, JournalError> {
        let keys: Vec<_> = leaks.iter().map(|(key, _)| key.clone()).collect();
        let result = self.journal.claim(leaks, act).await;
        let outcome = match &result {
            Ok(claimed) if claimed.held_by_others.is_empty() => "done".to_owned(),
            Ok(claimed) => format!(
                "{} done, {} refused: claimed by another",
                claimed.changed.len(),
                claimed.held_by_others.len()
            ),
            Err(error) => format!("failed: {}", error.kind()),
        };
        let note = AuditNote {
            profile: match &keys[..] {
                [key] => Some(key.profile.clone()),
                _ => None,
            },
            action: match act {
                ClaimOperation::Claim => "claim",
                ClaimOperation::Take => "take_over",
                ClaimOperation::Release => "release",
            },
            keys,
            outcome,
            detail: None,
        };
        let audited = self.audit(note).await;
        // What cannot be accounted for is told, though it stands.
        result.and_then(|claimed| audited.map(|()| claimed))
    }
}
