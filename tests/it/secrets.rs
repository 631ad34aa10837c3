//! Twenty passwords and the key, through a whole session: they are found nowhere that a session leaves something.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it needs by failing"
)]

use crate::pty::{
    console::{Console, ConsoleOptions},
    stand_in::StandIn,
};
use base64::{Engine, engine::general_purpose};
use serde_json::{Value, json};
use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// Ids and passwords of leaks whose password the stand-in shows in clear, in its lists too.
fn planted_secrets(stand_in: &StandIn) -> Vec<(String, String)> {
    let listed = stand_in.get("/v1/leaks?limit=1000").to_string();
    let statuses = stand_in.statuses();
    let mut found: Vec<(String, String)> = Vec::new();
    for id in statuses.as_object().unwrap().keys() {
        let leak = stand_in.post("/v1/leaks/info", &json!({ "leakid": id }));
        let password = leak["data"]["password"].as_str().unwrap_or_default();
        let plain = password.len() >= 8 && password.bytes().all(|b| b.is_ascii_graphic());
        let shown = listed.contains(&Value::from(password).to_string());
        let known = found.iter().any(|(_, known)| known == password);
        if plain && shown && !known && !password.contains("MASKED") {
            found.push((id.clone(), password.to_owned()));
        }
        if found.len() == 20 {
            return found;
        }
    }
    panic!("only {} passwords in clear", found.len());
}

/// A secret in every spelling that it could have been written in.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap();
    let hexadecimal: String = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect();
    let quoted = Value::from(secret).to_string();
    let mut all = vec![
        secret.to_owned(),
        quoted[1..quoted.len() - 1].to_owned(),
        hexadecimal.to_uppercase(),
        hexadecimal,
        percent_encoding::percent_encode(bytes, percent_encoding::NON_ALPHANUMERIC).to_string(),
        url::form_urlencoded::byte_serialize(bytes).collect(),
        secret.chars().rev().collect(),
    ];
    for engine in [
        &general_purpose::STANDARD_NO_PAD,
        &general_purpose::URL_SAFE_NO_PAD,
    ] {
        // In the middle of something longer, base64 depends on what stands before it.
        for before in 0..3 {
            let mut text = vec![b'x'; before];
            text.extend_from_slice(bytes);
            let encoded = engine.encode(&text);
            let (first, last) = (before.div_ceil(3) * 4, text.len() / 3 * 4);
            all.push(encoded[first.min(last)..last].to_owned());
        }
    }
    all.retain(|text| text.len() >= 8);
    all.into_iter().map(String::into_bytes).collect()
}

fn assert_absent(secrets: &[String], place: &str, bytes: &[u8]) {
    for (number, secret) in secrets.iter().enumerate() {
        for spelling in spellings(secret) {
            if let Some(at) = memchr::memmem::find(bytes, &spelling) {
                panic!("secret {number} is in {place}, at {at} of {}", bytes.len());
            }
        }
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
            found.push(path);
        } else {
            found.push(path);
        }
    }
    found
}

/// Texts that were copied, decoded.
fn copied_texts(console: &Console) -> Vec<Vec<u8>> {
    let copies = console.callbacks().clipboard;
    copies
        .iter()
        .map(|text| general_purpose::STANDARD.decode(text).unwrap())
        .collect()
}

fn open_console(stand_in: &StandIn) -> Console {
    let console = ConsoleOptions::with_config(&stand_in.config())
        .argument("--log")
        .argument("session.log")
        .argument("--verbose")
        .umask(0)
        .open();
    console.wait_for("leaks 300 of 300");
    console
}

/// Marks, fixes, copies and exports, as a person would.
fn run_session(console: &mut Console) {
    console.keys("/northlake\r");
    console.wait_for(" of 300 ");
    console.keys("  ");
    console.wait_for("2 marked");
    console.keys("\\");
    console.wait_for("leaks 300 of 300");
    console.keys("gg*");
    console.wait_for("300 marked");
    console.keys("f");
    console.wait_for("will change");
    console.keys("n");
    console.wait_without("will change");
    console.keys("A");
    console.wait_for("0 marked");
    console.keys("/status:open\r");
    console.wait_for("status:open");
    console.keys("   ");
    console.wait_for("3 marked");
    console.keys("f");
    console.wait_for("3 will change");
    // Nothing is taken in the first 300 ms, as nobody can have read it.
    console.wait_until_quiet(Duration::from_millis(400));
    console.keys("y");
    console.wait_without("y apply");
    console.wait_for("3 of 3 changed");
    console.wait_until_quiet(Duration::from_millis(300));
    console.keys("\x1b");
    console.wait_until_quiet(Duration::from_millis(300));
    console.keys("\\");
    console.wait_for("leaks 300 of 300");
    for copy in ["yi", "yu", "yh", "yr", "yc"] {
        let before = console.callbacks().clipboard.len();
        console.keys(copy);
        console.wait_for("sent to the terminal by OSC 52");
        let deadline = std::time::Instant::now() + Duration::from_secs(60);
        while console.callbacks().clipboard.len() == before {
            assert!(
                std::time::Instant::now() < deadline,
                "{copy} copies nothing"
            );
            std::thread::yield_now();
        }
    }
    for name in ["out.csv", "out.json", "out.jsonl"] {
        console.keys("e");
        console.wait_for("export to:");
        console.keys(&format!("\x15{name}\r"));
        let file = console.home().join(name);
        console.wait_until(name, |screen| {
            file.exists() && screen.contents().contains("300 leaks") || {
                screen.contents().contains(name) && !screen.contents().contains("export to:")
            }
        });
    }
    for pane in ["1", "2", "4", "5", "3"] {
        console.keys(pane);
        console.keys("Gggjj");
    }
    console.keys("?");
    console.wait_for("Motion");
    console.keys("q");
    console.wait_without("Motion");
}

