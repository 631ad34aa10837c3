//! The table of transitions, written down once more as data, and what must hold of every sequence of events: random
//! ones, and all there are of a small job.

use super::core_fixture::key;
use proptest::{collection::vec, prelude::*, sample::select};
use stanch::entity::{
    change_response::ChangeResponse,
    error::ProviderError,
    job::{Change, ChangeState, PauseReason, StorageTarget, StoredState},
    status::Status,
    transition::{ChangeEvent, MAX_ATTEMPTS, NextAction, Observation, Step, step},
};
use std::collections::HashSet;

use ChangeState::{
    Accepted, Cancelled, Contradicted, Drifted, Failed, Inflight, Pending, Refused, Skipped,
    Unknown, Unverifiable, Verified,
};

/// An event without what it borrows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Happening {
    Sent,
    NotSent,
    Forbidden,
    Limited,
    KeyRefused,
    /// The chunk was refused with this status; whether the leak was alone in it.
    Refused(u16, bool),
    Success,
    Unclear,
    Found,
    /// Read as before, as wanted, as another status, gone, unread; the last reading; the window is over; the
    /// confirmation holds.
    Read(ObservedStatus, bool, bool, bool),
    PreChecked(ObservedStatus),
    Cancelled,
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ObservedStatus {
    Before,
    Wanted,
    Other,
    Gone,
    Nothing,
    /// Nothing was asked.
    NotAsked,
}

const READS: [ObservedStatus; 6] = [
    ObservedStatus::Before,
    ObservedStatus::Wanted,
    ObservedStatus::Other,
    ObservedStatus::Gone,
    ObservedStatus::Nothing,
    ObservedStatus::NotAsked,
];

fn every_event() -> Vec<Happening> {
    let mut all = vec![
        Happening::Sent,
        Happening::NotSent,
        Happening::Forbidden,
        Happening::Limited,
        Happening::KeyRefused,
        Happening::Success,
        Happening::Unclear,
        Happening::Found,
        Happening::Cancelled,
        Happening::Ended,
    ];
    for status in [400, 403, 404, 413] {
        all.extend([true, false].map(|alone| Happening::Refused(status, alone)));
    }
    for read in READS {
        all.push(Happening::PreChecked(read));
        for (last, over) in [(true, true), (true, false), (false, true), (false, false)] {
            all.extend([true, false].map(|holds| Happening::Read(read, last, over, holds)));
        }
    }
    all
}

const STATES: [ChangeState; 13] = [
    Pending,
    Inflight,
    Accepted,
    Unknown,
    Verified,
    ChangeState::Local,
    Refused,
    Contradicted,
    Drifted,
    Failed,
    Skipped,
    Cancelled,
    Unverifiable,
];

fn rejected(status: u16) -> ProviderError {
    ProviderError::Rejected {
        status,
        message: None,
    }
}

fn unreachable() -> ProviderError {
    ProviderError::Unreachable {
        why: "no route".into(),
        not_sent: true,
    }
}

fn observation(read: ObservedStatus) -> Observation {
    match read {
        ObservedStatus::Before => Observation::Status(Status::Open),
        ObservedStatus::Wanted => Observation::Status(Status::Fixed),
        ObservedStatus::Other => Observation::Status(Status::Unknown),
        ObservedStatus::Gone => Observation::Gone(404),
        ObservedStatus::Nothing => Observation::Unreadable("no route".into()),
        ObservedStatus::NotAsked => Observation::RequestBlocked(PauseReason::Net),
    }
}

fn change(number: u32, state: ChangeState, attempts: u32) -> Change {
    change_with_code(number, state, attempts, None)
}

/// With the status that it was refused with when it was sent alone, where that is still to be read.
fn change_with_code(number: u32, state: ChangeState, attempts: u32, code: Option<u16>) -> Change {
    let planned = Change::from_plan(
        number,
        key(number),
        Some(Status::Open),
        Status::Fixed,
        StorageTarget::Remote,
        None,
    );
    let stored = StoredState {
        state,
        attempts,
        code,
        reason: code.map(|code| format!("refused with {code}")),
    };
    Change::from_stored(planned, stored)
}

