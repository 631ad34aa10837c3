//! Whoever reads standard output goes away: what was asked for is done all the same, and nothing dies of it.

use super::*;
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// Runs a command whose reader goes away after so many lines; answers how it ended and what it said.
async fn cut_after(
    rig: &CommandFixture,
    arguments: &[&str],
    lines: usize,
) -> (Option<i32>, String) {
    let mut child = rig.command(arguments).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..lines {
        assert!(out.next_line().await.unwrap().is_some());
    }
    drop(out);
    let ended = child.wait_with_output().await.unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    (ended.status.code(), said)
}

#[tokio::test]
async fn a_list_that_nobody_reads_on_ends_in_peace() {
    let rig = CommandFixture::with_leaks(3_000).await;
    for format in ["table", "json", "jsonl", "csv"] {
        let arguments = ["leaks", "list", "--format", format, "--quiet"];
        for lines in [0, 1] {
            let (exit, said) = cut_after(&rig, &arguments, lines).await;
            assert_eq!((exit, &said[..]), (Some(0), ""), "{format}, {lines}");
        }
    }
}

#[tokio::test]
async fn a_job_whose_reader_has_gone_comes_to_its_end() {
    let rig = CommandFixture::with_leaks(300).await;
    let ids = rig.ids("open", 6).await;
    let mut arguments = vec!["leaks", "fix", "--yes", "--format", "json"];
    arguments.extend(ids.iter().map(String::as_str));
    let (exit, said) = cut_after(&rig, &arguments, 0).await;
    assert_eq!(exit, Some(0), "{said}");
    let job = rig.run(&["jobs", "show", "1", "--format", "json"]).await;
    assert_eq!(job.assert_ok().json()["job"]["counts"]["verified"], 6);
    let statuses = rig.statuses().await;
    assert!(ids.iter().all(|id| statuses[id] == "fixed"));
    // So does one that is taken back, with failures to tell of.
    rig.post_control("/faults", json!({ "faults": ["lie:1"] }))
        .await;
    let undo = ["jobs", "undo", "1", "--yes"];
    let (exit, said) = cut_after(&rig, &undo, 0).await;
    assert_eq!(exit, Some(3), "{said}");
}
