//! The states of a job: every answer, every reading, and what comes next.

use super::{
    Core,
    core_fixture::{key, name, profile},
};
use stanch::{
    action::Action,
    app::{
        self,
        effect::{Effect, JobEffect, LoopEffect},
        job::RecordedPlan,
        message::Message,
        overlay::Overlay,
    },
    entity::{
        change_response::{ChangeResponse, ReadBack},
        error::{JournalError, ProviderError, WEB_PAGE},
        job::{Change, ChangeOutcome, ChangeUpdate, JobState, NewJob, PauseReason},
        key::JobId,
        raw_text::RawText,
        status::Status,
        transition::{self, ChangeEvent, Observation},
    },
};
use std::time::Duration;

pub(super) const JOB: JobId = JobId(1);

type Next = fn(&Core, &[Effect]) -> bool;
type ReadBackFor = fn(&Change) -> ReadBack;

pub(super) fn unreachable(not_sent: bool) -> ProviderError {
    ProviderError::Unreachable {
        why: "no route".into(),
        not_sent,
    }
}

pub(super) fn rejected(status: u16) -> ProviderError {
    ProviderError::Rejected {
        status,
        message: None,
    }
}

/// Marks leaks, confirms their plan; answers what `y` asked for.
pub(super) fn confirm(core: &mut Core, numbers: &[u32]) -> Vec<Effect> {
    core.mark(numbers.iter().copied());
    core.act(Action::MarkFixed);
    core.draw_frame();
    core.advance_clock(Duration::from_millis(300));
    core.act(Action::PlanApply)
}

/// The job of a confirmed plan is on disk.
pub(super) fn record_job(core: &mut Core, effects: &[Effect], id: JobId) -> Vec<Effect> {
    let [Effect::Jobs(JobEffect::RecordJob(job))] = effects else {
        panic!("{effects:?}")
    };
    let job = RecordedPlan::new(NewJob::clone(job));
    core.update(Message::JobRecorded {
        job: Box::new(job),
        result: Ok(id),
    })
}

/// A job that has just sent its first chunk.
pub(super) fn running_job(numbers: &[u32]) -> (Core, Vec<Effect>) {
    let mut core = Core::with_leaks(30);
    let effects = confirm(&mut core, numbers);
    let effects = record_job(&mut core, &effects, JOB);
    (core, effects)
}

pub(super) fn sent_changes(effects: &[Effect]) -> Option<Vec<Change>> {
    effects.iter().find_map(|effect| match effect {
        Effect::Jobs(JobEffect::SendChunk { changes, .. }) => Some(changes.clone()),
        _ => None,
    })
}

pub(super) struct ReadBackRequest {
    pub(super) changes: Vec<Change>,
    pub(super) after: Duration,
    pub(super) is_last_read: bool,
    pub(super) window_over: bool,
    pub(super) confirmation_valid: bool,
}

pub(super) fn read_back_request(effects: &[Effect]) -> Option<ReadBackRequest> {
    effects.iter().find_map(|effect| match effect {
        Effect::Jobs(JobEffect::ReadBack {
            changes,
            delay: after,
            is_last_read: last,
            window_over: over,
            confirmation_valid: holds,
            ..
        }) => Some(ReadBackRequest {
            changes: changes.clone(),
            after: *after,
            is_last_read: *last,
            window_over: *over,
            confirmation_valid: *holds,
        }),
        _ => None,
    })
}

/// The chunk is answered, as the services would record it.
pub(super) fn answer(core: &mut Core, changes: &[Change], answer: ChangeResponse) -> Vec<Effect> {
    let event = ChangeEvent::Answered {
        response: &answer,
        is_single: changes.len() == 1,
    };
    let indexes: Vec<u32> = changes.iter().map(|change| change.index).collect();
    let updates = changes
        .iter()
        .map(|change| change_update(change, &event))
        .collect();
    core.update(Message::ChunkAnswered {
        job: JOB,
        indexes,
        result: Ok((updates, answer.into_error())),
    })
}

/// What an event makes of a change.
pub(super) fn change_update(change: &Change, event: &ChangeEvent<'_>) -> ChangeUpdate {
    let step = transition::step(change, event);
    ChangeUpdate {
        index: change.index,
        step,
    }
}