fn step_for(change: &Change, what: Happening) -> Step {
    let answered = |answer: ChangeResponse, alone: bool| {
        step(
            change,
            &ChangeEvent::Answered {
                response: &answer,
                is_single: alone,
            },
        )
    };
    match what {
        Happening::Sent => step(change, &ChangeEvent::Sent),
        Happening::NotSent => answered(ChangeResponse::NotSent(unreachable()), true),
        Happening::Forbidden => answered(ChangeResponse::NotSent(rejected(0)), true),
        Happening::Limited => answered(
            ChangeResponse::RateLimited(ProviderError::RateLimited {
                until: jiff::Timestamp::UNIX_EPOCH,
            }),
            true,
        ),
        Happening::KeyRefused => answered(
            ChangeResponse::Unauthorised(ProviderError::Unauthorised { status: 401 }),
            true,
        ),
        Happening::Refused(status, alone) => answered(
            ChangeResponse::Refused {
                status,
                error: rejected(status),
            },
            alone,
        ),
        Happening::Success => answered(ChangeResponse::Accepted, true),
        Happening::Unclear => answered(ChangeResponse::Ambiguous(rejected(500)), true),
        Happening::Found => step(change, &ChangeEvent::Interrupted),
        Happening::Read(read, last, over, holds) => step(
            change,
            &ChangeEvent::ReadAfter {
                observation: observation(read),
                is_last_read: last,
                window_over: over,
                confirmation_valid: holds,
            },
        ),
        Happening::PreChecked(read) => step(change, &ChangeEvent::ReadBefore(observation(read))),
        Happening::Cancelled => step(change, &ChangeEvent::Cancelled),
        Happening::Ended => step(change, &ChangeEvent::JobEnded),
    }
}

/// One row of the table: its number, from which states, on which event with how many attempts, to which state, how the
/// attempts change, and what the job does.
type Row = (
    u32,
    &'static [ChangeState],
    fn(Happening, u32) -> bool,
    ChangeState,
    i32,
    NextAction,
);

const SENT: &[ChangeState] = &[Accepted, Unknown];

