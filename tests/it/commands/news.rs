//! What the memory of what was seen says of leaks, in the filters, columns and sorts of commands.

use super::*;

fn items(ran: &CommandOutput) -> Vec<Value> {
    let lines = ran.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn ids(rig: &CommandFixture, filter: &str) -> Vec<String> {
    let arguments = ["leaks", "list", "--filter", filter, "--format", "jsonl"];
    let listed = rig.run(&arguments).await.assert_ok();
    let items = items(&listed);
    let mut ids: Vec<String> = items
        .iter()
        .map(|leak| leak["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

async fn watch(rig: &CommandFixture, exit: i32) {
    rig.run(&["watch", "--once"]).await.assert_exit(exit);
}

#[tokio::test]
async fn lists_and_counts_know_what_is_new_and_what_came_back() {
    let rig = CommandFixture::with_leaks(300).await;
    // Nothing was seen yet, and who only reads makes no memory.
    assert_eq!(ids(&rig, "is:news").await, Vec::<String>::new());
    assert!(!rig.path("state/seen.db").exists());
    let before = ids(&rig, "").await;
    let fixed: Vec<String> = ids(&rig, "status:fixed")
        .await
        .into_iter()
        .take(3)
        .collect();
    watch(&rig, 0).await;
    assert_eq!(ids(&rig, "found:none").await, before);
    rig.post_control("/leaks", json!({ "projectdiscovery": { "insert": 12 } }))
        .await;
    let opened: serde_json::Map<String, Value> =
        fixed.iter().map(|id| (id.clone(), json!("open"))).collect();
    rig.post_control("/statuses", json!({ "projectdiscovery": opened }))
        .await;
    watch(&rig, 10).await;

    let mut new = ids(&rig, "").await;
    new.retain(|id| !before.contains(id));
    assert_eq!(new.len(), 12);
    assert_eq!(ids(&rig, "is:regressed").await, fixed);
    assert_eq!(ids(&rig, "is:new,again").await, new);
    assert_eq!(ids(&rig, "found<1h").await, new);
    assert_eq!(ids(&rig, "found:none").await, before);
    let mut all = [new, fixed].concat();
    all.sort();
    assert_eq!(ids(&rig, "is:news").await, all);
    assert_eq!(ids(&rig, "is:unread").await, all);
    let counted = [
        "leaks",
        "count",
        "--filter",
        "is:news !is:regressed",
        "--format",
        "json",
    ];
    let counted = rig.run(&counted).await.assert_ok().json();
    assert_eq!(counted["count"], 12, "{counted}");

    let sorted = [
        "leaks",
        "list",
        "--sort",
        "news,-found",
        "--limit",
        "4",
        "--columns",
        "news,found,login",
        "--format",
        "csv",
    ];
    let sorted = rig.run(&sorted).await.assert_ok();
    let rows: Vec<&str> = sorted.stdout.lines().collect();
    let back = |row: &&str| row.starts_with("\"regressed\",\"\",");
    assert!(rows[1..4].iter().all(back), "{sorted:?}");
    let is_new = rows[4].starts_with("\"new\",") || rows[4].starts_with("\"again\",");
    assert!(is_new && rows[4].contains("20"), "{sorted:?}");
}

#[tokio::test]
async fn a_change_can_be_about_what_came_back() {
    let rig = CommandFixture::with_leaks(120).await;
    let fixed: Vec<String> = ids(&rig, "status:fixed")
        .await
        .into_iter()
        .take(1)
        .collect();
    watch(&rig, 0).await;
    let opened = json!({ "projectdiscovery": { &fixed[0]: "open" } });
    rig.post_control("/statuses", opened).await;
    watch(&rig, 10).await;
    let plan = [
        "leaks",
        "fix",
        "--filter",
        "is:regressed",
        "--dry-run",
        "--format",
        "json",
    ];
    let plan = rig.run(&plan).await.assert_ok().json();
    assert_eq!(plan["plan"]["targets"], 1, "{plan}");
}

#[tokio::test]
async fn a_word_that_is_none_names_the_nearest() {
    let rig = CommandFixture::with_leaks(10).await;
    let wrong = ["leaks", "list", "--filter", "is:unraed"];
    let wrong = rig.run(&wrong).await.assert_exit(2);
    assert!(wrong.stderr.contains("unread"), "{wrong:?}");
    let wrong = ["leaks", "list", "--filter", "found:soon"];
    rig.run(&wrong).await.assert_exit(2);
}
