//! What jobs look like: the question at the start, a job that waits for its provider, one that was stopped, a report with
//! failures, the jobs pane, and all of it where another console writes.
//!
//! `STANCH_PICTURES=1 cargo test --test it pictures` makes the pictures under `assets/pictures/` anew.

use super::{
    super::support::{
        console_fixture::look,
        picture::assert_picture,
        test_backend::{screen_text, styles},
    },
    Core,
    core_fixture::{id, name, profile},
    job::{
        JOB, answer, confirm, end, read, read_back_request, read_fixed, record_job, rejected,
        sent_changes, unreachable,
    },
    job_control::{change, job},
};
use ratatui::{buffer::Buffer, layout::Rect};
use stanch::{
    action::Action,
    app::{self, effect::Effect, message::Message, model::JournalAccess},
    config::Config,
    entity::{
        change_response::{ChangeResponse, ReadBack},
        error::{JournalError, ProviderError},
        job::{Change, ChangeState, Job, JobCommand, JobRecord, JobState, PauseReason},
        key::JobId,
        leak::{FIELD_COUNT, LeakBatch, LeakField, LeakRef, PasswordState},
        page::{LeakPage, PageRequest},
        profile::RateBudget,
        status::Status,
    },
    ui::{self, redraw::UnchangedRows},
};
use std::{sync::Arc, time::Duration};

const SIZES: [(u16, u16); 3] = [(160, 48), (80, 24), (40, 12)];

/// Every size as text and styles, the largest as a picture too.
fn snapshots(name: &str, core: &mut Core) {
    snapshots_of(&format!("job-{name}"), core);
}

pub(super) fn snapshots_of(name: &str, core: &mut Core) {
    let look = look(&Config::default().theme);
    for (columns, rows) in SIZES {
        core.update(Message::TerminalResized { columns, rows });
        let buffer = &draw(core, &look, (columns, rows));
        let shown = format!("{}\n{}", screen_text(buffer), styles(buffer));
        insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), shown);
        if (columns, rows) == SIZES[0] {
            assert_picture(&format!("{name}-{columns}x{rows}"), buffer);
        }
    }
}

/// What is on a screen of 80 columns.
pub(super) fn screen(core: &mut Core) -> String {
    screen_at(core, SIZES[1])
}

/// What is shown at this size.
pub(super) fn screen_at(core: &mut Core, (columns, rows): (u16, u16)) -> String {
    core.update(Message::TerminalResized { columns, rows });
    screen_text(&draw(
        core,
        &look(&Config::default().theme),
        (columns, rows),
    ))
}

/// A frame of this size.
fn draw(core: &Core, look: &ui::Look, (columns, rows): (u16, u16)) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    ui::draw(&core.model, look, &UnchangedRows::NONE, &mut buffer);
    buffer
}

const LOGINS: [&str; 12] = [
    "aisha.kowalski@northlake.example",
    "navarro.dmitri@northlake.example",
    "bakker.theo@brightfield.example",
    "novak.camille@post.example",
    "rafael.holm@orchidhealth.example",
    "steiner.tessa@mail.example",
    "iyer.elena@harborbank.example",
    "leonie_romano@northlake.example",
    "mina.duarte@mail.example",
    "jansen.viktor@harborbank.example",
    "ivan.iyer@quillworks.example",
    "vera.castillo@saltmarsh.example",
];

const SITES: [&str; 7] = [
    "https://vpn.northlake.example/remote/login",
    "https://sso.orchidhealth.example/adfs/ls/",
    "https://webmail.harborbank.example/owa/auth/logon.aspx",
    "https://shop.brightfield.example/account/login",
    "https://app.crm-harbor.example/login",
    "https://gitlab.brightfield.example/users/sign_in",
    "https://citrix.northlake.example/logon/LogonPoint/index.html",
];

/// Leaks of people, none of them fixed.
fn people(count: u32) -> LeakPage {
    let mut leaks = LeakBatch::with_capacity(0);
    for number in 1..=count {
        let id = id(number);
        let at = number as usize;
        let mut fields = [None; FIELD_COUNT];
        fields[LeakField::Id as usize] = Some(id.as_bytes());
        fields[LeakField::Login as usize] = Some(LOGINS[at * 5 % LOGINS.len()].as_bytes());
        fields[LeakField::Url as usize] = Some(SITES[at * 3 % SITES.len()].as_bytes());
        leaks.push(&LeakRef {
            fields,
            status: Status::Open,
            password: PasswordState::Hidden,
            risk: None,
            damaged: false,
            credential: None,
        });
    }
    LeakPage {
        leaks,
        total: Some(count.into()),
        page_size: 1_000,
        ..LeakPage::default()
    }
}

