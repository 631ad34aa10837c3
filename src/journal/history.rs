//! The whole history of a leak: what the store knows, and the acts that only the audit log has, such as a reveal.

use super::{audit::AuditLog, port::Store};
use crate::entity::{
    claim::{ConsoleId, Justification},
    error::JournalError,
    history::{HistoryAction, HistoryEntry},
    key::{EntityKey, ProviderId},
};
use jiff::Timestamp;
use memchr::memmem;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

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
    let leaks = [(leak.clone(), provider.clone())];
    let acts = of_several(store, &leaks)?.into_iter();
    Ok(acts.map(|(_, entry)| entry).collect())
}

/// Returns what was done with several leaks, oldest first, each act with its leak.
pub(super) fn of_several(
    store: &mut dyn Store,
    leaks: &[(EntityKey, ProviderId)],
) -> Result<Vec<(EntityKey, HistoryEntry)>, JournalError> {
    let mut acts = Vec::new();
    for (leak, provider) in leaks {
        let entries = store.history(leak, provider)?.into_iter();
        acts.extend(entries.map(|entry| (leak.clone(), entry)));
    }
    acts.extend(audited(&store.audit_log()?, leaks));
    // Stable: acts of one moment stay in the order of the leaks, and of one leak in which they were recorded.
    acts.sort_by_key(|(_, entry)| entry.at);
    Ok(acts)
}

/// Returns the acts on one leak alone of some that belong to no job. A line that cannot be read is left to
/// `audit verify`.
fn audited(log: &AuditLog, leaks: &[(EntityKey, ProviderId)]) -> Vec<(EntityKey, HistoryEntry)> {
    let keys: HashMap<String, &EntityKey> = leaks
        .iter()
        .map(|(key, _)| (key.to_string(), key))
        .collect();
    // Most lines are of no leak or of another one: few of them are worth parsing.
    let quoted: HashSet<Vec<u8>> = keys
        .keys()
        .filter_map(|key| crate::entity::json::to_string(key).ok())
        .map(String::into_bytes)
        .collect();
    let finder = memmem::Finder::new(MEMBER);
    let is_wanted = |line: &[u8]| {
        finder.find_iter(line).any(|at| {
            let value = line.get(at + MEMBER.len() - 1..).unwrap_or_default();
            quoted.contains(quoted_text(value))
        })
    };
    log.lines()
        .filter(|line| is_wanted(line))
        .filter_map(|line| serde_json::from_slice::<Line>(line).ok())
        .filter(|line| line.job.is_none())
        .filter(|line| {
            line.outcome.starts_with("refused") || !KNOWN.contains(&line.action.as_str())
        })
        .filter_map(|line| {
            let key = *keys.get(line.key.as_deref()?)?;
            Some((key.clone(), line.entry()?))
        })
        .collect()
}

/// How a line says which leak it is about.
const MEMBER: &[u8] = b"\"key\":\"";

/// The JSON string at the beginning of some bytes, with its quotes.
fn quoted_text(bytes: &[u8]) -> &[u8] {
    let mut escaped = false;
    for (at, byte) in bytes.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return bytes.get(..=at).unwrap_or_default(),
            _ => {}
        }
    }
    bytes
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
        let by = ConsoleId {
            user,
            host,
            console,
        };
        let at: Timestamp = self.at.parse().ok()?;
        Some(HistoryEntry {
            outcome: Some(self.outcome),
            detail: self.detail,
            words: Justification {
                reason: self.reason,
                note: self.note,
                ticket: self.ticket,
            },
            ..HistoryEntry::new(at, Some(by), HistoryAction::Audited(self.action))
        })
    }
}
