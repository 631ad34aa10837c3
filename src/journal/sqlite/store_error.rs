//! What goes wrong inside, before it is put in the operator's words.

use crate::{entity::error::JournalError, journal::location};
use rusqlite::ErrorCode;
use std::path::Path;

/// A failure of one request.
#[derive(Debug)]
pub(super) enum StoreError {
    /// The database's own.
    Sql(rusqlite::Error),
    /// A row that is not as it was written: which one.
    Damaged(String),
    /// Ours, as it is to be reported.
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
    /// A request that the order of writes does not allow.
    pub(super) fn order_violation(why: String) -> Self {
        Self::Reported(JournalError::Io { why })
    }

    /// What is damaged, if that is what this says: from then on nothing may be written.
    pub(super) fn damage(&self, path: &Path) -> Option<String> {
        match self {
            Self::Damaged(what) => Some(format!("{}: {what} is damaged", location::shown(path))),
            Self::Sql(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseCorrupt) => {
                    Some(format!("{} is damaged", location::shown(path)))
                }
                Some(ErrorCode::NotADatabase) => {
                    Some(format!("{} is not a journal", location::shown(path)))
                }
                // A value of another type than the schema has: a bit fell over where no constraint looks.
                None if !matches!(error, rusqlite::Error::QueryReturnedNoRows) => {
                    Some(format!("{} is damaged", location::shown(path)))
                }
                Some(_) | None => None,
            },
            Self::Reported(_) => None,
        }
    }

    /// In the operator's words; the library's text is never quoted.
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
                    why: format!("{} may not be written", location::shown(path)),
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
            why: format!("{}: {why}", location::shown(path)),
        }
    }
}

/// Whether a uniqueness or reference rule of the schema said no.
pub(super) fn is_conflict(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}
