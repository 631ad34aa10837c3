//! From marks to a verified job, and everything that must not apply a plan.

use super::{ConsoleFixture, Driver};
use stanch::{
    app::overlay::Overlay,
    config::Policy,
    entity::{job::JobState, leak::LeakField, status::Status},
    table::RowId,
};
use std::collections::BTreeSet;

/// Rows of a status whose class is, or is not, customer.
fn rows(driver: &Driver, status: Status, customer: bool) -> Vec<RowId> {
    let class = |handle: &RowId| {
        let class = driver.model().data.table.text(*handle, LeakField::Class);
        (*class == *b"customer") == customer
    };
    driver.rows_with(status).into_iter().filter(class).collect()
}

/// Twelve marks: ten open and two fixed. Then a filter hides four of the open ones. Answers the open ones' ids.
async fn driver_with_twelve_marks() -> (Driver, BTreeSet<String>) {
    let mut driver = ConsoleFixture::with_leaks(200).open().await;
    let shown = rows(&driver, Status::Open, true).into_iter().take(6);
    let hidden = rows(&driver, Status::Open, false).into_iter().take(4);
    let open: Vec<_> = shown.chain(hidden).collect();
    let fixed = rows(&driver, Status::Fixed, true);
    for handle in open.iter().chain(&fixed[..2]) {
        driver.mark(*handle).run_until_settled().await;
    }
    driver.press("/class:customer<enter>").await;
    assert_eq!(driver.marked_ids().len(), 12);
    let ids = open.iter().map(|handle| driver.id(*handle)).collect();
    (driver, ids)
}

#[tokio::test]
async fn twelve_marks_change_exactly_ten_leaks() {
    let (mut driver, open) = driver_with_twelve_marks().await;
    assert!(driver.status_line().contains("12 marked (4 hidden)"));
    let before = driver.statuses().await;
    driver.press("f").await;
    driver.assert_screen("10 will change, 2 skipped: already fixed, 4 hidden by filter");

    // Nothing of this is an answer.
    driver
        .press("y")
        .await
        .assert_screen("1 answer came too early");
    driver
        .paste("y")
        .run_until_settled()
        .await
        .assert_screen("did not count");
    driver.wait_for_reading_time().await;
    driver
        .press("<enter>f")
        .await
        .assert_screen("10 will change");
    assert_eq!(driver.statuses().await, before);
    assert!(driver.writes().await.is_empty());
    assert!(driver.journal.jobs().await.unwrap().is_empty());

    driver.press("y").await;
    assert!(driver.model().plan().is_none());
    let after = driver.statuses().await;
    let changed: BTreeSet<_> = before
        .iter()
        .filter(|(id, status)| after[*id] != **status)
        .map(|(id, _)| id.clone())
        .collect();
    assert_eq!(changed, open);
    assert!(changed.iter().all(|id| after[id] == "fixed"));
    assert_eq!(driver.writes().await.len(), 1);

    let jobs = driver.journal.jobs().await.unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].state, JobState::Done);
    assert_eq!(
        driver.model().workspace.marks.len(),
        2,
        "verified leaks lose their mark"
    );
    driver.press("w").await.assert_screen("10 verified");
}

#[tokio::test]
async fn a_plan_is_cancelled_by_n_and_by_esc() {
    let (mut driver, _) = driver_with_twelve_marks().await;
    for key in ["n", "<esc>", "q", "<C-c>"] {
        driver.press("f").await.wait_for_reading_time().await;
        assert!(driver.model().plan().is_some(), "{key}");
        driver.press(key).await;
        assert!(driver.model().plan().is_none(), "{key}");
        assert_eq!(driver.marked_ids().len(), 12, "{key}");
    }
    assert_eq!(driver.exit_code, None);
    assert!(driver.writes().await.is_empty());
    assert!(driver.journal.jobs().await.unwrap().is_empty());
}

