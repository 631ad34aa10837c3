//! An id says what a leak is, and nothing of where it stands: the same leak has it in any order, packing and encoding.

use super::Home;
use stanch::demo::stealer::Archive;
use std::{fmt::Write as _, process::Command};

/// Lines of a list, each of another leak.
fn list(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| {
            format!(
                "https://host-{}.example/login:user{number}@acme.example:pass:{number}",
                number % 97
            )
        })
        .collect()
}

fn wide(text: &str, mark: bool) -> Vec<u8> {
    let mut bytes = if mark { vec![0xff, 0xfe] } else { Vec::new() };
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

#[test]
fn the_same_leaks_have_the_same_ids_in_any_form() {
    let home = Home::new();
    let lines = list(2_000);
    let text = lines.join("\n") + "\n";
    let plain = home.write("plain.txt", &text);
    let expected = home.ids(&[&plain]);
    assert_eq!(expected.len(), 2_000);
    assert!(expected.windows(2).all(|pair| pair[0] != pair[1]));

    let mut shuffled = lines.clone();
    fastrand::Rng::with_seed(7).shuffle(&mut shuffled);
    let forms = [
        home.write("shuffled.txt", shuffled.join("\n")),
        home.write("crlf.txt", lines.join("\r\n")),
        home.write("mark.txt", [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat()),
        home.write("wide.txt", wide(&text, true)),
        home.write("wide-without-mark.txt", wide(&text, false)),
        home.write("zipped.zip", {
            let mut archive = Archive::default();
            archive.add(b"deep/list.txt", text.as_bytes());
            archive.finish()
        }),
    ];
    for form in &forms {
        assert_eq!(home.ids(&[form]), expected, "{}", form.display());
    }
    let (one, two) = lines.split_at(700);
    let parts = [
        home.write("one.txt", one.join("\n")),
        home.write("two.txt", two.join("\n")),
    ];
    assert_eq!(home.ids(&[&parts[0], &parts[1]]), expected);
    // All forms together are each leak once.
    let all: Vec<_> = forms.iter().map(std::path::PathBuf::as_path).collect();
    assert_eq!(home.ids(&all), expected);
}

#[test]
fn one_credential_is_one_leak_in_every_format() {
    let home = Home::new();
    let list = home.write("list.txt", "https://a.example/:bob:p|w\n");
    let blocks = home.write(
        "blocks.txt",
        "URL: https://a.example/\nLogin: bob\nPassword: p|w\n",
    );
    let table = home.write(
        "table.csv",
        "url,username,password\nhttps://a.example/,bob,p|w\n",
    );
    let objects = home.write(
        "objects.jsonl",
        "{\"url\":\"https://a.example/\",\"login\":\"bob\",\"password\":\"p|w\"}\n{\"url\":\"https://a.example/\",\"login\":\"bob\",\"password\":\"p|w\"}\n",
    );
    let expected = home.ids(&[&list]);
    assert_eq!(expected.len(), 1);
    for form in [&blocks, &table, &objects] {
        assert_eq!(home.ids(&[form]), expected, "{}", form.display());
    }
    let other = home.write(
        "other.txt",
        "https://a.example/:bob:p|W\nhttps://a.example/:Bob:p|w\n",
    );
    assert!(home.ids(&[&other]).iter().all(|id| !expected.contains(id)));
}

#[test]
fn another_key_makes_other_ids_and_a_status_stays_with_its_leak() {
    let home = Home::new();
    let path = home.write("list.txt", list(20).join("\n"));
    let from = path.to_str().unwrap();
    let ids = home.ids(&[&path]);
    assert_ne!(
        ids,
        Home::new().ids(&[&path]),
        "the key is the installation's"
    );

    let key = format!("file:leak:{}", ids[3]);
    let fixed = home.run(&["leaks", "fix", &key, "--from", from, "--yes"]);
    assert_eq!(fixed.exit, 0, "{}", fixed.err);
    let mut newer = list(25);
    newer.reverse();
    let copy = home.write("elsewhere/newer.txt", newer.join("\r\n"));
    let closed: Vec<_> = home
        .list(&[&copy], &["--filter", "status:fixed"])
        .lines()
        .iter()
        .map(|leak| leak["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(closed, [ids[3].clone()]);
}

/// The same tree as a folder, a ZIP, a tar and a packed tar.
#[test]
fn a_log_is_the_same_in_every_packing() {
    let home = Home::new();
    let logs = stanch::demo::stealer::logs(3, 12);
    let mut expected = None;
    for (name, text) in logs.iter().flat_map(stanch::demo::stealer::Log::files) {
        home.write(&format!("tree/{name}"), text);
    }
    let zipped = home.write("tree.zip", stanch::demo::stealer::zipped(&logs));
    let tar = |options: &str, name: &str| {
        let done = Command::new("tar")
            .arg(options)
            .arg(home.path(name))
            .arg("-C")
            .arg(home.path("tree"))
            .arg(".")
            .status();
        done.is_ok_and(|status| status.success())
    };
    let mut forms = vec![home.path("tree"), zipped];
    for (options, name) in [("-cf", "tree.tar"), ("-czf", "tree.tar.gz")] {
        if tar(options, name) {
            forms.push(home.path(name));
        } else {
            eprintln!("skipped: no tar on this machine");
        }
    }
    for form in &forms {
        let ids = home.ids(&[form]);
        let report = home.check(form, &[]).import();
        assert_eq!(
            report["totals"]["machines"],
            12,
            "{}: {}",
            form.display(),
            report["machines"]
        );
        let mut families = String::new();
        for machine in report["machines"].as_array().unwrap() {
            let _ = write!(families, "{} {};", machine["name"], machine["family"]);
        }
        let found = (ids, families.len());
        assert_eq!(
            *expected.get_or_insert_with(|| found.clone()),
            found,
            "{}",
            form.display()
        );
    }
}
