//! What a program that was killed leaves to the next one: a job that says that nobody has it, several that go on one
//! after the other, and lines of the audit log that nobody could write any more.

use super::*;

/// Fixes leaks and dies at a step, as by `kill -9`.
async fn fix_and_kill(rig: &CommandFixture, ids: &[String], step: &str) {
    let mut arguments = vec!["leaks", "fix", "--yes"];
    arguments.extend(ids.iter().map(String::as_str));
    let mut command = rig.command(&arguments);
    command.env("STANCH_REHEARSE", format!("kill:{step}"));
    let ran = rig.finish(command.spawn().unwrap()).await;
    assert_eq!(ran.stdout, "", "it was not killed");
}

/// Lines of the audit log that tell what became of a leak in a job.
async fn audit_lines(rig: &CommandFixture, job: i64) -> Vec<Value> {
    let list = rig
        .run(&["audit", "list", "--format", "json"])
        .await
        .assert_ok();
    let items = list.json()["items"].as_array().unwrap().clone();
    let of = |line: &Value| line["action"] == "fix" && line["job"] == job;
    items.into_iter().filter(of).collect()
}

#[tokio::test]
async fn a_job_that_nobody_has_is_not_called_running() {
    let rig = CommandFixture::with_leaks(200).await;
    let ids = rig.ids("open", 3).await;
    fix_and_kill(&rig, &ids, "answer-after:1").await;
    let jobs = rig
        .run(&["jobs", "list", "--format", "json"])
        .await
        .assert_ok();
    let shown = rig
        .run(&["jobs", "show", "1", "--format", "json"])
        .await
        .assert_ok();
    for job in [&jobs.json()["items"][0], &shown.json()["job"]] {
        assert_eq!(
            (&job["state"], &job["paused"]["why"]),
            (&json!("paused"), &json!("hangup")),
            "{job}"
        );
    }
    // One that somebody has is: nobody but that one may say otherwise.
    rig.post_control("/faults", json!({ "faults": ["hang:1"] }))
        .await;
    let mut child = rig.command(&["jobs", "resume", "--yes"]).spawn().unwrap();
    let state = async || {
        let shown = rig.run(&["jobs", "show", "1", "--format", "json"]).await;
        shown.assert_ok().json()["job"]["state"].clone()
    };
    while state().await != "running" {
        assert_eq!(child.try_wait().unwrap(), None, "it ended");
        tokio::task::yield_now().await;
    }
    child.kill().await.unwrap();
    assert_eq!(state().await, "paused");
}

#[tokio::test]
async fn several_jobs_go_on_one_after_the_other_each_on_a_line_of_its_own() {
    let rig = CommandFixture::with_leaks(200).await;
    let ids = rig.ids("open", 6).await;
    fix_and_kill(&rig, &ids[..2], "intent-after:1").await;
    fix_and_kill(&rig, &ids[2..5], "answer-after:1").await;
    let ran = rig
        .run(&["jobs", "resume", "--yes", "--format", "json"])
        .await
        .assert_ok();
    let jobs: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["job"].clone())
        .collect();
    assert_eq!(jobs.len(), 2);
    for (job, (id, verified)) in jobs.iter().zip([(1, 2), (2, 3)]) {
        assert_eq!(
            (&job["id"], &job["counts"]["verified"]),
            (&json!(id), &json!(verified))
        );
    }
}

#[tokio::test]
async fn lines_that_a_killed_program_owes_are_written_once_by_the_next() {
    let rig = CommandFixture::with_leaks(200).await;
    let ids = rig.ids("open", 3).await;
    fix_and_kill(&rig, &ids, "state-after:1").await;
    let job = rig.run(&["jobs", "show", "1", "--format", "json"]).await;
    assert_eq!(job.assert_ok().json()["job"]["state"], "done");
    assert!(audit_lines(&rig, 1).await.is_empty());
    for _ in 0..2 {
        // Nothing is unfinished; the journal is opened to write all the same.
        rig.run(&["jobs", "resume", "--yes"]).await.assert_exit(0);
        let lines = audit_lines(&rig, 1).await;
        assert_eq!(lines.len(), 3);
        for line in &lines {
            let key = line["key"].as_str().unwrap();
            assert!(ids.iter().any(|id| key.ends_with(id)), "{key}");
            assert_eq!(
                (&line["before"], &line["after"], &line["outcome"]),
                (&json!("open"), &json!("fixed"), &json!("verified"))
            );
        }
    }
    // Killed between the lines and the word that they are there: they are found, and not written twice.
    fix_and_kill(&rig, &rig.ids("open", 2).await, "audit-after:4").await;
    rig.run(&["jobs", "resume", "--yes"]).await.assert_exit(0);
    let before = audit_lines(&rig, 2).await.len();
    rig.run(&["jobs", "resume", "--yes"]).await.assert_exit(0);
    assert_eq!((before, audit_lines(&rig, 2).await.len()), (2, 2));
    rig.run(&["audit", "verify"]).await.assert_exit(0);
}

#[tokio::test]
async fn the_plan_of_an_undo_tells_every_status_that_it_brings_back() {
    let rig = CommandFixture::with_all_systems(400).await;
    let list = rig
        .run(&[
            "leaks",
            "list",
            "--filter",
            "source:leaks-ai status:new",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    let keys: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .take(3)
        .map(|leak| leak["key"].as_str().unwrap())
        .collect();
    rig.run(&["leaks", "set", "investigating", keys[0], "--yes"])
        .await
        .assert_exit(0);
    rig.run(&["leaks", "fix", keys[0], keys[1], keys[2], "--yes"])
        .await
        .assert_exit(0);
    let plan = rig
        .run(&["jobs", "undo", "2", "--dry-run"])
        .await
        .assert_exit(0);
    assert!(
        plan.stdout
            .contains("now: 3 fixed; then: 2 new, 1 investigating"),
        "{}",
        plan.stdout
    );
}

#[tokio::test]
async fn what_was_said_of_a_leak_is_in_every_form_of_it() {
    let rig = CommandFixture::with_leaks(200).await;
    let ids = rig.ids("open", 1).await;
    let words = [
        "--reason",
        "phished",
        "--note",
        "reset at 3",
        "--ticket",
        "SEC-7",
    ];
    let fix = [&["leaks", "fix", &ids[0], "--yes"][..], &words].concat();
    rig.run(&fix).await.assert_exit(0);
    let filter = format!("key:{}", ids[0]);
    for format in ["json", "jsonl", "csv"] {
        let listed = rig
            .run(&["leaks", "list", "--filter", &filter, "--format", format])
            .await
            .assert_ok()
            .stdout;
        let path = rig.path(&format!("leaks.{format}"));
        let output = path.to_str().unwrap();
        let export = [
            "export", "--filter", &filter, "--format", format, "--output", output,
        ];
        rig.run(&export).await.assert_exit(0);
        let exported = std::fs::read_to_string(&path).unwrap();
        for (form, text) in [("list", listed), ("export", exported)] {
            for word in ["phished", "reset at 3", "SEC-7", "claim"] {
                assert!(text.contains(word), "{form} {format}: no {word}\n{text}");
            }
        }
    }
}
