//! Two programs on one state directory.

use super::{Bench, judge::Broken, mode, named};

/// Starts two at once.
async fn race(bench: &mut Bench) {
    bench.fresh().await;
    let (mut one, mut two) = (bench.start("").await, bench.start("").await);
    let (one, two) = tokio::join!(one.wait(), two.wait());
    let exits = [one.unwrap(), two.unwrap()];
    for status in exits {
        bench.tally.ran(status);
    }
    // The later one is refused, or finds that nothing is left to do.
    let codes = exits.map(|status| status.code().unwrap_or(-1));
    if !codes.iter().all(|code| [0, 11].contains(code)) || !codes.contains(&0) {
        bench.tally.add(Broken::TwoWriters, format!("{codes:?}"));
    }
    if bench.writes().await.len() != 6 {
        bench
            .tally
            .add(Broken::TwoWriters, "more than six requests");
    }
    bench.settle().await;
}

/// A second program while the first one waits for an answer: it is told who writes, and changes nothing.
pub(super) async fn second(bench: &mut Bench) {
    bench.fresh().await;
    bench.hang_soon().await;
    let mut first = bench.start("").await;
    bench.hangs(&mut first).await;
    let writes = bench.writes().await.len();
    let second = bench.fix("").await;
    if second.code() != Some(11) || bench.writes().await.len() != writes {
        bench
            .tally
            .add(Broken::TwoWriters, format!("the second: {second}"));
    }
    if !bench.tally.broken.is_empty() {
        // What two writers do to each other takes as long as it takes.
        first.kill().await.ok();
        return;
    }
    let resumed = bench.resume("").await;
    if resumed.code() != Some(11) || bench.writes().await.len() != writes {
        bench
            .tally
            .add(Broken::TwoWriters, format!("the resumption: {resumed}"));
    }
    first.kill().await.ok();
    let status = first.wait().await.unwrap();
    bench.tally.ran(status);
    bench.faults("").await;
    bench.settle().await;
}

#[tokio::test]
async fn of_two_that_start_at_once_one_writes() {
    let mut bench = Bench::of(named("ok")).await;
    for _ in 0..6 {
        race(&mut bench).await;
    }
    bench.tally.clean(0);
}

#[tokio::test]
#[ignore = "many races take long"]
async fn of_forty_pairs_one_each_writes() {
    let mut bench = Bench::of(mode("forty races", "")).await;
    for _ in 0..40 {
        race(&mut bench).await;
    }
    bench.tally.clean(0);
}

#[tokio::test]
async fn who_comes_second_is_told_and_changes_nothing() {
    let mut bench = Bench::of(mode("a second one", "")).await;
    second(&mut bench).await;
    bench.tally.clean(1);
}
