//! What a lookup needs.

use super::{Failure, Request};
use crate::{
    app::message::Message,
    entity::{
        key::{ProfileName, RequestId},
        lookup::{Lookup, LookupAnswer},
    },
};

/// What a lookup needs.
#[derive(Clone, Debug, PartialEq)]
pub enum LookupEffect {
    /// Look something up.
    RunLookup {
        /// Which request it belongs to.
        request: RequestId,
        /// Whom to ask.
        profile: ProfileName,
        /// What; it may be a secret.
        lookup: Box<Lookup>,
    },
}

impl Request for LookupEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        let Self::RunLookup {
            request, profile, ..
        } = self;
        let answers = match failure {
            Failure::Panicked => vec![LookupAnswer {
                operation: "lookup",
                result: Err(failure.to_provider_error()),
            }],
            // Whoever called it off has closed the overlay: nobody looks at this.
            Failure::Cancelled => Vec::new(),
        };
        Message::LookupAnswered {
            request,
            profile,
            answers,
        }
    }

    fn token(&self) -> Option<RequestId> {
        let Self::RunLookup { request, .. } = self;
        Some(*request)
    }
}
