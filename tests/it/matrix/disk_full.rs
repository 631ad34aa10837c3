//! A disk that is full: before the plan, before the first request, in the middle, at an answer, at a reading, at the end.
//! Nothing is sent that is not on disk, the program ends with its own code, and with room again the job comes to its end.

use super::{MatrixFixture, fixture::was_stopped, mode, mode_by_name};
use crate::pty::{
    console::{ConsoleOptions, TEST_TIMEOUT},
    stand_in::StandIn,
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Where in a job the room ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// There is no job.
    Plan,
    /// Nothing was announced.
    FirstIntent,
    /// Something was sent, and the next chunk could not be announced.
    Intent,
    /// What was sent has no answer on disk.
    Answer,
    /// All is sent, and what was read back is not on disk.
    Reading,
    /// All is known but the end.
    End,
}

impl MatrixFixture {
    /// How far the job on disk has come.
    fn stage(&self) -> Stage {
        let count = |sql| self.query_journal(sql).unwrap_or(0);
        if count("SELECT count(*) FROM job") == 0 {
            Stage::Plan
        } else if count("SELECT count(*) FROM chunk") == 0 {
            Stage::FirstIntent
        } else if count("SELECT count(*) FROM chunk WHERE class IS NULL") > 0 {
            Stage::Answer
        } else if count("SELECT count(*) FROM change WHERE state = 0") > 0 {
            Stage::Intent
        } else if count("SELECT count(*) FROM change WHERE state < 4") > 0 {
            Stage::Reading
        } else {
            Stage::End
        }
    }

    /// One job on a disk that becomes full, then with room; where it was stopped, if it was.
    async fn run_until_full(&mut self, disaster: &str) -> Option<Stage> {
        self.reset().await;
        let status = self.fix(disaster).await;
        let is_stopped = was_stopped(status, disaster);
        self.assert_intent_before_send(disaster).await;
        let stage = self.stage();
        let stopped = is_stopped.then_some(stage);
        if matches!(stopped, Some(Stage::Plan | Stage::FirstIntent)) {
            assert_eq!(self.writes().await.len(), 0, "{disaster}");
        }
        self.wait_for_writes().await;
        self.assert_audit_complete(disaster).await;
        stopped
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the numbers of the matrix are its result"
)]
fn report(name: &str, stages: &BTreeMap<Stage, u32>) {
    println!("matrix: {name}: stopped at {stages:?}");
}

/// Every kind of commit, so that no stage is left to chance.
const FULL: &[(&str, Stage)] = &[
    ("full:audit:1", Stage::Plan),
    ("full:plan:1", Stage::Plan),
    ("full:intent:1", Stage::FirstIntent),
    ("full:answer:1", Stage::Answer),
    ("full:audit:2", Stage::Intent),
    ("full:intent:2", Stage::Intent),
    ("full:answer:2", Stage::Answer),
    ("full:readings:1", Stage::Reading),
    ("full:state:1", Stage::End),
];

#[tokio::test]
async fn a_disk_that_is_full_at_any_commit_stops_the_job_there() {
    let mut bench = MatrixFixture::new(mode("full at a commit", "")).await;
    bench.set_chunk_size(12);
    let mut stages = BTreeMap::new();
    for (disaster, expected) in FULL {
        let stopped = bench.run_until_full(disaster).await;
        assert_eq!(stopped, Some(*expected), "{disaster}");
        *stages.entry(*expected).or_insert(0) += 1;
    }
    report("full at a commit", &stages);
    assert_eq!(stages.len(), 6, "every stage was met: {stages:?}");
    bench.report.assert_clean(0);
}

/// The pages of the journal of a job that has ended.
async fn database_pages(bench: &mut MatrixFixture) -> i64 {
    bench.reset().await;
    bench.fix("").await;
    bench.wait_for_writes().await;
    bench.query_journal("PRAGMA page_count").unwrap()
}

/// Disks of so many sizes, the largest just large enough.
async fn run_with_limits(
    mut bench: MatrixFixture,
    sizes: impl Fn(i64) -> Vec<i64>,
) -> BTreeMap<Stage, u32> {
    let whole = database_pages(&mut bench).await;
    let mut stages = BTreeMap::new();
    for pages in sizes(whole) {
        let stopped = bench.run_until_full(&format!("pages:{pages}")).await;
        assert_eq!(
            stopped.is_none(),
            pages >= whole,
            "{pages} pages of {whole}"
        );
        if let Some(stage) = stopped {
            *stages.entry(stage).or_insert(0) += 1;
        }
    }
    report(bench.mode.name, &stages);
    bench.report.assert_clean(0);
    stages
}

#[tokio::test]
async fn a_disk_of_any_size_stops_it_where_it_ends() {
    let bench = MatrixFixture::new(mode("small disks", "")).await;
    bench.set_chunk_size(1);
    // The last pages are those that a job fills as it goes.
    let stages = run_with_limits(bench, |whole| (whole - 5..=whole).chain([3]).collect()).await;
    assert!(stages.len() >= 2, "{stages:?}");
}

#[tokio::test]
#[ignore = "every size in four modes takes long"]
async fn a_disk_of_every_size_in_four_modes() {
    let mut all = BTreeMap::new();
    for name in ["ok", "cut after apply", "half then 500", "one is foreign"] {
        for size in [1, 4] {
            let bench = MatrixFixture::new(mode_by_name(name)).await;
            bench.set_chunk_size(size);
            // What a fault of the provider costs differs from run to run.
            for (stage, count) in run_with_limits(bench, |whole| (1..=whole).collect()).await {
                *all.entry(stage).or_insert(0) += count;
            }
        }
    }
    report("every size", &all);
}

#[test]
fn the_console_says_what_is_wrong_with_the_disk_and_what_to_do() {
    for (disaster, said) in [
        (
            "full:answer:1",
            ["stopped", "the disk is full", "free some space"],
        ),
        (
            "io:9",
            ["stopped", "the disk failed", "check the state directory"],
        ),
    ] {
        let stand_in = StandIn::with_leaks(60);
        let mut console = ConsoleOptions::with_config(&stand_in.config())
            .environment("STANCH_REHEARSE", disaster)
            .open();
        console.wait_for("leaks 60 of 60");
        console.keys("/status:open\r");
        console.wait_for("status:open");
        console.keys("  ");
        console.wait_for("2 marked");
        console.keys("f");
        console.wait_for("2 will change");
        console.wait_for("y apply");
        // A plan takes no answer until it was there to be read.
        let deadline = Instant::now() + TEST_TIMEOUT;
        while console.contents().contains("y apply") {
            assert!(Instant::now() < deadline);
            console.keys("y");
            console.wait_until_quiet(Duration::from_millis(400));
        }
        for words in said {
            console.wait_for(words);
        }
        let shown = console.contents();
        assert!(!shown.contains("panicked"), "{shown}");
        console.keys("q");
    }
}
