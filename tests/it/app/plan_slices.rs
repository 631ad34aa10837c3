//! Plans of many leaks: made in slices, called off, and answered only once they were seen.

use super::{
    Core,
    core_fixture::{key, page, profile},
    job_screens::screen,
};
use stanch::{
    action::Action,
    app::{
        effect::{Effect, JobEffect},
        job::RecordedPlan,
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
    table::RowId,
};
use std::time::Duration;

const LEAKS: u32 = 9_000;

fn core_with_leaks() -> Core {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    stanch::app::start(&mut core.model);
    let mut page = page(1..=LEAKS, Some(u64::from(LEAKS)));
    page.page_size = LEAKS;
    let request = core.model.data.profiles[0].paging.request.unwrap();
    core.load_page("acme", request, 0, page);
    assert!(core.model.data.is_complete());
    core
}

/// All leaks are marked and their plan is asked for.
fn core_building_plan() -> Core {
    let mut core = core_with_leaks();
    core.model.setup.policy.confirm_above = 100_000;
    core.mark(1..=LEAKS);
    core.act(Action::MarkFixed);
    core
}

/// Turns until the plan is there; how many.
fn finish_plan(core: &mut Core) -> usize {
    let mut turns = 0;
    while matches!(core.model.overlay(), Some(Overlay::PlanBuild { .. })) {
        assert_eq!(wake::next_wake_up(&core.model), Some(core.now.since_start));
        core.now.since_start += Duration::from_millis(1);
        core.update(Message::TimerFired);
        turns += 1;
        assert!(turns < 1_000);
    }
    turns
}

fn plan_overlay(core: &Core) -> &PlanOverlay {
    core.model.plan().unwrap()
}

/// The same plan, made to the end.
fn plan_in_one_step(core: &Core) -> Plan {
    let rows = core.model.workspace.marks.iter().map(Target::Row);
    let targets: Vec<_> = rows.collect();
    let mut now = core.now;
    now.wall = plan_overlay(core).plan.built_at;
    plan::build_plan(
        core.model.context(),
        JobCommand::Fix,
        Status::Fixed,
        &targets,
        now,
    )
}

#[test]
fn a_plan_of_many_leaks_is_made_in_turns_and_is_the_one_that_is_made_at_once() {
    let mut core = core_building_plan();
    assert_eq!(
        core.model.overlay(),
        Some(&Overlay::PlanBuild {
            leaks: LEAKS as usize
        })
    );
    assert!(finish_plan(&mut core) > 2);
    assert_eq!(plan_overlay(&core).plan, plan_in_one_step(&core));
    assert!(
        plan_overlay(&core)
            .plan
            .eligible
            .is_sorted_by(|a, b| a.key < b.key)
    );
    assert!(plan_overlay(&core).plan_ms > 0);
    let rows = &plan_overlay(&core).rows;
    assert_eq!(rows.len(), plan_overlay(&core).plan.eligible.len());
    for (row, change) in rows.iter().zip(&plan_overlay(&core).plan.eligible) {
        assert_eq!(core.model.data.table.key(*row), change.key);
    }
}

#[test]
fn the_numbers_of_a_large_plan_have_their_thousands_marked() {
    let mut core = core_with_leaks();
    core.model.setup.policy.confirm_above = 100_000;
    let read = (0..LEAKS).map(|row| match row {
        ..2_000 => (RowId(row), Status::Fixed, &b"fixed"[..]),
        _ => (RowId(row), Status::Open, &b"open"[..]),
    });
    core.model.data.table.set_statuses(read);
    core.mark(1..=LEAKS);
    core.act(Action::MarkFixed);
    finish_plan(&mut core);
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
    let mut core = core_building_plan();
    // There is nothing to say yes to yet.
    for _ in 0..3 {
        assert_eq!(core.act(Action::PlanApply), []);
        assert!(matches!(
            core.model.overlay(),
            Some(Overlay::PlanBuild { .. })
        ));
    }
    core.draw_frame();
    core.advance_clock(Duration::from_secs(1));
    finish_plan(&mut core);
    // What was read while it was made is no answer to it, and neither is what comes before its frame.
    core.press_at("y", Duration::ZERO);
    assert_eq!(core.act(Action::PlanApply), []);
    assert_eq!(plan_overlay(&core).ignored_answers, 2);
    core.draw_frame();
    assert_eq!(core.act(Action::PlanApply), []);
    core.advance_clock(Duration::from_millis(300));
    let effects = core.act(Action::PlanApply);
    let [Effect::Jobs(JobEffect::RecordJob(job))] = &effects[..] else {
        panic!("{effects:?}")
    };
    let changes = job.plan.eligible.len();
    let effects = core.update(Message::JobRecorded {
        job: Box::new(RecordedPlan::new(NewJob::clone(job))),
        result: Ok(JobId(1)),
    });
    assert!(!effects.is_empty());
    assert_eq!(core.model.jobs.running[0].changes.len(), LEAKS as usize);
    // Each of its leaks is in a job now, and a new plan leaves all of them alone.
    let plan = {
        core.act(Action::MarkFixed);
        finish_plan(&mut core);
        &plan_overlay(&core).plan
    };
    assert_eq!(
        (plan.eligible.len(), plan.skipped.len()),
        (0, LEAKS as usize)
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
    let mut core = core_building_plan();
    core.update(Message::TimerFired);
    core.press_at("esc", core.now.since_start);
    assert_eq!(core.model.overlay(), None);
    for _ in 0..100 {
        core.update(Message::TimerFired);
    }
    assert_eq!(core.model.overlay(), None);
    assert!(core.model.plan.plan_builder.is_none() && !wake::has_pending_work(&core.model));
    // The next one is not mixed up with it.
    core.act(Action::Reopen);
    finish_plan(&mut core);
    assert_eq!(plan_overlay(&core).plan.command, JobCommand::Reopen);
}

#[test]
fn what_the_filter_hides_can_be_dropped_from_a_plan_of_many_leaks() {
    let mut core = core_with_leaks();
    core.mark(1..=LEAKS);
    core.act(Action::Filter);
    for key in ["u", "1", "0", "enter"] {
        core.press_at(key, Duration::ZERO);
    }
    let visible = core.model.workspace.leaks.list.order().len();
    assert!(visible > 0 && visible < LEAKS as usize);
    core.act(Action::MarkFixed);
    finish_plan(&mut core);
    assert_eq!(plan_overlay(&core).plan.hidden, LEAKS as usize - visible);
    core.act(Action::PlanVisibleOnly);
    finish_plan(&mut core);
    let plan = &plan_overlay(&core).plan;
    assert_eq!((plan.targets(), plan.hidden), (visible, 0));
}
