//! Whether an audit log, a copy of one or a bundle of evidence is what was written, and if not, where it is not.

use crate::{
    cli::{
        context::CommandContext,
        entities::rows,
        exit::ExitCode,
        failure::{Failure, FailureKind},
        format::Format,
        input::{self, InputError, ReadLimits},
    },
    entity::{number::group_digits, visible::escape},
    export::{
        evidence::{self, BundleReport},
        json,
    },
    journal::{AuditFault, AuditLog, AuditVerdict, verify_copy},
};
use serde::Serialize;
use std::path::Path;

/// No copy, and no line of one, is longer.
const BOUNDS: ReadLimits = ReadLimits {
    max_file_bytes: 4 << 30,
    max_line_bytes: 1 << 20,
};

/// What was looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum AuditSource {
    Log,
    Copy,
    Bundle,
}

#[derive(Clone, Debug, Serialize)]
struct Answer {
    what: AuditSource,
    records: u64,
    ok: bool,
    bad: Option<DamagedRecord>,
    /// Whole lines behind the head that the journal has not committed yet.
    uncommitted: u64,
    /// What the whole is known by: the hash of the last line.
    seal: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct DamagedRecord {
    record: u64,
    what: AuditFault,
    /// In which file of a bundle.
    file: Option<String>,
}

/// The log of this installation, against the head that the journal holds.
pub(super) fn verify_log(session: &mut CommandContext, format: Format, log: &AuditLog) -> ExitCode {
    let verdict = log.report();
    let answer = Answer {
        uncommitted: log.uncommitted_lines(),
        seal: Some(log.head.hash.clone()),
        ..answer_from(AuditSource::Log, verdict)
    };
    print_answer(session, format, &answer)
}

/// A copy, by itself.
pub(super) fn verify_log_copy(
    session: &mut CommandContext,
    format: Format,
    path: &Path,
) -> Result<ExitCode, Failure> {
    let bytes =
        input::read_file(path, BOUNDS).map_err(|unread| unreadable_failure(path, unread))?;
    Ok(print_answer(
        session,
        format,
        &answer_from(AuditSource::Copy, verify_copy(&bytes)),
    ))
}

/// A bundle, by itself.
pub(super) fn verify_bundle(
    session: &mut CommandContext,
    format: Format,
    path: &Path,
) -> Result<ExitCode, Failure> {
    let BundleReport {
        records,
        mismatch: bad,
        manifest_hash: seal,
    } = evidence::verify(path).map_err(|error| unreadable_failure(path, error.into()))?;
    let answer = Answer {
        what: AuditSource::Bundle,
        records,
        ok: bad.is_none(),
        bad: bad.map(|bad| DamagedRecord {
            record: bad.record,
            what: bad.fault,
            file: Some(bad.file),
        }),
        uncommitted: 0,
        seal,
    };
    Ok(print_answer(session, format, &answer))
}

fn answer_from(what: AuditSource, verdict: AuditVerdict) -> Answer {
    Answer {
        what,
        records: verdict.records,
        ok: verdict.is_ok(),
        bad: verdict.first_bad.map(|(record, what)| DamagedRecord {
            record,
            what,
            file: None,
        }),
        uncommitted: 0,
        seal: None,
    }
}

fn print_answer(session: &mut CommandContext, format: Format, answer: &Answer) -> ExitCode {
    match format {
        Format::Json => session.output.json(&json::answer("audit", answer)),
        Format::Table => {
            let mut fields = vec![
                ("records", rows::printable(group_digits(answer.records))),
                ("ok", rows::printable(if answer.ok { "yes" } else { "no" })),
            ];
            if let Some(bad) = &answer.bad {
                fields.push(("bad", escape(damage_text(bad).as_bytes())));
            }
            if answer.uncommitted > 0 {
                fields.push((
                    "not committed",
                    rows::printable(group_digits(answer.uncommitted)),
                ));
            }
            if let Some(seal) = &answer.seal {
                fields.push(("checksum", rows::printable(seal)));
            }
            session.output.key_values(&fields);
        }
    }
    if answer.ok {
        ExitCode::Done
    } else {
        ExitCode::Verification
    }
}

fn damage_text(bad: &DamagedRecord) -> String {
    let what = match bad.what {
        AuditFault::Changed => "is not what was written",
        AuditFault::Missing => "was taken out",
        AuditFault::Reordered => "stands at another place",
        AuditFault::Cut => "is cut, or was cut off",
    };
    let record = group_digits(bad.record);
    match &bad.file {
        Some(file) => format!("record {record} of {file} {what}"),
        None => format!("record {record} {what}"),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it ends here")]
fn unreadable_failure(path: &Path, unread: InputError) -> Failure {
    let kind = if unread.is_missing {
        FailureKind::NotFound
    } else {
        FailureKind::Usage
    };
    Failure::new(
        kind,
        format!(
            "{} cannot be read: {}",
            input::printable_path(path),
            unread.why
        ),
        "give a file of stanch audit export, or the directory of a bundle of evidence",
    )
}
