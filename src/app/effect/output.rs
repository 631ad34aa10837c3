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
    Copy {
        /// The text; it may be a revealed secret.
        text: Secret,
        /// What it is: `id`, `user`, …; never a value.
        what: &'static str,
    },
    /// Ask the terminal to forget what was copied.
    ClearClipboard,
    /// Write leaks to a new file.
    Export {
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
    Audit(Box<AuditNote>),
}

impl Request for OutputEffect {
    type Reply = Message;

    fn failed(self, failure: Failure) -> Message {
        let why = failure.why().to_owned();
        match self {
            Self::Copy { .. } => Message::Copied {
                bytes: Secret::new(Vec::new()),
                result: Err(why),
            },
            Self::ClearClipboard => Message::Copied {
                bytes: Secret::new(Vec::new()),
                result: Err(format!("{why}; what was copied is still on the clipboard")),
            },
            Self::Export { path, .. } => Message::Exported {
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
            Self::Audit(_) => Message::Audited(Err(failure.of_journal())),
        }
    }
}