/// The changes are read, each as the function says.
pub(super) fn read(
    core: &mut Core,
    what: &ReadBackRequest,
    shows: impl Fn(&Change) -> ReadBack,
) -> Vec<Effect> {
    let means = |word: &RawText| match word.as_str() {
        Some("fixed") => Status::Fixed,
        _ => Status::Open,
    };
    let updates = what
        .changes
        .iter()
        .map(|change| {
            let reading = shows(change);
            let event = ChangeEvent::ReadAfter {
                observation: Observation::from_read_back(&reading, means),
                is_last_read: what.is_last_read,
                window_over: what.window_over,
                confirmation_valid: what.confirmation_valid,
            };
            let update = change_update(change, &event);
            let word = match reading {
                ReadBack::StatusWord(word) => Some((means(&word), word)),
                ReadBack::Gone { .. } | ReadBack::Unprovable | ReadBack::Unreadable(_) => None,
            };
            (update, word)
        })
        .collect();
    core.update(Message::ReadBackRecorded {
        job: JOB,
        indexes: what.changes.iter().map(|change| change.index).collect(),
        window_over: what.window_over,
        result: Ok((1, updates)),
    })
}

pub(super) fn read_fixed(_: &Change) -> ReadBack {
    ReadBack::StatusWord("fixed".into())
}

pub(super) fn read_open(_: &Change) -> ReadBack {
    ReadBack::StatusWord("open".into())
}

pub(super) fn ended_state(effects: &[Effect]) -> Option<JobState> {
    effects.iter().find_map(|effect| match effect {
        Effect::Jobs(JobEffect::RecordJobState { state, .. }) => Some(*state),
        _ => None,
    })
}

pub(super) fn end(core: &mut Core, state: JobState) -> Vec<Effect> {
    core.update(Message::JobStateRecorded {
        job: JOB,
        state,
        paused: None,
        result: Ok(()),
        audit_result: Ok(()),
    })
}

#[test]
fn nothing_is_sent_before_the_plan_is_on_disk() {
    let mut core = Core::with_leaks(30);
    let effects = confirm(&mut core, &[1, 2, 3]);
    assert!(matches!(
        effects[..],
        [Effect::Jobs(JobEffect::RecordJob(_))]
    ));
    let effects = record_job(&mut core, &effects, JOB);
    assert_eq!(
        sent_changes(&effects).unwrap().len(),
        2,
        "one chunk at a time"
    );
    assert_eq!(
        effects
            .iter()
            .filter(|e| matches!(e, Effect::Jobs(JobEffect::SendChunk { .. })))
            .count(),
        1
    );
}

#[test]
fn a_plan_that_cannot_be_recorded_is_not_sent() {
    for error in [
        JournalError::Full,
        JournalError::StalePlan,
        JournalError::Io { why: "x".into() },
    ] {
        let mut core = Core::with_leaks(30);
        let effects = confirm(&mut core, &[1]);
        let [Effect::Jobs(JobEffect::RecordJob(job))] = &effects[..] else {
            panic!("{effects:?}")
        };
        let effects = core.update(Message::JobRecorded {
            job: Box::new(RecordedPlan::new(NewJob::clone(job))),
            result: Err(error),
        });
        assert_eq!(effects, [Effect::Jobs(JobEffect::LoadJobs)]);
        assert!(core.newest_notice().starts_with("nothing was sent"));
        assert!(core.model.jobs.running.is_empty());
        assert_eq!(core.model.workspace.marks.len(), 1);
    }
}

