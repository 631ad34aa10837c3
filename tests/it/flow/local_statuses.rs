//! One job over three systems, two of which store no status: what they cannot keep is kept here, says so, and is
//! still there when the console comes back.

use super::{ConsoleFixture, Driver, StatuslessProvider};
use serde_json::json;
use stanch::{
    config::Overrides,
    entity::{
        error::ProviderError,
        job::{ChangeOutcome, JobState, StorageTarget},
        status::Status,
    },
    table::RowId,
};

fn statusless_providers() -> Vec<StatuslessProvider> {
    vec![
        StatuslessProvider::new("ai", "Leaks.ai", 5),
        StatuslessProvider::new("checker", "Leaked Checker", 3),
    ]
}

async fn driver_with_three_systems() -> Driver {
    let rig = ConsoleFixture {
        statusless_providers: statusless_providers(),
        ..ConsoleFixture::with_leaks(60)
    };
    rig.open().await
}

fn row_of_provider(driver: &Driver, keeper: &StatuslessProvider, number: u32) -> RowId {
    driver.model().data.table.find(&keeper.key(number)).unwrap()
}

/// Marks eight leaks of the first profile and all of the others.
async fn mark_sixteen(driver: &mut Driver) -> Vec<RowId> {
    let slot = driver.model().data.profiles[0].slot;
    let open = driver.rows_with(Status::Open);
    let own = open
        .into_iter()
        .filter(|handle| driver.model().data.table.slot(*handle) == slot);
    let remote: Vec<_> = own.take(8).collect();
    let others = (0..driver.model().data.table.row_id_count() as u32).map(RowId);
    let local: Vec<_> = others
        .filter(|handle| driver.model().data.table.slot(*handle) != slot)
        .collect();
    assert_eq!(local.len(), 8);
    for handle in remote.iter().chain(&local) {
        driver.mark(*handle).run_until_settled().await;
    }
    remote
}

#[tokio::test]
async fn a_mixed_selection_is_one_plan_and_one_job() {
    let mut driver = driver_with_three_systems().await;
    let remote = mark_sixteen(&mut driver).await;
    driver.press("f").await;
    driver.assert_screen("16 will change");
    driver.assert_screen("ProjectDiscovery 8 remote · Leaks.ai 5 local · Leaked Checker 3 local");
    driver.assert_screen("1 write request");
    driver.wait_for_reading_time().await.press("y").await;

    let jobs = driver.journal.jobs().await.unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].state, JobState::Done);
    let counts = jobs[0].counts;
    assert_eq!((counts.verified, counts.local, counts.sum()), (8, 8, 16));
    let writes = driver.writes().await;
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0]["ids"].as_array().unwrap().len(), 8);
    let record = driver.journal.job(jobs[0].id).await.unwrap();
    for change in &record.changes {
        let local = change.storage_target == StorageTarget::Local;
        let outcome = if local {
            ChangeOutcome::Local
        } else {
            ChangeOutcome::Verified
        };
        assert_eq!(change.state().outcome(), outcome);
    }

    assert!(driver.model().workspace.marks.is_empty());
    let table = &driver.model().data.table;
    assert!(remote.iter().all(|row| !table.is_local(*row)));
    for keeper in statusless_providers() {
        let row = row_of_provider(&driver, &keeper, 0);
        assert_eq!(table.status(row), Status::Fixed);
        assert!(table.is_local(row));
    }
    driver.assert_screen("✓ fixed ⌂");
    driver.press("w").await.assert_screen("8 verified, 8 local");
}

