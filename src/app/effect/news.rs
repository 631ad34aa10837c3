//! What the memory of what was seen is asked for.

use super::{Failure, Request};
use crate::{
    app::{
        message::Message,
        news::{Look, NewsError, Reading},
    },
    entity::key::RemoteId,
    table::RowId,
};
use std::sync::Arc;

/// What the memory of what was seen is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum NewsEffect {
    /// Open it, and say how far the operator has come.
    Load,
    /// Keep a reading, unless something seems to have come back.
    Judge(Arc<Reading>),
    /// Read some leaks a second time, then keep a reading.
    Record {
        /// The reading.
        reading: Arc<Reading>,
        /// The leaks, with their rows.
        confirm: Vec<(RowId, RemoteId)>,
    },
    /// The operator has looked at everything up to a position.
    Move {
        /// The position.
        to: u64,
    },
    /// The operator's place is where it was before.
    MoveBack,
    /// Ask accounts whether they are worth reading again.
    Look {
        /// Which, and what is known of them.
        accounts: Vec<Look>,
        /// The last event that this console knows.
        after: u64,
        /// Between two rounds, in seconds.
        every: i64,
    },
}

impl Request for NewsEffect {
    type Reply = Message;

    fn for_failure(&self) -> Self {
        let without_leaks = |reading: &Reading| Arc::new(reading.without_leaks());
        match self {
            Self::Judge(reading) => Self::Judge(without_leaks(reading)),
            Self::Record { reading, .. } => Self::Record {
                reading: without_leaks(reading),
                confirm: Vec::new(),
            },
            Self::Load | Self::Move { .. } | Self::MoveBack | Self::Look { .. } => self.clone(),
        }
    }

    fn failure_reply(self, failure: Failure) -> Message {
        let error = NewsError {
            why: failure.reason().to_owned(),
            hint: "start again; what was not kept is read again then",
        };
        match self {
            Self::Load => Message::NewsLoaded(Err(error)),
            Self::Judge(reading) | Self::Record { reading, .. } => Message::ReadingJudged {
                profile: reading.scan.account.profile.clone(),
                result: Err(error),
            },
            Self::Move { .. } => Message::NewsMoved {
                is_undone: false,
                result: Err(error),
            },
            Self::MoveBack => Message::NewsMoved {
                is_undone: true,
                result: Err(error),
            },
            Self::Look { .. } => Message::Looked(Err(error)),
        }
    }
}