#[test]
fn chunks_go_one_after_the_other_and_then_are_read() {
    let (mut core, effects) = running_job(&[1, 2, 3, 4, 6]);
    let mut effects = effects;
    for size in [2, 2, 1] {
        let chunk = sent_changes(&effects).unwrap();
        assert_eq!(chunk.len(), size);
        assert!(chunk.iter().all(|change| change.attempts() == 1));
        effects = answer(&mut core, &chunk, ChangeResponse::Accepted);
    }
    let first = read_back_request(&effects).unwrap();
    assert_eq!(first.changes.len(), 5);
    assert_eq!(
        (first.after, first.is_last_read),
        (Duration::from_secs(1), false)
    );
    let effects = read(&mut core, &first, read_fixed);
    assert_eq!(ended_state(&effects), Some(JobState::Done));
    assert_eq!(
        core.model.workspace.marks.len(),
        5,
        "not before the end is on disk"
    );
    end(&mut core, JobState::Done);
    assert!(core.model.workspace.marks.is_empty() && core.model.jobs.running.is_empty());
    assert!(core.model.overlays.is_empty(), "clean work covers nothing");
    assert!(core.model.jobs.active_leaks.is_empty());
}

#[test]
fn what_still_reads_as_before_is_read_at_the_profiles_moments() {
    let (mut core, effects) = running_job(&[1, 2]);
    let chunk = sent_changes(&effects).unwrap();
    let mut effects = answer(&mut core, &chunk, ChangeResponse::Accepted);
    for (after, last) in [(1, false), (9, false), (50, true)] {
        let next = read_back_request(&effects).unwrap();
        assert_eq!(
            (next.after, next.is_last_read),
            (Duration::from_secs(after), last)
        );
        assert_eq!(next.window_over, last, "only the end of the window tells");
        core.advance_clock(next.after);
        effects = read(&mut core, &next, read_open);
    }
    assert_eq!(ended_state(&effects), Some(JobState::DoneWithExceptions));
    let counts = core.model.jobs.running[0].counts();
    assert_eq!((counts.contradicted, counts.verified), (2, 0));
    let effects = end(&mut core, JobState::DoneWithExceptions);
    assert_eq!(core.model.workspace.marks.len(), 2, "they keep their marks");
    assert!(matches!(
        core.model.overlay(),
        Some(Overlay::Job { finished: true, .. })
    ));
    assert!(effects.contains(&Effect::Jobs(JobEffect::LoadJob(JOB))));
}

/// For seventy seconds a web page stands where the answers should be; nothing is slept through, the clock is moved.
#[test]
fn a_web_page_where_the_answers_should_be_is_waited_out_and_is_no_failed_reading() {
    let page = |_: &Change| {
        ReadBack::Unreadable(ProviderError::NotThisService {
            status: 200,
            why: WEB_PAGE.into(),
        })
    };
    for ends in [true, false] {
        let (mut core, effects) = running_job(&[1, 2]);
        let chunk = sent_changes(&effects).unwrap();
        let page_answer = ChangeResponse::Ambiguous(ProviderError::NotThisService {
            status: 200,
            why: WEB_PAGE.into(),
        });
        let mut effects = answer(&mut core, &chunk, page_answer);
        for _ in 0..3 {
            let next = read_back_request(&effects).unwrap();
            core.advance_clock(next.after);
            effects = read(&mut core, &next, page);
        }
        let wait = effects.iter().find_map(|effect| match effect {
            Effect::Jobs(JobEffect::StartJobTimer { wait, .. }) => Some(*wait),
            _ => None,
        });
        assert_eq!(wait, Some(Duration::from_secs(11)), "{effects:?}");
        core.advance_clock(Duration::from_secs(11));
        let effects = core.update(Message::JobTimerFired(JOB));
        let next = read_back_request(&effects).unwrap();
        assert_eq!((next.after, next.is_last_read), (Duration::ZERO, true));
        if ends {
            let effects = read(&mut core, &next, read_fixed);
            assert_eq!(ended_state(&effects), Some(JobState::Done));
            continue;
        }
        // It is still there: the job stops, and whoever goes on with it can still read.
        let effects = read(&mut core, &next, page);
        assert_eq!(ended_state(&effects), Some(JobState::Paused));
        let job = &core.model.jobs.running[0];
        let counts = job.counts();
        assert_eq!((counts.unknown, counts.unverifiable), (2, 0));
        assert!(job.error.is_some());
        assert!(core.newest_notice().contains("job 1 paused"));
    }
}

