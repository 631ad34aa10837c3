//! The audit log: one JSON line per attempt, each with the hash of the line before. [`verify_audit`] finds every line
//! that was changed, removed, moved or cut off. It never contains a secret.

mod log_file;

pub use crate::entity::hash_chain::{
    ChainFault as AuditFault, ChainReport as AuditVerdict, Head as AuditHead,
};
pub(super) use log_file::bytes;
pub use log_file::{AuditLog, verify_copy};

use super::{location, port::Operator};
use crate::entity::{
    claim::Justification,
    error::JournalError,
    hash_chain::{chain_line, hex, parse, verify},
    json,
    key::{EntityKey, JobId, ProfileName},
};
use jiff::Timestamp;
use serde::Serialize;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
    path::Path,
};

/// Head of a chain: the event chain of the database, or the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Number of entries.
    pub(super) count: u64,
    /// Length in bytes, for a file.
    pub(super) bytes: u64,
    /// Hash of the last entry.
    pub(super) hash: [u8; 32],
}

/// Origin of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditOrigin {
    /// The console.
    Console,
    /// A command.
    Command,
}

/// Target of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditTarget {
    /// No target.
    Nothing,
    /// One leak.
    One(EntityKey),
    /// Several leaks, by number.
    Many(u64),
}

/// One attempt to record. The journal adds operator and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Origin.
    pub origin: AuditOrigin,
    /// Profile; `None` if there is none or several.
    pub profile: Option<ProfileName>,
    /// Action: `fix`, `reveal`, `copy`, ….
    pub action: String,
    /// Target.
    pub target: AuditTarget,
    /// Job; `None` if it belongs to none.
    pub job: Option<JobId>,
    /// Status before, as a word.
    pub before: Option<String>,
    /// Status after, as a word.
    pub after: Option<String>,
    /// Outcome: `done`, `refused`, `failed`, ….
    pub outcome: String,
    /// Method and path template of the request, without values: `POST /v1/leaks/status`.
    pub request: Option<String>,
    /// Details as text. Never a value of a leak, never a secret.
    pub detail: Option<String>,
    /// Justification of the operator.
    pub justification: Justification,
}

impl AuditRecord {
    /// Returns an attempt with origin, action and outcome only.
    pub fn new(from: AuditOrigin, action: impl Into<String>, outcome: impl Into<String>) -> Self {
        Self {
            origin: from,
            profile: None,
            action: action.into(),
            target: AuditTarget::Nothing,
            job: None,
            before: None,
            after: None,
            outcome: outcome.into(),
            request: None,
            detail: None,
            justification: Justification::default(),
        }
    }
}

/// Verifies an audit log. With the `head` of the journal, a log that was cut or rewritten is found too.
///
/// # Errors
/// `Io` when the file cannot be read. A file that is not there is an empty log.
pub fn verify_audit(path: &Path, head: Option<&AuditHead>) -> Result<AuditVerdict, JournalError> {
    Ok(verify(&bytes(path)?, head))
}

/// Appends records and returns the new head. The lines are synced; on an error the log is unchanged.
pub(super) fn append(
    path: &Path,
    records: &[AuditRecord],
    who: &Operator,
    now: Timestamp,
    head: &Head,
) -> Result<Head, JournalError> {
    let mut file = location::open(path, true)?;
    let mut head = head.clone();
    let mut lines = Vec::new();
    for record in records {
        let (line, hash) = line(record, who, now, &head)?;
        lines.extend_from_slice(&line);
        head.count += 1;
        head.hash = hash;
    }
    let start = file
        .seek(SeekFrom::End(0))
        .map_err(|error| location::io_error(path, "read", &error))?;
    let torn = start > 0
        && last_byte(&file, start).map_err(|error| location::io_error(path, "read", &error))?
            != b'\n';
    // A log that was cut within a line still gets a new line. The cut is found anyway.
    let lines = if torn {
        [b"\n", &lines[..]].concat()
    } else {
        lines
    };
    let written = file.write_all(&lines).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // Half a line would make an honest log look changed.
        file.set_len(start).ok();
        return Err(location::io_error(path, "write", &error));
    }
    head.bytes = start + lines.len() as u64;
    Ok(head)
}

fn last_byte(file: &File, length: u64) -> std::io::Result<u8> {
    let mut byte = [0];
    file.read_exact_at(&mut byte, length - 1)?;
    Ok(byte[0])
}

