//! A bundle of evidence: a new directory with the same leaks as JSON Lines, CSV, OCSF Detection Findings and ECS
//! documents, the job and its audit lines, and a manifest that seals every line of every file. [`verify`] needs nothing
//! but the bundle. No secret is in it: a keyed fingerprint stands for login and secret.

mod check;
mod ecs;
mod external_fields;
mod hashing_writer;
mod lines;
mod manifest;
mod ocsf;

pub use check::{BundleReport, Mismatch, verify};
pub use ecs::{VERSION as ECS, document as ecs_document};
pub use manifest::NAME as MANIFEST;
pub use ocsf::{VERSION as OCSF, document as ocsf_document};

use super::{ExportError, csv, file, json, write_new};
use crate::entity::{
    evidence::{Evidence, EvidenceItem},
    hash_chain::Head,
    json as inert,
    leak::Leak,
    raw_text::RawText,
};
use hashing_writer::HashingWriter;
use jiff::Timestamp;
use serde::Serialize;
use std::{
    borrow::Cow,
    fs::{DirBuilder, File},
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::Path,
};

/// Who makes a bundle, when, and what the audit log says of it.
#[derive(Clone, Debug)]
pub struct BundleContext {
    /// When.
    pub at: Timestamp,
    /// Login name.
    pub user: String,
    /// Host name.
    pub host: String,
    /// Terminal, empty if none.
    pub tty: String,
    /// Where the audit log ends.
    pub audit: Head,
    /// The lines of it that are about these leaks, as they stand there.
    pub audit_lines: Vec<Vec<u8>>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenBundle {
    /// How many leaks.
    pub leaks: usize,
    /// The hash of the manifest's last line: whoever has it knows the whole bundle again.
    pub manifest_hash: String,
}

/// Writes a bundle into a new directory, 0700 with files 0600. When that fails nothing of it stays.
///
/// # Errors
/// `Exists` when anything of that name is there; `Full` and `Io` when it cannot be written.
pub fn write(
    directory: &Path,
    evidence: &Evidence,
    circumstances: &BundleContext,
) -> Result<WrittenBundle, ExportError> {
    DirBuilder::new()
        .mode(0o700)
        .create(directory)
        .map_err(|error| file::io_error(directory, &error))?;
    let written = fill(directory, evidence, circumstances);
    if written.is_err() {
        for name in manifest::FILES.iter().chain(&[MANIFEST]) {
            std::fs::remove_file(directory.join(name)).ok();
        }
        // Half a bundle would be taken for a whole one. The error that is told is the first.
        std::fs::remove_dir(directory).ok();
    }
    written
}

fn fill(
    directory: &Path,
    evidence: &Evidence,
    circumstances: &BundleContext,
) -> Result<WrittenBundle, ExportError> {
    let (job, at) = (evidence.job.as_deref(), circumstances.at);
    let subjects: Vec<_> = evidence.items.iter().map(mask_url_password).collect();
    let mut files = Vec::new();
    let mut add = |name: &'static str, body: &dyn Fn(&mut dyn Write) -> io::Result<()>| {
        let path = directory.join(name);
        let (tallied, ()) = write_new(&path, |out| HashingWriter::write_with(out, body))?;
        files.push(manifest::Entry::from_digest(name, tallied));
        Ok::<(), ExportError>(())
    };
    add("leaks.jsonl", &|out| {
        subjects
            .iter()
            .try_for_each(|subject| line(out, &lines::leak_json(subject)))
    })?;
    add("leaks.csv", &|out| {
        out.write_all(csv::BYTE_ORDER_MARK)?;
        lines::csv(out, &subjects)
    })?;
    add("ocsf.jsonl", &|out| {
        subjects
            .iter()
            .try_for_each(|subject| line(out, &ocsf::document(subject, job, at)))
    })?;
    add("ecs.jsonl", &|out| {
        subjects
            .iter()
            .try_for_each(|subject| line(out, &ecs::document(subject, job, at)))
    })?;
    if let Some(job) = job {
        add("job.jsonl", &|out| {
            line(out, &json::answer("job", json::job_json(job, None)))
        })?;
    }
    add("audit.jsonl", &|out| {
        circumstances.audit_lines.iter().try_for_each(|line| {
            out.write_all(line)?;
            out.write_all(b"\n")
        })
    })?;
    let path = directory.join(MANIFEST);
    let (text, head) = manifest::text(evidence, circumstances, &files)
        .map_err(|error| file::io_error(&path, &error.into()))?;
    write_new(&path, |out| out.write_all(&text))?;
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| file::io_error(directory, &error))?;
    Ok(WrittenBundle {
        leaks: evidence.items.len(),
        manifest_hash: head.hash,
    })
}

fn line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    out.write_all(&inert::to_vec(value)?)?;
    out.write_all(b"\n")
}

/// The password that a URL may carry is a secret as well: it is masked, the rest stays as it came.
fn mask_url_password(subject: &EvidenceItem) -> Cow<'_, EvidenceItem> {
    let url = subject.leak.as_ref().and_then(|leak| leak.url.as_ref());
    let Some(masked) = url.and_then(mask) else {
        return Cow::Borrowed(subject);
    };
    let leak = subject.leak.clone().map(|leak| Leak {
        url: Some(masked),
        ..leak
    });
    Cow::Owned(EvidenceItem {
        leak,
        ..subject.clone()
    })
}

/// A URL whose password is masked; `None` where it carries none.
pub(super) fn mask(url: &RawText) -> Option<RawText> {
    let mut parsed = url::Url::parse(url.as_str()?).ok()?;
    parsed.password()?;
    parsed.set_password(Some(json::MASK)).ok()?;
    Some(RawText::from(parsed.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_url_is_masked() {
        let of = |url: &str| mask(&RawText::from(url)).map(|text| text.as_bytes().to_vec());
        assert_eq!(of("https://a.example/x"), None);
        assert_eq!(of("https://ana@a.example/x"), None);
        assert_eq!(
            of("https://ana:hunter2@a.example/x").as_deref(),
            Some(&b"https://ana:********@a.example/x"[..])
        );
    }
}
