//! A watch that is killed at any moment loses nothing and tells nothing twice under another id.

use super::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const ONCE: [&str; 4] = ["watch", "--once", "--format", "jsonl"];

/// The lines that were printed whole.
fn lines(out: &str) -> Vec<Value> {
    out.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

async fn ids(rig: &CommandFixture) -> BTreeSet<String> {
    let listed = rig
        .run(&["leaks", "list", "--format", "jsonl"])
        .await
        .assert_ok();
    lines(&listed.stdout)
        .iter()
        .map(|leak| leak["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Kills a watch `kills` times, each time after a leak came in, and checks what all of them together told.
async fn killed(kills: u64) {
    let rig = CommandFixture::with_leaks(300).await;
    rig.run(&ONCE).await.assert_exit(0);
    let before = ids(&rig).await;
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut take = |out: &str| {
        for line in lines(out) {
            assert_ne!(line["event"]["kind"], "baseline", "no second baseline");
            if let Some(id) = line["leak"]["id"].as_str() {
                let event = line["event"]["id"].as_str().unwrap().to_owned();
                told.entry(id.to_owned()).or_default().insert(event);
            }
        }
    };
    let mut random = fastrand::Rng::with_seed(20);
    for _ in 0..kills {
        rig.post_control("/leaks", json!({ "projectdiscovery": { "insert": 1 } }))
            .await;
        let mut child = rig.command(&ONCE).spawn().unwrap();
        // Whether it has begun, reads, commits or has ended by then is for chance to say.
        let moment = Duration::from_millis(random.u64(0..250));
        tokio::time::timeout(moment, child.wait()).await.ok();
        child.start_kill().ok();
        let output = child.wait_with_output().await.unwrap();
        take(&String::from_utf8_lossy(&output.stdout));
    }
    let last = rig.run(&ONCE).await;
    assert!([0, 10].contains(&last.exit), "{last:?}");
    take(&last.stdout);
    assert_eq!(rig.run(&ONCE).await.assert_exit(0).stdout, "");
    let new: BTreeSet<String> = ids(&rig).await.difference(&before).cloned().collect();
    assert_eq!(new.len() as u64, kills);
    assert_eq!(
        told.keys().cloned().collect::<BTreeSet<_>>(),
        new,
        "none is missed"
    );
    for (leak, events) in told {
        assert_eq!(events.len(), 1, "{leak} was told under several ids");
    }
    let memory = rusqlite::Connection::open(rig.path("state").join("seen.db")).unwrap();
    let check: String = memory
        .query_row("PRAGMA quick_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
    drop(memory);
    let verified = rig.run(&["watch", "status", "--format", "json"]).await;
    assert_eq!(
        verified.assert_ok().json()["watch"]["accounts"][0]["baseline_leaks"],
        300
    );
}

#[tokio::test]
async fn a_watch_killed_eight_times_misses_nothing_and_repeats_nothing() {
    killed(8).await;
}

#[tokio::test]
#[ignore = "takes minutes; run it with --ignored"]
async fn a_watch_killed_five_hundred_times_misses_nothing_and_repeats_nothing() {
    killed(500).await;
}

#[tokio::test]
async fn the_audit_log_holds_the_head_of_the_readings() {
    let rig = CommandFixture::with_leaks(50).await;
    rig.run(&ONCE).await.assert_exit(0);
    let file = rig.path("shift.md");
    rig.run(&["handoff", "--output", file.to_str().unwrap()])
        .await
        .assert_exit(0);
    let log = rig
        .run(&["audit", "list", "--format", "jsonl"])
        .await
        .assert_ok()
        .stdout;
    assert!(log.contains("\"watch-head\""), "{log}");
    rig.run(&["audit", "verify"]).await.assert_exit(0);
    // Another chain in its place is found.
    std::fs::remove_file(rig.path("state/seen.db")).unwrap();
    rig.post_control("/leaks", json!({ "projectdiscovery": { "insert": 1 } }))
        .await;
    rig.run(&ONCE).await.assert_exit(0);
    let wrong = rig.run(&["audit", "verify"]).await.assert_exit(8);
    assert!(wrong.stderr.contains("seen.db"), "{wrong:?}");
}
