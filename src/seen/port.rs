//! The port of the memory: what a store of what was seen does. A store is synchronous; the memory's thread owns it and
//! asks it for one thing after the other. What a reading means is decided by [`judge`](super::judge), which every store
//! calls inside one transaction. Every store must pass the suite in `tests/it/seen`.

use super::judge::{judge, uncounted};
use crate::{
    entity::seen::{
        Account, AccountState, Event, EventKind, Mark, MarkKey, NewEvent, OwnChange, Scan, SeenLeak,
    },
    journal::TeamOptions,
};
use std::{collections::HashSet, path::PathBuf};

/// An event of a change of ours may have an earlier moment than the change where a clock was set back; in seconds.
pub(super) const COUNTED_OVERLAP: i64 = 24 * 3_600;

/// How the memory is opened.
#[derive(Clone, Debug)]
pub struct SeenOptions {
    /// The state directory; an absolute path.
    pub directory: PathBuf,
    /// The key of the marks.
    pub marks: MarkKey,
    /// The moment, in seconds since 1970.
    pub now: fn() -> i64,
    /// Runs first on the thread of the memory.
    pub thread_init: fn(),
    /// The most pages that the file may have, for tests of a full disk.
    pub max_pages: Option<u32>,
    /// The store of a team whose key the marks are made with; `None` for the file of this host.
    pub team: Option<TeamOptions>,
    /// User and host, for colleagues.
    pub seat: String,
}

impl SeenOptions {
    /// Whether something may be remembered: who only reads makes no file.
    pub fn is_there(&self) -> bool {
        self.team.is_some() || self.directory.join("seen.db").exists()
    }
}

/// Why the memory cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeenError {
    /// Another key than the one that its marks were made with.
    #[error("seen.db was written with another fingerprint.key")]
    OtherKey,
    /// Another key than the one that the team's marks were made with.
    #[error("what the team has seen was marked with another fingerprint key")]
    OtherTeamKey,
    /// The server of the team's store does not answer.
    #[error("the team store cannot be reached: {why}")]
    Unreachable {
        /// What failed, in our words.
        why: String,
    },
    /// The team's store forbids it: the login only reads, or an account is another one there.
    #[error("{why}")]
    Refused {
        /// Which rule, in our words.
        why: String,
    },
    /// The disk is full.
    #[error("the disk is full: what was seen cannot be kept")]
    Full,
    /// Reading or writing failed, or may not be.
    #[error("what was seen cannot be read or written: {why}")]
    Io {
        /// What failed, in our words, with the path.
        why: String,
    },
    /// A position of another list of events.
    #[error("the cursor belongs to another list of events")]
    OtherEpoch,
}

impl SeenError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::OtherKey => {
                "put that key back, or forget what was seen: stanch watch forget --all"
            }
            Self::OtherTeamKey => {
                "store.fingerprint_key is not the key of this team; its owner may forget everything: stanch watch forget --all"
            }
            Self::Unreachable { .. } => {
                "stanch doctor shows what fails; nothing is asked and nothing told until it is back"
            }
            Self::Refused { .. } => {
                "the owner of the team store gives rights: stanch store status shows yours"
            }
            Self::Full => "free some space; nothing was told that is not kept",
            Self::Io { .. } => "check the state directory's owner, mode and disk",
            Self::OtherEpoch => {
                "remove the cursor file: the next run starts at the end of the list"
            }
        }
    }
}

/// What a scan left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The events that it made, the first in the list first.
    pub events: Vec<Event>,
    /// Whether it was the first whole reading.
    pub baseline: bool,
}

/// Why an account was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// When.
    pub at: i64,
    /// The key or the plan was refused: that is told at once.
    pub refused: bool,
}

/// What one of several does for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseOf {
    /// Tells what a watch of this name finds.
    Watch(String),
    /// Reads an account.
    Account(Account),
}

/// Who does a thing that one of several does for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lease {
    /// This installation.
    Ours,
    /// Another one: its login and host, printable.
    Of(String),
}

/// What is kept of an event in one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EventFlags {
    pub(super) older: bool,
    pub(super) unconfirmed: bool,
    pub(super) storm: bool,
}

impl EventFlags {
    const OLDER: u32 = 1;
    const UNCONFIRMED: u32 = 2;
    const STORM: u32 = 4;

    pub(super) fn of(event: &NewEvent) -> Self {
        Self {
            older: event.older,
            unconfirmed: !event.confirmed,
            storm: event.storm,
        }
    }

