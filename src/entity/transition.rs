//! What happens to a change, as a function without state: every event in every state has its answer here, and nowhere
//! else. The numbers in the comments are those of the table of transitions.

use super::{
    answer::{Answer, ReadBack},
    job::{Change, ChangeState, PauseReason, Place, SkipCode, Stored},
    status::Status,
    text::Text,
};

/// How often a change is sent before it counts as failed.
pub const ATTEMPTS: u32 = 5;

/// Why nothing can be said of a change whose leak was not found where that proves nothing.
const UNPROVABLE: &str = "not found at the provider, which proves nothing there";

/// What happens to a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// That it is about to be sent is on disk.
    Sent,
    /// The chunk that it was in was answered.
    Answered {
        /// How.
        answer: &'a Answer,
        /// It was the only one in its chunk: what is said of the chunk is said of it.
        alone: bool,
    },
    /// The job was found unfinished: whatever was under way may or may not have been applied.
    Found,
    /// It was read back after it was sent.
    Read {
        /// What was seen.
        seen: Seen,
        /// No later reading follows.
        last: bool,
        /// The whole window has passed since it was sent: what reads as before now was not applied.
        over: bool,
        /// The confirmation is young enough to send it again on.
        holds: bool,
    },
    /// It was read before it was sent.
    Looked(Seen),
    /// The operator called off what was not sent.
    Cancelled,
    /// The job ends.
    Ended,
}

/// What reading a leak showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Its status.
    Status(Status),
    /// The provider has no such leak, or not for this key.
    Gone(u16),
    /// It was not found, at a provider where that proves nothing.
    Unprovable,
    /// Nothing: it could not be read, and why.
    Nothing(String),
    /// Nothing, and nobody was asked: that is no reading at all. Why the job has to wait.
    Held(PauseReason),
}

impl Seen {
    /// What a reading shows; `word_means` is what the provider's status word means.
    pub fn of(reading: &ReadBack, word_means: impl Fn(&Text) -> Status) -> Self {
        match reading {
            ReadBack::Word(word) => Self::Status(word_means(word)),
            ReadBack::Gone { status } => Self::Gone(*status),
            ReadBack::Unprovable => Self::Unprovable,
            ReadBack::Unread(error) => match error.holds() {
                Some(why) => Self::Held(why),
                None => Self::Nothing(error.to_string()),
            },
        }
    }
}

/// What the job does because of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing special.
    GoOn,
    /// The chunk goes out again, after a wait.
    Wait,
    /// The chunk goes out again as two halves.
    Split,
    /// The job waits for the operator.
    Pause(PauseReason),
}

/// Where a change stands after an event. Made by [`step`] alone; [`Change::apply`] alone takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    stored: Stored,
    then: Then,
}

impl Step {
    /// The change's state.
    pub fn state(&self) -> ChangeState {
        self.stored.state
    }

    /// How often it was sent.
    pub fn attempts(&self) -> u32 {
        self.stored.attempts
    }

    /// The HTTP status of a failed one.
    pub fn code(&self) -> Option<u16> {
        self.stored.code
    }

    /// Why, in words.
    pub fn reason(&self) -> Option<&str> {
        self.stored.reason.as_deref()
    }

    /// What the job does.
    pub fn then(&self) -> Then {
        self.then
    }

    /// Whether it is a step of a change that stands so: what has ended goes nowhere, and nothing was sent more often
    /// than it was meant to be sent.
    pub fn follows(&self, change: &Change) -> bool {
        let ended = change.state().is_final() && change.state() != self.state();
        !ended && self.attempts() <= change.attempts()
    }

    /// A step to a state that the table does not have for it: what a program would do that makes a mistake. For
    /// rehearsals and tests alone.
    #[must_use]
    pub fn as_if(mut self, state: ChangeState) -> Self {
        self.stored.state = state;
        self
    }

    /// A step that forgets that the change was sent. For rehearsals and tests alone.
    #[must_use]
    pub fn as_if_never_sent(mut self) -> Self {
        self.stored.attempts = 0;
        self.as_if(ChangeState::Pending)
    }

    /// Where the change stands then.
    pub(super) fn into_stored(self) -> Stored {
        self.stored
    }

    fn and(self, then: Then) -> Self {
        Self { then, ..self }
    }
}