const TABLE: &[Row] = &[
    (
        1,
        &[Pending],
        |w, _| w == Happening::Sent,
        Inflight,
        1,
        NextAction::Continue,
    ),
    (
        2,
        &[Inflight],
        |w, _| w == Happening::NotSent,
        Pending,
        -1,
        NextAction::Wait(PauseReason::Net),
    ),
    (
        2,
        &[Inflight],
        |w, _| w == Happening::Forbidden,
        Pending,
        -1,
        NextAction::Pause(PauseReason::Net),
    ),
    (
        3,
        &[Inflight],
        |w, _| w == Happening::Limited,
        Pending,
        -1,
        NextAction::Wait(PauseReason::Rate),
    ),
    (
        4,
        &[Inflight],
        |w, _| w == Happening::KeyRefused,
        Pending,
        -1,
        NextAction::Pause(PauseReason::Auth),
    ),
    (
        5,
        &[Inflight],
        |w, _| matches!(w, Happening::Refused(_, false)),
        Pending,
        -1,
        NextAction::Split,
    ),
    (
        6,
        &[Inflight],
        |w, n| matches!(w, Happening::Refused(400 | 403 | 404, true)) && n <= 1,
        Refused,
        0,
        NextAction::Continue,
    ),
    // It may have been applied with a part of a chunk.
    (
        6,
        &[Inflight],
        |w, n| matches!(w, Happening::Refused(400 | 403 | 404, true)) && n > 1,
        Unknown,
        0,
        NextAction::Continue,
    ),
    (
        7,
        &[Inflight],
        |w, _| w == Happening::Success,
        Accepted,
        0,
        NextAction::Continue,
    ),
    (
        8,
        &[Inflight],
        |w, _| matches!(w, Happening::Unclear | Happening::Refused(413, true)),
        Unknown,
        0,
        NextAction::Continue,
    ),
    (
        9,
        &[Inflight, Accepted],
        |w, _| w == Happening::Found,
        Unknown,
        0,
        NextAction::Continue,
    ),
    (
        10,
        SENT,
        |w, _| matches!(w, Happening::Read(ObservedStatus::Wanted, ..)),
        Verified,
        0,
        NextAction::Continue,
    ),
    (
        11,
        &[Accepted],
        |w, _| matches!(w, Happening::Read(ObservedStatus::Before, _, true, _)),
        Contradicted,
        0,
        NextAction::Continue,
    ),
    (
        12,
        &[Unknown],
        |w, n| {
            matches!(w, Happening::Read(ObservedStatus::Before, _, true, true)) && n < MAX_ATTEMPTS
        },
        Pending,
        0,
        NextAction::Continue,
    ),
    (
        13,
        &[Unknown],
        |w, n| {
            matches!(w, Happening::Read(ObservedStatus::Before, _, true, _)) && n >= MAX_ATTEMPTS
        },
        Failed,
        0,
        NextAction::Continue,
    ),
    (
        14,
        &[Unknown],
        |w, n| {
            matches!(w, Happening::Read(ObservedStatus::Before, _, true, false)) && n < MAX_ATTEMPTS
        },
        Unknown,
        0,
        NextAction::Pause(PauseReason::Confirm),
    ),
    (
        15,
        SENT,
        |w, _| matches!(w, Happening::Read(ObservedStatus::Other, ..)),
        Contradicted,
        0,
        NextAction::Continue,
    ),
    (
        16,
        SENT,
        |w, _| matches!(w, Happening::Read(ObservedStatus::Gone, ..)),
        Refused,
        0,
        NextAction::Continue,
    ),
    (
        17,
        SENT,
        |w, _| matches!(w, Happening::Read(ObservedStatus::Nothing, true, ..)),
        Unverifiable,
        0,
        NextAction::Continue,
    ),
    (
        17,
        &[Accepted],
        |w, _| matches!(w, Happening::Read(ObservedStatus::NotAsked, true, ..)),
        Accepted,
        0,
        NextAction::Wait(PauseReason::Net),
    ),
    (
        17,
        &[Unknown],
        |w, _| matches!(w, Happening::Read(ObservedStatus::NotAsked, true, ..)),
        Unknown,
        0,
        NextAction::Wait(PauseReason::Net),
    ),
    (
        17,
        SENT,
        |w, _| matches!(w, Happening::Read(ObservedStatus::Before, true, false, _)),
        Unverifiable,
        0,
        NextAction::Continue,
    ),
    (
        17,
        &[Inflight, Accepted, Unknown],
        |w, _| w == Happening::Ended,
        Unverifiable,
        0,
        NextAction::Continue,
    ),
    (
        18,
        &[Pending],
        |w, _| {
            matches!(
                w,
                Happening::PreChecked(ObservedStatus::Other | ObservedStatus::Gone)
            )
        },
        Drifted,
        0,
        NextAction::Continue,
    ),
    (
        18,
        &[Pending],
        |w, n| w == Happening::PreChecked(ObservedStatus::Wanted) && n == 0,
        Skipped,
        0,
        NextAction::Continue,
    ),
    (
        21,
        &[Pending],
        |w, n| w == Happening::PreChecked(ObservedStatus::Wanted) && n > 0,
        Verified,
        0,
        NextAction::Continue,
    ),
    (
        18,
        &[Pending],
        |w, _| w == Happening::PreChecked(ObservedStatus::Nothing),
        Pending,
        0,
        NextAction::Pause(PauseReason::Net),
    ),
    (
        18,
        &[Pending],
        |w, _| w == Happening::PreChecked(ObservedStatus::NotAsked),
        Pending,
        0,
        NextAction::Wait(PauseReason::Net),
    ),
    (
        19,
        &[Pending],
        |w, _| matches!(w, Happening::Cancelled | Happening::Ended),
        Cancelled,
        0,
        NextAction::Continue,
    ),
];

