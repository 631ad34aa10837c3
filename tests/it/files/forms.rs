//! Leaks in every encoding, with every end of lines, in any order and packing: always the same, and nothing lost. Which
//! ones is drawn from fixed seeds.

use super::Home;
use encoding_rs::{Encoding, IBM866, UTF_8, WINDOWS_1251, WINDOWS_1252};
use stanch::demo::stealer::Archive;
use std::collections::BTreeMap;

/// What a line may have in login and password, by the encoding that holds all of it.
const LETTERS: &[(&str, &str)] = &[
    ("plain", "abcXYZ019._+!#$%&*~"),
    ("cyrillic", "abcжфИЙяюЩ019._!"),
    ("western", "abcäöüßéñÅø019._!"),
    ("any", "abcжäé€漢字😀019._!"),
];

fn word(rng: &mut fastrand::Rng, letters: &[char], most: usize) -> String {
    (0..rng.usize(1..=most))
        .map(|_| letters[rng.usize(..letters.len())])
        .collect()
}

/// Lines of a list, all different.
fn list(rng: &mut fastrand::Rng, letters: &str, count: usize) -> Vec<String> {
    let letters: Vec<char> = letters.chars().collect();
    (0..count)
        .map(|number| {
            let (login, password) = (word(rng, &letters, 12), word(rng, &letters, 20));
            match rng.u8(..4) {
                0 => format!("https://host{number}.example/a/b:{login}x@acme.example:{password}"),
                1 => format!("host{number}.example:8443/login|{login}y|{password}"),
                2 => format!("user{number}@acme.example:{password}z"),
                _ => format!("android://hash{number}==@com.example.app/:{login}:{password}:q"),
            }
        })
        .collect()
}

fn wide(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let text = if mark {
        format!("\u{feff}{text}")
    } else {
        text.to_owned()
    };
    let bytes = text.encode_utf16().flat_map(|unit| {
        if little {
            unit.to_le_bytes()
        } else {
            unit.to_be_bytes()
        }
    });
    bytes.collect()
}

/// A text in an encoding of one byte a letter.
fn narrow(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    let (bytes, _, lost) = encoding.encode(text);
    assert!(!lost);
    bytes.into_owned()
}

/// Logins and URLs of the leaks by id.
fn leaks(
    home: &Home,
    paths: &[&std::path::Path],
    more: &[&str],
) -> BTreeMap<String, (String, String)> {
    let ran = home.list(paths, more);
    assert_eq!(ran.exit, 0, "{}", ran.err);
    let text = |leak: &serde_json::Value, name: &str| leak[name].as_str().unwrap_or("").to_owned();
    ran.lines()
        .iter()
        .map(|leak| (text(leak, "id"), (text(leak, "login"), text(leak, "url"))))
        .collect()
}

#[test]
fn the_same_leaks_come_out_of_every_form() {
    let home = Home::new();
    for (seed, (name, letters)) in (1..).zip(LETTERS) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let lines = list(&mut rng, letters, 150);
        let text = lines.join("\n") + "\n";
        let plain = home.write(&format!("{name}/plain.txt"), &text);
        let expected = leaks(&home, &[&plain], &[]);
        assert_eq!(expected.len(), lines.len(), "{name}");

        let mut shuffled = lines.clone();
        rng.shuffle(&mut shuffled);
        let at = rng.usize(1..lines.len());
        let mut archive = Archive::default();
        archive.add(b"a/one.txt", shuffled[..at].join("\r\n").as_bytes());
        archive.add(b"b/two.txt", &wide(&shuffled[at..].join("\n"), true, true));
        let forms = [
            ("crlf", lines.join("\r\n").into_bytes()),
            ("cr", lines.join("\r").into_bytes()),
            ("mark", format!("\u{feff}{text}").into_bytes()),
            ("little", wide(&text, true, true)),
            ("big", wide(&text, false, true)),
            ("shuffled", shuffled.join("\n").into_bytes()),
            ("twice", format!("{text}{text}").into_bytes()),
            ("zipped", archive.finish()),
        ];
        let mut paths = Vec::new();
        for (form, bytes) in forms {
            let path = home.write(&format!("{name}/forms/{form}"), bytes);
            assert_eq!(leaks(&home, &[&path], &[]), expected, "{name}, {form}");
            paths.push(path);
        }
        let all: Vec<_> = paths.iter().map(std::path::PathBuf::as_path).collect();
        assert_eq!(leaks(&home, &all, &[]), expected, "{name}, all at once");
    }
}

