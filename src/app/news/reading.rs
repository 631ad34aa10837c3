//! A whole reading on its way to the memory of what was seen, and what comes back.

use crate::{
    entity::{
        news::News,
        seen::{PackedRead, Scan},
    },
    table::RowId,
};
use std::{fmt, sync::Arc};

/// A whole reading of one profile.
#[derive(Clone, PartialEq)]
pub struct Reading {
    /// What was read, but for the leaks and our own changes.
    pub scan: Scan,
    /// The leaks, each with the number of its row, in the order of the rows.
    pub leaks: Vec<PackedRead>,
}

/// Its leaks are too many for a log.
impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reading({} leaks)", self.leaks.len())
    }
}

impl Reading {
    /// Returns the same without its leaks.
    pub fn without_leaks(&self) -> Self {
        Self {
            scan: self.scan.clone(),
            leaks: Vec::new(),
        }
    }
}

/// How far an operator has come in the list of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewsCursor {
    /// Events up to this position were looked at.
    pub seq: u64,
    /// Where the list ends, as far as this console knows.
    pub end: u64,
    /// When they came there, in seconds since 1970.
    pub at: i64,
}

/// What the memory says of a profile's leaks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Where the list of events ends.
    pub end: u64,
    /// How far the operator has come in it.
    pub looked_at: u64,
    /// When leaks were found, in seconds since 1970, but for those of the first whole reading.
    pub found: Vec<(RowId, i64)>,
    /// What is told of leaks.
    pub news: Vec<(RowId, News)>,
    /// Until when the account is known whole, in seconds since 1970.
    pub whole: Option<i64>,
    /// What a probe from before the reading said; none where something of it could not be read or judged.
    pub probe: Option<Vec<u8>>,
}

/// What came of a reading.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged {
    /// These leaks seem to have come back: they are to be read a second time before anything is kept.
    Suspected {
        /// The reading.
        reading: Arc<Reading>,
        /// Their rows.
        rows: Vec<RowId>,
    },
    /// It is kept.
    Recorded(Told),
}

/// Why the memory cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewsError {
    /// What is wrong.
    pub why: String,
    /// What to do about it.
    pub hint: &'static str,
}
