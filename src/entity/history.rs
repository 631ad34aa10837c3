//! The history of a leak: every act on it that this installation has recorded, from jobs, notes, claims and the audit log.

use super::{
    claim::{ClaimOperation, ConsoleId, Justification},
    job::JobCommand,
    key::JobId,
    seen::EventKind,
    status::Status,
};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::fmt;

/// A note that somebody wrote about a leak, without a change of its status. A leak may have several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The author.
    pub by: ConsoleId,
    /// The moment at which it was recorded.
    pub at: Timestamp,
    /// Its text, of at most [`MAX_JUSTIFICATION_CHARS`](super::claim::MAX_JUSTIFICATION_CHARS) characters.
    pub text: String,
}

/// What was done with a leak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoryAction {
    /// A job was to change its status.
    Change(JobCommand),
    /// A note was written.
    Note,
    /// It was claimed, taken over or released.
    Claim(ClaimOperation),
    /// Reason, note and ticket came from a file of statuses, or from another profile name.
    Imported,
    /// A reading found a difference: no act of ours.
    Read(EventKind),
    /// Another act that the audit log has, by its name there: `reveal`, `copy`, ….
    Audited(String),
}

impl fmt::Display for HistoryAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change(command) => command.fmt(f),
            Self::Note => f.write_str("note"),
            Self::Claim(act) => act.fmt(f),
            Self::Imported => f.write_str("import"),
            Self::Read(kind) => f.write_str(match kind {
                EventKind::Regressed => "came back",
                EventKind::Again => "turned up again",
                EventKind::New => "found",
                EventKind::Changed => "changed there",
                EventKind::Back => "listed again",
                other => other.word(),
            }),
            Self::Audited(action) => f.write_str(action),
        }
    }
}

impl Serialize for HistoryAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One act on a leak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The moment of the act; of a change, that of its confirmation.
    pub at: Timestamp,
    /// The operator; `None` if an older journal did not store one.
    pub by: Option<ConsoleId>,
    /// The act.
    pub what: HistoryAction,
    /// Status of the leak before; `None` if the act changes none or it was unknown.
    pub before: Option<Status>,
    /// Status that was to be set; `None` if the act changes none.
    pub after: Option<Status>,
    /// Outcome as a word: that of the change, or that of the audit log. `None` for notes and claims.
    pub outcome: Option<String>,
    /// Explanation of the outcome: the HTTP status and the reason of a failed change, or the detail of the audit log.
    pub detail: Option<String>,
    /// The job.
    pub job: Option<JobId>,
    /// Reason, note and ticket of the job; the text of a note.
    pub words: Justification,
}

impl HistoryEntry {
    /// Returns an act that changes no status.
    pub fn new(at: Timestamp, by: Option<ConsoleId>, what: HistoryAction) -> Self {
        Self {
            at,
            by,
            what,
            before: None,
            after: None,
            outcome: None,
            detail: None,
            job: None,
            words: Justification::default(),
        }
    }
}
