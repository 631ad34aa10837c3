//! Hostile strings in every field, on the real terminal: nothing of them but text arrives there, and the frames around
//! them hold.

use super::{
    console::{Console, ConsoleOptions, TEST_TIMEOUT},
    stand_in::write_private,
};
use crate::{
    support::fault_server::{FaultServer, KEY, RecordedRequest, ServerResponse},
    visible,
};
use serde_json::Value;
use std::time::Duration;

/// Rows from one stop of the cursor to the next; every case stands in one of as many fields of the detail.
const STEP: usize = 3;

/// What is in no list, so that it can be asked for by name.
const EXTRA: &str = "extra";

struct Case {
    name: String,
    bytes: Vec<u8>,
    class: String,
}

fn cases() -> Vec<Case> {
    let cases: Vec<Case> = visible::corpus()
        .into_iter()
        .map(|(name, bytes, case)| Case {
            name,
            bytes,
            class: case["class"].as_str().unwrap().to_owned(),
        })
        .collect();
    assert_eq!(cases.len(), 215);
    cases
}

/// A JSON string of any bytes, valid or not.
fn quoted(bytes: &[u8]) -> Vec<u8> {
    let mut text = vec![b'"'];
    for byte in bytes {
        match byte {
            b'"' | b'\\' => text.extend([b'\\', *byte]),
            0..0x20 => text.extend(format!("\\u{byte:04x}").into_bytes()),
            _ => text.push(*byte),
        }
    }
    text.push(b'"');
    text
}

fn object(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut text = vec![b'{'];
    for (at, (name, value)) in members.iter().enumerate() {
        text.extend(format!("{}\"{name}\":", if at > 0 { "," } else { "" }).into_bytes());
        text.extend(value);
    }
    text.push(b'}');
    text
}

/// A password as the wire has it: some are no text at all.
fn password(case: &Case) -> Vec<u8> {
    match case.name.as_str() {
        "json_reversed_pair" => br#""\udc00\ud800""#.to_vec(),
        "type_null" => b"null".to_vec(),
        "type_number" | "type_array" | "type_object" | "type_neg_zero" => case.bytes.clone(),
        _ => quoted(&case.bytes),
    }
}

fn marker(number: usize) -> String {
    format!("row-{number:04}")
}

/// One leak for every case, each case in many fields; then those that are about dates, words and ids.
struct Leaks {
    rows: Vec<Vec<u8>>,
    passwords: Vec<Vec<u8>>,
    extras: usize,
}

impl Leaks {
    fn new() -> Self {
        let cases = cases();
        // A megabyte in one field of one row is enough.
        let short: Vec<&Case> = cases.iter().filter(|c| c.bytes.len() <= 100_000).collect();
        let secret: Vec<&Case> = short
            .iter()
            .copied()
            .filter(|case| {
                let of = [
                    "control",
                    "invisible",
                    "encoding",
                    "redaction",
                    "type",
                    "length",
                ];
                of.contains(&&*case.class)
            })
            .collect();
        let passwords = |number: usize| password(secret[number / STEP % secret.len()]);
        assert!(
            secret.len() <= cases.len().div_ceil(STEP),
            "each is revealed"
        );
        let mut rows = Vec::new();
        let mut all = Vec::new();
        let day = jiff::civil::date(2026, 3, 1);
        for (number, case) in cases.iter().enumerate() {
            let other = |offset: usize| quoted(&short[(number + offset) % short.len()].bytes);
            let seen = day - jiff::Span::new().days(i64::try_from(number).unwrap());
            all.push(passwords(number));
            rows.push(object(&[
                ("id", quoted(format!("{number:032x}").as_bytes())),
                ("username", other(0)),
                ("url", quoted(&case.bytes)),
                ("domain", other(1)),
                ("hostname", other(2)),
                ("device_ip", other(0)),
                ("country", other(1)),
                ("os", other(2)),
                ("hardware_id", other(0)),
                ("malware_path", other(1)),
                ("email_domain", other(2)),
                ("url_domain", other(0)),
                ("password", passwords(number)),
                ("user_type", quoted(marker(number).as_bytes())),
                ("status", quoted(b"open")),
                ("log_date", quoted(seen.to_string().as_bytes())),
            ]));
        }
        let main = rows.len();
        for case in cases
            .iter()
            .filter(|case| ["date", "enum", "id"].contains(&&*case.class))
            // A row without an id is no leak: the list would not be complete.
            .filter(|case| case.class != "id" || !case.bytes.is_empty())
        {
            let number = rows.len();
            let id = match &*case.class {
                "id" => case.bytes.clone(),
                _ => format!("{number:032x}").into_bytes(),
            };
            all.push(b"null".to_vec());
            rows.push(object(&[
                ("id", quoted(&id)),
                (
                    "username",
                    quoted(format!("{EXTRA}{number}@x.example").as_bytes()),
                ),
                ("status", quoted(&case.bytes)),
                ("log_date", quoted(&case.bytes)),
                ("fetched_at", quoted(&case.bytes)),
                ("user_type", quoted(marker(number).as_bytes())),
            ]));
        }
        Self {
            extras: rows.len() - main,
            rows,
            passwords: all,
        }
    }

