//! State machine of a change. [`step`] is total: it defines the next state for every state and event. No other code
//! changes a state. The numbers in the comments are those of the table of transitions.

use super::{
    change_response::{ChangeResponse, ReadBack},
    error::ProviderError,
    job::{Change, ChangeState, PauseReason, StoredState},
    raw_text::RawText,
    status::Status,
};

pub use super::job::{NextAction, Step};

/// Number of attempts after which a change counts as failed.
pub const MAX_ATTEMPTS: u32 = 5;

/// Why nothing can be said of a change whose leak was not found where that proves nothing.
const UNPROVABLE_REASON: &str = "not found at the provider, which proves nothing there";

/// An event in the life of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeEvent<'a> {
    /// The intent is recorded; the request follows.
    Sent,
    /// The chunk of the change was answered.
    Answered {
        /// The answer.
        response: &'a ChangeResponse,
        /// True if the chunk had no other change: a refusal is then about this leak.
        is_single: bool,
    },
    /// The job was found unfinished: a request without a recorded answer may or may not have been applied.
    Interrupted,
    /// The leak was read after the change was sent.
    ReadAfter {
        /// What the read showed.
        observation: Observation,
        /// True if no later read follows.
        is_last_read: bool,
        /// True if the verification window has passed: a leak that reads as before was not changed.
        window_over: bool,
        /// True if the confirmation still allows another attempt.
        confirmation_valid: bool,
    },
    /// The leak was read before the change was sent.
    ReadBefore(Observation),
    /// The operator cancelled all that was not sent.
    Cancelled,
    /// The job ended.
    JobEnded,
}

/// What a read of a leak showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// The status.
    Status(Status),
    /// The provider has no such leak, or not for this API key. With the HTTP status.
    Gone(u16),
    /// The leak was not found, at a provider where that proves nothing.
    Unprovable,
    /// The read failed, with the error as text.
    Unreadable(String),
    /// No request could be made, which is no failed read. With the reason for the job to pause.
    RequestBlocked(PauseReason),
}

impl Observation {
    /// Returns the observation of a read-back. `word_means` maps a status word of the provider.
    pub fn from_read_back(reading: &ReadBack, word_means: impl Fn(&RawText) -> Status) -> Self {
        match reading {
            ReadBack::StatusWord(word) => Self::Status(word_means(word)),
            ReadBack::Gone { status } => Self::Gone(*status),
            ReadBack::Unprovable => Self::Unprovable,
            ReadBack::Unreadable(error) => match error.pause_reason() {
                Some(why) => Self::RequestBlocked(why),
                None => Self::Unreadable(error.to_string()),
            },
        }
    }
}

/// Returns the step of a change after an event. Total: an event without a meaning in a state leaves the change as it is.
pub fn step(change: &Change, event: &ChangeEvent<'_>) -> Step {
    use ChangeState::{Accepted, Cancelled, Inflight, Pending, Unknown, Unverifiable};
    match (change.state(), event) {
        // 1
        (Pending, ChangeEvent::Sent) => {
            with_attempts(step_to(change, Inflight), change.attempts() + 1)
        }
        (
            Inflight,
            ChangeEvent::Answered {
                response: answer,
                is_single: alone,
            },
        ) => step_after_response(change, answer, *alone),
        // 9
        (Inflight | Accepted, ChangeEvent::Interrupted) => step_to(change, Unknown),
        (
            Accepted | Unknown,
            ChangeEvent::ReadAfter {
                observation,
                is_last_read,
                window_over,
                confirmation_valid,
            },
        ) => step_after_read(
            change,
            observation,
            (*is_last_read, *window_over),
            *confirmation_valid,
        ),
        (Pending, ChangeEvent::ReadBefore(observation)) => {
            step_after_pre_check(change, observation)
        }
        // 19
        (Pending, ChangeEvent::Cancelled | ChangeEvent::JobEnded) if change.attempts() > 0 => {
            let why = "cancelled before it was sent again";
            step_with_reason(change, Cancelled, None, why)
        }
        (Pending, ChangeEvent::Cancelled | ChangeEvent::JobEnded) => {
            unchanged_step(change).with_state(Cancelled)
        }
        // 17, at the end
        (Inflight | Accepted | Unknown, ChangeEvent::JobEnded) => {
            unchanged_step(change).with_state(Unverifiable)
        }
        // 20: a cancellation does not affect a change in flight.
        _ => unchanged_step(change),
    }
}

