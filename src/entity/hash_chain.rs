//! Lines that seal one another: each is a JSON object with its number, the hash of the line before and its own, so that
//! nothing can be changed, taken out, moved or cut off without [`verify`] saying where. The audit log is one, and so are
//! its exports and the manifest of a bundle of evidence.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// Where a chain ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// How many records there are.
    pub count: u64,
    /// The last one's hash, hex; zeros when there is none.
    pub hash: String,
}

impl Default for Head {
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
pub enum ChainFault {
    /// It is not what was written.
    Changed,
    /// It was taken out.
    Missing,
    /// It stands at another place.
    Reordered,
    /// The text ends before it, or in it.
    Cut,
}

/// What looking through a chain showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainReport {
    /// How many records are in it.
    pub records: u64,
    /// The first one that is wrong, from 1, and how.
    pub first_bad: Option<(u64, ChainFault)>,
}

impl ChainReport {
    /// Whether nothing is wrong.
    pub fn is_ok(&self) -> bool {
        self.first_bad.is_none()
    }
}

/// A line whose hash is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub seq: u64,
    /// The hash of the line before, hex.
    pub prev: String,
    /// Its own.
    pub hash: [u8; 32],
    /// How it is sealed.
    pub seal: Seal,
}

/// How lines of a chain are hashed. Its name is that of the member that holds the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Seal {
    /// BLAKE3, in `hash`: what this program seals itself.
    #[default]
    Blake3,
    /// SHA-256, in `sha256`: what the server of a team store seals.
    Sha256,
}

impl Seal {
    /// Between a record's own members and its hash.
    fn member(self) -> &'static str {
        match self {
            Self::Blake3 => ",\"hash\":\"",
            Self::Sha256 => ",\"sha256\":\"",
        }
    }

    /// The hash of a record's bytes, given in parts.
    fn hash(self, parts: &[&[u8]]) -> [u8; 32] {
        match self {
            Self::Blake3 => {
                let mut hasher = blake3::Hasher::new();
                for part in parts {
                    hasher.update(part);
                }
                *hasher.finalize().as_bytes()
            }
            Self::Sha256 => {
                let mut hasher = Sha256::new();
                for part in parts {
                    hasher.update(part);
                }
                hasher.finalize().into()
            }
        }
    }

    /// How the first line of a chain is sealed.
    pub fn of(chain: &[u8]) -> Self {
        let line = chain.split(|byte| *byte == b'\n').next();
        match line.and_then(parse) {
            Some(line) => line.seal,
            None => Self::default(),
        }
    }
}

/// Seals a JSON object that has members: the line with its end, and its hash.
pub fn chain_line(json: Vec<u8>) -> (Vec<u8>, [u8; 32]) {
    seal_with(Seal::default(), json)
}

fn seal_with(seal: Seal, mut json: Vec<u8>) -> (Vec<u8>, [u8; 32]) {
    let hash = seal.hash(&[&json]);
    json.pop();
    json.extend_from_slice(seal.member().as_bytes());
    json.extend_from_slice(hex(&hash).as_bytes());
    json.extend_from_slice(b"\"}\n");
    (json, hash)
}

/// Reads a line, without its end.
pub fn parse(line: &[u8]) -> Option<Line> {
    #[derive(Deserialize)]
    struct Members {
        seq: u64,
        prev: String,
    }
    let rest = line.strip_suffix(b"\"}")?;
    let (rest, stored) = rest.split_at_checked(rest.len().checked_sub(64)?)?;
    let seals = [Seal::Blake3, Seal::Sha256];
    let (seal, body) = seals
        .into_iter()
        .find_map(|seal| Some((seal, rest.strip_suffix(seal.member().as_bytes())?)))?;
    let hash = seal.hash(&[body, b"}"]);
    if hex(&hash).as_bytes() != stored {
        return None;
    }
    let members: Members = serde_json::from_slice(line).ok()?;
    Some(Line {
        seq: members.seq,
        prev: members.prev,
        hash,
        seal,
    })
}

/// Looks through a whole chain; with its `head` from elsewhere, one that was cut or written anew shows too.
pub fn verify(bytes: &[u8], head: Option<&Head>) -> ChainReport {
    let ended = bytes.is_empty() || bytes.ends_with(b"\n");
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    if ended {
        lines.pop();
    }
    let parsed: Vec<_> = lines.iter().map(|line| parse(line)).collect();
    let records = lines.len() as u64;
    let bad = find_first_bad(&parsed, ended, head);
    ChainReport {
        records,
        first_bad: bad,
    }
}

/// A hash as text.
pub fn hex(hash: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}

/// A chain that is being written into memory, with an end of its own: a text that was cut shows without a head.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    head: Head,
    seal: Seal,
    text: Vec<u8>,
}

#[derive(Serialize)]
struct ChainRecord<'a, T> {
    seq: u64,
    #[serde(flatten)]
    body: &'a T,
    prev: &'a str,
}

impl Chain {
    /// A chain that goes on behind lines whose end is this.
    pub fn continuing_from(head: Head, seal: Seal) -> Self {
        Self {
            head,
            seal,
            text: Vec::new(),
        }
    }

    /// Adds a record: an object with names of its own, none of them `seq`, `prev` or `hash`.
    pub fn push<T: Serialize>(&mut self, body: &T) -> serde_json::Result<()> {
        let json = super::json::to_vec(&ChainRecord {
            seq: self.head.count + 1,
            body,
            prev: &self.head.hash,
        })?;
        let (line, hash) = seal_with(self.seal, json);
        self.text.extend_from_slice(&line);
        self.head = Head {
            count: self.head.count + 1,
            hash: hex(&hash),
        };
        Ok(())
    }

    /// The lines, and where they end.
    pub fn finish(self) -> (Vec<u8>, Head) {
        (self.text, self.head)
    }
}

fn find_first_bad(
    lines: &[Option<Line>],
    ended: bool,
    head: Option<&Head>,
) -> Option<(u64, ChainFault)> {
    let present: HashSet<u64> = lines.iter().flatten().map(|line| line.seq).collect();
    let mut last = Head::default();
    for (place, line) in (1_u64..).zip(lines) {
        let is_last = place == lines.len() as u64;
        let Some(line) = line else {
            let what = if is_last && !ended {
                ChainFault::Cut
            } else {
                ChainFault::Changed
            };
            return Some((place, what));
        };
        if line.seq != place {
            // The record that belongs here: elsewhere in the file, or nowhere.
            let what = if present.contains(&place) || line.seq < place {
                ChainFault::Reordered
            } else {
                ChainFault::Missing
            };
            return Some((place, what));
        }
        if lines
            .first()
            .and_then(Option::as_ref)
            .is_some_and(|first| first.seal != line.seal)
        {
            // Lines of two stores are never one chain.
            return Some((place, ChainFault::Changed));
        }
        if line.prev != last.hash {
            // Whole by itself, but not what followed: the one before was written anew.
            return Some((place.saturating_sub(1).max(1), ChainFault::Changed));
        }
        if is_last && !ended {
            return Some((place, ChainFault::Cut));
        }
        last = Head {
            count: place,
            hash: hex(&line.hash),
        };
    }
    let head = head?;
    if last.count < head.count {
        return Some((last.count + 1, ChainFault::Cut));
    }
    if last.count > head.count {
        return Some((head.count + 1, ChainFault::Changed));
    }
    (last.hash != head.hash).then_some((head.count.max(1), ChainFault::Changed))
}