#[tokio::test]
async fn h_drops_what_the_filter_hides() {
    let (mut driver, open) = driver_with_twelve_marks().await;
    driver.press("f").await.wait_for_reading_time().await;
    let hash = driver.model().plan().unwrap().plan.hash.clone();
    driver.press("h").await;
    driver.assert_screen("6 will change, 2 skipped: already fixed");
    assert!(!driver.shows("hidden by filter"));
    assert_ne!(driver.model().plan().unwrap().plan.hash, hash);
    // It is another plan: it wants to be read, too.
    driver
        .press("y")
        .await
        .assert_screen("1 answer came too early");
    driver.wait_for_reading_time().await.press("y").await;
    let fixed = driver.statuses().await;
    let changed = open.iter().filter(|id| fixed[*id] == "fixed");
    assert_eq!(changed.count(), 6);
    assert_eq!(driver.marked_ids().len(), 6, "four hidden, two skipped");
}

#[tokio::test]
async fn above_the_limit_the_number_is_typed() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver.press("*f").await;
    let number = driver.model().plan().unwrap().required_number.unwrap();
    assert!(number > 50);
    driver.assert_screen(&format!("type {number} to apply"));
    driver
        .press(&number.to_string())
        .await
        .wait_for_reading_time()
        .await;
    assert_eq!(
        driver.model().plan().unwrap().typed_number,
        "",
        "typed too early"
    );
    for wrong in ["y", "<enter>", "7y", "<enter>", "<bs>y"] {
        driver.press(wrong).await;
        assert!(driver.model().plan().is_some(), "{wrong}");
    }
    driver.paste(&number.to_string()).run_until_settled().await;
    driver.press("y").await.assert_screen("will change");
    driver.press(&format!("{number}<enter>")).await;
    driver.assert_screen("y apply");
    driver.press("<enter>f").await;
    assert!(driver.model().plan().is_some());
    assert!(driver.writes().await.is_empty());
    driver.press("y").await;
    assert!(driver.model().plan().is_none());
    let fixed = driver.statuses().await;
    assert!(fixed.values().all(|status| status == "fixed"));
    assert_eq!(driver.writes().await.len(), 1);
}

#[tokio::test]
async fn the_limit_is_a_setting() {
    let mut rig = ConsoleFixture::with_leaks(100);
    rig.policy = Policy {
        confirm_above: 1,
        ..Policy::default()
    };
    let mut driver = rig.open().await;
    let open = driver.rows_with(Status::Open);
    driver.mark(open[0]).mark(open[1]).press("f").await;
    driver.assert_screen("type 2 to apply");
    driver.wait_for_reading_time().await;
    driver.press("2y").await;
    assert_eq!(driver.writes().await.len(), 1);
}

#[tokio::test]
async fn without_marks_the_cursor_is_meant_and_a_group_means_its_leaks() {
    let mut driver = ConsoleFixture::with_leaks(200).open().await;
    let open = driver.rows_with(Status::Open)[0];
    driver.move_cursor(open).press("f").await;
    driver
        .assert_screen("1 will change")
        .assert_screen("the leak under the cursor");
    driver.press("n").await.press("2f").await;
    let plan = &driver.model().plan().unwrap().plan;
    assert!(plan.eligible.len() > 1);
    let words = format!("the {} leaks of the user under the cursor", plan.targets());
    driver.assert_screen(&words);
}

#[tokio::test]
async fn reopen_is_the_way_back() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    let fixed = driver.rows_with(Status::Fixed)[0];
    let id = driver.id(fixed);
    driver
        .mark(fixed)
        .press("F")
        .await
        .assert_screen("1 will change");
    driver.wait_for_reading_time().await.press("y").await;
    assert_eq!(driver.statuses().await[&id], "open");
    assert_eq!(driver.model().data.table.status(fixed), Status::Open);
}

#[tokio::test]
async fn a_plan_stays_as_it_was_when_the_list_changes_below_it() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    let open = driver.rows_with(Status::Open);
    driver.mark(open[0]).mark(open[1]).run_until_settled().await;
    // The answer to the reload comes while the plan is read.
    driver
        .control_post(
            "/leaks",
            serde_json::json!({"projectdiscovery": {"insert": 5}}),
        )
        .await;
    driver
        .keys("rf")
        .run_until_settled()
        .await
        .assert_screen("2 will change");
    driver.wait_for_reading_time().await.press("y").await;
    let ids = [driver.id(open[0]), driver.id(open[1])];
    let writes = driver.writes().await;
    let sent = writes[0]["ids"].as_array().unwrap();
    assert_eq!(sent.len(), 2);
    assert!(ids.iter().all(|id| sent.iter().any(|sent| sent == id)));
}

