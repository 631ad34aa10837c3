//! Files: the configuration, saved views, statuses of another machine, the audit log, bundles of evidence, the names in
//! a stealer's archive.

use super::{
    Target,
    engine::{Input, input, kind},
    hostile, words,
};
use crate::properties::is_forbidden;
use stanch::{
    app::views::file::{parse, serialize},
    cli::{context::Environment, exit::ExitCode, output::Output, run_from},
    config::{Config, Overrides, location::SAMPLE, show},
    entity::{option::ProviderSpec, raw_text::RawText, tree},
    export::evidence::verify,
    journal::{AuditOrigin, AuditRecord, Journal, JournalOptions, OpenMode, Operator, verify_copy},
    provider::{REGISTRY, Registration},
};
use std::{ffi::OsString, fs, path::Path};

/// Every file of a folder of the fixtures.
fn fixtures(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(folder);
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| fs::read(path).unwrap())
        .collect()
}

/// The configuration, its keymap and its theme.
pub(super) fn configuration() -> Target {
    let mut seeds = fixtures("config/valid");
    seeds.extend(fixtures("config/invalid"));
    seeds.push(SAMPLE.as_bytes().to_vec());
    let options = [
        "[profiles.acme]\n",
        "provider = \"leaks-ai\"\n",
        "key = { env = \"K\" }\n",
        "[keymap.leaks]\n",
        "\"f\" = \"mark-fixed\"\n",
        "[policy]\n",
        "[theme]\n",
        "[clipboard]\n",
        "via = \"file\"\n",
        "true",
        "[[",
        "]]",
        "'''",
        "\"\"\"",
        "verify_seconds = [1e9]\n",
        "rpm = 0\n",
        "= ",
        "{ ",
        "base_url = \"https://",
        "#",
    ];
    Target {
        words: words(&options),
        runs: 1_200,
        longest: 6_000,
        ..Target::new(seeds, |bytes| {
            let Ok(text) = std::str::from_utf8(bytes) else {
                return 0;
            };
            let config = load(text);
            let lines = text.split('\n').count();
            for problem in &config.problems {
                assert!(
                    problem.line.is_none_or(|line| (1..=lines).contains(&line)),
                    "{problem:?}"
                );
                assert!(
                    problem.column.is_none_or(|column| column > 0),
                    "{problem:?}"
                );
                assert!(
                    !problem.hint.is_empty() && !problem.message.is_empty(),
                    "{problem:?}"
                );
                let said = format!("{}{}", problem.message, problem.hint);
                assert!(!said.chars().any(is_forbidden), "{said:?}");
            }
            // What is shown of it is a configuration that says the same.
            let shown = show::to_toml(&config);
            let again = load(&shown);
            assert_eq!(show::to_toml(&again), shown);
            let _ = show::to_json(&config);
            kind((
                config.profiles.len(),
                config.problems.len().min(9),
                config.blocking_problem().is_some(),
            ))
        })
    }
}

fn load(text: &str) -> Config {
    let providers: Vec<ProviderSpec> = REGISTRY.iter().map(Registration::spec).collect();
    Config::load(
        Some((Path::new("config.toml"), text)),
        &providers,
        &Overrides::default(),
    )
}

/// The file of saved views.
pub(super) fn views() -> Target {
    let seeds = [
        "schema = 1\n[[view]]\nname = \"worst first\"\nfilter = \"status:open risk:high\"\nsort = [\"-risk\", \"-seen\"]\ngroup = \"user\"\ncolumns = [\"status\", \"login\", \"url:40\"]\n",
        "later = 7\n[[view]]\nname = \"a\"\nnew = { x = [1, 2] }\n[[view]]\nname = \"a\"\n[[view]]\nsort = \"seen\"\n",
        "[[view]]\nname = \"\u{e9}\"\nfilter = \"/a\\\\.b/\"\n",
    ];
    Target {
        words: words(&[
            "[[view]]\n",
            "name = \"x\"\n",
            "sort = [\"seen\"]\n",
            "columns = []\n",
            "group = \"credential\"\n",
            "schema = 2\n",
            "\"url:0\"",
            "1979-05-27",
            "nan",
        ]),
        runs: 2_000,
        ..Target::new(seeds, |bytes| {
            let Ok(text) = std::str::from_utf8(bytes) else {
                return 0;
            };
            let lines = text.split('\n').count();
            match parse(text) {
                Ok(came) => {
                    assert!(
                        came.problems
                            .iter()
                            .all(|problem| (1..=lines).contains(&problem.line))
                    );
                    // Nothing of the file is lost by writing it.
                    let written = serialize(&came.views, &came.unknown);
                    let again = parse(&written).expect("what was written is read");
                    assert_eq!(again.views, came.views);
                    assert_eq!(serialize(&again.views, &again.unknown), written);
                    kind((came.views.len(), came.problems.len()))
                }
                Err(problem) => {
                    assert!((1..=lines).contains(&problem.line), "{problem:?}");
                    kind(problem.message)
                }
            }
        })
    }
}

