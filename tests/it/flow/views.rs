//! Saved views, and what comes back at the next start.

use super::{ConsoleFixture, Driver};
use stanch::{
    app::model::{JournalAccess, Pane},
    table::GroupKind,
};
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, pin::Pin, time::Duration};

fn file(driver: &Driver, name: &str) -> PathBuf {
    driver.state.path().join("state").join(name)
}

/// Ends the console and opens the next one on what it leaves behind.
fn restart(driver: Driver, leaks: u64) -> Pin<Box<dyn Future<Output = Driver>>> {
    Box::pin(async move {
        let state = Some(driver.end().await);
        let rig = ConsoleFixture {
            state,
            ..ConsoleFixture::with_leaks(leaks)
        };
        rig.open().await
    })
}

fn names(driver: &Driver) -> Vec<&str> {
    let saved = driver.model().views.saved.iter();
    saved.map(|view| &view.name[..]).collect()
}

fn filter(driver: &Driver) -> &str {
    driver.model().workspace.leaks.filter.filter.text()
}

/// Whether this was said, be it hidden by something worse.
fn assert_notice(driver: &Driver, words: &str) {
    let mut notices = driver.model().notices.newest_first();
    assert!(
        notices.any(|notice| notice.text.contains(words)),
        "{words}:\n{}",
        driver.screen()
    );
}

#[tokio::test]
async fn a_view_is_saved_shown_and_there_at_the_next_start() {
    let mut driver = ConsoleFixture::with_leaks(200).open().await;
    driver.press("/status:fixed<enter>ol").await;
    driver.press(":view save done, by name<enter>").await;
    driver
        .assert_screen("the view done, by name is saved")
        .assert_screen(" done, by name ·");
    let path = file(&driver, "views.toml");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // What is changed since has a star, and is saved again without its name.
    driver.press("O").await.assert_screen(" done, by name* ·");
    driver
        .press(":view save<enter>")
        .await
        .assert_screen(" done, by name ·");
    driver
        .press("\\os")
        .await
        .assert_screen(" done, by name* ·");
    let mut driver = restart(driver, 200).await;
    assert!(names(&driver).contains(&"done, by name"));
    driver.press(":view done, by name<enter>").await;
    driver
        .assert_screen(" done, by name ·")
        .assert_screen("by login▼");
    assert_eq!(filter(&driver), "status:fixed");
    driver.press("H").await;
    assert_eq!(filter(&driver), "");
    driver.press(":view done, by nam<enter>").await;
    driver.assert_screen("did you mean :view done, by name?");
}

#[tokio::test]
async fn brackets_walk_through_the_views_in_the_order_of_the_list() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    let all: Vec<String> = names(&driver).into_iter().map(str::to_owned).collect();
    assert!(all.len() >= 4, "{all:?}");
    for name in all.iter().chain(&all[..1]) {
        driver.press("]").await;
        assert_eq!(driver.model().views.current.as_ref(), Some(name));
    }
    driver.press("[").await;
    assert_eq!(driver.model().views.current, all.last().cloned());
    // K and J move a view, d takes it away, but asks first.
    driver.press("zv").await;
    driver.press("<C-u>J").await;
    assert_eq!(names(&driver)[..2], [&all[1][..], &all[0]]);
    driver.press("K").await;
    assert_eq!(names(&driver), all);
    driver
        .press("d")
        .await
        .assert_screen("Delete the view all?");
    driver.press("jn").await;
    assert_eq!(names(&driver), all, "only y is yes");
    driver
        .press("dy")
        .await
        .assert_screen("the view all is deleted");
    assert_eq!(names(&driver), all[1..]);
    driver.press("<enter>").await;
    assert!(driver.model().overlays.is_empty());
    assert_eq!(driver.model().views.current.as_ref(), Some(&all[1]));
    let mut driver = restart(driver, 100).await;
    assert_eq!(names(&driver), all[1..]);
    driver.press(":view delete nothing<enter>").await;
    driver.assert_screen("there is no view of that name");
}

