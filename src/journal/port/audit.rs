//! The audit log as a store holds it: lines that are appended, and the head that says where they end.

use super::super::audit::{AuditHead, AuditLog, AuditRecord};
use crate::entity::{error::JournalError, key::JobId};
use std::path::Path;

/// The audit log. Every method fails with `Io` if the log cannot be read or written.
pub trait AuditStore {
    /// Appends records, all with one write, and commits the log's new head.
    fn audit(&mut self, records: &[AuditRecord]) -> Result<(), JournalError>;

    /// Appends the lines of a job that has ended, and commits that they are there.
    fn audit_job(&mut self, job: JobId, records: &[AuditRecord]) -> Result<(), JournalError>;

    /// Returns the jobs that have ended without their lines in the log, the oldest first.
    fn unaudited_jobs(&mut self) -> Result<Vec<JobId>, JournalError>;

    /// Returns where the log ends.
    fn audit_head(&mut self) -> Result<AuditHead, JournalError>;

    /// Returns the log with its head, of one moment as far as another console lets it be.
    fn audit_log(&mut self) -> Result<AuditLog, JournalError>;

    /// Returns true if a file is the log itself, by its place.
    fn is_audit_log(&self, path: &Path) -> bool;
}
