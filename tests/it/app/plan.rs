//! Plans: whose leaks, which hash, when an answer counts, and what can be done at all.

use super::{
    Core,
    core_fixture::{id, key, name, page, profile},
};
use stanch::{
    action::Action,
    app::{
        availability::availability,
        message::Message,
        model::{JournalAccess, Pane},
        notice::Severity,
        plan::{self, Target},
    },
    entity::{
        capability::{Ability, IdFormat},
        error::{JournalError, ProviderError},
        job::{JobCommand, Plan, SkipCode},
        key::{EntityKey, JobId},
        leak::{FIELD_COUNT, LeakField, LeakRef, PasswordState},
        page::PageRequest,
        status::Status,
    },
};
use std::time::Duration;

fn make(core: &Core, numbers: &[u32], wanted: Status) -> Plan {
    let targets: Vec<_> = numbers
        .iter()
        .map(|number| match core.model.data.table.find(&key(*number)) {
            Some(handle) => Target::Row(handle),
            None => Target::Missing(key(*number)),
        })
        .collect();
    let command = if wanted == Status::Fixed {
        JobCommand::Fix
    } else {
        JobCommand::Reopen
    };
    plan::build_plan(core.model.context(), command, wanted, &targets, core.now)
}

fn skipped_leaks(plan: &Plan) -> Vec<(u32, SkipCode)> {
    let number = |key: &EntityKey| u32::from_str_radix(key.id.as_str().unwrap(), 16).unwrap();
    plan.skipped
        .iter()
        .map(|skipped| (number(&skipped.key), skipped.code))
        .collect()
}

#[test]
fn the_hash_is_of_what_is_meant_and_not_of_how_it_was_said() {
    let mut core = Core::with_leaks(30);
    let hash = make(&core, &[1, 2, 5], Status::Fixed).hash;
    assert_eq!(make(&core, &[5, 2, 1], Status::Fixed).hash, hash);
    assert_eq!(make(&core, &[1, 2, 2, 5, 1], Status::Fixed).hash, hash);
    assert_ne!(make(&core, &[1, 2], Status::Fixed).hash, hash);
    assert_ne!(make(&core, &[1, 2, 5], Status::Open).hash, hash);
    // A filter, the time and the place where it is made do not matter.
    core.update(Message::ActionRequested {
        action: Action::Filter,
        read_at: Duration::ZERO,
    });
    core.press_at("z", Duration::ZERO);
    assert!(core.model.workspace.leaks.list.order().is_empty());
    core.advance_clock(Duration::from_secs(60));
    let hidden = make(&core, &[1, 2, 5], Status::Fixed);
    assert_eq!((hidden.hash.clone(), hidden.hidden), (hash.clone(), 3));
    core.model.setup.headless = true;
    let headless = make(&core, &[2, 1, 5], Status::Fixed);
    assert_eq!((headless.hash, headless.hidden), (hash.clone(), 0));
    // What a leak was does.
    let handle = core.model.data.table.find(&key(1)).unwrap();
    core.model
        .data
        .table
        .set_status(handle, Status::Investigating, b"x");
    assert_ne!(make(&core, &[1, 2, 5], Status::Fixed).hash, hash);
}

#[test]
fn every_leak_that_is_left_alone_has_its_reason() {
    let mut core = Core::with_leaks(12);
    core.model.jobs.active_leaks.insert(key(3), JobId(7));
    let plan = make(&core, &[1, 3, 5, 99], Status::Fixed);
    assert_eq!(plan.eligible.len(), 1);
    let expected = [
        (3, SkipCode::InJob),
        (5, SkipCode::Already),
        (99, SkipCode::NotFound),
    ];
    assert_eq!(skipped_leaks(&plan), expected);

    core.model.data.profiles[0].profile.read_only = true;
    let plan = make(&core, &[1], Status::Fixed);
    assert_eq!(skipped_leaks(&plan), [(1, SkipCode::NotAllowed)]);
    core.model.data.profiles[0].profile.read_only = false;
    core.model.data.profiles[0].profile.insecure = true;
    let plan = make(&core, &[1], Status::Fixed);
    assert_eq!(skipped_leaks(&plan), [(1, SkipCode::NotAllowed)]);
    assert!(plan.skipped[0].reason.contains("plain http"));
    core.model.data.profiles[0].profile.insecure = false;
    let plan = make(&core, &[1], Status::Unknown);
    assert_eq!(skipped_leaks(&plan), [(1, SkipCode::Unsupported)]);
}