#[tokio::test]
async fn what_is_kept_here_is_there_after_a_restart() {
    let mut driver = driver_with_three_systems().await;
    mark_sixteen(&mut driver).await;
    driver
        .press("f")
        .await
        .wait_for_reading_time()
        .await
        .press("y")
        .await;
    let state = driver.end().await;

    let rig = ConsoleFixture {
        statusless_providers: statusless_providers(),
        state: Some(state),
        ..ConsoleFixture::with_leaks(60)
    };
    let driver = rig.open().await;
    let table = &driver.model().data.table;
    for keeper in statusless_providers() {
        let row = row_of_provider(&driver, &keeper, 1);
        assert_eq!(
            (table.status(row), table.is_local(row)),
            (Status::Fixed, true)
        );
    }
    driver.assert_screen("✓ fixed ⌂");
    let mut ascii = ConsoleFixture {
        statusless_providers: statusless_providers(),
        state: Some(driver.end().await),
        overrides: Overrides {
            ascii: true,
            ..Overrides::default()
        },
        ..ConsoleFixture::with_leaks(60)
    }
    .open()
    .await;
    ascii.assert_screen("v fixed L");
    // Taken back: nothing is kept any more.
    let row = row_of_provider(&ascii, &statusless_providers()[0], 0);
    ascii
        .move_cursor(row)
        .press("sn")
        .await
        .wait_for_reading_time()
        .await
        .press("y")
        .await;
    assert_eq!(ascii.model().data.table.status(row), Status::New);
}

#[tokio::test]
async fn a_job_of_local_changes_alone_sends_nothing_and_has_ended() {
    let mut driver = driver_with_three_systems().await;
    let row = row_of_provider(&driver, &statusless_providers()[0], 2);
    driver.move_cursor(row).press("si").await;
    driver.assert_screen("Leaks.ai 1 local, profile ai");
    driver.wait_for_reading_time().await.press("y").await;
    let jobs = driver.journal.jobs().await.unwrap();
    assert_eq!(jobs[0].state, JobState::Done);
    assert!(driver.model().jobs.running.is_empty());
    assert!(driver.writes().await.is_empty());
    assert!(driver.model().jobs.active_leaks.is_empty());
    driver
        .assert_screen("◐ investigating ⌂")
        .assert_screen("job 1 finished: 1 of 1 changed");
    // The same again is nothing to do.
    driver
        .press("si")
        .await
        .assert_screen("1 skipped: already investigating");
}

#[tokio::test]
async fn a_status_that_is_stored_as_another_is_asked_about_once() {
    let mut driver = driver_with_three_systems().await;
    let slot = driver.model().data.profiles[0].slot;
    let open = driver.rows_with(Status::Open);
    let own: Vec<_> = open
        .into_iter()
        .filter(|handle| driver.model().data.table.slot(*handle) == slot)
        .take(2)
        .collect();
    let id = driver.id(own[0]);
    driver.move_cursor(own[0]).press("sp").await;
    let words =
        "false positive is stored as fixed at ProjectDiscovery; the difference is stored locally";
    driver.assert_screen(words);
    // It has to be read, too: neither key counts before.
    driver.press("c").await.assert_screen("came too early");
    driver
        .wait_for_reading_time()
        .await
        .press("y")
        .await
        .assert_screen(words);
    assert!(driver.journal.jobs().await.unwrap().is_empty());
    driver.press("cy").await;
    assert_eq!(driver.statuses().await[&id], "fixed");
    let table = &driver.model().data.table;
    assert_eq!(table.status(own[0]), Status::FalsePositive);
    assert_eq!(table.known_remote_status(own[0]), Some(Status::Fixed));
    assert!(table.is_local(own[0]));
    driver.assert_screen("⊘ false positive ⌂");

    // The second time it is only said; in the next console too.
    driver.move_cursor(own[1]).press("sp").await;
    driver.assert_screen(words);
    driver.read_plan_and_apply().await;
    assert_eq!(driver.journal.jobs().await.unwrap().len(), 2);
    let state = driver.end().await;
    let rig = ConsoleFixture {
        statusless_providers: statusless_providers(),
        state: Some(state),
        ..ConsoleFixture::with_leaks(60)
    };
    let driver = rig.open().await;
    assert_eq!(driver.model().data.accepted_mappings.len(), 1);
}

