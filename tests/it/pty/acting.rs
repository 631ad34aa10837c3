//! A program of the operator's own, the mouse, sets of marks, and the demo with an operator's own keys.

use super::{
    console::ConsoleOptions,
    stand_in::{StandIn, write_private},
};
use std::time::Duration;

const END: Duration = Duration::from_secs(30);

#[test]
fn a_program_gets_leaks_without_secrets_and_its_run_is_in_the_log() {
    let stand_in = StandIn::with_leaks(60);
    let home = tempfile::tempdir().unwrap();
    let (path, out) = (home.path().join("config.toml"), home.path().join("out"));
    let config = std::fs::read_to_string(stand_in.config()).unwrap();
    let more = format!(
        "[commands.keep]\nkey = \"x\"\ncommand = [\"tee\", {:?}]\n",
        out.to_str().unwrap()
    );
    write_private(&path, &format!("{config}{more}"));
    let mut console = ConsoleOptions::with_config(&path).open();
    console.wait_for("leaks 60 of 60");
    console.keys(" ");
    console.wait_for("1 marked");
    console.keys(" ");
    console.wait_for("2 marked");
    console.keys("x");
    console.wait_for("y runs it");
    console.keys("y\r");
    console.wait_for("keep ended with 0");
    let state = console.state();
    console.keys("q");
    assert_eq!(console.exit(END), 0);
    console.assert_restored();
    let text = std::fs::read_to_string(&out).unwrap();
    let leaks: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(leaks.len(), 2, "{text}");
    for leak in &leaks {
        assert_eq!(leak["schema"], 1);
        assert!(leak["password"].is_null() || leak["password"] == "********");
    }
    let audit = std::fs::read_to_string(state.join("audit.jsonl")).unwrap();
    let runs = audit
        .lines()
        .filter(|line| line.contains("\"action\":\"run\""))
        .count();
    assert_eq!(runs, 2, "{audit}");
}

#[test]
fn the_mouse_is_given_back() {
    let stand_in = StandIn::with_leaks(60);
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("config.toml");
    let config = std::fs::read_to_string(stand_in.config()).unwrap();
    write_private(&path, &format!("{config}[console]\nmouse = true\n"));
    let mut console = ConsoleOptions::with_config(&path).open();
    console.wait_for("leaks 60 of 60");
    console.wait_until("the mouse is reported", |screen| {
        screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None
    });
    // The wheel turns over the leaks: the cursor leaves the first row.
    console.keys("\x1b[<65;20;20M");
    console.keys(":mouse off\r");
    console.wait_until("the mouse is left alone", |screen| {
        screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    });
    console.keys(":mouse on\r");
    console.wait_for("the mouse is on");
    console.keys("q");
    assert_eq!(console.exit(END), 0);
    console.assert_restored();
}

#[test]
fn marks_come_back_at_the_next_start() {
    let stand_in = StandIn::with_leaks(60);
    let state = tempfile::tempdir().unwrap();
    let open = || {
        let console = ConsoleOptions::with_config(&stand_in.config())
            .environment("STANCH_STATE_DIR", state.path())
            .open();
        console.wait_for("leaks 60 of 60");
        console
    };
    let mut console = open();
    console.keys("*");
    console.wait_for("60 marked");
    console.keys("q");
    console.wait_for("60 marks are not saved");
    console.keys(":marks save all of it\r");
    console.wait_for("60 marks saved as all of it");
    console.keys("q");
    assert_eq!(console.exit(END), 0);
    let mut console = open();
    console.keys(":marks load all of it\r");
    console.wait_for("60 marked");
    console.keys("q");
    assert_eq!(console.exit(END), 0);
}

#[test]
fn the_demo_takes_keys_and_policy_of_a_file() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("config.toml");
    let text = "[policy]\nreasons = [\"phished by the auditors\"]\n[keymap]\npreset = \"mutt\"\n";
    write_private(&path, text);
    let mut console =
        ConsoleOptions::with_arguments(["demo", "--leaks", "60", "--today", "2026-03-01"])
            .argument("--config")
            .argument(path.as_os_str())
            .open();
    // 60 of the three services and 177 of the archive.
    console.wait_for("3 leaks 237 of 237");
    // What mutt calls to tag.
    console.keys("t");
    console.wait_for("1 marked");
    console.keys("d");
    console.wait_for("Mark 1 leak fixed");
    console.keys("r\t");
    console.wait_for("reason: phished by the auditors");
    console.keys("\x1b");
    console.wait_without("reason: phished");
    console.keys("n");
    console.wait_without("Mark 1 leak fixed");
    console.keys("q");
    assert_eq!(console.exit(END), 0);
    console.assert_restored();
}
