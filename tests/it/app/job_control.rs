//! What the operator does with a job, and what a job does that was left behind: held, called off, taken up, asked
//! about again.

use super::{
    Core,
    core_fixture::{key, profile},
    job::{
        JOB, answer, change_update, confirm, end, ended_state, read, read_back_request, read_fixed,
        read_open, record_job, rejected, running_job, sent_changes,
    },
};
use stanch::{
    action::Action,
    app::{
        effect::{AccessEffect, Effect, JobEffect, OutputEffect},
        job::JobError,
        job::targets::{FollowUpTarget, FollowUpTargets, RemoteState},
        message::{AccessPoll, Message, ResumedJob},
        model::{JournalAccess, Pane},
        overlay::Overlay,
    },
    entity::{
        change_response::{ChangeResponse, ReadBack},
        error::ProviderError,
        job::{
            Change, ChangeOutcome, ChangeState, Job, JobCommand, JobRecord, JobState,
            OutcomeCounts, PauseReason, StorageTarget, StoredState, Timing,
        },
        journal_changes::JournalChanges,
        key::JobId,
        status::Status,
        transition::{ChangeEvent, Observation},
    },
};
use std::{collections::BTreeMap, time::Duration};

const HOUR: Duration = Duration::from_secs(3_600);

pub(super) fn job(core: &Core, state: JobState, changes: &[Change]) -> Job {
    let counts: OutcomeCounts = changes
        .iter()
        .map(|change| change.state().outcome())
        .collect();
    Job {
        id: JOB,
        state,
        pause: None,
        command: JobCommand::Fix,
        wanted: Status::Fixed,
        plan_hash: "ab".repeat(32),
        profiles: vec![profile("acme").binding],
        created_at: core.now.wall,
        started_at: None,
        ended_at: None,
        reason: None,
        note: None,
        ticket: None,
        retry_of: None,
        undo_of: None,
        redo_of: None,
        undone_by: None,
        counts,
        timing: Timing::default(),
        holding: None,
    }
}

pub(super) fn change(number: u32, state: ChangeState) -> Change {
    change_with_attempts(number, state, u32::from(state != ChangeState::Pending))
}

