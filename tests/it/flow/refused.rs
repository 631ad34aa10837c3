//! Jobs that do not go as planned: refused, contradicted, unclear, limited.

use super::{Driver, Rig};
use serde_json::{Map, Value, json};
use stanch::{
    app::overlay::Overlay,
    entity::{job::JobState, status::Status},
};

/// Marks so many open leaks and confirms their plan; answers their ids in the order that they are sent in.
async fn fix(driver: &mut Driver, count: usize) -> Vec<String> {
    let open = driver.rows_with(Status::Open);
    for handle in &open[..count] {
        driver.mark(*handle).settle().await;
    }
    driver.press("f").await.read_plan().await;
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

fn report_is_shown(driver: &Driver) -> bool {
    matches!(
        driver.model().overlay(),
        Some(Overlay::Job { ended: true, .. })
    )
}

#[tokio::test]
async fn a_refused_leak_is_found_reported_and_keeps_its_mark() {
    let mut rig = Rig::of(100);
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
    assert!(report_is_shown(&driver), "{}", driver.screen());
    driver.sees("5 verified").sees("1 failed");
    assert_eq!(driver.marked(), ids[2..3]);
    let statuses = driver.statuses().await;
    assert_eq!(statuses[&ids[2]], "open");
    assert_eq!(statuses[&ids[3]], "fixed");
    let job = &driver.journal.jobs().await.unwrap()[0];
    assert_eq!(job.state, JobState::DoneWithExceptions);
    driver.press("<esc>").await;
    assert!(!report_is_shown(&driver));
}

#[tokio::test]
async fn a_lie_is_contradicted_and_never_called_done() {
    let mut driver = Rig::of(100).open().await;
    driver.faults(&["lie:1"]).await;
    let ids = fix(&mut driver, 3).await;
    assert!(report_is_shown(&driver));
    driver.sees("3 contradicted");
    assert!(!driver.shows("3 verified"));
    assert_eq!(driver.marked(), ids);
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
        let mut driver = Rig::of(100).open().await;
        driver.faults(&[fault]).await;
        let ids = fix(&mut driver, 3).await;
        let sent = driver.writes().await;
        assert_eq!(sent.len(), writes, "{fault}: {sent:?}");
        let statuses = driver.statuses().await;
        assert!(ids.iter().all(|id| statuses[id] == "fixed"), "{fault}");
        assert!(driver.marked().is_empty(), "{fault}");
        assert_eq!(
            driver.journal.jobs().await.unwrap()[0].state,
            JobState::Done,
            "{fault}"
        );
    }
}

#[tokio::test]
async fn only_the_missing_half_is_sent_again() {
    let mut driver = Rig::of(100).open().await;
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
    assert!(driver.marked().is_empty());
}

#[tokio::test]
async fn a_limit_pauses_the_job_and_the_console_stays_live() {
    let mut rig = Rig::of(100);
    // The transport counts a wait from the machine's own clock.
    rig.now = jiff::Timestamp::now();
    let mut driver = rig.open().await;
    let open = driver.rows_with(Status::Open)[0];
    driver.mark(open).press("f").await.read_plan().await;
    driver.faults(&["429:1"]).await;
    driver
        .keys("y")
        .until("the job pauses", |model| {
            model.jobs.running.iter().any(|job| job.paused.is_some())
        })
        .await;
    driver
        .keys("gg")
        .take_in()
        .await
        .sees("rate-limited, resumes in");
    driver.faults(&[]).await;
    driver.settle().await;
    assert!(driver.marked().is_empty());
    assert_eq!(
        driver.journal.jobs().await.unwrap()[0].state,
        JobState::Done
    );
}

#[tokio::test]
async fn a_leak_of_an_unfinished_job_is_not_planned_again() {
    let mut driver = Rig::of(100).open().await;
    let open = driver.rows_with(Status::Open)[0];
    driver.mark(open).press("f").await.read_plan().await;
    driver.faults(&["hang:1"]).await;
    driver
        .keys("y")
        .until("a job runs", |model| !model.jobs.running.is_empty())
        .await;
    driver.keys("f").take_in().await.sees("1 skipped: in job 1");
    driver.sees("Nothing to change");
    driver.faults(&[]).await;
}
