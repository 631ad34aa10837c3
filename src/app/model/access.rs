//! Whether this console may write.

use crate::entity::team::Team;
use std::time::Duration;

/// Whether this console may write, and when that is looked at again.
#[derive(Clone, Debug)]
pub struct Access {
    /// What the journal lets us do.
    pub journal: JournalAccess,
    /// The operator forbade writes in this console.
    pub write_lock: bool,
    /// When the journal is asked whether somebody else has written it.
    pub poll_due: Option<Duration>,
    /// The team, where the journal is a team's.
    pub team: Option<Box<Team>>,
}

/// What the journal lets this console do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalAccess {
    /// Write.
    Writer,
    /// Watch: somebody else writes.
    Follower {
        /// Who.
        holder: String,
    },
    /// Read.
    ReadOnly {
        /// Why.
        reason: String,
    },
}
