//! What claims need.

use super::{Failure, Request};
use crate::{
    app::message::Message,
    entity::{
        claim::ClaimAct,
        key::{EntityKey, ProviderId},
    },
};

/// What claims need.
#[derive(Clone, Debug, PartialEq)]
pub enum ClaimEffect {
    /// Claim leaks, take them over or give them back.
    Claim {
        /// Which, with their providers.
        leaks: Vec<(EntityKey, ProviderId)>,
        /// What of it.
        act: ClaimAct,
    },
    /// Put the end of our claims off.
    RenewClaims,
}

impl Request for ClaimEffect {
    type Reply = Message;

    fn failed(self, failure: Failure) -> Message {
        match self {
            Self::Claim { act, .. } => Message::Claimed {
                act,
                result: Err(failure.of_journal()),
            },
            Self::RenewClaims => Message::ClaimsRenewed(Err(failure.of_journal())),
        }
    }
}
