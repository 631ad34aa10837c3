//! What is new since the operator left, as processes: a watch and a console on one memory.

use super::{
    console::{Console, ConsoleOptions},
    stand_in::StandIn,
};
use serde_json::json;
use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

const SOON: Duration = Duration::from_secs(60);

fn opened(stand_in: &StandIn, state: &Path, size: (u16, u16)) -> Console {
    let start =
        ConsoleOptions::with_config(&stand_in.config()).environment("STANCH_STATE_DIR", state);
    start.size(size.0, size.1).open()
}

#[test]
fn what_a_watch_found_is_news_in_the_console_until_it_was_looked_at() {
    let stand_in = StandIn::with_leaks(120);
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state");
    let baseline = Command::new(env!("CARGO_BIN_EXE_stanch"))
        .arg("--config")
        .arg(stand_in.config())
        .args(["watch", "--once"])
        .env("STANCH_STATE_DIR", &state)
        .output()
        .unwrap();
    assert!(baseline.status.success(), "{baseline:?}");
    stand_in.set("/leaks", &json!({ "projectdiscovery": { "insert": 3 } }));

    let mut console = opened(&stand_in, &state, (160, 48));
    let news = |words: [&'static str; 2]| {
        move |screen: &vt100::Screen| {
            let contents = screen.contents();
            let header = contents.lines().next().unwrap_or_default();
            words.iter().any(|word| header.contains(word))
        }
    };
    console.wait_until("news in the header", news([" new ", " again "]));
    console.keys("q");
    assert_eq!(console.exit(SOON), 0);

    // Nobody looked: they are news for the next one, too.
    let mut console = opened(&stand_in, &state, (40, 12));
    console.wait_until("news in the header", news([" new ", " again "]));
    console.keys("N");
    console.wait_for("3 of 123");
    console.keys("q");
    assert_eq!(console.exit(SOON), 0);

    stand_in.set("/leaks", &json!({ "projectdiscovery": { "insert": 1 } }));
    let mut console = opened(&stand_in, &state, (80, 24));
    console.wait_until("news in the header", news([" 1 new ", " 1 again "]));
    console.keys("zn");
    console.wait_for("1 leak looked at");
    console.wait_without(" 1 new ");
    console.wait_without(" 1 again ");
    console.keys("q");
    assert_eq!(console.exit(SOON), 0);
    let memory = std::fs::read(state.join("seen.db")).unwrap();
    let text = String::from_utf8_lossy(&memory);
    assert!(
        text.contains("console:"),
        "the place of the operator is kept"
    );
    assert!(!text.contains(stand_in.key()));
}

/// What news may cost, from when they come until the screen rests again.
const NEWS_BYTES: usize = 8 * 1024;

/// Longer than anything at rest waits.
const REST: Duration = Duration::from_millis(700);

/// Longer than a round and what it reads take, and shorter than the time between two rounds.
const ROUND: Duration = Duration::from_secs(10);

#[expect(clippy::print_stderr, reason = "the figure is the result")]
fn watches_for_little(size: (u16, u16)) {
    let stand_in = StandIn::with_leaks(2_000);
    let home = tempfile::tempdir().unwrap();
    let mut console = opened(&stand_in, &home.path().join("state"), size);
    console.wait_until("all leaks", |screen| screen.contents().contains("2,000"));
    console.wait_until_quiet(REST);
    console.keys(&"j".repeat(500));
    console.wait_until_quiet(REST);
    console.keys(":watch 30s\r");
    console.wait_until_quiet(REST);
    console.keys("\u{1b}");
    console.wait_until_quiet(REST);
    // The first round reads what the others compare with.
    let asked = |count: usize| {
        let deadline = Instant::now() + 2 * SOON;
        while stand_in.requests().len() < count {
            console.bytes_within(Duration::from_millis(100));
            assert!(Instant::now() < deadline, "no round");
        }
    };
    asked(stand_in.requests().len() + 2);
    let before = console.wait_until_quiet(ROUND);
    asked(stand_in.requests().len() + 2);
    assert_eq!(console.wait_until_quiet(ROUND), before, "a quiet round");
    let statuses = stand_in.statuses();
    let mut fixed = statuses.as_object().unwrap().iter();
    let (back, _) = fixed.find(|(_, word)| *word == "fixed").unwrap();
    stand_in.set(
        "/statuses",
        &json!({ "projectdiscovery": { back: "open" } }),
    );
    stand_in.set("/leaks", &json!({ "projectdiscovery": { "insert": 12 } }));
    console.wait_until("the badge", |screen| {
        let contents = screen.contents();
        let header = contents.lines().next().unwrap_or_default();
        header.contains(" 1 back") || header.contains("↑1")
    });
    let bytes = console.wait_until_quiet(ROUND) - before;
    assert!(bytes <= NEWS_BYTES, "{bytes} bytes at {size:?}");
    eprintln!("{size:?}: {bytes} bytes for 13 news among 2,000 leaks");
    console.keys("N");
    console.wait_for("13 of 2,012");
    console.keys("q");
    assert_eq!(console.exit(SOON), 0);
}

#[test]
#[ignore = "rounds are half a minute apart; run it with --ignored"]
fn a_console_that_watches_sends_nothing_in_a_quiet_round_and_little_for_news() {
    std::thread::scope(|scope| {
        for size in [(160, 48), (80, 24), (40, 12)] {
            scope.spawn(move || watches_for_little(size));
        }
    });
}
