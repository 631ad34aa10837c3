//! Jobs end to end in the console: halved, undone, redone, called off, and taken up by the next console.

use super::{ConsoleFixture, Driver};
use serde_json::{Map, Value, json};
use stanch::{
    app::overlay::Overlay,
    entity::{
        job::{JobCommand, JobState, SkipCode},
        key::JobId,
        status::Status,
    },
};

async fn set(driver: &Driver, ids: &[String], status: &str) {
    let statuses: Map<String, Value> = ids.iter().map(|id| (id.clone(), json!(status))).collect();
    let body = json!({"projectdiscovery": statuses});
    driver.control_post("/statuses", body).await;
}

/// Marks so many of the rows with a status, and answers their ids.
async fn mark(driver: &mut Driver, status: Status, count: usize) -> Vec<String> {
    let rows = driver.rows_with(status)[..count].to_vec();
    for row in &rows {
        driver.mark(*row).run_until_settled().await;
    }
    rows.iter().map(|row| driver.id(*row)).collect()
}

#[tokio::test]
async fn of_four_hundred_the_seven_that_are_refused_are_found() {
    let mut driver = ConsoleFixture::with_leaks(1_200).open().await;
    driver.press("/status:open<enter>").await;
    let keys = format!("v{}v", "j".repeat(399));
    driver.press(&keys).await;
    let ids = driver.marked_ids();
    assert_eq!(ids.len(), 400);
    let bad: Vec<_> = [3, 77, 130, 131, 250, 399, 205]
        .map(|at| ids[at].clone())
        .into();
    let refuse: Map<String, Value> = bad
        .iter()
        .zip([403, 404].into_iter().cycle())
        .map(|(id, status)| (id.clone(), json!(status)))
        .collect();
    let body = json!({"projectdiscovery": {"refuse": refuse}});
    driver.control_post("/leaks", body).await;
    driver
        .press("f")
        .await
        .wait_for_reading_time()
        .await
        .press("400y")
        .await;

    let job = driver.journal.jobs().await.unwrap().remove(0);
    assert_eq!(job.state, JobState::DoneWithExceptions);
    assert_eq!((job.counts.verified, job.counts.failed), (393, 7));
    assert_eq!(job.counts.sum(), 400);
    let writes = driver.writes().await;
    assert!(writes.len() <= 4 + 7 * 14, "{} writes", writes.len());
    let record = driver.journal.job(job.id).await.unwrap();
    for change in &record.changes {
        let id = change.key.id.as_str().unwrap();
        if let Some(at) = bad.iter().position(|bad| bad == id) {
            assert_eq!(change.code(), Some([403, 404][at % 2]), "{id}");
            assert!(change.reason().is_some());
        }
    }
    let mut sorted = bad.clone();
    sorted.sort();
    assert_eq!(driver.marked_ids(), sorted, "they keep their marks");
    driver
        .assert_screen("393 verified")
        .assert_screen("7 failed")
        .assert_screen("failed 404");
}

#[tokio::test]
async fn undo_and_redo_leave_alone_what_others_have_changed() {
    let mut driver = ConsoleFixture::with_leaks(200).open().await;
    let open = mark(&mut driver, Status::Open, 17).await;
    let already = mark(&mut driver, Status::Fixed, 3).await;
    driver.press("f").await.read_plan_and_apply().await;
    let job = driver.journal.jobs().await.unwrap().remove(0);
    assert_eq!((job.counts.verified, job.counts.skipped), (17, 3));

    set(&driver, &open[..2], "open").await;
    driver.press("u").await;
    let plan = &driver.model().plan().unwrap().plan;
    assert_eq!(
        (plan.command, plan.source_job),
        (JobCommand::Undo, Some(job.id))
    );
    assert_eq!(plan.eligible.len(), 15);
    let drifted = plan
        .skipped
        .iter()
        .filter(|skipped| skipped.code == SkipCode::Drifted);
    assert_eq!(drifted.count(), 2);
    driver.assert_screen("15 will change, 2 skipped");
    driver.read_plan_and_apply().await;
    let undo = driver.journal.jobs().await.unwrap().remove(0);
    assert_eq!(
        (undo.command, undo.undo_of),
        (JobCommand::Undo, Some(job.id))
    );
    assert_eq!((undo.counts.verified, undo.counts.drifted), (15, 2));
    let statuses = driver.statuses().await;
    assert!(open.iter().all(|id| statuses[id] == "open"));
    assert!(already.iter().all(|id| statuses[id] == "fixed"));
    let undone = driver.journal.job(job.id).await.unwrap().job;
    assert_eq!(undone.undone_by, Some(undo.id));

    driver.press("<esc>U").await.assert_screen("15 will change");
    driver.read_plan_and_apply().await;
    let statuses = driver.statuses().await;
    assert!(open[..2].iter().all(|id| statuses[id] == "open"));
    assert!(open[2..].iter().all(|id| statuses[id] == "fixed"));
    let redo = driver.journal.jobs().await.unwrap().remove(0);
    assert_eq!(
        (redo.command, redo.redo_of),
        (JobCommand::Redo, Some(undo.id))
    );
}

