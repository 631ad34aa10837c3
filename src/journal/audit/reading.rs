//! Reading the audit log: with the head that the journal holds, and as a copy that proves by itself that it is whole.

use super::super::{Who, place};
use crate::entity::{
    error::JournalError,
    sealed::{self, Chain, Fault, Head, Verdict},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::Path,
};

/// The bytes of a log; one that is not there is empty.
pub(in crate::journal) fn bytes(path: &Path) -> Result<Vec<u8>, JournalError> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(mut file) => {
            file.read_to_end(&mut bytes)
                .map_err(|error| place::failed(path, "read", &error))?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(place::failed(path, "read", &error)),
    }
    Ok(bytes)
}

/// The audit log and where the journal says that it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLog {
    /// The file, as it is.
    pub bytes: Vec<u8>,
    /// The head that is committed.
    pub head: Head,
}

impl AuditLog {
    /// Whether it is what was written.
    pub fn verdict(&self) -> Verdict {
        let verdict = sealed::judge(&self.bytes, Some(&self.head));
        if self.has_one_to_commit() {
            return Verdict {
                bad: None,
                ..verdict
            };
        }
        verdict
    }

    /// Whether one whole line more goes on behind the head: another console is about to commit it, or was killed
    /// before it could and the next start takes it in.
    fn has_one_to_commit(&self) -> bool {
        let next = self.head.count + 1;
        let alone = sealed::judge(&self.bytes, None);
        alone == Verdict { records: next, bad: None }
            && self
                .lines()
                .last()
                .and_then(sealed::parse)
                .is_some_and(|line| line.prev == self.head.hash)
    }

    /// Whether the file ends in a line that is not whole, or has more than the head knows: another console may be in
    /// the middle of it.
    pub(in crate::journal) fn is_unsettled(&self) -> bool {
        let lines = self.lines().count() as u64;
        lines != self.head.count || !(self.bytes.is_empty() || self.bytes.ends_with(b"\n"))
    }

    /// Its lines, without their ends.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
    }

    /// A copy to take elsewhere: every byte as it is, and a line that says where it ended, who took it and when.
    ///
    /// # Errors
    /// `Io` when that line cannot be written as JSON.
    pub fn copy(&self, who: &Who, at: Timestamp) -> Result<Vec<u8>, JournalError> {
        let mut end = Chain::behind(self.head.clone());
        end.push(&End {
            end: Last {
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
        Ok([&self.bytes[..], &end.finish().0].concat())
    }
}

#[derive(Serialize, Deserialize)]
struct End {
    end: Last,
}

#[derive(Serialize, Deserialize)]
struct Last {
    records: u64,
    at: String,
    user: String,
    host: String,
    version: String,
}

/// Looks through a copy that [`AuditLog::copy`] made, wherever it is: without the journal. One that does not end with
/// that line was cut.
pub fn verify_copy(bytes: &[u8]) -> Verdict {
    let verdict = sealed::judge(bytes, None);
    let last = bytes
        .split(|byte| *byte == b'\n')
        .rfind(|line| !line.is_empty());
    let end = last.and_then(|line| {
        let end: End = serde_json::from_slice(line).ok()?;
        Some((sealed::parse(line)?.seq, end.end.records))
    });
    match end {
        Some((seq, records)) if seq == records + 1 => Verdict {
            records: verdict.records.saturating_sub(1),
            bad: verdict.bad,
        },
        Some(_) | None => Verdict {
            records: verdict.records,
            bad: verdict.bad.or(Some((verdict.records + 1, Fault::Cut))),
        },
    }
}
