//! What claims need.

use super::{Failure, Request};
use crate::{
    app::message::Message,
    entity::{
        claim::ClaimOperation,
        key::{EntityKey, ProviderId},
    },
};

/// What claims need.
#[derive(Clone, Debug, PartialEq)]
pub enum ClaimEffect {
    /// Claim leaks, take them over or give them back.
    ChangeClaims {
        /// Which, with their providers.
        leaks: Vec<(EntityKey, ProviderId)>,
        /// What of it.
        operation: ClaimOperation,
    },
    /// Put the end of our claims off.
    RenewClaims,
}

impl Request for ClaimEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        match self {
            Self::ChangeClaims { operation, .. } => Message::ClaimsChanged {
                operation,
                result: Err(failure.to_journal_error()),
            },
            Self::RenewClaims => Message::ClaimsRenewed(Err(failure.to_journal_error())),
        }
    }
}
