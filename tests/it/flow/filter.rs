//! Narrowing, ordering, the palette and the menus.

use super::ConsoleFixture;
use std::time::Duration;

#[tokio::test]
async fn every_key_narrows_and_esc_brings_back_what_was() {
    let mut driver = ConsoleFixture::with_leaks(300).open().await;
    let count = |driver: &super::Driver| driver.model().workspace.leaks.list.order().len();
    let all = count(&driver);
    driver.press("/n").await;
    let mut last = count(&driver);
    assert!(last <= all);
    for key in ["o", "r", "t", "h", "l"] {
        driver.press(key).await;
        assert!(count(&driver) <= last, "{key}");
        last = count(&driver);
    }
    assert!(last > 0 && last < all);
    driver.press("<bs><bs><bs><bs><bs><bs>").await;
    assert_eq!(count(&driver), all);
    driver.press("northl<enter>").await;
    assert_eq!(count(&driver), last);
    driver.press("/ake zzz").await;
    assert_eq!(count(&driver), 0);
    driver.press("<esc>").await;
    assert_eq!(count(&driver), last);
    driver.press("\\").await;
    assert_eq!(count(&driver), all);
}

#[tokio::test]
async fn a_wrong_filter_keeps_the_last_result_and_says_where() {
    let mut driver = ConsoleFixture::with_leaks(300).open().await;
    driver.press("/status:fixed").await;
    let fixed = driver.model().workspace.leaks.list.order().to_vec();
    assert!(fixed.len() < 300);
    driver.press(" (").await;
    assert_eq!(driver.model().workspace.leaks.list.order(), fixed);
    let above = driver.status_line();
    assert!(
        above.contains("column 14: a parenthesis is opened here"),
        "{above}"
    );
    // The sign stands above the parenthesis.
    let at = |line: &str, sign: char| line.chars().position(|c| c == sign);
    assert_eq!(at(&above, '▼'), at(&driver.footer(), '('), "{above}");
    // Enter does not commit half of it: the line stays open and says what is wrong.
    driver.press("<enter>").await;
    assert_eq!(driver.model().workspace.leaks.list.order(), fixed);
    assert!(driver.status_line().contains("column 14"));
    driver.press("<bs><bs><enter>").await;
    assert_eq!(driver.model().workspace.leaks.list.order(), fixed);
    assert!(driver.status_line().contains("/status:fixed"));
    // Esc brings back what was in force before, not what was typed on the way.
    driver.press("/(<esc>").await;
    assert_eq!(driver.model().workspace.leaks.list.order(), fixed);
}

#[tokio::test]
async fn what_is_marked_can_be_asked_for_and_follows_the_marks() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    let shown = |driver: &super::Driver| driver.model().workspace.leaks.list.order().len();
    driver.press("<space><space><space>/marked<enter>").await;
    assert_eq!(shown(&driver), 3);
    driver.press("<space>").await;
    assert_eq!(shown(&driver), 2);
    driver.press("\\/!marked<enter>").await;
    assert_eq!(shown(&driver), 58);
    driver.press("\\//e/ or ~ae<enter>").await;
    let some = shown(&driver);
    assert!(some > 0 && driver.model().workspace.leaks.pending_search.is_none());
    driver.press("\\/not (/e/ or ~ae)<enter>").await;
    assert_eq!(shown(&driver), 60 - some);
}

#[tokio::test]
async fn keys_in_a_prompt_are_text() {
    let mut driver = ConsoleFixture::with_leaks(50).open().await;
    driver.press("/fqyR%*:?").await;
    assert_eq!(
        driver.model().prompt.as_ref().unwrap().input.value(),
        "fqyR%*:?"
    );
    assert_eq!(driver.exit_code, None);
    assert!(driver.model().overlays.is_empty() && driver.marked_ids().is_empty());
    let typed = |driver: &super::Driver| {
        let prompt = driver.model().prompt.as_ref().unwrap();
        (prompt.input.value().to_owned(), prompt.message.clone())
    };
    driver.paste("one\ntwo").run_until_settled().await;
    assert_eq!(typed(&driver).0, "fqyR%*:?one two");
    assert!(driver.screen().contains("line ends were taken as blanks"));
    driver.paste("three\u{1b}[2J").run_until_settled().await;
    let (text, told) = typed(&driver);
    assert_eq!(text, "fqyR%*:?one two");
    assert!(told.is_some_and(|(_, words)| words.contains("control character")));
    driver.press("<esc>").await;
    driver.paste("fyq").run_until_settled().await;
    assert!(driver.model().plan().is_none(), "a paste is no key");
}

#[tokio::test]
async fn the_groups_have_filters_of_their_own() {
    let mut driver = ConsoleFixture::with_leaks(300).open().await;
    let leaks = driver.model().workspace.leaks.list.order().len();
    driver.press("2/novak<enter>").await;
    let users = driver.model().workspace.users.list.order().len();
    assert!(users > 0 && users < 20, "{users}");
    assert_eq!(driver.model().workspace.leaks.list.order().len(), leaks);
    driver.press("<esc>").await;
    assert!(driver.model().workspace.users.list.order().len() > users);
}

