//! Plans of many leaks: made in turns, called off, and answered only once they were seen.

use super::{
    Core,
    core::{key, page, profile},
    job_screens::screen,
};
use stanch::{
    action::Action,
    app::{
        effect::{Effect, JobEffect},
        job::Recorded,
        message::Message,
        overlay::{Overlay, PlanOverlay},
        plan::{self, Target},
        wake,
    },
    entity::{
        job::{JobCommand, NewJob, Plan},
        key::JobId,
        status::Status,
    },
    table::Handle,
};
use std::time::Duration;

const MANY: u32 = 9_000;

fn many() -> Core {
    let mut core = Core::of(vec![profile("acme")]);
    stanch::app::start(&mut core.model);
    let mut page = page(1..=MANY, Some(u64::from(MANY)));
    page.page_size = MANY;
    let request = core.model.data.profiles[0].paging.request.unwrap();
    core.page_of("acme", request, 0, page);
    assert!(core.model.data.is_complete());
    core
}

/// All leaks are marked and their plan is asked for.
fn asked() -> Core {
    let mut core = many();
    core.model.setup.policy.confirm_above = 100_000;
    core.mark(1..=MANY);
    core.ask(Action::MarkFixed);
    core
}

/// Turns until the plan is there; how many.
fn made(core: &mut Core) -> usize {
    let mut turns = 0;
    while matches!(core.model.overlay(), Some(Overlay::Planning { .. })) {
        assert_eq!(wake::next(&core.model), Some(core.now.since_start));
        core.now.since_start += Duration::from_millis(1);
        core.take(Message::Ticked);
        turns += 1;
        assert!(turns < 1_000);
    }
    turns
}

fn shown(core: &Core) -> &PlanOverlay {
    core.model.plan().unwrap()
}

/// The same plan, made to the end.
fn at_once(core: &Core) -> Plan {
    let rows = core.model.workspace.marks.iter().map(Target::Row);
    let targets: Vec<_> = rows.collect();
    let mut now = core.now;
    now.wall = shown(core).plan.made_at;
    plan::make(
        core.model.context(),
        JobCommand::Fix,
        Status::Fixed,
        &targets,
        now,
    )
}

#[test]
fn a_plan_of_many_leaks_is_made_in_turns_and_is_the_one_that_is_made_at_once() {
    let mut core = asked();
    assert_eq!(
        core.model.overlay(),
        Some(&Overlay::Planning {
            leaks: MANY as usize
        })
    );
    assert!(made(&mut core) > 2);
    assert_eq!(shown(&core).plan, at_once(&core));
    assert!(
        shown(&core)
            .plan
            .eligible
            .is_sorted_by(|a, b| a.key < b.key)
    );
    assert!(shown(&core).plan_ms > 0);
    let rows = &shown(&core).rows;
    assert_eq!(rows.len(), shown(&core).plan.eligible.len());
    for (row, change) in rows.iter().zip(&shown(&core).plan.eligible) {
        assert_eq!(core.model.data.table.key(*row), change.key);
    }
}

#[test]
fn the_numbers_of_a_large_plan_have_their_thousands_marked() {
    let mut core = many();
    core.model.setup.policy.confirm_above = 100_000;
    let read = (0..MANY).map(|row| match row {
        ..2_000 => (Handle(row), Status::Fixed, &b"fixed"[..]),
        _ => (Handle(row), Status::Open, &b"open"[..]),
    });
    core.model.data.table.set_statuses(read);
    core.mark(1..=MANY);
    core.ask(Action::MarkFixed);
    made(&mut core);
    let screen = screen(&mut core);
    for words in [
        "7,000 will change, 2,000 skipped",
        "skipped: 2,000 already fixed",
    ] {
        assert!(screen.contains(words), "{screen}");
    }
}

#[test]
fn no_answer_counts_before_a_plan_of_many_leaks_was_seen() {
    let mut core = asked();
    // There is nothing to say yes to yet.
    for _ in 0..3 {
        assert_eq!(core.ask(Action::PlanApply), []);
        assert!(matches!(
            core.model.overlay(),
            Some(Overlay::Planning { .. })
        ));
    }
    core.frame();
    core.pass(Duration::from_secs(1));
    made(&mut core);
    // What was read while it was made is no answer to it, and neither is what comes before its frame.
    core.press_at("y", Duration::ZERO);
    assert_eq!(core.ask(Action::PlanApply), []);
    assert_eq!(shown(&core).dropped, 2);
    core.frame();
    assert_eq!(core.ask(Action::PlanApply), []);
    core.pass(Duration::from_millis(300));
    let effects = core.ask(Action::PlanApply);
    let [Effect::Jobs(JobEffect::RecordJob(job))] = &effects[..] else {
        panic!("{effects:?}")
    };
    let changes = job.plan.eligible.len();
    let effects = core.take(Message::JobRecorded {
        job: Box::new(Recorded::of(NewJob::clone(job))),
        result: Ok(JobId(1)),
    });
    assert!(!effects.is_empty());
    assert_eq!(core.model.jobs.running[0].changes.len(), MANY as usize);
    // Each of its leaks is in a job now, and a new plan leaves all of them alone.
    let plan = {
        core.ask(Action::MarkFixed);
        made(&mut core);
        &shown(&core).plan
    };
    assert_eq!(
        (plan.eligible.len(), plan.skipped.len()),
        (0, MANY as usize)
    );
    let words = format!("in job {}", JobId(1));
    let held = plan
        .skipped
        .iter()
        .filter(|skipped| skipped.reason.contains(&words));
    assert_eq!(held.count(), changes);
    let [first, ..] = &plan.skipped[..] else {
        panic!("nothing was left alone")
    };
    assert_eq!(first.key, key(1));
}

#[test]
fn a_plan_that_is_being_made_is_called_off_and_nothing_of_it_comes_later() {
    let mut core = asked();
    core.take(Message::Ticked);
    core.press_at("esc", core.now.since_start);
    assert_eq!(core.model.overlay(), None);
    for _ in 0..100 {
        core.take(Message::Ticked);
    }
    assert_eq!(core.model.overlay(), None);
    assert!(core.model.plan.planning.is_none() && !wake::has_turns(&core.model));
    // The next one is not mixed up with it.
    core.ask(Action::Reopen);
    made(&mut core);
    assert_eq!(shown(&core).plan.command, JobCommand::Reopen);
}

#[test]
fn what_the_filter_hides_can_be_dropped_from_a_plan_of_many_leaks() {
    let mut core = many();
    core.mark(1..=MANY);
    core.ask(Action::Filter);
    for key in ["u", "1", "0", "enter"] {
        core.press_at(key, Duration::ZERO);
    }
    let visible = core.model.workspace.leaks.list.order().len();
    assert!(visible > 0 && visible < MANY as usize);
    core.ask(Action::MarkFixed);
    made(&mut core);
    assert_eq!(shown(&core).plan.hidden, MANY as usize - visible);
    core.ask(Action::PlanVisibleOnly);
    made(&mut core);
    let plan = &shown(&core).plan;
    assert_eq!((plan.targets(), plan.hidden), (visible, 0));
}