fn unchanged_step(change: &Change) -> Step {
    Step {
        from: (change.state(), change.attempts()),
        stored: StoredState {
            state: change.state(),
            attempts: change.attempts(),
            code: change.code(),
            reason: change.reason().map(str::to_owned),
        },
        next: NextAction::Continue,
    }
}

fn step_to(change: &Change, state: ChangeState) -> Step {
    Step {
        from: (change.state(), change.attempts()),
        stored: StoredState {
            state,
            attempts: change.attempts(),
            code: None,
            reason: None,
        },
        next: NextAction::Continue,
    }
}

fn step_with_reason(
    change: &Change,
    state: ChangeState,
    code: Option<u16>,
    why: impl Into<String>,
) -> Step {
    let mut step = step_to(change, state);
    (step.stored.code, step.stored.reason) = (code, Some(why.into()));
    step
}

fn with_attempts(mut step: Step, attempts: u32) -> Step {
    step.stored.attempts = attempts;
    step
}

/// Returns to pending. Nothing was applied, so the attempt does not count.
fn unsent_step(change: &Change) -> Step {
    let attempts = change.attempts().saturating_sub(1);
    with_attempts(step_to(change, ChangeState::Pending), attempts)
}

/// Returns to pending, for a smaller chunk. A chunk that was refused as a whole may have been applied in part, so at
/// least one attempt is remembered. However often a chunk is halved, that is one attempt.
fn split_step(change: &Change) -> Step {
    let attempts = change.attempts().saturating_sub(1).max(1);
    with_attempts(step_to(change, ChangeState::Pending), attempts).with_next(NextAction::Split)
}

fn step_after_response(change: &Change, answer: &ChangeResponse, alone: bool) -> Step {
    match answer {
        // 2, 3
        ChangeResponse::NotSent(error)
            if matches!(error, ProviderError::Unreachable { .. })
                || error.pause_reason() == Some(PauseReason::Net) =>
        {
            unsent_step(change).with_next(NextAction::Wait(PauseReason::Net))
        }
        // A rule here or at the provider forbids it: waiting changes nothing.
        ChangeResponse::NotSent(_) => {
            unsent_step(change).with_next(NextAction::Pause(PauseReason::Net))
        }
        ChangeResponse::RateLimited(_) => {
            unsent_step(change).with_next(NextAction::Wait(PauseReason::Rate))
        }
        // 4
        ChangeResponse::Unauthorised(_) => {
            unsent_step(change).with_next(NextAction::Pause(PauseReason::Auth))
        }
        // 5: the chunk was refused as a whole and does not say for whose sake.
        ChangeResponse::Refused { .. } if !alone => split_step(change),
        // 6: one that was in a larger chunk before may have been applied with a part of that; it is read first.
        ChangeResponse::Refused {
            status: status @ (400 | 403 | 404),
            error,
        } => {
            let state = if change.attempts() > 1 {
                ChangeState::Unknown
            } else {
                ChangeState::Refused
            };
            step_with_reason(change, state, Some(*status), error.to_string())
        }
        // 7
        ChangeResponse::Accepted => step_to(change, ChangeState::Accepted),
        // 8
        ChangeResponse::Refused { error, .. } | ChangeResponse::Ambiguous(error) => {
            step_with_reason(change, ChangeState::Unknown, None, error.to_string())
        }
    }
}

fn step_after_read(
    change: &Change,
    observation: &Observation,
    (last, over): (bool, bool),
    confirmation_valid: bool,
) -> Step {
    let accepted = change.state() == ChangeState::Accepted;
    let refused = !accepted && change.code().is_some();
    match observation {
        // 10
        Observation::Status(status) if *status == change.wanted => {
            step_to(change, ChangeState::Verified)
        }
        Observation::Status(status) if Some(*status) == change.before => {
            if !over && last {
                // 17: no later read follows, and the provider may still apply it.
                let why = "status unchanged, too soon after it was sent to tell";
                step_with_reason(change, ChangeState::Unverifiable, None, why)
            } else if !over {
                // A provider may be slow: only the end of the window proves it.
                unchanged_step(change)
            } else if refused {
                // 6, once it was read: it keeps the words of its refusal.
                unchanged_step(change).with_state(ChangeState::Refused)
            } else if accepted {
                // 11
                let why = "the provider returned success, but the status is unchanged";
                step_with_reason(change, ChangeState::Contradicted, None, why)
            } else if change.attempts() >= MAX_ATTEMPTS {
                // 13
                let why = format!("not applied after {MAX_ATTEMPTS} tries");
                step_with_reason(change, ChangeState::Failed, None, why)
            } else if confirmation_valid {
                // 12
                unchanged_step(change).with_state(ChangeState::Pending)
            } else {
                // 14
                unchanged_step(change).with_next(NextAction::Pause(PauseReason::Confirm))
            }
        }
        // 15
        Observation::Status(_) => {
            let why = "reads as another status than was set";
            step_with_reason(change, ChangeState::Contradicted, None, why)
        }
        // 6, once it was read.
        Observation::Gone(_) if refused => unchanged_step(change).with_state(ChangeState::Refused),
        // 16
        Observation::Gone(code) => {
            let why = "no longer at the provider";
            step_with_reason(change, ChangeState::Refused, Some(*code), why)
        }
        // 17
        Observation::Unprovable if last => {
            step_with_reason(change, ChangeState::Unverifiable, None, UNPROVABLE_REASON)
        }
        Observation::Unreadable(why) if last => {
            let why = format!("could not be read back: {why}");
            step_with_reason(change, ChangeState::Unverifiable, None, why)
        }
        // 17: it can be read when the job goes on.
        Observation::RequestBlocked(why) if last => {
            unchanged_step(change).with_next(action_without_request(*why))
        }
        Observation::Unprovable | Observation::Unreadable(_) | Observation::RequestBlocked(_) => {
            unchanged_step(change)
        }
    }
}

