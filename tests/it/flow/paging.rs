//! Pages that come late, twice, wrong or never.

use super::{ConsoleFixture, Driver};
use stanch::{
    app::model::{Pane, kinds_for_pane},
    filter::Filter,
    table::{GroupKind, GroupRow, Marks, RowId},
};
use std::{collections::BTreeSet, time::Instant};

fn ids(driver: &Driver) -> BTreeSet<String> {
    let order = driver.model().workspace.leaks.list.order();
    let ids: BTreeSet<_> = order.iter().map(|handle| driver.id(*handle)).collect();
    assert_eq!(ids.len(), order.len(), "a key is on the screen twice");
    ids
}

async fn pages(leaks: u64, page_size: u32, faults: &'static str) -> Driver {
    let mut rig = ConsoleFixture::with_leaks(leaks);
    (rig.page_size, rig.faults) = (page_size, faults);
    rig.open().await
}

#[tokio::test]
async fn every_leak_of_every_page_is_loaded_once() {
    let driver = pages(330, 50, "").await;
    assert!(driver.model().data.is_complete());
    let at_the_provider: BTreeSet<_> = driver.statuses().await.into_keys().collect();
    assert_eq!(ids(&driver), at_the_provider);
    driver.assert_screen("330 of 330");
}

#[tokio::test]
async fn first_page_is_shown_while_the_rest_is_coming() {
    let mut rig = ConsoleFixture::with_leaks(300);
    (rig.page_size, rig.faults) = (50, "hang:2");
    let mut driver = rig.start().await;
    driver.begin();
    driver.assert_screen("Loading the first page");
    driver
        .run_until("the first page comes", |model| !model.data.table.is_empty())
        .await;
    driver.handle_pending().await;
    assert!(driver.model().data.is_loading());
    assert!(!driver.model().workspace.leaks.list.order().is_empty());
    driver.assert_screen("loading").assert_screen("of 300");

    // Keys are live, and what is marked is named as what it is.
    driver.keys("*").handle_pending().await;
    driver.assert_screen("leaks are not loaded yet. Load them first?");
    driver.keys("y").handle_pending().await;
    driver.assert_screen("50 marked");
    driver.keys("jjf").handle_pending().await;
    driver.assert_screen("leaks are not loaded and not in this plan");
    driver.keys("n").handle_pending().await;
    let asked = Instant::now();
    driver.keys("<esc>").handle_pending().await;
    assert!(!driver.model().data.is_loading());
    driver.run_until_settled().await;
    assert!(asked.elapsed().as_millis() < 1_000, "{:?}", asked.elapsed());
    driver.assert_screen("incomplete: have");
    driver.faults(&[]).await;
    driver.press("r").await.assert_screen("300 of 300");
    assert_eq!(ids(&driver).len(), 300);
}

#[tokio::test]
async fn a_list_that_shifts_has_no_duplicates_and_no_silent_gap() {
    let driver = pages(300, 30, "shift:1").await;
    let paging = &driver.model().data.profiles[0].paging;
    assert!(!driver.model().data.is_loading());
    let loaded = ids(&driver);
    if driver.model().data.is_complete() {
        assert_eq!(paging.total, Some(paging.rows_received));
    } else {
        driver.assert_screen(&format!(
            "have {} of {}",
            paging.rows_received,
            paging.total.unwrap()
        ));
    }
    assert!(loaded.len() as u64 >= paging.rows_received);
}

#[tokio::test]
async fn rows_that_come_twice_are_one() {
    let driver = pages(200, 50, "duplicate:1").await;
    let paging = &driver.model().data.profiles[0].paging;
    assert!(paging.duplicate_rows > 0);
    assert!(driver.model().data.is_complete());
    assert_eq!(ids(&driver).len(), 200);
}

#[tokio::test]
async fn an_account_without_leaks_says_so() {
    let driver = pages(0, 50, "").await;
    assert!(driver.model().data.is_complete());
    driver.assert_screen("No leaks. The provider has none for this account.");
}

#[tokio::test]
async fn passing_failures_are_retried() {
    for faults in ["500:3", "429-bare:4", "drop:5", "truncate:4"] {
        let driver = pages(200, 50, faults).await;
        assert!(
            driver.model().data.is_complete(),
            "{faults}\n{}",
            driver.screen()
        );
        assert_eq!(ids(&driver).len(), 200, "{faults}");
    }
}

#[tokio::test]
async fn a_lasting_failure_is_shown_with_what_to_do() {
    let mut driver = pages(200, 50, "500:1").await;
    assert!(!driver.model().data.is_loading());
    driver.assert_screen("refused the request (HTTP 500)");
    driver.assert_screen("Press r to try again");
    driver.faults(&[]).await;
    driver.press("r").await.assert_screen("200 of 200");
    driver
        .press("!")
        .await
        .assert_screen("refused the request (HTTP 500)");
}

#[tokio::test]
async fn a_failure_in_the_middle_keeps_what_is_there() {
    let mut driver = pages(200, 50, "").await;
    let loaded = ids(&driver);
    driver.faults(&["html:1"]).await;
    driver.press("<space>r").await;
    assert_eq!(ids(&driver), loaded);
    assert_eq!(driver.marked_ids().len(), 1);
    driver.assert_screen("cannot be read");
}