/// What the table says; what it does not name stays. One that was refused when it was sent alone stays refused where a
/// reading does not show it as wanted.
fn expected(before: &Change, what: Happening) -> (ChangeState, u32, NextAction) {
    let (state, attempts) = (before.state(), before.attempts());
    let shows_no_change = matches!(
        what,
        Happening::Read(ObservedStatus::Before, _, true, _)
            | Happening::Read(ObservedStatus::Gone, ..)
    );
    if state == Unknown && before.code().is_some() && shows_no_change {
        return (Refused, attempts, NextAction::Continue);
    }
    let rows: Vec<_> = TABLE
        .iter()
        .filter(|(_, from, on, ..)| from.contains(&state) && on(what, attempts))
        .collect();
    match rows[..] {
        [] => (state, attempts, NextAction::Continue),
        [(_, _, _, to, by, then)] => {
            let attempts = attempts.saturating_add_signed(*by);
            // What was halved was sent.
            let least = u32::from(*then == NextAction::Split);
            (*to, attempts.max(least), *then)
        }
        _ => panic!("{what:?} in {state}: {} rows", rows.len()),
    }
}

#[test]
fn every_event_in_every_state_does_what_the_table_says() {
    let mut used = HashSet::new();
    for state in STATES {
        for attempts in 0..=MAX_ATTEMPTS {
            for what in every_event() {
                for code in [None, Some(403)] {
                    let before = change_with_code(0, state, attempts, code);
                    let step = step_for(&before, what);
                    assert_eq!(
                        (step.state(), step.attempts(), step.next()),
                        expected(&before, what),
                        "{what:?} in {state} after {attempts}, {code:?}"
                    );
                }
                let rows = TABLE.iter();
                let rows =
                    rows.filter(|(_, from, on, ..)| from.contains(&state) && on(what, attempts));
                used.extend(rows.map(|(number, ..)| *number));
            }
        }
    }
    // The twentieth is that a cancellation does nothing to what is under way; the one behind it is that what was sent
    // before and is found as wanted is ours.
    assert_eq!(used.len(), 20);
    let under_way = change(0, Inflight, 1);
    assert_eq!(step_for(&under_way, Happening::Cancelled).state(), Inflight);
}

