//! What becomes of an effect whose task does not come to its end.

use crate::entity::{
    error::{JournalError, ProviderError},
    key::RequestId,
};

/// What a task is started for. Whatever happens to it, exactly one reply comes.
pub trait Request: Clone + Send + 'static {
    /// What the task answers.
    type Reply;

    /// What is answered in its place: nothing that waits for the reply may wait for ever.
    #[must_use]
    fn failure_reply(self, failure: Failure) -> Self::Reply;

    /// What is kept of it while its task runs, for the reply in the task's place. What that reply does not need and is
    /// large need not be there twice.
    #[must_use]
    fn for_failure(&self) -> Self {
        self.clone()
    }

    /// What it is called off by, if it can be.
    fn token(&self) -> Option<RequestId> {
        None
    }
}

/// Why a task did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It met a bug.
    Panicked,
    /// It was called off; what it was for is no longer current.
    Cancelled,
}

impl Failure {
    /// Why, in words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Panicked => "a part of the program failed",
            Self::Cancelled => "it was cancelled",
        }
    }

    /// As an error of what a provider was asked for.
    pub fn to_provider_error(self) -> ProviderError {
        match self {
            Self::Panicked => ProviderError::Malformed {
                why: self.reason().to_owned(),
            },
            Self::Cancelled => ProviderError::Cancelled,
        }
    }

    /// As an error of what the journal was asked for.
    pub fn to_journal_error(self) -> JournalError {
        JournalError::Io {
            why: self.reason().to_owned(),
        }
    }
}
