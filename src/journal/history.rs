//! The whole history of a leak: what the store knows, and the acts that only the audit log has, such as a reveal.

use super::{audit::AuditLog, port::Store};
use crate::entity::{
    claim::{Seat, Words},
    error::JournalError,
    history::{HistoryAction, HistoryEntry},
    key::{EntityKey, ProviderId},
};
use jiff::Timestamp;
use memchr::memmem;
use serde::Deserialize;

/// Acts of the audit log that the store knows with more detail, and the steps of jobs. Where they were refused, the log
/// alone has them.
const KNOWN: [&str; 16] = [
    "claim",
    "take_over",
    "release",
    "note",
    "plan",
    "set_status",
    "read_back",
    "cancel",
    "resume",
    "discard",
    "fix",
    "reopen",
    "set",
    "retry",
    "undo",
    "redo",
];

/// Returns the history of a leak, oldest first.
pub(super) fn whole(
    store: &mut dyn Store,
    leak: &EntityKey,
    provider: &ProviderId,
) -> Result<Vec<HistoryEntry>, JournalError> {
    let mut entries = store.history(leak, provider)?;
    entries.extend(audited(&store.audit_log()?, leak));
    // Stable: acts of one moment stay in the order in which they were recorded.
    entries.sort_by_key(|entry| entry.at);
    Ok(entries)
}

/// Returns the acts on one leak alone that belong to no job. A line that cannot be read is left to `audit verify`.
fn audited(log: &AuditLog, leak: &EntityKey) -> Vec<HistoryEntry> {
    let key = leak.to_string();
    let Ok(quoted) = crate::entity::json::to_string(&key) else {
        return Vec::new();
    };
    let finder = memmem::Finder::new(quoted.as_bytes());
    log.lines()
        .filter(|line| finder.find(line).is_some())
        .filter_map(|line| serde_json::from_slice::<Line>(line).ok())
        .filter(|line| line.job.is_none() && line.key.as_deref() == Some(&key))
        .filter(|line| {
            line.outcome.starts_with("refused") || !KNOWN.contains(&line.action.as_str())
        })
        .filter_map(Line::entry)
        .collect()
}

#[derive(Deserialize)]
struct Line {
    at: String,
    who: Who,
    action: String,
    key: Option<String>,
    job: Option<i64>,
    outcome: String,
    detail: Option<String>,
    reason: Option<String>,
    note: Option<String>,
    ticket: Option<String>,
}

#[derive(Deserialize)]
struct Who {
    user: String,
    host: String,
    tty: String,
    pid: String,
}

impl Line {
    fn entry(self) -> Option<HistoryEntry> {
        let Who {
            user,
            host,
            tty,
            pid,
        } = self.who;
        let console = if tty.is_empty() {
            format!("process {pid}")
        } else {
            tty
        };
        let by = Seat {
            user,
            host,
            console,
        };
        let at: Timestamp = self.at.parse().ok()?;
        Some(HistoryEntry {
            outcome: Some(self.outcome),
            detail: self.detail,
            words: Words {
                reason: self.reason,
                note: self.note,
                ticket: self.ticket,
            },
            ..HistoryEntry::new(at, Some(by), HistoryAction::Audited(self.action))
        })
    }
}
