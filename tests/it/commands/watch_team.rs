//! `watch` on the store of a team: what one host has seen all have, one asks and tells, and another goes on where it ended.

use super::*;
use crate::support::postgres::{Database, cluster};
use stanch::entity::fingerprint::FingerprintKey;
use std::{collections::BTreeSet, time::Duration};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};

const ONCE: [&str; 4] = ["watch", "--once", "--format", "jsonl"];

/// The team's key, as the test's files have it.
const KEY: [u8; 32] = [0x2a; 32];

/// A stand-in with a store in this database whose key is known, and ana's configuration.
async fn rig(database: &Database) -> CommandFixture {
    let rig = CommandFixture::with_leaks(300).await;
    let hex =
        |bytes: [u8; 32]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let check = hex(FingerprintKey::new(KEY).check());
    database.sql(&format!(
        "UPDATE stanch.meta SET fingerprint_check = decode('{check}', 'hex')"
    ));
    let file = rig.path("team.key");
    std::fs::write(&file, hex(KEY)).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    rig
}

/// A command of a login, on a host with a state directory of its own.
fn host(rig: &CommandFixture, database: &Database, role: &str, arguments: &[&str]) -> Command {
    let config = std::fs::read_to_string(rig.path("config.toml")).unwrap();
    let key = rig.path("team.key");
    let store = database.section(role);
    let own = rig.path(&format!("config-{role}.toml"));
    let text = format!(
        "{config}\n{store}fingerprint_key = {{ file = \"{}\" }}\n",
        key.display()
    );
    std::fs::write(&own, text).unwrap();
    let mut command = rig.command(arguments);
    command
        .env("STANCH_STATE_DIR", rig.path(&format!("state-{role}")))
        .env("STANCH_CONFIG", own);
    command
}

async fn run(
    rig: &CommandFixture,
    database: &Database,
    role: &str,
    arguments: &[&str],
) -> CommandOutput {
    let child = host(rig, database, role, arguments).spawn().unwrap();
    rig.finish(child).await
}

