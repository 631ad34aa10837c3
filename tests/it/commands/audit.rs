//! The audit log by commands: read, copied, and proven whole or not.

use super::*;
use stanch::{
    entity::{evidence::Evidence, sealed::Head},
    export::evidence::{self, Circumstances},
};
use std::fs;

#[tokio::test]
async fn the_log_is_listed_copied_and_verified() {
    let rig = Rig::of(100).await;
    let empty = rig.run(&["audit", "verify", "--format", "json"]).await.ok();
    assert_eq!(empty.json()["audit"]["records"], 0);
    let ids = rig.ids("open", 2).await;
    rig.run(&["leaks", "fix", &ids[0], &ids[1], "--yes"])
        .await
        .exits(0);
    let list = rig
        .run(&["audit", "list", "--format", "json"])
        .await
        .ok()
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
        .ok();
    assert_eq!(few.out.lines().count(), 1);
    let table = rig.run(&["audit", "list"]).await.ok();
    assert_eq!(table.out.lines().count(), items.len() + 1);
    assert!(table.out.contains("plan"), "{}", table.out);
    let other = ["--profile", "other", "audit", "list", "--format", "jsonl"];
    assert_eq!(rig.run(&other).await.ok().out, "");
    let copy = rig.path("copy.jsonl");
    let copy = copy.to_str().unwrap();
    let ran = rig.run(&["audit", "export", copy]).await.exits(0);
    assert!(ran.err.contains("records written to"), "{}", ran.err);
    let mode = fs::metadata(copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    rig.run(&["audit", "export", copy]).await.exits(2);
    let printed = rig.run(&["audit", "export"]).await.ok().out;
    let log = fs::read_to_string(rig.path("state/audit.jsonl")).unwrap();
    assert!(printed.starts_with(&log));
    assert_eq!(printed.lines().count(), items.len() + 1);
    let whole = rig
        .run(&["audit", "verify", "--format", "json"])
        .await
        .ok()
        .json();
    assert_eq!(whole["audit"]["records"], items.len());
    assert_eq!(whole["audit"]["ok"], true);
    assert_eq!(whole["audit"]["bad"], Value::Null);
    assert_eq!(whole["audit"]["seal"], items[0]["hash"]);
    let state = rig.path("state/audit.jsonl");
    rig.run(&["audit", "verify", state.to_str().unwrap()])
        .await
        .ok();
    let proven = rig.run(&["audit", "verify", copy]).await.ok();
    assert!(proven.out.contains("ok       yes"), "{}", proven.out);
    rig.run(&["audit", "verify", "nothing"]).await.exits(6);
}

#[tokio::test]
async fn a_spoilt_log_copy_or_bundle_ends_with_eight() {
    let rig = Rig::of(100).await;
    let ids = rig.ids("open", 2).await;
    rig.run(&["leaks", "fix", &ids[0], &ids[1], "--yes"])
        .await
        .exits(0);
    let copy = rig.path("copy.jsonl");
    rig.run(&["audit", "export", copy.to_str().unwrap()])
        .await
        .exits(0);
    let bundle = rig.path("bundle");
    let circumstances = Circumstances {
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
    rig.finish(alone.spawn().unwrap()).await.ok();
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
        let table = rig.run(&arguments).await.exits(8);
        assert!(
            table.out.contains("is not what was written"),
            "{}",
            table.out
        );
        arguments.extend(["--format", "json"]);
        let answer = rig.run(&arguments).await.exits(8).json();
        assert_eq!(answer["audit"]["ok"], false);
        let bad = &answer["audit"]["bad"];
        assert_eq!(bad["record"], 1, "{bad}");
        assert_eq!(bad["what"], "changed");
        assert_eq!(bad["file"], file);
    }
}