#[test]
fn an_id_that_the_provider_does_not_take_is_shown_and_never_planned() {
    for odd in [
        "leak_id_hash",
        &id(1)[1..],
        &"g".repeat(32),
        &format!("{}0", id(1)),
    ] {
        let mut core = Core::with_profiles(vec![profile("acme")]);
        core.model.data.profiles[0].profile.capabilities.page_size = 1_000;
        stanch::app::start(&mut core.model);
        let request = core.model.data.profiles[0].paging.request.unwrap();
        core.load_page("acme", request, 0, page_with_leak(odd, Status::Open));
        let key = EntityKey::for_leak(name("acme"), odd.into());
        let row = Target::Row(core.model.data.table.find(&key).unwrap());
        let code = |core: &Core| {
            let targets = std::slice::from_ref(&row);
            let plan = plan::build_plan(
                core.model.context(),
                JobCommand::Fix,
                Status::Fixed,
                targets,
                core.now,
            );
            plan.skipped.first().map(|skipped| skipped.code)
        };
        assert_eq!(code(&core), Some(SkipCode::BadId), "{odd}");
        // A provider that takes any id takes these; and what is kept here goes nowhere.
        let ids = |core: &mut Core, rule| {
            let capabilities = &mut core.model.data.profiles[0].profile.capabilities;
            capabilities.store.as_mut().unwrap().ids = rule;
        };
        ids(&mut core, IdFormat::Any);
        assert_eq!(code(&core), None);
        ids(&mut core, IdFormat::Hex32);
        core.model.data.profiles[0].profile.capabilities.store = None;
        assert_eq!(code(&core), None);
    }
}

fn page_with_leak(id: &str, status: Status) -> stanch::entity::page::LeakPage {
    let mut page = page([], Some(1));
    let mut fields = [None; FIELD_COUNT];
    fields[LeakField::Id as usize] = Some(id.as_bytes());
    page.leaks.push(&LeakRef {
        fields,
        status,
        password: PasswordState::None,
        risk: None,
        damaged: false,
        credential: None,
    });
    page
}

#[test]
fn a_rule_of_the_profile_holds_for_what_is_kept_here_and_plain_http_for_what_is_sent() {
    let mut core = Core::with_leaks(3);
    core.model.data.profiles[0].profile.capabilities.store = None;
    core.model.data.profiles[0].profile.insecure = true;
    assert_eq!(make(&core, &[1], Status::Fixed).local(), 1);
    core.model.data.profiles[0].profile.read_only = true;
    let plan = make(&core, &[1], Status::Fixed);
    assert_eq!(skipped_leaks(&plan), [(1, SkipCode::NotAllowed)]);
}

#[test]
fn what_is_kept_here_costs_no_request() {
    let mut core = Core::with_leaks(30);
    core.model.data.profiles[0].profile.capabilities.store = None;
    let plan = make(&core, &[1, 2, 3], Status::Fixed);
    assert_eq!((plan.requests, plan.reads, plan.eta_seconds), (0, 0, None));
    assert_eq!((plan.remote(), plan.local()), (0, 3));
    assert_eq!((plan.shares[0].remote, plan.shares[0].local), (0, 3));
    assert!(plan.inexact_mappings.is_empty());
}

#[test]
fn reopening_means_new_where_there_is_no_open() {
    let mut core = Core::with_leaks(5);
    let capabilities = &mut core.model.data.profiles[0].profile.capabilities;
    capabilities.store.as_mut().unwrap().statuses = vec![Status::New, Status::Fixed];
    let plan = make(&core, &[5], Status::Open);
    assert_eq!(plan.eligible[0].wanted, Status::New);
}

#[test]
fn an_answer_counts_by_when_it_was_read() {
    let millis = Duration::from_millis;
    for (drawn, read, counts) in [
        (100, 399, false),
        (100, 400, true),
        (100, 99, false),
        (100, 100, false),
    ] {
        let mut core = Core::with_leaks(5);
        core.mark([1]);
        core.act(Action::MarkFixed);
        assert!(core.model.awaits_frame());
        core.advance_clock(millis(drawn));
        core.draw_frame();
        core.advance_clock(millis(5_000));
        let effects = core.press_at("y", millis(read));
        assert_eq!(!effects.is_empty(), counts, "drawn {drawn}, read {read}");
        assert_eq!(core.model.plan().is_none(), counts);
    }
}

