//! How a console begins and ends, and how it takes what a terminal does to it.

use super::{
    console::{Console, ConsoleOptions, PROGRAM},
    stand_in::StandIn,
};
use rustix::process::Signal;
use std::{process::Command, time::Duration};

const EXIT_TIMEOUT: Duration = Duration::from_secs(60);

fn open_console(stand_in: &StandIn) -> Console {
    let console = ConsoleOptions::with_config(&stand_in.config()).open();
    console.wait_for("leaks 60 of 60");
    console
}

#[test]
fn it_shows_rows_and_leaves_the_terminal_as_it_was() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = open_console(&stand_in);
    console.wait_for("@northlake.example");
    console.screen(|screen| {
        assert!(screen.alternate_screen() && screen.bracketed_paste() && screen.hide_cursor());
    });
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
    console.assert_restored();
    assert_eq!(console.callbacks().unknown_sequences, [] as [&str; 0]);
}

/// A demo whose files can be told from those of others, and how many there are.
fn demo(leaks: &str, latency: &str) -> (Console, impl Fn() -> usize) {
    let console = ConsoleOptions::with_arguments([
        "demo",
        "--leaks",
        &leaks.replace(',', ""),
        "--latency",
        latency,
    ])
    .environment("STANCH_STATE_DIR", "")
    .environment("TMPDIR", std::env::temp_dir())
    .open();
    console.wait_for("DEMO");
    // A row of whichever system answers first.
    console.wait_for("@");
    let ours = format!("stanch-demo-{}-", console.pid());
    let files = move || {
        std::fs::read_dir(std::env::temp_dir())
            .unwrap()
            .filter(|entry| {
                let name = entry.as_ref().unwrap().file_name();
                name.to_string_lossy().starts_with(&ours)
            })
            .count()
    };
    assert_eq!(files(), 1);
    (console, files)
}

#[test]
fn the_demo_needs_no_configuration_and_leaves_no_file() {
    let (mut console, files) = demo("60", "0");
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
    console.assert_restored();
    assert_eq!(files(), 0);
    assert_eq!(std::fs::read_dir(console.home()).unwrap().count(), 0);
}

#[test]
fn the_demo_leaves_no_file_when_its_terminal_goes_away() {
    // At rest, and with answers on their way that the stand-in waits for at its end.
    for (leaks, latency) in [("60", "0"), ("20,000", "900")] {
        let (mut console, files) = demo(leaks, latency);
        console.hang_up();
        assert_eq!(console.exit(EXIT_TIMEOUT), 129);
        assert_eq!(files(), 0, "{leaks} leaks");
    }
}

#[test]
fn control_c_twice_ends_it() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = open_console(&stand_in);
    console.keys("\x03");
    console.wait_for("once more quits");
    console.keys("\x03");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
    console.assert_restored();
}

#[test]
fn sigint_from_outside_ends_it_with_130() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = open_console(&stand_in);
    console.signal(Signal::INT);
    assert_eq!(console.exit(EXIT_TIMEOUT), 130);
    console.assert_restored();
}

#[test]
fn sigterm_ends_it_with_143_and_the_terminal_as_it_was() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = open_console(&stand_in);
    console.signal(Signal::TERM);
    assert_eq!(console.exit(EXIT_TIMEOUT), 143);
    console.assert_restored();
}

#[test]
fn it_follows_the_size_of_the_terminal() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = open_console(&stand_in);
    for (columns, rows, tabs) in [(80, 24, true), (40, 12, true), (160, 48, false)] {
        console.resize(columns, rows);
        console.wait_until(&format!("{columns}x{rows}"), |screen| {
            let lines: Vec<String> = screen.rows(0, columns).collect();
            let corner = lines
                .iter()
                .any(|line| line.starts_with('└') && line.chars().count() == usize::from(columns));
            corner
                && lines[1].contains("[3 leaks]") == tabs
                && lines.iter().any(|line| line.contains("3 leaks"))
        });
    }
    console.resize(39, 12);
    console.wait_for("40");
    console.wait_without("leaks");
    console.resize(40, 12);
    console.wait_for("3 leaks");
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
}

