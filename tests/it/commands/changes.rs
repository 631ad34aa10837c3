//! Changing: plans, jobs, exit codes.

use super::*;

const JOB: [&str; 25] = [
    "asked",
    "by",
    "change",
    "changes",
    "command",
    "counts",
    "created_at",
    "ended_at",
    "id",
    "note",
    "paused",
    "paused_by",
    "plan_hash",
    "profiles",
    "reason",
    "redoes",
    "retries",
    "runs_at",
    "started_at",
    "state",
    "ticket",
    "timing",
    "token",
    "undoes",
    "undone_by",
];

fn keys(ids: &[String]) -> String {
    let keys: Vec<_> = ids.iter().map(|id| format!("demo-pd:leak:{id}")).collect();
    keys.join(
        "
",
    ) + "
"
}

/// Ten open leaks and two fixed ones.
async fn twelve_ids(rig: &CommandFixture) -> Vec<String> {
    let mut ids = rig.ids("open", 10).await;
    ids.extend(rig.ids("fixed", 2).await);
    ids
}

async fn dry_run(rig: &CommandFixture, input: &str) -> Value {
    let arguments = [
        "leaks",
        "fix",
        "--ids-from",
        "-",
        "--dry-run",
        "--format",
        "json",
    ];
    rig.run_with(&arguments, Some(input))
        .await
        .assert_ok()
        .json()["plan"]
        .clone()
}

#[tokio::test]
async fn a_plan_is_the_same_in_any_order_and_leaves_nothing() {
    let rig = CommandFixture::with_leaks(300).await;
    let mut ids = twelve_ids(&rig).await;
    let plan = dry_run(&rig, &keys(&ids)).await;
    assert_eq!(
        members(&plan),
        [
            "change",
            "command",
            "eligible",
            "eta_seconds",
            "hash",
            "local",
            "lossy",
            "profiles",
            "reads",
            "remote",
            "requests",
            "skipped",
            "targets"
        ]
    );
    assert_eq!(
        (&plan["targets"], &plan["remote"], &plan["local"]),
        (&json!(12), &json!(10), &json!(0))
    );
    assert_eq!(plan["eligible"].as_array().unwrap().len(), 10);
    assert_eq!(plan["skipped"].as_array().unwrap().len(), 2);
    assert_eq!(members(&plan["skipped"][0]), ["code", "key", "reason"]);
    assert_eq!(plan["skipped"][0]["code"], "already");
    assert_eq!(plan["change"], json!({ "status": "fixed" }));
    assert_eq!(plan["requests"], 1);
    assert_eq!(
        plan["profiles"],
        json!([{ "profile": "demo-pd", "provider": "projectdiscovery", "remote": 10, "local": 0 }])
    );
    ids.reverse();
    // Bare ids, comments, blank lines and repetitions make no difference.
    let bare = format!("# twelve\n\n{}\r\n{}\n{}\n", ids.join("\n"), ids[3], ids[3]);
    assert_eq!(dry_run(&rig, &bare).await, plan);
    // A carriage return alone ends a line too.
    assert_eq!(
        dry_run(&rig, &bare.replace("\r\n", "\n").replace('\n', "\r")).await,
        plan
    );
    assert!(!rig.path("state").exists(), "a dry run left something");
    assert_eq!(rig.writes().await, 0);
}

