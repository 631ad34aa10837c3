//! Errors of the database, in our words. The library's own text is never included.

use crate::{entity::error::JournalError, seen::SeenError};
use rusqlite::ErrorCode;

/// An error of the database.
pub(super) fn of_sql(error: &rusqlite::Error) -> SeenError {
    let why = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => return SeenError::Full,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "it may not be written",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program kept it busy for ten seconds"
        }
        Some(ErrorCode::SystemIoFailure) => "the disk failed",
        Some(ErrorCode::CannotOpen) => "it cannot be opened",
        Some(ErrorCode::OutOfMemory) => "memory ran out",
        Some(_) | None => "the database refused the request",
    };
    SeenError::Io {
        why: format!("seen.db: {why}"),
    }
}

/// Whether the file itself is damaged.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => true,
        Some(_) => false,
        None => !matches!(error, rusqlite::Error::QueryReturnedNoRows),
    }
}

/// An error of the place that the file lies in.
pub(super) fn of_place(error: JournalError) -> SeenError {
    match error {
        JournalError::Full => SeenError::Full,
        JournalError::Io { why } | JournalError::ReadOnly { why } => SeenError::Io { why },
        other => SeenError::Io {
            why: other.to_string(),
        },
    }
}