/// The state that a change begins in: what is kept here alone is done with being recorded, and what its plan leaves
/// alone has ended.
pub fn first(place: Place, left: Option<SkipCode>) -> ChangeState {
    match left {
        Some(SkipCode::Drifted) => ChangeState::Drifted,
        Some(_) => ChangeState::Skipped,
        None if place == Place::Local => ChangeState::Local,
        None => ChangeState::Pending,
    }
}

/// Where a change stands after an event. An event that means nothing in its state leaves it as it is.
pub fn step(change: &Change, event: &Event<'_>) -> Step {
    use ChangeState::{Accepted, Cancelled, Inflight, Pending, Unknown, Unverifiable};
    match (change.state(), event) {
        // 1
        (Pending, Event::Sent) => counted(to(change, Inflight), change.attempts() + 1),
        (Inflight, Event::Answered { answer, alone }) => answered(change, answer, *alone),
        // 9
        (Inflight | Accepted, Event::Found) => to(change, Unknown),
        (
            Accepted | Unknown,
            Event::Read {
                seen,
                last,
                over,
                holds,
            },
        ) => read(change, seen, (*last, *over), *holds),
        (Pending, Event::Looked(seen)) => looked(change, seen),
        // 19
        (Pending, Event::Cancelled | Event::Ended) if change.attempts() > 0 => {
            let why = "called off before it was sent once more";
            because(change, Cancelled, None, why)
        }
        (Pending, Event::Cancelled | Event::Ended) => stay(change).as_if(Cancelled),
        // 17, at the end
        (Inflight | Accepted | Unknown, Event::Ended) => stay(change).as_if(Unverifiable),
        // 20 is among these: what is under way settles first.
        _ => stay(change),
    }
}

fn stay(change: &Change) -> Step {
    Step {
        stored: Stored {
            state: change.state(),
            attempts: change.attempts(),
            code: change.code(),
            reason: change.reason().map(str::to_owned),
        },
        then: Then::GoOn,
    }
}

fn to(change: &Change, state: ChangeState) -> Step {
    Step {
        stored: Stored {
            state,
            attempts: change.attempts(),
            code: None,
            reason: None,
        },
        then: Then::GoOn,
    }
}

fn because(change: &Change, state: ChangeState, code: Option<u16>, why: impl Into<String>) -> Step {
    let mut step = to(change, state);
    (step.stored.code, step.stored.reason) = (code, Some(why.into()));
    step
}

fn counted(mut step: Step, attempts: u32) -> Step {
    step.stored.attempts = attempts;
    step
}

/// Back to not sent: nothing was applied, so it was no attempt.
fn unsent(change: &Change) -> Step {
    let attempts = change.attempts().saturating_sub(1);
    counted(to(change, ChangeState::Pending), attempts)
}

/// Back to not sent, in a smaller chunk. What was refused as a whole may have been applied in part, whatever the service
/// says of it: that it was sent is remembered, and however often a chunk is halved that is one attempt.
fn halved(change: &Change) -> Step {
    let attempts = change.attempts().saturating_sub(1).max(1);
    counted(to(change, ChangeState::Pending), attempts).and(Then::Split)
}

fn answered(change: &Change, answer: &Answer, alone: bool) -> Step {
    match answer {
        // 2, 3
        Answer::NotSent(_) | Answer::RateLimited(_) => unsent(change).and(Then::Wait),
        // 4
        Answer::Unauthorised(_) => unsent(change).and(Then::Pause(PauseReason::Auth)),
        // 5: the chunk was refused as a whole and does not say for whose sake.
        Answer::Refused { .. } if !alone => halved(change),
        // 6
        Answer::Refused {
            status: status @ (400 | 403 | 404),
            error,
        } => because(
            change,
            ChangeState::Refused,
            Some(*status),
            error.to_string(),
        ),
        // 7
        Answer::Accepted => to(change, ChangeState::Accepted),
        // 8
        Answer::Refused { error, .. } | Answer::Unclear(error) => {
            because(change, ChangeState::Unknown, None, error.to_string())
        }
    }
}

