//! Marks and cursors hold on to leaks, not to rows.

use super::{ConsoleFixture, Driver};
use serde_json::json;
use stanch::entity::status::Status;

async fn insert(driver: &Driver, rows: u32) {
    let body = json!({"projectdiscovery": {"insert": rows}});
    driver.control_post("/leaks", body).await;
}

#[tokio::test]
async fn marks_survive_filter_sort_refresh_and_views() {
    let mut driver = ConsoleFixture::with_leaks(200).open().await;
    let customers = "class:customer";
    driver.press(&format!("/{customers}<enter>")).await;
    driver.press("<space><space>").await;
    driver.press("\\").await;
    let others: Vec<_> = driver
        .model()
        .workspace
        .leaks
        .list
        .order()
        .iter()
        .copied()
        .filter(|handle| {
            let field = stanch::entity::leak::LeakField::Class;
            *driver.model().data.table.text(*handle, field) != *b"customer"
        })
        .take(3)
        .collect();
    for handle in others {
        driver.mark(handle).run_until_settled().await;
    }
    let marked = driver.marked_ids();
    assert_eq!(marked.len(), 5);
    for keys in [
        "ol",
        "O",
        "od",
        "r",
        "R",
        "1<enter>3",
        "<esc>",
        "<pgdn><pgup>",
    ] {
        driver.press(keys).await;
        assert_eq!(driver.marked_ids(), marked, "{keys}");
    }
    driver.press(&format!("3/{customers}<enter>")).await;
    assert!(
        driver.status_line().contains("5 marked (3 hidden)"),
        "{}",
        driver.status_line()
    );
    insert(&driver, 7).await;
    driver.press("r").await;
    assert_eq!(driver.marked_ids(), marked);
    driver.press(":marks<enter>").await;
    driver.assert_screen("5 marked, 3 hidden by the filter, 0 gone");
}

#[tokio::test]
async fn a_row_that_comes_in_above_leaves_the_cursor_on_its_leak() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver.press("jjjj").await;
    let (leak, position) = (
        driver.cursor(),
        driver.model().workspace.leaks.list.position(),
    );
    insert(&driver, 3).await;
    driver.press("r").await;
    assert_eq!(driver.cursor(), leak);
    assert_eq!(driver.model().workspace.leaks.list.position(), position + 3);
    driver.press("O").await;
    assert_eq!(driver.cursor(), leak);
}

#[tokio::test]
async fn a_marked_leak_that_goes_is_called_gone_and_left_out_of_the_plan() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    driver.press("*").await;
    let marked = driver.marked_ids();
    assert_eq!(marked.len(), 60);
    // After each list a row comes in and another leaves: the third list lacks two of the first.
    driver.faults(&["shift:1"]).await;
    driver.press("r").await;
    driver.faults(&[]).await;
    driver.press("r").await;
    assert_eq!(driver.marked_ids(), marked, "a mark never moves");
    let gone: Vec<_> = driver
        .model()
        .workspace
        .marks
        .iter()
        .filter(|handle| driver.model().data.table.is_gone(*handle))
        .collect();
    assert!(!gone.is_empty());
    driver
        .move_cursor(gone[0])
        .run_until_settled()
        .await
        .assert_screen("- gone");
    driver.press("f").await;
    driver.assert_screen(&format!("{} no longer at the provider", gone.len()));
    let plan = &driver.model().plan().unwrap().plan;
    for handle in gone {
        let key = driver.model().data.table.key(handle);
        assert!(plan.eligible.iter().all(|change| change.key != key));
    }
}

#[tokio::test]
async fn every_way_of_marking_has_a_key() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver.press("<space>").await;
    assert_eq!(driver.marked_ids().len(), 1);
    driver.press("vjjv").await;
    assert_eq!(driver.marked_ids().len(), 4, "a range holds both its ends");
    driver.press("VkV").await;
    assert_eq!(driver.marked_ids().len(), 2);
    driver.press("A").await;
    assert_eq!(driver.marked_ids().len(), 98);
    driver.press("<esc>").await;
    assert!(driver.marked_ids().is_empty());
    driver.press("gm").await;
    assert_eq!(driver.marked_ids().len(), 98);
    driver.press("<esc>*").await;
    assert_eq!(driver.marked_ids().len(), 100);
    driver.press("-status:fixed<enter>").await;
    let open = driver.rows_with(Status::Open).len();
    assert_eq!(driver.marked_ids().len(), open);
    driver.press("<esc>+status:fixed<enter>").await;
    assert_eq!(driver.marked_ids().len(), 100 - open);
    driver.press("M").await;
    assert_eq!(
        driver.model().workspace.leaks.list.order().len(),
        100 - open
    );
    driver.press("<esc>").await;
    assert_eq!(driver.model().workspace.leaks.list.order().len(), 100);
    driver.press("<esc>").await;
    assert!(driver.marked_ids().is_empty());
    for keys in ["=u", "=d", "=h", "=r", "=s", "=c"] {
        driver.press(keys).await;
        let cursor = driver.cursor();
        assert!(driver.marked_ids().contains(&cursor), "{keys}");
        driver.press("<esc>").await;
    }
}

#[tokio::test]
async fn marks_are_kept_under_names_and_in_files() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver.press("<space><space>").await;
    let marked = driver.marked_ids();
    let file = driver.state.path().join("keys");
    driver
        .press(&format!(":marks write {}<enter>", file.display()))
        .await;
    driver.assert_screen("2 keys written");
    driver.press(":marks save mine<enter>").await;
    driver.press("<esc>:marks load mine<enter>").await;
    assert_eq!(driver.marked_ids(), marked);
    driver.press("<esc>").await;
    driver
        .press(&format!(":marks read {}<enter>", file.display()))
        .await;
    assert_eq!(driver.marked_ids(), marked);
}

#[tokio::test]
async fn marking_a_group_marks_its_leaks() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver.press("1<space>").await;
    let marked = driver.marked_ids().len();
    assert!(marked > 1);
    driver.press("3").await;
    assert!(driver.status_line().contains(&format!("{marked} marked")));
}
