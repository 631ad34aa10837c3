//! A step of a change from one state to the next. The table of transitions makes it, the change applies it, a store
//! records it.

use super::{ChangeState, PauseReason};

/// State of a change, as the journal stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredState {
    /// The state.
    pub state: ChangeState,
    /// Number of attempts: requests that may have reached the provider.
    pub attempts: u32,
    /// HTTP status of a refusal; `None` in all other states.
    pub code: Option<u16>,
    /// Reason as text, or the word of the skip code; `None` if there is none.
    pub reason: Option<String>,
}

/// What the job engine does after the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextAction {
    /// It goes on with the job.
    Continue,
    /// It tries the same request again after a wait. The engine decides how long it waits and how often; when that is
    /// used up, it pauses the job with this reason.
    Wait(PauseReason),
    /// It sends the chunk again as two halves.
    Split,
    /// It pauses the job until the operator acts.
    Pause(PauseReason),
}

impl NextAction {
    /// Returns the more urgent of two actions; the first one if both are equally urgent.
    ///
    /// A request that could not be made comes before a question to the operator: the question may be needless then.
    #[must_use]
    pub fn most_urgent(self, other: Self) -> Self {
        if other.urgency() > self.urgency() {
            other
        } else {
            self
        }
    }

    fn urgency(self) -> u8 {
        match self {
            Self::Continue => 0,
            Self::Split => 1,
            Self::Pause(PauseReason::Confirm) => 2,
            Self::Wait(_) => 3,
            Self::Pause(_) => 4,
        }
    }
}

/// State of a change after an event, and what the job engine does next. Only [`transition::step`] makes one, only
/// [`Change::apply`](super::Change::apply) applies it.
///
/// [`transition::step`]: crate::entity::transition::step
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// State and attempts of the change that it was made for.
    pub(in crate::entity) from: (ChangeState, u32),
    pub(in crate::entity) stored: StoredState,
    pub(in crate::entity) next: NextAction,
}

impl Step {
    /// Returns the state after the step.
    pub fn state(&self) -> ChangeState {
        self.stored.state
    }

    /// Returns state and attempts of the change that it was made for.
    pub fn origin(&self) -> (ChangeState, u32) {
        self.from
    }

    /// Returns the number of attempts.
    pub fn attempts(&self) -> u32 {
        self.stored.attempts
    }

    /// Returns the HTTP status of a refusal.
    pub fn code(&self) -> Option<u16> {
        self.stored.code
    }

    /// Returns the reason as text.
    pub fn reason(&self) -> Option<&str> {
        self.stored.reason.as_deref()
    }

    /// Returns what the job engine does next.
    pub fn next(&self) -> NextAction {
        self.next
    }

    /// Returns one step for two events in a row, of which only the result is stored.
    #[must_use]
    pub fn followed_by(self, next: Self) -> Self {
        Self {
            from: self.from,
            ..next
        }
    }

    /// Replaces the state by one that the table does not have for the event, as a faulty program would. The job goes on
    /// as if nothing had happened. For injected mistakes and tests only.
    #[must_use]
    pub fn with_injected_state(self, state: ChangeState) -> Self {
        self.with_state(state).with_next(NextAction::Continue)
    }

    /// Replaces the step by one that forgets that the change was sent. For injected mistakes and tests only.
    #[must_use]
    pub fn with_attempts_forgotten(mut self) -> Self {
        self.stored.attempts = 0;
        self.with_injected_state(ChangeState::Pending)
    }

    /// Returns what is stored of the change.
    pub(super) fn into_stored(self) -> StoredState {
        self.stored
    }

    pub(in crate::entity) fn with_next(self, next: NextAction) -> Self {
        Self { next, ..self }
    }

    pub(in crate::entity) fn with_state(mut self, state: ChangeState) -> Self {
        self.stored.state = state;
        self
    }
}