#[test]
fn what_fails_says_why() {
    for what in every_event() {
        for state in [Pending, Inflight, Accepted, Unknown] {
            let step = step_for(&change(0, state, MAX_ATTEMPTS), what);
            let needs = matches!(step.state(), Refused | Failed | Contradicted | Drifted);
            assert!(!needs || step.reason().is_some(), "{what:?} in {state}");
            assert!(step.state() != Refused || step.code().is_some(), "{what:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn random_events_keep_to_the_table_and_to_the_invariants(
        events in vec(select(every_event()), 1..60),
    ) {
        let mut change = change(0, Pending, 0);
        let mut last_read_as_wanted = false;
        let mut owes_a_read = false;
        for what in events {
            let before = change.clone();
            let step = step_for(&change, what);
            prop_assert_eq!(
                (step.state(), step.attempts(), step.next()),
                expected(&before, what)
            );
            change.apply(step);
            if let Happening::PreChecked(read) = what
                && before.state() == Pending
            {
                last_read_as_wanted = read == ObservedStatus::Wanted;
            }
            if let Happening::Read(read, ..) = what {
                last_read_as_wanted = read == ObservedStatus::Wanted;
                // A reading that showed something; one that showed nothing settles no debt.
                owes_a_read &= matches!(read, ObservedStatus::Nothing | ObservedStatus::NotAsked);
            }
            if change.state() == Unknown && before.state() != Unknown {
                owes_a_read = true;
            }
            // I3: nothing unknown is sent before it was read.
            if before.state() != Inflight && change.state() == Inflight {
                prop_assert!(!owes_a_read);
                last_read_as_wanted = false;
            }
            // I4: verified by a reading after the last send alone.
            if change.state() == Verified && before.state() != Verified {
                prop_assert!(last_read_as_wanted);
            }
            // Before the window is over no reading counts as not applied.
            let early = matches!(what, Happening::Read(ObservedStatus::Before, _, false, _));
            if early && SENT.contains(&before.state()) {
                prop_assert!([before.state(), Unverifiable].contains(&change.state()));
            }
            // I6: what has settled stays, whatever comes.
            if before.state().is_final() {
                prop_assert_eq!(&change, &before);
            }
            prop_assert!(change.attempts() <= MAX_ATTEMPTS);
        }
    }
}

/// A job of three leaks in two chunks, the provider, and another operator.
#[derive(Clone, PartialEq, Eq, Hash)]
struct JobModel {
    states: [(ChangeState, u32, Option<u16>); 3],
    /// What the provider really has: whether each is fixed.
    fixed: [bool; 3],
    /// Which leaks a read is owed.
    read_back_due: [bool; 3],
    /// Which are applied a little later, within their window.
    may_apply_late: [bool; 3],
    /// The request under way, and whether it was applied.
    in_flight: Option<(&'static [usize], bool)>,
    crashes: u8,
    others: u8,
    late_applications: u8,
}

const CHUNKS: [&[usize]; 4] = [&[0, 1], &[2], &[0], &[1]];

impl JobModel {
    fn apply(&mut self, leak: usize, what: Happening) {
        let (state, attempts, code) = self.states[leak];
        let step = step_for(&change_with_code(leak as u32, state, attempts, code), what);
        match step.state() {
            Inflight if state != Inflight => {
                assert!(!self.read_back_due[leak], "sent again without a read");
                assert!(
                    !self.may_apply_late[leak],
                    "sent again while it may still be applied"
                );
            }
            Unknown if state != Unknown => self.read_back_due[leak] = true,
            Verified if state != Verified => assert!(self.fixed[leak], "a false report"),
            Failed | Refused | Cancelled | Contradicted if state != step.state() => {
                assert!(!self.may_apply_late[leak], "lost: applied a little later");
                // What another operator has set is not ours to have lost.
                assert!(
                    !self.fixed[leak] || self.others == 0,
                    "lost: applied and called failed"
                );
            }
            _ => {}
        }
        self.states[leak] = (step.state(), step.attempts(), step.code());
        if step.state().is_final() {
            // Nothing happens to it any more: what differs in nothing else is the same world.
            (self.states[leak].1, self.states[leak].2) = (0, None);
            (
                self.fixed[leak],
                self.read_back_due[leak],
                self.may_apply_late[leak],
            ) = (false, false, false);
        }
    }

    fn is_open(&self) -> bool {
        self.states.iter().any(|(state, ..)| !state.is_final())
    }

    /// Everything that can happen next.
    fn successors(&self) -> Vec<JobModel> {
        let mut next = Vec::new();
        let mut then = |change: &dyn Fn(&mut JobModel)| {
            let mut world = self.clone();
            change(&mut world);
            next.push(world);
        };
        match self.in_flight {
            None => {
                for chunk in CHUNKS {
                    if chunk.iter().all(|leak| self.states[*leak].0 == Pending) {
                        then(&|world| {
                            for leak in chunk {
                                world.apply(*leak, Happening::Sent);
                            }
                            world.in_flight = Some((chunk, false));
                        });
                    }
                }
                then(&|world| world.read(false, false));
                if self.is_over() {
                    then(&|world| world.read(true, true));
                }
                // It is given up before the window is over: read once more, and that is its end.
                then(&|world| {
                    world.read(true, false);
                    world.pre_check();
                    for leak in 0..3 {
                        world.apply(leak, Happening::Ended);
                    }
                });
                then(&|world| {
                    world.pre_check();
                    for leak in 0..3 {
                        world.apply(leak, Happening::Cancelled);
                    }
                });
            }
            Some((chunk, applied)) => {
                if !applied {
                    then(&|world| {
                        for leak in chunk {
                            world.fixed[*leak] = true;
                        }
                        world.in_flight = Some((chunk, true));
                    });
                    // A part of what is refused as a whole may have been applied all the same.
                    if let [first, _, ..] = chunk {
                        then(&|world| {
                            world.fixed[*first] = true;
                            world.answer(chunk, Happening::Refused(404, false));
                        });
                    }
                    for answer in [
                        Happening::Refused(404, chunk.len() == 1),
                        Happening::Limited,
                        Happening::NotSent,
                    ] {
                        then(&|world| world.answer(chunk, answer));
                    }
                }
                // A yes may be a lie, and what is lost may have been applied or not.
                for answer in [Happening::Success, Happening::Unclear] {
                    then(&|world| world.answer(chunk, answer));
                    if !applied && self.late_applications > 0 {
                        then(&|world| {
                            world.mark_late(chunk);
                            world.answer(chunk, answer);
                        });
                    }
                }
            }
        }
        if self.crashes > 0 {
            for late in [false, self.late_applications > 0] {
                then(&|world| {
                    world.crashes -= 1;
                    if let Some((chunk, false)) = world.in_flight.take().filter(|_| late) {
                        world.mark_late(chunk);
                    }
                    for leak in 0..3 {
                        world.apply(leak, Happening::Found);
                    }
                });
            }
        }
        if self.may_apply_late.contains(&true) {
            then(&|world| {
                for leak in 0..3 {
                    world.fixed[leak] |= std::mem::take(&mut world.may_apply_late[leak]);
                }
            });
        }
        if self.others > 0 {
            for leak in (0..3).filter(|leak| !self.states[*leak].0.is_final()) {
                then(&|world| {
                    world.others -= 1;
                    world.fixed[leak] = !world.fixed[leak];
                });
            }
        }
        next
    }

    /// What the provider applies after it has answered, or after nobody waits for its answer any more.
    fn mark_late(&mut self, chunk: &[usize]) {
        self.late_applications -= 1;
        for leak in chunk {
            self.may_apply_late[*leak] = true;
        }
    }

    /// Whether the windows of all that was sent can be over: within its window everything is applied.
    fn is_over(&self) -> bool {
        (0..3).all(|leak| !self.may_apply_late[leak] || !SENT.contains(&self.states[leak].0))
    }

    fn answer(&mut self, chunk: &[usize], what: Happening) {
        self.in_flight = None;
        for leak in chunk {
            self.apply(*leak, what);
        }
    }

    /// What waits is read before it is called off.
    fn pre_check(&mut self) {
        for leak in 0..3 {
            let read = if self.fixed[leak] {
                ObservedStatus::Wanted
            } else {
                ObservedStatus::Before
            };
            self.apply(leak, Happening::PreChecked(read));
        }
    }

    fn read(&mut self, last: bool, over: bool) {
        for leak in 0..3 {
            if !SENT.contains(&self.states[leak].0) {
                continue;
            }
            self.read_back_due[leak] = false;
            let read = if self.fixed[leak] {
                ObservedStatus::Wanted
            } else {
                ObservedStatus::Before
            };
            self.apply(leak, Happening::Read(read, last, over, true));
        }
    }
}

#[test]
fn no_interleaving_of_three_leaks_in_two_chunks_breaks_a_promise() {
    // Another operator, or a provider that takes its time.
    let mut waits: Vec<JobModel> = [(1, 0), (0, 1)]
        .map(|(others, lates)| JobModel {
            // They may be tried twice more: what happens at the limit must happen.
            states: [(Pending, MAX_ATTEMPTS - 2, None); 3],
            fixed: [false; 3],
            read_back_due: [false; 3],
            may_apply_late: [false; 3],
            in_flight: None,
            crashes: 2,
            others,
            late_applications: lates,
        })
        .into();
    let mut seen: HashSet<JobModel> = waits.iter().cloned().collect();
    let mut ended = 0;
    while let Some(world) = waits.pop() {
        if !world.is_open() {
            ended += 1;
            continue;
        }
        let next = world.successors();
        assert!(!next.is_empty(), "a job that can go nowhere");
        for world in next {
            if seen.insert(world.clone()) {
                waits.push(world);
            }
        }
    }
    assert!(
        ended > 100 && seen.len() > 10_000,
        "{ended} of {}",
        seen.len()
    );
}