#[tokio::test]
async fn an_answer_to_an_old_question_is_dropped() {
    let mut rig = ConsoleFixture::with_leaks(200);
    (rig.page_size, rig.faults) = (50, "hang:2");
    let mut driver = rig.start().await;
    driver.begin();
    driver
        .run_until("the first page comes", |model| !model.data.table.is_empty())
        .await;
    driver.faults(&[]).await;
    let old = driver.model().data.profiles[0].paging.request;
    driver.keys("r").run_until_settled().await;
    let paging = &driver.model().data.profiles[0].paging;
    assert_ne!(paging.request, old);
    assert!(paging.dropped_answers > 0);
    assert!(driver.model().data.is_complete());
    assert_eq!(ids(&driver).len(), 200);
}

#[tokio::test]
async fn an_idle_console_draws_nothing() {
    let mut driver = pages(100, 1_000, "").await;
    let drawn = driver.drawn_cells();
    assert_eq!(stanch::app::wake::next_wake_up(driver.model()), None);
    driver
        .advance_clock(std::time::Duration::from_secs(600))
        .await;
    assert_eq!(driver.drawn_cells(), drawn);
    driver.press("j").await;
    assert!(driver.drawn_cells() > drawn);
}

#[tokio::test]
async fn marking_all_can_wait_for_the_rest_and_be_called_off() {
    let mut rig = ConsoleFixture::with_leaks(300);
    (rig.page_size, rig.faults) = (50, "hang:2");
    let mut driver = rig.start().await;
    driver.begin();
    driver
        .run_until("the first page comes", |model| !model.data.table.is_empty())
        .await;
    driver.keys("*").handle_pending().await;
    driver.assert_screen("Load them first?");
    // Ctrl-C calls off what is asked, as everywhere.
    driver.keys("<C-c>").handle_pending().await;
    assert!(driver.model().overlay().is_none() && driver.marked_ids().is_empty());
    driver.keys("<esc>").handle_pending().await;
    driver.run_until_settled().await;
    driver.faults(&[]).await;
    // Nothing loads any more: waiting means loading again.
    driver.press("*w").await;
    driver.assert_screen("300 marked");
    assert_eq!(driver.marked_ids().len(), 300);
}

#[tokio::test]
async fn groups_of_a_long_list_are_made_pane_by_pane_and_all_of_them() {
    let mut rig = ConsoleFixture::with_leaks(21_000);
    rig.page_size = 1_000;
    let driver = rig.open().await;
    let model = driver.model();
    assert_eq!(model.workspace.leaks.list.order().len(), 21_000);
    assert_eq!(model.workspace.pending_groups, [Pane::Connections]);
    assert_eq!(model.workspace.refresh_due, None);
    let in_groups: u32 = model
        .workspace
        .users
        .rows
        .values()
        .map(GroupRow::total)
        .sum();
    assert_eq!(in_groups, 21_000);
    let in_domains: u32 = model
        .workspace
        .domains
        .rows
        .values()
        .map(GroupRow::total)
        .sum();
    let filed = model
        .data
        .table
        .select(&Filter::default(), &[], None, &Marks::default());
    let filed = filed
        .iter()
        .filter(|row| model.data.table.group(**row, GroupKind::Domain).is_some());
    assert_eq!(in_domains as usize, filed.count());
}

/// Beside a leak the pane of connections shows those of that leak. Four kinds of groups of a million leaks were counted for
/// it whenever something came, and kept, and nobody saw them.
#[tokio::test]
async fn groups_that_a_leak_stands_in_place_of_are_counted_once_they_are_shown() {
    let mut rig = ConsoleFixture::with_leaks(21_000);
    rig.page_size = 1_000;
    let mut driver = rig.open().await;
    driver.assert_screen("of this leak");
    assert_eq!(driver.model().workspace.pending_groups, [Pane::Connections]);
    let before = counted_connections(&driver);
    let is_building = |driver: &Driver| {
        let workspace = &driver.model().workspace;
        workspace.is_building_groups(Pane::Connections)
    };
    assert!(is_building(&driver), "what is shown next is a frame older");
    // Users have the focus: the pane shows the connections of all leaks.
    driver.press("2").await;
    assert!(driver.model().workspace.pending_groups.is_empty());
    assert!(!is_building(&driver));
    let table = &driver.model().data.table;
    let expected: usize = kinds_for_pane(Pane::Connections)
        .into_iter()
        .map(|kind| {
            let rows = (0..table.row_id_count() as u32).map(RowId);
            rows.filter(|row| table.group(*row, kind).is_some()).count()
        })
        .sum();
    assert!(before < expected, "{before} of {expected}");
    assert_eq!(counted_connections(&driver), expected);
}

/// How many leaks the groups of the connections have, each as often as there are kinds that it belongs to.
fn counted_connections(driver: &Driver) -> usize {
    let rows = driver.model().workspace.connections.rows.values();
    rows.map(|row| row.total() as usize).sum()
}
