//! Telling others: bytes for a terminal, programs that read a message on their standard input, addresses that get it by
//! POST. [`body`] makes what is sent; nothing that a provider sent is in it but where `detail` asks for leaks.

pub mod body;
pub mod hook;
pub mod schedule;
pub mod terminal;
pub mod webhook;

/// What came of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Delivered,
    /// Not this time.
    Failed {
        /// Why, in our words.
        why: String,
        /// Not again before so many seconds.
        wait: Option<u64>,
    },
    /// It is not wanted any more: 410.
    Unwanted,
}

impl Outcome {
    /// It failed, and nobody said for how long.
    pub fn failed(why: impl Into<String>) -> Self {
        Self::Failed {
            why: why.into(),
            wait: None,
        }
    }
}