/// 18: a leak that others changed since the plan is not overwritten.
fn step_after_pre_check(change: &Change, observation: &Observation) -> Step {
    match observation {
        Observation::Status(status) if Some(*status) == change.before => unchanged_step(change),
        // 21: an earlier attempt was applied late, or in spite of a refusal. The change is this job's own.
        Observation::Status(status) if *status == change.wanted && change.attempts() > 0 => {
            step_to(change, ChangeState::Verified)
        }
        Observation::Status(status) if *status == change.wanted => {
            let why = "changed by others since";
            step_with_reason(change, ChangeState::Skipped, None, why)
        }
        Observation::Status(status) => {
            let why = format!("changed by others since: {}", status.label());
            step_with_reason(change, ChangeState::Drifted, None, why)
        }
        Observation::Gone(_) => {
            let why = "no longer at the provider";
            step_with_reason(change, ChangeState::Drifted, None, why)
        }
        // Without a read, nothing is sent, and no later read shows more.
        Observation::Unprovable if change.attempts() > 0 => {
            step_with_reason(change, ChangeState::Unverifiable, None, UNPROVABLE_REASON)
        }
        Observation::Unprovable => {
            step_with_reason(change, ChangeState::Drifted, None, UNPROVABLE_REASON)
        }
        // Without a read, nothing is sent.
        Observation::Unreadable(_) => {
            unchanged_step(change).with_next(NextAction::Pause(PauseReason::Net))
        }
        Observation::RequestBlocked(why) => {
            unchanged_step(change).with_next(action_without_request(*why))
        }
    }
}

