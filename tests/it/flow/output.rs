//! Copies, exports and revealed secrets.

use super::{ConsoleFixture, Driver};
use stanch::{
    clipboard::{Multiplexer, sequence},
    config::Policy,
    entity::leak::PasswordState,
    table::RowId,
};
use std::{os::unix::fs::PermissionsExt, time::Duration};

fn hidden_rows(driver: &Driver) -> Vec<RowId> {
    let order = driver.model().workspace.leaks.list.order().iter().copied();
    order
        .filter(|handle| driver.model().data.table.row(*handle).password == PasswordState::Hidden)
        .collect()
}

#[tokio::test]
async fn copies_are_the_terminals_own_sequence_wrapped_for_what_stands_between() {
    for multiplexer in [Multiplexer::None, Multiplexer::Tmux, Multiplexer::Screen] {
        let mut rig = ConsoleFixture::with_leaks(50);
        rig.multiplexer = multiplexer;
        let mut driver = rig.open().await;
        let id = driver.cursor();
        driver.press("yi").await;
        assert_eq!(
            driver.recorder.take(),
            sequence(id.as_bytes(), multiplexer),
            "{multiplexer:?}"
        );
        driver.assert_screen("id: sent to the terminal by OSC 52");
    }
}

#[tokio::test]
async fn every_entry_of_the_copy_menu_copies_what_it_says() {
    let mut driver = ConsoleFixture::with_leaks(50).open().await;
    let leak = driver.model().workspace.leaks.list.cursor().unwrap();
    driver.move_cursor(leak).press("<space><space>").await;
    driver.press("gg").await;
    let table = &driver.model().data.table;
    let text = |field| String::from_utf8(table.text(leak, field).into_owned()).unwrap();
    let keys: Vec<_> = driver
        .model()
        .workspace
        .marks
        .iter()
        .map(|handle| table.key(handle).to_string())
        .collect();
    let user = text(stanch::entity::leak::LeakField::Login);
    let host = text(stanch::entity::leak::LeakField::Hostname);
    let row = format!("{}\topen\t{user}\t", table.key(leak));
    let command = format!("stanch leaks fix {}", keys.join(" "));
    for (entry, expected, whole) in [
        ("yu", user, true),
        ("yh", host, true),
        ("yr", row, false),
        ("ym", keys.join("\n"), true),
        ("yc", command, true),
    ] {
        driver.press(entry).await;
        let sent = String::from_utf8(driver.recorder.take()).unwrap();
        let coded = sent
            .strip_prefix("\u{1b}]52;c;")
            .and_then(|rest| rest.strip_suffix("\u{1b}\\"))
            .unwrap_or_else(|| panic!("{entry}: {sent:?}"));
        let copied = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, coded).unwrap();
        let copied = String::from_utf8(copied).unwrap();
        assert!(copied.starts_with(&expected), "{entry}: {copied}");
        assert!(!whole || copied == expected, "{entry}: {copied}");
    }
}

#[tokio::test]
async fn a_copy_that_is_too_long_goes_to_a_closed_file() {
    let mut driver = ConsoleFixture::with_leaks(2_000).open().await;
    driver
        .press("*ym")
        .await
        .assert_screen("too long for the terminal");
    assert!(driver.recorder.take().is_empty());
    let path = driver.state.path().join("state/copied-1.txt");
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written.lines().count(), 2_000);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_revealed_secret_is_masked_again() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    let leak = hidden_rows(&driver)[0];
    driver.move_cursor(leak).run_until_settled().await;
    let masked = driver.screen();
    let is_revealed = |driver: &Driver| {
        let reveal = driver.model().workspace.reveal.as_ref();
        reveal.is_some_and(|reveal| reveal.secret.is_some())
    };
    for way in ["time", "focus", "size", "cursor", "zm", "drill", "pane"] {
        driver.press("zr").await;
        assert!(is_revealed(&driver), "{way}\n{}", driver.screen());
        let secret = driver
            .model()
            .workspace
            .reveal
            .as_ref()
            .unwrap()
            .secret
            .clone();
        let secret = String::from_utf8(secret.unwrap().expose().to_vec()).unwrap();
        driver.assert_screen(&secret);
        match way {
            "time" => {
                driver
                    .advance_clock(Duration::from_secs(9))
                    .await
                    .assert_screen(&secret);
                driver.advance_clock(Duration::from_secs(1)).await;
            }
            "focus" => {
                driver.send(crossterm::event::Event::FocusLost);
                driver.run_until_settled().await;
            }
            "size" => {
                driver.resize(150, 48).run_until_settled().await;
            }
            "cursor" => {
                driver.press("j").await;
            }
            "zm" => {
                driver.press("zm").await;
            }
            "drill" => {
                driver.press("<enter>").await;
            }
            "pane" => {
                driver.press("1").await;
            }
            _ => panic!("{way}"),
        }
        assert!(driver.model().workspace.reveal.is_none(), "{way}");
        assert!(!driver.shows(&secret), "{way}\n{}", driver.screen());
        driver.press("<esc>3").await;
        driver.resize(160, 48).run_until_settled().await;
        driver.move_cursor(leak).run_until_settled().await;
        assert!(!driver.shows(&secret), "{way}");
    }
    drop(masked);
}