/// A console on one account with leaks.
pub(super) fn core_with_people(count: u32) -> Core {
    let mut acme = profile("acme");
    acme.provider_title = "ProjectDiscovery".into();
    acme.environment = "prod".into();
    acme.capabilities.bulk_size = 8;
    acme.capabilities.page_size = 1_000;
    let mut core = Core::with_profiles(vec![acme]);
    app::start(&mut core.model);
    let state = core.model.data.profile(&name("acme")).unwrap();
    let request = state.paging.request.unwrap();
    core.update(Message::PageLoaded {
        request,
        profile: name("acme"),
        page: PageRequest { index: 0, size: 10 },
        result: Ok(Arc::new(people(count))),
    });
    assert!(core.model.data.is_complete());
    core
}

/// A job on so many of them that has just sent its first chunk.
fn running_job(count: u32) -> (Core, Vec<Effect>) {
    let mut core = core_with_people(60);
    let numbers: Vec<u32> = (1..=count).collect();
    let effects = confirm(&mut core, &numbers);
    let effects = record_job(&mut core, &effects, JOB);
    (core, effects)
}

/// The journal tells of the job as it stands, and the operator looks at it.
fn inspect(core: &mut Core, state: JobState) {
    let changes = core.model.jobs.running[0].changes.clone();
    let record = job(core, state, &changes);
    core.update(Message::JobsLoaded(Ok(vec![record.clone()])));
    core.act(Action::FocusJobs);
    core.act(Action::Drill);
    core.update(Message::JobLoaded(Ok(Box::new(JobRecord {
        job: record,
        changes,
    }))));
}

#[test]
fn pictures_unfinished_jobs_at_the_start() {
    let mut core = core_with_people(60);
    let changes = [
        change(1, ChangeState::Verified),
        change(2, ChangeState::Inflight),
        change(3, ChangeState::Pending),
    ];
    let mut old = job(&core, JobState::Paused, &changes);
    old.created_at -= Duration::from_secs(50 * 3_600);
    old.pause = Some((PauseReason::Auth, None));
    let mut young = job(&core, JobState::Running, &changes);
    young.id = JobId(2);
    core.update(Message::JobsLoaded(Ok(vec![young, old])));
    snapshots("resume", &mut core);
}

#[test]
fn pictures_a_job_that_waits_for_its_provider() {
    let (mut core, mut effects) = running_job(40);
    for _ in 0..2 {
        let chunk = sent_changes(&effects).unwrap();
        effects = answer(&mut core, &chunk, ChangeResponse::Accepted);
    }
    let chunk = sent_changes(&effects).unwrap();
    let until = core.now.wall + Duration::from_secs(30);
    let limited = ChangeResponse::RateLimited(ProviderError::RateLimited { until });
    answer(&mut core, &chunk, limited);
    core.advance_clock(Duration::from_secs(7));
    inspect(&mut core, JobState::Running);
    snapshots("limited", &mut core);
}

#[test]
fn the_time_left_knows_how_long_the_budget_holds_the_job_up() {
    for wait in [5, 52, 61] {
        let (mut core, effects) = running_job(40);
        core.advance_clock(Duration::from_secs(3));
        let chunk = sent_changes(&effects).unwrap();
        answer(&mut core, &chunk, ChangeResponse::Accepted);
        let until = core.now.wall + Duration::from_secs(wait);
        core.update(Message::BudgetChanged {
            profile: name("acme"),
            budget: Box::new(RateBudget {
                limit: Some(10),
                used: 10,
                free_at: Some(until),
                wait_until: Some(until),
                throttle_signals: 0,
                reading: None,
                part: None,
            }),
        });
        inspect(&mut core, JobState::Running);
        let shown = screen(&mut core);
        let shown: String = shown
            .replace("│\n│", "")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            shown.contains(&format!("rate-limited, {wait} s")),
            "{shown}"
        );
        let left = shown.split("about ").nth(1).unwrap();
        let left = left.split(" left").next().unwrap();
        let units: Vec<&str> = left.split(' ').collect();
        let seconds: u64 = match units[..] {
            [seconds, "s"] => seconds.parse().unwrap(),
            [minutes, "min", seconds, "s"] => {
                minutes.parse::<u64>().unwrap() * 60 + seconds.parse::<u64>().unwrap()
            }
            _ => panic!("{shown}"),
        };
        assert!((wait..wait + 20).contains(&seconds), "{shown}");
    }
}

