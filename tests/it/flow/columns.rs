//! Columns: chosen, moved, made wider, and what a small screen makes of them.

use super::{ConsoleFixture, Driver};
use stanch::app::{
    columns::{self, Column, VisibleColumn},
    model::Pane,
    overlay::Overlay,
};

fn shown_columns(driver: &Driver, pane: Pane) -> Vec<Column> {
    let shown = columns::visible_columns(driver.model().context(), pane);
    shown.into_iter().map(|shown| shown.column).collect()
}

fn titles(driver: &Driver) -> String {
    let screen = driver.screen();
    let titles = screen
        .lines()
        .find(|line| line.contains("status") && line.contains("login"));
    titles.unwrap_or_default().to_owned()
}

fn width(driver: &Driver, column: Column) -> u16 {
    let model = driver.model();
    let room = columns::available_width(model.context(), model.workspace.focus);
    let placed = columns::layout_columns(model.context(), model.workspace.focus, room);
    placed
        .iter()
        .find(|(other, _)| *other == column)
        .unwrap()
        .1
        .width
}

#[tokio::test]
async fn the_editor_shows_hides_and_moves_and_the_list_follows_at_once() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    driver.press("C").await.assert_screen("columns");
    driver.press("jj<space>").await;
    assert!(!shown_columns(&driver, Pane::Leaks).contains(&Column::Url));
    assert!(!titles(&driver).contains("url"), "{}", titles(&driver));
    driver.press("<space>J").await;
    assert_eq!(
        shown_columns(&driver, Pane::Leaks)[2..4],
        [Column::Host, Column::Url]
    );
    let line = titles(&driver);
    assert!(
        line.find("machine").unwrap() < line.find("url").unwrap(),
        "{line}"
    );
    // The last ones are hidden until they are chosen.
    driver.press("<C-d>KKKKKKKKKKKKKKKKKKKK<space>").await;
    assert_eq!(shown_columns(&driver, Pane::Leaks)[0], Column::News);
    driver.press("r").await;
    assert_eq!(driver.model().workspace.columns.get(Pane::Leaks), None);
    driver.press("<esc>").await;
    assert!(driver.model().overlays.is_empty());
}

#[tokio::test]
async fn one_column_always_stays() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    driver.press("2C").await;
    for _ in 0..8 {
        driver.press("<space>j").await;
    }
    let Some(Overlay::Columns(editor)) = driver.model().overlay() else {
        panic!("the editor is open");
    };
    let count = editor.rows.iter().filter(|(_, shown)| *shown).count();
    assert!(count >= 1);
    assert!(!shown_columns(&driver, Pane::Users).is_empty());
    driver
        .press("<enter>5C")
        .await
        .assert_screen("always the same");
}

#[tokio::test]
async fn a_column_is_made_wider_in_the_list_and_in_the_editor() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    // The one that it is sorted by.
    driver.press("ou").await;
    let before = width(&driver, Column::Url);
    driver.press("<lt><lt>").await;
    assert_eq!(width(&driver, Column::Url), before - 4);
    driver.press(">").await;
    assert_eq!(width(&driver, Column::Url), before - 2);
    driver.press("Cj>").await.assert_screen("wide");
    let login = VisibleColumn {
        column: Column::Login,
        width: Some(width(&driver, Column::Login)),
    };
    assert!(
        driver
            .model()
            .workspace
            .columns
            .get(Pane::Leaks)
            .unwrap()
            .contains(&login)
    );
    driver.press("<esc>").await;
    for _ in 0..200 {
        driver.keys("<lt>");
    }
    driver.run_until_settled().await;
    assert_eq!(width(&driver, Column::Url), columns::MIN_WIDTH);
    // In a pane of groups it is the name.
    driver.press("2").await;
    let before = width(&driver, Column::Name);
    driver.press("<lt>").await;
    assert_eq!(width(&driver, Column::Name), before - 2);
}

#[tokio::test]
async fn where_there_is_no_room_the_least_important_goes_first() {
    for (size, expected) in [
        (
            (160, 48),
            &[
                "status", "login", "url", "machine", "country", "class", "leaked",
            ][..],
        ),
        ((80, 24), &["status", "login", "url", "leaked"][..]),
        ((40, 12), &["status", "login"][..]),
    ] {
        let rig = ConsoleFixture {
            size,
            ..ConsoleFixture::with_leaks(60)
        };
        let driver = rig.open().await;
        let line = titles(&driver);
        for title in expected {
            assert!(line.contains(title), "{title} at {size:?}: {line}");
        }
    }
}

#[tokio::test]
async fn every_column_can_be_shown() {
    let rig = ConsoleFixture {
        size: (400, 48),
        all_systems: true,
        ..ConsoleFixture::with_leaks(300)
    };
    let mut driver = rig.open().await;
    for (key, pane) in [
        ("1", Pane::Domains),
        ("2", Pane::Users),
        ("3", Pane::Leaks),
        ("4", Pane::Connections),
    ] {
        driver.press(key).await.press("C").await;
        let hidden = columns::available_columns(pane).len() - shown_columns(&driver, pane).len();
        driver
            .press(&"j".repeat(columns::default_columns(pane).len()))
            .await;
        driver
            .press(&"<space>j".repeat(hidden))
            .await
            .press("<esc>zf")
            .await;
        assert_eq!(
            shown_columns(&driver, pane).len(),
            columns::available_columns(pane).len()
        );
        let screen = driver.screen();
        for column in columns::available_columns(pane) {
            let of_use = columns::has_content(driver.model().context(), *column);
            assert!(
                !of_use || screen.contains(column.title()),
                "{column} in {pane}:\n{screen}"
            );
        }
        driver.press("zf").await;
    }
}
