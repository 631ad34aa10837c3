//! The screen of a job, opened at every step of one and left open until it has ended: what it says then is what the
//! journal says, and what `stanch jobs show` says.

use super::{ConsoleFixture, Driver};
use serde_json::Value;
use stanch::{
    app::{job::RunningJob, model::Model, overlay::Overlay},
    entity::{
        job::{ChangeOutcome, ChangeState, JobState},
        key::JobId,
    },
};
use std::{collections::BTreeMap, time::Duration};
use strum::IntoEnumIterator;

const LEAKS: usize = 50;

fn fixture() -> ConsoleFixture {
    let mut rig = ConsoleFixture::with_leaks(400);
    rig.bulk_size = 10;
    rig
}

/// A console with the plan of a job of fifty on the screen, read and not yet answered.
async fn driver_with_plan(rig: ConsoleFixture) -> Driver {
    let mut driver = rig.open().await;
    driver.press("/status:open<enter>").await;
    mark(&mut driver, LEAKS).await;
    driver.press("f").await.wait_for_reading_time().await;
    driver.assert_screen("50 will change");
    driver
}

/// Marks so many from the cursor on.
async fn mark(driver: &mut Driver, count: usize) {
    let keys = format!("v{}v", "j".repeat(count - 1));
    driver.press(&keys).await;
}

fn running_job(model: &Model) -> Option<&RunningJob> {
    model
        .jobs
        .running
        .iter()
        .find(|job| job.changes.len() == LEAKS)
}

fn in_state(model: &Model, state: ChangeState) -> usize {
    let changes = running_job(model).map_or(&[][..], |job| &job.changes);
    changes
        .iter()
        .filter(|change| change.state() == state)
        .count()
}

/// The newest job is in the list.
fn is_listed(model: &Model) -> bool {
    model
        .workspace
        .jobs
        .jobs
        .iter()
        .any(|job| job.counts.sum() == LEAKS as u64)
}

/// Opens the screen of the newest job while everything goes on.
async fn open_job_screen(driver: &mut Driver) {
    driver.keys("w<enter>").handle_pending().await;
    assert!(is_open(driver), "{}", driver.screen());
    assert!(!driver.shows("interrupted"), "{}", driver.screen());
}

fn is_open(driver: &Driver) -> bool {
    matches!(driver.model().overlay(), Some(Overlay::Job { .. }))
}

/// The screen without its last line, where notices come and go.
fn screen(driver: &Driver) -> String {
    let screen = driver.screen();
    let lines: Vec<&str> = screen.lines().collect();
    lines[..lines.len() - 1].join("\n")
}

/// When all is done, the screen that was open all the time says what the journal says, and so does a new one.
async fn assert_numbers_agree(driver: &mut Driver, when: &str) {
    driver.run_until_settled().await;
    assert!(
        driver.model().jobs.running.is_empty(),
        "{when}: {}",
        driver.screen()
    );
    assert!(is_open(driver), "{when}: {}", driver.screen());
    let job = driver.journal.jobs().await.unwrap().remove(0);
    let record = driver.journal.job(job.id).await.unwrap();
    assert!(record.job.state.is_final(), "{when}");
    assert_eq!(record.job.counts.sum(), LEAKS as u64, "{when}");
    driver
        .assert_screen("report")
        .assert_screen(&format!("= {LEAKS}"));
    assert!(!driver.shows("interrupted"), "{when}: {}", driver.screen());
    for outcome in ChangeOutcome::iter() {
        let count = record.job.counts.get(outcome);
        if count > 0 {
            driver.assert_screen(&format!("{count} {outcome}"));
        }
    }
    let Some(Overlay::Job { record: shown, .. }) = driver.model().overlay() else {
        panic!("{when}")
    };
    assert_eq!(shown.as_deref(), Some(&record), "{when}");
    assert_command_agrees(driver, job.id, when).await;
    let followed = screen(driver);
    driver.press("<esc>").await;
    assert!(!is_open(driver), "{when}: one screen a job");
    driver.press("w<enter>").await;
    assert_eq!(followed, screen(driver), "{when}");
}

