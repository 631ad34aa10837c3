//! The receiver: an address that takes the messages of watches, keeps what came, and answers as it is told to.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::{Value, json};

/// Where it is, and everything below.
pub(crate) const PREFIX: &str = "/receiver";

/// Messages that are kept; the oldest gives way.
const MOST: usize = 10_000;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Reply {
    /// With this status.
    Status(u16),
    /// In this way.
    Way(Way),
}

/// How an answer comes that is more than a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Way {
    /// Never.
    Hang,
    /// Late, and well.
    Slow,
    /// The connection is cut when the message has come.
    Drop,
}

/// What is answered from now on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Replies {
    answer: OneOrMore,
    retry_after: Option<u64>,
}

/// One answer for good, or several for the next messages, and 204 for those behind them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(Reply),
    More(VecDeque<Reply>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::One(Reply::Status(204))
    }
}

/// What came, and what is answered.
#[derive(Debug, Default)]
pub(crate) struct Receiver {
    messages: VecDeque<Value>,
    came: u64,
    replies: Replies,
}

impl Receiver {
    /// Answers so from now on.
    pub(crate) fn set(&mut self, replies: Replies) -> Result<(), String> {
        let is_status = |reply: &Reply| match reply {
            Reply::Status(status) => (200..600).contains(status),
            Reply::Way(_) => true,
        };
        let fits = match &replies.answer {
            OneOrMore::One(reply) => is_status(reply),
            OneOrMore::More(all) => all.iter().all(is_status),
        };
        if !fits {
            return Err("An answer is a status from 200 to 599, hang, slow or drop".to_owned());
        }
        self.replies = replies;
        Ok(())
    }

    /// What came, the first first.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "deliveries": self.messages })
    }

    /// Keeps a message, and says how it is answered and what `Retry-After` says.
    pub(crate) fn take(&mut self, mut message: Value) -> (Reply, Option<u64>) {
        if self.messages.len() == MOST {
            self.messages.pop_front();
        }
        self.came += 1;
        message["n"] = self.came.into();
        self.messages.push_back(message);
        let reply = match &mut self.replies.answer {
            OneOrMore::One(reply) => reply.clone(),
            OneOrMore::More(all) => all.pop_front().unwrap_or(Reply::Status(204)),
        };
        (reply, self.replies.retry_after)
    }
}
