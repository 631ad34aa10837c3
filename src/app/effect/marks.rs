//! What named sets of marks need.

use super::{Failure, Request};
use crate::{app::message::Message, entity::key::EntityKey};

/// What named sets of marks need.
#[derive(Clone, Debug, PartialEq)]
pub enum MarksEffect {
    /// Save keys under a name, in place of what has it.
    SaveSet {
        /// The name.
        name: String,
        /// The keys.
        keys: Vec<EntityKey>,
    },
    /// Delete a set.
    DeleteSet(String),
    /// Read the keys of a set.
    LoadSet {
        /// The name.
        name: String,
        /// Only marks that are in it stay; else it takes their place.
        keep: bool,
    },
}

impl Request for MarksEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        let why = failure.reason().to_owned();
        match self {
            Self::SaveSet { name, .. } => Message::MarkSetSaved {
                name,
                result: Err(why),
            },
            Self::DeleteSet(name) => Message::MarkSetDeleted {
                name,
                result: Err(why),
            },
            Self::LoadSet { name, keep } => Message::MarkSetLoaded {
                name,
                keep,
                result: Err(why),
            },
        }
    }
}
