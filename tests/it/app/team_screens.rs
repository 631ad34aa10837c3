//! What a console of a team shows: who is there, a colleague's claim and job, a job that nobody runs, the store that is
//! lost; and what it asks before a job is taken over.
//!
//! `STANCH_PICTURES=1 cargo test --test it team_screens` makes the pictures under `assets/pictures/` anew.

use super::{
    Core,
    core_fixture::{key, name},
    job_control::{change, job},
    job_screens::{core_with_people, screen, screen_at, snapshots_of},
};
use stanch::{
    action::Action,
    app::{
        effect::{Effect, JobEffect},
        message::{AccessPoll, LocalRecords, Message},
        model::JournalAccess,
    },
    entity::{
        claim::{Claim, ConsoleId},
        job::{ChangeState, JobState},
        journal_changes::JournalChanges,
        key::JobId,
        role::Role,
        team::{Colleague, FeedKind, Holding, Team, TeamState},
    },
};
use std::time::Duration;

/// The job that ben runs.
const JOB: JobId = JobId(7);

fn console(id: i32, role: &str, host: &str, seen_ago: u64, online: bool) -> Colleague {
    Colleague {
        id,
        role: role.into(),
        user: role.into(),
        host: host.into(),
        tty: format!("/dev/pts/{id}"),
        version: "0.2.0".into(),
        since: "2026-11-22T08:30:00Z".into(),
        seen_at: "2026-11-22T11:57:00Z".into(),
        seen_ago: Duration::from_secs(seen_ago),
        online,
        jobs: 0,
        claims: if role == "ben" { 40 } else { 0 },
        is_self: id == 1,
    }
}

fn holding(by: &Colleague, at: Option<&Colleague>) -> Holding {
    Holding {
        mine: by.role == "ana",
        by: by.clone(),
        runs_at: at.cloned(),
        token: 1,
        asked_by: None,
        paused_by: None,
    }
}

/// A console of ana's, with ben at work on job 7 and cho away, whose job 8 nobody runs.
fn team() -> Team {
    let (ana, ben) = (
        console(1, "ana", "soc1", 1, true),
        console(2, "ben", "soc2", 2, true),
    );
    let cho = console(3, "cho", "soc2", 180, false);
    let state = TeamState {
        role: "ana".into(),
        feed: FeedKind::Listen,
        clock_offset_ms: 3,
        round_trip_ms: 1,
        seen: 70,
        lag_ms: 4,
        consoles: vec![ana, ben.clone(), cho.clone()],
        ..TeamState::default()
    };
    Team {
        state,
        holdings: [
            (JOB, holding(&ben, Some(&ben))),
            (JobId(8), holding(&cho, Some(&cho))),
        ]
        .into(),
        pause: Vec::new(),
    }
}

fn watched(team: Team) -> Message {
    Message::AccessPolled(Ok(AccessPoll {
        changes: JournalChanges::NONE,
        journal: JournalAccess::Writer,
        team: Some(Box::new(team)),
    }))
}

/// Ana's console in that team.
fn in_a_team() -> Core {
    let mut core = core_with_people(30);
    core.update(watched(team()));
    let holdings = team().holdings;
    let mut jobs = Vec::new();
    for (id, state) in [
        (JobId(8), ChangeState::Pending),
        (JOB, ChangeState::Inflight),
    ] {
        let changes: Vec<_> = (1..=12)
            .map(|number| {
                change(
                    number,
                    if number < 5 {
                        ChangeState::Verified
                    } else {
                        state
                    },
                )
            })
            .collect();
        let mut one = job(&core, JobState::Running, &changes);
        (one.id, one.holding) = (id, holdings.get(&id).cloned().map(Box::new));
        jobs.push(one);
    }
    core.update(Message::JobsLoaded(Ok(jobs)));
    core
}

fn types(core: &mut Core, text: &str) -> Vec<Effect> {
    let read = core.now.since_start;
    for letter in text.chars() {
        core.press_at(&letter.to_string(), read);
    }
    core.press_at("enter", read)
}

#[test]
fn pictures_of_a_colleagues_claim() {
    let mut core = in_a_team();
    let claims = (1..=4)
        .map(|number| {
            let claim = Claim {
                claimant: ConsoleId {
                    user: "ben".into(),
                    host: "soc2".into(),
                    console: "/dev/pts/2".into(),
                },
                expires_at: core.now.wall + Duration::from_secs(8 * 3_600),
                is_own: false,
                role: Some(Role::new("ben")),
            };
            (key(number), claim)
        })
        .collect();
    core.update(Message::LocalRecordsLoaded(Ok(Box::new(LocalRecords {
        statuses: Vec::new(),
        accepted_mappings: Vec::new(),
        claims,
        last_notes: Vec::new(),
    }))));
    assert!(core.model.data.profile(&name("acme")).is_some());
    snapshots_of("team-claim", &mut core);
}