#[tokio::test]
async fn a_sort_key_sorts_and_the_same_again_reverses() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver.press("ol").await.assert_screen("by login▲");
    let order = driver.model().workspace.leaks.list.order().to_vec();
    driver.press("ol").await;
    let reversed = driver.model().workspace.leaks.list.order().to_vec();
    assert_ne!(order, reversed);
    driver.press("O").await;
    assert_eq!(driver.model().workspace.leaks.list.order(), order);
    driver
        .press("5ol")
        .await
        .assert_screen("not sorted by that");
}

#[tokio::test]
async fn a_capital_letter_adds_a_sort_key() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver
        .press("otoS")
        .await
        .assert_screen("by status▲ leaked▼");
    let order = driver.model().workspace.leaks.list.order().to_vec();
    let mut expected = order.clone();
    let keys = ["status", "-seen"].map(|word| stanch::app::search::parse_sort_key(word).unwrap());
    expected.reverse();
    driver.model().data.table.sort(&mut expected, &keys);
    assert_eq!(order, expected);
    // The same again slices that key round alone, and O all of them.
    driver.press("oS").await.assert_screen("by status▲ leaked▲");
    driver.press("O").await.assert_screen("by status▼ leaked▼");
    driver.press(":sort status -seen<enter>").await;
    driver.assert_screen("by status▲ leaked▼");
    assert_eq!(driver.model().workspace.leaks.list.order(), order);
    driver.press("oLoUoH").await;
    driver.assert_screen("four sort keys are the most");
    assert_eq!(driver.model().workspace.leaks.sort.len(), 4);
    driver.press(":sort upside down<enter>").await;
    driver.assert_screen("these are no sort keys");
    assert_eq!(driver.model().workspace.leaks.sort.len(), 4);
    driver.press("or").await.assert_screen("by risk▼ ");
    driver.press("2oS").await;
    let mut notices = driver.model().notices.newest_first();
    assert!(notices.any(|notice| notice.text.contains("leaks one by one")));
}

#[tokio::test]
async fn a_prefix_shows_its_keys_after_a_moment() {
    let mut driver = ConsoleFixture::with_leaks(50).open().await;
    driver.press("o").await;
    assert!(!driver.shows("Sort by"), "not at once");
    driver.advance_clock(Duration::from_millis(300)).await;
    driver.assert_screen("Sort by login");
    driver.press("<esc>").await;
    assert!(driver.model().sequence.keys.is_empty());
    driver
        .press("y")
        .await
        .advance_clock(Duration::from_millis(301))
        .await;
    driver.assert_screen("Copy the id.");
    // What leads nowhere ends it, and is not taken as a key of its own.
    driver.press("q").await;
    assert_eq!(driver.exit_code, None);
}

#[tokio::test]
async fn the_palette_completes_runs_and_remembers() {
    let mut driver = ConsoleFixture::with_leaks(50).open().await;
    driver.press(":sort-lo<tab>").await;
    driver.assert_screen(":sort-login");
    driver.press("<enter>").await.assert_screen("by login");
    driver
        .press(":<up><enter>")
        .await
        .assert_screen("by login▼");
    // What the line begins is done, what fits nothing is not.
    driver
        .press(":mark-al<enter>")
        .await
        .assert_screen("50 marked");
    driver.press("<esc>").await;
    driver.press(":mark-oll<enter>").await;
    driver.assert_screen("did you mean :mark-all?");
    assert!(driver.marked_ids().is_empty());
    driver.press(":tour<enter>").await.assert_screen("1 of");
    driver.press("j").await.assert_screen("2 of");
    driver.press("<esc>").await;
    driver.press(":quit<enter>").await;
    assert_eq!(driver.exit_code, Some(0));
}

#[tokio::test]
async fn help_is_searched_and_scrolls() {
    let mut driver = ConsoleFixture::with_leaks(50).open().await;
    driver.press("?").await.assert_screen("Move down.");
    driver
        .press("/reveal")
        .await
        .assert_screen("Reveal this secret");
    assert!(!driver.shows("Move down."));
    driver.press("<enter><esc>").await;
    assert!(driver.model().overlays.is_empty());
}

#[tokio::test]
async fn what_cannot_be_done_says_why() {
    let mut driver = ConsoleFixture::with_leaks(50).open().await;
    for (keys, why) in [
        ("1zr", "works in the leaks pane"),
        ("3M", "nothing is marked"),
        ("gm", "no marks were cleared yet"),
        ("L", "no later view"),
        ("yp", "the policy forbids copying secrets"),
        ("5f", "a job has no leaks"),
        ("/", "newest first"),
    ] {
        driver.press(keys).await;
        assert!(driver.footer().contains(why), "{keys}: {}", driver.footer());
    }
}

#[tokio::test]
async fn where_no_leak_is_shown_none_is_said_to_be_inspected() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    driver.press("/nothing-has-this<enter>i").await;
    driver.assert_screen("nothing is under the cursor");
    assert!(!driver.shows("of this leak"), "{}", driver.screen());
}
