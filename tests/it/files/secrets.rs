//! A password is read, becomes a fingerprint and is gone: no file and no output holds one.

use super::Home;
use std::path::Path;

fn files(folder: &Path, all: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            files(&entry.path(), all);
        } else {
            all.push(entry.path());
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "everything that is written, in turn")]
fn no_planted_password_stays_anywhere() {
    let home = Home::new();
    let planted: Vec<String> = (0..20)
        .map(|number| format!("planted-{number}-secret"))
        .collect();
    let mut list = String::new();
    for (number, password) in planted.iter().enumerate() {
        list.push_str(&format!(
            "https://a.example/:user{number}@acme.example:{password}\n"
        ));
    }
    // A line that is none, with something like a secret in it.
    list.push_str("two words:planted-0-secret\n");
    let path = home.write("in/list.txt", list);
    let from = path.to_str().unwrap();
    let log = home.path("log.txt");
    let log = log.to_str().unwrap();
    let mut outputs = Vec::new();
    for arguments in [
        &[
            "leaks",
            "list",
            "--from",
            from,
            "--format",
            "json",
            "--log",
            log,
            "--verbose",
        ][..],
        &["leaks", "list", "--from", from],
        &["users", "list", "--from", from],
        &["connections", "list", "--from", from],
        &[
            "import",
            "check",
            from,
            "--format",
            "json",
            "--rejects",
            "all",
            "--rows",
            "30",
        ],
        &["import", "check", from, "--dry-run"],
        &[
            "export",
            "--from",
            from,
            "--format",
            "csv",
            "--output",
            "out/leaks.csv",
        ],
        &[
            "export",
            "--from",
            from,
            "--format",
            "json",
            "--output",
            "out/leaks.json",
        ],
        &[
            "leaks",
            "fix",
            "--filter",
            "login:user3@acme.example",
            "--from",
            from,
            "--yes",
        ],
        &[
            "evidence",
            "--filter",
            "login:acme",
            "--from",
            from,
            "--output",
            "out/bundle",
        ],
        &["jobs", "show", "1", "--with-leaks", "--from", from],
        &["audit", "export", "out/audit.jsonl"],
        &["statuses", "export", "out/statuses.jsonl"],
    ] {
        std::fs::create_dir_all(home.path("out")).unwrap();
        let ran = home.run(arguments);
        assert_eq!(ran.exit, 0, "{arguments:?}: {}", ran.err);
        outputs.push(ran.out);
        outputs.push(ran.err.into_bytes());
    }
    let mut kept = Vec::new();
    for folder in ["state", "out"] {
        files(&home.path(folder), &mut kept);
    }
    kept.push(home.path("log.txt"));
    for path in kept {
        outputs.push(std::fs::read(&path).unwrap());
    }
    assert!(outputs.len() > 20);
    for (number, bytes) in outputs.iter().enumerate() {
        let found = memchr::memmem::find(bytes, b"planted-");
        assert_eq!(found, None, "output {number}");
    }
}

#[test]
fn a_leak_says_where_it_stands() {
    let home = Home::new();
    let path = home.write(
        "list.txt",
        "# banner\nhttps://a.example/:bob:pw\nhttps://b.example/:kim:pw\n",
    );
    let id = home
        .list(&[&path], &["--filter", "login:kim"])
        .lines()
        .first()
        .map(|leak| leak["id"].as_str().unwrap().to_owned())
        .unwrap();
    let from = path.to_str().unwrap();
    let shown = home.run(&[
        "leaks",
        "show",
        &format!("file:leak:{id}"),
        "--from",
        from,
        "--format",
        "json",
    ]);
    let leak = super::parsed(&String::from_utf8_lossy(&shown.out));
    assert_eq!(leak["item"]["origin"]["line"], 3, "{}", shown.err);
    assert_eq!(leak["item"]["origin"]["path"], from);
    assert_eq!(leak["item"]["origin"]["format"], "ulp");
    assert_eq!(leak["item"]["login"], "kim");
}
