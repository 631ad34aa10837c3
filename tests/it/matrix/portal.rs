//! A web page in place of every answer, from the middle of a job on, as a captive portal puts it up: no answer and no
//! reading. What it stood before is as unknown as it was; nothing goes out on a guess; and when the page is gone, whoever
//! goes on with the job reads what was sent and sends what was not.

use super::{
    LARGE, MatrixFixture, Mode, SMALL, Size, mode_by_name,
    oracle::{Report, is_write},
    was_killed,
};
use serde_json::Value;
use stanch::entity::job::{ChangeOutcome, JobState};
use std::time::Duration;

/// What a command exits with that could not ask its provider.
const PROVIDER: i32 = 5;

fn met_portal(entry: &Value) -> bool {
    entry["portal"] == true
}

impl MatrixFixture {
    /// Goes on with a job while the page stands, and dies at the first thing that it would read; then the page goes.
    pub(super) async fn run_until_portal(&mut self) {
        self.faults("portal:70").await;
        let (sent, truth) = (self.writes().await.len(), self.statuses().await);
        self.resume("kill:readings-before:1").await;
        assert_eq!(self.writes().await.len(), sent, "it sent on a guess");
        assert_eq!(self.statuses().await, truth);
        self.faults("").await;
    }

    /// What of a job was told as verified, and what the stand-in stores of it, both in numbers.
    async fn verified(&self) -> (usize, usize) {
        let records = self.records().await;
        let changes = records.iter().flat_map(|record| &record.changes);
        let told = changes.filter(|change| change.state().outcome() == ChangeOutcome::Verified);
        let truth = self.statuses().await;
        let is_fixed = |id: &&String| truth[*id] == "fixed";
        (told.count(), self.ids.iter().filter(is_fixed).count())
    }

    /// No write that came after the page was up came to the provider.
    async fn assert_nothing_passed_portal(&self) {
        let requests = self.requests().await;
        let up = requests.iter().position(met_portal);
        let later = &requests[up.expect("the page came up")..];
        let passed = later.iter().filter(|entry| !met_portal(entry));
        assert_eq!(passed.filter(|entry| is_write(entry)).count(), 0);
    }
}

/// The moments before, at and after the write that brings the page up, and of the reading that shows it.
#[tokio::test]
async fn a_kill_behind_a_web_page_loses_nothing() {
    let mut bench = MatrixFixture::new(mode_by_name("a web page in mid-job")).await;
    for step in [
        "answer-after:2",
        "intent-after:3",
        "answer-before:3",
        "answer-after:3",
        "intent-after:4",
        "answer-before:6",
        "readings-before:1",
        "readings-after:1",
    ] {
        bench.reset().await;
        let status = bench.fix(&format!("kill:{step}")).await;
        assert!(was_killed(status), "{step}: {status}");
        // Two chunks went before it.
        assert_eq!(bench.verified().await, (0, 2 * SMALL.chunk), "{step}");
        bench.wait_for_writes().await;
        assert_eq!(bench.verified().await, (SMALL.leaks, SMALL.leaks), "{step}");
    }
    bench.report.assert_clean(8);
}

/// Nobody kills it: it waits once, stops, and says that it could not ask.
#[tokio::test]
async fn a_job_that_a_web_page_stops_is_paused_and_goes_on_without_it() {
    let mut bench = MatrixFixture::new(mode_by_name("a web page in mid-job")).await;
    bench.reset().await;
    assert_eq!(bench.fix("").await.code(), Some(PROVIDER));
    assert_eq!(bench.verified().await, (0, 2 * SMALL.chunk));
    bench.assert_nothing_passed_portal().await;
    assert_eq!(bench.records().await[0].job.state, JobState::Paused);
    bench.faults("").await;
    assert_eq!(bench.resume("").await.code(), Some(0));
    assert_eq!(bench.verified().await, (SMALL.leaks, SMALL.leaks));
    bench.wait_for_writes().await;
    bench.report.assert_clean(0);
}

/// One job behind a page that stands for 70 seconds, gone on with until it has ended. Nobody takes the page away.
async fn run_with_portal(
    verify: &'static str,
    size: Size,
    disaster: &'static str,
) -> MatrixFixture {
    let mode = Mode {
        name: "a web page for 70 s",
        portal: false,
        verify,
        ..mode_by_name("a web page in mid-job")
    };
    let mut bench = MatrixFixture::with_size(mode, size).await;
    bench.reset().await;
    bench.fix(disaster).await;
    let mut resumed = 0;
    while !bench.has_ended().await {
        assert!(resumed < 40, "{disaster}: it has no end");
        bench.resume("").await;
        resumed += 1;
    }
    let requests = bench.requests().await;
    let at = |entry: &Value| -> jiff::Timestamp { entry["at"].as_str().unwrap().parse().unwrap() };
    let met: Vec<_> = requests.iter().filter(|entry| met_portal(entry)).collect();
    let (first, last) = (met.first().unwrap(), met.last().unwrap());
    let stood = Duration::try_from(at(last).duration_since(at(first))).unwrap();
    assert!(
        met.len() > 2 && stood > Duration::from_secs(45),
        "{disaster}: {} met the page, within {stood:?}",
        met.len()
    );
    report(disaster, verify, resumed, met.len(), stood);
    assert_eq!(bench.verified().await, (size.leaks, size.leaks));
    bench.wait_for_writes().await;
    bench
}

#[expect(
    clippy::print_stdout,
    reason = "the numbers of the matrix are its result"
)]
fn report(disaster: &str, verify: &str, resumed: u32, met: usize, stood: Duration) {
    let disaster = if disaster.is_empty() {
        "no kill"
    } else {
        disaster
    };
    println!(
        "matrix: a web page for 70 s: {disaster}, read back at {verify}: gone on with {resumed} times, {met} requests met it within {} s",
        stood.as_secs()
    );
}

/// All of them wait at the same time. The last window is the one that a profile has by itself.
#[tokio::test]
#[ignore = "the page stands for seventy seconds"]
async fn a_web_page_for_seventy_seconds_in_mid_job_loses_nothing() {
    let short = "[0.02, 0.1]";
    let jobs = [
        (short, ""),
        (short, "kill:intent-after:3"),
        (short, "kill:answer-before:3"),
        (short, "kill:answer-after:3"),
        (short, "kill:intent-after:5"),
        (short, "kill:readings-before:1"),
        (short, "kill:state-after:1"),
        ("[1, 10, 60]", ""),
        ("[1, 10, 60]", "kill:answer-after:3"),
    ];
    let jobs = jobs.map(|(verify, disaster)| run_with_portal(verify, LARGE, disaster));
    let benches = futures_util::future::join_all(jobs).await;
    let tallies: Vec<Report> = benches.into_iter().map(|bench| bench.report).collect();
    Report::assert_all_clean("a web page for 70 s", &tallies, 0);
}