#[tokio::test]
async fn a_job_changes_what_its_plan_said_and_keeps_its_hash() {
    let rig = CommandFixture::with_leaks(300).await;
    let ids = twelve_ids(&rig).await;
    let plan = dry_run(&rig, &keys(&ids)).await;
    let before = rig.statuses().await;
    let arguments = [
        "leaks",
        "fix",
        "--ids-from",
        "-",
        "--yes",
        "--expect-count",
        "10",
        "--format",
        "json",
    ];
    let answer = rig
        .run_with(&arguments, Some(&keys(&ids)))
        .await
        .assert_ok()
        .json();
    assert_eq!(members(&answer), ["job", "schema"]);
    let job = &answer["job"];
    assert_eq!(members(job), JOB);
    assert_eq!(job["plan_hash"], plan["hash"]);
    assert_eq!(
        (&job["state"], &job["command"]),
        (&json!("done"), &json!("fix"))
    );
    assert_eq!(
        (&job["counts"]["verified"], &job["counts"]["skipped"]),
        (&json!(10), &json!(2))
    );
    let changes = job["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 12);
    assert_eq!(
        members(&changes[0]),
        ["before", "code", "key", "outcome", "reason", "wanted"]
    );
    assert_eq!(
        (&changes[11]["outcome"], &changes[11]["reason"]),
        (&json!("skipped"), &json!("already"))
    );
    let after = rig.statuses().await;
    let changed: Vec<_> = after
        .iter()
        .filter(|(id, word)| before[*id] != **word)
        .collect();
    assert_eq!(changed.len(), 10);
    assert!(
        changed
            .iter()
            .all(|(id, word)| **word == "fixed" && ids.contains(id))
    );

    assert_journal_agrees(&rig, job).await;
    assert_nothing_left(&rig, &ids).await;
}

/// `jobs` has the job as it was printed.
async fn assert_journal_agrees(rig: &CommandFixture, job: &Value) {
    let shown = rig
        .run(&["jobs", "show", "1", "--format", "json"])
        .await
        .assert_ok()
        .json();
    // The last commit's own time is known only after it.
    let without_timing = |job: &Value| {
        let mut job = job.clone();
        job["timing"]["journal_ms"] = Value::Null;
        job
    };
    assert_eq!(without_timing(&shown["job"]), without_timing(job));
    let jobs = rig
        .run(&["jobs", "list", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(
        (&jobs["total"], &jobs["complete"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(jobs["items"][0]["changes"], Value::Null);
    assert_eq!(jobs["items"][0]["plan_hash"], job["plan_hash"]);
    assert_eq!(
        rig.run(&["jobs", "list", "--format", "csv"])
            .await
            .assert_ok()
            .stdout
            .lines()
            .count(),
        2
    );
    assert!(
        rig.run(&["jobs", "list"])
            .await
            .assert_ok()
            .stdout
            .contains(&job["plan_hash"].as_str().unwrap()[..12])
    );
    assert!(
        rig.run(&["jobs", "show", "1"])
            .await
            .assert_ok()
            .stdout
            .contains("10 verified")
    );
    rig.run(&["jobs", "show", "2"]).await.assert_exit(6);
}

/// The same once more makes no job; taking some back makes one.
async fn assert_nothing_left(rig: &CommandFixture, ids: &[String]) {
    let ran = rig
        .run_with(
            &[
                "leaks",
                "fix",
                "--ids-from",
                "-",
                "--yes",
                "--format",
                "json",
            ],
            Some(&keys(ids)),
        )
        .await
        .assert_ok();
    assert_eq!(ran.json()["plan"]["eligible"], json!([]));
    rig.run(&["jobs", "show", "2"]).await.assert_exit(6);
    let ran = rig
        .run_with(
            &["leaks", "reopen", "--ids-from", "-", "--yes"],
            Some(&keys(&ids[..3])),
        )
        .await
        .assert_ok();
    assert!(
        ran.stdout.starts_with("job 2  3 verified"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stdout.lines().count(), 1);
}

#[tokio::test]
async fn a_filter_means_all_leaks_that_match() {
    let rig = CommandFixture::with_leaks(300).await;
    let listed = rig
        .run(&[
            "leaks",
            "list",
            "--filter",
            "status:open class:employee",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    let count = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|leak| leak["status"] == "open")
        .count();
    assert!(count > 0);
    let arguments = ["leaks", "fix", "--filter", "status:open class:employee"];
    let ran = rig
        .run(&[&arguments[..], &["--dry-run"]].concat())
        .await
        .assert_ok();
    let headline = format!("{count} will change");
    assert!(ran.stdout.starts_with(&headline), "{}", ran.stdout);
    assert!(ran.stdout.lines().last().unwrap().starts_with("plan "));
    let ran = rig
        .run(&[&arguments[..], &["--yes"]].concat())
        .await
        .assert_ok();
    assert!(
        ran.stdout.contains(&format!("{count} verified")),
        "{}",
        ran.stdout
    );
}

#[tokio::test]
async fn keys_that_nothing_has_are_skipped() {
    let rig = CommandFixture::with_leaks(60).await;
    let mut ids = rig.ids("open", 1).await;
    ids.push("0".repeat(32));
    let plan = dry_run(&rig, &format!("{}elsewhere:leak:{}\n", keys(&ids), ids[0])).await;
    let codes: Vec<_> = plan["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|skipped| &skipped["code"])
        .collect();
    assert_eq!(codes, [&json!("not_found"), &json!("not_found")]);
    assert_eq!(plan["targets"], 3);
}

#[tokio::test]
async fn without_yes_and_without_a_terminal_the_plan_is_all() {
    let rig = CommandFixture::with_leaks(60).await;
    let id = &rig.ids("open", 1).await[0];
    let ran = rig
        .run(&["leaks", "fix", id, "--format", "json"])
        .await
        .assert_exit(4);
    assert_eq!(ran.json()["plan"]["remote"], 1);
    assert_eq!(ran.error()["kind"], "policy");
    let ran = rig
        .run(&[
            "leaks",
            "fix",
            id,
            "--yes",
            "--expect-count",
            "2",
            "--format",
            "json",
        ])
        .await
        .assert_exit(4);
    assert_eq!(
        (&ran.stdout[..], &ran.error()["kind"]),
        ("", &json!("policy"))
    );
    for read_only in [&["--read-only"][..], &[]] {
        if read_only.is_empty() {
            rig.append("read_only = true\n");
        }
        let arguments = [&["leaks", "fix", id, "--yes"][..], read_only].concat();
        let ran = rig.run(&arguments).await.assert_exit(4);
        assert_eq!(ran.stdout, "");
    }
    let plan = dry_run(&rig, id).await;
    assert_eq!(plan["skipped"][0]["code"], "not_allowed");
    assert_eq!(rig.writes().await, 0);
    assert_eq!(
        rig.run(&["jobs", "list", "--format", "json"])
            .await
            .assert_ok()
            .json()["items"],
        json!([])
    );
}

#[tokio::test]
async fn a_policy_that_wants_a_reason_refuses() {
    let rig = CommandFixture::with_leaks(60).await;
    rig.append("[policy]\nrequire_reason = true\n");
    let id = &rig.ids("open", 1).await[0];
    rig.run(&["leaks", "fix", id, "--yes"]).await.assert_exit(4);
    rig.run(&["leaks", "fix", id, "--dry-run"])
        .await
        .assert_ok();
    assert_eq!(rig.writes().await, 0);
}

#[tokio::test]
async fn a_refused_leak_and_a_lie_end_with_3_and_are_named() {
    let rig = CommandFixture::with_leaks(60).await;
    let ids = rig.ids("open", 3).await;
    rig.post_control(
        "/leaks",
        json!({ "projectdiscovery": { "refuse": { &ids[0]: 403 } } }),
    )
    .await;
    let ran = rig
        .run(&["leaks", "fix", &ids[0], "--yes", "--format", "json"])
        .await
        .assert_exit(3);
    assert_eq!(ran.stderr, "");
    let job = &ran.json()["job"];
    assert_eq!(job["state"], "done_with_exceptions");
    assert_eq!(job["counts"]["failed"], 1);
    assert_eq!(
        (&job["changes"][0]["outcome"], &job["changes"][0]["code"]),
        (&json!("failed"), &json!(403))
    );
    rig.post_control("/faults", json!({ "faults": ["lie"] }))
        .await;
    let ran = rig
        .run(&["leaks", "fix", &ids[1], &ids[2], "--yes"])
        .await
        .assert_exit(3);
    assert!(ran.stdout.contains("2 contradicted"), "{}", ran.stdout);
    for id in &ids[1..] {
        assert!(ran.stdout.contains(id));
    }
    assert_eq!(ran.stderr, "");
}

#[tokio::test]
async fn a_list_that_is_not_whole_is_never_acted_on() {
    let rig = CommandFixture::with_faults(300, "", "page_size = 100\n").await;
    let id = &rig.ids("open", 1).await[0];
    rig.post_control("/faults", json!({ "faults": ["500:1"] }))
        .await;
    let ran = rig
        .run(&["leaks", "fix", id, "--yes", "--format", "json"])
        .await
        .assert_exit(5);
    assert_eq!(ran.stdout, "");
    ran.error();
    assert_eq!(rig.writes().await, 0);
}

#[tokio::test]
async fn a_signal_lets_the_write_in_flight_be_recorded_and_sends_no_more() {
    let rig =
        CommandFixture::with_faults(60, "", "bulk_size = 100\nverify_seconds = [600]\n").await;
    let ids = rig.ids("open", 3).await;
    let child = rig
        .command(&[
            "leaks", "fix", &ids[0], &ids[1], &ids[2], "--yes", "--format", "json",
        ])
        .spawn()
        .unwrap();
    while rig.writes().await == 0 {}
    let pid = i32::try_from(child.id().unwrap()).unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let ran = rig.finish(child).await.assert_exit(143);
    let job = &ran.json()["job"];
    assert_eq!(job["counts"]["accepted"], 3);
    assert_eq!(ran.error()["kind"], "cancelled");
    let shown = rig
        .run(&["jobs", "show", "1", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(shown["job"]["changes"], job["changes"]);
    // They are in a job that has not ended, so no other takes them.
    let plan = dry_run(&rig, &keys(&ids)).await;
    assert_eq!(plan["skipped"][0]["code"], "already");
    rig.post_control(
        "/statuses",
        json!({ "projectdiscovery": { &ids[0]: "open" } }),
    )
    .await;
    let plan = dry_run(&rig, &ids[0]).await;
    assert_eq!(plan["skipped"][0]["code"], "in_job");
    assert_discard_reads_and_frees(&rig, &ids).await;
}

async fn assert_discard_reads_and_frees(rig: &CommandFixture, ids: &[String]) {
    let refused = rig.run(&["jobs", "discard", "1"]).await.assert_exit(4);
    assert!(refused.stdout.is_empty());
    let writes = rig.writes().await;
    let discard = ["jobs", "discard", "1", "--yes", "--format", "json"];
    let job = rig.run(&discard).await.assert_ok().json()["job"].clone();
    assert_eq!(job["state"], "discarded");
    // Two read as they were set. That one was opened again by somebody else, and is not applied late, cannot be told
    // before the window is over.
    assert_eq!(job["counts"]["verified"], 2);
    assert_eq!(job["counts"]["unverifiable"], 1);
    assert_eq!(rig.writes().await, writes, "nothing is sent");
    let plan = dry_run(rig, &ids[0]).await;
    assert_eq!(plan["eligible"].as_array().unwrap().len(), 1);
    rig.run(&discard).await.assert_exit(2);
    rig.run(&["jobs", "discard", "9", "--yes"])
        .await
        .assert_exit(6);
}
