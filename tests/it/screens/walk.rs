//! What an analyst met who walked through the console without having read anything.

use crate::support::{console_fixture::ConsoleFixture, driver::Driver};
use stanch::app::{help, overlay::Overlay};
use std::time::Duration;

async fn opened(size: (u16, u16)) -> Driver {
    let rig = ConsoleFixture {
        size,
        ..ConsoleFixture::with_leaks(120)
    };
    rig.open().await
}

#[tokio::test]
async fn a_term_that_is_not_finished_says_what_it_takes_until_enter() {
    let mut driver = opened((160, 48)).await;
    driver.press("/risk:").await;
    let screen = driver.screen();
    assert!(screen.contains("risk takes high medium low"), "{screen}");
    assert!(!screen.contains("is missing here"), "{screen}");
    driver.press("<enter>").await;
    let screen = driver.screen();
    assert!(screen.contains("a value is missing here"), "{screen}");
    assert!(screen.contains("/risk:"), "the line stays: {screen}");
}

#[tokio::test]
async fn help_begins_on_a_line_that_does_something_also_behind_a_search() {
    for size in [(160, 48), (80, 24), (40, 12)] {
        let mut driver = opened(size).await;
        driver.press("?").await;
        let chosen = help::chosen(driver.model());
        assert!(chosen.is_some(), "{}", driver.screen());
        driver.press("/columns<enter>").await;
        let found = help::chosen(driver.model());
        assert!(found.is_some(), "{}", driver.screen());
        assert_ne!(found, chosen, "{}", driver.screen());
    }
}

#[tokio::test]
async fn every_key_of_a_menu_is_on_the_smallest_screen() {
    let mut driver = opened((40, 12)).await;
    driver.press("g").await;
    driver.advance_clock(Duration::from_secs(1)).await;
    let screen = driver.screen();
    for key in ["u", "d", "h", "v", "n", "s", "c", "0", "m", "a", "g"] {
        let named = screen
            .lines()
            .any(|line| line.contains(&format!(" {key} ")));
        assert!(named, "{key}: {screen}");
    }
}

#[tokio::test]
async fn the_palette_says_what_enter_does_where_nothing_has_these_letters() {
    let mut driver = opened((40, 12)).await;
    driver.press(":qqq").await;
    let screen = driver.screen();
    assert!(screen.contains("No command has these letters"), "{screen}");
    driver.press("<esc>:refresh 5m").await;
    let screen = driver.screen();
    assert!(!screen.contains("No command"), "{screen}");
    driver.press("<esc>:vie").await;
    let screen = driver.screen();
    assert!(screen.contains("Show"), "what a command does: {screen}");
}

#[tokio::test]
async fn help_above_a_plan_begins_with_what_the_plan_alone_can_do() {
    let mut driver = opened((160, 48)).await;
    driver.press("f").await;
    assert!(matches!(driver.model().overlay(), Some(Overlay::Plan(_))));
    driver.press("?").await;
    let screen = driver.screen();
    let apply = screen.find("Apply the plan").unwrap();
    let down = screen.find("Move down.").unwrap();
    assert!(apply < down, "{screen}");
}
