//! Audit lines of commands that need the journal for nothing else: it is opened for the line and closed behind it.

use super::{accounts, context::CommandContext, failure::Failure, seen_head};
use crate::{
    entity::error::{JournalError, ProviderError},
    journal::{Access, AuditOrigin, AuditRecord, Journal, OpenMode},
};

/// A command's line.
pub(super) fn line(action: &'static str, outcome: impl Into<String>) -> AuditRecord {
    AuditRecord::new(AuditOrigin::Command, action, outcome)
}

/// The journal for a change at a provider: it is not made where no line of it can be written.
pub(super) async fn open(session: &mut CommandContext) -> Result<Journal, Failure> {
    let state = session.state_directory()?;
    let journal = accounts::open_journal(session, &state, OpenMode::Write).await?;
    let error = match journal.access() {
        Access::Writer => {
            seen_head::keep(session, &journal).await;
            return Ok(journal);
        }
        Access::Follower { holder } => JournalError::Locked { holder },
        Access::ReadOnly { why } => JournalError::ReadOnly { why },
    };
    journal.close().await;
    Err(Failure::from(&error))
}

/// Writes one line, in a moment when nobody else writes.
pub(super) async fn write(
    session: &mut CommandContext,
    record: AuditRecord,
) -> Result<(), Failure> {
    let journal = open(session).await?;
    let written = journal.audit(record).await;
    journal.close().await;
    written.map_err(|error| Failure::from(&error))
}

/// Makes a change at a provider between two lines: that it is asked for, and what came of it. Nothing is asked where
/// the first cannot be written.
pub(super) async fn audit_change<T>(
    session: &mut CommandContext,
    asked: AuditRecord,
    call: impl Future<Output = Result<T, ProviderError>>,
) -> Result<Result<T, ProviderError>, Failure> {
    let journal = open(session).await?;
    if let Err(error) = journal.audit(asked.clone()).await {
        journal.close().await;
        return Err(Failure::from(&error));
    }
    let answer = call.await;
    let outcome = match &answer {
        Ok(_) => "done".to_owned(),
        Err(error) => format!("failed: {}", error.kind()),
    };
    let ended = journal.audit(AuditRecord { outcome, ..asked }).await;
    journal.close().await;
    if let Err(error) = ended {
        // It was made: its answer is worth more than its second line.
        session
            .output
            .notice(&format!("stanch: its end is not in the audit log: {error}"));
    }
    Ok(answer)
}

/// Writes the line of an attempt that a rule forbids. It changes nothing: where it cannot be written, that is said.
pub(super) async fn write_refusal(
    session: &mut CommandContext,
    mut record: AuditRecord,
    failure: &Failure,
) {
    record.outcome = format!("refused: {}", failure.message);
    try_write(session, record).await;
}

/// Writes the line of what needs none to be allowed; where it cannot be written, that is said.
pub(super) async fn try_write(session: &mut CommandContext, record: AuditRecord) {
    if let Err(failure) = write(session, record).await {
        session.output.notice(&format!(
            "stanch: not in the audit log: {}",
            failure.message
        ));
    }
}
