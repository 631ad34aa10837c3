//! Leaks from files on a terminal: a reading that goes on, that is stopped, and that is taken up again when files change.

use super::{
    console::{Console, ConsoleOptions, TEST_TIMEOUT, cpu_ticks},
    stand_in::write_private,
};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A folder with files, and a profile of them.
pub(super) struct Case {
    folder: TempDir,
}

impl Case {
    pub(super) fn new(path: &str) -> Self {
        let case = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let profile = format!("[profiles.case]\nprovider = \"file\"\npath = [\"{path}\"]\n");
        write_private(&case.path("config.toml"), &profile);
        case
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(super) fn start(&self) -> ConsoleOptions {
        ConsoleOptions::with_config(&self.path("config.toml"))
            .environment("STANCH_STATE_DIR", self.path("state"))
    }

    /// A command beside the console's state.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(super::console::PROGRAM);
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("STANCH_STATE_DIR", self.path("state"))
            .env("STANCH_CONFIG", self.path("config.toml"))
            .current_dir(self.folder.path())
            .args(arguments);
        command
    }

    /// Runs one.
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn list(users: std::ops::Range<u32>) -> Vec<String> {
    users
        .map(|number| format!("https://a.example/:user{number}@acme.example:pass-{number}"))
        .collect()
}

pub(super) fn quit(mut console: Console) {
    console.keys("q");
    assert_eq!(console.exit(TEST_TIMEOUT), 0);
    console.assert_restored();
}

#[test]
fn a_file_that_changes_is_read_again_and_its_leaks_stay_what_they_were() {
    let case = Case::new("lists/*.txt");
    case.write("lists/one.txt", list(0..5).join("\n"));
    let user3 = ["--filter", "login:user3@acme.example"];
    case.run(&[&["leaks", "fix", "--yes", "--note", "seen"], &user3[..]].concat());
    case.run(&["leaks", "claim", "--filter", "login:user1@acme.example"]);
    let before = case.run(&["leaks", "list", "--format", "jsonl", user3[0], user3[1]]);

    let mut console = case.start().open();
    console.wait_for("leaks 5 of 5");
    console.keys("/status:fixed\r");
    console.wait_for("leaks 1 of 5");

    // A newer copy: another order, other ends of lines, more of them, and a file beside it.
    let mut newer = list(0..8);
    newer.reverse();
    case.write("lists/one.txt", newer.join("\r\n"));
    case.write("lists/two.txt", list(8..10).join("\n"));
    console.wait_for("leaks 1 of 10");
    console.wait_for("user3@acme.example");

    // It goes on: what came is watched like what was there.
    case.write("lists/two.txt", list(8..12).join("\n"));
    console.wait_for("leaks 1 of 12");
    console.keys("/\x15!claimed:none\r");
    console.wait_for("user1@acme.example");
    quit(console);
    let after = case.run(&["leaks", "list", "--format", "jsonl", user3[0], user3[1]]);
    assert_eq!(after, before);
}

#[test]
fn a_file_of_a_folder_that_changes_is_read_alone() {
    let case = Case::new("folder");
    case.write("folder/one.txt", list(0..4).join("\n"));
    case.write("folder/deep/two.txt", list(4..6).join("\n"));
    let console = case.start().open();
    console.wait_for("leaks 6 of 6");
    case.write("folder/new/three.txt", list(6..7).join("\n"));
    console.wait_for("leaks 7 of 7");
    case.write(
        "folder/deep/two.txt",
        list(4..7).join("\n") + "\n" + &list(20..22).join("\n"),
    );
    console.wait_for("leaks 9 of 9");
    // A file that goes takes its leaks along with the next reading of all.
    std::fs::remove_file(case.path("folder/one.txt")).unwrap();
    case.write("folder/new/three.txt", list(6..8).join("\n"));
    console.wait_for("leaks 10 of 10");
    let mut console = console;
    console.keys("R");
    console.wait_for("leaks 6 of 6");
    quit(console);
}

#[test]
fn nothing_is_read_again_where_watch_is_off() {
    let case = Case::new("list.txt");
    case.write("list.txt", list(0..3).join("\n"));
    let config = std::fs::read_to_string(case.path("config.toml")).unwrap();
    case.write("config.toml", config + "watch = false\n");
    let mut console = case.start().open();
    console.wait_for("leaks 3 of 3");
    console.wait_until_quiet(Duration::from_secs(1));
    case.write("list.txt", list(0..4).join("\n"));
    // Longer than two looks, and a file that is left alone for one.
    assert_eq!(console.bytes_within(Duration::from_secs(7)), 0);
    console.keys("r");
    console.wait_for("leaks 4 of 4");
    quit(console);
}

/// A list with a last line of half a tebibyte, most of which is a hole: no reading comes to its end.
fn endless(case: &Case) {
    let mut text = String::new();
    for line in list(0..2_000) {
        writeln!(text, "{line}").unwrap();
    }
    let path = case.write("endless.txt", text);
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(512 << 30).unwrap();
}

/// How far a reading is said to be, in percent.
fn percent(text: &str) -> Option<u64> {
    let (before, _) = text.split_once(" %")?;
    before.rsplit(' ').next()?.parse().ok()
}

#[test]
fn keys_live_while_a_file_is_read_and_escape_stops_it() {
    let case = Case::new("endless.txt");
    endless(&case);
    let mut console = case.start().open();
    // The first rows are there, the reading says how far it is, and gets on.
    console.wait_for("leaks 512 of ");
    console.wait_for("file 1 of 1");
    console.wait_until("a percent", |screen| {
        percent(&screen.contents()).is_some_and(|percent| percent >= 1)
    });
    console.keys("/user42@\r");
    console.wait_until("one leak in view", |screen| {
        let text = screen.contents();
        text.contains("leaks 1 of ") && text.contains("user42@acme.example")
    });
    console.keys("j");
    console.keys("\x1b");
    console.wait_for("loading stopped: the lists are not complete");
    assert!(!console.contents().contains("file 1 of 1"));
    // What had come stays, the list is said to lack something, and nothing is read on behind the screen.
    console.wait_for("user42@acme.example");
    console.wait_until("the header says that it is not all", |screen| {
        let text = screen.contents();
        text.lines()
            .next()
            .is_some_and(|line| line.contains("cancelled"))
    });
    let deadline = Instant::now() + TEST_TIMEOUT;
    loop {
        let before = cpu_ticks(console.pid());
        console.wait_until_quiet(Duration::from_millis(300));
        if cpu_ticks(console.pid()) == before {
            break;
        }
        assert!(Instant::now() < deadline, "the reading goes on");
    }
    quit(console);
}

#[test]
fn what_is_no_leak_and_what_was_not_read_is_listed() {
    let case = Case::new("in");
    let mut text = list(0..6).join("\n");
    text.push_str("\nTelegram: @channel of friends\nhost.example:bob\n\nno leak here\n");
    case.write("in/list.txt", text);
    case.write("in/archive.rar", b"Rar!\x1a\x07\x01\x00 made up");
    let mut console = case.start().open();
    console.wait_for("leaks 6 of 6");
    console.wait_for("6 records · 0 duplicates · 3 rejects · 1 problem");
    console.keys(":rejects\r");
    console.wait_for("no leaks");
    for (line, reason) in [("7:10", "prose"), ("8:13", "ambiguous"), ("10:3", "prose")] {
        console.wait_until(reason, |screen| {
            let text = screen.contents();
            text.lines().any(|shown| {
                let words: Vec<_> = shown.split_whitespace().collect();
                words.windows(2).any(|pair| pair == [line, reason]) && shown.contains("list.txt")
            })
        });
    }
    console.keys("\x1b");
    console.wait_without("no leaks");
    console.keys(":show-error\r");
    console.wait_for("unsupported_archive");
    console.wait_for("unpack it first");
    console.wait_for(":rejects lists them");
    console.keys("\x1b");
    console.wait_without("what happened");
    quit(console);
}

fn holds(folder: &Path, wanted: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holds(&path, wanted));
        } else if memchr::memmem::find(&std::fs::read(&path).unwrap_or_default(), wanted).is_some()
        {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_reveal_shows_one_password_and_leaves_none() {
    let case = Case::new("secret/*.txt");
    let lines: Vec<String> = (0..20)
        .map(|number| format!("https://a.example/:user{number}@acme.example:planted-{number:02}-x"))
        .collect();
    case.write(
        "secret/list.txt",
        lines.join("\n") + "\nno leak: planted-00-x here\n",
    );
    let log = case.path("log.txt");
    let mut console = case
        .start()
        .argument("--log")
        .argument(&log)
        .argument("--verbose")
        .open();
    console.wait_for("leaks 20 of 20");
    console.keys("/user7@\r");
    console.wait_for("leaks 1 of 20");
    console.keys("zr");
    console.wait_for("planted-07-x");
    // It goes by itself, and with another look at the leaks.
    console.wait_without("planted-07-x");
    console.keys("i");
    console.wait_for("user7@acme.example");
    console.wait_for("source      Files");
    console.keys("\x1b");
    console.wait_without("source      Files");
    console.keys(":rejects\r");
    console.wait_for("no leaks");
    console.keys("\x1b");
    console.wait_without("no leaks");
    let raw = {
        console.keys("q");
        assert_eq!(console.exit(TEST_TIMEOUT), 0);
        console.raw()
    };
    let shown = (0..20)
        .filter(|number| {
            let wanted = format!("planted-{number:02}");
            memchr::memmem::find(&raw, wanted.as_bytes()).is_some()
        })
        .collect::<Vec<_>>();
    assert_eq!(shown, [7], "the terminal");
    case.run(&[
        "evidence",
        "--filter",
        "login:user7@acme.example",
        "--output",
        "bundle",
    ]);
    case.run(&["export", "--format", "csv", "--output", "leaks.csv"]);
    case.run(&["audit", "export", "audit.jsonl"]);
    let found: Vec<_> = holds(case.folder.path(), b"planted-")
        .into_iter()
        .filter(|path| !path.starts_with(case.path("secret")))
        .collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(holds(console.home(), b"planted-").is_empty());
    // The reveal itself is told.
    assert!(
        !holds(&case.path("state"), b"READ /{source}").is_empty()
            || case.run(&["audit", "list"]).contains("reveal")
    );
}
