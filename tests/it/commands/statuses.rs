//! What is kept by us, out to a file and back in.

use super::*;
use stanch::{
    entity::{claim::Justification, key::ProviderId, local_status::LocalStatus, status::Status},
    journal::{Access, Journal, JournalOptions, LocalStatusRecord, OpenMode, Operator},
};

impl CommandFixture {
    /// The journal, opened to be written as another program of this machine would.
    async fn journal(&self) -> Journal {
        let who = Operator {
            user: "ana".into(),
            host: "jump1".into(),
            pid: "4242".into(),
            ..Operator::default()
        };
        let options = JournalOptions::new(self.path("state"), OpenMode::Write, who);
        Journal::open(options).await.unwrap()
    }
}

fn line(id: &str, status: &str, set_at: &str) -> String {
    let line = json!({
        "schema": 1, "key": format!("acme:leak:{id}"), "profile": "acme", "provider": "elsewhere",
        "status": status, "remote_then": null, "set_at": set_at, "job": 7, "previous": "new", "later": true,
    });
    format!("{line}\n")
}

#[tokio::test]
async fn an_import_for_a_name_that_no_profile_has_says_that_it_is_not_shown() {
    let rig = CommandFixture::with_leaks(20).await;
    let file = rig.path("old.jsonl");
    let line = line("a", "fixed", "2026-02-01T12:00:00Z").replace("acme", "gone");
    std::fs::write(&file, line).unwrap();
    let ran = rig
        .run(&["statuses", "import", file.to_str().unwrap()])
        .await
        .assert_exit(0);
    assert!(ran.stdout.contains("imported   1"), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("which is no configured profile"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn statuses_go_out_and_come_in_again_without_configuration() {
    let rig = CommandFixture::with_leaks(60).await;
    std::fs::remove_file(rig.path("config.toml")).unwrap();
    let ran = rig.run(&["statuses", "export"]).await.assert_ok();
    assert_eq!(ran.stdout, "");
    assert!(!rig.path("state").exists(), "looking makes nothing");

    let first = rig.path("first.jsonl");
    let text = line("a", "fixed", "2026-02-01T12:00:00Z")
        + &line("b", "false_positive", "2026-02-01T12:00:00Z");
    std::fs::write(&first, text).unwrap();
    let import = [
        "statuses",
        "import",
        first.to_str().unwrap(),
        "--format",
        "json",
    ];
    let answer = rig.run(&import).await.assert_ok().json();
    let counts = json!({"imported": 2, "unchanged": 0, "older": 0});
    assert_eq!(answer, json!({"schema": 1, "statuses": counts}));
    let answer = rig.run(&import).await.assert_ok().json();
    assert_eq!(
        answer["statuses"],
        json!({"imported": 0, "unchanged": 2, "older": 0})
    );
    let newer = rig.path("newer.jsonl");
    let text = line("a", "investigating", "2026-02-02T12:00:00Z")
        + "\n"
        + &line("b", "new", "2026-01-01T12:00:00Z");
    std::fs::write(&newer, text).unwrap();
    let ran = rig
        .run(&["statuses", "import", newer.to_str().unwrap()])
        .await
        .assert_ok();
    assert_eq!(ran.stdout, "imported   1\nunchanged  0\nolder      1\n");

    let out = rig.run(&["statuses", "export"]).await.assert_ok().stdout;
    let lines: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        lines[0],
        json!({
            "schema": 1, "key": "acme:leak:a", "profile": "acme", "provider": "elsewhere", "status": "investigating",
            "remote_then": null, "set_at": "2026-02-02T12:00:00Z", "job": null, "previous": "fixed",
            "reason": null, "note": null, "ticket": null,
        })
    );
    assert_eq!(lines[1]["status"], "false_positive");
    assert_eq!(lines.len(), 2);
    let file = rig.path("out.jsonl");
    let export = ["statuses", "export", file.to_str().unwrap()];
    let ran = rig.run(&export).await.assert_exit(0);
    assert_eq!(ran.stdout, "");
    assert!(
        ran.stderr.starts_with("2 statuses written to "),
        "{}",
        ran.stderr
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), out);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let ran = rig.run(&export).await.assert_exit(2);
    assert!(ran.stderr.contains("never written over") || ran.stderr.contains("is there already"));

    let ran = rig
        .run(&["statuses", "export", "--profile", "other"])
        .await
        .assert_ok();
    assert_eq!(ran.stdout, "");
    let audit = std::fs::read_to_string(rig.path("state").join("audit.jsonl")).unwrap();
    assert!(audit.contains("\"action\":\"import_statuses\",\"key\":null,\"keys\":2"));
    assert!(
        audit.contains("1 imported, 0 unchanged, 1 older"),
        "{audit}"
    );
}

#[tokio::test]
async fn of_a_file_with_a_wrong_line_nothing_is_taken_in() {
    let rig = CommandFixture::with_leaks(60).await;
    let file = rig.path("wrong.jsonl");
    let text =
        line("a", "fixed", "2026-02-01T12:00:00Z") + &line("b", "done", "2026-02-01T12:00:00Z");
    std::fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let ran = rig
        .run(&["statuses", "import", path, "--format", "json"])
        .await
        .assert_exit(2);
    assert_eq!(
        (&ran.stdout[..], &ran.error()["kind"]),
        ("", &json!("usage"))
    );
    let ran = rig.run(&["statuses", "import", path]).await.assert_exit(2);
    assert_eq!(
        ran.stderr,
        "stanch: line 2: status is none of new, investigating, open, fixed, false_positive; nothing was imported\n\
         hint: correct the line or take it out; stanch statuses export writes such lines\n"
    );
    assert!(!rig.path("state").exists());
    let nowhere = rig.path("nowhere");
    let ran = rig
        .run(&["statuses", "import", nowhere.to_str().unwrap()])
        .await
        .assert_exit(2);
    assert!(ran.stderr.contains("cannot be read"), "{}", ran.stderr);
}

#[tokio::test]
async fn taking_in_needs_the_lock_and_is_a_change() {
    let rig = CommandFixture::with_leaks(60).await;
    let file = rig.path("good.jsonl");
    std::fs::write(&file, line("a", "fixed", "2026-02-01T12:00:00Z")).unwrap();
    let path = file.to_str().unwrap();
    let ran = rig
        .run(&["statuses", "import", path, "--read-only"])
        .await
        .assert_exit(4);
    assert!(ran.stderr.contains("--read-only"), "{}", ran.stderr);
    let other = rig.journal().await;
    assert_eq!(other.access(), Access::Writer);
    let ran = rig.run(&["statuses", "import", path]).await.assert_exit(11);
    assert!(
        ran.stderr.contains("ana@jump1, process 4242"),
        "{}",
        ran.stderr
    );
    rig.run(&["statuses", "export"]).await.assert_ok();
    other.close().await;
    let all = [
        "statuses",
        "import",
        path,
        "--profile",
        "other",
        "--format",
        "json",
    ];
    let ran = rig.run(&all).await.assert_exit(0);
    assert_eq!(ran.json()["statuses"]["imported"], 0);
    assert!(
        ran.stderr.contains("1 statuses of other profiles"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn who_holds_the_lock_makes_the_installations_key_and_who_looks_does_not() {
    let rig = CommandFixture::with_leaks(60).await;
    let key = rig.path("state").join("fingerprint.key");
    rig.run(&["leaks", "list"]).await.assert_ok();
    rig.run(&["subscription"]).await.assert_ok();
    assert!(!key.exists());
    let id = rig.ids("open", 1).await.remove(0);
    rig.run(&["leaks", "fix", &id, "--dry-run"])
        .await
        .assert_ok();
    assert!(!key.exists());
    rig.run(&["leaks", "fix", &id, "--yes"])
        .await
        .assert_exit(0);
    let made = std::fs::read(&key).unwrap();
    assert_eq!(made.len(), 32);
    assert!(made.iter().any(|byte| *byte != 0));
    rig.run(&["leaks", "reopen", &id, "--yes"])
        .await
        .assert_exit(0);
    assert_eq!(std::fs::read(&key).unwrap(), made, "made once");
    std::fs::write(&key, b"").unwrap();
    let ran = rig.run(&["leaks", "list"]).await.assert_exit(7);
    assert!(
        ran.stderr
            .contains("fingerprint.key is 0 bytes long, not 32"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn what_is_fixed_for_us_alone_is_found_by_its_status() {
    let rig = CommandFixture::with_leaks(300).await;
    let filter = ["--filter", "status:fixed", "--format", "json"];
    let run = async |words: &[&str]| rig.run(&[words, &filter].concat()).await.assert_ok().json();
    let before = run(&["leaks", "count"]).await["count"].as_u64().unwrap();
    let asked = rig.control("/requests").await;
    let narrowed = |log: &Value| {
        let requests = log["requests"].as_array().unwrap().iter();
        requests
            .filter(|entry| entry["query"]["status"] == "fixed")
            .count()
    };
    assert!(narrowed(&asked) > 0, "the provider could count it: {asked}");

    let id = rig.ids("open", 1).await.remove(0);
    let key = format!("demo-pd:leak:{id}");
    // A file cannot say so of a provider that stores it; an older journal may have it.
    let writer = rig.journal().await;
    let kept = LocalStatusRecord {
        key: key.parse().unwrap(),
        provider: ProviderId::new("projectdiscovery"),
        local: LocalStatus {
            status: Status::Fixed,
            remote_when_set: Some(Status::Open),
            set_at: "2026-02-01T12:00:00Z".parse().unwrap(),
            job: None,
            by: None,
        },
        previous: None,
        justification: Justification::default(),
    };
    writer.import_statuses(vec![kept]).await.unwrap();
    writer.close().await;

    let list = run(&["leaks", "list"]).await;
    let has = |list: &Value| {
        let items = list["items"].as_array().unwrap();
        items.iter().any(|leak| leak["key"] == key)
    };
    assert!(has(&list), "{key} is not listed");
    assert_eq!(list["items"].as_array().unwrap().len() as u64, before + 1);
    let count = run(&["leaks", "count"]).await;
    assert_eq!(count["count"], before + 1);
    for via in ["list", "provider"] {
        let path = rig.path(&format!("{via}.json"));
        let name = path.to_str().unwrap();
        let words = ["export", "--output", name, "--via", via];
        rig.run(&[&words[..], &filter].concat())
            .await
            .assert_exit(0);
        let text = std::fs::read_to_string(&path).unwrap();
        let list: Value = serde_json::from_str(&text).unwrap();
        assert!(has(&list), "{key} is not exported: {via}");
    }
    let asked_again = rig.control("/requests").await;
    assert_eq!(narrowed(&asked_again), narrowed(&asked));
}
