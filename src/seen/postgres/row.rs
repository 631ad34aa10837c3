//! Rows of the team's memory, and the errors of its server in the memory's own words.

use crate::{entity::error::JournalError, journal::team_line::LineError, seen::SeenError};
use tokio_postgres::{Row, types::FromSql};

/// A column of a row.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, at: usize) -> Result<T, SeenError> {
    row.try_get(at).map_err(|_| SeenError::Io {
        why: "the team store has a row that is none of its own".to_owned(),
    })
}

/// An error of the journal's, as one of the memory.
pub(super) fn of_journal(error: JournalError) -> SeenError {
    match error {
        JournalError::Full => SeenError::Full,
        JournalError::Unreachable { why } => SeenError::Unreachable { why },
        JournalError::Forbidden { .. } | JournalError::Refused { .. } => SeenError::Refused {
            why: error.to_string(),
        },
        JournalError::Io { why } | JournalError::ReadOnly { why } => SeenError::Io { why },
        other => SeenError::Io {
            why: other.to_string(),
        },
    }
}

/// What became of a call, as an error of the memory.
pub(super) fn of_line(error: LineError) -> SeenError {
    match error {
        LineError::Meanwhile => SeenError::Io {
            why: "others read the same account all the time".to_owned(),
        },
        LineError::Store(error) => of_journal(error),
    }
}