/// One that was sent so often.
pub(super) fn change_with_attempts(number: u32, state: ChangeState, attempts: u32) -> Change {
    let planned = Change::from_plan(
        number - 1,
        key(number),
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

/// A console whose journal has one job with these changes, under its cursor.
fn with_job(state: JobState, changes: &[Change]) -> Core {
    let mut core = Core::with_leaks(30);
    let jobs = vec![job(&core, state, changes)];
    core.update(Message::JobsLoaded(Ok(jobs)));
    core.act(Action::FocusJobs);
    core
}

pub(super) fn resume(core: &mut Core, changes: Vec<Change>) -> Vec<Effect> {
    let record = JobRecord {
        job: job(core, JobState::Running, &changes),
        changes,
    };
    let age = |change: &Change| (change.index, HOUR);
    let ages = record.changes.iter().map(age).collect();
    resume_after(core, record, ages)
}

/// A job is taken up whose changes were sent so long ago.
fn resume_after(core: &mut Core, record: JobRecord, ages: BTreeMap<u32, Duration>) -> Vec<Effect> {
    let locals = Vec::new();
    core.update(Message::JobResumed {
        job: JOB,
        result: Ok(Box::new(ResumedJob {
            record,
            min_ages: ages,
            local_statuses: locals,
        })),
    })
}

fn pre_checked_changes(effects: &[Effect]) -> Option<Vec<Change>> {
    effects.iter().find_map(|effect| match effect {
        Effect::Jobs(JobEffect::CheckBeforeSend { changes, .. }) => Some(changes.clone()),
        _ => None,
    })
}

/// The changes are looked over, each as the function says.
fn answer_pre_check(
    core: &mut Core,
    changes: &[Change],
    shows: impl Fn(&Change) -> Observation,
) -> Vec<Effect> {
    let mut unread = None;
    let updates = changes
        .iter()
        .map(|change| {
            let seen = shows(change);
            if let Observation::Unreadable(why) = &seen {
                let why = why.clone();
                unread = Some(ProviderError::Timeout { why });
            }
            (change_update(change, &ChangeEvent::ReadBefore(seen)), None)
        })
        .collect();
    core.update(Message::PrecheckRecorded {
        job: JOB,
        profile: changes[0].key.profile.clone(),
        result: Ok(((1, updates), unread)),
    })
}

fn observe_before(_: &Change) -> Observation {
    Observation::Status(Status::Open)
}

#[test]
fn a_job_that_is_held_sends_nothing_until_it_goes_on() {
    let (mut core, effects) = running_job(&[1, 2, 3, 4]);
    core.act(Action::FocusJobs);
    let jobs = vec![job(&core, JobState::Running, &[])];
    core.update(Message::JobsLoaded(Ok(jobs)));
    let effect = core.act(Action::JobPause);
    assert_eq!(ended_state(&effect), Some(JobState::Paused));
    let chunk = sent_changes(&effects).unwrap();
    let effects = answer(&mut core, &chunk, ChangeResponse::Accepted);
    assert_eq!(sent_changes(&effects), None);
    let effects = core.act(Action::JobPause);
    assert_eq!(ended_state(&effects), Some(JobState::Running));
    assert_eq!(sent_changes(&effects).unwrap()[0].key, key(3));
}

#[test]
fn what_was_not_sent_is_called_off_and_what_is_under_way_settles_first() {
    let (mut core, effects) = running_job(&[1, 2, 3, 4, 6]);
    core.act(Action::FocusJobs);
    let jobs = vec![job(&core, JobState::Running, &[])];
    core.update(Message::JobsLoaded(Ok(jobs)));
    assert_eq!(core.act(Action::JobCancel), [], "a chunk is under way");
    let chunk = sent_changes(&effects).unwrap();
    let effects = answer(&mut core, &chunk, ChangeResponse::Accepted);
    let [Effect::Jobs(JobEffect::CancelChanges { indexes, .. })] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(indexes, &[2, 3, 4]);
    let indexes = indexes.clone();
    let effects = core.update(Message::ChangesCancelled {
        job: JOB,
        indexes,
        result: Ok(()),
    });
    let next = read_back_request(&effects).unwrap();
    let effects = read(&mut core, &next, read_fixed);
    assert_eq!(ended_state(&effects), Some(JobState::Cancelled));
    let counts = core.model.jobs.running[0].counts();
    assert_eq!((counts.verified, counts.cancelled, counts.sum()), (2, 3, 5));
    end(&mut core, JobState::Cancelled);
    assert_eq!(
        core.model.workspace.marks.len(),
        3,
        "what was called off keeps its mark"
    );
}

#[test]
fn a_limited_chunk_can_be_called_off_while_it_waits() {
    let (mut core, effects) = running_job(&[1, 2]);
    core.act(Action::FocusJobs);
    let jobs = vec![job(&core, JobState::Running, &[])];
    core.update(Message::JobsLoaded(Ok(jobs)));
    let chunk = sent_changes(&effects).unwrap();
    let until = core.now.wall + Duration::from_secs(30);
    let limited = ChangeResponse::RateLimited(ProviderError::RateLimited { until });
    answer(&mut core, &chunk, limited);
    assert_eq!(
        core.model.jobs.running[0].remaining_wait(core.now.since_start),
        Some(30)
    );
    // A clock that is set does not move the wait.
    core.now.wall -= 24 * HOUR;
    core.advance_clock(Duration::from_secs(10));
    assert_eq!(
        core.model.jobs.running[0].remaining_wait(core.now.since_start),
        Some(20)
    );
    let effects = core.act(Action::JobCancel);
    assert!(
        matches!(&effects[..], [Effect::Jobs(JobEffect::CancelChanges { indexes, .. })] if indexes.len() == 2)
    );
    // The wait that is over now ends nothing.
    assert_eq!(core.update(Message::JobTimerFired(JOB)), []);
}

#[test]
fn an_unfinished_job_is_asked_about_once_and_not_by_type_ahead() {
    let changes = [change(1, ChangeState::Inflight)];
    let mut core = with_job(JobState::Running, &changes);
    assert!(matches!(core.model.overlay(), Some(Overlay::Resume { jobs, .. }) if jobs == &[JOB]));
    assert_eq!(core.press_at("r", Duration::ZERO), []);
    core.draw_frame();
    assert_eq!(core.press_at("d", core.now.since_start), []);
    core.advance_clock(Duration::from_millis(300));
    let effects = core.press_at("r", core.now.since_start);
    assert_eq!(effects, [Effect::Jobs(JobEffect::ResumeJob(JOB))]);
    // Not again, however often the jobs are read.
    let jobs = vec![job(&core, JobState::Running, &changes)];
    core.update(Message::JobsLoaded(Ok(jobs)));
    assert!(core.model.overlay().is_none());
}

#[test]
fn leaving_an_unfinished_job_changes_nothing() {
    let mut core = with_job(JobState::Running, &[change(1, ChangeState::Pending)]);
    core.draw_frame();
    core.advance_clock(Duration::from_millis(300));
    assert_eq!(core.press_at("n", core.now.since_start), []);
    assert!(core.model.overlay().is_none() && core.model.jobs.running.is_empty());
    // It can be taken up later.
    core.model.workspace.focus = Pane::Jobs;
    assert_eq!(
        core.act(Action::JobPause),
        [Effect::Jobs(JobEffect::ResumeJob(JOB))]
    );
}

#[test]
fn a_resumed_job_reads_before_it_sends() {
    let mut core = Core::with_leaks(30);
    let changes = vec![
        change(1, ChangeState::Unknown),
        change(2, ChangeState::Pending),
        change(3, ChangeState::Verified),
        change(4, ChangeState::Pending),
        change(5, ChangeState::Pending),
    ];
    let effects = resume(&mut core, changes);
    assert_eq!(sent_changes(&effects), None);
    let next = read_back_request(&effects).unwrap();
    assert_eq!(
        (
            next.after,
            next.is_last_read,
            next.window_over,
            next.confirmation_valid
        ),
        (Duration::ZERO, false, true, true)
    );
    assert_eq!(next.changes.len(), 1);
    let effects = read(&mut core, &next, read_open);
    assert_eq!(
        sent_changes(&effects),
        None,
        "nor before the rest was looked over"
    );
    let waits = pre_checked_changes(&effects).unwrap();
    assert_eq!(waits.len(), 4, "with the one that was not applied");
    let effects = answer_pre_check(&mut core, &waits, |change| {
        if change.key == key(4) {
            Observation::Status(Status::Fixed)
        } else if change.key == key(5) {
            Observation::Status(Status::Unknown)
        } else {
            observe_before(change)
        }
    });
    let chunk = sent_changes(&effects).unwrap();
    let keys: Vec<_> = chunk.iter().map(|change| change.key.clone()).collect();
    assert!(keys.iter().all(|sent| *sent == key(1) || *sent == key(2)));
    let counts = core.model.jobs.running[0].counts();
    assert_eq!((counts.drifted, counts.skipped), (1, 1));
}

#[test]
fn what_cannot_be_looked_at_is_not_sent() {
    let mut core = Core::with_leaks(30);
    let effects = resume(&mut core, vec![change(1, ChangeState::Pending)]);
    let waits = pre_checked_changes(&effects).unwrap();
    let effects = answer_pre_check(&mut core, &waits, |_| {
        Observation::Unreadable("no route".into())
    });
    assert_eq!(sent_changes(&effects), None);
    assert_eq!(ended_state(&effects), Some(JobState::Paused));
    let job = &core.model.jobs.running[0];
    assert_eq!(job.paused, Some((PauseReason::Net, None)));
    assert!(matches!(job.error, Some(JobError::Provider(..))));
}

#[test]
fn a_job_of_yesterday_and_one_of_tomorrow_ask_before_they_send() {
    for shift in [25 * 3_600, -(2 * 3_600)] {
        let mut core = Core::with_leaks(30);
        let changes = vec![
            change(1, ChangeState::Unknown),
            change(2, ChangeState::Pending),
        ];
        let record = JobRecord {
            job: job(&core, JobState::Running, &changes),
            changes,
        };
        core.now.wall += jiff::SignedDuration::from_secs(shift);
        let effects = resume_after(&mut core, record, BTreeMap::from([(0, HOUR)]));
        let next = read_back_request(&effects).unwrap();
        assert!(!next.confirmation_valid);
        let effects = read(&mut core, &next, read_open);
        assert_eq!(sent_changes(&effects), None, "{shift}");
        assert_eq!(core.model.jobs.running[0].error, Some(JobError::Confirm));
        assert_eq!(core.model.jobs.running[0].counts().unknown, 1, "it stays");
        // It is asked about like any plan, and goes on by reading.
        core.act(Action::FocusJobs);
        let jobs = vec![job(&core, JobState::Paused, &[])];
        core.update(Message::JobsLoaded(Ok(jobs)));
        core.act(Action::JobPause);
        let plan = core.model.plan().unwrap();
        assert_eq!((plan.plan.eligible.len(), plan.resumed_job), (2, Some(JOB)));
        core.draw_frame();
        core.advance_clock(Duration::from_millis(300));
        let effects = core.act(Action::PlanApply);
        let next = read_back_request(&effects).unwrap();
        assert!(next.confirmation_valid);
        let effects = read(&mut core, &next, read_open);
        let waits = pre_checked_changes(&effects).unwrap();
        let effects = answer_pre_check(&mut core, &waits, observe_before);
        assert!(sent_changes(&effects).is_some(), "{shift}");
    }
}

#[test]
fn a_plan_of_yesterday_is_not_applied() {
    let mut core = Core::with_leaks(30);
    core.mark([1]);
    core.act(Action::MarkFixed);
    core.draw_frame();
    core.advance_clock(25 * HOUR);
    // That it was tried stands in the audit log.
    let effects = core.act(Action::PlanApply);
    assert!(
        matches!(
            &effects[..],
            [Effect::Output(OutputEffect::WriteAuditLine(_))]
        ),
        "{effects:?}"
    );
    assert!(
        core.newest_notice().contains("older than a day"),
        "{}",
        core.newest_notice()
    );
    assert!(core.model.plan().is_some());
}

#[test]
fn a_plan_on_statuses_of_an_hour_ago_is_looked_over_first() {
    let mut core = Core::with_leaks(30);
    core.advance_clock(HOUR);
    let effects = confirm(&mut core, &[1, 2]);
    let effects = record_job(&mut core, &effects, JOB);
    assert_eq!(sent_changes(&effects), None);
    let waits = pre_checked_changes(&effects).unwrap();
    let effects = answer_pre_check(&mut core, &waits, |change| {
        if change.key == key(2) {
            Observation::Status(Status::Unknown)
        } else {
            observe_before(change)
        }
    });
    assert_eq!(sent_changes(&effects).unwrap().len(), 1);
    assert_eq!(core.model.jobs.running[0].counts().drifted, 1);
}

#[test]
fn jobs_of_other_accounts_do_not_wait_for_each_other() {
    let mut core = Core::with_profiles(vec![profile("acme"), profile("beta")]);
    stanch::app::start(&mut core.model);
    core.load("acme", 1..=4);
    core.load("beta", 11..=14);
    let effects = confirm(&mut core, &[1, 2]);
    let effects = record_job(&mut core, &effects, JOB);
    assert!(sent_changes(&effects).is_some());
    core.model.workspace.marks.clear();
    let other = stanch::entity::key::EntityKey::for_leak(
        super::core_fixture::name("beta"),
        super::core_fixture::id(11)[..].into(),
    );
    let row = core.model.data.table.find(&other).unwrap();
    core.model.workspace.marks.insert(row);
    let effects = confirm(&mut core, &[]);
    let effects = record_job(&mut core, &effects, JobId(2));
    assert_eq!(sent_changes(&effects).unwrap()[0].key, other);
}

#[test]
fn discarding_reads_once_more_and_sends_nothing() {
    let changes = vec![
        change(1, ChangeState::Unknown),
        change(2, ChangeState::Pending),
    ];
    let mut core = with_job(JobState::Running, &changes);
    core.draw_frame();
    core.advance_clock(Duration::from_millis(300));
    let effects = core.press_at("d", core.now.since_start);
    assert_eq!(effects, [Effect::Jobs(JobEffect::ResumeJob(JOB))]);
    let effects = resume(&mut core, changes);
    assert!(
        matches!(&effects[0], Effect::Jobs(JobEffect::CancelChanges { indexes, .. }) if indexes == &[1])
    );
    let effects = core.update(Message::ChangesCancelled {
        job: JOB,
        indexes: vec![1],
        result: Ok(()),
    });
    let next = read_back_request(&effects).unwrap();
    assert!(next.is_last_read && next.window_over);
    let effects = read(&mut core, &next, read_fixed);
    assert_eq!(ended_state(&effects), Some(JobState::Discarded));
    assert_eq!(core.model.jobs.running[0].counts().verified, 1);
}

fn record(core: &Core, changes: &[Change]) -> JobRecord {
    JobRecord {
        job: job(core, JobState::Running, changes),
        changes: changes.to_vec(),
    }
}

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

/// A job was killed and taken up five times, each time at once, and what was applied three seconds late was sent five
/// times and called failed.
#[test]
fn a_job_that_is_taken_up_again_and_again_waits_for_what_is_applied_late() {
    let mut attempts = 1;
    // It is killed before the window is over, however often: it reads, and sends nothing.
    for age in [0, 1, 9, 10, 30, 59] {
        let mut core = Core::with_leaks(30);
        let change = change_with_attempts(1, ChangeState::Unknown, attempts);
        let record = record(&core, &[change]);
        let ages = BTreeMap::from([(0, seconds(age))]);
        let effects = resume_after(&mut core, record, ages);
        let next = read_back_request(&effects).unwrap();
        assert_eq!(
            (next.after, next.window_over),
            (Duration::ZERO, false),
            "{age} s"
        );
        let effects = read(&mut core, &next, read_open);
        assert_eq!(sent_changes(&effects), None, "after {age} s");
        let counts = core.model.jobs.running[0].counts();
        assert_eq!((counts.unknown, counts.failed), (1, 0), "after {age} s");
        attempts = core.model.jobs.running[0].changes[0].attempts();
        assert_eq!(attempts, 1);
        let next = read_back_request(&effects).unwrap();
        let left = [1, 10, 60]
            .into_iter()
            .find(|moment| *moment > age)
            .unwrap();
        assert_eq!(next.after, seconds(left - age), "what is left of it");
    }
    // At its end it tells.
    let mut core = Core::with_leaks(30);
    let record = record(&core, &[change(1, ChangeState::Unknown)]);
    let effects = resume_after(&mut core, record, BTreeMap::from([(0, seconds(60))]));
    let next = read_back_request(&effects).unwrap();
    assert!(next.window_over);
    let effects = read(&mut core, &next, read_open);
    let waits = pre_checked_changes(&effects).unwrap();
    let effects = answer_pre_check(&mut core, &waits, observe_before);
    assert_eq!(sent_changes(&effects).unwrap().len(), 1);
}

#[test]
fn a_job_that_waits_for_its_window_says_until_when_and_holds_up_nothing_else() {
    let mut core = Core::with_leaks(30);
    let changes = [
        change(1, ChangeState::Unknown),
        change(2, ChangeState::Pending),
    ];
    let record = record(&core, &changes);
    let effects = resume_after(&mut core, record, BTreeMap::from([(0, seconds(20))]));
    let next = read_back_request(&effects).unwrap();
    let effects = read(&mut core, &next, read_open);
    assert!(
        core.newest_notice().contains("reading back until 12:00:40"),
        "{}",
        core.newest_notice()
    );
    // The rest of the job goes out meanwhile.
    let waits = pre_checked_changes(&effects).unwrap();
    assert_eq!(waits.len(), 1);
    let effects = answer_pre_check(&mut core, &waits, observe_before);
    let chunk = sent_changes(&effects).unwrap();
    assert_eq!(chunk[0].key, key(2));
    let mut effects = answer(&mut core, &chunk, ChangeResponse::Accepted);
    // Both are read at the moments of the younger one.
    for left in [60, 59, 50] {
        let job = &core.model.jobs.running[0];
        assert_eq!(job.verification_seconds(core.now.since_start), Some(left));
        let next = read_back_request(&effects).unwrap();
        assert_eq!(next.changes.len(), 2);
        core.advance_clock(next.after);
        effects = if next.window_over {
            read(&mut core, &next, read_fixed)
        } else {
            read(&mut core, &next, read_open)
        };
    }
    assert_eq!(ended_state(&effects), Some(JobState::Done));
}

#[test]
fn what_nobody_saw_being_sent_has_its_whole_window() {
    let mut core = Core::with_leaks(30);
    // After a reboot, or where the clock was set back, the journal does not say how long ago it was.
    let record = record(&core, &[change(1, ChangeState::Unknown)]);
    let mut effects = resume_after(&mut core, record, BTreeMap::new());
    for (after, over) in [(0, false), (1, false), (9, false), (50, true)] {
        assert_eq!(sent_changes(&effects), None);
        let next = read_back_request(&effects).unwrap();
        assert_eq!((next.after, next.window_over), (seconds(after), over));
        core.advance_clock(next.after);
        effects = read(&mut core, &next, read_open);
    }
    assert!(
        pre_checked_changes(&effects).is_some(),
        "it is sent once more"
    );
}

#[test]
fn what_is_discarded_too_soon_to_tell_is_unverifiable() {
    let changes = [
        change(1, ChangeState::Unknown),
        change(2, ChangeState::Unknown),
    ];
    let mut core = with_job(JobState::Running, &changes);
    core.draw_frame();
    core.advance_clock(Duration::from_millis(300));
    core.press_at("d", core.now.since_start);
    let record = record(&core, &changes);
    let effects = resume_after(&mut core, record, BTreeMap::new());
    let next = read_back_request(&effects).unwrap();
    assert_eq!((next.is_last_read, next.window_over), (true, false));
    let shows = |change: &Change| {
        if change.key == key(1) {
            read_fixed(change)
        } else {
            read_open(change)
        }
    };
    let effects = read(&mut core, &next, shows);
    assert_eq!(ended_state(&effects), Some(JobState::Discarded));
    let counts = core.model.jobs.running[0].counts();
    assert_eq!((counts.verified, counts.unverifiable), (1, 1));
    assert!(core.model.jobs.running[0].changes[1].reason().is_some());
}

#[test]
fn a_profile_that_is_another_account_now_stops_the_job() {
    let mut core = Core::with_leaks(30);
    core.model.data.profiles[0].profile.binding.team = "blue".into();
    let effects = resume(&mut core, vec![change(1, ChangeState::Pending)]);
    assert!(sent_changes(&effects).is_none() && pre_checked_changes(&effects).is_none());
    assert!(core.model.jobs.running.is_empty());
    assert!(
        core.newest_notice()
            .contains("another provider, address or team")
    );
    assert_eq!(core.model.jobs.not_resumed.len(), 1);
}

#[test]
fn an_undo_restores_what_each_leak_was_and_leaves_alone_what_others_changed() {
    let mut core = Core::with_leaks(30);
    let verified = |number| change(number, ChangeState::Verified);
    let found = |number, remote| FollowUpTarget {
        change: verified(number),
        requested: Status::Fixed,
        remote,
        local: None,
    };
    let changes = vec![verified(1), verified(2), verified(3), verified(4)];
    let survey = FollowUpTargets {
        command: JobCommand::Undo,
        job: job(&core, JobState::Done, &changes),
        targets: vec![
            found(1, RemoteState::Status(Status::Fixed)),
            found(2, RemoteState::Status(Status::Open)),
            found(3, RemoteState::Status(Status::Unknown)),
            found(4, RemoteState::Gone(404)),
        ],
    };
    core.update(Message::FollowUpTargetsLoaded {
        job: JOB,
        command: JobCommand::Undo,
        result: Ok(Box::new(survey)),
    });
    let plan = &core.model.plan().unwrap().plan;
    assert_eq!(
        (plan.command, plan.source_job, plan.wanted),
        (JobCommand::Undo, Some(JOB), Status::Open)
    );
    assert_eq!(plan.eligible.len(), 1);
    assert_eq!(plan.eligible[0].wanted, Status::Open);
    let skipped: Vec<_> = plan
        .skipped
        .iter()
        .map(|skipped| skipped.code.to_string())
        .collect();
    assert_eq!(skipped, ["drifted", "drifted", "gone"]);
}

#[test]
fn only_what_can_be_done_with_a_job_is_offered() {
    let ended = [
        change(1, ChangeState::Verified),
        change(2, ChangeState::Failed),
    ];
    let mut core = with_job(JobState::DoneWithExceptions, &ended);
    for (action, command) in [
        (Action::JobUndo, JobCommand::Undo),
        (Action::JobRetry, JobCommand::Retry),
    ] {
        let effects = core.act(action);
        assert_eq!(
            effects,
            [Effect::Jobs(JobEffect::LoadFollowUpTargets {
                job: JOB,
                command
            })]
        );
    }
    for (action, why) in [
        (Action::JobPause, "has ended"),
        (Action::JobCancel, "has ended"),
        (Action::JobRedo, "was not undone"),
    ] {
        assert_eq!(core.act(action), []);
        assert!(
            core.newest_notice().contains(why),
            "{action}: {}",
            core.newest_notice()
        );
    }
    let done = [change(1, ChangeState::Skipped)];
    let mut core = with_job(JobState::Done, &done);
    core.act(Action::JobUndo);
    assert!(
        core.newest_notice().contains("changed nothing"),
        "{}",
        core.newest_notice()
    );
}

#[test]
fn a_report_sums_to_the_plan_whatever_happens() {
    let (mut core, mut effects) = running_job(&[1, 2, 3, 4, 6, 7]);
    let mut turn = 0;
    loop {
        let job = &core.model.jobs.running[0];
        assert_eq!(job.counts().sum(), 6);
        if let Some(chunk) = sent_changes(&effects) {
            turn += 1;
            let given = match turn % 3 {
                0 => ChangeResponse::Accepted,
                1 => ChangeResponse::Refused {
                    status: 403,
                    error: rejected(403),
                },
                _ => ChangeResponse::Ambiguous(rejected(502)),
            };
            effects = answer(&mut core, &chunk, given);
        } else if let Some(next) = read_back_request(&effects) {
            effects = read(&mut core, &next, |change| {
                ReadBack::StatusWord(
                    if change.index % 2 == 0 {
                        "fixed"
                    } else {
                        "open"
                    }
                    .into(),
                )
            });
        } else {
            break;
        }
    }
    assert!(ended_state(&effects).is_some());
    let counts = core.model.jobs.running[0].counts();
    assert_eq!(counts.sum(), 6);
    assert_eq!(counts.get(ChangeOutcome::Pending), 0);
}

#[test]
fn who_watches_another_console_sees_its_jobs_move() {
    let mut core = Core::with_leaks(30);
    core.model.access.journal = JournalAccess::Follower {
        holder: "ana@jump1".into(),
    };
    let changes = [change(1, ChangeState::Inflight)];
    let jobs = vec![job(&core, JobState::Running, &changes)];
    core.update(Message::JobsLoaded(Ok(jobs)));
    assert!(core.model.overlay().is_none(), "it is not its to take up");
    core.act(Action::FocusJobs);
    core.act(Action::Drill);
    core.model.access.poll_due = Some(core.now.since_start);
    let due = stanch::app::wake::next_wake_up(&core.model).unwrap();
    assert!(due <= core.now.since_start);
    assert!(
        core.update(Message::TimerFired)
            .contains(&Effect::Access(AccessEffect::PollAccess))
    );
    let watched = |changes| {
        let journal = JournalAccess::Follower {
            holder: "ana@jump1".into(),
        };
        Message::AccessPolled(Ok(AccessPoll {
            changes,
            journal,
            team: None,
        }))
    };
    let effects = core.update(watched(JournalChanges::ALL));
    for effect in [
        Effect::Jobs(JobEffect::LoadJobs),
        Effect::Jobs(JobEffect::LoadActiveLeaks),
        Effect::Jobs(JobEffect::LoadJob(JOB)),
    ] {
        assert!(effects.contains(&effect), "{effect:?}");
    }
    assert_eq!(core.update(watched(JournalChanges::NONE)), []);
    assert_eq!(core.act(Action::JobPause), []);
    assert!(
        core.newest_notice().contains("another console holds"),
        "{}",
        core.newest_notice()
    );
}
