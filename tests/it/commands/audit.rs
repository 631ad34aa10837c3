//! The audit log by commands: read, copied, and proven whole or not.

use super::*;
use stanch::{
    entity::{evidence::Evidence, hash_chain::Head},
    export::evidence::{self, BundleContext},
};
use std::fs;

#[tokio::test]
async fn the_log_is_listed_copied_and_verified() {
    let rig = CommandFixture::with_leaks(100).await;
    let empty = rig
        .run(&["audit", "verify", "--format", "json"])
        .await
        .assert_ok();
    assert_eq!(empty.json()["audit"]["records"], 0);
    let ids = rig.ids("open", 2).await;
    rig.run(&["leaks", "fix", &ids[0], &ids[1], "--yes"])
        .await
        .assert_exit(0);
    let list = rig
        .run(&["audit", "list", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(
        members(&list),
        ["complete", "items", "loaded", "profiles", "schema", "total"]
    );
    let items = list["items"].as_array().unwrap();
    assert!(items.len() > 2);
    assert_eq!(items[0]["seq"], items.len());
    assert_eq!(items.last().unwrap()["action"], "plan");
    let few = rig
        .run(&["audit", "list", "--limit", "1", "--format", "jsonl"])
        .await
        .assert_ok();
    assert_eq!(few.stdout.lines().count(), 1);
    let table = rig.run(&["audit", "list"]).await.assert_ok();
    assert_eq!(table.stdout.lines().count(), items.len() + 1);
    assert!(table.stdout.contains("plan"), "{}", table.stdout);
    let other = ["--profile", "other", "audit", "list", "--format", "jsonl"];
    assert_eq!(rig.run(&other).await.assert_ok().stdout, "");
    let copy = rig.path("copy.jsonl");
    let copy = copy.to_str().unwrap();
    let ran = rig.run(&["audit", "export", copy]).await.assert_exit(0);
    assert!(ran.stderr.contains("records written to"), "{}", ran.stderr);
    let mode = fs::metadata(copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    rig.run(&["audit", "export", copy]).await.assert_exit(2);
    let printed = rig.run(&["audit", "export"]).await.assert_ok().stdout;
    let log = fs::read_to_string(rig.path("state/audit.jsonl")).unwrap();
    assert!(printed.starts_with(&log));
    assert_eq!(printed.lines().count(), items.len() + 1);
    let whole = rig
        .run(&["audit", "verify", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(whole["audit"]["records"], items.len());
    assert_eq!(whole["audit"]["ok"], true);
    assert_eq!(whole["audit"]["bad"], Value::Null);
    assert_eq!(whole["audit"]["seal"], items[0]["hash"]);
    let state = rig.path("state/audit.jsonl");
    rig.run(&["audit", "verify", state.to_str().unwrap()])
        .await
        .assert_ok();
    let proven = rig.run(&["audit", "verify", copy]).await.assert_ok();
    assert!(proven.stdout.contains("ok       yes"), "{}", proven.stdout);
    rig.run(&["audit", "verify", "nothing"])
        .await
        .assert_exit(6);
}

#[tokio::test]
async fn a_spoilt_log_copy_or_bundle_ends_with_eight() {
    let rig = CommandFixture::with_leaks(100).await;
    let ids = rig.ids("open", 2).await;
    rig.run(&["leaks", "fix", &ids[0], &ids[1], "--yes"])
        .await
        .assert_exit(0);
    let copy = rig.path("copy.jsonl");
    rig.run(&["audit", "export", copy.to_str().unwrap()])
        .await
        .assert_exit(0);
    let bundle = rig.path("bundle");
    let circumstances = BundleContext {
        at: jiff::Timestamp::UNIX_EPOCH,
        user: "ana".to_owned(),
        host: "jump".to_owned(),
        tty: String::new(),
        audit: Head::default(),
        audit_lines: vec![b"{}".to_vec()],
    };
    evidence::write(&bundle, &Evidence::default(), &circumstances).unwrap();
    // Anywhere: without configuration, state and home.
    let mut alone = rig.command(&["audit", "verify", bundle.to_str().unwrap()]);
    alone.env_clear();
    rig.finish(alone.spawn().unwrap()).await.assert_ok();
    for (spoilt, named, file) in [
        (rig.path("state/audit.jsonl"), None, Value::Null),
        (copy.clone(), Some(copy), Value::Null),
        (
            bundle.join("audit.jsonl"),
            Some(bundle),
            "audit.jsonl".into(),
        ),
    ] {
        let mut bytes = fs::read(&spoilt).unwrap();
        bytes[1] ^= 1;
        fs::write(&spoilt, bytes).unwrap();
        let mut arguments = vec!["audit", "verify"];
        arguments.extend(named.as_ref().map(|path| path.to_str().unwrap()));
        let table = rig.run(&arguments).await.assert_exit(8);
        assert!(
            table.stdout.contains("is not what was written"),
            "{}",
            table.stdout
        );
        arguments.extend(["--format", "json"]);
        let answer = rig.run(&arguments).await.assert_exit(8).json();
        assert_eq!(answer["audit"]["ok"], false);
        let bad = &answer["audit"]["bad"];
        assert_eq!(bad["record"], 1, "{bad}");
        assert_eq!(bad["what"], "changed");
        assert_eq!(bad["file"], file);
    }
}
