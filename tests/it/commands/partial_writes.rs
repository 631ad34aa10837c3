//! What was sent is ours, however it came about: a part that was applied in spite of a refusal, and a job that is taken
//! back over several systems, each killed on the way.

use super::*;

/// Runs a command that dies at a step, as by `kill -9`.
async fn run_and_kill(rig: &CommandFixture, arguments: &[&str], step: &str) -> bool {
    let mut command = rig.command(arguments);
    command.env("STANCH_REHEARSE", format!("kill:{step}"));
    rig.finish(command.spawn().unwrap()).await.stdout.is_empty()
}

async fn follow(rig: &CommandFixture, arguments: &[&str]) -> Value {
    let ran = rig
        .run(&[arguments, &["--yes", "--format", "json"]].concat())
        .await;
    ran.assert_exit(0).json()["job"].clone()
}

#[tokio::test]
async fn a_part_that_was_applied_in_spite_of_a_refusal_is_ours_and_is_taken_back() {
    for step in ["answer-after:1", "answer-before:1"] {
        let rig = CommandFixture::with_faults(200, "part-403:1", "").await;
        let ids = rig.ids("open", 6).await;
        let mut fix = vec!["leaks", "fix", "--yes"];
        fix.extend(ids.iter().map(String::as_str));
        assert!(run_and_kill(&rig, &fix, step).await, "{step}");
        let statuses = rig.statuses().await;
        let applied = ids.iter().filter(|id| statuses[*id] == "fixed").count();
        assert_eq!(applied, 3, "{step}: a half, and then 403");
        rig.post_control("/faults", json!({ "faults": [] })).await;
        let job = follow(&rig, &["jobs", "resume", "1"]).await;
        assert_eq!(
            (
                &job["state"],
                &job["counts"]["verified"],
                &job["counts"]["skipped"]
            ),
            (&json!("done"), &json!(6), &json!(0)),
            "{step}"
        );
        let undo = follow(&rig, &["jobs", "undo", "1"]).await;
        assert_eq!(undo["counts"]["verified"], 6, "{step}");
        let statuses = rig.statuses().await;
        assert!(ids.iter().all(|id| statuses[id] == "open"), "{step}");
    }
}

#[tokio::test]
async fn what_was_refused_as_a_whole_is_read_before_it_is_given_up() {
    let rig = CommandFixture::with_faults(200, "part-403:1", "").await;
    let ids = rig.ids("open", 4).await;
    let mut fix = vec!["leaks", "fix", "--yes"];
    fix.extend(ids.iter().map(String::as_str));
    assert!(run_and_kill(&rig, &fix, "answer-after:1").await);
    let ran = rig
        .run(&["jobs", "discard", "1", "--yes", "--format", "json"])
        .await;
    let counts = ran.assert_exit(0).json()["job"]["counts"].clone();
    assert_eq!(
        (&counts["verified"], &counts["cancelled"]),
        (&json!(2), &json!(2))
    );
}

#[tokio::test]
async fn an_undo_over_three_systems_that_is_killed_goes_on_to_its_end() {
    let rig = CommandFixture::with_all_systems(300).await;
    let list = async || {
        let ran = rig
            .run(&["leaks", "list", "--format", "json"])
            .await
            .assert_ok();
        ran.json()["items"].as_array().unwrap().clone()
    };
    let mut keys: Vec<String> = Vec::new();
    for (provider, status) in [
        ("projectdiscovery", "open"),
        ("leaks-ai", "new"),
        ("leaked-checker", "unknown"),
    ] {
        let all = list().await;
        let of = all
            .iter()
            .filter(|leak| leak["provider"] == provider && leak["status"] == status);
        keys.extend(
            of.take(2)
                .map(|leak| leak["key"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(keys.len(), 6);
    let standing = async || {
        let all = list().await;
        let ours = all
            .iter()
            .filter(|leak| keys.iter().any(|key| leak["key"] == **key));
        ours.map(|leak| {
            (
                leak["key"].clone(),
                leak["status"].clone(),
                leak["status_source"].clone(),
            )
        })
        .collect::<Vec<_>>()
    };
    let before = standing().await;
    let mut tried = 0;
    for step in [
        "plan-after:1",
        "intent-after:1",
        "answer-after:1",
        "readings-after:1",
        "state-before:1",
    ] {
        let mut fix = vec!["leaks", "fix"];
        fix.extend(keys.iter().map(String::as_str));
        let job = follow(&rig, &fix).await["id"].to_string();
        assert!(
            run_and_kill(&rig, &["jobs", "undo", &job, "--yes"], step).await,
            "{step}"
        );
        let undo = follow(&rig, &["jobs", "resume"]).await;
        assert_eq!(
            (&undo["command"], &undo["state"]),
            (&json!("undo"), &json!("done")),
            "{step}"
        );
        assert_eq!(standing().await, before, "{step}");
        tried += 1;
    }
    assert_eq!(tried, 5);
}