#[tokio::test]
async fn every_reveal_is_in_the_audit_log_before_it_is_on_the_screen() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    let leak = hidden_rows(&driver)[0];
    driver.move_cursor(leak).run_until_settled().await;
    driver.press("zr").await;
    let log = std::fs::read_to_string(driver.state.path().join("state/audit.jsonl")).unwrap();
    let key = driver.model().data.table.key(leak).to_string();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("reveal")).collect();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains(&key), "{}", lines[0]);
    let secret = driver
        .model()
        .workspace
        .reveal
        .as_ref()
        .unwrap()
        .secret
        .clone();
    let secret = String::from_utf8(secret.unwrap().expose().to_vec()).unwrap();
    assert!(!log.contains(&secret));
}

#[tokio::test]
async fn the_policy_is_the_last_word_on_secrets() {
    let mut rig = ConsoleFixture::with_leaks(100);
    rig.policy = Policy {
        reveal: false,
        copy_secrets: true,
        ..Policy::default()
    };
    let mut driver = rig.open().await;
    let leak = hidden_rows(&driver)[0];
    driver.move_cursor(leak).press("zr").await;
    driver.assert_screen("the policy forbids reveals");
    driver.press("yp").await;
    assert!(driver.recorder.take().is_empty());
    let mut rig = ConsoleFixture::with_leaks(100);
    rig.policy = Policy {
        copy_secrets: true,
        ..Policy::default()
    };
    let mut driver = rig.open().await;
    let leak = hidden_rows(&driver)[0];
    driver.move_cursor(leak).press("yp").await;
    driver.assert_screen("secret: sent to the terminal by OSC 52");
    assert!(!driver.recorder.take().is_empty());
    assert!(driver.model().workspace.reveal.is_none());
}

#[tokio::test]
async fn an_export_is_a_new_file_of_the_marks_or_the_view() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver.press("<space><space>e").await;
    driver.assert_screen("export to:");
    driver.press("<enter>").await;
    driver.assert_screen("2 leaks exported to");
    let name = "stanch-leaks-20261122-120000.csv";
    let written = std::fs::read_to_string(driver.state.path().join(name)).unwrap();
    let rows = written
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    assert_eq!(rows.count(), 3, "{written}");
    driver.press("e<enter>").await;
    driver.assert_screen("not exported");
}

#[tokio::test]
async fn suspend_gives_the_terminal_away_masked_and_draws_anew() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    let leak = hidden_rows(&driver)[0];
    driver.move_cursor(leak).run_until_settled().await;
    driver.press("zr").await;
    let drawn = driver.drawn_cells();
    driver.press("<C-z>").await;
    assert_eq!(driver.recorder.suspend_count(), 1);
    assert!(driver.model().workspace.reveal.is_none());
    assert!(
        driver.drawn_cells() - drawn > 1_000,
        "every cell is drawn again"
    );
    let drawn = driver.drawn_cells();
    driver.press("<C-l>").await;
    assert!(driver.drawn_cells() - drawn > 1_000);
}
