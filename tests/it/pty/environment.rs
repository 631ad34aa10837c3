//! What the environment and the configuration give: a locale without UTF-8, and a copy command that does not end.

use super::{
    console::{Console, ConsoleOptions},
    stand_in::{StandIn, write_private},
};
use std::time::{Duration, Instant};

fn open(stand_in: &StandIn, variables: &[(&'static str, &str)]) -> Console {
    let start = ConsoleOptions::with_config(&stand_in.config());
    let start = variables.iter().fold(start, |start, (name, value)| {
        start.environment(name, *value)
    });
    let console = start.open();
    console.wait_for("leaks 60 of 60");
    console
}

#[test]
fn a_locale_that_knows_no_utf8_is_drawn_in_ascii() {
    let stand_in = StandIn::with_leaks(60);
    let boxes = |text: &str| text.contains(['│', '─', '┌', '…']);
    for (variables, ascii) in [
        (&[("LANG", "C")][..], true),
        (&[("LANG", "POSIX")], true),
        (&[("LC_ALL", "POSIX"), ("LANG", "en_US.UTF-8")], true),
        (&[("LC_CTYPE", "C"), ("LANG", "en_US.UTF-8")], true),
        (&[("LC_ALL", "C.UTF-8"), ("LANG", "C")], false),
        (&[("LANG", "")], false),
    ] {
        let mut console = open(&stand_in, variables);
        let text = console.contents();
        assert_eq!(boxes(&text), !ascii, "{variables:?}:\n{text}");
        console.keys("q");
        assert_eq!(console.exit(Duration::from_secs(30)), 0);
    }
    // The tables of the commands are drawn by the same rule.
    for (locale, ascii) in [("C", true), ("C.UTF-8", false)] {
        let mut program = ConsoleOptions::with_config(&stand_in.config())
            .argument("leaks")
            .argument("list")
            .argument("--quiet")
            .environment("LANG", locale)
            .open();
        assert_eq!(program.exit(Duration::from_secs(30)), 0);
        let text = String::from_utf8(program.raw()).unwrap();
        let cut = if ascii { '~' } else { '…' };
        let other = if ascii { '…' } else { '~' };
        assert!(
            text.contains(cut) && !text.contains(other),
            "{locale}: {text}"
        );
    }
}

#[test]
fn a_copy_command_that_does_not_end_holds_nothing_up() {
    let stand_in = StandIn::with_leaks(60);
    let config = std::fs::read_to_string(stand_in.config()).unwrap();
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("config.toml");
    let more = "[clipboard]\nvia = \"command\"\ncommand = [\"sleep\", \"600\"]\n";
    write_private(&path, &format!("{config}{more}"));
    let mut console = ConsoleOptions::with_config(&path).open();
    console.wait_for("leaks 60 of 60");
    console.keys("gg");
    console.keys("yi");
    // Keys are answered while it hangs, and its end is told.
    console.keys("/northwind");
    console.wait_for("northwind");
    console.keys("\x1b");
    console.wait_for("longer than 2 seconds");
    console.keys("yi");
    let start = Instant::now();
    console.keys("q");
    assert_eq!(console.exit(Duration::from_secs(30)), 0);
    assert!(start.elapsed() < Duration::from_secs(20));
    console.assert_restored();
}
