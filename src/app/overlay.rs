//! What lies above the panes. Keys go to the topmost overlay; `Esc` takes it away.

use super::model::Model;
use crate::entity::{
    job::{JobRecord, Plan},
    key::JobId,
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
    /// A walk through the console, one card after the other.
    Tour {
        /// Which card.
        card: usize,
    },
    /// A job runs and the operator wants to leave.
    Leave,
}

/// A plan that waits for its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanOverlay {
    /// The plan: frozen.
    pub plan: Plan,
    /// Whose targets these are, in words: `12 marked leaks`, `the leaks of 1 user`.
    pub targets: String,
    /// Rows that are not loaded yet, where that is known.
    pub not_loaded: u64,
    /// The number that has to be typed, above the limit.
    pub number: Option<usize>,
    /// What was typed of it.
    pub typed: String,
    /// When the plan was first drawn, since the start; no answer counts that was read before.
    pub drawn: Option<Duration>,
    /// Answers that were dropped because they came too early or from a paste.
    pub dropped: u32,
    /// First line shown, the headline aside.
    pub scroll: usize,
    /// Time that making it took, in milliseconds.
    pub plan_ms: u64,
}

/// How long a plan must have been on the screen before an answer to it counts.
pub const READING_TIME: Duration = Duration::from_millis(300);

impl PlanOverlay {
    /// Whether `y` applies it now.
    pub fn is_ready(&self) -> bool {
        self.number
            .is_none_or(|number| self.typed == number.to_string())
            && !self.plan.eligible.is_empty()
    }

    /// Whether an answer read at that moment counts.
    pub fn takes_answer(&self, read: Duration) -> bool {
        self.drawn.is_some_and(|drawn| read >= drawn + READING_TIME)
    }
}

impl Model {
    /// The topmost overlay.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlays.last()
    }

    /// The plan on top, if a plan is on top.
    pub fn plan(&self) -> Option<&PlanOverlay> {
        match self.overlays.last() {
            Some(Overlay::Plan(plan)) => Some(plan),
            _ => None,
        }
    }

    pub(crate) fn plan_mut(&mut self) -> Option<&mut PlanOverlay> {
        match self.overlays.last_mut() {
            Some(Overlay::Plan(plan)) => Some(plan),
            _ => None,
        }
    }

    /// Whether the runtime shall say when the next frame has left.
    pub fn awaits_frame(&self) -> bool {
        self.plan().is_some_and(|plan| plan.drawn.is_none())
    }
}

/// Scrolls the topmost overlay by so many lines.
pub fn scroll(model: &mut Model, by: isize) {
    match model.overlays.last_mut() {
        Some(
            Overlay::Help { scroll, .. } | Overlay::Job { scroll, .. } | Overlay::Errors { scroll },
        ) => *scroll = scroll.saturating_add_signed(by),
        Some(Overlay::Tour { card }) => {
            *card = card
                .saturating_add_signed(by.signum())
                .min(super::tour::CARDS.len() - 1);
        }
        Some(Overlay::Plan(plan)) => {
            plan.scroll = plan.scroll.saturating_add_signed(by.signum()).min(40);
        }
        Some(Overlay::Leave) | None => {}
    }
}