#[tokio::test]
async fn a_view_that_is_saved_just_before_the_end_is_not_lost() {
    let mut driver = ConsoleFixture::with_leaks(50).open().await;
    driver
        .keys(":view save last<enter>:view save very last<enter>q")
        .run_until_settled()
        .await;
    assert_eq!(driver.exit_code, Some(0));
    let driver = restart(driver, 50).await;
    assert!(names(&driver).ends_with(&["last", "very last"]));
}

#[tokio::test]
async fn views_are_exported_and_taken_in() {
    let mut driver = ConsoleFixture::with_leaks(50).open().await;
    driver.press("/vpn<enter>:view save vpn<enter>").await;
    let path = driver.state.path().join("views.toml");
    let command = |word: &str| format!(":view {word} {}<enter>", path.display());
    driver
        .press(&command("export"))
        .await
        .assert_screen("views written to");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let written = fs::read_to_string(&path).unwrap();
    driver
        .press(&command("export"))
        .await
        .assert_screen("is there already");
    driver.press(":view delete vpn<enter>").await;
    let count = names(&driver).len();
    driver.press(&command("import")).await;
    assert_notice(&driver, "1 view taken in");
    assert_notice(&driver, "their names are taken");
    assert_eq!(names(&driver).len(), count + 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), written);
    fs::write(&path, "[[view]\n").unwrap();
    driver.press(&command("import")).await;
    assert_notice(&driver, "no views were taken in: line 1");
}

#[tokio::test]
async fn a_damaged_file_is_told_by_its_line_and_kept() {
    let driver = ConsoleFixture::with_leaks(50).open().await;
    let path = file(&driver, "views.toml");
    let state = driver.end().await;
    let damaged = "schema = 1\n[[view]]\nname = \"mine alone\n";
    fs::write(&path, damaged).unwrap();
    let rig = ConsoleFixture {
        state: Some(state),
        ..ConsoleFixture::with_leaks(50)
    };
    let mut driver = rig.open().await;
    driver
        .press("!")
        .await
        .assert_screen("views.toml:3")
        .assert_screen("cannot be read");
    driver.press("<esc>]").await;
    assert_notice(&driver, "no view is saved");
    assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    driver
        .press(":view save one<enter>:view save two<enter>")
        .await;
    let aside = path.with_file_name("views.toml.damaged-1");
    assert_eq!(fs::read_to_string(&aside).unwrap(), damaged);
    assert!(!path.with_file_name("views.toml.damaged-2").exists());
    let driver = restart(driver, 50).await;
    assert_eq!(names(&driver), ["one", "two"]);
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_stays_in_the_file() {
    let driver = ConsoleFixture::with_leaks(50).open().await;
    let path = file(&driver, "views.toml");
    let state = driver.end().await;
    let text = "[[view]]\nname = \"good\"\n\n[[view]]\nname = \"odd\"\nsort = 3\n";
    fs::write(&path, text).unwrap();
    let rig = ConsoleFixture {
        state: Some(state),
        ..ConsoleFixture::with_leaks(50)
    };
    let mut driver = rig.open().await;
    driver
        .press("!")
        .await
        .assert_screen("views.toml:4: a view cannot be read");
    driver.press("<esc>:view save new<enter>").await;
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("odd") && text.contains("new"), "{text}");
}

#[tokio::test]
async fn the_next_start_takes_up_where_the_last_one_stood() {
    let mut driver = ConsoleFixture::with_leaks(400).open().await;
    driver.press("/status:open<enter>otoL").await;
    driver.press(":view save open ones<enter>>>").await;
    driver.press("jjjjjjj").await;
    let cursor = driver.cursor();
    driver.press("2/novak<enter>on").await;
    let path = file(&driver, "session.toml");
    let mut driver = restart(driver, 400).await;
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(driver.cursor(), cursor);
    assert_eq!(driver.model().workspace.focus, Pane::Users);
    assert_eq!(driver.model().workspace.users.filter.filter.text(), "novak");
    driver
        .assert_screen("by status▲ login▲")
        .assert_screen(" open ones");
    assert!(driver.model().workspace.columns.get(Pane::Leaks).is_some());
    // With groups too, and without what was in force.
    driver.press("3\\gu").await;
    let driver = restart(driver, 400).await;
    let grouping = driver.model().workspace.leaks.grouping.as_ref().unwrap();
    assert_eq!(grouping.kind, GroupKind::User);
    assert_eq!(filter(&driver), "");
}