#[tokio::test]
async fn the_provider_disputes_what_we_keep_and_the_operator_chooses() {
    let mut driver = driver_with_three_systems().await;
    let slot = driver.model().data.profiles[0].slot;
    let fixed = driver.rows_with(Status::Fixed);
    let row = fixed
        .into_iter()
        .find(|handle| driver.model().data.table.slot(*handle) == slot)
        .unwrap();
    let id = driver.id(row);
    // It says fixed already: nothing is sent.
    driver
        .move_cursor(row)
        .press("sp")
        .await
        .wait_for_reading_time()
        .await;
    driver.press("cy").await;
    assert!(driver.writes().await.is_empty());
    assert!(driver.model().data.table.is_local(row));

    let open = json!({"projectdiscovery": {&id: "open"}});
    driver.control_post("/statuses", open).await;
    driver.press("R").await;
    assert!(driver.model().data.table.is_disputed(row));
    driver.move_cursor(row).run_until_settled().await;
    driver.assert_screen("⊘ false positive ≠");
    driver.assert_screen("≠ local false positive, provider open (then fixed");
    driver.assert_screen("sp keeps false positive, F takes open");

    // Ours again: it is sent again, and no longer disputed.
    driver.press("sp").await.assert_screen("1 will change");
    driver.read_plan_and_apply().await;
    assert_eq!(driver.statuses().await[&id], "fixed");
    let table = &driver.model().data.table;
    assert!(table.is_local(row) && !table.is_disputed(row));

    // Theirs: what we kept is gone.
    let open = json!({"projectdiscovery": {&id: "open"}});
    driver.control_post("/statuses", open).await;
    driver.press("R").await;
    driver
        .move_cursor(row)
        .press("F")
        .await
        .read_plan_and_apply()
        .await;
    assert_eq!(driver.statuses().await[&id], "open");
    let table = &driver.model().data.table;
    assert!(!table.is_local(row));
    assert_eq!(table.status(row), Status::Open);
}

#[tokio::test]
async fn a_change_over_a_local_status_waits_for_the_provider_as_any_other() {
    let mut driver = driver_with_three_systems().await;
    let slot = driver.model().data.profiles[0].slot;
    let row = driver
        .rows_with(Status::Open)
        .into_iter()
        .find(|handle| driver.model().data.table.slot(*handle) == slot)
        .unwrap();
    driver
        .move_cursor(row)
        .press("si")
        .await
        .wait_for_reading_time()
        .await
        .press("cy")
        .await;
    assert_eq!(driver.model().data.table.status(row), Status::Investigating);
    // The answer is lost, nothing was applied: it reads as the provider had it, and is sent once more.
    driver.faults(&["500-before:2"]).await;
    driver
        .move_cursor(row)
        .press("f")
        .await
        .wait_for_reading_time()
        .await;
    driver.press("y").await;
    let jobs = driver.journal.jobs().await.unwrap();
    assert_eq!(jobs[0].counts.verified, 1, "{:?}", jobs[0].counts);
    let table = &driver.model().data.table;
    assert_eq!(
        (table.status(row), table.is_local(row)),
        (Status::Fixed, false)
    );
}

#[tokio::test]
async fn one_providers_failure_leaves_the_others_rows_alone() {
    let keepers = statusless_providers();
    let rig = ConsoleFixture {
        statusless_providers: keepers.clone(),
        ..ConsoleFixture::with_leaks(60)
    };
    let mut driver = rig.open().await;
    let before = driver.model().data.table.len();
    keepers[0].set_error(ProviderError::Unauthorised { status: 401 });
    keepers[1].set_error(ProviderError::Timeout {
        why: "silence".into(),
    });
    driver.press("R").await;
    assert_eq!(driver.model().data.table.len(), before);
    let header = driver.screen().lines().next().unwrap().to_owned();
    assert!(header.contains("ai Leaks.ai TEST ✗ refused"), "{header}");
    assert!(
        header.contains("checker Leaked Checker TEST ✗ timeout"),
        "{header}"
    );
    driver
        .advance_clock(std::time::Duration::from_secs(4))
        .await
        .press("jj")
        .await;
    let footer = driver.footer();
    assert!(
        footer.contains("ai refused: new key, start again (and 1 more)"),
        "{footer}"
    );
    // What they had can still be judged, and kept.
    keepers[0].set_status(Status::New);
    let row = row_of_provider(&driver, &keepers[0], 0);
    driver
        .move_cursor(row)
        .press("f")
        .await
        .read_plan_and_apply()
        .await;
    assert_eq!(driver.model().data.table.status(row), Status::Fixed);
}