/// Returns what the job does if no request could be made. An unreachable provider may be back soon; a limit or a refused
/// key needs the operator.
fn action_without_request(why: PauseReason) -> NextAction {
    match why {
        PauseReason::Net => NextAction::Wait(why),
        _ => NextAction::Pause(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::job::StorageTarget;
    use crate::entity::{
        error::WEB_PAGE,
        key::{EntityKey, ProfileName},
    };

    fn change(state: ChangeState, attempts: u32) -> Change {
        let key = EntityKey::for_leak(ProfileName::new("p").unwrap(), "a".into());
        let planned = Change::from_plan(
            0,
            key,
            Some(Status::Open),
            Status::Fixed,
            StorageTarget::Remote,
            None,
        );
        let stored = StoredState {
            state,
            attempts,
            code: None,
            reason: None,
        };
        Change::from_stored(planned, stored)
    }

    /// A reading at the end of the window, or before it.
    fn read(state: ChangeState, attempts: u32, status: Status, end: bool, holds: bool) -> Step {
        let event = ChangeEvent::ReadAfter {
            observation: Observation::Status(status),
            is_last_read: end,
            window_over: end,
            confirmation_valid: holds,
        };
        step(&change(state, attempts), &event)
    }

    #[test]
    fn only_a_reading_verifies() {
        let answer = ChangeResponse::Accepted;
        let event = ChangeEvent::Answered {
            response: &answer,
            is_single: true,
        };
        let after = step(&change(ChangeState::Inflight, 1), &event);
        assert_eq!(after.state(), ChangeState::Accepted);
        for state in [ChangeState::Accepted, ChangeState::Unknown] {
            let after = read(state, 1, Status::Fixed, false, true);
            assert_eq!(after.state(), ChangeState::Verified);
        }
    }

    #[test]
    fn absence_that_proves_nothing_verifies_and_fails_nothing() {
        let read = |state, last| {
            let event = ChangeEvent::ReadAfter {
                observation: Observation::from_read_back(&ReadBack::Unprovable, |_| {
                    Status::Unknown
                }),
                is_last_read: last,
                window_over: last,
                confirmation_valid: true,
            };
            step(&change(state, 1), &event).state()
        };
        for state in [ChangeState::Accepted, ChangeState::Unknown] {
            assert_eq!(read(state, false), state);
            assert_eq!(read(state, true), ChangeState::Unverifiable);
        }
        let looked = |attempts| {
            let event = ChangeEvent::ReadBefore(Observation::Unprovable);
            step(&change(ChangeState::Pending, attempts), &event)
        };
        // What was never sent is left alone, and no job waits for a reading that cannot come.
        assert_eq!(looked(0).state(), ChangeState::Drifted);
        assert_eq!(looked(1).state(), ChangeState::Unverifiable);
        assert_eq!(
            (looked(0).next(), looked(1).next()),
            (NextAction::Continue, NextAction::Continue)
        );
    }

    #[test]
    fn an_accepted_change_is_contradicted_only_by_the_last_reading() {
        let read = |status, last| read(ChangeState::Accepted, 1, status, last, true).state();
        assert_eq!(read(Status::Open, false), ChangeState::Accepted);
        assert_eq!(read(Status::Open, true), ChangeState::Contradicted);
        assert_eq!(read(Status::Unknown, false), ChangeState::Contradicted);
    }

    #[test]
    fn an_unknown_change_is_sent_again_after_a_reading_and_only_five_times() {
        let read =
            |attempts, holds| read(ChangeState::Unknown, attempts, Status::Open, true, holds);
        assert_eq!(read(4, true).state(), ChangeState::Pending);
        assert_eq!(read(5, true).state(), ChangeState::Failed);
        assert_eq!(read(1, false).state(), ChangeState::Unknown);
        assert_eq!(
            read(1, false).next(),
            NextAction::Pause(PauseReason::Confirm)
        );
    }

    #[test]
    fn a_reading_before_the_window_is_over_never_counts_as_not_applied() {
        for state in [ChangeState::Accepted, ChangeState::Unknown] {
            for (attempts, holds) in [
                (1, true),
                (1, false),
                (MAX_ATTEMPTS, true),
                (MAX_ATTEMPTS, false),
            ] {
                let early = |last| {
                    let event = ChangeEvent::ReadAfter {
                        observation: Observation::Status(Status::Open),
                        is_last_read: last,
                        window_over: false,
                        confirmation_valid: holds,
                    };
                    step(&change(state, attempts), &event)
                };
                assert_eq!(
                    (early(false).state(), early(false).next()),
                    (state, NextAction::Continue)
                );
                let given_up = early(true);
                assert_eq!(given_up.state(), ChangeState::Unverifiable);
                assert!(given_up.reason().is_some());
            }
        }
    }

    #[test]
    fn a_refusal_is_a_leaks_own_only_when_it_was_sent_alone() {
        let answer = ChangeResponse::Refused {
            status: 403,
            error: ProviderError::Forbidden { message: None },
        };
        let after = |alone| {
            let event = ChangeEvent::Answered {
                response: &answer,
                is_single: alone,
            };
            step(&change(ChangeState::Inflight, 1), &event)
        };
        let whole = after(false);
        assert_eq!(
            (whole.state(), whole.next()),
            (ChangeState::Pending, NextAction::Split)
        );
        assert_eq!(whole.attempts(), 1);
        let own = after(true);
        assert_eq!((own.state(), own.code()), (ChangeState::Refused, Some(403)));
        assert!(own.reason().is_some());
    }

    #[test]
    fn what_cannot_be_read_is_unverifiable_at_the_end_and_not_before() {
        let read = |last| {
            let seen = Observation::Unreadable("no route".into());
            let event = ChangeEvent::ReadAfter {
                observation: seen,
                is_last_read: last,
                window_over: last,
                confirmation_valid: true,
            };
            step(&change(ChangeState::Accepted, 1), &event).state()
        };
        assert_eq!(read(false), ChangeState::Accepted);
        assert_eq!(read(true), ChangeState::Unverifiable);
    }

    #[test]
    fn what_was_sent_before_and_is_found_as_wanted_is_ours() {
        let refused = ChangeResponse::Refused {
            status: 403,
            error: ProviderError::Forbidden { message: None },
        };
        let limited = ChangeResponse::RateLimited(ProviderError::RateLimited {
            until: jiff::Timestamp::UNIX_EPOCH,
        });
        let found = |change: &Change| {
            let event = ChangeEvent::ReadBefore(Observation::Status(Status::Fixed));
            step(change, &event).state()
        };
        let after = |answers: &[&ChangeResponse]| {
            let mut change = change(ChangeState::Pending, 0);
            for answer in answers {
                let sent = step(&change, &ChangeEvent::Sent);
                change.apply(sent);
                let event = ChangeEvent::Answered {
                    response: answer,
                    is_single: false,
                };
                let back = step(&change, &event);
                change.apply(back);
            }
            change
        };
        // Refused as a whole: a half may have been applied all the same.
        assert_eq!(found(&after(&[&refused])), ChangeState::Verified);
        // Halved again and again it does not run out of attempts, and still remembers.
        let halved = after(&[&refused; 9]);
        assert_eq!((halved.attempts(), halved.was_sent_before()), (1, true));
        assert_eq!(found(&after(&[&refused, &limited])), ChangeState::Verified);
        // What never arrived is somebody else's.
        assert_eq!(found(&after(&[&limited])), ChangeState::Skipped);
        assert_eq!(found(&after(&[])), ChangeState::Skipped);
    }

    /// Half of a chunk was applied, and the chunk refused; a leak of that half was refused when it was sent alone, and told
    /// as failed, which it was not.
    #[test]
    fn one_that_is_refused_after_its_chunk_was_is_read_before_it_is_called_failed() {
        let error = ProviderError::Forbidden { message: None };
        let words = error.to_string();
        let answer = ChangeResponse::Refused { status: 403, error };
        let refused = |attempts| {
            let mut change = change(ChangeState::Inflight, attempts);
            let event = ChangeEvent::Answered {
                response: &answer,
                is_single: true,
            };
            change.apply(step(&change, &event));
            change
        };
        assert_eq!(refused(1).state(), ChangeState::Refused);
        let again = refused(2);
        assert_eq!(again.state(), ChangeState::Unknown);
        let read = |observation, over| {
            let event = ChangeEvent::ReadAfter {
                observation,
                is_last_read: over,
                window_over: over,
                confirmation_valid: true,
            };
            step(&again, &event)
        };
        let fixed = Observation::Status(Status::Fixed);
        assert_eq!(read(fixed, false).state(), ChangeState::Verified);
        let open = || Observation::Status(Status::Open);
        assert_eq!(read(open(), false).state(), ChangeState::Unknown);
        for after in [read(open(), true), read(Observation::Gone(404), false)] {
            assert_eq!(
                (after.state(), after.code()),
                (ChangeState::Refused, Some(403))
            );
            assert_eq!(after.reason(), Some(&words[..]));
        }
    }

    #[test]
    fn change_held_after_a_web_page_is_no_attempt() {
        let error = ProviderError::NotThisService {
            status: 200,
            why: WEB_PAGE.to_owned(),
        };
        let answer = ChangeResponse::NotSent(error);
        let event = ChangeEvent::Answered {
            response: &answer,
            is_single: true,
        };
        let after = step(&change(ChangeState::Inflight, 1), &event);
        assert_eq!(
            (after.state(), after.attempts(), after.next()),
            (ChangeState::Pending, 0, NextAction::Wait(PauseReason::Net))
        );
    }

    #[test]
    fn what_was_never_asked_is_no_failed_reading() {
        for state in [ChangeState::Accepted, ChangeState::Unknown] {
            for (last, over) in [(false, false), (true, false), (true, true)] {
                let event = ChangeEvent::ReadAfter {
                    observation: Observation::RequestBlocked(PauseReason::Net),
                    is_last_read: last,
                    window_over: over,
                    confirmation_valid: true,
                };
                let after = step(&change(state, MAX_ATTEMPTS), &event);
                assert_eq!(after.state(), state);
                let waits = after.next() == NextAction::Wait(PauseReason::Net);
                assert_eq!(waits, last);
            }
        }
    }

    #[test]
    fn an_end_keeps_why() {
        let mut unknown = change(ChangeState::Inflight, 1);
        let answer = ChangeResponse::Ambiguous(ProviderError::Malformed { why: "cut".into() });
        let event = ChangeEvent::Answered {
            response: &answer,
            is_single: true,
        };
        let after = step(&unknown, &event);
        unknown.apply(after);
        let ended = step(&unknown, &ChangeEvent::JobEnded);
        assert_eq!(ended.state(), ChangeState::Unverifiable);
        assert_eq!(ended.reason(), unknown.reason());
    }
}
