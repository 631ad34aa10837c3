//! A team on several hosts as a console sees it: who is there, and which console runs which job.

use super::key::JobId;
use std::{collections::BTreeMap, time::Duration};

/// A console of the team.
#[derive(Clone, Debug, PartialEq, Eq, Default, serde::Serialize)]
pub struct Colleague {
    /// Number of the console in the store.
    pub id: i32,
    /// Login at the store.
    pub role: String,
    /// Login name at the host.
    pub user: String,
    /// Host name.
    pub host: String,
    /// Terminal; empty if there is none.
    pub tty: String,
    /// Version of the program.
    pub version: String,
    /// When it began, as the store's clock had it.
    pub since: String,
    /// When it was last seen, as the store's clock had it.
    pub seen_at: String,
    /// How long ago it was last seen.
    #[serde(skip)]
    pub seen_ago: Duration,
    /// Seen within its lease, and not gone.
    pub online: bool,
    /// Number of jobs that it runs.
    #[serde(skip)]
    pub jobs: u64,
    /// Number of leaks that its role has claimed.
    #[serde(skip)]
    pub claims: u64,
    /// It is this console.
    #[serde(skip)]
    pub is_self: bool,
}

impl Colleague {
    /// `role@host`, with the terminal where it has one.
    pub fn seat(&self) -> String {
        let tty = self.tty.strip_prefix("/dev/").unwrap_or(&self.tty);
        if tty.is_empty() {
            format!("{}@{}", self.role, self.host)
        } else {
            format!("{}@{} ({tty})", self.role, self.host)
        }
    }
}

/// Whose a job is at the moment.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Holding {
    /// Who recorded it.
    pub by: Colleague,
    /// The console that runs it; `None` if none does.
    pub runs_at: Option<Colleague>,
    /// Who recorded it is this console's own login.
    pub mine: bool,
    /// Number of the holder, counted up at each take-over.
    pub token: i32,
    /// Who asked the holder to pause; `None` if nobody did.
    pub asked_by: Option<String>,
    /// Login that a job which waits for a person was paused by: who asked for it, else who ran it.
    pub paused_by: Option<String>,
}

impl Holding {
    /// The login of a colleague whose job it is; `None` for one's own.
    pub fn of_another(&self) -> Option<&str> {
        (!self.mine && !self.by.role.is_empty()).then_some(&*self.by.role)
    }

    /// The login of a colleague who paused a job; `None` where it is not paused, or by this login.
    pub fn paused_by_another(&self, role: &str) -> Option<&str> {
        self.paused_by.as_deref().filter(|by| *by != role)
    }

    /// Returns true if no live console runs the job.
    pub fn is_free(&self) -> bool {
        self.runs_at.as_ref().is_none_or(|at| !at.online)
    }

    /// Returns true if this console runs the job.
    pub fn is_own(&self) -> bool {
        self.runs_at.as_ref().is_some_and(|at| at.is_self)
    }
}

/// How news of colleagues come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum FeedKind {
    /// The server tells.
    #[default]
    Listen,
    /// It is asked.
    Poll,
}

/// The team store as a console sees it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TeamState {
    /// Login of this console.
    pub role: String,
    /// How news come.
    pub feed: FeedKind,
    /// When the connection was lost, as text; `None` while it stands.
    pub lost: Option<String>,
    /// Why nothing is written, where that is not the connection.
    pub refused: Option<String>,
    /// How far the store's clock is ahead of this host's, in milliseconds.
    pub clock_offset_ms: i64,
    /// Round trip of the last heartbeat, in milliseconds.
    pub round_trip_ms: u64,
    /// The newest event of the store that was taken in.
    pub seen: i64,
    /// How long the last news of colleagues took from the store to here, in milliseconds.
    pub lag_ms: u64,
    /// For how long there have been events that were not taken in, in seconds; `None` while there are none.
    pub behind_seconds: Option<u64>,
    /// The consoles that were seen within a day, those online first.
    pub consoles: Vec<Colleague>,
}

impl TeamState {
    /// Number of consoles that are online.
    pub fn online(&self) -> usize {
        self.consoles
            .iter()
            .filter(|console| console.online)
            .count()
    }
}

/// The team and its jobs, as one look shows them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Team {
    /// The store and who is there.
    pub state: TeamState,
    /// Whose each job is.
    pub holdings: BTreeMap<JobId, Holding>,
    /// Jobs of this console that a colleague asked to pause.
    pub pause: Vec<JobId>,
}

impl Team {
    /// Returns true if a console of somebody else runs a job at the moment.
    pub fn runs_elsewhere(&self, job: JobId) -> bool {
        let holding = self.holdings.get(&job);
        holding.is_some_and(|holding| !holding.is_free() && !holding.is_own())
    }

    /// Returns true if a job is this login's own, and no live console runs it.
    pub fn is_left_behind(&self, job: JobId) -> bool {
        let holding = self.holdings.get(&job);
        holding.is_some_and(|holding| holding.is_free() && holding.mine)
    }
}