#[test]
fn pictures_of_a_colleagues_job() {
    let mut core = in_a_team();
    core.act(Action::FocusJobs);
    snapshots_of("team-jobs", &mut core);
}

#[test]
fn pictures_of_the_team() {
    let mut core = in_a_team();
    types(&mut core, ":team");
    snapshots_of("team", &mut core);
}

#[test]
fn a_job_that_a_colleague_paused_says_who() {
    let mut core = in_a_team();
    let mut paused = team();
    let holding = paused.holdings.get_mut(&JobId(8)).unwrap();
    (holding.runs_at, holding.paused_by) = (None, Some("cho".into()));
    core.update(watched(paused.clone()));
    core.act(Action::FocusJobs);
    let shown = screen(&mut core);
    assert!(shown.contains("paused by cho"), "{shown}");
    // One's own pause needs no name.
    let holding = paused.holdings.get_mut(&JobId(8)).unwrap();
    holding.paused_by = Some("ana".into());
    core.update(watched(paused));
    assert!(!screen(&mut core).contains("paused by"));
}

#[test]
fn what_has_no_room_on_the_screen_of_the_team_is_cut_with_a_sign() {
    let mut core = in_a_team();
    types(&mut core, ":team");
    let shown = screen_at(&mut core, (40, 12));
    assert!(shown.contains("job 8 (mark fixed)"), "{shown}");
    let line = shown.lines().find(|line| line.contains("job 8"));
    assert!(line.unwrap().contains('…'), "{shown}");
}

#[test]
fn pictures_of_a_lost_store() {
    let mut core = in_a_team();
    let mut lost = team();
    lost.state.lost = Some("2026-11-22T11:58:30Z".into());
    core.update(watched(lost));
    snapshots_of("team-lost", &mut core);
    let mut back = team();
    back.state.seen = 82;
    let effects = core.update(watched(back));
    let mut notices = core.model.notices.newest_first();
    assert!(notices.any(|notice| notice.text.contains("is back: 12 changes taken in")));
    drop(notices);
    assert!(!effects.contains(&Effect::Jobs(JobEffect::TakeJob(JOB))));
    // A loss that is over is not left on the screen, though nobody had time to read it.
    let shown = screen(&mut core);
    assert!(shown.contains("is back: 12 changes taken in"), "{shown}");
}

#[test]
fn a_store_that_is_behind_says_by_how_much() {
    let mut core = in_a_team();
    let mut late = team();
    late.state.behind_seconds = Some(3);
    core.update(watched(late));
    let shown = screen(&mut core);
    assert!(shown.contains("team · 3 s behind"), "{shown}");
}

#[test]
fn a_job_of_a_live_console_is_taken_over_with_the_word_alone() {
    let mut core = in_a_team();
    core.act(Action::FocusJobs);
    core.act(Action::Down);
    core.act(Action::JobRetry);
    let shown = screen(&mut core);
    assert!(shown.contains("type take"), "{shown}");
    let about = core
        .model
        .prompt
        .as_ref()
        .unwrap()
        .description
        .clone()
        .unwrap();
    assert_eq!(
        about,
        "job 7 runs at ben@soc2 (pts/2), seen 2 s ago. Take it over? ben's console loses it at once"
    );
    // A paste is no answer, and neither is yes.
    core.update(Message::TextPasted("take".into()));
    assert_eq!(types(&mut core, "y"), []);
    assert!(core.model.prompt.is_none());
    core.act(Action::JobRetry);
    let effects = types(&mut core, "take");
    assert_eq!(effects, [Effect::Jobs(JobEffect::TakeJob(JOB))]);
}

#[test]
fn a_job_that_nobody_runs_is_taken_over_with_yes_and_a_locked_console_takes_none() {
    let mut core = in_a_team();
    core.act(Action::FocusJobs);
    core.act(Action::JobRetry);
    let about = core
        .model
        .prompt
        .as_ref()
        .unwrap()
        .description
        .clone()
        .unwrap();
    assert_eq!(
        about,
        "job 8 no console runs it: soc2 (cho) was last seen 3 min 0 s ago. Take it over?"
    );
    let effects = types(&mut core, "y");
    assert_eq!(effects, [Effect::Jobs(JobEffect::TakeJob(JobId(8)))]);
    let mut core = in_a_team();
    core.act(Action::FocusJobs);
    core.act(Action::JobRetry);
    core.model.access.write_lock = true;
    assert_eq!(types(&mut core, "y"), []);
}

#[test]
fn without_a_team_the_screen_of_it_is_not_shown() {
    let mut core = core_with_people(3);
    types(&mut core, ":team");
    assert!(core.model.overlay().is_none());
    assert!(
        core.newest_notice().contains("no team store"),
        "{}",
        core.newest_notice()
    );
}
