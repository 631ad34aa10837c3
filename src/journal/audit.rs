//! The audit log: one JSON line an attempt, each with the hash of the line before, so that nothing in it can be changed,
//! taken out, moved or cut off without [`verify_audit`] saying where. A secret's value is never in it.

use super::{Who, chain::Head, place};
use crate::entity::{
    claim::Words,
    error::JournalError,
    key::{EntityKey, JobId, ProfileName},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashSet,
    fs::File,
    io::{ErrorKind, Read, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
    path::Path,
};

/// Where an attempt came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditOrigin {
    /// The console.
    Console,
    /// A command without one.
    Command,
}

/// What an attempt was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditTarget {
    /// Nothing in particular.
    Nothing,
    /// One thing.
    One(EntityKey),
    /// So many leaks.
    Many(u64),
}

/// One attempt, as it is to be recorded; who and when the journal knows itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Where it came from.
    pub from: AuditOrigin,
    /// On which profile, if on one.
    pub profile: Option<ProfileName>,
    /// What was tried: `fix`, `reveal`, `copy`, ….
    pub action: String,
    /// About what.
    pub target: AuditTarget,
    /// The job that it belongs to.
    pub job: Option<JobId>,
    /// How it was before, in a status word.
    pub before: Option<String>,
    /// How it was to become.
    pub after: Option<String>,
    /// What came of it: `done`, `refused`, `failed`, ….
    pub outcome: String,
    /// Method and path template, never a path with values in it: `POST /v1/leaks/status`.
    pub request: Option<String>,
    /// More, in our words. Never a value of a leak, never a secret.
    pub detail: Option<String>,
    /// Why, in the operator's words.
    pub words: Words,
}

impl AuditRecord {
    /// An attempt with nothing but where from, what and what came of it.
    pub fn new(from: AuditOrigin, action: impl Into<String>, outcome: impl Into<String>) -> Self {
        Self {
            from,
            profile: None,
            action: action.into(),
            target: AuditTarget::Nothing,
            job: None,
            before: None,
            after: None,
            outcome: outcome.into(),
            request: None,
            detail: None,
            words: Words::default(),
        }
    }
}

/// Where the log ends, as the journal has it committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// How many records there are.
    pub count: u64,
    /// The last one's hash, hex; zeros when there is none.
    pub hash: String,
}

impl Default for AuditHead {
    fn default() -> Self {
        Self {
            count: 0,
            hash: hex(&[0; 32]),
        }
    }
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum AuditFault {
    /// It is not what was written.
    Changed,
    /// It was taken out.
    Missing,
    /// It stands at another place.
    Reordered,
    /// The log ends before it, or in it.
    Cut,
}

/// What looking through an audit log showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditVerdict {
    /// How many records are in the file.
    pub records: u64,
    /// The first one that is wrong, from 1, and how.
    pub bad: Option<(u64, AuditFault)>,
}

impl AuditVerdict {
    /// Whether nothing is wrong.
    pub fn is_ok(&self) -> bool {
        self.bad.is_none()
    }
}

/// Looks through a whole audit log; with the journal's `head`, a log that was cut or written anew shows too.
///
/// # Errors
/// `Io` when the file cannot be read. A file that is not there is an empty log.
pub fn verify_audit(path: &Path, head: Option<&AuditHead>) -> Result<AuditVerdict, JournalError> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(mut file) => {
            file.read_to_end(&mut bytes)
                .map_err(|error| place::failed(path, "read", &error))?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(place::failed(path, "read", &error)),
    }
    Ok(judge(&bytes, head))
}

/// Appends records and gives the new head. The lines are on disk when this returns; when it fails, the log is as it was.
pub(super) fn append(
    path: &Path,
    records: &[AuditRecord],
    who: &Who,
    now: Timestamp,
    head: &Head,
) -> Result<Head, JournalError> {
    let mut file = place::open(path, true)?;
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
        .map_err(|error| place::failed(path, "read", &error))?;
    let torn = start > 0
        && last_byte(&file, start).map_err(|error| place::failed(path, "read", &error))? != b'\n';
    // After a log that was cut in a line the new one is still a line of its own; that it was cut shows all the same.
    let lines = if torn {
        [b"\n", &lines[..]].concat()
    } else {
        lines
    };
    let written = file.write_all(&lines).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // Half a line would make an honest log look changed.
        file.set_len(start).ok();
        return Err(place::failed(path, "write", &error));
    }
    head.bytes = start + lines.len() as u64;
    Ok(head)
}

fn last_byte(file: &File, length: u64) -> std::io::Result<u8> {
    let mut byte = [0];
    file.read_exact_at(&mut byte, length - 1)?;
    Ok(byte[0])
}

