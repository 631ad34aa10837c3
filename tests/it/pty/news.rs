//! What is new since the operator left, as processes: a watch and a console on one memory.

use super::{
    console::{Console, ConsoleOptions},
    stand_in::StandIn,
};
use serde_json::json;
use std::{path::Path, process::Command, time::Duration};

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
