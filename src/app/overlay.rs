//! What lies above the panes. Keys go to the topmost overlay; `Esc` takes it away.
//!
//! The kinds are named in this module and where they are drawn: `keys` says which keys work and are offered, `open`
//! what is shown first, `acts` what actions and keys do and how far it scrolls, `parts` what others ask a kind for.

mod acts;
mod keys;
mod open;
mod parts;
pub mod update;

pub(super) use acts::{WIDTH_STEP, act, close, last, lines_of, on_key, scroll};

use super::{
    check::LookupOverlay, columns::edit::ColumnEditor, facets::FacetPanel, inspect::Inspected,
    plan::digest::PlanSummary, record::Record,
};
use crate::{
    entity::{
        claim::Justification,
        job::{JobRecord, Plan, SkipCode, Skipped},
        key::JobId,
    },
    table::{Marks, RowId},
};
use crossterm::event::KeyCode;
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
    PlanBuild {
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
        finished: bool,
        /// First change shown.
        scroll: usize,
    },
    /// The notices in full.
    Notices {
        /// First line shown.
        scroll: usize,
    },
    /// The team: who is there and what each does.
    Team {
        /// First console shown.
        scroll: usize,
    },
    /// What was sent to the terminal.
    Traffic {
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
        not_loaded: u64,
    },
    /// The record of a person, a machine or another group.
    Inspect(Box<Inspected>),
    /// The record of one leak.
    Record(Box<Record>),
    /// A lookup and its answers.
    Lookup(Box<LookupOverlay>),
    /// All saved views.
    Views {
        /// The view under the cursor.
        cursor: usize,
        /// It is asked whether that shall go.
        confirming_delete: bool,
    },
    /// The columns of a pane.
    Columns(Box<ColumnEditor>),
    /// What the leaks in view have in common.
    Facets(Box<FacetPanel>),
    /// A job runs and the operator wants to leave.
    Quit,
    /// Jobs of an earlier run have not ended; asked once.
    Resume {
        /// Which, the oldest first.
        jobs: Vec<JobId>,
        /// When it was first drawn, since the start; no answer counts that was read before.
        drawn_at: Option<Duration>,
    },
}

/// A plan that waits for its answer.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct PlanOverlay {
    /// The plan: frozen.
    pub plan: Plan,
    /// What it comes to.
    pub summary: PlanSummary,
    /// The rows of its changes, in their order, where they were looked up.
    pub rows: Vec<RowId>,
    /// The rows of all its targets.
    pub target_rows: Marks,
    /// Whose targets these are, in words: `12 marked leaks`, `the leaks of 1 user`.
    pub target_label: String,
    /// Rows that are not loaded yet, where that is known.
    pub not_loaded: u64,
    /// The job that goes on once it is confirmed, where this is no new one.
    pub resumed_job: Option<JobId>,
    /// The number that has to be typed, above the limit.
    pub required_number: Option<usize>,
    /// What was typed of it.
    pub typed_number: String,
    /// It was asked to be applied before it could be: what is missing is said.
    pub apply_requested: bool,
    /// Its targets in the order of the view, by their places: the changes first, then what is left alone.
    pub order: Vec<u32>,
    /// When the plan was first drawn, since the start; no answer counts that was read before.
    pub drawn_at: Option<Duration>,
    /// Answers that were dropped because they came too early or from a paste.
    pub ignored_answers: u32,
    /// First line shown, the headline aside.
    pub scroll: usize,
    /// Time that making it took, in milliseconds.
    pub plan_ms: u64,
    /// The operator has said yes to statuses that are stored as other ones.
    pub mappings_accepted: bool,
    /// It was asked for with the leaks that are closed as something else.
    pub include_closed: bool,
    /// The policy wants a reason.
    pub requires_reason: bool,
    /// Why, in the operator's words.
    pub justification: Justification,
}

/// How long a plan must have been on the screen before an answer to it counts.
pub const ANSWER_DELAY: Duration = Duration::from_millis(300);

impl PlanOverlay {
    /// Whether `y` applies it now.
    pub fn is_ready(&self) -> bool {
        self.is_number_complete()
            && !self.plan.eligible.is_empty()
            && !self.needs_mapping_acceptance()
            && !self.is_reason_missing()
    }

    /// Whether leaks are left alone, or taken in, because they are closed as something else.
    pub fn is_about_closed(&self) -> bool {
        let closed = |left: &Skipped| left.code == SkipCode::Closed;
        self.plan.skipped.iter().any(closed)
            || (self.include_closed && self.target_rows.iter().count() > 1)
    }

    /// Whether the number that has to be typed is there, if one has to be.
    pub fn is_number_complete(&self) -> bool {
        self.required_number
            .is_none_or(|number| self.typed_number == number.to_string())
    }

    /// Whether what was typed cannot become the number any more.
    pub fn is_number_wrong(&self) -> bool {
        self.required_number
            .is_some_and(|number| !number.to_string().starts_with(&self.typed_number))
    }

    /// Whether a number is being typed, or was.
    pub fn is_typing_number(&self) -> bool {
        self.required_number.is_some() && !self.typed_number.is_empty()
    }

    /// What keeps it from being applied, in words; that nothing does.
    pub fn blocking_reason(&self) -> Option<String> {
        if self.plan.eligible.is_empty() {
            return None;
        }
        let words = match self.required_number.filter(|_| !self.is_number_complete()) {
            Some(number) if self.typed_number.is_empty() => {
                format!("not applied: type the number {number} first, then y applies")
            }
            Some(number) if self.is_number_wrong() => format!(
                "not applied: {} is not {number}, the number of leaks that will change",
                self.typed_number
            ),
            Some(number) => format!("not applied: {} is not yet {number}", self.typed_number),
            None if self.needs_mapping_acceptance() => {
                "not applied: c accepts the difference first".to_owned()
            }
            None if self.is_reason_missing() => {
                "not applied: r gives the reason first, then y applies".to_owned()
            }
            None => "not applied yet: y applies".to_owned(),
        };
        Some(words)
    }

    /// Whether the policy wants a reason, and none was given yet.
    pub fn is_reason_missing(&self) -> bool {
        self.requires_reason && self.justification.reason.is_none()
    }

    /// Whether a status would be stored as another one, and nobody has said yes to that yet.
    pub fn needs_mapping_acceptance(&self) -> bool {
        !self.mappings_accepted
            && self
                .plan
                .inexact_mappings
                .iter()
                .any(|lossy| !lossy.is_confirmed)
    }

    /// A key was typed: a digit of the number that it asks for.
    pub(in crate::app) fn on_key(&mut self, key: KeyCode, read: Duration) {
        match key {
            // What was read before the plan stood on the screen is no part of the number either.
            _ if !self.accepts_answer_at(read) => self.ignored_answers += 1,
            KeyCode::Enter => self.apply_requested = true,
            KeyCode::Char(digit)
                if self.required_number.is_some() && self.typed_number.len() < 9 =>
            {
                self.typed_number.push(digit);
                self.apply_requested = false;
            }
            KeyCode::Backspace => {
                self.typed_number.pop();
                self.apply_requested = false;
            }
            _ => {}
        }
    }

    /// Whether an answer read at that moment counts.
    pub fn accepts_answer_at(&self, read: Duration) -> bool {
        self.drawn_at
            .is_some_and(|drawn| read >= drawn + ANSWER_DELAY)
    }
}
