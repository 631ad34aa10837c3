//! What a console leaves on the desk for the next one, as processes.

use super::{
    console::{Console, ConsoleOptions},
    stand_in::StandIn,
};
use rustix::process::Signal;
use std::{fs, path::Path, time::Duration};

const EXIT_TIMEOUT: Duration = Duration::from_secs(60);

fn open_console(stand_in: &StandIn, state: &Path, more: &[&str]) -> Console {
    let start =
        ConsoleOptions::with_config(&stand_in.config()).environment("STANCH_STATE_DIR", state);
    more.iter()
        .fold(start, |start, word| start.argument(*word))
        .open()
}

/// The row under the cursor of the leaks pane.
fn row(console: &Console) -> String {
    let contents = console.contents();
    let line = contents.lines().rev().find(|line| line.starts_with("│❯"));
    line.unwrap_or_default().chars().take(100).collect()
}

/// Waits until the URL is no column of the leaks pane.
fn hide_url_column(console: &Console) {
    console.wait_until("the leaks without their URL", |screen| {
        let contents = screen.contents();
        let mut lines = contents.lines();
        let titles = lines.find(|line| line.contains("status") && line.contains("login"));
        titles.is_some_and(|titles| !titles.contains("url"))
    });
}

#[test]
fn a_console_takes_up_where_the_last_one_stood() {
    let stand_in = StandIn::with_leaks(300);
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state");
    let mut console = open_console(&stand_in, &state, &[]);
    console.wait_for("leaks 300 of 300");
    console.keys("/northlake\r");
    console.wait_for("/northlake");
    console.keys("olC");
    console.wait_for(" columns ");
    console.keys("jj ");
    hide_url_column(&console);
    console.keys("\r");
    console.wait_without(" columns ");
    console.keys(":view save north\r");
    console.wait_for("the view north is saved");
    console.keys("jjjj");
    console.wait_until_quiet(Duration::from_millis(500));
    let stood = row(&console);
    assert!(stood.contains("@northlake"), "{stood}");
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);

    let mut console = open_console(&stand_in, &state, &[]);
    console.wait_for(" north · ");
    console.wait_for("by login▲");
    console.wait_until("the row that it stood on", |screen| {
        let contents = screen.contents();
        contents
            .lines()
            .any(|line| line.starts_with("│❯") && line.starts_with(&stood))
    });
    hide_url_column(&console);
    // A signal is an end like any other.
    console.keys("\\");
    console.wait_for(" north* · ");
    console.signal(Signal::TERM);
    assert_eq!(console.exit(EXIT_TIMEOUT), 143);

    let mut console = open_console(&stand_in, &state, &[]);
    console.wait_for(" north* · 300 of 300");
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
    let mut console = open_console(&stand_in, &state, &["--filter", "status:fixed"]);
    console.wait_for("/status:fixed");
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
}

#[test]
fn who_may_only_read_leaves_the_desk_as_it_was() {
    let stand_in = StandIn::with_leaks(60);
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state");
    let mut console = open_console(&stand_in, &state, &["--read-only"]);
    console.wait_for("leaks 60 of 60");
    console.keys("/north\r");
    console.wait_for("/north");
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
    assert!(!state.join("session.toml").exists());
    let mut console = open_console(&stand_in, &state, &[]);
    console.wait_for("leaks 60 of 60");
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
    let text = fs::read_to_string(state.join("session.toml")).unwrap();
    assert!(!text.contains(stand_in.key()));
}