#[test]
fn texts_of_one_byte_a_letter_are_shown_as_they_were_meant() {
    let home = Home::new();
    for (letters, encoding) in [
        ("abcжфИЙяюЩ019", WINDOWS_1251),
        // No two of these bytes are a letter of UTF-8: a line that is UTF-8 stays that, whatever is said of its file.
        ("abcфяючшщ019", IBM866),
        ("abcäöüßéñÅø019", WINDOWS_1252),
    ] {
        let name = encoding.name();
        let mut rng = fastrand::Rng::with_seed(9);
        let text = list(&mut rng, letters, 120).join("\n");
        let utf8 = home.write(&format!("{name}/utf8.txt"), narrow(&text, UTF_8));
        let bytes = home.write(&format!("{name}/bytes.txt"), narrow(&text, encoding));
        let shown = |found: BTreeMap<String, (String, String)>| {
            let mut all: Vec<_> = found.into_values().collect();
            all.sort();
            all
        };
        let expected = shown(leaks(&home, &[&utf8], &[]));
        // Named, it is shown as it was meant; with the ids that it has without a name.
        let named = leaks(&home, &[&bytes], &["--encoding", name]);
        let guessed = leaks(&home, &[&bytes], &[]);
        assert!(named.keys().eq(guessed.keys()), "{name}");
        assert_eq!(shown(named), expected, "{name}");
        assert_eq!(guessed.len(), 120, "{name}");
    }
}

/// A stealer that nobody has seen: other labels, marks, fields in another order, rules and numbers between its records.
fn unknown_stealer(rng: &mut fastrand::Rng, records: usize) -> String {
    const URL: &[&str] = &["URL", "Host", "Web Site", "SITE", "origin", "Хост"];
    const LOGIN: &[&str] = &["Login", "USER", "Username", "E-Mail", "Логин"];
    const PASSWORD: &[&str] = &["Password", "PASS", "pwd", "Пароль"];
    const BETWEEN: &[&str] = &[
        "",
        "==========",
        "-----",
        "#1",
        "\u{2550}\u{2550}\u{2550}\u{2550}",
    ];
    let pick = |rng: &mut fastrand::Rng, all: &[&'static str]| all[rng.usize(..all.len())];
    let labels = [pick(rng, URL), pick(rng, LOGIN), pick(rng, PASSWORD)];
    let mut order = [0, 1, 2];
    rng.shuffle(&mut order);
    let (separator, mark) = (
        pick(rng, &[": ", ":", ":\t", " = "]),
        pick(rng, &["", "- ", "\u{2022} "]),
    );
    let between = pick(rng, BETWEEN);
    let newline = pick(rng, &["\n", "\r\n"]);
    let mut text = String::new();
    for number in 0..records {
        let values = [
            format!("https://s{number}.example/?a=b:c"),
            format!("user{number}@acme.example"),
            format!("p: {number}=x#y"),
        ];
        for field in order {
            text.push_str(&format!(
                "{mark}{}{separator}{}{newline}",
                labels[field], values[field]
            ));
        }
        text.push_str(between);
        text.push_str(newline);
    }
    text
}

#[test]
fn unknown_stealers_are_read_by_the_labels_of_their_lines() {
    let home = Home::new();
    let list: String = (0..9)
        .map(|number| {
            format!(
                "\"https://s{number}.example/?a=b:c\"|user{number}@acme.example|p: {number}=x#y\n"
            )
        })
        .collect();
    let list = home.write("list.txt", list);
    let expected = home.ids(&[&list]);
    assert_eq!(expected.len(), 9);
    for seed in 0..40 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let text = unknown_stealer(&mut rng, 9);
        let path = home.write(&format!("{seed}.txt"), &text);
        assert_eq!(home.ids(&[&path]), expected, "seed {seed}:\n{text}");
    }
}