/// A command on the console's own journal, by the program itself.
async fn command(driver: &Driver, arguments: &[&str]) -> Value {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_stanch"))
        .args(arguments)
        .args(["--format", "json"])
        .env_clear()
        .env("HOME", driver.state.path())
        .env("STANCH_STATE_DIR", driver.state.path().join("state"))
        .stdin(std::process::Stdio::null())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The numbers that the screen of a job gives, by their words; those that it leaves out are nought.
fn numbers(driver: &Driver, id: JobId) -> BTreeMap<String, u64> {
    let screen = driver.screen();
    let lines = screen
        .lines()
        .map(|line| line.trim_matches(['│', ' ']))
        .collect::<Vec<_>>()
        .join(" ");
    let (_, from) = lines.split_once(&format!("job {id}: ")).unwrap();
    let (words, sum) = from.split_once(" = ").unwrap();
    let sum: u64 = sum.split(' ').next().unwrap().parse().unwrap();
    let mut numbers: BTreeMap<String, u64> = ChangeOutcome::iter()
        .map(|outcome| (outcome.to_string(), 0))
        .collect();
    // What failed has its codes behind it.
    for part in words.split(", ") {
        let Some((count, words)) = part.split_once(' ') else {
            continue;
        };
        let outcome = ChangeOutcome::iter().find(|outcome| words.starts_with(outcome.in_words()));
        let number = outcome.and_then(|outcome| numbers.get_mut(&outcome.to_string()));
        if let (Ok(count), Some(number)) = (count.parse(), number) {
            *number = count;
        }
    }
    assert_eq!(numbers.values().sum::<u64>(), sum, "{screen}");
    numbers
}

/// What becomes of each change by the screen's list of them, as numbers; the screen is high enough for all.
fn listed_numbers(driver: &Driver) -> BTreeMap<String, u64> {
    let screen = driver.screen();
    let rows = screen
        .lines()
        .skip_while(|line| !line.contains("  outcome"));
    let mut listed = BTreeMap::new();
    for row in rows.skip(1) {
        let Some((_, words)) = row.trim_matches(['│', ' ']).split_once(' ') else {
            continue;
        };
        if let Some(outcome) = ChangeOutcome::iter().find(|it| words.starts_with(it.in_words())) {
            *listed.entry(outcome.to_string()).or_default() += 1;
        }
    }
    listed
}

/// The screen says of the job what `jobs show` says, at every size: each number, the state, and each change.
async fn assert_command_agrees(driver: &mut Driver, id: JobId, when: &str) {
    let shown = command(driver, &["jobs", "show", &id.to_string()]).await;
    let counts: BTreeMap<String, u64> =
        serde_json::from_value(shown["job"]["counts"].clone()).unwrap();
    let mut of_changes = BTreeMap::new();
    for change in shown["job"]["changes"].as_array().unwrap() {
        let outcome = change["outcome"].as_str().unwrap().to_owned();
        *of_changes.entry(outcome).or_default() += 1;
    }
    let (columns, rows) = driver.model().size;
    for size in [(160, 48), (80, 24), (40, 12), (160, 80)] {
        driver.resize(size.0, size.1).run_until_settled().await;
        driver.assert_screen("report");
        assert_eq!(numbers(driver, id), counts, "{when}: {size:?}");
    }
    assert_eq!(
        listed_numbers(driver),
        of_changes,
        "{when}: {}",
        driver.screen()
    );
    driver.resize(columns, rows).run_until_settled().await;
    let word = match shown["job"]["state"].as_str() {
        Some("done") => "✓ finished",
        Some("done_with_exceptions") => "✗ partial",
        state => panic!("{when}: {state:?}"),
    };
    driver.press("w").await;
    driver.assert_screen(word);
    driver.press("<enter>").await;
    assert!(is_open(driver), "{when}: {}", driver.screen());
}

/// A moment of a job: its name, and when it has come.
type Moment = (&'static str, fn(&Model) -> bool);

#[tokio::test]
async fn it_says_at_the_end_what_the_journal_says_whenever_it_was_opened() {
    let moments: [Moment; 6] = [
        ("planned", is_listed),
        ("first intent", |model| {
            is_listed(model) && in_state(model, ChangeState::Inflight) > 0
        }),
        ("in flight", |model| {
            is_listed(model)
                && in_state(model, ChangeState::Inflight) > 0
                && in_state(model, ChangeState::Accepted) > 0
        }),
        ("answered", |model| {
            is_listed(model) && in_state(model, ChangeState::Accepted) >= 20
        }),
        ("waiting to read back", |model| {
            is_listed(model) && running_job(model).is_some_and(|job| job.pending_reads > 0)
        }),
        ("partly verified", |model| {
            is_listed(model)
                && in_state(model, ChangeState::Verified) > 0
                && in_state(model, ChangeState::Accepted) > 0
        }),
    ];
    for (when, is) in moments {
        for fault in ["", "half-ok:3"] {
            if when == "partly verified" && fault.is_empty() {
                continue;
            }
            let mut driver = Box::pin(driver_with_plan(fixture())).await;
            if !fault.is_empty() {
                driver.faults(&[fault]).await;
            }
            driver.keys("y").run_until(when, is).await;
            open_job_screen(&mut driver).await;
            assert_numbers_agree(&mut driver, when).await;
        }
    }
}

#[tokio::test]
async fn it_says_so_of_a_job_that_waits_for_another_one() {
    let mut rig = fixture();
    rig.latency = Duration::from_millis(40);
    let mut driver = rig.open().await;
    driver.press("/status:open<enter>").await;
    driver.press("f").await.wait_for_reading_time().await;
    driver
        .keys("y")
        .run_until("the first one runs", |model| !model.jobs.running.is_empty())
        .await;
    driver
        .keys("j")
        .keys(&format!("v{}v", "j".repeat(LEAKS - 1)));
    driver.keys("f").handle_pending().await;
    driver
        .run_until("the plan is drawn", |model| {
            model.plan().is_some_and(|plan| plan.drawn_at.is_some())
        })
        .await;
    driver.clock.advance(Duration::from_millis(301));
    driver.keys("y").run_until("it is listed", is_listed).await;
    open_job_screen(&mut driver).await;
    assert_numbers_agree(&mut driver, "before the start").await;
}

#[tokio::test]
async fn it_says_so_of_a_job_that_was_held_meanwhile() {
    let mut driver = Box::pin(driver_with_plan(fixture())).await;
    driver
        .keys("y")
        .run_until("a chunk is answered", |model| {
            is_listed(model) && in_state(model, ChangeState::Accepted) >= 10
        })
        .await;
    open_job_screen(&mut driver).await;
    driver.press("p").await;
    driver.assert_screen("paused: p resumes");
    driver.press("p").await;
    assert_numbers_agree(&mut driver, "paused").await;
}

#[tokio::test]
async fn it_says_so_of_a_job_that_waited_for_its_rate() {
    let mut rig = fixture();
    // The transport counts a wait from the machine's own clock.
    rig.now = jiff::Timestamp::now();
    let mut driver = Box::pin(driver_with_plan(rig)).await;
    driver.faults(&["429:1"]).await;
    driver
        .keys("y")
        .run_until("the job waits", |model| {
            is_listed(model) && running_job(model).is_some_and(|job| job.paused.is_some())
        })
        .await;
    open_job_screen(&mut driver).await;
    driver.assert_screen("rate-limited, resumes in");
    let shown = command(&driver, &["jobs", "show", "1"]).await;
    assert_ne!(shown["job"]["paused"]["why"], "hangup", "{shown}");
    driver.faults(&[]).await;
    assert_numbers_agree(&mut driver, "waiting for a rate").await;
}

#[tokio::test]
async fn it_says_so_of_a_job_of_three_systems() {
    let rig = ConsoleFixture {
        all_systems: true,
        ..fixture()
    };
    let mut driver = rig.open().await;
    driver.press("/status:open<enter>").await;
    mark(&mut driver, LEAKS).await;
    driver.press("f").await.wait_for_reading_time().await;
    driver.faults(&["half-ok:1"]).await;
    driver.keys("y").run_until("it is listed", is_listed).await;
    open_job_screen(&mut driver).await;
    assert_numbers_agree(&mut driver, "three systems").await;
    let shown = numbers(&driver, JobId(1));
    assert!(shown["local"] > 0 && shown["verified"] > 0, "{shown:?}");
}

#[tokio::test]
async fn it_says_so_of_a_job_that_has_ended() {
    let mut driver = Box::pin(driver_with_plan(fixture())).await;
    driver.press("y").await;
    assert!(
        driver.model().overlay().is_none(),
        "clean work covers nothing"
    );
    open_job_screen(&mut driver).await;
    assert_numbers_agree(&mut driver, "ended").await;
}

#[tokio::test]
async fn after_a_restart_it_says_interrupted_until_the_job_goes_on() {
    let mut driver = Box::pin(driver_with_plan(fixture())).await;
    driver.faults(&["hang:1"]).await;
    driver
        .keys("y")
        .run_until("a job runs", |model| !model.jobs.running.is_empty())
        .await;
    let journal = driver.journal.clone();
    while journal.job(JobId(1)).await.unwrap().changes[0].attempts() == 0 {
        tokio::task::yield_now().await;
    }
    let mut rig = fixture();
    rig.state = Some(driver.end().await);
    let mut driver = rig.open().await;
    driver.wait_for_reading_time().await.press("n").await;
    driver.press("w<enter>").await;
    driver.assert_screen("interrupted: p resumes");
    driver.keys("p").handle_pending().await;
    assert!(!driver.shows("interrupted:"), "{}", driver.screen());
    assert_numbers_agree(&mut driver, "after a restart").await;
}

#[tokio::test]
async fn its_keys_work_and_stand_in_its_footer() {
    let mut driver = Box::pin(driver_with_plan(fixture())).await;
    driver.faults(&["half-ok:3"]).await;
    driver.press("y").await;
    assert!(is_open(&driver), "{}", driver.screen());
    let footer = driver.footer();
    for words in [
        "? help",
        "r retry",
        "u undo",
        "E evidence",
        "! messages",
        "w jobs",
        "esc back",
    ] {
        assert!(footer.contains(words), "{words}: {footer}");
    }
    driver
        .press("?")
        .await
        .assert_screen("Try again what failed");
    driver.press("<esc>!").await.assert_screen("what happened");
    driver.press("<esc>").await;
    assert!(is_open(&driver));
    driver
        .press("E")
        .await
        .assert_screen("evidence to:")
        .assert_screen("job-1");
    driver.press("<esc>").await;
    assert!(is_open(&driver), "{}", driver.screen());
    driver.press("w").await;
    assert!(driver.model().overlays.is_empty(), "{}", driver.screen());
    assert_eq!(driver.model().workspace.jobs.list.cursor(), Some(JobId(1)));
    driver.press("<enter>r").await.assert_screen("will change");
    driver.read_plan_and_apply().await;
    let jobs = driver.journal.jobs().await.unwrap();
    assert_eq!(jobs[0].retry_of, Some(JobId(1)));
    assert_eq!(jobs[1].state, JobState::DoneWithExceptions);
}