/// What to make of bytes beyond the committed head: whole lines that continue the chain are taken in (the new head is
/// answered), the beginning of one is taken away. Anything else stays for [`verify_audit`] to find.
pub(super) fn recover(path: &Path, head: &Head) -> Result<Option<Head>, JournalError> {
    let Some(length) = place::file(path)? else {
        return Ok(None);
    };
    if length <= head.bytes {
        return Ok(None);
    }
    let mut file = place::open(path, true)?;
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(head.bytes))
        .and_then(|_| (&file).take(TAIL).read_to_end(&mut tail))
        .map_err(|error| place::failed(path, "read", &error))?;
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
            .map_err(|error| place::failed(path, "mend", &error))?;
    }
    Ok((new != *head).then_some(new))
}

/// What one write leaves at most: the lines of a job of 100,000 changes.
const TAIL: u64 = 256 << 20;

#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    at: String,
    who: LineWho<'a>,
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
struct LineWho<'a> {
    user: &'a str,
    host: &'a str,
    tty: &'a str,
    pid: &'a str,
}

/// Between a record's own members and its hash.
const SEAL: &str = ",\"hash\":\"";

fn line(
    record: &AuditRecord,
    who: &Who,
    now: Timestamp,
    head: &Head,
) -> Result<(Vec<u8>, [u8; 32]), JournalError> {
    let (key, keys) = match &record.target {
        AuditTarget::Nothing => (None, 0),
        AuditTarget::One(key) => (Some(key), 1),
        AuditTarget::Many(keys) => (None, *keys),
    };
    let line = Line {
        seq: head.count + 1,
        at: now.to_string(),
        who: LineWho {
            user: &who.user,
            host: &who.host,
            tty: &who.tty,
            pid: &who.pid,
        },
        from: record.from,
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
        reason: record.words.reason.as_deref(),
        note: record.words.note.as_deref(),
        ticket: record.words.ticket.as_deref(),
        prev: hex(&head.hash),
    };
    let mut json = serde_json::to_vec(&line).map_err(|_| JournalError::Io {
        why: "an audit record cannot be written as JSON".to_owned(),
    })?;
    let hash = *blake3::hash(&json).as_bytes();
    json.pop();
    json.extend_from_slice(SEAL.as_bytes());
    json.extend_from_slice(hex(&hash).as_bytes());
    json.extend_from_slice(b"\"}\n");
    Ok((json, hash))
}

struct Parsed {
    seq: u64,
    prev: String,
    hash: [u8; 32],
}

/// A line whose hash is right.
fn parse(line: &[u8]) -> Option<Parsed> {
    #[derive(Deserialize)]
    struct Members {
        seq: u64,
        prev: String,
    }
    let rest = line.strip_suffix(b"\"}")?;
    let (rest, stored) = rest.split_at_checked(rest.len().checked_sub(64)?)?;
    let body = rest.strip_suffix(SEAL.as_bytes())?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(body);
    hasher.update(b"}");
    let hash = *hasher.finalize().as_bytes();
    if hex(&hash).as_bytes() != stored {
        return None;
    }
    let members: Members = serde_json::from_slice(line).ok()?;
    Some(Parsed {
        seq: members.seq,
        prev: members.prev,
        hash,
    })
}

fn judge(bytes: &[u8], head: Option<&AuditHead>) -> AuditVerdict {
    let ended = bytes.is_empty() || bytes.ends_with(b"\n");
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    if ended {
        lines.pop();
    }
    let parsed: Vec<_> = lines.iter().map(|line| parse(line)).collect();
    let records = lines.len() as u64;
    let bad = first_bad(&parsed, ended, head);
    AuditVerdict { records, bad }
}

fn first_bad(
    lines: &[Option<Parsed>],
    ended: bool,
    head: Option<&AuditHead>,
) -> Option<(u64, AuditFault)> {
    let present: HashSet<u64> = lines.iter().flatten().map(|line| line.seq).collect();
    let mut last = AuditHead::default();
    for (place, line) in (1_u64..).zip(lines) {
        let is_last = place == lines.len() as u64;
        let Some(line) = line else {
            let what = if is_last && !ended {
                AuditFault::Cut
            } else {
                AuditFault::Changed
            };
            return Some((place, what));
        };
        if line.seq != place {
            // The record that belongs here: elsewhere in the file, or nowhere.
            let what = if present.contains(&place) || line.seq < place {
                AuditFault::Reordered
            } else {
                AuditFault::Missing
            };
            return Some((place, what));
        }
        if line.prev != last.hash {
            // Whole by itself, but not what followed: the one before was written anew.
            return Some((place.saturating_sub(1).max(1), AuditFault::Changed));
        }
        if is_last && !ended {
            return Some((place, AuditFault::Cut));
        }
        last = AuditHead {
            count: place,
            hash: hex(&line.hash),
        };
    }
    let head = head?;
    if last.count < head.count {
        return Some((last.count + 1, AuditFault::Cut));
    }
    if last.count > head.count {
        return Some((head.count + 1, AuditFault::Changed));
    }
    (last.hash != head.hash).then_some((head.count.max(1), AuditFault::Changed))
}

fn hex(hash: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}