    /// The one page, an info for a password, and a refusal in hostile words for everything else.
    fn answer(&self, seen: &RecordedRequest) -> ServerResponse {
        let path = seen.target.split('?').next().unwrap();
        match path {
            "/v1/leaks" => {
                let first = seen.query("page_number").is_none_or(|page| page == "1");
                let rows: &[Vec<u8>] = if first { &self.rows } else { &[] };
                let count = self.rows.len().to_string().into_bytes();
                let mut data = vec![b'['];
                data.extend(rows.join(&b","[..]));
                data.push(b']');
                ServerResponse::json(
                    200,
                    object(&[
                        ("data", data),
                        ("total_leaks", count.clone()),
                        ("total_count", count),
                        ("total_pages", b"1".to_vec()),
                    ]),
                )
            }
            "/v1/leaks/info" => {
                let id = seen.json()["leakid"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                let number = usize::from_str_radix(&id, 16).unwrap();
                let leak = object(&[
                    ("id", quoted(id.as_bytes())),
                    ("status", quoted(b"open")),
                    ("password", self.passwords[number].clone()),
                ]);
                ServerResponse::json(
                    200,
                    object(&[("success", b"true".to_vec()), ("data", leak)]),
                )
            }
            _ => ServerResponse::json(
                403,
                object(&[("message", quoted(b"\x1b]0;x\x07\x1b[2Jno access\xc2\x9b2J"))]),
            ),
        }
    }
}

fn write_config(server: &FaultServer, home: &tempfile::TempDir) -> std::path::PathBuf {
    let (key, config) = (home.path().join("key"), home.path().join("config.toml"));
    write_private(&key, KEY);
    let text = format!(
        "[profiles.acme]\nprovider = \"projectdiscovery\"\nbase_url = \"{}\"\nkey = {{ file = {} }}\n",
        server.url(),
        toml::Value::from(key.to_string_lossy().into_owned()),
    );
    write_private(&config, &text);
    config
}

fn open_console(server: &FaultServer, home: &tempfile::TempDir, rows: usize) -> Console {
    let console = ConsoleOptions::with_config(&write_config(server, home)).open();
    console.wait_for(&format!("leaks {rows} of {rows}"));
    console
}

fn start_server(leaks: Leaks) -> (tokio::runtime::Runtime, FaultServer) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(1)
        .build()
        .unwrap();
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let server = runtime.block_on(FaultServer::start(move |_, seen| leaks.answer(seen)));
    (runtime, server)
}

