//! What notes and the history of a leak need.

use super::{Failure, Request};
use crate::{
    app::{message::Message, model::GroupRef},
    entity::key::{EntityKey, ProviderId},
};

/// What notes and the history of a leak need.
#[derive(Clone, Debug, PartialEq)]
pub enum NotesEffect {
    /// Read the history of a leak.
    LoadHistory {
        /// The leak.
        key: EntityKey,
        /// Its provider.
        provider: ProviderId,
    },
    /// Read what was done with the leaks of a group.
    LoadHistories {
        /// The group.
        group: GroupRef,
        /// The leaks, with their providers.
        leaks: Vec<(EntityKey, ProviderId)>,
    },
    /// Add a note to leaks.
    AddNote {
        /// The leaks, with their providers.
        leaks: Vec<(EntityKey, ProviderId)>,
        /// The text.
        text: String,
    },
}

impl Request for NotesEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        match self {
            Self::LoadHistory { key, .. } => Message::HistoryLoaded {
                key: Box::new(key),
                result: Err(failure.to_journal_error()),
            },
            Self::LoadHistories { group, .. } => Message::HistoriesLoaded {
                group,
                result: Err(failure.to_journal_error()),
            },
            Self::AddNote { leaks, .. } => Message::NoteAdded {
                leaks: leaks.len(),
                result: Err(failure.to_journal_error()),
            },
        }
    }
}
