//! The record of a leak as an overlay holds it.

use crate::{entity::history::HistoryEntry, table::RowId};

/// The record of a leak on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The leak.
    pub leak: RowId,
    /// Number of the item under the cursor.
    pub cursor: usize,
    /// Its history.
    pub history: History,
}

/// What is known of a leak's history.
#[derive(Clone, Debug, PartialEq)]
pub enum History {
    /// It is being read.
    Loading,
    /// Acts, oldest first.
    Known(Vec<HistoryEntry>),
    /// It could not be read, for this reason.
    Failed(String),
}