#[test]
fn a_storm_of_sizes_ends_in_a_picture() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = open_console(&stand_in);
    for round in 0..40_u64 {
        for (columns, rows) in [(200, 50), (80, 24), (39, 11), (160, 48), (40, 12)] {
            console.resize(columns, rows);
            console.keys("j");
            // Sometimes before the last size was drawn, sometimes after.
            console.bytes_within(Duration::from_millis(round % 5));
        }
    }
    console.resize(160, 48);
    console.wait_for("leaks 60 of 60");
    console.wait_for("5 jobs");
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
    console.assert_restored();
}

#[test]
fn control_z_gives_the_terminal_to_the_shell_and_fg_draws_anew() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = ConsoleOptions::with_config(&stand_in.config())
        .in_shell(
            r#"set -m; "$@"; echo "stopped with $?"; read answer; fg >/dev/null; echo "ended with $?""#,
        )
        .open();
    console.wait_for("leaks 60 of 60");
    console.keys("\x1a");
    console.wait_for("stopped with 148");
    console.assert_restored();
    console.keys("\n");
    console.wait_for("leaks 60 of 60");
    console.screen(|screen| assert!(screen.alternate_screen()));
    console.keys("?");
    console.wait_for("Motion");
    console.keys("qq");
    console.wait_for("ended with 0");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
    console.assert_restored();
}

#[test]
fn a_dumb_terminal_is_refused_with_a_hint() {
    let stand_in = StandIn::with_leaks(1);
    let mut console = ConsoleOptions::with_config(&stand_in.config())
        .environment("TERM", "dumb")
        .open();
    assert_eq!(console.exit(EXIT_TIMEOUT), 2);
    let text = console.contents();
    assert!(
        text.contains("TERM=dumb") && text.contains("hint:"),
        "{text}"
    );
    assert!(!console.raw().contains(&0x1b));
}

#[test]
fn no_terminal_is_refused_with_a_hint() {
    for arguments in [&[][..], &["demo"]] {
        let home = tempfile::tempdir().unwrap();
        let output = Command::new(PROGRAM)
            .args(arguments)
            .env_clear()
            .env("HOME", home.path())
            .env("TERM", "xterm")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            text.contains("terminal") && text.contains("hint:"),
            "{text}"
        );
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_hostile_mouse_report_does_no_harm() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = open_console(&stand_in);
    console.keys("\x1b[<0;0;5M\x1b[<0;5;0M\x1b[M\x20\x20\x20");
    console.keys("?");
    console.wait_for("Motion");
    console.keys("qq");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
}

#[test]
fn no_color_sends_no_colour() {
    let stand_in = StandIn::with_leaks(60);
    for (variable, coloured) in [("NO_COLOR", false), ("UNRELATED", true)] {
        let mut console = ConsoleOptions::with_config(&stand_in.config())
            .environment(variable, "1")
            .open();
        console.wait_for("leaks 60 of 60");
        console.keys("f");
        console.wait_for("y apply");
        console.keys("n");
        console.wait_without("y apply");
        console.keys("q");
        assert_eq!(console.exit(EXIT_TIMEOUT), 0);
        assert_eq!(colours(&console.raw()) > 0, coloured, "{variable}");
    }
}

/// How many colours are set, by their numbers in `CSI … m`; the default colour is none.
fn colours(raw: &[u8]) -> usize {
    let text = String::from_utf8_lossy(raw);
    let sequences = text.split("\x1b[").skip(1).filter_map(|part| {
        let end = part.find(|c: char| c.is_ascii_alphabetic())?;
        (part.as_bytes()[end] == b'm').then(|| part[..end].to_owned())
    });
    sequences
        .flat_map(|numbers| {
            let numbers = numbers
                .split([';', ':'])
                .filter_map(|n| n.parse::<u16>().ok());
            numbers.collect::<Vec<_>>()
        })
        .filter(|number| matches!(number, 30..=38 | 40..=48 | 90..=107))
        .count()
}