#[test]
fn every_answer_has_its_next_step() {
    let until = super::super::support::console_fixture::today() + Duration::from_secs(30);
    let table: [(&str, ChangeResponse, Next); 5] = [
        ("accepted", ChangeResponse::Accepted, |_, e| {
            read_back_request(e).is_some()
        }),
        (
            "unclear",
            ChangeResponse::Ambiguous(rejected(500)),
            |_, e| read_back_request(e).is_some(),
        ),
        (
            "rate limited",
            ChangeResponse::RateLimited(ProviderError::RateLimited { until }),
            |core, e| {
                let waits = e.iter().any(|e| {
                    matches!(e, Effect::Jobs(JobEffect::StartJobTimer { wait, .. }) if *wait > Duration::from_secs(29))
                });
                let paused = core.model.jobs.running[0].paused.map(|(why, _)| why);
                waits
                    && ended_state(e) == Some(JobState::Paused)
                    && paused == Some(PauseReason::Rate)
            },
        ),
        (
            "not sent",
            ChangeResponse::NotSent(unreachable(true)),
            |core, e| {
                let paused = core.model.jobs.running[0].paused.map(|(why, _)| why);
                matches!(e, [Effect::Jobs(JobEffect::StartJobTimer { .. })])
                    && paused == Some(PauseReason::Net)
            },
        ),
        (
            "unauthorised",
            ChangeResponse::Unauthorised(ProviderError::Unauthorised { status: 401 }),
            |core, e| {
                core.model.jobs.running[0].error.is_some()
                    && ended_state(e) == Some(JobState::Paused)
                    && core.newest_notice().contains("job 1 paused")
            },
        ),
    ];
    for (what, given, next) in table {
        let (mut core, effects) = running_job(&[1, 2]);
        let chunk = sent_changes(&effects).unwrap();
        let effects = answer(&mut core, &chunk, given);
        assert!(next(&core, &effects), "{what}: {effects:?}");
        assert_eq!(
            sent_changes(&effects),
            None,
            "{what}: nothing is sent at once"
        );
    }
}

#[test]
fn every_reading_has_its_outcome() {
    let unread = |_: &Change| ReadBack::Unreadable(unreachable(false));
    let gone = |_: &Change| ReadBack::Gone { status: 404 };
    let table: [(&str, ChangeResponse, ReadBackFor, ChangeOutcome); 5] = [
        (
            "yes, and so",
            ChangeResponse::Accepted,
            read_fixed,
            ChangeOutcome::Verified,
        ),
        (
            "yes, and not so",
            ChangeResponse::Accepted,
            read_open,
            ChangeOutcome::Contradicted,
        ),
        (
            "yes, unread",
            ChangeResponse::Accepted,
            unread,
            ChangeOutcome::Unverifiable,
        ),
        (
            "yes, and gone",
            ChangeResponse::Accepted,
            gone,
            ChangeOutcome::Failed,
        ),
        (
            "unclear, and so",
            ChangeResponse::Ambiguous(rejected(500)),
            read_fixed,
            ChangeOutcome::Verified,
        ),
    ];
    for (what, given, shows, outcome) in table {
        let (mut core, effects) = running_job(&[1]);
        let chunk = sent_changes(&effects).unwrap();
        let mut effects = answer(&mut core, &chunk, given);
        while let Some(next) = read_back_request(&effects) {
            effects = read(&mut core, &next, shows);
        }
        assert!(ended_state(&effects).is_some(), "{what}: {effects:?}");
        let counts = core.model.jobs.running[0].counts();
        assert_eq!(counts.get(outcome), 1, "{what}: {counts}");
    }
}

#[test]
fn a_chunk_that_never_leaves_is_tried_five_times() {
    let (mut core, mut effects) = running_job(&[1, 2]);
    for turn in 1..=5 {
        let chunk = sent_changes(&effects).unwrap();
        assert_eq!(chunk[0].attempts(), 1, "what never left is no attempt");
        effects = answer(
            &mut core,
            &chunk,
            ChangeResponse::NotSent(unreachable(true)),
        );
        if turn < 5 {
            effects = core.update(Message::JobTimerFired(JOB));
        }
    }
    assert_eq!(ended_state(&effects), Some(JobState::Paused));
    assert!(core.model.jobs.running[0].error.is_some());
    assert!(core.newest_notice().contains("cannot be reached"));
    assert_eq!(core.act(Action::Quit), [Effect::Loop(LoopEffect::Quit(0))]);
}