#[test]
fn no_secret_is_anywhere_after_a_whole_session() {
    let stand_in = StandIn::with_leaks(300);
    let planted = planted_secrets(&stand_in);
    let mut secrets: Vec<String> = planted.into_iter().map(|(_, password)| password).collect();
    assert_eq!(secrets.len(), 20);
    secrets.push(stand_in.key().to_owned());
    let mut console = open_console(&stand_in);
    for place in ["cmdline", "environ"] {
        let text = std::fs::read(format!("/proc/{}/{place}", console.pid()));
        // The environment of a process that is closed to debuggers may be closed too.
        assert_absent(&secrets, place, &text.unwrap_or_default());
    }
    run_session(&mut console);
    console.keys("q");
    assert_eq!(console.exit(Duration::from_secs(60)), 0);
    console.assert_restored();

    assert_absent(&secrets, "the terminal", &console.raw());
    for text in copied_texts(&console) {
        assert_absent(&secrets, "the clipboard", &text);
    }
    let mut names = Vec::new();
    for path in files(console.home()) {
        let mode = path.metadata().unwrap().permissions().mode() & 0o7777;
        if path.is_dir() {
            assert_eq!(mode, 0o700, "{}", path.display());
            continue;
        }
        assert_eq!(mode, 0o600, "{}", path.display());
        assert_absent(
            &secrets,
            &path.display().to_string(),
            &std::fs::read(&path).unwrap(),
        );
        names.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    for name in [
        "out.csv",
        "out.json",
        "out.jsonl",
        "session.log",
        "journal.db",
        "audit.jsonl",
    ] {
        assert!(
            names.iter().any(|known| known == name),
            "{name} of {names:?}"
        );
    }
    // What is looked for would be found: the rows themselves are in all of these.
    let rows = std::fs::read_to_string(console.home().join("out.jsonl")).unwrap();
    assert!(rows.lines().count() >= 300 && rows.contains("@northlake.example"));
    assert_eq!(copied_texts(&console).len(), 5);
}

#[test]
fn one_reveal_shows_one_password_and_leaves_a_line_without_it() {
    let stand_in = StandIn::with_leaks(300);
    let planted = planted_secrets(&stand_in);
    let (id, password) = planted[7].clone();
    let others: Vec<String> = planted
        .iter()
        .map(|(_, other)| other.clone())
        .filter(|other| *other != password)
        .collect();
    let mut console = open_console(&stand_in);
    console.keys(&format!("/key:{id}\r"));
    console.wait_for("leaks 1 of 300");
    console.wait_until_quiet(Duration::from_millis(300));
    assert_absent(
        std::slice::from_ref(&password),
        "the terminal",
        &console.raw(),
    );
    console.keys("zr");
    console.wait_for(&password);
    let text = console.contents();
    assert_eq!(text.matches(&password).count(), 1);
    console.keys("zm");
    console.wait_without(&password);
    console.keys("q");
    assert_eq!(console.exit(Duration::from_secs(60)), 0);
    assert_absent(&others, "the terminal", &console.raw());
    let all = [&others[..], &[password, stand_in.key().to_owned()]].concat();
    for path in files(console.home()) {
        if path.is_file() {
            let name = path.display().to_string();
            assert_absent(&all, &name, &std::fs::read(&path).unwrap());
        }
    }
    let audit = files(console.home())
        .into_iter()
        .find(|path| path.ends_with("audit.jsonl"))
        .unwrap();
    let lines: Vec<Value> = std::fs::read_to_string(audit)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let reveals: Vec<&Value> = lines
        .iter()
        .filter(|line| line["action"] == "reveal")
        .collect();
    assert_eq!(reveals.len(), 1, "{lines:?}");
    assert!(reveals[0].to_string().contains(&id));
}

#[test]
fn a_secret_is_found_in_every_spelling() {
    let secret = "Tr0ub4dor&3 \"x\"";
    for before in ["", "a", "ab", "abc"] {
        let text = general_purpose::STANDARD.encode(format!("{before}{secret}{before}"));
        let caught = std::panic::catch_unwind(|| {
            assert_absent(&[secret.to_owned()], "a text", text.as_bytes());
        });
        assert!(caught.is_err(), "{before:?}");
    }
}