#[test]
fn a_plan_that_was_never_drawn_takes_no_answer() {
    let mut core = Core::with_leaks(5);
    core.mark([1]);
    core.act(Action::MarkFixed);
    core.advance_clock(Duration::from_secs(9));
    assert_eq!(core.act(Action::PlanApply), []);
    assert_eq!(core.model.plan().unwrap().ignored_answers, 1);
}

#[test]
fn a_console_that_may_not_write_says_so() {
    for (journal, why) in [
        (
            JournalAccess::Follower {
                holder: "ana at desk".into(),
            },
            "another console holds the journal: ana at desk",
        ),
        (
            JournalAccess::ReadOnly {
                reason: "it is newer".into(),
            },
            "reading only: it is newer",
        ),
    ] {
        let mut core = Core::with_leaks(5);
        core.model.access.journal = journal;
        core.act(Action::MarkFixed);
        assert!(core.model.plan().is_none());
        assert!(
            core.newest_notice().contains(why),
            "{}",
            core.newest_notice()
        );
    }
}

#[test]
fn availability_says_why() {
    let mut core = Core::with_leaks(5);
    let why = |core: &Core, action| availability(&core.model, action).unwrap_err();
    assert!(why(&core, Action::PlanApply).contains("no plan is open"));
    assert!(why(&core, Action::RemarkLast).contains("no marks were cleared"));
    core.model.data.profiles[0].profile.insecure = true;
    assert!(why(&core, Action::Reveal).contains("plain http"));
    core.model.data.profiles[0].profile.insecure = false;
    core.model.data.profiles[0]
        .profile
        .capabilities
        .abilities
        .remove(Ability::Secrets);
    assert!(why(&core, Action::Reveal).contains("Any shows no passwords"));
    core.model.workspace.focus = Pane::Users;
    assert!(why(&core, Action::RangeMark).contains("leaks pane"));
    let mut empty = Core::with_profiles(vec![profile("acme")]);
    assert!(why(&empty, Action::MarkFixed).contains("no leak is marked"));
    empty.model.setup.policy.reveal = false;
    assert!(why(&empty, Action::Reveal).contains("policy"));
}

#[test]
fn a_secret_that_comes_too_late_is_not_shown() {
    let mut core = Core::with_leaks(5);
    core.act(Action::Reveal);
    core.act(Action::Down);
    core.advance_clock(Duration::from_secs(1));
    let first = core.model.workspace.leaks.list.order()[0];
    core.update(Message::SecretRevealed {
        key: core.model.data.table.key(first),
        copy: false,
        result: Ok(stanch::entity::secret::Secret::from(
            "late-secret".to_owned(),
        )),
    });
    assert!(core.model.workspace.reveal.is_none());
}

#[test]
fn an_error_is_not_covered_before_anyone_could_read_it() {
    let mut core = Core::with_leaks(5);
    let now = core.now.since_start;
    core.model.notices.push(Severity::Error, "grave", None, now);
    core.model.notices.push(Severity::Info, "light", None, now);
    assert_eq!(core.newest_notice(), "grave");
    core.advance_clock(Duration::from_secs(4));
    let now = core.now.since_start;
    core.model.notices.push(Severity::Info, "light", None, now);
    assert_eq!(core.newest_notice(), "light");
    core.act(Action::Down);
    assert_eq!(core.newest_notice(), "light", "it was just pushed");
    core.advance_clock(Duration::from_secs(4));
    core.act(Action::Down);
    assert_eq!(core.newest_notice(), "");
}

#[test]
fn an_unreadable_journal_is_told_in_the_jobs_pane() {
    let mut core = Core::with_leaks(5);
    core.update(Message::JobsLoaded(Err(JournalError::Io {
        why: "denied".into(),
    })));
    assert!(
        core.model
            .workspace
            .jobs
            .error
            .as_ref()
            .unwrap()
            .contains("denied")
    );
}

#[test]
fn an_answer_to_an_older_request_is_dropped_and_counted() {
    let mut core = Core::with_leaks(5);
    let old = core.model.data.profiles[0].paging.request.unwrap();
    core.act(Action::Refresh);
    core.load_page("acme", old, 0, page(100..110, Some(10)));
    assert_eq!(core.model.data.table.len(), 5);
    assert_eq!(core.model.data.profiles[0].paging.dropped_answers, 1);
    core.update(Message::PageLoaded {
        request: old,
        profile: name("acme"),
        page: PageRequest { index: 0, size: 10 },
        result: Err(ProviderError::Cancelled),
    });
    assert!(core.model.data.is_loading());
    assert_eq!(core.model.data.profiles[0].paging.dropped_answers, 2);
}
