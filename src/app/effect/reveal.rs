//! What a reveal needs.

use super::{Failure, Request};
use crate::{app::message::Message, entity::key::EntityKey};

/// What a reveal needs.
#[derive(Clone, Debug, PartialEq)]
pub enum RevealEffect {
    /// Write an audit line, then ask for a secret.
    RevealSecret {
        /// Of which leak.
        key: EntityKey,
        /// For the clipboard, not for the screen.
        copy: bool,
    },
}

impl Request for RevealEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        let Self::RevealSecret { key, copy } = self;
        Message::SecretRevealed {
            key,
            copy,
            result: Err(failure.reason().to_owned()),
        }
    }
}
