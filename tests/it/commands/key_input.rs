//! What an operator gives: files of ids as other programs save them, and files without an end.

use super::*;
use std::time::{Duration, Instant};

/// What becomes of a file of ids.
enum ExpectedInput {
    /// So many leaks are meant by it.
    Read(usize),
    /// It is refused in such words.
    Refused(&'static str),
}
use ExpectedInput::{Read, Refused};

fn utf16(text: &str, mark: bool, little: bool) -> Vec<u8> {
    let mark = mark.then_some('\u{feff}');
    let text: String = mark.into_iter().chain(text.chars()).collect();
    let bytes = |unit: u16| {
        if little {
            unit.to_le_bytes()
        } else {
            unit.to_be_bytes()
        }
    };
    text.encode_utf16().flat_map(bytes).collect()
}

/// The files of the shared case, name by name, and siblings of each.
#[expect(clippy::too_many_lines, reason = "one row a file")]
fn files(ids: &[String]) -> Vec<(String, Vec<u8>, ExpectedInput)> {
    let [a, b, c] = ids else {
        panic!("three ids");
    };
    let all = ids.len();
    let lines = |end: &str| format!("{a}{end}{b}{end}{c}");
    let each = |form: &dyn Fn(&str) -> String| {
        let lines: Vec<_> = ids.iter().map(|id| form(id)).collect();
        lines.join("\n")
    };
    let upper = c.to_uppercase();
    let text: Vec<(&str, String, ExpectedInput)> = vec![
        ("comma", format!("{a}, {b}, {c}"), Refused("commas")),
        (
            "comma a line",
            each(&|id| format!("{id},")),
            Refused("commas"),
        ),
        ("semicolons", format!("{a};{b};{c}"), Refused("semicolons")),
        ("tabs", each(&|id| format!("{id}\treset")), Refused("tabs")),
        (
            "markdown",
            each(&|id| format!("| {id} | x |")),
            Refused("row of a table"),
        ),
        ("list", each(&|id| format!("- {id}")), Refused("blanks")),
        ("cr", lines("\r"), Read(all)),
        ("cr at the end", lines("\r") + "\r", Read(all)),
        ("crlf", format!("\u{feff}{}\r\n", lines("\r\n")), Read(all)),
        ("every end", format!("{a}\r\n{b}\r\r{c}\n"), Read(all)),
        (
            "csv",
            format!("id,reason\n{}", each(&|id| format!("{id},reset"))),
            Refused("CSV"),
        ),
        (
            "csv of keys",
            each(&|id| format!("demo-pd:leak:{id},reset")),
            Refused("CSV"),
        ),
        (
            "quoted keys",
            each(&|id| format!("\"demo-pd:leak:{id}\"")),
            Refused("quotes"),
        ),
        ("empty", String::new(), Refused("empty")),
        (
            "comments alone",
            "# nothing\n\n#\n".to_owned(),
            Refused("empty"),
        ),
        (
            "inlinecomment",
            each(&|id| format!("{id}  # maya")),
            Refused("comment"),
        ),
        (
            "json",
            each(&|id| format!("{{\"key\":\"demo-pd:leak:{id}\"}}")),
            Refused("JSON"),
        ),
        ("json list", format!("[\"{a}\", \"{b}\"]"), Refused("JSON")),
        (
            "json over lines",
            format!("[\n  \"{a}\",\n  \"{b}\"\n]\n"),
            Refused("JSON"),
        ),
        (
            "mixed",
            format!(
                "{a}\ndemo-pd:leak:{a}\n{}\n{b}\n{upper}\n{c}",
                b.to_uppercase()
            ),
            Read(all),
        ),
        ("nbsp", each(&|id| format!("\u{a0}{id}\u{200b}")), Read(all)),
        (
            "marks of direction",
            each(&|id| format!("\u{202a}{id}\u{202c} ")),
            Read(all),
        ),
        ("nul", format!("{a}\0{b}\0{c}"), Refused("NUL")),
        ("quoted", each(&|id| format!("\"{id}\"")), Refused("quotes")),
        (
            "single quotes",
            each(&|id| format!("'{id}'")),
            Refused("quotes"),
        ),
        ("space", format!("{a} {b} {c}"), Refused("blanks")),
        ("upper", each(&|id| id.to_uppercase()), Read(all)),
        (
            "upper keys",
            each(&|id| format!("demo-pd:leak:{}", id.to_uppercase())),
            Read(all),
        ),
        (
            "one wrong line",
            format!("{a}\n\n{b} {c}\n"),
            Refused("line 3 is no id"),
        ),
        (
            "a heading",
            "id\nnumber\nname\n".to_owned(),
            Refused("no line of it is an id"),
        ),
        (
            "a page",
            "<!doctype html>\n<html>".to_owned(),
            Refused("web page"),
        ),
        (
            "another kind",
            "demo-pd:user:ana@x.example".to_owned(),
            Refused("key of a user"),
        ),
    ];
    let mut files: Vec<_> = text
        .into_iter()
        .map(|(name, text, becomes)| (name.to_owned(), text.into_bytes(), becomes))
        .collect();
    for (mark, little) in [(true, true), (true, false), (false, true), (false, false)] {
        for end in ["\n", "\r\n"] {
            let name = format!("utf16 {mark} {little} {end:?}");
            files.push((name, utf16(&lines(end), mark, little), Refused("UTF-16")));
        }
    }
    files.push((
        "latin1".into(),
        b"caf\xe9\nna\xefve".to_vec(),
        Refused("UTF-8"),
    ));
    files.push((
        "workbook".into(),
        b"PK\x03\x04\x14\0\x06\0\x08\0".to_vec(),
        Refused("ZIP"),
    ));
    files.push((
        "packed".into(),
        b"\x1f\x8b\x08\0\0".to_vec(),
        Refused("gzip"),
    ));
    files
}

#[tokio::test]
async fn files_of_ids_are_read_as_they_are_meant_or_refused_by_what_they_look_like() {
    let rig = CommandFixture::with_leaks(60).await;
    let ids = rig.ids("open", 3).await;
    let path = rig.path("ids");
    let file = path.to_str().unwrap();
    for (name, bytes, becomes) in files(&ids) {
        std::fs::write(&path, bytes).unwrap();
        let arguments = [
            "leaks",
            "fix",
            "--ids-from",
            file,
            "--dry-run",
            "--format",
            "json",
        ];
        let ran = rig.run(&arguments).await;
        match becomes {
            Read(count) => {
                assert_eq!(ran.exit, 0, "{name}: {ran:?}");
                let plan = ran.json();
                assert_eq!(plan["plan"]["targets"], count, "{name}: {plan}");
                assert_eq!(plan["plan"]["skipped"], json!([]), "{name}: {plan}");
            }
            Refused(near) => {
                assert_eq!((ran.exit, &ran.stdout[..]), (2, ""), "{name}: {ran:?}");
                let error = ran.error();
                let message = error["message"].as_str().unwrap();
                assert!(message.contains(near), "{name}: {message}");
                assert_ne!(error["hint"], "", "{name}");
                assert!(
                    !ids.iter().any(|id| message.contains(&id[..])),
                    "{name}: {message}"
                );
            }
        }
    }
    // What is in no list yet, but could be an id, is no mistake of the file.
    std::fs::write(&path, format!("{}\n{}\n", ids[0], "ab".repeat(16))).unwrap();
    let plan = rig
        .run(&[
            "leaks",
            "fix",
            "--ids-from",
            file,
            "--dry-run",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    assert_eq!(plan["plan"]["eligible"].as_array().unwrap().len(), 1);
    assert_eq!(plan["plan"]["skipped"][0]["code"], "not_found");
    // One leak by its key is found in the same way.
    let upper = format!("demo-pd:leak:{}", ids[0].to_uppercase());
    let shown = rig
        .run(&["leaks", "show", &upper, "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(shown["item"]["id"], ids[0]);
    let plan = rig
        .run(&["leaks", "fix", &upper, "--dry-run", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(plan["plan"]["targets"], 1);
    // A pipe in which nothing came is a search that found nothing.
    let none = rig
        .run_with(&["leaks", "fix", "--ids-from", "-", "--yes"], Some(""))
        .await;
    assert_eq!(none.exit, 0, "{none:?}");
    assert_eq!(rig.writes().await, 0);
}

#[tokio::test]
async fn what_has_no_end_is_refused_soon_and_with_the_size() {
    let rig = CommandFixture::with_leaks(10).await;
    let line = rig.path("line");
    std::fs::write(&line, vec![b'a'; 5 << 20]).unwrap();
    let directory = rig.path("directory");
    std::fs::create_dir(&directory).unwrap();
    let (line, directory) = (line.to_str().unwrap(), directory.to_str().unwrap());
    let cases: [(&[&str], &str); 14] = [
        (&["leaks", "fix", "--yes", "--ids-from", "/dev/zero"], "NUL"),
        (
            &["leaks", "fix", "--yes", "--ids-from", line],
            "longer than 4096 bytes",
        ),
        (
            &["leaks", "fix", "--yes", "--ids-from", directory],
            "directory",
        ),
        (&["statuses", "import", "/dev/zero"], "longer than 64 KiB"),
        (&["statuses", "import", line], "longer than 64 KiB"),
        (&["statuses", "import", directory], "directory"),
        (&["audit", "verify", "/dev/zero"], "longer than 1024 KiB"),
        (&["audit", "verify", line], "longer than 1024 KiB"),
        (&["config", "check", "--config", "/dev/zero"], "config"),
        (&["config", "check", "--config", line], "longer than 4 MiB"),
        (&["config", "check", "--config", directory], "directory"),
        (&["leaks", "list", "--config", line], "longer than 4 MiB"),
        (&["leaks", "list", "--config", "/dev/zero"], "config"),
        (&["leaks", "list", "--config", directory], "directory"),
    ];
    for (arguments, near) in cases {
        let start = Instant::now();
        let ran = rig.run(arguments).await;
        assert_eq!(ran.exit, 2, "{arguments:?}: {ran:?}");
        let told = format!("{}{}", ran.stdout, ran.stderr);
        assert!(told.contains(near), "{arguments:?}: {told}");
        // A second where nothing else runs; this is a debug build beside other tests.
        assert!(start.elapsed() < Duration::from_secs(20), "{arguments:?}");
    }
    // A key's source is no exception.
    let config = |key: &str| {
        format!(
            "[profiles.a]\nprovider = \"projectdiscovery\"\nbase_url = \"{}\"\nkey = {key}\n",
            rig.demo.base_url()
        )
    };
    for (key, near) in [
        ("{ file = \"/dev/zero\" }", "not a regular file"),
        ("{ command = [\"cat\", \"/dev/zero\"] }", "too long"),
    ] {
        rig.configure(&config(key));
        let start = Instant::now();
        let ran = rig.run(&["leaks", "list"]).await;
        assert_ne!(ran.exit, 0, "{key}: {ran:?}");
        assert!(ran.stderr.contains(near), "{key}: {}", ran.stderr);
        assert!(start.elapsed() < Duration::from_secs(20), "{key}");
    }
}

#[tokio::test]
async fn the_check_of_many_keys_takes_as_long_as_they_are_many() {
    let rig = CommandFixture::with_leaks(1).await;
    let key = |number: usize| {
        // Three keys, none of which means anything by itself.
        let letter = |at: usize| char::from_u32(0x3041 + at as u32).unwrap();
        format!(
            "{} {} {}",
            letter(number / 1600),
            letter(number / 40 % 40),
            letter(number % 40 + 40)
        )
    };
    let kinds: [(&str, &dyn Fn(usize) -> String); 7] = [
        ("bound", &|n| format!("\"{}\" = \"mark-fixed\"", key(n))),
        ("applied", &|n| format!("\"{}\" = \"plan-apply\"", key(n))),
        ("taken away", &|n| format!("\"{}\" = \"none\"", key(n))),
        ("unknown actions", &|n| {
            format!("\"{}\" = \"mark-fxed-{n}\"", key(n))
        }),
        ("no keys", &|n| {
            format!("\"no such key {n}\" = \"mark-fixed\"")
        }),
        ("numbers", &|n| format!("\"{}\" = {n}", key(n))),
        ("no names", &|n| format!("\"{n}\" = \"mark-fixed\"")),
    ];
    // In a debug build beside other tests no time says anything; that it grows as the lines do is seen all the same.
    for (name, line) in kinds {
        let mut times = Vec::new();
        for count in [5_000, 20_000] {
            let lines: Vec<_> = (0..count).map(line).collect();
            rig.configure(&format!("[keymap.global]\n{}\n", lines.join("\n")));
            let start = Instant::now();
            let ran = rig.run(&["config", "check", "--format", "json"]).await;
            times.push(start.elapsed());
            let checked = ran.json();
            assert_eq!(checked["config"]["ok"], ran.exit == 0, "{name}");
            let problems = checked["config"]["problems"].as_array().unwrap();
            assert!(problems.len() <= 1_001, "{name}");
        }
        let most = times[0] * 8 + Duration::from_secs(5);
        assert!(times[1] < most, "{name}: {times:?}");
    }
}

#[tokio::test]
async fn a_pipe_that_nobody_writes_to_is_refused_and_not_waited_for() {
    let rig = CommandFixture::with_leaks(20).await;
    let pipe = rig.path("pipe");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
    let path = pipe.to_str().unwrap();
    for arguments in [
        &["leaks", "fix", "--dry-run", "--ids-from", path][..],
        &["statuses", "import", path],
        &["audit", "verify", path],
        &["config", "check", "--config", path],
        &["leaks", "list", "--config", path],
    ] {
        let run = tokio::time::timeout(Duration::from_secs(60), rig.run(arguments));
        let ran = run.await.unwrap_or_else(|_| panic!("waits: {arguments:?}"));
        assert_ne!(ran.exit, 0, "{arguments:?}: {ran:?}");
        let said = ran.stdout + &ran.stderr;
        assert!(
            said.contains("it is a pipe that nobody writes to"),
            "{arguments:?}: {said}"
        );
    }
}
