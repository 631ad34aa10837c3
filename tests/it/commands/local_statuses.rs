//! What is kept here: it comes and goes with its words, is taken for true only where the provider does not know better,
//! and is not lost with a profile's name.

use super::*;

/// A stand-in with every system, and the keys of some leaks of one provider with a status.
async fn leaks(rig: &CommandFixture, provider: &str, status: &str, count: usize) -> Vec<String> {
    let list = rig
        .run(&["leaks", "list", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let items = list["items"].as_array().unwrap().iter();
    let keys: Vec<String> = items
        .filter(|leak| leak["provider"] == provider && leak["status"] == status)
        .map(|leak| leak["key"].as_str().unwrap().to_owned())
        .take(count)
        .collect();
    assert_eq!(keys.len(), count, "{provider} has too few {status}");
    keys
}

async fn show_leak(rig: &CommandFixture, key: &str) -> Value {
    let ran = rig.run(&["leaks", "show", key, "--format", "json"]).await;
    ran.assert_exit(0).json()["item"].clone()
}

/// A file of ours: closed to others.
fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Renames a profile in the configuration.
fn rename(rig: &CommandFixture, old: &str, new: &str) {
    let config = std::fs::read_to_string(rig.path("config.toml")).unwrap();
    let from = format!("[profiles.{old}]");
    assert!(config.contains(&from), "{config}");
    rig.configure(&config.replace(&from, &format!("[profiles.{new}]")));
}

#[tokio::test]
async fn what_is_kept_goes_to_another_machine_with_its_words() {
    let rig = CommandFixture::with_all_systems(300).await;
    for (provider, status, words) in [
        (
            "leaks-ai",
            "new",
            ["owner confirmed", "called 10:40", "INC-7"],
        ),
        ("leaked-checker", "unknown", ["reset", "", "INC-8"]),
        (
            "projectdiscovery",
            "open",
            ["", "two\nlines, \"quoted\"", ""],
        ),
    ] {
        let key = leaks(&rig, provider, status, 1).await.remove(0);
        let mut command = vec!["leaks", "set", "false_positive", &key, "--yes"];
        for (option, word) in ["--reason", "--note", "--ticket"].iter().zip(words) {
            if !word.is_empty() {
                command.extend([option, word]);
            }
        }
        rig.run(&command).await.assert_exit(0);
        let before = show_leak(&rig, &key).await;
        let file = rig.path(&format!("{provider}.jsonl"));
        rig.run(&["statuses", "export", file.to_str().unwrap()])
            .await
            .assert_exit(0);
        // Another machine has nothing but the file and the configuration.
        std::fs::rename(rig.path("state"), rig.path(&format!("{provider}.old"))).unwrap();
        rig.run(&["statuses", "import", file.to_str().unwrap()])
            .await
            .assert_ok();
        let after = show_leak(&rig, &key).await;
        for member in [
            "status",
            "status_source",
            "disputed",
            "reason",
            "note",
            "ticket",
        ] {
            assert_eq!(after[member], before[member], "{provider} {member}");
        }
        let ticket = words[2];
        if !ticket.is_empty() {
            let filter = format!("ticket:{ticket}");
            let count = ["leaks", "count", "--filter", &filter, "--format", "json"];
            assert_eq!(
                rig.run(&count).await.assert_ok().json()["count"],
                1,
                "{provider}"
            );
        }
        let again = rig.run(&["statuses", "export"]).await.assert_ok().stdout;
        let exported = std::fs::read_to_string(&file).unwrap();
        let line = |text: &str| {
            let mut line: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
            // A job's number means nothing in another journal.
            line["job"] = Value::Null;
            line
        };
        assert_eq!(line(&again), line(&exported), "{provider}");
        std::fs::remove_dir_all(rig.path("state")).unwrap();
        std::fs::rename(rig.path(&format!("{provider}.old")), rig.path("state")).unwrap();
        std::fs::remove_dir_all(rig.path("state")).unwrap();
    }
}

#[tokio::test]
async fn a_file_takes_no_open_leak_out_of_sight() {
    let rig = CommandFixture::with_all_systems(300).await;
    let of = async |provider: &str, status: &str| leaks(&rig, provider, status, 1).await.remove(0);
    let (pd, ai) = (
        of("projectdiscovery", "open").await,
        of("leaks-ai", "new").await,
    );
    let line = |key: &str, provider: &str, status: &str, then: Value| {
        json!({
            "schema": 1, "key": key, "profile": key.split(':').next(), "provider": provider, "status": status,
            "remote_then": then, "set_at": "2026-02-01T12:00:00Z", "job": null, "previous": null,
        })
    };
    let import = async |line: &Value| {
        let file = rig.path("one.jsonl");
        std::fs::write(&file, format!("{line}\n")).unwrap();
        rig.run(&["statuses", "import", file.to_str().unwrap()])
            .await
    };
    for (key, provider, status, then) in [
        (&pd, "projectdiscovery", "fixed", json!("open")),
        (&pd, "projectdiscovery", "false_positive", json!("open")),
        (&pd, "projectdiscovery", "false_positive", Value::Null),
        (&pd, "leaks-ai", "fixed", json!("open")),
        (&ai, "leaked-checker", "fixed", Value::Null),
        (&ai, "projectdiscovery", "false_positive", json!("fixed")),
    ] {
        let ran = import(&line(key, provider, status, then))
            .await
            .assert_exit(2);
        assert!(ran.stderr.starts_with("stanch: line 1: "), "{}", ran.stderr);
    }
    let mut other = line(&ai, "leaks-ai", "fixed", json!("new"));
    other["profile"] = "demo-pd".into();
    import(&other).await.assert_exit(2);
    assert!(!rig.path("state").exists(), "nothing was taken in");
    // What rests on another word of the provider than it says is disputed, and the provider's word counts.
    for (key, provider, then, open) in [
        (&pd, "projectdiscovery", json!("fixed"), "open"),
        (&ai, "leaks-ai", json!("investigating"), "new"),
        (&ai, "leaks-ai", Value::Null, "new"),
    ] {
        import(&line(key, provider, "false_positive", then))
            .await
            .assert_ok();
        let leak = show_leak(&rig, key).await;
        assert_eq!(
            (&leak["status"], &leak["disputed"]),
            (&json!(open), &json!(true))
        );
        let count = rig
            .run(&[
                "leaks",
                "list",
                "--filter",
                "status:open",
                "--format",
                "json",
            ])
            .await
            .assert_ok()
            .json();
        let items = count["items"].as_array().unwrap();
        assert!(
            items.iter().any(|leak| leak["key"] == **key),
            "{key} is hidden"
        );
        std::fs::remove_dir_all(rig.path("state")).unwrap();
    }
    // And where it agrees it counts.
    import(&line(&ai, "leaks-ai", "false_positive", json!("new")))
        .await
        .assert_ok();
    let leak = show_leak(&rig, &ai).await;
    assert_eq!(
        (&leak["status"], &leak["status_source"], &leak["disputed"]),
        (&json!("false_positive"), &json!("local"), &json!(false))
    );
}

#[tokio::test]
async fn what_a_renamed_profile_has_kept_is_told_and_can_be_taken_along() {
    let rig = CommandFixture::with_all_systems(300).await;
    let key = leaks(&rig, "leaks-ai", "new", 1).await.remove(0);
    let set = [
        "leaks",
        "set",
        "false_positive",
        &key,
        "--yes",
        "--ticket",
        "INC-7",
    ];
    rig.run(&set).await.assert_exit(0);
    rename(&rig, "demo-la", "acme-la");
    let told = "1 status is kept for demo-la (leaks-ai), which is no configured profile";
    let ran = rig.run(&["leaks", "count"]).await.assert_exit(0);
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    let ran = rig.run(&["doctor"]).await.assert_exit(2);
    assert!(
        ran.stdout.contains(told) && ran.stdout.contains("statuses move"),
        "{}",
        ran.stdout
    );
    let doctor = rig
        .run(&["doctor", "--format", "json"])
        .await
        .assert_exit(2)
        .json();
    let checks = doctor["checks"].as_array().unwrap();
    let check = checks
        .iter()
        .find(|check| check["name"] == "statuses")
        .unwrap();
    assert_eq!(
        (&check["ok"], &check["profile"]),
        (&json!(false), &json!("demo-la"))
    );
    let ran = rig.run(&["config", "check"]).await.assert_ok();
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
    let check = rig
        .run(&["config", "check", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(check["config"]["left_behind"][0]["statuses"], 1);

    let moved = async |words: &[&str]| rig.run(&[&["statuses", "move"], words].concat()).await;
    let plan = moved(&["demo-la", "acme-la", "--dry-run", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(
        plan["move"],
        json!({
            "from": "demo-la", "to": "acme-la", "provider": "leaks-ai", "statuses": 1, "replaced": 0, "older": 0,
            "words": 1, "mappings": 0, "events": 0, "done": false,
        })
    );
    moved(&["demo-la", "acme-la"]).await.assert_exit(4);
    moved(&["demo-la", "acme-la", "--yes", "--read-only"])
        .await
        .assert_exit(4);
    moved(&["demo-la", "demo-la", "--yes"]).await.assert_exit(2);
    moved(&["demo-la", "nowhere", "--yes"]).await.assert_exit(2);
    moved(&["demo-la", "NO/NAME", "--yes"]).await.assert_exit(2);
    moved(&["other", "acme-la", "--yes"]).await.assert_exit(6);
    let ran = moved(&["demo-la", "demo-pd", "--yes"]).await.assert_exit(2);
    assert!(
        ran.stderr
            .contains("is of leaks-ai, and demo-pd is projectdiscovery"),
        "{}",
        ran.stderr
    );
    let ran = moved(&["demo-la", "acme-la", "--yes"]).await.assert_ok();
    assert!(
        ran.stdout.starts_with("moved: 1 statuses of leaks-ai"),
        "{}",
        ran.stdout
    );

    let leak = show_leak(&rig, &key.replace("demo-la", "acme-la")).await;
    assert_eq!(
        (&leak["status"], &leak["ticket"]),
        (&json!("false_positive"), &json!("INC-7"))
    );
    let ran = rig.run(&["leaks", "count"]).await.assert_ok();
    assert!(!ran.stderr.contains("kept"), "{}", ran.stderr);
    rig.run(&["doctor"]).await.assert_ok();
    rig.run(&["jobs", "list"]).await.assert_ok();
    let audit = std::fs::read_to_string(rig.path("state").join("audit.jsonl")).unwrap();
    let lines = audit
        .lines()
        .filter(|line| line.contains("\"move_statuses\""));
    assert_eq!(lines.count(), 3, "refused, asked, done: {audit}");
    rig.run(&["audit", "verify"]).await.assert_ok();
    // Back and forth nothing is lost, and a second time there is nothing to move.
    moved(&["demo-la", "acme-la", "--yes"]).await.assert_exit(6);
}

#[expect(
    clippy::too_many_lines,
    reason = "one job over three systems, and its undo"
)]
#[tokio::test]
async fn an_undo_restores_every_change_or_says_what_it_left_behind() {
    let rig = CommandFixture::with_all_systems(400).await;
    let mut keys = leaks(&rig, "projectdiscovery", "open", 3).await;
    keys.extend(leaks(&rig, "leaks-ai", "new", 2).await);
    keys.extend(leaks(&rig, "leaked-checker", "unknown", 2).await);
    // One that had a status of ours before: that comes back.
    let ours = keys.last().unwrap().clone();
    rig.run(&["leaks", "set", "investigating", &ours, "--yes"])
        .await
        .assert_exit(0);
    let standing = async || {
        let list = rig
            .run(&["leaks", "list", "--format", "json"])
            .await
            .assert_ok()
            .json();
        let items = list["items"].as_array().unwrap().iter();
        let ours = items.filter(|leak| keys.iter().any(|key| leak["key"] == **key));
        ours.map(|leak| {
            let of = |name: &str| leak[name].as_str().unwrap_or_default().to_owned();
            (of("key"), of("status"), of("status_source"))
        })
        .collect::<Vec<_>>()
    };
    let before = standing().await;
    let words = |command: &'static [&'static str]| {
        let words = command
            .iter()
            .copied()
            .chain(keys.iter().map(String::as_str));
        words
            .chain(["--yes", "--format", "json"])
            .collect::<Vec<_>>()
    };
    let job = rig
        .run(&words(&["leaks", "fix"]))
        .await
        .assert_exit(0)
        .json()["job"]
        .clone();
    assert_eq!(
        (&job["counts"]["verified"], &job["counts"]["local"]),
        (&json!(3), &json!(4))
    );
    assert!(
        standing()
            .await
            .iter()
            .all(|(_, status, _)| status == "fixed")
    );
    let follow = async |command: &str, id: &Value| {
        let id = id.to_string();
        let ran = rig
            .run(&["jobs", command, &id, "--yes", "--format", "json"])
            .await;
        ran.assert_exit(0).json()["job"].clone()
    };
    let undo = follow("undo", &job["id"]).await;
    assert_eq!(
        (&undo["state"], &undo["counts"]["skipped"]),
        (&json!("done"), &json!(0))
    );
    assert_eq!(standing().await, before);
    let redo = follow("redo", &undo["id"]).await;
    assert!(
        standing()
            .await
            .iter()
            .all(|(_, status, _)| status == "fixed")
    );
    follow("undo", &redo["id"]).await;
    assert_eq!(standing().await, before);
    // A second undo finds nothing as the job left it.
    let again = rig
        .run(&["jobs", "undo", "2", "--yes", "--format", "json"])
        .await
        .assert_exit(3);
    assert_eq!(
        again.json()["plan"]["eligible"],
        json!([]),
        "{}",
        again.stdout
    );

    // A part that must not be touched is left behind, and that is no success.
    let job = rig
        .run(&words(&["leaks", "fix"]))
        .await
        .assert_exit(0)
        .json()["job"]
        .clone();
    let config = std::fs::read_to_string(rig.path("config.toml")).unwrap();
    let locked = "[profiles.demo-lc]\nread_only = true\n";
    rig.configure(&config.replace("[profiles.demo-lc]\n", locked));
    let id = job["id"].to_string();
    let ran = rig
        .run(&["jobs", "undo", &id, "--yes", "--format", "json"])
        .await
        .assert_exit(3);
    let undo = ran.json()["job"].clone();
    assert_eq!(
        (&undo["state"], &undo["counts"]["skipped"]),
        (&json!("done_with_exceptions"), &json!(2))
    );
    let lines = rig.run(&["jobs", "list"]).await.assert_ok().stdout;
    assert!(
        lines
            .lines()
            .next()
            .unwrap()
            .contains("VERIFIED  LOCAL  SKIPPED"),
        "{lines}"
    );
}

#[tokio::test]
async fn closed_leaks_of_another_kind_are_left_alone_until_they_are_asked_for() {
    let rig = CommandFixture::with_all_systems(400).await;
    let mut keys = leaks(&rig, "projectdiscovery", "open", 2).await;
    keys.extend(leaks(&rig, "leaks-ai", "new", 2).await);
    keys.extend(leaks(&rig, "leaked-checker", "unknown", 2).await);
    let run = async |command: &[&str], more: &[&str]| {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let json: &[&str] = &["--format", "json"];
        rig.run(&[command, &keys, more, json].concat()).await
    };
    run(&["leaks", "set", "false_positive"], &["--yes"])
        .await
        .assert_exit(0);
    let plan = run(&["leaks", "fix"], &["--dry-run"])
        .await
        .assert_ok()
        .json()["plan"]
        .clone();
    let skipped = plan["skipped"].as_array().unwrap();
    assert_eq!(
        (plan["eligible"].as_array().unwrap().len(), skipped.len()),
        (0, 6)
    );
    for left in skipped {
        assert_eq!(
            (&left["code"], &left["reason"]),
            (&json!("closed"), &json!("closed as false positive"))
        );
    }
    let set = run(&["leaks", "set", "investigating"], &["--dry-run"])
        .await
        .assert_ok()
        .json();
    assert_eq!(set["plan"]["skipped"][0]["code"], "closed");
    let all = run(&["leaks", "fix"], &["--dry-run", "--include-closed"])
        .await
        .assert_ok()
        .json();
    assert_eq!(
        all["plan"]["hash"], plan["hash"],
        "over the targets, as ever"
    );
    assert_eq!(all["plan"]["eligible"].as_array().unwrap().len(), 6);
    // Nothing eligible: no job, and no fault.
    run(&["leaks", "fix"], &["--yes"]).await.assert_exit(0);
    let text = rig
        .run(&["leaks", "fix", &keys[0], "--dry-run"])
        .await
        .assert_ok()
        .stdout;
    assert!(
        text.contains("skipped: 1 closed as false positive"),
        "{text}"
    );
    assert!(text.contains("--include-closed"), "{text}");
    // Reopening is about closed leaks.
    let open = run(&["leaks", "reopen"], &["--dry-run"])
        .await
        .assert_ok()
        .json();
    assert_eq!(open["plan"]["eligible"].as_array().unwrap().len(), 6);
    let job = run(&["leaks", "fix"], &["--yes", "--include-closed"])
        .await
        .assert_exit(0)
        .json();
    assert_eq!(job["job"]["state"], "done");
    // And the other way round.
    let plan = run(&["leaks", "set", "false_positive"], &["--dry-run"])
        .await
        .assert_ok()
        .json();
    assert_eq!(plan["plan"]["skipped"][0]["reason"], "closed as fixed");
}

#[tokio::test]
async fn a_result_that_cannot_be_written_says_what_became_of_the_job() {
    let rig = CommandFixture::with_all_systems(300).await;
    let key = leaks(&rig, "projectdiscovery", "open", 1).await.remove(0);
    let onto_full = async |arguments: &[&str]| {
        let full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let mut command = rig.command(arguments);
        command.stdout(full);
        rig.finish(command.spawn().unwrap()).await
    };
    for (number, arguments) in [
        vec!["leaks", "fix", &key, "--yes", "--quiet"],
        vec!["jobs", "undo", "1", "--yes", "--format", "json"],
        vec!["jobs", "redo", "2", "--yes"],
    ]
    .into_iter()
    .enumerate()
    {
        let ran = onto_full(&arguments).await;
        assert_ne!(ran.exit, 0, "{arguments:?}");
        let told = format!("stanch: job {} is done: 1 verified · 0 local", number + 1);
        assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn a_journal_that_is_gone_damaged_or_newer_is_told_by_every_command() {
    let rig = CommandFixture::with_all_systems(300).await;
    let key = leaks(&rig, "leaks-ai", "new", 1).await.remove(0);
    rig.run(&["leaks", "fix", &key, "--yes"])
        .await
        .assert_exit(0);
    let path = rig.path("state").join("journal.db");
    let whole = std::fs::read(&path).unwrap();
    let newer = {
        let sql = rusqlite::Connection::open(&path).unwrap();
        sql.execute_batch("PRAGMA user_version = 99").unwrap();
        drop(sql);
        std::fs::read(&path).unwrap()
    };
    let mut hints = Vec::new();
    for (what, bytes) in [
        ("that it belongs to is not", None),
        ("cut to nothing", Some(Vec::new())),
        ("is not a journal", Some(vec![b'x'; 4_096])),
        ("a newer stanch wrote it (schema 99", Some(newer)),
    ] {
        match bytes {
            Some(bytes) => write(&path, &bytes),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let mut of_all = Vec::new();
        for command in [
            &["jobs", "list"][..],
            &["jobs", "show", "1"],
            &["leaks", "list"],
            &["leaks", "count"],
            &["leaks", "fix", &key, "--dry-run"],
            &["leaks", "fix", &key, "--yes"],
            &["statuses", "export"],
            &["jobs", "resume"],
        ] {
            let ran = rig.run(command).await.assert_exit(7);
            assert!(ran.stderr.contains(what), "{command:?}: {}", ran.stderr);
            assert_eq!(ran.stdout, "", "{command:?}");
            let hint = ran
                .stderr
                .lines()
                .find(|line| line.starts_with("hint: "))
                .unwrap();
            of_all.push(hint.to_owned());
        }
        let doctor = rig.run(&["doctor"]).await.assert_exit(7);
        assert!(doctor.stdout.contains(what), "{}", doctor.stdout);
        of_all.dedup();
        assert_eq!(of_all.len(), 1, "{what}: {of_all:?}");
        hints.extend(of_all);
    }
    hints.dedup();
    assert_eq!(hints.len(), 3, "{hints:?}");
    write(&path, &whole);
    rig.run(&["jobs", "list"]).await.assert_ok();
    // A row that was changed by hand, of a job that has ended.
    for tampering in [
        "UPDATE change SET state = 0",
        "DELETE FROM local_status",
        "UPDATE event SET detail = '{}' WHERE seq = 1",
    ] {
        let sound = std::fs::read(&path).unwrap();
        let sql = rusqlite::Connection::open(&path).unwrap();
        sql.execute_batch(tampering).unwrap();
        drop(sql);
        for command in [&["jobs", "list"][..], &["doctor"]] {
            let ran = rig.run(command).await.assert_exit(7);
            assert!(
                (ran.stdout + &ran.stderr).contains("damaged"),
                "{tampering}"
            );
        }
        write(&path, &sound);
    }
}

#[tokio::test]
async fn a_leak_is_shown_with_its_history_and_its_notes() {
    let rig = CommandFixture::with_all_systems(300).await;
    let key = leaks(&rig, "projectdiscovery", "open", 1).await.remove(0);
    assert_eq!(show_leak(&rig, &key).await["history"], json!([]));
    let noted = ["notes", "add", &key, "--note", "called the owner"];
    rig.run(&noted).await.assert_ok();
    let fix = ["leaks", "fix", &key, "--yes", "--reason", "reset"];
    rig.run(&fix).await.assert_exit(0);
    let piped = ["notes", "add", &key, "--format", "json"];
    let added = rig
        .run_with(&piped, Some("owner \u{202e}confirmed\n"))
        .await;
    let added = added.assert_ok().json();
    assert_eq!(added["notes"][0]["note"], "owner \u{202e}confirmed");
    let item = show_leak(&rig, &key).await;
    let history = item["history"].as_array().unwrap();
    let acts: Vec<_> = history.iter().map(|entry| &entry["what"]).collect();
    assert_eq!(acts, ["note", "fix", "note"]);
    for member in [
        "at", "by", "what", "before", "after", "outcome", "job", "reason", "note", "ticket",
    ] {
        assert!(history[1].get(member).is_some(), "{member}");
    }
    assert_eq!(history[1]["before"], "open");
    assert_eq!(history[1]["after"], "fixed");
    assert_eq!(history[1]["outcome"], "verified");
    assert_eq!(history[1]["reason"], "reset");
    assert_eq!(item["note"], "owner \u{202e}confirmed");
    assert_eq!(item["reason"], "reset");

    let list = rig.run(&["notes", "list", &key, "--format", "json"]).await;
    let list = list.assert_ok().json();
    assert_eq!(list["schema"], 1);
    assert_eq!(
        (&list["total"], &list["complete"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(list["items"][0]["note"], "called the owner");
    let all = rig.run(&["notes", "list"]).await.assert_ok().stdout;
    assert!(
        all.contains("called the owner") && !all.contains('\u{202e}'),
        "{all}"
    );
    let table = rig.run(&["leaks", "show", &key]).await.assert_ok().stdout;
    assert!(
        table.contains("called the owner") && !table.contains('\u{202e}'),
        "{table}"
    );

    rig.run(&["notes", "add", &key, "--note", "x", "--read-only"])
        .await
        .assert_exit(4);
    rig.run(&["notes", "add", &key, "--note", " "])
        .await
        .assert_exit(2);
    let other = ["notes", "add", "nobody:leak:1", "--note", "x"];
    rig.run(&other).await.assert_exit(6);
    rig.run(&["notes", "list", "demo-pd:user:x"])
        .await
        .assert_exit(2);
    let log = rig
        .run(&["audit", "list", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let noted = log["items"].as_array().unwrap().iter();
    let noted: Vec<_> = noted.filter(|line| line["action"] == "note").collect();
    // Asked and done of two notes, and the one that was refused.
    assert_eq!(noted.len(), 5);
}
