//! Claims on the screen, the words of a plan, and a console that watches another.

use super::{ConsoleFixture, Driver};
use stanch::{
    app::model::JournalAccess,
    config::Policy,
    entity::{
        claim::ClaimOperation,
        key::{EntityKey, ProviderId},
        status::Status,
    },
    journal::Journal,
    runtime::clock::Clock as _,
    table::RowId,
};
use std::time::Duration;

fn cursor(driver: &Driver) -> RowId {
    driver.model().workspace.leaks.list.cursor().unwrap()
}

fn key(driver: &Driver, handle: RowId) -> (EntityKey, ProviderId) {
    let table = &driver.model().data.table;
    let (_, provider) = &table.profiles()[usize::from(table.slot(handle).0)];
    (table.key(handle), provider.clone())
}

fn audit(driver: &Driver) -> String {
    std::fs::read_to_string(driver.state.path().join("state/audit.jsonl")).unwrap_or_default()
}

/// Another console on the same state directory.
async fn second_journal(state: &std::path::Path) -> Journal {
    crate::support::console_fixture::open_journal(&state.join("state"), "2").await
}

#[tokio::test]
async fn a_claim_stands_on_the_row_and_in_the_detail_and_is_given_back_by_the_same_key() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    assert!(!driver.shows("@analyst"));
    driver.press("a").await;
    driver.assert_screen("1 leak claimed for eight hours");
    let row = cursor(&driver);
    assert!(driver.model().data.table.claim(row).unwrap().is_own);
    driver.assert_screen("@analyst");
    driver.assert_screen("you, analyst@desk (process 1) until 20:00");
    driver.press("j").await;
    assert!(driver.model().data.table.claim(cursor(&driver)).is_none());
    driver.press("k").await.press("a").await;
    driver.assert_screen("1 leak given back");
    assert!(!driver.shows("@analyst"));
    let audit = audit(&driver);
    assert!(audit.contains("\"action\":\"claim\""), "{audit}");
    assert!(audit.contains("\"action\":\"release\""), "{audit}");
}

#[tokio::test]
async fn marks_are_claimed_together_and_released_only_when_all_are_ours() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    driver.press("a").await;
    driver.press("<space>").await.press("<space>").await;
    assert_eq!(driver.marked_ids().len(), 2);
    driver.press("a").await;
    driver.assert_screen("2 leaks claimed");
    driver.press("a").await;
    driver.assert_screen("2 leaks given back");
}

#[tokio::test]
async fn what_another_console_has_claimed_is_seen_and_taken_only_knowingly() {
    let driver = ConsoleFixture::with_leaks(60).open().await;
    let (leak, provider) = key(&driver, cursor(&driver));
    let state = driver.end().await;
    let other = second_journal(state.path()).await;
    let leaks = vec![(leak.clone(), provider)];
    other.claim(leaks, ClaimOperation::Claim).await.unwrap();
    other.close().await;

    let rig = ConsoleFixture {
        state: Some(state),
        ..ConsoleFixture::with_leaks(60)
    };
    let mut driver = rig.open().await;
    driver
        .assert_screen("@analyst")
        .assert_screen("analyst@desk (process 2) until 20:00");
    driver.press("a").await;
    driver.assert_screen("claimed by analyst@desk (process 2)");
    driver.assert_screen("ga takes them over");
    let claim = |driver: &Driver| {
        let row = driver.model().data.table.find(&leak).unwrap();
        driver.model().data.table.claim(row).unwrap().clone()
    };
    assert!(!claim(&driver).is_own);
    driver.press("f").await;
    driver.assert_screen("1 claimed by analyst@desk (process 2)");
    driver.press("n").await.press("ga").await;
    assert!(claim(&driver).is_own);
}

#[tokio::test]
async fn a_console_that_runs_renews_its_claims_and_an_idle_one_wakes_for_nothing() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    assert_eq!(driver.model().claims.due, None);
    assert_eq!(
        driver.model().access.poll_due,
        None,
        "who writes watches nobody"
    );
    driver.press("a").await;
    let due = driver.model().claims.due.unwrap();
    let now = driver.clock.now().since_start;
    let hours = due.saturating_sub(now).as_secs() / 3_600;
    assert!((3..=4).contains(&hours), "{hours} h");
    driver
        .advance_clock(Duration::from_secs(4 * 3_600 + 60))
        .await;
    driver.run_until_settled().await;
    assert!(driver.model().claims.due.is_some(), "and again");
    driver.assert_screen("@analyst");
}

