//! Whether an audit log, a copy of one or a bundle of evidence is what was written, and if not, where it is not.

use crate::{
    cli::{
        entities::rows,
        exit::ExitCode,
        failure::{Failure, FailureKind},
        format::Format,
        input::{self, Bounds, Unread},
        session::Session,
    },
    entity::{number::grouped, visible::escape},
    export::{
        evidence::{self, Checked},
        json,
    },
    journal::{AuditFault, AuditLog, AuditVerdict, verify_copy},
};
use serde::Serialize;
use std::path::Path;

/// No copy, and no line of one, is longer.
const BOUNDS: Bounds = Bounds {
    file: 4 << 30,
    line: 1 << 20,
};

/// What was looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum What {
    Log,
    Copy,
    Bundle,
}

#[derive(Clone, Debug, Serialize)]
struct Answer {
    what: What,
    records: u64,
    ok: bool,
    bad: Option<Bad>,
    /// Whole lines behind the head that the journal has not committed yet.
    uncommitted: u64,
    /// What the whole is known by: the hash of the last line.
    seal: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Bad {
    record: u64,
    what: AuditFault,
    /// In which file of a bundle.
    file: Option<String>,
}

/// The log of this installation, against the head that the journal holds.
pub(super) fn log(session: &mut Session, format: Format, log: &AuditLog) -> ExitCode {
    let verdict = log.verdict();
    let answer = Answer {
        uncommitted: log.to_commit(),
        seal: Some(log.head.hash.clone()),
        ..of(What::Log, verdict)
    };
    tell(session, format, &answer)
}

/// A copy, by itself.
pub(super) fn copy(
    session: &mut Session,
    format: Format,
    path: &Path,
) -> Result<ExitCode, Failure> {
    let bytes = input::whole(path, BOUNDS).map_err(|unread| unreadable(path, unread))?;
    Ok(tell(session, format, &of(What::Copy, verify_copy(&bytes))))
}

/// A bundle, by itself.
pub(super) fn bundle(
    session: &mut Session,
    format: Format,
    path: &Path,
) -> Result<ExitCode, Failure> {
    let Checked { records, bad, seal } =
        evidence::verify(path).map_err(|error| unreadable(path, error.into()))?;
    let answer = Answer {
        what: What::Bundle,
        records,
        ok: bad.is_none(),
        bad: bad.map(|bad| Bad {
            record: bad.record,
            what: bad.what,
            file: Some(bad.file),
        }),
        uncommitted: 0,
        seal,
    };
    Ok(tell(session, format, &answer))
}

fn of(what: What, verdict: AuditVerdict) -> Answer {
    Answer {
        what,
        records: verdict.records,
        ok: verdict.is_ok(),
        bad: verdict.bad.map(|(record, what)| Bad {
            record,
            what,
            file: None,
        }),
        uncommitted: 0,
        seal: None,
    }
}

fn tell(session: &mut Session, format: Format, answer: &Answer) -> ExitCode {
    match format {
        Format::Json => session.output.json(&json::answer("audit", answer)),
        Format::Table => {
            let mut fields = vec![
                ("records", rows::word(grouped(answer.records))),
                ("ok", rows::word(if answer.ok { "yes" } else { "no" })),
            ];
            if let Some(bad) = &answer.bad {
                fields.push(("bad", escape(words(bad).as_bytes())));
            }
            if answer.uncommitted > 0 {
                fields.push(("not committed", rows::word(grouped(answer.uncommitted))));
            }
            if let Some(seal) = &answer.seal {
                fields.push(("seal", rows::word(seal)));
            }
            session.output.fields(&fields);
        }
    }
    if answer.ok {
        ExitCode::Done
    } else {
        ExitCode::Verification
    }
}

fn words(bad: &Bad) -> String {
    let what = match bad.what {
        AuditFault::Changed => "is not what was written",
        AuditFault::Missing => "was taken out",
        AuditFault::Reordered => "stands at another place",
        AuditFault::Cut => "is cut, or was cut off",
    };
    let record = grouped(bad.record);
    match &bad.file {
        Some(file) => format!("record {record} of {file} {what}"),
        None => format!("record {record} {what}"),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it ends here")]
fn unreadable(path: &Path, unread: Unread) -> Failure {
    let kind = if unread.missing {
        FailureKind::NotFound
    } else {
        FailureKind::Usage
    };
    Failure::new(
        kind,
        format!("{} cannot be read: {}", input::shown(path), unread.why),
        "give a file of stanch audit export, or the directory of a bundle of evidence",
    )
}
