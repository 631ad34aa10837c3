//! `stanch store`: the journal of a team, made, looked at, checked; and the other commands on it.

use super::*;
use crate::support::postgres::{Database, cluster};

/// A stand-in and a configuration that names a store in this database.
async fn rig(database: &Database, role: &str) -> CommandFixture {
    let rig = CommandFixture::with_leaks(40).await;
    rig.append(&format!("\n{}", database.section(role)));
    rig
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one store, from its making on")]
async fn a_store_is_made_once_and_says_what_it_is() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.empty();
    let owner = rig(&database, "boss").await;
    let sql = owner
        .run(&["store", "init", "--print-sql"])
        .await
        .assert_ok()
        .stdout;
    assert!(
        sql.contains("CREATE SCHEMA stanch") && sql.contains("CREATE ROLE stanch_analyst"),
        "{sql}"
    );
    owner.run(&["store", "status"]).await.assert_exit(7);
    let made = owner
        .run(&["store", "init", "--lease", "5", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let path = made["init"]["fingerprint_key"].as_str().unwrap().to_owned();
    assert_eq!(
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let again = owner
        .run(&["store", "init", "--format", "json"])
        .await
        .assert_exit(4);
    assert_eq!(again.error()["kind"], "policy");
    let ana = rig(&database, "ana").await;
    let status = ana
        .run(&["store", "status", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let store = &status["store"];
    assert_eq!(
        (&store["kind"], &store["role"], &store["can"]),
        (&"postgres".into(), &"ana".into(), &"write".into())
    );
    assert_eq!(store["lease_seconds"], 5);
    let check = ana
        .run(&["store", "check", "--deep", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(check["check"]["ok"], true);
    assert_eq!(check["check"]["problems"], json!([]));
    ana.run(&["store", "retain", "--before", "2026-01-01"])
        .await
        .assert_exit(7);
    let checks = ana
        .run(&["doctor", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let names: Vec<_> = checks["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["name"].clone())
        .collect();
    for name in [
        "reachable",
        "tls",
        "round trip",
        "clock",
        "feed",
        "schema",
        "role",
        "witness",
        "consoles",
        "logins",
        "versions",
        "synchronous_commit",
        "fsync",
        "full_page_writes",
        "checksums",
        "isolation",
        "writable",
        "idle transactions",
        "connections",
        "replicas",
        "snapshots",
    ] {
        let name = Value::from(format!("store {name}"));
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    // What is weak says what to do.
    let weak = checks["checks"].as_array().unwrap().iter();
    let weak: Vec<_> = weak
        .filter(|check| check["message"].as_str().unwrap().starts_with("warning: "))
        .collect();
    assert!(weak.iter().any(|check| check["name"] == "store checksums"));
    assert!(
        weak.iter().all(|check| check["hint"].is_string()),
        "{weak:?}"
    );
    database.sql("UPDATE stanch.meta SET api_min = 99, api_max = 99");
    let newer = ana
        .run(&["doctor", "--format", "json"])
        .await
        .assert_exit(7)
        .json();
    let schema = newer["checks"].as_array().unwrap().iter();
    let schema = schema.filter(|check| check["name"] == "store schema");
    assert!(
        schema
            .into_iter()
            .all(|check| check["ok"] == false && check["hint"].is_string())
    );
    database.sql("UPDATE stanch.meta SET api_min = 1, api_max = 1");
    let migrated = owner
        .run(&["store", "migrate", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(migrated["migrate"]["from"], migrated["migrate"]["to"]);
}

#[tokio::test]
async fn a_wrong_store_stops_what_needs_a_journal_and_never_falls_back() {
    let rig = CommandFixture::with_leaks(4).await;
    rig.append("\n[store]\nurl = \"postgres://ana:secret@db.example/stanch\"\n");
    let check = rig.run(&["config", "check"]).await.assert_exit(2);
    assert!(
        check.stdout.contains("password") && !check.stdout.contains("secret@"),
        "{check:?}"
    );
    for command in [
        &["jobs", "list"][..],
        &["leaks", "list"],
        &["audit", "list"],
    ] {
        let ran = rig.run(command).await.assert_exit(2);
        assert!(ran.stderr.contains("store"), "{ran:?}");
    }
    assert!(!rig.path("state").join("journal.db").exists());
    let gone = CommandFixture::with_leaks(4).await;
    gone.append("\n[store]\nurl = \"postgres://ana@127.0.0.1:1/stanch\"\ntls = \"off\"\npatience_seconds = 0\n");
    for command in [
        &["jobs", "list"][..],
        &["leaks", "fix", "--filter", "status:open", "--yes"],
    ] {
        gone.run(command).await.assert_exit(7);
    }
    assert!(!gone.path("state").join("journal.db").exists());
}

#[tokio::test]
async fn a_job_is_done_on_a_store_and_a_colleague_sees_and_undoes_it() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let ana = rig(&database, "ana").await;
    let fixed = ana
        .run(&[
            "leaks",
            "fix",
            "--filter",
            "status:open",
            "--yes",
            "--reason",
            "phished",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    let counts = &fixed["job"]["counts"];
    assert!(counts["verified"].as_u64().unwrap() > 0, "{fixed}");
    assert!(
        !ana.path("state").join("journal.db").exists(),
        "no journal of this host is made"
    );
    // The same provider, another login, another host's state.
    let config = std::fs::read_to_string(ana.path("config.toml")).unwrap();
    std::fs::write(ana.path("ben.toml"), config.replace("user=ana", "user=ben")).unwrap();
    let ben = |arguments: &[&str]| {
        let config = ana.path("ben.toml").display().to_string();
        let mut all = vec!["--config".to_owned(), config];
        all.extend(arguments.iter().map(|word| (*word).to_owned()));
        let words: Vec<&str> = all.iter().map(String::as_str).collect();
        let mut command = ana.command(&words);
        command.env("STANCH_STATE_DIR", ana.path("ben"));
        command
    };
    let jobs = ana
        .finish(ben(&["jobs", "list", "--format", "json"]).spawn().unwrap())
        .await
        .assert_ok()
        .json();
    assert_eq!(jobs["items"][0]["state"], "done");
    let id = jobs["items"][0]["id"].to_string();
    let undone = ana
        .finish(
            ben(&["jobs", "undo", &id, "--yes", "--format", "json"])
                .spawn()
                .unwrap(),
        )
        .await
        .assert_ok()
        .json();
    assert_eq!(undone["job"]["counts"]["verified"], counts["verified"]);
    let log = ana
        .run(&["audit", "list", "--format", "json"])
        .await
        .assert_ok();
    assert!(log.stdout.contains("undo"), "{log:?}");
    ana.run(&["audit", "verify"]).await.assert_ok();
    ana.run(&["store", "check", "--deep"]).await.assert_ok();
    let copy = ana.path("copy.jsonl").display().to_string();
    ana.run(&["audit", "export", &copy]).await.assert_exit(0);
    ana.run(&["audit", "verify", &copy]).await.assert_ok();
}

#[tokio::test]
async fn an_account_at_another_origin_is_refused() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let ana = rig(&database, "ana").await;
    ana.run(&["leaks", "fix", "--filter", "status:open", "--yes"])
        .await
        .assert_ok();
    // Another stand-in has another port: the same name, another origin.
    let ben = rig(&database, "ben").await;
    let refused = ben
        .run(&["leaks", "fix", "--filter", "status:open", "--yes"])
        .await
        .assert_exit(4);
    assert!(refused.stderr.contains("account"), "{refused:?}");
    assert_eq!(ben.writes().await, 0);
    let accounts = ben
        .run(&["store", "account", "list", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let name = accounts["accounts"][0]["name"].as_str().unwrap().to_owned();
    let owner = rig(&database, "boss").await;
    let origin = ben.demo.base_url();
    let origin = url::Url::parse(&origin)
        .unwrap()
        .origin()
        .ascii_serialization();
    owner
        .run(&["store", "account", "set", &name, "--origin", &origin])
        .await
        .assert_ok();
    ben.run(&["leaks", "fix", "--filter", "status:open", "--yes"])
        .await
        .assert_ok();
}

#[tokio::test]
async fn a_console_that_sleeps_beyond_its_deadline_is_ended_before_it_can_send() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    database.sql("UPDATE stanch.meta SET lease_seconds = 3, send_seconds = 2");
    let ana = rig(&database, "ana").await;
    let mut sleeps = ana.command(&["leaks", "fix", "--filter", "status:open", "--yes"]);
    // Stopped between its intent and its request, and never woken: the kernel's timer ends it all the same.
    sleeps.env("STANCH_REHEARSE", "sleep:intent:1");
    let ran = ana.finish(sleeps.spawn().unwrap()).await;
    assert_eq!(ran.exit, -1, "{ran:?}");
    assert_eq!(ana.writes().await, 0, "nothing was sent");
    assert_eq!(
        database.sql("SELECT count(*) FROM stanch.event WHERE what = 'intent'"),
        "1"
    );
    ana.run(&["jobs", "resume", "--yes"]).await.assert_ok();
    assert_eq!(database.sql("SELECT state FROM stanch.job"), "done");
}

#[tokio::test]
async fn a_job_whose_console_was_killed_is_taken_over_by_a_colleague() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    database.sql("UPDATE stanch.meta SET lease_seconds = 3, send_seconds = 2");
    let ana = rig(&database, "ana").await;
    let mut killed = ana.command(&["leaks", "fix", "--filter", "status:open", "--yes"]);
    killed.env("STANCH_REHEARSE", "kill:intent-after:1");
    let ran = ana.finish(killed.spawn().unwrap()).await;
    assert_eq!(ran.exit, -1, "it was killed: {ran:?}");
    database.sql("UPDATE stanch.console SET seen_at = now() - interval '1 hour'");
    let config = std::fs::read_to_string(ana.path("config.toml")).unwrap();
    ana.configure(&config.replace("user=ana", "user=ben"));
    let mine = ana.run(&["jobs", "resume", "--yes"]).await.assert_exit(0);
    assert!(
        mine.stderr.contains("no job is unfinished"),
        "nobody takes a colleague's job by habit: {mine:?}"
    );
    ana.run(&["jobs", "resume", "--all", "--yes"])
        .await
        .assert_ok();
    assert_eq!(
        database.sql("SELECT state || ' ' || token FROM stanch.job"),
        "done 2"
    );
    ana.run(&["store", "check", "--deep"]).await.assert_ok();
}

/// The same provider with another login, on another host's state.
fn colleague(rig: &CommandFixture, role: &str, lines: &str, arguments: &[&str]) -> Command {
    let config = std::fs::read_to_string(rig.path("config.toml")).unwrap();
    let name = format!("{role}.toml");
    let config = config.replace("user=ana", &format!("user={role}")) + lines;
    std::fs::write(rig.path(&name), config).unwrap();
    let config = rig.path(&name).display().to_string();
    let mut all = vec!["--config", &config];
    all.extend(arguments);
    let mut command = rig.command(&all);
    command.env("STANCH_STATE_DIR", rig.path(role));
    command
}

#[tokio::test]
async fn json_says_whose_a_job_a_claim_and_a_status_are() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let ana = rig(&database, "ana").await;
    let fixed = ana
        .run(&[
            "leaks",
            "fix",
            "--filter",
            "status:open",
            "--yes",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    let by = &fixed["job"]["by"];
    assert_eq!(members(by), ["console", "host", "role", "user"]);
    assert_eq!((&by["role"], by["console"].is_i64()), (&"ana".into(), true));
    assert_eq!(fixed["job"]["token"], 1);
    assert_eq!(
        (&fixed["job"]["runs_at"], &fixed["job"]["asked"]),
        (&Value::Null, &Value::Null)
    );
    let ben = |arguments: &[&str]| colleague(&ana, "ben", "", arguments).spawn().unwrap();
    let listed = ana
        .finish(ben(&["jobs", "list", "--format", "json"]))
        .await
        .assert_ok()
        .json();
    assert_eq!(listed["items"][0]["by"]["role"], "ana");
    let shown = ana
        .finish(ben(&["jobs", "show", "1", "--format", "json"]))
        .await
        .assert_ok()
        .json();
    assert_eq!(shown["job"]["by"]["role"], "ana");
    // A claim has the login, and so has a status that the team keeps.
    let keys = ana
        .run(&["leaks", "list", "--limit", "2", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let key = |at: usize| keys["items"][at]["key"].as_str().unwrap().to_owned();
    assert_eq!(keys["items"][0]["status_by"], Value::Null);
    ana.run(&["leaks", "claim", &key(0)]).await.assert_ok();
    ana.run(&[
        "leaks",
        "set",
        "false_positive",
        &key(1),
        "--include-closed",
        "--yes",
    ])
    .await
    .assert_exit(0);
    let leak = ana
        .finish(ben(&["leaks", "show", &key(0), "--format", "json"]))
        .await
        .assert_ok()
        .json();
    assert_eq!(leak["item"]["claim"]["role"], "ana", "{leak}");
    let leak = ana
        .finish(ben(&["leaks", "show", &key(1), "--format", "json"]))
        .await
        .assert_ok()
        .json();
    if leak["item"]["status_source"] == "local" {
        let by = &leak["item"]["status_by"];
        assert_eq!(members(by), ["at", "job", "role"]);
        assert_eq!((&by["role"], &by["job"]), (&"ana".into(), &2.into()));
    }
    // Nothing of it where the journal is this host's own, and no member is left out.
    let alone = CommandFixture::with_leaks(4).await;
    let fixed = alone
        .run(&[
            "leaks",
            "fix",
            "--filter",
            "status:open",
            "--yes",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    for name in ["by", "runs_at", "token", "asked"] {
        assert_eq!(fixed["job"].get(name), Some(&Value::Null), "{name}");
    }
}

#[tokio::test]
async fn a_job_that_a_live_console_runs_is_shown_as_running_and_is_taken_over_in_so_many_words() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let ana = rig(&database, "ana").await;
    // It stops at its second intent: alive for the store, and it does nothing.
    let mut stopped = ana.command(&["leaks", "fix", "--filter", "status:open", "--yes"]);
    stopped.env("STANCH_REHEARSE", "sleep:intent:1");
    let mut stopped = stopped.spawn().unwrap();
    let process = stopped.id().unwrap();
    let is_stopped =
        tokio::task::spawn_blocking(move || crate::support::postgres::is_stopped(process));
    assert!(is_stopped.await.unwrap());
    let ben = |arguments: &[&str]| colleague(&ana, "ben", "", arguments).spawn().unwrap();
    let shown = ana
        .finish(ben(&["jobs", "show", "1", "--format", "json"]))
        .await
        .assert_ok()
        .json();
    let job = &shown["job"];
    assert_eq!(job["state"], "running", "it is in somebody's hands: {job}");
    assert_eq!(job["runs_at"]["role"], "ana");
    assert_eq!(
        members(&job["runs_at"]),
        ["console", "host", "online", "role", "seen_at", "user"]
    );
    assert_eq!(job["runs_at"]["online"], true);
    ana.finish(ben(&["jobs", "pause", "1", "--yes"]))
        .await
        .assert_ok();
    let asked = ana
        .finish(ben(&["jobs", "show", "1", "--format", "json"]))
        .await
        .assert_ok()
        .json();
    assert_eq!(asked["job"]["asked"]["what"], "pause");
    assert!(
        asked["job"]["asked"]["by"]
            .as_str()
            .unwrap()
            .starts_with("ben@")
    );
    let held = ana.finish(ben(&["jobs", "resume", "1", "--yes"])).await;
    assert_ne!(held.exit, 0, "nobody takes it by habit: {held:?}");
    let unasked = ana
        .finish(ben(&["jobs", "resume", "1", "--take"]))
        .await
        .assert_exit(4);
    assert!(
        unasked.stderr.contains("runs at ana@") && unasked.stderr.contains("take"),
        "{unasked:?}"
    );
    assert_eq!(database.sql("SELECT token FROM stanch.job"), "1");
    // What was in flight may still arrive for a while: that is waited for, and then read.
    database.sql("UPDATE stanch.meta SET send_seconds = 2");
    let taken = ana
        .finish(ben(&[
            "jobs", "resume", "1", "--take", "--yes", "--format", "json",
        ]))
        .await;
    let taken = taken.assert_exit(0).json();
    assert_eq!(
        (&taken["job"]["token"], &taken["job"]["state"]),
        (&2.into(), &"done".into())
    );
    stopped.kill().await.unwrap();
}

#[tokio::test]
async fn a_colleagues_job_is_undone_unless_the_policy_forbids_it() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let ana = rig(&database, "ana").await;
    ana.run(&["leaks", "fix", "--filter", "status:open", "--yes"])
        .await
        .assert_ok();
    let strict = "\n[policy]\nundo_others = false\n";
    let undo = ["jobs", "undo", "1", "--yes", "--format", "json"];
    let sent = ana.writes().await;
    let refused = ana
        .finish(colleague(&ana, "ben", strict, &undo).spawn().unwrap())
        .await
        .assert_exit(4);
    assert!(
        refused.stderr.contains("undo_others") && refused.stderr.contains("ana's"),
        "{refused:?}"
    );
    assert_eq!(ana.writes().await, sent);
    // One's own is no colleague's.
    let own = ana
        .finish(colleague(&ana, "ana", strict, &undo).spawn().unwrap())
        .await;
    own.assert_exit(0);
    ana.run(&["jobs", "redo", "1", "--yes"])
        .await
        .assert_exit(0);
    let mut colleagues = colleague(&ana, "ben", "", &["jobs", "undo", "1", "--dry-run"]);
    ana.finish(colleagues.spawn().unwrap()).await.assert_exit(0);
}