#[tokio::test]
async fn a_policy_that_wants_a_reason_gets_it_in_the_plan_and_each_leak_keeps_it() {
    let rig = ConsoleFixture {
        policy: Policy {
            require_reason: true,
            ..Policy::default()
        },
        ..ConsoleFixture::with_leaks(60)
    };
    let mut driver = rig.open().await;
    let open = driver.rows_with(Status::Open)[0];
    driver.move_cursor(open).run_until_settled().await;
    driver.press("f").await.wait_for_reading_time().await;
    driver.assert_screen("the policy wants a reason with every change");
    driver.press("y").await;
    assert_eq!(driver.writes().await.len(), 0);
    assert!(driver.model().plan().is_some(), "it still asks");
    let log = audit(&driver);
    assert!(
        log.contains("refused: the policy wants a reason"),
        "an attempt that was refused is in the log: {log}"
    );
    driver.press("r").await.press("phished, reset").await;
    driver.press("<enter>").await.press("t").await;
    driver.press("INC-7").await.press("<enter>").await;
    driver.assert_screen("reason: phished, reset");
    driver.assert_screen("ticket: INC-7");
    driver.wait_for_reading_time().await.press("y").await;
    assert_eq!(driver.writes().await.len(), 1);

    let job = &driver.journal.jobs().await.unwrap()[0];
    assert_eq!(job.reason.as_deref(), Some("phished, reset"));
    assert_eq!(job.ticket.as_deref(), Some("INC-7"));
    assert_eq!(job.note, None);
    driver
        .press("<esc>")
        .await
        .move_cursor(open)
        .run_until_settled()
        .await;
    driver.assert_screen("phished, reset");
    driver.assert_screen("analyst@desk, 2026-11-22");
    let log = audit(&driver);
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let change = lines.last().unwrap();
    assert_eq!(change["action"], "fix");
    assert_eq!(
        change["key"],
        driver.model().data.table.key(open).to_string()
    );
    assert_eq!(
        (&change["before"], &change["after"], &change["outcome"]),
        (&"open".into(), &"fixed".into(), &"verified".into())
    );
    assert_eq!(change["request"], "POST /v1/leaks/status");
    assert_eq!(change["reason"], "phished, reset");
    assert_eq!(change["who"]["user"], "analyst");
}

#[tokio::test]
async fn what_is_pasted_behind_the_end_of_a_reason_is_no_answer() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    let open = driver.rows_with(Status::Open)[0];
    driver.move_cursor(open).run_until_settled().await;
    driver
        .press("f")
        .await
        .wait_for_reading_time()
        .await
        .press("r")
        .await;
    driver.paste("from the ticket\ny").run_until_settled().await;
    driver.assert_screen("reason: from the ticket");
    assert_eq!(driver.writes().await.len(), 0);
    driver.press("<enter>y").await;
    assert_eq!(driver.writes().await.len(), 0, "nobody has read it yet");
    driver.wait_for_reading_time().await.press("y").await;
    assert_eq!(driver.writes().await.len(), 1);
}

#[tokio::test]
async fn a_console_that_watches_sees_what_happens_refuses_writes_and_takes_over_at_the_end() {
    let driver = ConsoleFixture::with_leaks(60).open().await;
    let (leak, provider) = key(&driver, cursor(&driver));
    let state = driver.end().await;
    let first = second_journal(state.path()).await;
    let rig = ConsoleFixture {
        state: Some(state),
        ..ConsoleFixture::with_leaks(60)
    };
    let mut driver = rig.open().await;
    assert!(matches!(
        driver.model().access.journal,
        JournalAccess::Follower { .. }
    ));
    for refused in ["f", "a", "ga"] {
        driver.press(refused).await;
        driver.assert_screen("another console holds the journal: analyst@desk, process 2");
    }
    assert!(!driver.shows("@analyst "));
    let leaks = vec![(leak.clone(), provider)];
    first
        .claim(leaks.clone(), ClaimOperation::Claim)
        .await
        .unwrap();
    driver.advance_clock(Duration::from_secs(1)).await;
    driver.run_until_settled().await;
    let row = driver.model().data.table.find(&leak).unwrap();
    assert!(!driver.model().data.table.claim(row).unwrap().is_own);
    driver.assert_screen("@analyst");
    first.claim(leaks, ClaimOperation::Release).await.unwrap();
    driver.advance_clock(Duration::from_secs(1)).await;
    driver.run_until_settled().await;
    assert!(driver.model().data.table.claim(row).is_none());

    first.close().await;
    // A process that another test starts holds the lock with its parent until it runs its own program: asked again.
    for _ in 0..30 {
        driver.advance_clock(Duration::from_secs(1)).await;
        if driver.model().access.journal == JournalAccess::Writer {
            break;
        }
    }
    driver.advance_clock(Duration::from_secs(1)).await;
    driver.assert_screen("the other console has ended: this one writes now");
    assert_eq!(driver.model().access.journal, JournalAccess::Writer);
    assert_eq!(
        driver.model().access.poll_due,
        None,
        "and wakes for nothing"
    );
    driver.press("a").await.assert_screen("1 leak claimed");
}
