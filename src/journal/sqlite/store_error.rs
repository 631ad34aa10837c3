//! Errors inside the embedded store, before they are reported.

use crate::{entity::error::JournalError, journal::location};
use rusqlite::ErrorCode;
use std::path::Path;

/// Failure of one request.
#[derive(Debug)]
pub(super) enum StoreError {
    /// An error of the database.
    Sql(rusqlite::Error),
    /// A row was changed since it was written; names the row.
    Damaged(String),
    /// An error that is reported as it is.
    Reported(JournalError),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<JournalError> for StoreError {
    fn from(error: JournalError) -> Self {
        Self::Reported(error)
    }
}

impl StoreError {
    /// Returns the error of a request that violates the order of writes.
    pub(super) fn order_violation(why: String) -> Self {
        Self::Reported(JournalError::Io { why })
    }

    /// Returns what is damaged, if this error says so. Nothing may be written then.
    pub(super) fn damage(&self, path: &Path) -> Option<String> {
        match self {
            Self::Damaged(what) => Some(format!(
                "{}: {what} is damaged",
                location::printable_path(path)
            )),
            Self::Sql(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseCorrupt) => {
                    Some(format!("{} is damaged", location::printable_path(path)))
                }
                Some(ErrorCode::NotADatabase) => Some(format!(
                    "{} is not a journal",
                    location::printable_path(path)
                )),
                // A value has another type than its column: a bit changed where no constraint applies.
                None if !matches!(error, rusqlite::Error::QueryReturnedNoRows) => {
                    Some(format!("{} is damaged", location::printable_path(path)))
                }
                Some(_) | None => None,
            },
            Self::Reported(_) => None,
        }
    }

    /// Converts the error for the operator. The text of the library is never included.
    pub(super) fn into_reported(self, path: &Path) -> JournalError {
        if let Some(why) = self.damage(path) {
            return JournalError::ReadOnly { why };
        }
        let error = match self {
            Self::Reported(error) => return error,
            Self::Damaged(what) => return JournalError::ReadOnly { why: what },
            Self::Sql(error) => error,
        };
        let why = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => return JournalError::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                return JournalError::ReadOnly {
                    why: format!("{} may not be written", location::printable_path(path)),
                };
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another program kept it busy for five seconds"
            }
            Some(ErrorCode::SystemIoFailure) => "the disk failed",
            Some(ErrorCode::CannotOpen) => "it cannot be opened",
            Some(ErrorCode::OutOfMemory) => "memory ran out",
            Some(_) | None => "the database refused the request",
        };
        JournalError::Io {
            why: format!("{}: {why}", location::printable_path(path)),
        }
    }
}

/// Returns true if a constraint of the schema was violated.
pub(super) fn is_conflict(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}