#[test]
fn json_on_a_terminal_shows_nothing_but_text_and_says_all_of_it() {
    let cases = cases();
    let (_runtime, server) = start_server(Leaks::new());
    let home = tempfile::tempdir().unwrap();
    let config = write_config(&server, &home);
    let show = format!("acme:leak:{:032x}", 7);
    let mut all = Vec::new();
    for words in [
        &["leaks", "list", "--format", "jsonl"][..],
        &["leaks", "list", "--format", "json"],
        &["leaks", "show", &show, "--format", "json"],
        &["users", "list", "--format", "json"],
        &["leaks", "count", "--by", "login", "--format", "json"],
        // The refusal in hostile words, and a mistake that is quoted.
        &["domains", "list", "--format", "json"],
        &[
            "leaks",
            "list",
            "--filter",
            "sta\u{9b}tus:\u{202e}x",
            "--format",
            "json",
        ],
        &[
            "leaks",
            "fix",
            "acme:leak:\u{9b}2J",
            "--dry-run",
            "--format",
            "json",
        ],
    ] {
        let start = ConsoleOptions::with_config(&config).argument("--quiet");
        let start = words.iter().fold(start, ConsoleOptions::argument);
        let mut program = start.open();
        program.exit(TEST_TIMEOUT);
        let text = String::from_utf8(program.raw()).expect("no undecodable byte arrives");
        for c in text.chars() {
            assert!(is_text(c) || matches!(c, '\r' | '\n'), "{c:?} of {words:?}");
        }
        assert!(text.starts_with('{'), "{words:?}: {text}");
        all.push(text);
    }
    // A reader of JSON gets what came. Bytes that are no UTF-8 are lone surrogates, which this reader does not take.
    let mut exact = 0;
    for line in all[0].lines() {
        let Ok(leak) = serde_json::from_str::<Value>(line) else {
            assert!(line.contains("\\ud"), "{line}");
            continue;
        };
        let number = usize::from_str_radix(leak["id"].as_str().unwrap(), 16);
        let case = number.ok().and_then(|number| cases.get(number));
        let sent = case.and_then(|case| std::str::from_utf8(&case.bytes).ok());
        if let Some(sent) = sent.filter(|sent| !sent.is_empty() && sent.len() < 60_000) {
            assert_eq!(leak["url"], sent);
            exact += 1;
        }
    }
    assert!(exact > 150, "{exact}");
}

#[test]
fn hostile_strings_are_inert_on_the_terminal() {
    let leaks = Leaks::new();
    let (rows, extras) = (leaks.rows.len(), leaks.extras);
    let (_runtime, server) = start_server(leaks);
    let home = tempfile::tempdir().unwrap();
    let mut console = open_console(&server, &home, rows);
    console.keys("gg");
    let infos = || {
        let all = server.requests();
        all.iter().filter(|s| s.target == "/v1/leaks/info").count()
    };
    for number in (0..rows - extras).step_by(STEP) {
        if number > 0 {
            console.keys(&"j".repeat(STEP));
        }
        wait_for_detail(&console, number);
        assert_frames(&console);
        // Masked, empty or none: there is nothing to reveal.
        if !console.contents().contains("zr reveals") {
            continue;
        }
        let before = infos();
        console.keys("zr");
        console.wait_until("a revealed password", |screen| {
            let text = screen.contents();
            infos() > before && !text.contains("asking the provider")
        });
        assert_frames(&console);
        console.keys("zm");
    }
    assert!(infos() > 60, "passwords were revealed");
    console.keys(&format!("/{EXTRA}\r"));
    console.wait_for(&format!("{extras} of {rows}"));
    console.keys("gg");
    console.wait_until_quiet(Duration::from_millis(300));
    for _ in 0..extras {
        assert_frames(&console);
        console.keys("j");
        console.wait_until_quiet(Duration::from_millis(200));
    }
    console.keys("\\");
    for pane in ["1", "2", "4"] {
        console.keys(pane);
        for key in ["zf", "G", "\x15", "\x15", "gg", "zf"] {
            console.keys(key);
            console.wait_until_quiet(Duration::from_millis(50));
            assert_frames(&console);
        }
    }
    for (columns, lines) in [(80, 24), (40, 12), (160, 48)] {
        console.resize(columns, lines);
        console.wait_until_quiet(Duration::from_millis(200));
    }
    console.keys("q");
    assert_eq!(console.exit(TEST_TIMEOUT), 0);
    console.assert_restored();
    let heard = console.callbacks();
    assert_eq!(heard.unknown_sequences, [] as [&str; 0]);
    assert!(heard.clipboard.is_empty());
    let raw = console.raw();
    assert_only_known_sequences(&raw);
}