#[test]
fn a_journal_that_fails_stops_the_job() {
    for (error, reason) in [
        (JournalError::Full, PauseReason::Disk),
        (JournalError::Io { why: "x".into() }, PauseReason::Io),
    ] {
        let (mut core, effects) = running_job(&[1, 2, 3, 4]);
        let chunk = sent_changes(&effects).unwrap();
        let effects = core.update(Message::ChunkAnswered {
            job: JOB,
            indexes: chunk.iter().map(|change| change.index).collect(),
            result: Err(error.clone()),
        });
        assert_eq!(effects, [], "nothing more is sent or written");
        assert_eq!(core.model.jobs.running[0].paused, Some((reason, None)));
        // The same while reading.
        let (mut core, effects) = running_job(&[1]);
        let chunk = sent_changes(&effects).unwrap();
        answer(&mut core, &chunk, ChangeResponse::Accepted);
        let effects = core.update(Message::ReadBackRecorded {
            job: JOB,
            indexes: vec![0],
            window_over: false,
            result: Err(error),
        });
        assert_eq!(effects, []);
        assert_eq!(core.model.jobs.running[0].paused, Some((reason, None)));
    }
}

#[test]
fn what_is_sent_again_keeps_to_the_bulk_size() {
    let (mut core, mut effects) = running_job(&[1, 2, 3, 4, 6]);
    while let Some(chunk) = sent_changes(&effects) {
        effects = answer(&mut core, &chunk, ChangeResponse::Ambiguous(rejected(500)));
    }
    for moment in 0..3 {
        assert_eq!(
            sent_changes(&effects),
            None,
            "not before the window is over"
        );
        let next = read_back_request(&effects).unwrap();
        assert_eq!((next.changes.len(), next.window_over), (5, moment == 2));
        effects = read(&mut core, &next, read_open);
    }
    let mut again = 0;
    while let Some(chunk) = sent_changes(&effects) {
        assert!(chunk.len() <= 2, "{} in one request", chunk.len());
        assert!(chunk.iter().all(|change| change.attempts() == 2));
        again += chunk.len();
        effects = answer(&mut core, &chunk, ChangeResponse::Accepted);
    }
    assert_eq!(again, 5);
}

#[test]
fn an_unclear_change_is_sent_five_times_at_most() {
    let (mut core, mut effects) = running_job(&[1]);
    let mut times = 0;
    loop {
        if let Some(chunk) = sent_changes(&effects) {
            times += 1;
            effects = answer(&mut core, &chunk, ChangeResponse::Ambiguous(rejected(500)));
        } else if let Some(next) = read_back_request(&effects) {
            effects = read(&mut core, &next, read_open);
        } else {
            break;
        }
    }
    assert_eq!(times, transition::MAX_ATTEMPTS);
    assert_eq!(ended_state(&effects), Some(JobState::DoneWithExceptions));
    assert_eq!(core.model.jobs.running[0].counts().failed, 1);
}

#[test]
fn jobs_run_one_after_the_other_and_a_stopped_one_makes_way() {
    let (mut core, effects) = running_job(&[1, 2]);
    let first = sent_changes(&effects).unwrap();
    core.model.workspace.marks.clear();
    let effects = confirm(&mut core, &[3, 4]);
    let effects = record_job(&mut core, &effects, JobId(2));
    assert_eq!(sent_changes(&effects), None, "the first is not done");
    let error = ChangeResponse::Unauthorised(ProviderError::Unauthorised { status: 401 });
    let effects = answer(&mut core, &first, error);
    let next = sent_changes(&effects).unwrap();
    assert_eq!(next[0].key, key(3));
}

