//! What programs of the operator's own need.

use super::{Failure, Request};
use crate::{app::message::Message, entity::leak::Leak};
use std::sync::Arc;

/// What programs of the operator's own need.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolEffect {
    /// Run a program that takes leaks on its standard input, one a line as JSON, without their secrets.
    Run {
        /// What it is called on the screen and in the audit log.
        name: String,
        /// The program and its arguments.
        words: Vec<String>,
        /// The leaks.
        leaks: Arc<Vec<Leak>>,
        /// It is only run where the audit log can say so.
        audited: bool,
    },
}

impl Request for ToolEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        let Self::Run { name, .. } = self;
        Message::ToolEnded {
            name,
            result: Err(failure.reason().to_owned()),
        }
    }
}