fn read(change: &Change, seen: &Seen, (last, over): (bool, bool), holds: bool) -> Step {
    let accepted = change.state() == ChangeState::Accepted;
    match seen {
        // 10
        Seen::Status(status) if *status == change.wanted => to(change, ChangeState::Verified),
        Seen::Status(status) if Some(*status) == change.before => {
            if !over && last {
                // 17: nobody waits for it any more, and it may still be applied.
                let why = "reads as before, too soon after it was sent to tell";
                because(change, ChangeState::Unverifiable, None, why)
            } else if !over {
                // A provider may take its time: only the end of the window tells.
                stay(change)
            } else if accepted {
                // 11
                let why = "the provider said yes, and reads as before";
                because(change, ChangeState::Contradicted, None, why)
            } else if change.attempts() >= ATTEMPTS {
                // 13
                let why = format!("not applied after {ATTEMPTS} tries");
                because(change, ChangeState::Failed, None, why)
            } else if holds {
                // 12
                stay(change).as_if(ChangeState::Pending)
            } else {
                // 14
                stay(change).and(Then::Pause(PauseReason::Confirm))
            }
        }
        // 15
        Seen::Status(_) => {
            let why = "reads as another status than was set";
            because(change, ChangeState::Contradicted, None, why)
        }
        // 16
        Seen::Gone(code) => {
            let why = "no longer at the provider";
            because(change, ChangeState::Refused, Some(*code), why)
        }
        // 17
        Seen::Unprovable if last => because(change, ChangeState::Unverifiable, None, UNPROVABLE),
        Seen::Nothing(why) if last => {
            let why = format!("could not be read back: {why}");
            because(change, ChangeState::Unverifiable, None, why)
        }
        Seen::Unprovable | Seen::Nothing(_) => stay(change),
        // 17: whoever goes on with it later can still read it.
        Seen::Held(why) => stay(change).and(if last { Then::Pause(*why) } else { Then::GoOn }),
    }
}