#[tokio::test]
async fn a_leak_that_is_gone_leaves_the_cursor_at_the_top() {
    let mut driver = ConsoleFixture::with_leaks(200).open().await;
    driver.press("jjjj").await;
    let top = driver.model().workspace.leaks.list.order()[0];
    let top = driver.id(top);
    let gone = driver.cursor();
    let path = file(&driver, "session.toml");
    let state = driver.end().await;
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(&gone), "{text}");
    fs::write(&path, text.replace(&gone, &"f".repeat(gone.len()))).unwrap();
    let rig = ConsoleFixture {
        state: Some(state),
        ..ConsoleFixture::with_leaks(200)
    };
    let mut driver = rig.open().await;
    assert_eq!(driver.cursor(), top);
    assert_eq!(driver.model().workspace.leaks.restore_cursor, None);
    driver.press("j").await;
    assert_ne!(driver.cursor(), top);
}

#[tokio::test]
async fn a_session_that_cannot_be_read_is_told_and_written_anew() {
    let driver = ConsoleFixture::with_leaks(50).open().await;
    let path = file(&driver, "session.toml");
    let state = driver.end().await;
    fs::write(&path, "schema = 1\n=\n").unwrap();
    let rig = ConsoleFixture {
        state: Some(state),
        ..ConsoleFixture::with_leaks(50)
    };
    let mut driver = rig.open().await;
    driver
        .press("!")
        .await
        .assert_screen("session.toml:2")
        .assert_screen("begins afresh");
    driver.press("<esc>/vpn<enter>").await;
    let driver = restart(driver, 50).await;
    assert_eq!(filter(&driver), "vpn");
}

#[tokio::test]
async fn while_somebody_works_it_is_written_now_and_then_and_at_rest_never() {
    let mut driver = ConsoleFixture::with_leaks(50).open().await;
    let path = file(&driver, "session.toml");
    driver.press("/vpn<enter>").await;
    assert!(!path.exists());
    for _ in 0..20 {
        driver
            .press("j")
            .await
            .advance_clock(Duration::from_millis(700))
            .await;
        assert!(!path.exists(), "there is no pause");
    }
    driver.advance_clock(Duration::from_millis(1_100)).await;
    assert!(fs::read_to_string(&path).unwrap().contains("vpn"));
    assert_eq!(driver.model().session.save_due, None);
    fs::remove_file(&path).unwrap();
    driver
        .press("kj")
        .await
        .advance_clock(Duration::from_secs(61))
        .await;
    assert!(!path.exists(), "nothing else is to be said");
    driver.advance_clock(Duration::from_secs(3_600)).await;
    assert!(!path.exists());
}

#[tokio::test]
async fn who_only_watches_or_reads_leaves_no_trace() {
    let driver = ConsoleFixture::with_leaks(50).open().await;
    let state = driver.state.path().to_owned();
    let config = stanch::config::Config::default();
    let setup = super::super::support::console_fixture::setup(&config, config.policy, &state);
    let mut model = stanch::app::model::Model::new(
        setup,
        Vec::new(),
        JournalAccess::Follower {
            holder: "ada@desk".into(),
        },
        driver.model().now,
    );
    model.data.first_run = false;
    assert_eq!(model.session.changed(&model.views, model.context()), None);
    model.access.journal = JournalAccess::ReadOnly {
        reason: "nfs".into(),
    };
    assert_eq!(model.session.changed(&model.views, model.context()), None);
    model.access.journal = JournalAccess::Writer;
    assert!(
        model
            .session
            .changed(&model.views, model.context())
            .is_some()
    );
}
