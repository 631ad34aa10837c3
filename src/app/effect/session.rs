//! What the next start needs.

use super::{Failure, Request};
use crate::app::message::Message;

/// What the next start needs.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionEffect {
    /// Write down where this console stands.
    SaveSession(String),
}

impl Request for SessionEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        match self {
            Self::SaveSession(_) => Message::SessionSaved(Err(failure.reason().to_owned())),
        }
    }
}