#[test]
fn each_profile_is_sent_its_own_leaks() {
    let mut core = Core::with_profiles(vec![profile("acme"), profile("beta")]);
    app::start(&mut core.model);
    core.load("acme", 1..=4);
    core.load("beta", 11..=14);
    core.act(Action::MarkAll);
    core.act(Action::MarkFixed);
    core.draw_frame();
    core.advance_clock(Duration::from_millis(300));
    let effects = core.act(Action::PlanApply);
    let mut effects = record_job(&mut core, &effects, JOB);
    let mut order = Vec::new();
    while let Some(chunk) = sent_changes(&effects) {
        let profile = chunk[0].key.profile.clone();
        assert!(chunk.iter().all(|change| change.key.profile == profile));
        order.push((profile, chunk.len()));
        effects = answer(&mut core, &chunk, ChangeResponse::Accepted);
    }
    let (acme, beta) = (name("acme"), name("beta"));
    assert_eq!(
        order,
        [(acme.clone(), 2), (acme, 2), (beta.clone(), 2), (beta, 2)]
    );
    let readings = effects.iter().filter(|effect| {
        matches!(effect, Effect::Jobs(JobEffect::ReadBack { profile, changes, .. })
            if changes.iter().all(|change| change.key.profile == *profile))
    });
    assert_eq!(readings.count(), 2);
}

#[test]
fn an_answer_for_a_job_that_is_not_there_changes_nothing() {
    let mut core = Core::with_leaks(5);
    let effects = core.update(Message::ChunkAnswered {
        job: JobId(9),
        indexes: vec![0],
        result: Ok((Vec::new(), None)),
    });
    assert_eq!(effects, []);
    assert_eq!(core.update(Message::JobTimerFired(JobId(9))), []);
    assert_eq!(end(&mut core, JobState::Done), []);
}

#[test]
fn leaving_while_a_job_runs_is_asked_and_can_wait() {
    let (mut core, effects) = running_job(&[1]);
    assert_eq!(core.act(Action::Quit), []);
    assert!(matches!(core.model.overlay(), Some(Overlay::Quit)));
    core.press_at("w", Duration::ZERO);
    assert!(core.model.overlay().is_none());
    let chunk = sent_changes(&effects).unwrap();
    let effects = answer(&mut core, &chunk, ChangeResponse::Accepted);
    let next = read_back_request(&effects).unwrap();
    read(&mut core, &next, read_fixed);
    let effects = end(&mut core, JobState::Done);
    assert!(effects.contains(&Effect::Loop(LoopEffect::Quit(0))));
    let (mut core, _) = running_job(&[1]);
    core.act(Action::Quit);
    assert_eq!(
        core.press_at("y", Duration::ZERO),
        [Effect::Loop(LoopEffect::Quit(0))]
    );
}

#[test]
fn a_job_that_no_provider_is_asked_for_ends_by_itself() {
    let mut core = Core::with_leaks(30);
    let effects = confirm(&mut core, &[1, 2]);
    let [Effect::Jobs(JobEffect::RecordJob(job))] = &effects[..] else {
        panic!("{effects:?}")
    };
    let mut job = job.clone();
    for planned in &mut job.plan.eligible {
        planned.storage_target = stanch::entity::job::StorageTarget::Local;
    }
    let effects = core.update(Message::JobRecorded {
        job: Box::new(RecordedPlan::new(*job)),
        result: Ok(JOB),
    });
    assert!(sent_changes(&effects).is_none() && read_back_request(&effects).is_none());
    // Recording it was the end of it: there is no state to record any more.
    let again = |effect: &Effect| matches!(effect, Effect::Jobs(JobEffect::RecordJobState { .. }));
    assert!(!effects.iter().any(again), "{effects:?}");
    assert!(core.model.jobs.running.is_empty());
    assert_eq!(core.model.jobs.finished, [JOB]);
}

