//! Rows that are not drawn again are what they would be if they were.

use crate::support::{
    console_fixture::{ConsoleFixture, look},
    driver::Driver,
    test_backend::{screen_text, styles},
};
use ratatui::buffer::Buffer;
use stanch::{
    app::message::Message,
    config::Config,
    ui::{
        self,
        redraw::{ListSnapshot, UnchangedRows},
    },
};

/// A console with the leaks on the whole screen.
async fn zoomed_driver() -> Driver {
    let mut driver = ConsoleFixture::with_leaks(200).open().await;
    driver.press("zf").await;
    driver
}

/// The rows that a key leaves as they are.
async fn count_unchanged(driver: &mut Driver, key: &str) -> usize {
    let before = ListSnapshot::from_model(driver.model()).unwrap();
    driver.press(key).await;
    let kept = before.unchanged_rows(&ListSnapshot::from_model(driver.model()).unwrap());
    let rows = driver.buffer().area.height;
    (0..rows).filter(|row| kept.contains(*row)).count()
}

#[tokio::test]
async fn a_cursor_that_moves_leaves_all_rows_but_two() {
    let mut driver = zoomed_driver().await;
    let leaks = usize::from(driver.model().size.1) - 6;
    assert_eq!(count_unchanged(&mut driver, "j").await, leaks - 2);
    assert_eq!(count_unchanged(&mut driver, "k").await, leaks - 2);
    // The list scrolls: all rows but those of the cursor and the one that comes in stand a line higher, or lower.
    driver.press("gg").await;
    for _ in 0..leaks {
        driver.press("j").await;
    }
    assert_eq!(count_unchanged(&mut driver, "j").await, leaks - 2);
    driver.press("G").await;
    for _ in 0..leaks {
        driver.press("k").await;
    }
    assert_eq!(count_unchanged(&mut driver, "k").await, leaks - 2);
    driver.press("G").await;
    // By half a page: the row of the cursor went with it, and is no longer seen.
    assert_eq!(count_unchanged(&mut driver, "<C-u>").await, leaks / 2 - 1);
    // All of them are others now, or the screen is.
    driver.press("gg").await;
    assert_eq!(count_unchanged(&mut driver, "<C-f>").await, 0);
    let before = ListSnapshot::from_model(driver.model()).unwrap();
    let (columns, rows) = (100, 30);
    driver
        .send_message(Message::TerminalResized { columns, rows })
        .await;
    let now = ListSnapshot::from_model(driver.model()).unwrap();
    assert!(before.unchanged_rows(&now).is_empty());
}

#[tokio::test]
async fn on_a_terminal_that_has_become_shorter_untold_every_row_is_drawn() {
    let look = look(&Config::default().theme);
    for key in ["j", "k"] {
        let mut driver = zoomed_driver().await;
        driver.press(if key == "j" { "gg" } else { "G" }).await;
        // The cursor comes to where the list scrolls.
        for _ in 0..driver.model().size.1 {
            driver.press(key).await;
        }
        driver.resize_without_event(160, 30);
        for _ in 0..3 {
            driver.press(key).await;
            let mut fits = Buffer::empty(driver.buffer().area);
            ui::draw(driver.model(), &look, &UnchangedRows::NONE, &mut fits);
            assert_eq!(screen_text(&fits), driver.screen(), "after {key:?}");
        }
    }
}

#[tokio::test]
async fn where_rows_of_leaks_stand_beside_something_none_is_left() {
    let mut driver = zoomed_driver().await;
    driver.press("1").await;
    assert!(
        ListSnapshot::from_model(driver.model()).is_none(),
        "another pane"
    );
    driver.press("3").await;
    assert!(ListSnapshot::from_model(driver.model()).is_some());
    for (key, back, what) in [
        ("?", "<esc>", "an overlay"),
        ("/", "<esc>", "a prompt"),
        ("V", "<esc>", "a range"),
        ("g", "<esc>", "a menu"),
    ] {
        driver.press(key).await;
        assert!(ListSnapshot::from_model(driver.model()).is_none(), "{what}");
        driver.press(back).await;
        assert!(
            ListSnapshot::from_model(driver.model()).is_some(),
            "after {what}"
        );
    }
    assert!(
        UnchangedRows::NONE.is_empty() && !UnchangedRows::from_rows([false, true], None).is_empty()
    );
}

#[tokio::test]
async fn what_is_on_the_screen_after_any_keys_is_the_whole_frame() {
    let keys = [
        "j", "j", "j", "k", "j", " ", "j", "k", "J", "<C-d>", "j", "j", "k", "k", "/", "<esc>",
        "j", "V", "j", "j", "<esc>", "j", "*", "j", "k", "<C-d>", "<C-d>", "k", "<C-u>", "os", "j",
        "j", "G", "k", "k", "gg", "j", "j", "?", "<esc>", "j", "c", "<esc>", "j", "M", "j", "M",
        "k",
    ];
    let look = look(&Config::default().theme);
    let mut driver = zoomed_driver().await;
    for key in keys {
        for key in [key, "j"] {
            driver.press(key).await;
            let mut whole = Buffer::empty(driver.buffer().area);
            ui::draw(driver.model(), &look, &UnchangedRows::NONE, &mut whole);
            assert_eq!(screen_text(&whole), driver.screen(), "after {key:?}");
            assert_eq!(styles(&whole), styles(driver.buffer()), "after {key:?}");
        }
    }
}