/// 18: what was changed by somebody else since the plan is left alone.
fn looked(change: &Change, seen: &Seen) -> Step {
    match seen {
        Seen::Status(status) if Some(*status) == change.before => stay(change),
        // It was sent before: that it came late, or in spite of a refusal, makes it no less ours.
        Seen::Status(status) if *status == change.wanted && change.attempts() > 0 => {
            to(change, ChangeState::Verified)
        }
        Seen::Status(status) if *status == change.wanted => {
            let why = "somebody else has set it since";
            because(change, ChangeState::Skipped, None, why)
        }
        Seen::Status(status) => {
            let why = format!("changed by someone else since: {}", status.in_words());
            because(change, ChangeState::Drifted, None, why)
        }
        Seen::Gone(_) => {
            let why = "no longer at the provider";
            because(change, ChangeState::Drifted, None, why)
        }
        // Nothing is sent on a guess, and no later reading shows more.
        Seen::Unprovable if change.attempts() > 0 => {
            because(change, ChangeState::Unverifiable, None, UNPROVABLE)
        }
        Seen::Unprovable => because(change, ChangeState::Drifted, None, UNPROVABLE),
        // Nothing is sent on a guess.
        Seen::Nothing(_) => stay(change).and(Then::Pause(PauseReason::Net)),
        Seen::Held(why) => stay(change).and(Then::Pause(*why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{
        error::ProviderError,
        key::{EntityKey, ProfileName},
    };

    fn change(state: ChangeState, attempts: u32) -> Change {
        let key = EntityKey::leak(ProfileName::new("p").unwrap(), "a".into());
        let planned = Change::planned(
            0,
            key,
            Some(Status::Open),
            Status::Fixed,
            Place::Remote,
            None,
        );
        let stored = Stored {
            state,
            attempts,
            code: None,
            reason: None,
        };
        Change::restored(planned, stored)
    }

    /// A reading at the end of the window, or before it.
    fn read(state: ChangeState, attempts: u32, status: Status, end: bool, holds: bool) -> Step {
        let event = Event::Read {
            seen: Seen::Status(status),
            last: end,
            over: end,
            holds,
        };
        step(&change(state, attempts), &event)
    }

    #[test]
    fn only_a_reading_verifies() {
        let answer = Answer::Accepted;
        let event = Event::Answered {
            answer: &answer,
            alone: true,
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
            let event = Event::Read {
                seen: Seen::of(&ReadBack::Unprovable, |_| Status::Unknown),
                last,
                over: last,
                holds: true,
            };
            step(&change(state, 1), &event).state()
        };
        for state in [ChangeState::Accepted, ChangeState::Unknown] {
            assert_eq!(read(state, false), state);
            assert_eq!(read(state, true), ChangeState::Unverifiable);
        }
        let looked = |attempts| {
            let event = Event::Looked(Seen::Unprovable);
            step(&change(ChangeState::Pending, attempts), &event)
        };
        // What was never sent is left alone, and no job waits for a reading that cannot come.
        assert_eq!(looked(0).state(), ChangeState::Drifted);
        assert_eq!(looked(1).state(), ChangeState::Unverifiable);
        assert_eq!(
            (looked(0).then(), looked(1).then()),
            (Then::GoOn, Then::GoOn)
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
        assert_eq!(read(1, false).then(), Then::Pause(PauseReason::Confirm));
    }

    #[test]
    fn a_reading_before_the_window_is_over_never_counts_as_not_applied() {
        for state in [ChangeState::Accepted, ChangeState::Unknown] {
            for (attempts, holds) in [(1, true), (1, false), (ATTEMPTS, true), (ATTEMPTS, false)] {
                let early = |last| {
                    let event = Event::Read {
                        seen: Seen::Status(Status::Open),
                        last,
                        over: false,
                        holds,
                    };
                    step(&change(state, attempts), &event)
                };
                assert_eq!(
                    (early(false).state(), early(false).then()),
                    (state, Then::GoOn)
                );
                let given_up = early(true);
                assert_eq!(given_up.state(), ChangeState::Unverifiable);
                assert!(given_up.reason().is_some());
            }
        }
    }

    #[test]
    fn a_refusal_is_a_leaks_own_only_when_it_was_sent_alone() {
        let answer = Answer::Refused {
            status: 403,
            error: ProviderError::Forbidden { message: None },
        };
        let after = |alone| {
            let event = Event::Answered {
                answer: &answer,
                alone,
            };
            step(&change(ChangeState::Inflight, 1), &event)
        };
        let whole = after(false);
        assert_eq!(
            (whole.state(), whole.then()),
            (ChangeState::Pending, Then::Split)
        );
        assert_eq!(whole.attempts(), 1);
        let own = after(true);
        assert_eq!((own.state(), own.code()), (ChangeState::Refused, Some(403)));
        assert!(own.reason().is_some());
    }

    #[test]
    fn what_cannot_be_read_is_unverifiable_at_the_end_and_not_before() {
        let read = |last| {
            let seen = Seen::Nothing("no route".into());
            let event = Event::Read {
                seen,
                last,
                over: last,
                holds: true,
            };
            step(&change(ChangeState::Accepted, 1), &event).state()
        };
        assert_eq!(read(false), ChangeState::Accepted);
        assert_eq!(read(true), ChangeState::Unverifiable);
    }

    #[test]
    fn what_was_sent_before_and_is_found_as_wanted_is_ours() {
        let refused = Answer::Refused {
            status: 403,
            error: ProviderError::Forbidden { message: None },
        };
        let limited = Answer::RateLimited(ProviderError::RateLimited {
            until: jiff::Timestamp::UNIX_EPOCH,
        });
        let found = |change: &Change| {
            let event = Event::Looked(Seen::Status(Status::Fixed));
            step(change, &event).state()
        };
        let after = |answers: &[&Answer]| {
            let mut change = change(ChangeState::Pending, 0);
            for answer in answers {
                let sent = step(&change, &Event::Sent);
                change.apply(sent);
                let event = Event::Answered {
                    answer,
                    alone: false,
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

    #[test]
    fn what_was_never_asked_is_no_failed_reading() {
        for state in [ChangeState::Accepted, ChangeState::Unknown] {
            for (last, over) in [(false, false), (true, false), (true, true)] {
                let event = Event::Read {
                    seen: Seen::Held(PauseReason::Net),
                    last,
                    over,
                    holds: true,
                };
                let after = step(&change(state, ATTEMPTS), &event);
                assert_eq!(after.state(), state);
                let waits = after.then() == Then::Pause(PauseReason::Net);
                assert_eq!(waits, last);
            }
        }
    }

    #[test]
    fn an_end_keeps_why() {
        let mut unknown = change(ChangeState::Inflight, 1);
        let answer = Answer::Unclear(ProviderError::Malformed { why: "cut".into() });
        let event = Event::Answered {
            answer: &answer,
            alone: true,
        };
        let after = step(&unknown, &event);
        unknown.apply(after);
        let ended = step(&unknown, &Event::Ended);
        assert_eq!(ended.state(), ChangeState::Unverifiable);
        assert_eq!(ended.reason(), unknown.reason());
    }
}
