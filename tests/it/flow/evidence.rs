//! Bundles of evidence from the console: of marks and of a job.

use super::ConsoleFixture;
use serde_json::Value;
use stanch::export::evidence::verify;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The one bundle that a console wrote.
fn bundle(directory: &Path, begins: &str) -> PathBuf {
    let found: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.starts_with(begins)
        })
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

fn lines(bundle: &Path, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(bundle.join(name)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn evidence_about_marks_is_whole_and_in_the_audit_log() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver.press("<space><space>E").await;
    driver.assert_screen("evidence about 2 marked leaks");
    driver.assert_screen("evidence to:");
    driver.press("<enter>").await;
    driver.assert_screen("evidence about 2 leaks written to");
    let room = driver.state.path().to_owned();
    let bundle = bundle(&room, "stanch-evidence-2026");
    let checked = verify(&bundle).unwrap();
    assert_eq!(checked.mismatch, None);
    let seal = checked.manifest_hash.unwrap();
    let log = fs::read_to_string(room.join("state/audit.jsonl")).unwrap();
    let written: Vec<_> = log
        .lines()
        .filter(|line| line.contains("\"evidence\""))
        .collect();
    assert_eq!(written.len(), 2, "asked and done");
    assert!(written[1].contains(&seal), "{}", written[1]);
    let leaks = lines(&bundle, "leaks.jsonl");
    assert_eq!(leaks.len(), 2);
    for leak in &leaks {
        assert_eq!(leak["leak"]["key"], leak["key"]);
        assert_eq!(leak["change"], Value::Null);
    }
    assert_eq!(lines(&bundle, "ocsf.jsonl")[0]["class_uid"], 2004);
    assert_eq!(lines(&bundle, "ecs.jsonl")[0]["ecs"]["version"], "9.4.0");
    driver.press("E<enter>").await;
    driver.assert_screen("no evidence was written");
}

#[tokio::test]
async fn evidence_about_a_job_has_its_changes_and_its_audit_lines() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver.press("5").await;
    driver.press("E").await;
    driver.assert_screen("no job is under the cursor");
    driver.press("3<space><space><space>f").await;
    driver.read_plan_and_apply().await;
    driver.press("5").await;
    driver.press("E<enter>").await;
    driver.assert_screen("leaks written to");
    let room = driver.state.path().to_owned();
    let bundle = bundle(&room, "stanch-evidence-job-1-");
    assert_eq!(verify(&bundle).unwrap().mismatch, None);
    let leaks = lines(&bundle, "leaks.jsonl");
    assert_eq!(leaks.len(), 3);
    assert!(leaks.iter().all(|leak| leak["change"]["wanted"] == "fixed"));
    let manifest = lines(&bundle, "manifest.jsonl");
    assert_eq!(manifest[0]["bundle"]["job"]["id"], 1);
    assert_eq!(manifest[0]["bundle"]["job"]["command"], "fix");
    assert_eq!(lines(&bundle, "job.jsonl")[0]["job"]["id"], 1);
    let audit = lines(&bundle, "audit.jsonl");
    assert!(!audit.is_empty());
    let count = manifest[0]["bundle"]["audit"]["count"].as_u64().unwrap();
    for line in &audit {
        assert!(line["seq"].as_u64().unwrap() <= count, "{line}");
        assert!(line["hash"].is_string());
    }
}

#[tokio::test]
async fn the_prompt_says_what_the_evidence_is_about_and_offers_the_job_that_has_just_ended() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver
        .press("E")
        .await
        .assert_screen("evidence about this leak, ");
    driver.press("<esc><space><space><space>f").await;
    driver.read_plan_and_apply().await;
    assert!(driver.marked_ids().is_empty());
    driver
        .press("E")
        .await
        .assert_screen("evidence about job 1, 3 leaks: ");
    driver.assert_screen("Tab: the leaks instead");
    driver
        .press("<tab>")
        .await
        .assert_screen("evidence about this leak, ");
    assert!(!driver.footer().contains("job-1"), "{}", driver.footer());
    driver
        .press("<tab>")
        .await
        .assert_screen("evidence about job 1");
    driver
        .press("<enter>")
        .await
        .assert_screen("leaks written to");
    let bundle = bundle(driver.state.path(), "stanch-evidence-job-1-");
    assert_eq!(lines(&bundle, "leaks.jsonl").len(), 3);
    // What is looked at afterwards is meant afterwards, and marks are meant before anything else.
    driver
        .press("jE")
        .await
        .assert_screen("evidence about this leak, ");
    driver.press("<esc><space><space>E").await;
    driver.assert_screen("evidence about 2 marked leaks");
    driver
        .press("<esc>w<enter>E")
        .await
        .assert_screen("evidence about job 1, 3 leaks");
}

#[tokio::test]
async fn right_after_a_job_evidence_is_about_it_though_it_left_marks() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver.faults(&["lie:1"]).await;
    driver.press("<space><space><space>f").await;
    driver.read_plan_and_apply().await;
    driver.press("<esc>").await;
    let left = driver.marked_ids().len();
    assert!(left > 0, "{}", driver.screen());
    driver
        .press("E")
        .await
        .assert_screen("evidence about job 1, 3 leaks");
    driver.press("<tab>").await.assert_screen("marked leak");
    // Whoever marks more means other leaks.
    driver.press("<esc>*E").await.assert_screen("marked leaks");
    driver.press("<esc>").await;
    assert!(driver.marked_ids().len() > left);
}

#[tokio::test]
async fn the_prompt_of_a_small_screen_says_what_tab_does_and_where_text_is_cut() {
    let rig = ConsoleFixture {
        size: (40, 12),
        ..ConsoleFixture::with_leaks(100)
    };
    let mut driver = rig.open().await;
    driver.press("<space><space><space>f").await;
    driver.read_plan_and_apply().await;
    driver.press("E").await;
    driver
        .assert_screen("evidence about job 1")
        .assert_screen("Tab: the leaks");
    assert!(driver.status_line().contains('…'), "{}", driver.screen());
    assert!(
        driver.footer().starts_with(" evidence to: …"),
        "{}",
        driver.footer()
    );
    driver
        .press("<tab>")
        .await
        .assert_screen("Tab: the last job");
}
