//! `watch`: one round after the other against the stand-in, through the real binary.

use super::*;
use std::collections::BTreeSet;

const ONCE: [&str; 4] = ["watch", "--once", "--format", "jsonl"];

fn lines(ran: &CommandOutput) -> Vec<Value> {
    ran.stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Ids of leaks that were told as one of these kinds.
fn of_kind(ran: &CommandOutput, kinds: &[&str]) -> BTreeSet<String> {
    lines(ran)
        .iter()
        .filter(|line| kinds.iter().any(|kind| line["event"]["kind"] == *kind))
        .map(|line| line["leak"]["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn ids(rig: &CommandFixture) -> BTreeSet<String> {
    let listed = rig
        .run(&["leaks", "list", "--format", "jsonl"])
        .await
        .assert_ok();
    lines(&listed)
        .iter()
        .map(|leak| leak["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn requests(rig: &CommandFixture) -> usize {
    rig.control("/requests").await["requests"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn a_first_run_tells_its_baseline_and_a_quiet_round_asks_twice() {
    let rig = CommandFixture::with_leaks(300).await;
    let first = rig.run(&ONCE).await.assert_exit(0);
    let told = lines(&first);
    assert_eq!(told.len(), 1, "{first:?}");
    assert_eq!(told[0]["event"]["kind"], "baseline");
    assert_eq!(told[0]["event"]["leaks"], 300);
    assert_eq!(told[0]["leak"], Value::Null);
    let before = requests(&rig).await;
    for _ in 0..5 {
        let quiet = rig.run(&ONCE).await.assert_exit(0);
        assert_eq!((&quiet.stdout[..], &quiet.stderr[..]), ("", ""));
    }
    assert_eq!(requests(&rig).await - before, 10);
}

#[tokio::test]
async fn exactly_what_is_new_and_what_came_back_is_told_once() {
    let rig = CommandFixture::with_leaks(300).await;
    let before = ids(&rig).await;
    let fixed = rig
        .run(&[
            "leaks",
            "list",
            "--filter",
            "status:fixed",
            "--limit",
            "3",
            "--format",
            "jsonl",
        ])
        .await
        .assert_ok();
    let fixed: BTreeSet<String> = lines(&fixed)
        .iter()
        .map(|leak| leak["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(fixed.len(), 3);
    rig.run(&ONCE).await.assert_exit(0);
    rig.post_control("/leaks", json!({ "projectdiscovery": { "insert": 12 } }))
        .await;
    let opened: serde_json::Map<String, Value> =
        fixed.iter().map(|id| (id.clone(), json!("open"))).collect();
    rig.post_control("/statuses", json!({ "projectdiscovery": opened }))
        .await;
    let told = rig.run(&ONCE).await.assert_exit(10);
    let new: BTreeSet<String> = ids(&rig).await.difference(&before).cloned().collect();
    assert_eq!(of_kind(&told, &["new", "again"]), new);
    assert_eq!(new.len(), 12);
    assert_eq!(of_kind(&told, &["regressed"]), fixed);
    let all = lines(&told);
    assert_eq!(all.len(), 15);
    assert_eq!(
        all[0]["event"]["kind"], "regressed",
        "what came back is first"
    );
    assert_eq!(all[0]["event"]["before"], "fixed");
    assert_eq!(all[0]["event"]["confirmed"], true);
    let event_ids: BTreeSet<&str> = all
        .iter()
        .map(|line| line["event"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(event_ids.len(), 15);
    assert_eq!(rig.run(&ONCE).await.assert_exit(0).stdout, "");
    // Another watch begins at the end; one from the start is told the same, with the same ids.
    assert_eq!(
        rig.run(&[&ONCE[..], &["--name", "late"]].concat())
            .await
            .assert_exit(0)
            .stdout,
        ""
    );
    let again = rig
        .run(&[&ONCE[..], &["--name", "early", "--since", "all"]].concat())
        .await;
    let again = lines(&again.assert_exit(10));
    let same: BTreeSet<&str> = again
        .iter()
        .filter(|line| !line["leak"].is_null())
        .map(|line| line["event"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(same, event_ids);
}

#[tokio::test]
async fn a_filter_takes_its_part_and_a_job_of_ours_is_no_news() {
    let rig = CommandFixture::with_leaks(300).await;
    rig.run(&ONCE).await.assert_exit(0);
    let filter = [&ONCE[..], &["--filter", "status:open class:employee"]].concat();
    rig.run(&filter).await.assert_exit(0);
    rig.run(&[
        "leaks",
        "fix",
        "--filter",
        "status:open",
        "--yes",
        "--format",
        "json",
    ])
    .await;
    assert_eq!(rig.run(&ONCE).await.assert_exit(0).stdout, "");
    rig.post_control("/leaks", json!({ "projectdiscovery": { "insert": 20 } }))
        .await;
    let all = rig.run(&ONCE).await.assert_exit(10);
    let some = rig.run(&filter).await.assert_exit(10);
    let employees: BTreeSet<String> = lines(&all)
        .iter()
        .filter(|line| line["leak"]["class"] == "employee" && line["leak"]["status"] == "open")
        .map(|line| line["leak"]["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(of_kind(&some, &["new", "again"]), employees);
    assert!(employees.len() < 20);
}

#[tokio::test]
async fn an_account_that_cannot_be_read_ends_with_five_or_twelve() {
    let rig = CommandFixture::with_leaks(50).await;
    rig.run(&ONCE).await.assert_exit(0);
    std::fs::write(rig.path("key"), "another key").unwrap();
    let refused = rig.run(&["watch", "--once"]).await.assert_exit(12);
    assert!(refused.stdout.contains("blind"), "{refused:?}");
    std::fs::write(rig.path("key"), rig.demo.api_key()).unwrap();
    let seen = rig.run(&["watch", "--once"]).await.assert_exit(0);
    assert!(seen.stdout.contains("sighted"), "{seen:?}");
}

#[tokio::test]
async fn a_cursor_file_keeps_the_place_and_one_of_another_memory_is_refused() {
    let rig = CommandFixture::with_leaks(50).await;
    let file = rig.path("cursor.json");
    let with = [&ONCE[..], &["--cursor", file.to_str().unwrap()]].concat();
    rig.run(&with).await.assert_exit(0);
    rig.post_control("/leaks", json!({ "projectdiscovery": { "insert": 2 } }))
        .await;
    assert_eq!(lines(&rig.run(&with).await.assert_exit(10)).len(), 2);
    rig.run(&with).await.assert_exit(0);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    rig.run(&["watch", "forget", "--all"]).await.assert_exit(4);
    rig.run(&["watch", "forget", "--all", "--yes"])
        .await
        .assert_exit(0);
    rig.run(&with).await.assert_exit(2);
}

#[tokio::test]
async fn how_it_stands_is_shown() {
    let rig = CommandFixture::with_leaks(50).await;
    rig.run(&ONCE).await.assert_exit(0);
    let status = rig
        .run(&["watch", "status", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let account = &status["watch"]["accounts"][0];
    assert_eq!(account["profile"], "demo-pd");
    assert_eq!(account["baseline_leaks"], 50);
    assert_eq!(status["watch"]["cursors"][0]["name"], "all");
    rig.run(&["watch", "--once", "--view", "no such view"])
        .await
        .assert_exit(6);
    rig.run(&["watch", "--once", "--filter", "marked"])
        .await
        .assert_exit(2);
    rig.run(&["watch", "--format", "json"]).await.assert_exit(2);
}
