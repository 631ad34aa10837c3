//! What happened on a shift, and what the next one has to do. [`Handoff`] is gathered by whoever can read; [`md`] and
//! [`json`] draw it and nothing else.

pub mod json;
pub mod md;

use crate::entity::{
    history::Note,
    job::{ChangeOutcome, Job, JobCommand},
    key::{EntityKey, JobId},
    leak::Leak,
    seen::{AccountState, Event, EventKind},
    status::Status,
};
use jiff::Timestamp;

/// A shift. Moments are in seconds since 1970.
#[derive(Debug)]
pub struct Handoff {
    /// Its first second.
    pub from: i64,
    /// The moment at which it ended.
    pub to: i64,
    /// Who hands over: `user@host`.
    pub by: String,
    /// What that person has to say.
    pub note: Option<String>,
    /// What is open and why; none where no account was read whole.
    pub balance: Option<Balance>,
    /// What is to be done, in this order.
    pub todo: Vec<Todo>,
    /// What readings found, by kind and moment.
    pub events: Vec<Happened>,
    /// What jobs did to leaks.
    pub changes: Vec<Changed>,
    /// Jobs of the shift, the oldest first.
    pub jobs: Vec<Job>,
    /// Claims that hold, by holder.
    pub claims: Vec<Held>,
    /// Notes that were left, the newest first.
    pub notes: Vec<(EntityKey, Note)>,
    /// How the accounts were read.
    pub accounts: Vec<Account>,
    /// Why what is listed was not read whole, in our words.
    pub incomplete: Option<String>,
}

/// What is open, and how that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Open at the beginning.
    pub open_start: u64,
    /// What came and went: a word, the number, whether it adds.
    pub flows: Vec<(&'static str, u64, bool)>,
    /// Open at the end.
    pub open_end: u64,
}

impl Balance {
    /// Whether both sides are equal; each number of it is counted for itself.
    pub fn adds_up(&self) -> bool {
        let sum = |adds| -> u64 {
            let flows = self.flows.iter().filter(|(_, _, is)| *is == adds);
            flows.map(|(_, number, _)| number).sum()
        };
        self.open_start + sum(true) == self.open_end + sum(false)
    }
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// Its word, for programs.
    pub what: &'static str,
    /// What it is, in our words.
    pub words: String,
    /// How many.
    pub count: u64,
    /// The command that begins with it.
    pub command: String,
    /// The leaks, where it is about some and they are known.
    pub keys: Vec<EntityKey>,
}

/// What a reading found of one leak.
#[derive(Debug)]
pub struct Happened {
    /// The event.
    pub event: Event,
    /// Which leak, where that is known: the memory holds no ids.
    pub key: Option<EntityKey>,
    /// The leak as it is listed.
    pub leak: Option<Leak>,
}

/// What a job did to one leak.
#[derive(Debug)]
pub struct Changed {
    /// The job.
    pub job: JobId,
    /// Its command.
    pub command: JobCommand,
    /// The leak.
    pub key: EntityKey,
    /// The leak as it is listed.
    pub leak: Option<Leak>,
    /// The status that was wanted.
    pub wanted: Status,
    /// What came of it.
    pub outcome: ChangeOutcome,
    /// Why, where it did not succeed: the provider's words or ours.
    pub reason: Option<String>,
}

/// The claims of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Who.
    pub by: String,
    /// The first of them ends then.
    pub until: Timestamp,
    /// Which leaks.
    pub keys: Vec<EntityKey>,
}

/// How an account was read during the shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What is remembered of it.
    pub state: AccountState,
    /// Whole readings and quiet probes of the shift.
    pub readings: u64,
    /// Rounds that could not read it.
    pub failed: u64,
}

impl Handoff {
    /// Events of these kinds.
    pub fn of_kinds<'a>(&'a self, kinds: &'a [EventKind]) -> impl Iterator<Item = &'a Happened> {
        let is = |happened: &&Happened| kinds.contains(&happened.event.what.kind);
        self.events.iter().filter(is)
    }

    /// Changes with one of these outcomes, to one status.
    pub fn changed<'a>(
        &'a self,
        outcomes: &'a [ChangeOutcome],
        wanted: impl Fn(Status) -> bool + 'a,
    ) -> impl Iterator<Item = &'a Changed> {
        let changes = self.changes.iter();
        changes.filter(move |change| outcomes.contains(&change.outcome) && wanted(change.wanted))
    }

    /// How many leaks came in.
    pub fn came_in(&self) -> u64 {
        self.of_kinds(&[EventKind::New, EventKind::Again]).count() as u64
    }

    /// How many came back.
    pub fn came_back(&self) -> u64 {
        self.of_kinds(&[EventKind::Regressed]).count() as u64
    }

    /// How many were fixed and read back, and how many are kept here as fixed.
    pub fn fixed(&self) -> (u64, u64) {
        let fixed = |outcome| {
            let to_fixed = |status| status == Status::Fixed;
            self.changed(&[outcome], to_fixed).count() as u64
        };
        (fixed(ChangeOutcome::Verified), fixed(ChangeOutcome::Local))
    }

    /// How many changes failed.
    pub fn failed(&self) -> u64 {
        self.changed(&[ChangeOutcome::Failed], |_| true).count() as u64
    }

    /// Open at the end; none where no account was read whole.
    pub fn open(&self) -> Option<u64> {
        self.balance.as_ref().map(|balance| balance.open_end)
    }
}