/// The events of leaks that were told.
fn events(out: &str) -> Vec<String> {
    let lines = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .filter(|line| !line["leak"].is_null())
        .map(|line| line["event"]["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn requests(rig: &CommandFixture) -> usize {
    let log = rig.control("/requests").await;
    log["requests"].as_array().unwrap().len()
}

async fn insert(rig: &CommandFixture, leaks: u32) {
    let body = json!({ "projectdiscovery": { "insert": leaks } });
    rig.post_control("/leaks", body).await;
}

#[tokio::test]
async fn of_two_hosts_one_asks_and_tells_and_the_other_goes_on_where_it_ended() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let rig = rig(&database).await;
    let once = async |role: &str| run(&rig, &database, role, &ONCE).await;
    let first = once("ana").await.assert_exit(0);
    assert!(first.stdout.contains("\"baseline\""), "{first:?}");
    insert(&rig, 12).await;
    let before = requests(&rig).await;
    let stands_by = once("ben").await.assert_exit(11);
    assert_eq!(stands_by.stdout, "");
    assert!(
        stands_by.stderr.contains("watch all runs at ana@"),
        "{stands_by:?}"
    );
    assert_eq!(requests(&rig).await, before, "one asks for all");
    let told = events(&once("ana").await.assert_exit(10).stdout);
    assert_eq!(told.len(), 12);
    assert_eq!(once("ana").await.assert_exit(0).stdout, "");
    // Another watch has a place of its own, and is told the same.
    let other = [&ONCE[..], &["--name", "vip", "--since", "all"]].concat();
    let same = run(&rig, &database, "ben", &other).await.assert_exit(10);
    let sorted = |ids: Vec<String>| ids.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(sorted(events(&same.stdout)), sorted(told));
    let before = requests(&rig).await;
    assert_eq!(
        run(&rig, &database, "ben", &other[..6])
            .await
            .assert_exit(0)
            .stdout,
        ""
    );
    assert_eq!(requests(&rig).await, before, "the account is ana's to ask");
    insert(&rig, 3).await;
    database.sql("UPDATE stanch.seen_lease SET until = now() WHERE role = 'ana'");
    let goes_on = once("ben").await.assert_exit(10);
    assert_eq!(events(&goes_on.stdout).len(), 3, "{goes_on:?}");
    assert_eq!(once("ana").await.assert_exit(11).stdout, "");
    // Everything is in the store, and nothing beside it.
    for role in ["ana", "ben"] {
        let own = rig.path(&format!("state-{role}"));
        assert!(!own.join("seen.db").exists());
        assert!(!own.join("fingerprint.key").exists());
    }
}

#[tokio::test]
async fn what_one_host_has_seen_is_in_the_reports_of_all() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let rig = rig(&database).await;
    run(&rig, &database, "ana", &ONCE).await.assert_exit(0);
    insert(&rig, 12).await;
    run(&rig, &database, "ana", &ONCE).await.assert_exit(10);
    let ben = async |arguments: &[&str]| run(&rig, &database, "ben", arguments).await;
    let status = ben(&["watch", "status", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let account = &status["watch"]["accounts"][0];
    assert_eq!(account["baseline_leaks"], 300);
    assert_eq!(status["watch"]["events"], 13);
    let handoff = ben(&["handoff", "--since", "8h", "--format", "json"]).await;
    let handoff = handoff.assert_ok().json();
    let text = handoff.to_string();
    assert!(text.contains("12"), "{text}");
    // The head of the readings is in the team's log, and holds.
    let before = database.sql("SELECT count(*) FROM stanch.audit WHERE body LIKE '%watch-head%'");
    assert_eq!(before, "0");
    let listed = ben(&["leaks", "list", "--limit", "1", "--format", "jsonl"]).await;
    let leak: Value =
        serde_json::from_str(listed.assert_ok().stdout.lines().next().unwrap()).unwrap();
    ben(&["leaks", "claim", leak["key"].as_str().unwrap()])
        .await
        .assert_ok();
    let after = database.sql("SELECT count(*) FROM stanch.audit WHERE body LIKE '%watch-head%'");
    assert_eq!(after, "1");
    ben(&["audit", "verify"]).await.assert_exit(0);
}

/// Lines of a watch's output, one after the other.
async fn next(lines: &mut Lines<BufReader<tokio::process::ChildStdout>>) -> Value {
    let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line());
    let line = line.await.expect("a line comes").unwrap().unwrap();
    serde_json::from_str(&line).unwrap()
}

#[tokio::test]
async fn two_loops_at_once_tell_each_leak_once_and_one_that_is_killed_is_followed() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let rig = rig(&database).await;
    run(&rig, &database, "ana", &ONCE).await.assert_exit(0);
    database.sql("DELETE FROM stanch.seen_lease");
    let every = ["watch", "--every", "0.1s", "--format", "jsonl", "--quiet"];
    let mut watches = Vec::new();
    for role in ["ana", "ben"] {
        let mut child = host(&rig, &database, role, &every).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        watches.push((role, child, lines));
    }
    insert(&rig, 12).await;
    // Whichever comes first.
    let (one, two) = watches.split_at_mut(1);
    let (line, first) = tokio::select! {
        line = next(&mut one[0].2) => (line, 0),
        line = next(&mut two[0].2) => (line, 1),
    };
    let mut told = vec![line["event"]["id"].as_str().unwrap().to_owned()];
    for _ in 1..12 {
        let line = next(&mut watches[first].2).await;
        told.push(line["event"]["id"].as_str().unwrap().to_owned());
    }
    // What was printed and is not marked as told yet would be told again, under the same ids.
    let marked =
        "SELECT seq = last_event FROM stanch.seen_cursor, stanch.seen_meta WHERE name = 'all'";
    let limit = std::time::Instant::now() + Duration::from_secs(60);
    while database.sql(marked) != "t" {
        assert!(std::time::Instant::now() < limit, "it is never marked");
    }
    watches[first].1.start_kill().unwrap();
    watches[first].1.wait().await.unwrap();
    insert(&rig, 5).await;
    let other = 1 - first;
    for _ in 0..5 {
        let line = next(&mut watches[other].2).await;
        told.push(line["event"]["id"].as_str().unwrap().to_owned());
    }
    let all: BTreeSet<&String> = told.iter().collect();
    assert_eq!((told.len(), all.len()), (17, 17), "each once");
    let made = database.sql("SELECT count(*) FROM stanch.seen_event WHERE kind IN (3, 4)");
    assert_eq!(made, "17");
    let (_, child, lines) = &mut watches[other];
    let id = rustix::process::Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().await.unwrap().code(), Some(143));
    assert_eq!(lines.next_line().await.unwrap(), None, "nothing more");
    let kept = database.sql("SELECT count(*) FROM stanch.seen_lease WHERE until > now()");
    assert_eq!(kept, "0", "who ends lets others go on at once");
}
