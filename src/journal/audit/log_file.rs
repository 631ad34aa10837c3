//! Reads the audit log, with the head that the journal stores, or as a copy that can be verified by itself.

use super::super::{location, port::Operator};
use crate::entity::{
    error::JournalError,
    hash_chain::{self, Chain, ChainFault, ChainReport, Head, Seal},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::Path,
};

/// Returns the bytes of a log; a missing file is empty.
pub(in crate::journal) fn bytes(path: &Path) -> Result<Vec<u8>, JournalError> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(mut file) => {
            file.read_to_end(&mut bytes)
                .map_err(|error| location::io_error(path, "read", &error))?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(location::io_error(path, "read", &error)),
    }
    Ok(bytes)
}

/// The audit log with its committed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLog {
    /// Content of the file.
    pub bytes: Vec<u8>,
    /// The committed head.
    pub head: Head,
}

impl AuditLog {
    /// Verifies the log. Complete lines beyond the head are no error: see [`AuditLog::uncommitted_lines`].
    pub fn report(&self) -> ChainReport {
        let verdict = hash_chain::verify(&self.bytes, Some(&self.head));
        if self.uncommitted_lines() > 0 {
            return ChainReport {
                first_bad: None,
                ..verdict
            };
        }
        verdict
    }

    /// Returns the number of valid lines beyond the head. Another console is about to commit them, or was killed before
    /// it could; the next start accepts them.
    pub fn uncommitted_lines(&self) -> u64 {
        let alone = hash_chain::verify(&self.bytes, None);
        let more = alone.records.saturating_sub(self.head.count);
        let first = self.lines().nth(self.head.count as usize);
        let goes_on = first
            .and_then(hash_chain::parse)
            .is_some_and(|line| line.prev == self.head.hash);
        if alone.is_ok() && goes_on { more } else { 0 }
    }

    /// Returns true if the log ends in an incomplete line or has more lines than the head: another console may be
    /// writing.
    pub(in crate::journal) fn has_uncommitted_tail(&self) -> bool {
        let lines = self.lines().count() as u64;
        lines != self.head.count || !(self.bytes.is_empty() || self.bytes.ends_with(b"\n"))
    }

    /// Returns the lines without their ends.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
    }

    /// Returns a copy for use elsewhere: all bytes up to the head, and a line with the head, the operator and the time.
    ///
    /// # Errors
    /// `Io` when that line cannot be written as JSON.
    pub fn copy(&self, who: &Operator, at: Timestamp) -> Result<Vec<u8>, JournalError> {
        let mut end = Chain::continuing_from(self.head.clone(), Seal::of(&self.bytes));
        end.push(&EndLine {
            end: EndRecord {
                records: self.head.count,
                at: at.to_string(),
                user: who.user.clone(),
                host: who.host.clone(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
        })
        .map_err(|_| JournalError::Io {
            why: "the end of the copy cannot be written as JSON".to_owned(),
        })?;
        let mut copy = self.bytes.clone();
        if self.uncommitted_lines() > 0 {
            // Lines beyond the head belong to the next copy.
            let lines = copy.split_inclusive(|byte| *byte == b'\n');
            let kept = lines.take(self.head.count as usize).map(<[u8]>::len).sum();
            copy.truncate(kept);
        }
        copy.extend(end.finish().0);
        Ok(copy)
    }
}

#[derive(Serialize, Deserialize)]
struct EndLine {
    end: EndRecord,
}

#[derive(Serialize, Deserialize)]
struct EndRecord {
    records: u64,
    at: String,
    user: String,
    host: String,
    version: String,
}

/// Verifies a copy made by [`AuditLog::copy`], without the journal. A copy without its last line was cut.
pub fn verify_copy(bytes: &[u8]) -> ChainReport {
    let verdict = hash_chain::verify(bytes, None);
    let last = bytes
        .split(|byte| *byte == b'\n')
        .rfind(|line| !line.is_empty());
    let end = last.and_then(|line| {
        let end: EndLine = serde_json::from_slice(line).ok()?;
        Some((hash_chain::parse(line)?.seq, end.end.records))
    });
    match end {
        Some((seq, records)) if seq == records + 1 => ChainReport {
            records: verdict.records.saturating_sub(1),
            first_bad: verdict.first_bad,
        },
        Some(_) | None => ChainReport {
            records: verdict.records,
            first_bad: verdict
                .first_bad
                .or(Some((verdict.records + 1, ChainFault::Cut))),
        },
    }
}