/// Statuses that were kept on another machine, through the command that takes them in.
pub(super) fn statuses() -> Target {
    let line = r#"{"schema":1,"key":"acme:leak:a%0Ab","profile":"acme","provider":"elsewhere","status":"fixed","remote_then":null,"set_at":"2026-02-01T12:00:00Z","job":7,"previous":"new","reason":"reset","note":null,"ticket":"INC-7"}"#;
    let known = line
        .replace("elsewhere", "leaks-ai")
        .replace("a%0Ab", "00000001-0000-4000-8000-000000000000");
    let home = tempfile::tempdir().unwrap();
    let run = move |bytes: &[u8]| {
        let file = home.path().join("statuses.jsonl");
        fs::write(&file, bytes).unwrap();
        let (output, out, err) = Output::in_memory();
        let arguments = ["stanch", "statuses", "import", file.to_str().unwrap()];
        let variables = vec![
            (
                "STANCH_STATE_DIR",
                home.path().join("state").into_os_string(),
            ),
            (
                "STANCH_CONFIG",
                home.path().join("none.toml").into_os_string(),
            ),
        ];
        fs::write(home.path().join("none.toml"), "").unwrap();
        let exit = run_from(
            arguments.map(OsString::from),
            Environment::from_variables(variables),
            output,
        );
        let said = format!("{}{}", out.text(), err.text());
        assert!(
            matches!(exit, ExitCode::Done | ExitCode::Usage),
            "{exit:?}: {said}"
        );
        let hidden = |c: char| c != '\n' && is_forbidden(c);
        assert!(!said.chars().any(hidden), "{said:?}");
        let what = said.split(": ").nth(2).unwrap_or_default().to_owned();
        kind((exit.code(), what))
    };
    Target {
        words: words(&[
            "acme:leak:",
            "false_positive",
            "\"status\"",
            "null",
            "elsewhere",
            "2999-01-01T00:00:00Z",
            "\"schema\":2",
        ]),
        json: true,
        runs: 150,
        ..Target::new([line.to_owned(), format!("{line}\n{known}\n"), known], run)
    }
}

/// A copy of an audit log: nothing passes for it but itself.
pub(super) fn audit() -> Target {
    let copy = audit_copy();
    let original = copy.clone();
    Target {
        words: words(&["\"prev\":", "\"seq\":1", "\"hash\":", "{\"end\":", "{}\n"]),
        json: true,
        longest: 16_384,
        runs: 2_000,
        ..Target::new([copy], move |bytes| {
            let verdict = verify_copy(bytes);
            let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
            assert!(
                verdict.first_bad.is_some() || bytes == original,
                "{verdict:?}"
            );
            assert!(
                verdict
                    .first_bad
                    .is_none_or(|(record, _)| record >= 1 && record <= lines + 1),
                "{verdict:?}"
            );
            kind(verdict)
        })
    }
}

fn audit_copy() -> Vec<u8> {
    let room = tempfile::tempdir().unwrap();
    let who = Operator {
        user: "ana".to_owned(),
        ..Operator::default()
    };
    let threads = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    threads.block_on(async {
        let options = JournalOptions::new(room.path().to_path_buf(), OpenMode::Write, who.clone());
        let journal = Journal::open(options).await.unwrap();
        for number in 0..6 {
            let record = AuditRecord::new(AuditOrigin::Console, format!("fix {number}"), "done");
            journal.audit(record).await.unwrap();
        }
        let log = journal.audit_log().await.unwrap();
        journal.close().await;
        log.copy(&who, "2026-03-01T12:00:00Z".parse().unwrap())
            .unwrap()
    })
}

/// A bundle of evidence of which one file is another.
pub(super) fn bundles() -> Target {
    let room = tempfile::tempdir().unwrap();
    let (path, _) = crate::evidence::bundle(room.path());
    let names = crate::evidence::names(&path);
    let whole: Vec<Vec<u8>> = names
        .iter()
        .map(|name| fs::read(path.join(name)).unwrap())
        .collect();
    let seeds = whole
        .iter()
        .enumerate()
        .map(|(part, bytes)| input(part, bytes));
    let most = whole.iter().map(Vec::len).max().unwrap_or_default();
    Target {
        seeds: seeds.collect(),
        words: words(&[
            "\"file\":",
            "\"name\":\"../x\"",
            "\"lines\":[]",
            "\"bytes\":0",
            "{\"end\":{\"files\":0}}",
        ]),
        json: true,
        longest: most + 4_096,
        runs: 300,
        check: Box::new(move |given: &Input| {
            // The room is there as long as the target.
            let path = room.path().join("bundle");
            let file = path.join(&names[given.part]);
            fs::write(&file, &given.bytes).unwrap();
            let checked = verify(&path);
            fs::write(&file, &whole[given.part]).unwrap();
            let same = given.bytes == whole[given.part];
            let bad = checked
                .as_ref()
                .is_ok_and(|checked| checked.mismatch.is_some());
            assert_eq!(bad || checked.is_err(), !same, "{checked:?}");
            kind(
                checked
                    .map(|checked| checked.mismatch.map(|bad| (bad.file, bad.fault)))
                    .ok(),
            )
        }),
    }
}

/// The names in an archive, as a tree.
pub(super) fn archives() -> Target {
    let mut seeds = words(&[
        "Passwords.txt\nBrowsers/Chrome/Default/Login Data\nBrowsers\\Chrome\\Cookies.txt",
        "../../etc/passwd\n//\n\\\\server\\share",
        "[ES]203.0.113.8_2026_02_11/Screen.png",
    ]);
    seeds.push(hostile().join(&b'\n'));
    Target {
        words: words(&["/", "\\", "..", "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/"]),
        longest: 1_500,
        ..Target::new(seeds, |bytes| {
            let paths: Vec<RawText> = bytes
                .split(|byte| *byte == b'\n')
                .map(RawText::from)
                .collect();
            let lines = tree::render_lines(&paths, false);
            assert_eq!(tree::render_lines(&paths, true).len(), lines.len());
            assert!(
                lines
                    .iter()
                    .all(|line| !line.as_str().chars().any(is_forbidden))
            );
            kind(lines.len().min(40))
        })
    }
}