fn wait_for_detail(console: &Console, number: usize) {
    // The class stands beside the domain.
    console.wait_until(&marker(number), |screen| {
        let shows = |line: &str| line.contains("│ domain ") && line.contains(&marker(number));
        screen.contents().lines().any(shows)
    });
}

/// Every row of the panes begins and ends with a frame.
fn assert_frames(console: &Console) {
    console.screen(|screen| {
        let (rows, columns) = screen.size();
        for row in 1..rows.get() - 2 {
            let cell = |column| screen.cell(row, column).unwrap().contents().to_owned();
            let (left, right) = (cell(0), cell(columns.get() - 1));
            assert!(
                ["│", "┌", "└"].contains(&&*left) && ["│", "┐", "┘"].contains(&&*right),
                "row {row} has {left:?} and {right:?} at its ends:\n{}",
                screen.contents()
            );
        }
    });
}

/// Reads a stream as a terminal would, and takes nothing but printable text and the few sequences that a console needs.
fn assert_only_known_sequences(raw: &[u8]) {
    let text = std::str::from_utf8(raw).expect("no undecodable byte arrives");
    let mut rest = text.chars().peekable();
    let mut place = 0;
    while let Some(c) = rest.next() {
        place += c.len_utf8();
        if c == '\x1b' {
            let mut sequence = String::new();
            for c in rest.by_ref() {
                place += c.len_utf8();
                sequence.push(c);
                if sequence.len() > 1 && ('@'..='~').contains(&c) {
                    break;
                }
            }
            assert!(is_known_sequence(&sequence), "ESC {sequence:?} at {place}");
        } else {
            // The cursor's short ways; that nothing else is a control character is for the tests of the wire.
            let way = matches!(c, '\r' | '\n' | '\x08');
            assert!(way || is_text(c), "{c:?} at {place}");
        }
    }
}

fn is_known_sequence(sequence: &str) -> bool {
    let Some(inner) = sequence.strip_prefix('[') else {
        return false;
    };
    let (parameters, end) = inner.split_at(inner.len() - 1);
    let plain = parameters
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ';' | ':'));
    match end {
        // The last three are a region that is scrolled.
        "H" | "m" | "A" | "B" | "C" | "D" | "G" | "d" | "X" | "K" | "r" | "S" | "T" => plain,
        "J" => parameters.is_empty(),
        "h" | "l" => ["?25", "?1004", "?1049", "?2004", "?2026"].contains(&parameters),
        _ => false,
    }
}

/// Text that shows itself: no control, nothing that turns, hides or joins what is beside it.
fn is_text(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}' | '\u{e000}'..='\u{f8ff}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[test]
fn the_reader_of_the_stream_sees_what_is_not_ours() {
    for bad in [
        "\x1b]0;x\x07",
        "\x1b[2J",
        "\x1b[6n",
        "\x1bc",
        "a\u{9b}2J",
        "a\u{202e}b",
        "\x07",
    ] {
        let caught = std::panic::catch_unwind(|| {
            assert_only_known_sequences(bad.as_bytes());
        });
        assert!(caught.is_err(), "{bad:?}");
    }
    assert_only_known_sequences("\x1b[1;2H\x1b[38;5;3mü│\x1b[?25l".as_bytes());
    let _: Value = serde_json::from_slice(&quoted(b"a\"\\\x1b")).unwrap();
}