    pub(super) fn from_number(number: u32) -> Self {
        Self {
            older: number & Self::OLDER != 0,
            unconfirmed: number & Self::UNCONFIRMED != 0,
            storm: number & Self::STORM != 0,
        }
    }

    pub(super) fn number(self) -> u32 {
        let bits = [
            (self.older, Self::OLDER),
            (self.unconfirmed, Self::UNCONFIRMED),
            (self.storm, Self::STORM),
        ];
        bits.iter().filter(|(is, _)| *is).map(|(_, bit)| bit).sum()
    }
}

/// A message that waits to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id: the same through every attempt.
    pub id: String,
    /// Where to: `hook:NAME` or `webhook:NAME`.
    pub channel: String,
    /// When it was made.
    pub made: i64,
    /// Not before.
    pub due: i64,
    /// Attempts so far.
    pub tries: u32,
    /// It is not tried any more by itself.
    pub dead: bool,
    /// What is sent: counts and keys, nothing else.
    pub body: Vec<u8>,
}

/// How far a reader of events has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Its name.
    pub name: String,
    /// The last event that it has.
    pub seq: u64,
    /// When it moved.
    pub at: i64,
    /// Where it was before it moved last, for taking that back.
    pub back: u64,
}

/// One line of the record of readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanLine {
    /// Whose.
    pub account: Account,
    /// When it began.
    pub began: i64,
    /// When it ended.
    pub ended: i64,
    /// `whole`, `partial`, `probe`, `refused` or `unreachable`.
    pub what: String,
    /// Requests that it took.
    pub requests: u64,
    /// How many readings the line stands for; probes are added up by the hour.
    pub times: u64,
}

/// What a store does.
pub trait Store: Send {
    /// Returns the epoch of the list of events: random bytes that a new memory gets.
    fn epoch(&mut self) -> Result<Vec<u8>, SeenError>;

    /// Returns what is remembered of an account; a new one where nothing is.
    fn account(&mut self, account: &Account) -> Result<AccountState, SeenError>;

    /// Returns every account that something is remembered of.
    fn accounts(&mut self) -> Result<Vec<AccountState>, SeenError>;

    /// Returns the leaks of an account, sorted by mark.
    fn leaks(&mut self, account: &Account) -> Result<Vec<SeenLeak>, SeenError>;

    /// Returns the marks of an account, sorted, and how each leak stood when it was read last, as a number.
    fn states(&mut self, account: &Account) -> Result<(Vec<Mark>, Vec<u32>), SeenError> {
        let leaks = self.leaks(account)?.into_iter();
        Ok(leaks.map(|leak| (leak.mark, leak.state.pack())).unzip())
    }

    /// Returns when leaks of an account were found, sorted by mark, but for those of the first whole reading.
    fn found(&mut self, account: &Account) -> Result<Vec<(Mark, i64)>, SeenError> {
        let leaks = self.leaks(account)?.into_iter();
        let later = leaks.filter(|leak| !leak.state.baseline && !leak.state.tentative);
        Ok(later.map(|leak| (leak.mark, leak.found)).collect())
    }

    /// Returns the leaks, sorted by mark, that a reading would tell as come back, and keeps nothing.
    fn suspects(&mut self, scan: &Scan) -> Result<Vec<Mark>, SeenError> {
        let account = self.account(&scan.account)?;
        if account.baseline_at.is_none() {
            return Ok(Vec::new());
        }
        let own = self.uncounted(scan, &account)?;
        let findings = judge(&self.leaks(&scan.account)?, scan, &account, own);
        Ok(come_back(&findings.events))
    }

    /// Returns the marks and numbers of our own changes to leaks of an account that readings have counted, of those
    /// whose events are not older than a moment.
    fn counted(&mut self, account: &Account, since: i64)
    -> Result<HashSet<(Mark, u64)>, SeenError>;

    /// Returns the changes of ours that a reading is the first to count.
    fn uncounted(
        &mut self,
        scan: &Scan,
        account: &AccountState,
    ) -> Result<Vec<OwnChange>, SeenError> {
        let Some(first) = scan.own.iter().map(|own| own.at).min() else {
            return Ok(Vec::new());
        };
        let counted = self.counted(&scan.account, first.saturating_sub(COUNTED_OVERLAP))?;
        Ok(uncounted(&scan.own, account, scan.settle, &counted))
    }

    /// Judges a reading and keeps what came of it, in one transaction.
    fn record(&mut self, scan: &Scan) -> Result<Recorded, SeenError>;

