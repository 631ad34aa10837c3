//! One change of a job. Where it stands is private: it begins as its plan has it or as it was stored, and from then on
//! a [`Step`] alone moves it, which only [`transition`] makes.

use super::{ChangeState, Place, SkipCode};
use crate::entity::{
    key::EntityKey,
    status::Status,
    transition::{self, Step},
};

/// One change of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the job, from 0; targets left alone by the plan follow the others.
    pub index: u32,
    /// Which leak.
    pub key: EntityKey,
    /// Its status when the plan was made; `None` where nothing had that key.
    pub before: Option<Status>,
    /// What it shall become where it is stored.
    pub wanted: Status,
    /// Where that is.
    pub place: Place,
    standing: Stored,
}

/// Where a change stands, as the journal stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its state.
    pub state: ChangeState,
    /// How often it was sent, as far as something may have come of it.
    pub attempts: u32,
    /// The HTTP status of a failed one.
    pub code: Option<u16>,
    /// Why, in words; the skip code's word where the plan left it alone.
    pub reason: Option<String>,
}

impl Change {
    /// A change as a plan has it; `left` is why the plan leaves it alone.
    pub fn planned(
        index: u32,
        key: EntityKey,
        before: Option<Status>,
        wanted: Status,
        place: Place,
        left: Option<SkipCode>,
    ) -> Self {
        Self {
            index,
            key,
            before,
            wanted,
            place,
            standing: Stored {
                state: transition::first(place, left),
                attempts: 0,
                code: None,
                reason: left.map(|code| code.to_string()),
            },
        }
    }

    /// A change as it was stored.
    #[must_use]
    pub fn restored(planned: Self, stored: Stored) -> Self {
        Self {
            standing: stored,
            ..planned
        }
    }

    /// Moves it. Nothing else does.
    pub fn apply(&mut self, step: Step) {
        self.standing = step.into_stored();
    }

    /// Where it stands.
    pub fn state(&self) -> ChangeState {
        self.standing.state
    }

    /// How often it was sent, as far as something may have come of it.
    pub fn attempts(&self) -> u32 {
        self.standing.attempts
    }

    /// The HTTP status of a failed one.
    pub fn code(&self) -> Option<u16> {
        self.standing.code
    }

    /// Why, in words; the skip code's word where the plan left it alone.
    pub fn reason(&self) -> Option<&str> {
        self.standing.reason.as_deref()
    }

    /// Whether it waits although it was sent before: it may be applied, and then it is ours.
    pub fn was_sent_before(&self) -> bool {
        self.state() == ChangeState::Pending && self.attempts() > 0
    }

    /// Whether the plan left it alone although it is not as it shall become. Counts where a job is taken back.
    pub fn is_left_behind(&self) -> bool {
        let code = || self.reason()?.parse::<SkipCode>().ok();
        self.state() == ChangeState::Skipped && code().is_some_and(SkipCode::leaves_behind)
    }

    /// Whether it is for a provider to store: not kept here alone, and not left alone.
    pub fn is_remote(&self) -> bool {
        self.place != Place::Local
            && !matches!(
                self.state(),
                ChangeState::Skipped | ChangeState::Drifted | ChangeState::Local
            )
    }
}

/// What happened to one change, for the journal to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeUpdate {
    /// Its place in the job.
    pub index: u32,
    /// Where it goes.
    pub step: Step,
}

impl ChangeUpdate {
    /// Where it stands then.
    pub fn state(&self) -> ChangeState {
        self.step.state()
    }
}