#[tokio::test]
async fn the_write_lock_stops_plans_before_and_after_they_are_made() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    let open = driver.rows_with(Status::Open)[0];
    driver
        .mark(open)
        .press("%")
        .await
        .assert_screen("READ-ONLY");
    driver.press("f").await.assert_screen("writes are locked");
    assert!(driver.model().plan().is_none());
    driver.press("%f").await.wait_for_reading_time().await;
    driver.press("%").await.press("y").await;
    assert!(driver.model().plan().is_some(), "{}", driver.screen());
    assert!(driver.writes().await.is_empty());
    driver.assert_screen("writes are locked");
    driver.press("%y").await;
    assert_eq!(driver.writes().await.len(), 1);
}

#[tokio::test]
async fn leaving_asks_while_a_job_runs() {
    let mut rig = ConsoleFixture::with_leaks(100);
    rig.bulk_size = 1;
    let mut driver = rig.open().await;
    let open = driver.rows_with(Status::Open);
    driver.mark(open[0]).mark(open[1]).press("f").await;
    driver.wait_for_reading_time().await;
    driver.faults(&["hang:1"]).await;
    driver
        .keys("y")
        .run_until("a job runs", |model| !model.jobs.running.is_empty())
        .await;
    driver
        .keys("q")
        .handle_pending()
        .await
        .assert_screen("a job is running");
    driver.keys("n").handle_pending().await;
    assert_eq!(driver.exit_code, None);
    assert!(!driver.shows("a job is running"));
    driver.keys("qw").handle_pending().await;
    assert_eq!(driver.exit_code, None);
    driver.faults(&[]).await;
    driver.run_until_settled().await;
    assert_eq!(driver.exit_code, Some(0), "it left when the job had ended");
    assert_eq!(
        driver.journal.jobs().await.unwrap()[0].state,
        JobState::Done
    );
}

#[tokio::test]
async fn help_over_a_plan_leaves_nothing_of_the_plan_on_the_last_line() {
    for size in [(160, 48), (80, 24), (40, 12)] {
        let rig = ConsoleFixture {
            size,
            ..ConsoleFixture::with_leaks(60)
        };
        let mut driver = rig.open().await;
        driver
            .press("f")
            .await
            .wait_for_reading_time()
            .await
            .press("?")
            .await;
        driver.assert_screen("keys of plan");
        let footer = driver.footer();
        assert!(footer.contains("esc back"), "{footer}");
        assert!(!footer.contains(['─', '┘']), "{footer}");
    }
}

#[tokio::test]
async fn a_domain_is_one_row_over_all_profiles_and_its_plan_says_so() {
    let rig = ConsoleFixture {
        all_systems: true,
        ..ConsoleFixture::with_leaks(300)
    };
    let mut driver = rig.open().await;
    driver.press("1").await;
    let table = &driver.model().data.table;
    let domains = driver.model().workspace.domains.list.order();
    let names: std::collections::BTreeSet<_> = domains
        .iter()
        .map(|(kind, group)| table.group_name(*kind, *group).to_ascii_lowercase())
        .collect();
    assert_eq!(names.len(), domains.len(), "each name once");
    let (kind, group) = driver.model().workspace.domains.list.cursor().unwrap();
    let profiles: std::collections::BTreeSet<_> = table
        .group_rows(kind, group)
        .into_iter()
        .map(|row| table.slot(row))
        .collect();
    assert!(profiles.len() > 1, "the first domain is known to several");
    let leaks = table.group_rows(kind, group).len();
    driver.press("f").await;
    driver
        .assert_screen(&format!("over {} profiles", profiles.len()))
        .assert_screen("of the domain under the cursor");
    match driver.model().overlay() {
        Some(Overlay::Plan(plan)) => assert_eq!(plan.order.len(), leaks),
        other => panic!("{other:?} is no plan"),
    }
}