    /// Keeps that a probe found nothing new, in one transaction.
    fn quiet(&mut self, account: &Account, at: i64, requests: u64) -> Result<(), SeenError>;

    /// Keeps that an account could not be read. Returns the event that is told of it, if one is.
    fn failed(&mut self, account: &Account, failed: Failed) -> Result<Option<Event>, SeenError>;

    /// Returns the events behind a position, the first first.
    fn events(&mut self, after: u64) -> Result<Vec<Event>, SeenError>;

    /// Returns the last position of the list.
    fn end(&mut self) -> Result<u64, SeenError>;

    /// Returns the position before the first event at or after a moment.
    fn position_at(&mut self, at: i64) -> Result<u64, SeenError>;

    /// Returns a cursor.
    fn cursor(&mut self, name: &str) -> Result<Option<Position>, SeenError>;

    /// Returns every cursor.
    fn cursors(&mut self) -> Result<Vec<Position>, SeenError>;

    /// Moves a cursor and keeps the messages that the way stands for, in one transaction. A message whose id is there
    /// already is not made again.
    fn move_cursor(
        &mut self,
        name: &str,
        to: u64,
        at: i64,
        messages: &[Waiting],
    ) -> Result<(), SeenError>;

    /// Moves cursors and keeps messages, in one transaction; messages that were added to others are dropped with it. Does
    /// nothing, and returns false, where one of those was tried meanwhile.
    fn tell(
        &mut self,
        cursors: &[(String, u64)],
        at: i64,
        messages: &[Waiting],
        replaced: &[String],
    ) -> Result<bool, SeenError>;

    /// Keeps that a message is tried now, and when it is due again should nothing more be heard of it. Returns false where
    /// it is gone, or was not tried so often: another process has it.
    fn begin(&mut self, id: &str, tries: u32, due: i64) -> Result<bool, SeenError>;

    /// Keeps when a message that was tried is due again, or that it is not tried any more.
    fn settle(&mut self, id: &str, due: i64, dead: bool) -> Result<(), SeenError>;

    /// Makes a message due as if it had never been tried. Returns whether it was there.
    fn retry(&mut self, id: &str, due: i64) -> Result<bool, SeenError>;

    /// Keeps messages.
    fn keep_messages(&mut self, messages: &[Waiting]) -> Result<(), SeenError>;

    /// Returns the messages that wait, the oldest first.
    fn waiting(&mut self) -> Result<Vec<Waiting>, SeenError>;

    /// Keeps that a message was tried: when it is due again, or that it is not tried any more.
    fn tried(&mut self, id: &str, due: i64, dead: bool) -> Result<(), SeenError>;

    /// Drops a message: it was delivered, or is given up. Returns whether it was there.
    fn drop_message(&mut self, id: &str) -> Result<bool, SeenError>;

    /// Forgets an account, or everything; returns how many leaks that were.
    fn forget(&mut self, profile: Option<&str>) -> Result<u64, SeenError>;

    /// Returns the record of readings since a moment.
    fn scans(&mut self, since: i64) -> Result<Vec<ScanLine>, SeenError>;

    /// Returns the number of records in the chain of readings, and its last hash.
    fn head(&mut self) -> Result<(u64, Vec<u8>), SeenError>;

    /// Whether the chain of readings has a record with this hash, or begins behind it.
    fn holds(&mut self, hash: &[u8]) -> Result<bool, SeenError>;

    /// Verifies the chain of readings. The error names the first record that was changed.
    fn verify(&mut self) -> Result<Result<u64, u64>, SeenError>;

    /// Returns a number that changes when another process has written.
    fn changes(&mut self) -> Result<u64, SeenError>;

    /// Keeps a small value of our own under a name.
    fn set_note(&mut self, name: &str, value: &[u8]) -> Result<(), SeenError>;

    /// Returns such a value.
    fn note(&mut self, name: &str) -> Result<Option<Vec<u8>>, SeenError>;

    /// Takes a lease for so many seconds from now, whether it was had before or not; none ends it. On one host everybody has it: there the locks of watches are
    /// enough, and another watch may read by another filter.
    fn lease(&mut self, of: &LeaseOf, seconds: u32) -> Result<Lease, SeenError>;
}

/// The leaks of events that say that they came back, sorted by mark.
pub(super) fn come_back(events: &[NewEvent]) -> Vec<Mark> {
    let back = events
        .iter()
        .filter(|event| event.kind == EventKind::Regressed);
    let mut marks: Vec<Mark> = back.map(|event| event.mark).collect();
    marks.sort_unstable();
    marks
}
