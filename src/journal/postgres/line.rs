//! A connection of its own to the team store, for what is kept there beside the journal: what was seen.

use super::{
    call::{Caller, LONG},
    faults::FaultInjector,
    plan::random_uuid,
    refusal::CallError,
};
use crate::{entity::error::JournalError, journal::port::TeamOptions};
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

/// Why a call was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineError {
    /// What was decided by is not so any more: it is read and decided again.
    Meanwhile,
    /// Anything else.
    Store(JournalError),
}

impl From<JournalError> for LineError {
    fn from(error: JournalError) -> Self {
        Self::Store(error)
    }
}

/// The connection. It is made when it is needed, and made again when it breaks.
pub struct Line {
    caller: Caller,
}

impl Line {
    /// A connection for these options; nothing is asked yet.
    ///
    /// # Errors
    /// `Io` if an option cannot be used.
    pub fn new(options: &TeamOptions) -> Result<Self, JournalError> {
        Ok(Self {
            caller: Caller::new(options, FaultInjector::new(None))?,
        })
    }

    /// Calls the server; `@.` in the text stands for the schema. A call is asked again where a connection broke, so one
    /// that writes has a request of its own.
    ///
    /// # Errors
    /// What the server refuses, or that it cannot be reached.
    pub fn ask(
        &mut self,
        sql: &str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, LineError> {
        self.caller
            .query_within(LONG, "seen", sql, values)
            .map_err(|error| match error {
                CallError::Refused { code, .. } if code == "ST013" => LineError::Meanwhile,
                error => LineError::Store(error.into_journal(None)),
            })
    }

    /// The number of a request, as a UUID.
    ///
    /// # Errors
    /// `Io` if the system gives no random bytes.
    pub fn request() -> Result<String, JournalError> {
        random_uuid()
    }
}
