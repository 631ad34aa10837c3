//! Whether this console may write.

use super::{Failure, Request};
use crate::app::message::Message;

/// Whether this console may write.
#[derive(Clone, Debug, PartialEq)]
pub enum AccessEffect {
    /// Ask whether somebody else has written the journal, and whether the writer's place is free.
    PollAccess,
}

impl Request for AccessEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        match self {
            Self::PollAccess => Message::AccessPolled(Err(failure.to_journal_error())),
        }
    }
}
