//! `jobs resume|retry|undo|redo` and `--detach`.

use super::*;
use stanch::journal::{Journal, JournalOptions, OpenMode, Operator};

fn lines(ids: &[String]) -> String {
    ids.join("\n") + "\n"
}

async fn fix(rig: &CommandFixture, ids: &[String], more: &[&str]) -> CommandOutput {
    let mut arguments = vec!["leaks", "fix", "--ids-from", "-", "--format", "json"];
    arguments.extend(more);
    rig.run_with(&arguments, Some(&lines(ids))).await
}

async fn set(rig: &CommandFixture, ids: &[String], status: &str) {
    let statuses: serde_json::Map<String, Value> =
        ids.iter().map(|id| (id.clone(), json!(status))).collect();
    rig.post_control("/statuses", json!({ "projectdiscovery": statuses }))
        .await;
}

async fn faults(rig: &CommandFixture, faults: &[&str]) {
    rig.post_control("/faults", json!({ "faults": faults }))
        .await;
}

#[tokio::test]
async fn seven_of_four_hundred_are_refused_with_code_and_reason() {
    let rig = CommandFixture::with_leaks(1_000).await;
    let ids = rig.ids("open", 400).await;
    let bad: Vec<_> = (0..7).map(|at| ids[at * 57 + 3].clone()).collect();
    let refuse: serde_json::Map<String, Value> = bad
        .iter()
        .zip([403, 404].into_iter().cycle())
        .map(|(id, status)| (id.clone(), json!(status)))
        .collect();
    rig.post_control(
        "/leaks",
        json!({ "projectdiscovery": { "refuse": refuse } }),
    )
    .await;
    let ran = fix(&rig, &ids, &["--yes"]).await.assert_exit(3);
    let job = &ran.json()["job"];
    assert_eq!(job["state"], "done_with_exceptions");
    assert_eq!(job["counts"]["verified"], 393);
    assert_eq!(job["counts"]["failed"], 7);
    let failed: Vec<_> = job["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["outcome"] == "failed")
        .collect();
    assert_eq!(failed.len(), 7);
    for change in failed {
        let key = change["key"].as_str().unwrap();
        let at = bad.iter().position(|id| key.ends_with(id)).unwrap();
        assert_eq!(change["code"], [403, 404][at % 2]);
        assert!(change["reason"].is_string());
    }
    assert!(rig.writes().await <= 4 + 7 * 14, "{}", rig.writes().await);
}

#[tokio::test]
async fn what_is_applied_late_is_verified_within_the_window() {
    let rig =
        CommandFixture::with_faults(300, "delayed-apply:1", "verify_seconds = [0.1, 1, 5]\n").await;
    let ids = rig.ids("open", 5).await;
    let job = fix(&rig, &ids, &["--yes"]).await.assert_ok().json()["job"].clone();
    assert_eq!(job["counts"]["verified"], 5);
    assert_eq!(rig.writes().await, 1);
}

#[tokio::test]
async fn a_lie_is_contradicted_and_tried_again() {
    let rig = CommandFixture::with_leaks(300).await;
    let ids = rig.ids("open", 4).await;
    faults(&rig, &["lie:1"]).await;
    let ran = fix(&rig, &ids, &["--yes"]).await.assert_exit(3);
    assert_eq!(ran.json()["job"]["counts"]["contradicted"], 4);
    assert_eq!(ran.json()["job"]["counts"]["verified"], 0);
    faults(&rig, &[]).await;
    // Without a yes nothing is sent.
    let ran = rig
        .run(&["jobs", "retry", "1", "--format", "json"])
        .await
        .assert_exit(4);
    let plan: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(plan["plan"]["command"], "retry");
    assert_eq!(plan["plan"]["targets"], 4);
    let ran = rig
        .run(&["jobs", "retry", "1", "--yes", "--format", "json"])
        .await
        .assert_ok();
    let job = ran.json()["job"].clone();
    assert_eq!(
        (&job["counts"]["verified"], &job["retries"]),
        (&json!(4), &json!(1))
    );
}

#[tokio::test]
async fn a_job_is_undone_and_redone_as_one_thing() {
    let rig = CommandFixture::with_leaks(300).await;
    let mut ids = rig.ids("open", 17).await;
    ids.extend(rig.ids("fixed", 3).await);
    fix(&rig, &ids, &["--yes"]).await.assert_ok();
    set(&rig, &ids[..2], "open").await;
    let undo = ["jobs", "undo", "1", "--format", "json"];
    let dry = rig
        .run(&[&undo[..], &["--dry-run"]].concat())
        .await
        .assert_ok()
        .json();
    let plan = &dry["plan"];
    assert_eq!(plan["targets"], 17, "what was skipped is not touched");
    assert_eq!(plan["eligible"].as_array().unwrap().len(), 15);
    let skipped = plan["skipped"].as_array().unwrap();
    assert!(skipped.len() == 2 && skipped.iter().all(|skipped| skipped["code"] == "drifted"));
    let job = rig
        .run(&[&undo[..], &["--yes"]].concat())
        .await
        .assert_exit(3)
        .json()["job"]
        .clone();
    assert_eq!(job["undoes"], 1);
    assert_eq!(
        (&job["counts"]["verified"], &job["counts"]["drifted"]),
        (&json!(15), &json!(2))
    );
    let statuses = rig.statuses().await;
    assert!(ids[..17].iter().all(|id| statuses[id] == "open"));
    assert!(ids[17..].iter().all(|id| statuses[id] == "fixed"));
    let first = rig
        .run(&["jobs", "show", "1", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(first["job"]["undone_by"], 2);
    let job = rig
        .run(&["jobs", "redo", "2", "--yes", "--format", "json"])
        .await
        .assert_ok()
        .json()["job"]
        .clone();
    assert_eq!(
        (&job["redoes"], &job["counts"]["verified"]),
        (&json!(2), &json!(15))
    );
    let statuses = rig.statuses().await;
    assert!(ids[2..].iter().all(|id| statuses[id] == "fixed"));
}

#[tokio::test]
async fn what_cannot_be_done_with_a_job_says_so() {
    let rig = CommandFixture::with_leaks(300).await;
    let ids = rig.ids("open", 2).await;
    for verb in ["resume", "retry", "undo", "redo"] {
        rig.run(&["jobs", verb, "7"]).await.assert_exit(6);
    }
    fix(&rig, &ids, &["--yes"]).await.assert_ok();
    rig.run(&["jobs", "resume", "1"]).await.assert_exit(2);
    rig.run(&["jobs", "redo", "1"]).await.assert_exit(2);
    rig.run(&["jobs", "resume"]).await.assert_exit(0);
    // Nothing failed: nothing to do.
    rig.run(&["jobs", "retry", "1", "--yes"])
        .await
        .assert_exit(0);
    let who = Operator::default();
    let options = JournalOptions::new(rig.path("state"), OpenMode::Write, who);
    let holder = Journal::open(options).await.unwrap();
    for verb in ["resume", "undo"] {
        let ran = rig.run(&["jobs", verb, "1", "--yes"]).await.assert_exit(11);
        assert_eq!(ran.stdout, "");
    }
    holder.close().await;
    let writes = rig.writes().await;
    rig.run(&["jobs", "undo", "1", "--yes", "--read-only"])
        .await
        .assert_exit(4);
    assert_eq!(rig.writes().await, writes);
}

/// The numbers of the first job, once there is one.
async fn counts(rig: &CommandFixture) -> Value {
    let ran = rig.run(&["jobs", "show", "1", "--format", "json"]).await;
    if ran.exit == 0 {
        ran.json()["job"]["counts"].clone()
    } else {
        Value::Null
    }
}

#[tokio::test]
async fn a_killed_job_is_resumed_by_reading_first() {
    let rig = CommandFixture::with_faults(300, "500-before:1", "verify_seconds = [30]\n").await;
    let ids = rig.ids("open", 5).await;
    let mut arguments = vec!["leaks", "fix", "--yes"];
    arguments.extend(ids.iter().map(String::as_str));
    let mut child = rig.command(&arguments).spawn().unwrap();
    while counts(&rig).await["unknown"] != 5 {
        tokio::task::yield_now().await;
    }
    child.kill().await.unwrap();
    faults(&rig, &[]).await;
    let config = std::fs::read_to_string(rig.path("config.toml")).unwrap();
    rig.configure(&config.replace("[30]", "[0.05, 0.2]"));
    set(&rig, &ids[..2], "fixed").await;
    let job = rig
        .run(&["jobs", "resume", "--format", "json"])
        .await
        .assert_ok()
        .json()["job"]
        .clone();
    assert_eq!(
        (&job["state"], &job["counts"]["verified"]),
        (&json!("done"), &json!(5))
    );
    let log = rig.control("/requests").await;
    let writes: Vec<_> = log["requests"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["path"] == "/v1/leaks/status")
        .collect();
    assert_eq!(writes.len(), 2);
    assert_eq!(
        writes[1]["ids"].as_array().unwrap().len(),
        3,
        "not what had arrived"
    );
    rig.run(&["jobs", "resume", "1"]).await.assert_exit(2);
}

#[tokio::test]
async fn a_detached_job_is_queued_and_carried_out_by_itself() {
    let rig = CommandFixture::with_leaks(300).await;
    let ids = rig.ids("open", 6).await;
    let job = fix(&rig, &ids, &["--yes", "--detach"])
        .await
        .assert_ok()
        .json()["job"]
        .clone();
    assert_eq!((&job["id"], &job["state"]), (&json!(1), &json!("planned")));
    assert_eq!(job["counts"]["pending"], 6);
    loop {
        let shown = rig
            .run(&["jobs", "show", "1", "--format", "json"])
            .await
            .assert_ok();
        let job = shown.json()["job"].clone();
        if job["state"] == "done" {
            assert_eq!(job["counts"]["verified"], 6);
            break;
        }
        assert!(
            ["planned", "running"]
                .iter()
                .any(|state| job["state"] == *state),
            "{job}"
        );
        tokio::task::yield_now().await;
    }
    // So can what follows a job.
    let ran = rig
        .run(&["jobs", "undo", "1", "--yes", "--detach"])
        .await
        .assert_ok();
    assert!(ran.stdout.starts_with("job 2"), "{}", ran.stdout);
}
