//! What lies above the panes. Keys go to the topmost overlay; `Esc` takes it away.

mod keys;
pub mod update;

use super::{
    check::CheckOverlay, columns::edit::Editor, facets::Picture, inspect::Inspected,
    plan::digest::Digest, record::Record,
};
use crate::{
    entity::{
        claim::Words,
        job::{JobRecord, Plan, SkipCode, Skipped},
        key::JobId,
    },
    table::{Handle, Marks},
};
use std::time::Duration;

/// Something above the panes.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlay {
    /// The keys that work here.
    Help {
        /// First line shown.
        scroll: usize,
        /// Only lines with this text.
        search: String,
    },
    /// What a bulk action would do; it waits for an answer.
    Plan(Box<PlanOverlay>),
    /// A plan of many leaks is being made.
    Planning {
        /// Of how many.
        leaks: usize,
    },
    /// What became of a job, or how it stands.
    Job {
        /// Which.
        id: JobId,
        /// Its changes, once they were read.
        record: Option<Box<JobRecord>>,
        /// It is shown because the job ended.
        ended: bool,
        /// First change shown.
        scroll: usize,
    },
    /// The notices in full.
    Errors {
        /// First line shown.
        scroll: usize,
    },
    /// The team: who is there and what each does.
    Team {
        /// First console shown.
        scroll: usize,
    },
    /// What was sent to the terminal.
    Bytes {
        /// First line shown.
        scroll: usize,
    },
    /// What is no leak in the files that were read.
    Rejects {
        /// First reject shown.
        scroll: usize,
    },
    /// A walk through the console, one card after the other.
    Tour {
        /// Which card.
        card: usize,
    },
    /// All shall be marked, and not all is loaded.
    MarkAll {
        /// How many leaks are not loaded.
        missing: u64,
    },
    /// The record of a person, a machine or another group.
    Inspect(Box<Inspected>),
    /// The record of one leak.
    Record(Box<Record>),
    /// A lookup and its answers.
    Check(Box<CheckOverlay>),
    /// All saved views.
    Views {
        /// The view under the cursor.
        cursor: usize,
        /// It is asked whether that shall go.
        asks: bool,
    },
    /// The columns of a pane.
    Columns(Box<Editor>),
    /// What the leaks in view have in common.
    Facets(Box<Picture>),
    /// A job runs and the operator wants to leave.
    Leave,
    /// Jobs of an earlier run have not ended; asked once.
    Resume {
        /// Which, the oldest first.
        jobs: Vec<JobId>,
        /// When it was first drawn, since the start; no answer counts that was read before.
        drawn: Option<Duration>,
    },
}

impl Overlay {
    /// The record, if it is one.
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Record(record) => Some(record),
            _ => None,
        }
    }

    /// The same, to change it.
    pub fn record_mut(&mut self) -> Option<&mut Record> {
        match self {
            Self::Record(record) => Some(record),
            _ => None,
        }
    }

    /// The record of a group, to change it, if it is one.
    pub fn inspected_mut(&mut self) -> Option<&mut Inspected> {
        match self {
            Self::Inspect(record) => Some(record),
            _ => None,
        }
    }
}

/// A plan that waits for its answer.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct PlanOverlay {
    /// The plan: frozen.
    pub plan: Plan,
    /// What it comes to.
    pub digest: Digest,
    /// The rows of its changes, in their order, where they were looked up.
    pub rows: Vec<Handle>,
    /// The rows of all its targets.
    pub of: Marks,
    /// Whose targets these are, in words: `12 marked leaks`, `the leaks of 1 user`.
    pub targets: String,
    /// Rows that are not loaded yet, where that is known.
    pub not_loaded: u64,
    /// The job that goes on once it is confirmed, where this is no new one.
    pub resumes: Option<JobId>,
    /// The number that has to be typed, above the limit.
    pub number: Option<usize>,
    /// What was typed of it.
    pub typed: String,
    /// It was asked to be applied before it could be: what is missing is said.
    pub entered: bool,
    /// Its targets in the order of the view, by their places: the changes first, then what is left alone.
    pub order: Vec<u32>,
    /// When the plan was first drawn, since the start; no answer counts that was read before.
    pub drawn: Option<Duration>,
    /// Answers that were dropped because they came too early or from a paste.
    pub dropped: u32,
    /// First line shown, the headline aside.
    pub scroll: usize,
    /// Time that making it took, in milliseconds.
    pub plan_ms: u64,
    /// The operator has said yes to statuses that are stored as other ones.
    pub lossy_confirmed: bool,
    /// It was asked for with the leaks that are closed as something else.
    pub include_closed: bool,
    /// The policy wants a reason.
    pub wants_reason: bool,
    /// Why, in the operator's words.
    pub words: Words,
}

/// How long a plan must have been on the screen before an answer to it counts.
pub const READING_TIME: Duration = Duration::from_millis(300);

impl PlanOverlay {
    /// Whether `y` applies it now.
    pub fn is_ready(&self) -> bool {
        self.has_number()
            && !self.plan.eligible.is_empty()
            && !self.asks_about_lossy()
            && !self.lacks_reason()
    }

    /// Whether leaks are left alone, or taken in, because they are closed as something else.
    pub fn is_about_closed(&self) -> bool {
        let closed = |left: &Skipped| left.code == SkipCode::Closed;
        self.plan.skipped.iter().any(closed) || (self.include_closed && self.of.iter().count() > 1)
    }

    /// Whether the number that has to be typed is there, if one has to be.
    pub fn has_number(&self) -> bool {
        self.number
            .is_none_or(|number| self.typed == number.to_string())
    }

    /// Whether what was typed cannot become the number any more.
    pub fn is_wrong(&self) -> bool {
        self.number
            .is_some_and(|number| !number.to_string().starts_with(&self.typed))
    }

    /// Whether a number is being typed, or was.
    pub fn is_typing(&self) -> bool {
        self.number.is_some() && !self.typed.is_empty()
    }

    /// What keeps it from being applied, in words; that nothing does.
    pub fn missing(&self) -> Option<String> {
        if self.plan.eligible.is_empty() {
            return None;
        }
        let words = match self.number.filter(|_| !self.has_number()) {
            Some(number) if self.typed.is_empty() => {
                format!("not applied: type the number {number} first, then y applies")
            }
            Some(number) if self.is_wrong() => format!(
                "not applied: {} is not {number}, the number of leaks that will change",
                self.typed
            ),
            Some(number) => format!("not applied: {} is not yet {number}", self.typed),
            None if self.asks_about_lossy() => {
                "not applied: c accepts the difference first".to_owned()
            }
            None if self.lacks_reason() => {
                "not applied: r gives the reason first, then y applies".to_owned()
            }
            None => "not applied yet: y applies".to_owned(),
        };
        Some(words)
    }

    /// Whether the policy wants a reason, and none was given yet.
    pub fn lacks_reason(&self) -> bool {
        self.wants_reason && self.words.reason.is_none()
    }

    /// Whether a status would be stored as another one, and nobody has said yes to that yet.
    pub fn asks_about_lossy(&self) -> bool {
        !self.lossy_confirmed && self.plan.lossy.iter().any(|lossy| !lossy.confirmed)
    }

    /// Whether an answer read at that moment counts.
    pub fn takes_answer(&self, read: Duration) -> bool {
        self.drawn.is_some_and(|drawn| read >= drawn + READING_TIME)
    }
}
