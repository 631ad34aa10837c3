//! The console's own rounds, through its runtime and against the stand-in.

use super::{ConsoleFixture, Driver};
use serde_json::json;
use std::time::Duration;

const QUARTER: Duration = Duration::from_secs(900);

async fn asked(driver: &Driver) -> usize {
    let log = driver.control("/requests").await;
    log["requests"].as_array().unwrap().len()
}

/// A console that has watched once: what it compares with is known.
async fn watching(leaks: u64) -> Driver {
    let mut driver = ConsoleFixture {
        news: true,
        ..ConsoleFixture::with_leaks(leaks)
    }
    .open()
    .await;
    driver
        .press(":watch<enter>")
        .await
        .assert_screen("accounts are not watched");
    driver
        .press(":watch 15m<enter>")
        .await
        .assert_screen("asked for news every 15m");
    driver.advance_clock(QUARTER).await;
    driver.press("<esc>").await;
    driver.advance_clock(Duration::from_secs(10)).await;
    driver
}

#[tokio::test]
async fn twenty_quiet_rounds_ask_twice_each_and_draw_nothing() {
    let mut driver = watching(300).await;
    let (before, cells) = (asked(&driver).await, driver.drawn_cells());
    for _ in 0..20 {
        driver.advance_clock(QUARTER).await;
    }
    assert_eq!(asked(&driver).await - before, 40);
    assert_eq!(driver.drawn_cells() - cells, 0, "{}", driver.screen());
    assert_eq!(driver.recorder.take(), b"");
}

#[tokio::test]
async fn what_comes_in_is_read_counted_and_leaves_the_cursor_on_its_leak() {
    let mut driver = watching(300).await;
    driver.keys(&"j".repeat(40)).run_until_settled().await;
    let leak = driver.cursor();
    let statuses = driver.statuses().await;
    let mut fixed = statuses.iter().filter(|(_, word)| *word == "fixed");
    let (back, _) = fixed.next().unwrap();
    driver
        .control_post("/leaks", json!({ "projectdiscovery": { "insert": 12 } }))
        .await;
    driver
        .control_post("/statuses", json!({ "projectdiscovery": { back: "open" } }))
        .await;
    driver.advance_clock(QUARTER).await;
    driver.advance_clock(Duration::from_secs(10)).await;
    assert_eq!(
        driver.model().news.counts().all(),
        13,
        "{}",
        driver.screen()
    );
    assert_eq!(driver.cursor(), leak);
    driver.press("N").await;
    assert_eq!(&driver.cursor(), back, "what came back is first");
    // What the watch on the command line remembers is what the console has read: a quiet round of it asks nothing more.
    let before = asked(&driver).await;
    driver.advance_clock(QUARTER).await;
    assert_eq!(asked(&driver).await - before, 2);
}

#[tokio::test]
async fn a_watch_that_is_switched_off_asks_nothing() {
    let mut driver = watching(60).await;
    driver
        .press(":watch off<enter>")
        .await
        .assert_screen("not watched any more");
    let before = asked(&driver).await;
    driver.advance_clock(QUARTER * 10).await;
    assert_eq!(asked(&driver).await, before);
    driver
        .press(":watch soon<enter>")
        .await
        .assert_screen("no time between two rounds");
}