#[tokio::test]
async fn an_undo_restores_what_we_kept_and_what_the_provider_had() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    let ids = mark(&mut driver, Status::Open, 2).await;
    // The provider keeps open, and we keep the rest.
    driver
        .press("si")
        .await
        .wait_for_reading_time()
        .await
        .press("cy")
        .await;
    assert!(driver.marked_ids().is_empty());
    let rows: Vec<_> = driver.rows_with(Status::Investigating);
    assert_eq!(rows.len(), 2);
    for row in &rows {
        driver.mark(*row).run_until_settled().await;
    }
    driver.press("f").await.read_plan_and_apply().await;
    let statuses = driver.statuses().await;
    assert!(ids.iter().all(|id| statuses[id] == "fixed"));
    driver.press("u").await.assert_screen("2 will change");
    driver.read_plan_and_apply().await;
    let statuses = driver.statuses().await;
    assert!(ids.iter().all(|id| statuses[id] == "open"));
    assert_eq!(driver.rows_with(Status::Investigating), rows);
    // It is on disk too.
    let state = driver.end().await;
    let journal =
        crate::support::console_fixture::open_journal(&state.path().join("state"), "2").await;
    let kept = journal.all_local_statuses().await.unwrap();
    assert!(
        kept.iter()
            .all(|kept| kept.local.status == Status::Investigating)
    );
    assert_eq!(kept.len(), 2);
    journal.close().await;
}

#[tokio::test]
async fn an_undo_works_in_the_next_console() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    let open = mark(&mut driver, Status::Open, 5).await;
    driver.press("f").await.read_plan_and_apply().await;
    let rig = ConsoleFixture {
        state: Some(driver.end().await),
        ..ConsoleFixture::with_leaks(100)
    };
    let mut driver = rig.start().await;
    // The stand-in begins anew: it has what the first console left, but for one.
    set(&driver, &open[1..], "fixed").await;
    driver.begin();
    driver.run_until_settled().await;
    driver
        .press("wu")
        .await
        .assert_screen("4 will change, 1 skipped");
    driver.read_plan_and_apply().await;
    let statuses = driver.statuses().await;
    assert!(open.iter().all(|id| statuses[id] == "open"));
}

#[tokio::test]
async fn what_failed_is_tried_again_as_a_job_of_its_own() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    let open = mark(&mut driver, Status::Open, 3).await;
    driver.press("f").await.wait_for_reading_time().await;
    driver.faults(&["lie:1"]).await;
    driver.press("y").await.assert_screen("3 contradicted");
    driver.faults(&[]).await;
    // From the report itself.
    driver.press("r").await.assert_screen("3 will change");
    driver.read_plan_and_apply().await;
    let statuses = driver.statuses().await;
    assert!(open.iter().all(|id| statuses[id] == "fixed"));
    let retry = driver.journal.jobs().await.unwrap().remove(0);
    assert_eq!(
        (retry.command, retry.retry_of),
        (JobCommand::Retry, Some(JobId(1)))
    );
    assert_eq!(retry.state, JobState::Done);
}

/// A console that was left while its write was under way, and what it was to fix.
async fn interrupted_job() -> (tempfile::TempDir, Vec<String>) {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    let open = mark(&mut driver, Status::Open, 3).await;
    driver.press("f").await.wait_for_reading_time().await;
    driver.faults(&["hang:1"]).await;
    driver
        .keys("y")
        .run_until("a job runs", |model| !model.jobs.running.is_empty())
        .await;
    let journal = driver.journal.clone();
    while journal.job(JobId(1)).await.unwrap().changes[0].attempts() == 0 {
        tokio::task::yield_now().await;
    }
    (driver.end().await, open)
}

#[tokio::test]
async fn a_job_that_was_left_is_read_and_then_finished() {
    let (state, ids) = Box::pin(interrupted_job()).await;
    let rig = ConsoleFixture {
        state: Some(state),
        ..ConsoleFixture::with_leaks(100)
    };
    let mut driver = rig.start().await;
    // One of them had arrived.
    set(&driver, &ids[..1], "fixed").await;
    driver.begin();
    driver.run_until_settled().await;
    driver.assert_screen("A job of an earlier run has not ended");
    driver.wait_for_reading_time().await.press("r").await;
    assert!(
        driver.model().jobs.running.is_empty(),
        "{}",
        driver.screen()
    );
    let writes = driver.writes().await;
    assert_eq!(writes.len(), 1);
    assert_eq!(
        writes[0]["ids"].as_array().unwrap().len(),
        2,
        "not what had arrived"
    );
    let statuses = driver.statuses().await;
    assert!(ids.iter().all(|id| statuses[id] == "fixed"));
    let job = &driver.journal.jobs().await.unwrap()[0];
    assert_eq!((job.state, job.counts.verified), (JobState::Done, 3));
}

#[tokio::test]
async fn a_job_that_was_left_can_be_discarded_or_called_off() {
    for (keys, state) in [("d", JobState::Discarded), ("nwx", JobState::Cancelled)] {
        let (left, ids) = Box::pin(interrupted_job()).await;
        let rig = ConsoleFixture {
            state: Some(left),
            ..ConsoleFixture::with_leaks(100)
        };
        let mut driver = rig.open().await;
        assert!(matches!(
            driver.model().overlay(),
            Some(Overlay::Resume { .. })
        ));
        driver.wait_for_reading_time().await;
        driver.press(keys).await;
        assert_eq!(driver.writes().await.len(), 0, "{keys}");
        let job = &driver.journal.jobs().await.unwrap()[0];
        assert_eq!(job.state, state, "{keys}: {}", driver.screen());
        assert_eq!(job.counts.sum(), 3);
        // Called off is waited for; of what is discarded at once it cannot be told.
        let read_as_before = match state {
            JobState::Discarded => job.counts.unverifiable,
            _ => job.counts.cancelled,
        };
        assert_eq!(read_as_before, 3, "and not sent: {}", job.counts);
        // Its leaks are free.
        driver.press("<esc>3").await;
        let row = driver
            .rows_with(Status::Open)
            .into_iter()
            .find(|row| driver.id(*row) == ids[0]);
        driver.move_cursor(row.unwrap()).run_until_settled().await;
        driver.press("f").await.assert_screen("1 will change");
    }
}
