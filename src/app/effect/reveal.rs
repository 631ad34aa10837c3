//! What a reveal needs.

use super::{Failure, Request};
use crate::{app::message::Message, entity::key::EntityKey};

/// What a reveal needs.
#[derive(Clone, Debug, PartialEq)]
pub enum RevealEffect {
    /// Write an audit line, then ask for a secret.
    Reveal {
        /// Of which leak.
        key: EntityKey,
        /// For the clipboard, not for the screen.
        copy: bool,
    },
}

impl Request for RevealEffect {
    type Reply = Message;

    fn failed(self, failure: Failure) -> Message {
        let Self::Reveal { key, copy } = self;
        Message::Revealed {
            key,
            copy,
            result: Err(failure.why().to_owned()),
        }
    }
}
