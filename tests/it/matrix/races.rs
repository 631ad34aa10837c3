//! Two programs on one state directory.

use super::{MatrixFixture, mode, mode_by_name, oracle::Violation};

/// Starts two at once.
async fn race(bench: &mut MatrixFixture) {
    bench.reset().await;
    let (mut one, mut two) = (bench.start("").await, bench.start("").await);
    let (one, two) = tokio::join!(one.wait(), two.wait());
    let exits = [one.unwrap(), two.unwrap()];
    for status in exits {
        bench.report.record_run(status);
    }
    // The later one is refused, or finds that nothing is left to do.
    let codes = exits.map(|status| status.code().unwrap_or(-1));
    if !codes.iter().all(|code| [0, 11].contains(code)) || !codes.contains(&0) {
        bench
            .report
            .add(Violation::TwoWriters, format!("{codes:?}"));
    }
    if bench.writes().await.len() != 6 {
        bench
            .report
            .add(Violation::TwoWriters, "more than six requests");
    }
    bench.wait_for_writes().await;
}

/// A second program while the first one waits for an answer: it is told who writes, and changes nothing.
pub(super) async fn run_second_program(bench: &mut MatrixFixture) {
    bench.reset().await;
    bench.set_hang_fault().await;
    let mut first = bench.start("").await;
    bench.wait_until_hanging(&mut first).await;
    let writes = bench.writes().await.len();
    let second = bench.fix("").await;
    if second.code() != Some(11) || bench.writes().await.len() != writes {
        bench
            .report
            .add(Violation::TwoWriters, format!("the second: {second}"));
    }
    if !bench.report.violations.is_empty() {
        // What two writers do to each other takes as long as it takes.
        first.kill().await.ok();
        return;
    }
    let resumed = bench.resume("").await;
    if resumed.code() != Some(11) || bench.writes().await.len() != writes {
        bench
            .report
            .add(Violation::TwoWriters, format!("the resumption: {resumed}"));
    }
    first.kill().await.ok();
    let status = first.wait().await.unwrap();
    bench.report.record_run(status);
    bench.faults("").await;
    bench.wait_for_writes().await;
}

#[tokio::test]
async fn of_two_that_start_at_once_one_writes() {
    let mut bench = MatrixFixture::new(mode_by_name("ok")).await;
    for _ in 0..6 {
        race(&mut bench).await;
    }
    bench.report.assert_clean(0);
}

#[tokio::test]
#[ignore = "many races take long"]
async fn of_forty_pairs_one_each_writes() {
    let mut bench = MatrixFixture::new(mode("forty races", "")).await;
    for _ in 0..40 {
        race(&mut bench).await;
    }
    bench.report.assert_clean(0);
}

#[tokio::test]
async fn who_comes_second_is_told_and_changes_nothing() {
    let mut bench = MatrixFixture::new(mode("a second one", "")).await;
    run_second_program(&mut bench).await;
    bench.report.assert_clean(1);
}
