//! Why a change was made, through the real binary; and the audit lines of commands.

use super::{CommandFixture, members};
use serde_json::{Value, json};

fn audit(rig: &CommandFixture) -> Vec<Value> {
    let text = std::fs::read_to_string(rig.path("state").join("audit.jsonl")).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn actions(lines: &[Value]) -> Vec<(&str, &str)> {
    lines
        .iter()
        .map(|line| {
            (
                line["action"].as_str().unwrap(),
                line["outcome"].as_str().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn reason_note_and_ticket_stand_with_the_job_the_leak_and_the_audit_line() {
    let rig = CommandFixture::with_leaks(60).await;
    let id = &rig.ids("open", 1).await[0];
    let json = ["--format", "json"];
    let job = rig
        .run(
            &[
                &["leaks", "fix", id, "--yes", "--reason", " phished "][..],
                &["--note", "told by phone", "--ticket", "INC-7"],
                &json,
            ]
            .concat(),
        )
        .await
        .assert_ok()
        .json();
    let words = |value: &Value| {
        ["reason", "note", "ticket"].map(|name| value[name].as_str().map(str::to_owned))
    };
    let expected = ["phished", "told by phone", "INC-7"].map(|word| Some(word.to_owned()));
    assert_eq!(words(&job["job"]), expected);
    let shown = rig
        .run(&[&["jobs", "show", "1"][..], &json].concat())
        .await
        .assert_ok()
        .json();
    assert_eq!(words(&shown["job"]), expected);
    let table = rig.run(&["jobs", "show", "1"]).await.assert_ok().stdout;
    assert!(table.contains("told by phone"), "{table}");

    let key = format!("demo-pd:leak:{id}");
    let leak = rig
        .run(&[&["leaks", "show", &key][..], &json].concat())
        .await
        .assert_ok()
        .json();
    let item = &leak["item"];
    assert_eq!(words(item), expected);
    assert_eq!(members(&item["noted"]), ["at", "by", "job"]);
    assert_eq!(item["noted"]["job"], 1);
    assert_eq!(item["claim"], Value::Null);
    let fields = rig.run(&["leaks", "show", &key]).await.assert_ok().stdout;
    assert!(
        fields.contains("phished") && fields.contains("INC-7"),
        "{fields}"
    );

    let lines = audit(&rig);
    let plan = lines.iter().find(|line| line["action"] == "plan").unwrap();
    assert_eq!(words(plan), expected);
    let change = lines.iter().find(|line| line["action"] == "fix").unwrap();
    assert_eq!(words(change), expected);
    assert_eq!(change["key"], key);
    assert_eq!(
        (&change["before"], &change["after"], &change["outcome"]),
        (&json!("open"), &json!("fixed"), &json!("verified"))
    );
    assert_eq!(change["request"], "POST /v1/leaks/status");
    assert_eq!(change["from"], "command");
}

#[tokio::test]
async fn a_policy_that_wants_a_reason_takes_one_and_refusals_are_in_the_audit_log() {
    let rig = CommandFixture::with_leaks(60).await;
    rig.append("[policy]\nrequire_reason = true\n");
    let id = &rig.ids("open", 1).await[0];
    for blank in [&[][..], &["--reason", "  "], &["--ticket", "INC-7"]] {
        let ran = rig
            .run(&[&["leaks", "fix", id, "--yes"][..], blank].concat())
            .await
            .assert_exit(4);
        assert!(ran.stderr.contains("--reason"), "{}", ran.stderr);
    }
    assert_eq!(rig.writes().await, 0);
    let refused = audit(&rig);
    assert_eq!(refused.len(), 3);
    for line in &refused {
        assert_eq!(line["action"], "plan");
        assert_eq!(line["after"], "fixed");
        let outcome = line["outcome"].as_str().unwrap();
        assert!(outcome.starts_with("refused: "), "{outcome}");
    }
    assert_eq!(refused[2]["ticket"], "INC-7");
    rig.run(&["leaks", "fix", id, "--yes", "--reason", "phished"])
        .await
        .assert_ok();
    assert_eq!(rig.writes().await, 1);
    let long = "x".repeat(2_001);
    rig.run(&["leaks", "fix", id, "--yes", "--reason", &long])
        .await
        .assert_exit(2);
}

#[tokio::test]
async fn exports_and_proofs_of_ownership_are_in_the_audit_log() {
    let rig = CommandFixture::with_leaks(60).await;
    let file = rig.path("leaks.csv");
    let file = file.to_str().unwrap();
    rig.run(&["export", "--format", "csv", "--output", file])
        .await
        .assert_exit(0);
    let name = "new.example";
    rig.run(&["verify-domain", "request", name])
        .await
        .assert_ok();
    rig.run(&["verify-domain", "drop", name, "--read-only"])
        .await
        .assert_exit(4);
    let lines = audit(&rig);
    assert_eq!(
        actions(&lines),
        [
            ("export", "done"),
            ("verify_domain_request", "asked"),
            ("verify_domain_request", "done"),
            (
                "verify_domain_drop",
                "refused: --read-only forbids every change"
            ),
        ]
    );
    assert_eq!(lines[0]["detail"], "60 leaks");
    assert_eq!(lines[1]["profile"], "demo-pd");
    let before = lines.len();
    rig.run(&["verify-domain", "status"]).await.assert_ok();
    rig.run(&["leaks", "list"]).await.assert_ok();
    assert_eq!(audit(&rig).len(), before, "who only looks writes nothing");
}

#[tokio::test]
async fn while_another_holds_the_journal_changes_end_with_11_and_reading_goes_on() {
    let rig = CommandFixture::with_leaks(60).await;
    let id = &rig.ids("open", 1).await[0];
    let options = stanch::journal::JournalOptions::new(
        rig.path("state"),
        stanch::journal::OpenMode::Write,
        stanch::journal::Operator {
            user: "ana".into(),
            host: "jump1".into(),
            ..stanch::journal::Operator::default()
        },
    );
    let holder = stanch::journal::Journal::open(options).await.unwrap();
    for command in [
        &["leaks", "fix", id, "--yes"][..],
        &["verify-domain", "request", "new.example"],
    ] {
        let ran = rig.run(command).await.assert_exit(11);
        assert!(ran.stderr.contains("ana@jump1"), "{}", ran.stderr);
    }
    assert_eq!(rig.writes().await, 0);
    let log = rig.control("/requests").await;
    let posts = log["requests"].as_array().unwrap().iter();
    assert_eq!(
        posts.filter(|request| request["method"] == "POST").count(),
        0
    );
    rig.run(&["leaks", "list"]).await.assert_ok();
    rig.run(&["jobs", "list"]).await.assert_ok();
    rig.run(&["leaks", "fix", id, "--dry-run"])
        .await
        .assert_ok();
    let file = rig.path("leaks.csv");
    let ran = rig
        .run(&[
            "export",
            "--format",
            "csv",
            "--output",
            file.to_str().unwrap(),
        ])
        .await
        .assert_exit(0);
    assert!(
        ran.stderr.contains("not in the audit log"),
        "{}",
        ran.stderr
    );
    holder.close().await;
}

#[tokio::test]
async fn leaks_are_found_by_what_was_said_of_them() {
    let rig = CommandFixture::with_leaks(60).await;
    let ids = rig.ids("open", 2).await;
    for (id, words) in [
        (&ids[0], ["--reason", "Phished by mail"]),
        (&ids[1], ["--ticket", "INC-7"]),
    ] {
        let fix = ["leaks", "fix", id, "--yes"];
        rig.run(&[&fix[..], &words].concat()).await.assert_ok();
    }
    let count = async |filter: &str| {
        let count = ["leaks", "count", "--filter", filter, "--format", "json"];
        rig.run(&count).await.assert_ok().json()["count"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(count("reason:phished").await, 1);
    assert_eq!(count("reason:none").await, 59);
    assert_eq!(count("ticket:inc-7").await, 1);
    assert_eq!(count("claimed:none").await, 60);
    assert_eq!(count("claimed:ana").await, 0);
    let options = stanch::journal::JournalOptions::new(
        rig.path("state"),
        stanch::journal::OpenMode::Write,
        stanch::journal::Operator {
            user: "ana".into(),
            ..stanch::journal::Operator::default()
        },
    );
    let journal = stanch::journal::Journal::open(options).await.unwrap();
    let leak = format!("demo-pd:leak:{}", ids[0]).parse().unwrap();
    let provider = stanch::entity::key::ProviderId::new("projectdiscovery");
    journal
        .claim(
            vec![(leak, provider)],
            stanch::entity::claim::ClaimOperation::Claim,
        )
        .await
        .unwrap();
    journal.close().await;
    assert_eq!(count("claimed:ana").await, 1);
    let shown = rig
        .run(&[
            "leaks",
            "list",
            "--filter",
            "claimed:ana",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    assert_eq!(shown["items"][0]["claim"]["by"], "ana@");
}
