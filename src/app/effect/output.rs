//! What leaves the console, and marks that come from a file.

use super::{AuditNote, Failure, Request};
use crate::{
    app::message::Message,
    entity::{key::EntityKey, leak::Leak, secret::Secret},
};
use std::{path::PathBuf, sync::Arc};

/// What leaves the console, and marks that come from a file.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputEffect {
    /// Put text on the clipboard.
    CopyText {
        /// The text; it may be a revealed secret.
        text: Secret,
        /// What it is: `id`, `user`, …; never a value.
        what: &'static str,
    },
    /// Ask the terminal to forget what was copied.
    ClearClipboard,
    /// Write leaks to a new file.
    ExportLeaks {
        /// Where.
        path: PathBuf,
        /// The leaks.
        leaks: Arc<Vec<Leak>>,
    },
    /// Read a file of keys.
    ReadMarks(PathBuf),
    /// Write a file of keys.
    WriteMarks {
        /// Where.
        path: PathBuf,
        /// The keys, one a line.
        keys: Vec<EntityKey>,
    },
    /// Write an audit line.
    WriteAuditLine(Box<AuditNote>),
}

impl Request for OutputEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        let why = failure.reason().to_owned();
        match self {
            Self::CopyText { .. } => Message::TextCopied {
                bytes: Secret::new(Vec::new()),
                result: Err(why),
            },
            Self::ClearClipboard => Message::TextCopied {
                bytes: Secret::new(Vec::new()),
                result: Err(format!("{why}; what was copied is still on the clipboard")),
            },
            Self::ExportLeaks { path, .. } => Message::LeaksExported {
                path,
                audited: false,
                result: Err(why),
            },
            Self::ReadMarks(path) => Message::MarksRead {
                path,
                result: Err(why),
            },
            Self::WriteMarks { path, .. } => Message::MarksWritten {
                path,
                result: Err(why),
            },
            Self::WriteAuditLine(_) => Message::AuditLineWritten(Err(failure.to_journal_error())),
        }
    }
}
