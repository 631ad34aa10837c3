//! The JSON of notes and of the history of a leak.

use super::json::leak_json;
use crate::entity::{
    claim::ConsoleId,
    history::{HistoryAction, HistoryEntry, Note},
    key::{EntityKey, JobId},
    leak::Leak,
    status::Status,
};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// A leak as `show` has it: with its history, oldest first.
pub fn leak_with_history_json<'a>(
    leak: &'a Leak,
    history: &'a [HistoryEntry],
) -> impl Serialize + 'a {
    #[derive(Serialize)]
    struct Json<'a, L: Serialize> {
        #[serde(flatten)]
        leak: L,
        history: Vec<HistoryJson<'a>>,
    }
    Json {
        leak: leak_json(leak),
        history: history.iter().map(HistoryJson::of).collect(),
    }
}

/// One act on a leak.
#[derive(Serialize)]
struct HistoryJson<'a> {
    at: Timestamp,
    by: Option<String>,
    what: &'a HistoryAction,
    before: Option<Status>,
    after: Option<Status>,
    outcome: Option<&'a str>,
    detail: Option<&'a str>,
    job: Option<JobId>,
    reason: Option<&'a str>,
    note: Option<&'a str>,
    ticket: Option<&'a str>,
}

impl<'a> HistoryJson<'a> {
    fn of(entry: &'a HistoryEntry) -> Self {
        Self {
            at: entry.at,
            by: entry.by.as_ref().map(ConsoleId::user_at_host),
            what: &entry.what,
            before: entry.before,
            after: entry.after,
            outcome: entry.outcome.as_deref(),
            detail: entry.detail.as_deref(),
            job: entry.job,
            reason: entry.words.reason.as_deref(),
            note: entry.words.note.as_deref(),
            ticket: entry.words.ticket.as_deref(),
        }
    }
}

/// A note with its leak: an item of `notes list`.
#[derive(Clone, Copy, Debug)]
pub struct LeakNote<'a> {
    /// The leak.
    pub key: &'a EntityKey,
    /// The note.
    pub note: &'a Note,
}

impl Serialize for LeakNote<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Json<'a> {
            key: &'a EntityKey,
            at: Timestamp,
            by: String,
            console: &'a str,
            note: &'a str,
        }
        let Self { key, note } = *self;
        Json {
            key,
            at: note.at,
            by: note.by.user_at_host(),
            console: &note.by.console,
            note: &note.text,
        }
        .serialize(serializer)
    }
}
