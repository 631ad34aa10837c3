//! Jobs that do not go as planned: refused, contradicted, unclear, limited.

use super::{ConsoleFixture, Driver};
use serde_json::{Map, Value, json};
use stanch::{
    app::overlay::Overlay,
    entity::{job::JobState, status::Status},
};

/// Marks so many open leaks and confirms their plan; answers their ids in the order that they are sent in.
async fn fix(driver: &mut Driver, count: usize) -> Vec<String> {
    let open = driver.rows_with(Status::Open);
    for handle in &open[..count] {
        driver.mark(*handle).run_until_settled().await;
    }
    driver.press("f").await.wait_for_reading_time().await;
    let mut ids: Vec<_> = open[..count]
        .iter()
        .map(|handle| driver.id(*handle))
        .collect();
    ids.sort();
    driver.press("y").await;
    ids
}

async fn refuse(driver: &Driver, ids: &[&String], status: u16) {
    let refused: Map<String, Value> = ids
        .iter()
        .map(|id| ((*id).clone(), json!(status)))
        .collect();
    let body = json!({"projectdiscovery": {"refuse": refused}});
    driver.control_post("/leaks", body).await;
}

fn is_report_shown(driver: &Driver) -> bool {
    matches!(
        driver.model().overlay(),
        Some(Overlay::Job { finished: true, .. })
    )
}

#[tokio::test]
async fn a_refused_leak_is_found_reported_and_keeps_its_mark() {
    let mut rig = ConsoleFixture::with_leaks(100);
    rig.bulk_size = 2;
    let mut driver = rig.open().await;
    // In the order of keys the second chunk holds the leak that is refused.
    let mut ids: Vec<_> = driver.rows_with(Status::Open)[..6]
        .iter()
        .map(|handle| driver.id(*handle))
        .collect();
    ids.sort();
    refuse(&driver, &[&ids[2]], 403).await;
    assert_eq!(fix(&mut driver, 6).await, ids);
    assert!(is_report_shown(&driver), "{}", driver.screen());
    driver.assert_screen("5 verified").assert_screen("1 failed");
    assert_eq!(driver.marked_ids(), ids[2..3]);
    let statuses = driver.statuses().await;
    assert_eq!(statuses[&ids[2]], "open");
    assert_eq!(statuses[&ids[3]], "fixed");
    let job = &driver.journal.jobs().await.unwrap()[0];
    assert_eq!(job.state, JobState::DoneWithExceptions);
    driver.press("<esc>").await;
    assert!(!is_report_shown(&driver));
}

#[tokio::test]
async fn a_lie_is_contradicted_and_never_called_done() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver.faults(&["lie:1"]).await;
    let ids = fix(&mut driver, 3).await;
    assert!(is_report_shown(&driver));
    driver.assert_screen("3 contradicted");
    assert!(!driver.shows("3 verified"));
    assert_eq!(driver.marked_ids(), ids);
    let job = &driver.journal.jobs().await.unwrap()[0];
    assert_eq!(job.state, JobState::DoneWithExceptions);
}

#[tokio::test]
async fn an_unclear_answer_is_read_back_before_anything_is_sent_again() {
    for (fault, writes) in [
        ("500-after:1", 1),
        ("drop-after:1", 1),
        ("truncate-write:1", 1),
    ] {
        let mut driver = ConsoleFixture::with_leaks(100).open().await;
        driver.faults(&[fault]).await;
        let ids = fix(&mut driver, 3).await;
        let sent = driver.writes().await;
        assert_eq!(sent.len(), writes, "{fault}: {sent:?}");
        let statuses = driver.statuses().await;
        assert!(ids.iter().all(|id| statuses[id] == "fixed"), "{fault}");
        assert!(driver.marked_ids().is_empty(), "{fault}");
        assert_eq!(
            driver.journal.jobs().await.unwrap()[0].state,
            JobState::Done,
            "{fault}"
        );
    }
}

#[tokio::test]
async fn only_the_missing_half_is_sent_again() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    // The second write is answered as it should be.
    driver.faults(&["half:3"]).await;
    // Two writes that are well, so that the third is halved.
    fix(&mut driver, 1).await;
    fix(&mut driver, 1).await;
    let ids = fix(&mut driver, 4).await;
    let sent = driver.writes().await;
    assert_eq!(sent.len(), 4, "{sent:?}");
    assert_eq!(sent[3]["ids"].as_array().unwrap().len(), 2);
    let statuses = driver.statuses().await;
    assert!(ids.iter().all(|id| statuses[id] == "fixed"));
    assert!(driver.marked_ids().is_empty());
}

#[tokio::test]
async fn a_limit_pauses_the_job_and_the_console_stays_live() {
    let mut rig = ConsoleFixture::with_leaks(100);
    // The transport counts a wait from the machine's own clock.
    rig.now = jiff::Timestamp::now();
    let mut driver = rig.open().await;
    let open = driver.rows_with(Status::Open)[0];
    driver
        .mark(open)
        .press("f")
        .await
        .wait_for_reading_time()
        .await;
    driver.faults(&["429:1"]).await;
    driver
        .keys("y")
        .run_until("the job pauses", |model| {
            model.jobs.running.iter().any(|job| job.paused.is_some())
        })
        .await;
    driver
        .keys("gg")
        .handle_pending()
        .await
        .assert_screen("rate-limited, resumes in");
    driver.faults(&[]).await;
    driver.run_until_settled().await;
    assert!(driver.marked_ids().is_empty());
    assert_eq!(
        driver.journal.jobs().await.unwrap()[0].state,
        JobState::Done
    );
}

#[tokio::test]
async fn a_leak_of_an_unfinished_job_is_not_planned_again() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    let open = driver.rows_with(Status::Open)[0];
    driver
        .mark(open)
        .press("f")
        .await
        .wait_for_reading_time()
        .await;
    driver.faults(&["hang:1"]).await;
    driver
        .keys("y")
        .run_until("a job runs", |model| !model.jobs.running.is_empty())
        .await;
    driver
        .keys("f")
        .handle_pending()
        .await
        .assert_screen("1 skipped: in job 1");
    driver.assert_screen("Nothing to change");
    driver.faults(&[]).await;
}