/// Whatever was done to an archive, reading it ends in an answer: what it lost is said.
#[test]
fn broken_archives_lose_what_is_broken_and_say_so() {
    let home = Home::new();
    let logs = stanch::demo::stealer::logs(5, 4);
    let whole = stanch::demo::stealer::zipped(&logs);
    let path = home.write("whole.zip", &whole);
    let expected = home.check(&path, &[]).import()["totals"]["leaks"]
        .as_u64()
        .unwrap();
    // Behind the members stand their names: another name is another file, and nothing lost.
    let members = memchr::memmem::find(&whole, b"PK\x01\x02").unwrap();
    for seed in 0..30 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut bytes = whole.clone();
        match rng.u8(..3) {
            0 => bytes.truncate(rng.usize(..bytes.len())),
            1 => {
                for _ in 0..rng.usize(1..30) {
                    let at = rng.usize(..members);
                    bytes[at] = rng.u8(..);
                }
            }
            _ => {
                let (from, to) = (rng.usize(..members), rng.usize(..members));
                let length = rng.usize(..2_000);
                let piece: Vec<u8> = bytes[from..].iter().copied().take(length).collect();
                let end = (to + piece.len()).min(members);
                bytes[to..end].copy_from_slice(&piece[..end - to]);
            }
        }
        let path = home.write("broken.zip", &bytes);
        let ran = home.check(&path, &[]);
        assert!([0, 5].contains(&ran.exit), "seed {seed}: {}", ran.err);
        let report = ran.import();
        let leaks = report["totals"]["leaks"].as_u64().unwrap();
        let is_said = ran.exit == 5 && !report["problems"].as_array().unwrap().is_empty();
        assert!(
            leaks >= expected || is_said || bytes == whole,
            "seed {seed}: {leaks} of {expected}, {}",
            report["problems"]
        );
    }
}

/// Ten thousand archives of a hundred files each. Run with a release build:
/// `cargo test --release --test it ten_thousand_archives -- --ignored --nocapture`
#[test]
#[ignore = "a gigabyte of archives, for minutes"]
#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn ten_thousand_archives_of_a_hundred_files() {
    const ARCHIVES: usize = 10_000;
    let home = Home::new();
    let mut rng = fastrand::Rng::with_seed(1);
    for number in 0..ARCHIVES {
        let mut archive = Archive::default();
        let system = format!(
            "HWID: {number:016x}\nComputer Name: PC-{number}\nIP: 203.0.113.{}\n",
            number % 250
        );
        archive.add(b"System.txt", system.as_bytes());
        let block = |at: usize| {
            format!(
                "URL: https://s{at}.example/\nLogin: user{number}\nPassword: {:016x}\n\n",
                number * 7 + at
            )
        };
        archive.add(
            b"Passwords.txt",
            (0..10).map(block).collect::<String>().as_bytes(),
        );
        for file in 2..100 {
            let bytes: Vec<u8> = (0..64).map(|_| rng.u8(b'a'..=b'z')).collect();
            archive.add(format!("Cookies/site{file}.txt").as_bytes(), &bytes);
        }
        home.write(
            &format!("logs/{:02}/{number}.zip", number % 100),
            archive.finish(),
        );
    }
    let begun = std::time::Instant::now();
    let report = home.check(&home.path("logs"), &[]).import();
    println!("{ARCHIVES} archives of 100 files: {:.1?}", begun.elapsed());
    let totals = &report["totals"];
    println!("{totals}");
    assert_eq!(report["complete"], true);
    assert_eq!(totals["machines"], ARCHIVES);
    assert_eq!(totals["leaks"], ARCHIVES * 10);
    assert_eq!(totals["rejects"], 0);
}