/// Handles bytes beyond the committed head. Complete lines that continue the chain are accepted, and the new head is
/// returned; an incomplete last line is removed. Anything else is left for [`verify_audit`] to report.
pub(super) fn recover(path: &Path, head: &Head) -> Result<Option<Head>, JournalError> {
    let Some(length) = location::file_length(path)? else {
        return Ok(None);
    };
    if length <= head.bytes {
        return Ok(None);
    }
    let mut file = location::open(path, true)?;
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(head.bytes))
        .and_then(|_| (&file).take(MAX_TAIL_BYTES).read_to_end(&mut tail))
        .map_err(|error| location::io_error(path, "read", &error))?;
    let mut new = head.clone();
    let mut rest = &tail[..];
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let (line, after) = rest.split_at(end);
        let Some(line) =
            parse(line).filter(|line| line.seq == new.count + 1 && line.prev == hex(&new.hash))
        else {
            break;
        };
        new = Head {
            count: line.seq,
            bytes: new.bytes + end as u64 + 1,
            hash: line.hash,
        };
        rest = after.get(1..).unwrap_or_default();
    }
    let is_torn = !rest.is_empty() && memchr::memchr(b'\n', rest).is_none();
    if is_torn && new.bytes + rest.len() as u64 == length {
        file.set_len(new.bytes)
            .and_then(|()| file.sync_all())
            .map_err(|error| location::io_error(path, "mend", &error))?;
    }
    Ok((new != *head).then_some(new))
}

/// Largest size of one write, in bytes: the lines of a job of 100,000 changes.
const MAX_TAIL_BYTES: u64 = 256 << 20;

#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    at: String,
    who: LineOperator<'a>,
    from: AuditOrigin,
    profile: Option<&'a ProfileName>,
    action: &'a str,
    key: Option<&'a EntityKey>,
    keys: u64,
    job: Option<JobId>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    outcome: &'a str,
    request: Option<&'a str>,
    detail: Option<&'a str>,
    reason: Option<&'a str>,
    note: Option<&'a str>,
    ticket: Option<&'a str>,
    prev: String,
}

#[derive(Serialize)]
struct LineOperator<'a> {
    user: &'a str,
    host: &'a str,
    tty: &'a str,
    pid: &'a str,
}

/// Members of a record without its number, time, operator and hashes: what a store that seals lines itself is given.
#[cfg(feature = "postgres")]
#[derive(Serialize)]
struct Members<'a> {
    from: AuditOrigin,
    profile: Option<&'a ProfileName>,
    action: &'a str,
    key: Option<&'a EntityKey>,
    keys: u64,
    job: Option<JobId>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    outcome: &'a str,
    request: Option<&'a str>,
    detail: Option<&'a str>,
    reason: Option<&'a str>,
    note: Option<&'a str>,
    ticket: Option<&'a str>,
}

/// Returns the inside of the JSON object of a record.
#[cfg(feature = "postgres")]
pub(super) fn members(record: &AuditRecord) -> Result<String, JournalError> {
    let (key, keys) = target(record);
    let members = Members {
        from: record.origin,
        profile: record.profile.as_ref(),
        action: &record.action,
        key,
        keys,
        job: record.job,
        before: record.before.as_deref(),
        after: record.after.as_deref(),
        outcome: &record.outcome,
        request: record.request.as_deref(),
        detail: record.detail.as_deref(),
        reason: record.justification.reason.as_deref(),
        note: record.justification.note.as_deref(),
        ticket: record.justification.ticket.as_deref(),
    };
    let json = json::to_vec(&members).ok();
    let json = json.and_then(|json| String::from_utf8(json).ok());
    let inside = json
        .as_deref()
        .and_then(|json| json.strip_prefix('{')?.strip_suffix('}'));
    inside.map(str::to_owned).ok_or_else(|| JournalError::Io {
        why: "an audit record cannot be written as JSON".to_owned(),
    })
}

fn target(record: &AuditRecord) -> (Option<&EntityKey>, u64) {
    match &record.target {
        AuditTarget::Nothing => (None, 0),
        AuditTarget::One(key) => (Some(key), 1),
        AuditTarget::Many(keys) => (None, *keys),
    }
}

fn line(
    record: &AuditRecord,
    who: &Operator,
    now: Timestamp,
    head: &Head,
) -> Result<(Vec<u8>, [u8; 32]), JournalError> {
    let (key, keys) = target(record);
    let line = Line {
        seq: head.count + 1,
        at: now.to_string(),
        who: LineOperator {
            user: &who.user,
            host: &who.host,
            tty: &who.tty,
            pid: &who.pid,
        },
        from: record.origin,
        profile: record.profile.as_ref(),
        action: &record.action,
        key,
        keys,
        job: record.job,
        before: record.before.as_deref(),
        after: record.after.as_deref(),
        outcome: &record.outcome,
        request: record.request.as_deref(),
        detail: record.detail.as_deref(),
        reason: record.justification.reason.as_deref(),
        note: record.justification.note.as_deref(),
        ticket: record.justification.ticket.as_deref(),
        prev: hex(&head.hash),
    };
    let json = json::to_vec(&line).map_err(|_| JournalError::Io {
        why: "an audit record cannot be written as JSON".to_owned(),
    })?;
    Ok(chain_line(json))
}