#[test]
fn pictures_a_job_that_was_stopped() {
    let (mut core, mut effects) = running_job(40);
    let chunk = sent_changes(&effects).unwrap();
    effects = answer(&mut core, &chunk, ChangeResponse::Accepted);
    let chunk = sent_changes(&effects).unwrap();
    let refused = ProviderError::Unauthorised { status: 401 };
    answer(&mut core, &chunk, ChangeResponse::Unauthorised(refused));
    inspect(&mut core, JobState::Paused);
    snapshots("stopped", &mut core);
}

#[test]
fn pictures_a_report_with_failures() {
    let (mut core, mut effects) = running_job(40);
    let bad: Vec<(usize, u16)> = vec![(2, 403), (11, 404), (12, 404), (29, 403)];
    let keys: Vec<_> = bad
        .iter()
        .map(|(at, code)| (core.model.jobs.running[0].changes[*at].key.clone(), *code))
        .collect();
    while let Some(chunk) = sent_changes(&effects) {
        let of = |change: &Change| keys.iter().find(|(key, _)| *key == change.key);
        let given = match chunk.iter().find_map(of) {
            Some((_, 403)) => ChangeResponse::Refused {
                status: 403,
                error: ProviderError::Forbidden { message: None },
            },
            Some(_) => ChangeResponse::Refused {
                status: 404,
                error: ProviderError::NotFound {
                    status: 404,
                    message: None,
                },
            },
            None => ChangeResponse::Accepted,
        };
        effects = answer(&mut core, &chunk, given);
    }
    let next = read_back_request(&effects).unwrap();
    core.advance_clock(Duration::from_secs(75));
    read(&mut core, &next, |change| {
        let bad = keys.iter().find(|(key, _)| *key == change.key);
        bad.map_or_else(
            || read_fixed(change),
            |(_, status)| ReadBack::Gone { status: *status },
        )
    });
    let changes = core.model.jobs.running[0].changes.clone();
    let mut ended = job(&core, JobState::DoneWithExceptions, &changes);
    ended.created_at -= Duration::from_secs(75);
    ended.ended_at = Some(core.now.wall);
    ended.reason = Some("stealer campaign of week 8".into());
    ended.ticket = Some("SEC-4711".into());
    (ended.timing.writes, ended.timing.reads) = (28, 1);
    core.update(Message::JobsLoaded(Ok(vec![ended.clone()])));
    end(&mut core, JobState::DoneWithExceptions);
    core.update(Message::JobLoaded(Ok(Box::new(JobRecord {
        job: ended,
        changes,
    }))));
    snapshots("failures", &mut core);
}

/// Jobs of every kind, the newest first.
fn history(core: &Core) -> Vec<Job> {
    let verified: Vec<Change> = (1..=17)
        .map(|number| change(number, ChangeState::Verified))
        .collect();
    let mut mixed = verified.clone();
    mixed[3] = change(4, ChangeState::Refused);
    mixed[9] = change(10, ChangeState::Contradicted);
    let mut open = verified.clone();
    for (number, open) in (1..).zip(&mut open).skip(6) {
        *open = change(number, ChangeState::Pending);
    }
    let of = |id: i64, state, changes: &[Change], hours: u64| {
        let mut job = job(core, state, changes);
        job.id = JobId(id);
        job.created_at -= Duration::from_secs(hours * 3_600);
        job.plan_hash = format!("{:012x}{:052}", 0x1c1e_09d4_b7f2_u64 * id.unsigned_abs(), 0);
        if state.is_final() {
            job.ended_at = Some(job.created_at + Duration::from_secs(41));
        }
        (job.timing.writes, job.timing.reads, job.timing.journal_ms) = (3, 4, 212);
        job
    };
    let mut undo = of(4, JobState::Done, &verified, 1);
    (undo.command, undo.wanted, undo.undo_of) = (JobCommand::Undo, Status::Open, Some(JobId(1)));
    let mut done = of(1, JobState::Done, &verified, 30);
    done.undone_by = Some(JobId(4));
    vec![
        of(5, JobState::Running, &open, 0),
        undo,
        of(3, JobState::Cancelled, &open, 5),
        of(2, JobState::DoneWithExceptions, &mixed, 26),
        done,
    ]
}

#[test]
fn pictures_the_jobs_pane() {
    let mut core = core_with_people(60);
    core.model.jobs.resume_prompted = true;
    let jobs = history(&core);
    core.update(Message::JobsLoaded(Ok(jobs)));
    core.act(Action::FocusJobs);
    core.act(Action::Down);
    core.advance_clock(Duration::from_millis(500));
    core.update(Message::TimerFired);
    snapshots("pane", &mut core);
}