#[test]
fn a_refused_chunk_is_halved_until_the_leak_at_fault_stands_alone() {
    let bad = key(6);
    let (mut core, _) = running_job(&[1, 2, 3, 4, 6]);
    core.model.jobs.running[0].queue.clear();
    // One chunk of five, whatever the profile's size is.
    let all: Vec<Change> = core.model.jobs.running[0].changes.clone();
    let mut changes = all;
    let (mut writes, mut largest) = (0, 0);
    let effects = loop {
        writes += 1;
        largest = largest.max(changes.len());
        let refused = changes.iter().any(|change| change.key == bad);
        let given = if refused {
            ChangeResponse::Refused {
                status: 404,
                error: rejected(404),
            }
        } else {
            ChangeResponse::Accepted
        };
        let effects = answer(&mut core, &changes, given);
        let Some(next) = sent_changes(&effects) else {
            break effects;
        };
        // What was refused as a whole was sent once, however often it is halved.
        assert!(next.iter().all(|change| change.attempts() <= 2));
        changes = next;
    };
    assert_eq!((writes, largest), (5, 5), "one, and two for each halving");
    let next = read_back_request(&effects).unwrap();
    // What was refused alone was in larger chunks before: it is read with the others, and keeps the words of its refusal.
    assert_eq!(next.changes.len(), 5);
    let effects = read(&mut core, &next, |change| {
        if change.key == bad {
            ReadBack::Gone { status: 410 }
        } else {
            read_fixed(change)
        }
    });
    assert_eq!(ended_state(&effects), Some(JobState::DoneWithExceptions));
    let job = &core.model.jobs.running[0];
    assert_eq!((job.counts().verified, job.counts().failed), (4, 1));
    let failed = job.changes.iter().find(|change| change.key == bad).unwrap();
    assert_eq!(failed.code(), Some(404));
    assert!(failed.reason().is_some());
}

/// What came instead of an answer: so long a wait is asked for.
fn limit_chunk(core: &mut Core, chunk: &[Change], wait: jiff::SignedDuration) -> Vec<Effect> {
    let until = core.now.wall + wait;
    let error = ProviderError::RateLimited { until };
    answer(core, chunk, ChangeResponse::RateLimited(error))
}

#[test]
fn in_a_storm_of_limits_one_chunk_at_a_time_is_sent_and_none_is_called_failed() {
    // Nought, a while, a moment that has passed, a moment long before it.
    for seconds in [0, 45, -30, -86_400] {
        let (mut core, mut effects) = running_job(&[1, 2, 3, 4, 6]);
        let wait = jiff::SignedDuration::from_secs(seconds);
        let (mut in_flight, mut limits) = (0_u32, 0);
        loop {
            in_flight += effects
                .iter()
                .filter(|effect| matches!(effect, Effect::Jobs(JobEffect::SendChunk { .. })))
                .count() as u32;
            assert!(in_flight <= 1, "{in_flight} at once");
            let Some(chunk) = sent_changes(&effects) else {
                break;
            };
            in_flight -= 1;
            // Two hundred in a row, then every second one.
            effects = if limits < 200 || limits % 2 == 0 {
                limits += 1;
                let waits = limit_chunk(&mut core, &chunk, wait);
                assert_eq!(sent_changes(&waits), None, "it waits first");
                let counts = core.model.jobs.running[0].counts();
                assert_eq!((counts.failed, counts.pending), (0, 5 - counts.accepted));
                let least = Duration::from_secs(seconds.max(1).unsigned_abs());
                assert!(waits.iter().any(
                    |effect| matches!(effect, Effect::Jobs(JobEffect::StartJobTimer { wait, .. }) if *wait >= least)
                ));
                core.advance_clock(least);
                core.update(Message::JobTimerFired(JOB))
            } else {
                limits += 1;
                answer(&mut core, &chunk, ChangeResponse::Accepted)
            };
        }
        assert!(limits > 200);
        let next = read_back_request(&effects).unwrap();
        let effects = read(&mut core, &next, read_fixed);
        assert_eq!(ended_state(&effects), Some(JobState::Done), "{seconds}");
        let tries = core.model.jobs.running[0].changes.iter();
        assert!(tries.map(Change::attempts).all(|tries| tries == 1));
    }
}

#[test]
fn a_limit_that_is_too_long_to_wait_for_stops_the_job_and_fails_nothing() {
    for seconds in [16 * 60, 365 * 86_400] {
        let (mut core, effects) = running_job(&[1, 2, 3]);
        let chunk = sent_changes(&effects).unwrap();
        let wait = jiff::SignedDuration::from_secs(seconds);
        let effects = limit_chunk(&mut core, &chunk, wait);
        assert_eq!(sent_changes(&effects), None);
        let job = &core.model.jobs.running[0];
        assert_eq!(job.paused, Some((PauseReason::Rate, None)));
        assert_eq!((job.counts().failed, job.counts().pending), (0, 3));
    }
}
