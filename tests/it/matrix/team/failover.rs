//! An older copy of the server takes over in the middle of a job: a replica without the last commits, or a backup.

use super::{
    SMALL, mode_by_name,
    server::{self, stopped_at, wake},
};
use crate::matrix::{
    MatrixFixture,
    oracle::{Violation, duplicates},
};
use stanch::entity::job::ChangeOutcome;
use std::time::{Duration, Instant};

/// The console that saw more neither sends nor records anything on it; a colleague brings the job to its end there, and
/// finds what was done already.
#[expect(
    clippy::print_stdout,
    reason = "the numbers of the matrix are its result"
)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_copy_of_the_server_gets_nothing_of_who_saw_more_and_nothing_is_sent_twice() {
    let Some(cluster) = server::server() else {
        return;
    };
    let mut bench = MatrixFixture::on_a_team(mode_by_name("ok"), SMALL, cluster, 5).await;
    bench.reset().await;
    let (mut child, stands) = stopped_at(&bench, ("answer", 1)).await;
    assert!(stands);
    cluster.end();
    cluster.keep_copy();
    cluster.start_again();
    wake(&child);
    // It goes on, beyond what the copy holds.
    let limit = Instant::now() + Duration::from_secs(60);
    while bench.writes().await.len() < 3 {
        assert!(Instant::now() < limit, "it did not go on");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    cluster.kill();
    cluster.put_copy_back();
    cluster.start_again();
    let known = bench.chunks();
    // What was under way when the server died may still be sent; nothing that the copy would have to hold.
    let status = child.wait().await.unwrap();
    let sent = bench.writes().await.len();
    assert_eq!(status.code(), Some(8), "{status}");
    assert_eq!(bench.chunks(), known, "nothing was recorded on the copy");
    // A colleague on another host, who saw nothing of it.
    bench.states += 1;
    bench.store.as_mut().unwrap().role = "ben";
    bench.goes_on().await;
    assert!(bench.has_ended().await);
    for id in duplicates(&bench.requests().await) {
        bench.report.add(Violation::Double, id);
    }
    for what in bench.store().damage() {
        bench.report.add(Violation::Damaged, what);
    }
    let truth = bench.statuses().await;
    let records = bench.records().await;
    let mut already = 0;
    for change in records.iter().flat_map(|record| &record.changes) {
        let id = change.key.id.as_str().unwrap();
        let outcome = change.state().outcome();
        // What was sent before and is not in the copy was found as it should be.
        already += u32::from(outcome == ChangeOutcome::Skipped);
        let told = [ChangeOutcome::Verified, ChangeOutcome::Skipped].contains(&outcome);
        if truth[id] != "fixed" || !told {
            let what = format!("{id} is {} and told as {outcome}", truth[id]);
            bench.report.add(Violation::False, what);
        }
    }
    println!(
        "matrix: an older copy: {sent} requests before, {known} intents in the copy, {already} found as they should be"
    );
    assert!(sent > known && already > 0);
    bench.report.record_check();
    bench.report.assert_clean(0);
    cluster.kill();
}