#[test]
fn pictures_a_console_that_watches() {
    let mut core = core_with_people(60);
    core.model.access.journal = JournalAccess::Follower {
        holder: "ana@jump-1, process 4711, since 2026-03-01T11:02:31Z".into(),
    };
    let jobs = history(&core);
    core.update(Message::JobsLoaded(Ok(jobs)));
    core.act(Action::MarkFixed);
    core.act(Action::FocusJobs);
    snapshots("watching", &mut core);
}

/// How a job comes to be stopped or made to wait.
type StopJob = fn(&mut Core, &[Change]);

#[test]
fn whatever_stops_a_job_has_its_own_words_and_says_what_to_do() {
    fn fails(core: &mut Core, chunk: &[Change], error: JournalError) {
        let indexes = chunk.iter().map(|change| change.index).collect();
        core.update(Message::ChunkAnswered {
            job: JOB,
            indexes,
            result: Err(error),
        });
    }
    fn unread(core: &mut Core, chunk: &[Change], error: ProviderError) {
        let effects = answer(core, chunk, ChangeResponse::Ambiguous(error));
        assert!(
            read_back_request(&effects).is_some(),
            "it is read, and not sent again"
        );
    }
    let table: [(&str, StopJob, &[&str]); 9] = [
        (
            "429",
            |core, chunk| {
                let until = core.now.wall + Duration::from_secs(30);
                let limited = ProviderError::RateLimited { until };
                answer(core, chunk, ChangeResponse::RateLimited(limited));
            },
            &[
                "rate-limited, resumes in 30 s",
                "nothing is sent until then",
            ],
        ),
        (
            "a long 429",
            |core, chunk| {
                let until = core.now.wall + Duration::from_secs(3_600);
                let limited = ProviderError::RateLimited { until };
                answer(core, chunk, ChangeResponse::RateLimited(limited));
            },
            &["rate-limited:", "hint: wait", "p resumes"],
        ),
        (
            "no connection",
            |core, chunk| {
                answer(core, chunk, ChangeResponse::NotSent(unreachable(true)));
            },
            &["not reached, resumes in 1 s"],
        ),
        (
            "a refused key",
            |core, chunk| {
                let refused = ProviderError::Unauthorised { status: 401 };
                answer(core, chunk, ChangeResponse::Unauthorised(refused));
            },
            &[
                "key refused:",
                "hint: check this profile's key",
                "p resumes",
            ],
        ),
        (
            "500",
            |core, chunk| unread(core, chunk, rejected(500)),
            &["reading", "unknown"],
        ),
        (
            "a time-out",
            |core, chunk| unread(core, chunk, ProviderError::Timeout { why: "x".into() }),
            &["reading", "unknown"],
        ),
        (
            "a cut",
            |core, chunk| unread(core, chunk, unreachable(false)),
            &["reading", "unknown"],
        ),
        (
            "a full disk",
            |core, chunk| fails(core, chunk, JournalError::Full),
            &["disk full:", "hint: free some space", "p resumes"],
        ),
        (
            "a journal that cannot be written",
            |core, chunk| {
                let why = "/state/journal.db: the disk failed".to_owned();
                fails(core, chunk, JournalError::Io { why });
            },
            &["journal failed:", "hint: check the state directory"],
        ),
    ];
    for (what, stops, said) in table {
        let (mut core, effects) = running_job(8);
        let chunk = sent_changes(&effects).unwrap();
        stops(&mut core, &chunk);
        inspect(&mut core, JobState::Running);
        let shown = screen(&mut core);
        for words in said {
            assert!(shown.contains(words), "{what}: no {words:?} in\n{shown}");
        }
    }
}

#[test]
fn lines_that_could_not_be_written_are_told_of() {
    let (mut core, effects) = running_job(2);
    let chunk = sent_changes(&effects).unwrap();
    let effects = answer(&mut core, &chunk, ChangeResponse::Accepted);
    let next = read_back_request(&effects).unwrap();
    read(&mut core, &next, read_fixed);
    core.update(Message::JobStateRecorded {
        job: JOB,
        state: JobState::Done,
        paused: None,
        result: Ok(()),
        audit_result: Err(JournalError::Full),
    });
    let said = core.newest_notice();
    assert!(
        said.contains("job 1 has ended, and its lines are not in the audit log: the disk is full"),
        "{said}"
    );
    assert_eq!(core.model.jobs.not_audited, [(JOB, JournalError::Full)]);
}
