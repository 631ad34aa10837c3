//! The manifest: sealed lines. The first says what the bundle is, one a file says what is in it, the last that nothing
//! follows.

use super::{BundleContext, ECS, OCSF, hashing_writer::FileDigest};
use crate::entity::{
    evidence::Evidence,
    hash_chain::{Chain, Head},
    job::{JobCommand, OutcomeCounts},
    key::JobId,
    status::Status,
};
use serde::{Deserialize, Serialize};

/// The manifest's name.
pub const NAME: &str = "manifest.jsonl";

/// What a bundle may hold beside it.
pub(super) const FILES: [&str; 6] = [
    "leaks.jsonl",
    "leaks.csv",
    "ocsf.jsonl",
    "ecs.jsonl",
    "job.jsonl",
    "audit.jsonl",
];

/// The number of the bundle's form.
const FORMAT_VERSION: u8 = 1;

#[derive(Serialize)]
struct FirstLine<'a> {
    bundle: Bundle<'a>,
}

#[derive(Serialize)]
struct Bundle<'a> {
    form: u8,
    made_at: String,
    made_by: Maker<'a>,
    tool: &'static str,
    tool_version: &'static str,
    hash: &'static str,
    ocsf_version: &'static str,
    ecs_version: &'static str,
    leaks: usize,
    /// Of these, the ones whose members are here; of the others only key and change are.
    loaded: usize,
    job: Option<JobSummary<'a>>,
    audit: &'a Head,
}

#[derive(Serialize)]
struct Maker<'a> {
    user: &'a str,
    host: &'a str,
    tty: &'a str,
}

#[derive(Serialize)]
struct JobSummary<'a> {
    id: JobId,
    command: JobCommand,
    status: Status,
    plan_hash: &'a str,
    reason: &'a Option<String>,
    note: &'a Option<String>,
    ticket: &'a Option<String>,
    counts: OutcomeCounts,
}

/// A file's line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FileLine {
    pub(super) file: Entry,
}

/// What is in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) bytes: u64,
    /// Lines, a header among them.
    pub(super) records: u64,
    pub(super) blake3: String,
    /// By line, the first half of its hash.
    pub(super) lines: Vec<String>,
}

impl Entry {
    pub(super) fn from_digest(name: &str, tallied: FileDigest) -> Self {
        Self {
            name: name.to_owned(),
            bytes: tallied.bytes,
            records: tallied.lines.len() as u64,
            blake3: tallied.hash,
            lines: tallied.lines,
        }
    }
}

/// The last line.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct LastLine {
    pub(super) end: End,
}

/// What it says.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) files: usize,
}

/// The whole manifest, and its end.
pub(super) fn text(
    evidence: &Evidence,
    circumstances: &BundleContext,
    files: &[Entry],
) -> serde_json::Result<(Vec<u8>, Head)> {
    let mut chain = Chain::default();
    let subjects = &evidence.items;
    chain.push(&FirstLine {
        bundle: Bundle {
            form: FORMAT_VERSION,
            made_at: circumstances.at.to_string(),
            made_by: Maker {
                user: &circumstances.user,
                host: &circumstances.host,
                tty: &circumstances.tty,
            },
            tool: env!("CARGO_PKG_NAME"),
            tool_version: env!("CARGO_PKG_VERSION"),
            hash: "blake3",
            ocsf_version: OCSF,
            ecs_version: ECS,
            leaks: subjects.len(),
            loaded: subjects
                .iter()
                .filter(|subject| subject.leak.is_some())
                .count(),
            job: evidence.job.as_deref().map(|job| JobSummary {
                id: job.id,
                command: job.command,
                status: job.wanted,
                plan_hash: &job.plan_hash,
                reason: &job.reason,
                note: &job.note,
                ticket: &job.ticket,
                counts: job.counts,
            }),
            audit: &circumstances.audit,
        },
    })?;
    for file in files {
        chain.push(&FileLine { file: file.clone() })?;
    }
    chain.push(&LastLine {
        end: End { files: files.len() },
    })?;
    Ok(chain.finish())
}
