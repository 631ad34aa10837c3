//! One change of a job. Its state is private: a change is built from a plan ([`Change::from_plan`]) or from a stored row
//! ([`Change::from_stored`]). After that, only [`Change::apply`] changes the state, with a [`Step`] that only
//! [`transition`](crate::entity::transition) makes.

use super::{ChangeState, SkipCode, Step, StorageTarget, StoredState};
use crate::entity::{key::EntityKey, status::Status};

/// One change of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Index in the job, from 0; skipped targets follow the eligible ones.
    pub index: u32,
    /// Key of the leak.
    pub key: EntityKey,
    /// Status when the plan was made; `None` if no leak had that key.
    pub before: Option<Status>,
    /// Status to be stored.
    pub wanted: Status,
    /// Where the status is stored.
    pub storage_target: StorageTarget,
    stored_state: StoredState,
}

impl Change {
    /// Returns a change of a new plan. `left` is the skip code of a skipped target.
    pub fn from_plan(
        index: u32,
        key: EntityKey,
        before: Option<Status>,
        wanted: Status,
        place: StorageTarget,
        left: Option<SkipCode>,
    ) -> Self {
        Self {
            index,
            key,
            before,
            wanted,
            storage_target: place,
            stored_state: StoredState {
                state: initial_state(place, left),
                attempts: 0,
                code: None,
                reason: left.map(|code| code.to_string()),
            },
        }
    }

    /// Returns a change with the state of a stored row.
    #[must_use]
    pub fn from_stored(planned: Self, stored: StoredState) -> Self {
        Self {
            stored_state: stored,
            ..planned
        }
    }

    /// Applies a step. No other method changes the state.
    pub fn apply(&mut self, step: Step) {
        self.stored_state = step.into_stored();
    }

    /// Returns true if `step` was made for this change in its present state and with its present number of attempts. A
    /// store refuses a step that was not: its row has moved since, and the step would undo that. A final state is never
    /// left.
    pub fn accepts(&self, step: &Step) -> bool {
        let leaves_end = self.state().is_final() && self.state() != step.state();
        !leaves_end && step.from == (self.state(), self.attempts())
    }

    /// Returns the state.
    pub fn state(&self) -> ChangeState {
        self.stored_state.state
    }

    /// Number of attempts: requests that may have reached the provider.
    pub fn attempts(&self) -> u32 {
        self.stored_state.attempts
    }

    /// HTTP status of a refusal; `None` in all other states.
    pub fn code(&self) -> Option<u16> {
        self.stored_state.code
    }

    /// Reason as text, or the word of the skip code; `None` if there is none.
    pub fn reason(&self) -> Option<&str> {
        self.stored_state.reason.as_deref()
    }

    /// Returns true if the change is pending again after an attempt. The provider may have applied it.
    pub fn was_sent_before(&self) -> bool {
        self.state() == ChangeState::Pending && self.attempts() > 0
    }

    /// Returns true if the plan skipped the change although its leak does not have the wanted status. Matters for a job
    /// that takes another one back.
    pub fn is_incomplete_skip(&self) -> bool {
        let code = || self.reason()?.parse::<SkipCode>().ok();
        self.state() == ChangeState::Skipped && code().is_some_and(SkipCode::is_incomplete_revert)
    }

    /// Returns true if a provider stores the change: it is neither local nor skipped.
    pub fn is_remote(&self) -> bool {
        self.storage_target != StorageTarget::Local
            && !matches!(
                self.state(),
                ChangeState::Skipped | ChangeState::Drifted | ChangeState::Local
            )
    }
}

/// A step of one change, for the journal to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeUpdate {
    /// Index of the change in its job.
    pub index: u32,
    /// The step.
    pub step: Step,
}

impl ChangeUpdate {
    /// Returns the state after the step.
    pub fn state(&self) -> ChangeState {
        self.step.state()
    }
}

/// Returns the initial state of a change. A local one is done when it is recorded, a skipped one has ended.
pub fn initial_state(place: StorageTarget, left: Option<SkipCode>) -> ChangeState {
    match left {
        Some(SkipCode::Drifted) => ChangeState::Drifted,
        Some(_) => ChangeState::Skipped,
        None if place == StorageTarget::Local => ChangeState::Local,
        None => ChangeState::Pending,
    }
}
