//! What the next start needs.

use super::{Failure, Request};
use crate::app::message::Message;

/// What the next start needs.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionEffect {
    /// Write down where this console stands.
    KeepSession(String),
}

impl Request for SessionEffect {
    type Reply = Message;

    fn failed(self, failure: Failure) -> Message {
        match self {
            Self::KeepSession(_) => Message::SessionKept(Err(failure.why().to_owned())),
        }
    }
}
