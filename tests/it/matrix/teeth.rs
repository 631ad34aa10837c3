//! The matrix must have teeth: each well-known mistake is made on purpose, and is caught.

use super::{Bench, judge::Broken, mode, named, races, undo};

/// Runs of a program that makes a mistake; what is broken must include one of these.
async fn caught(mistake: &'static str, mode: super::Mode, disasters: &[&str], kinds: &[Broken]) {
    let mut bench = Bench::of(mode).await;
    bench.mistake = Some(mistake);
    for disaster in disasters {
        bench.fresh().await;
        bench.fix(disaster).await;
        bench.settle().await;
    }
    told(mistake, &bench, kinds);
}

#[expect(
    clippy::print_stdout,
    reason = "the numbers of the matrix are its result"
)]
fn told(mistake: &str, bench: &Bench, kinds: &[Broken]) {
    let found = bench.tally.kinds();
    println!(
        "matrix: mistake {mistake}: {} violations: {found:?}",
        bench.tally.broken.len()
    );
    assert!(
        kinds.iter().any(|kind| found.contains(kind)),
        "{mistake} was not caught: {found:?}"
    );
}

#[tokio::test]
async fn a_blind_resend_is_caught() {
    caught(
        "blind_resend",
        named("cut after apply"),
        &[""],
        &[Broken::Double],
    )
    .await;
}

#[tokio::test]
async fn a_trusted_count_is_caught() {
    caught(
        "trusted_count",
        named("half then 200"),
        &[""],
        &[Broken::False],
    )
    .await;
}

#[tokio::test]
async fn a_trusted_200_is_caught() {
    caught("trusted_200", named("a lie"), &[""], &[Broken::False]).await;
}

#[tokio::test]
async fn a_forgotten_request_is_caught() {
    let disasters = ["kill:answer-before:2", "kill:answer-after:2"];
    caught(
        "forgotten_inflight",
        named("ok"),
        &disasters,
        &[Broken::Lost],
    )
    .await;
}

#[tokio::test]
async fn a_time_out_that_counts_as_a_failure_is_caught() {
    let mode = named("cut after apply");
    caught("timeout_is_failure", mode, &[""], &[Broken::Lost]).await;
}

#[tokio::test]
async fn a_chunk_that_is_refused_for_one_leak_is_caught() {
    let mode = named("one is foreign");
    caught("chunk_refused", mode, &[""], &[Broken::Blamed]).await;
}

#[tokio::test]
async fn an_early_reading_that_counts_as_not_applied_is_caught() {
    let mode = named("applied late");
    caught("impatient", mode, &[""], &[Broken::Lost]).await;
}

#[tokio::test]
async fn a_web_page_that_counts_as_a_reading_is_caught() {
    let mode = named("a web page in mid-job");
    caught("page_is_a_reading", mode, &[""], &[Broken::Missed]).await;
}

#[tokio::test]
async fn a_time_out_that_counts_as_a_failure_is_caught_behind_a_web_page() {
    let mode = named("a web page in mid-job");
    let kill = ["kill:answer-after:3"];
    caught("timeout_is_failure", mode, &kill, &[Broken::Blamed]).await;
}

#[tokio::test]
async fn a_refused_part_that_is_forgotten_before_its_halves_is_caught() {
    let mode = named("half then 403");
    let kill = ["kill:answer-after:2"];
    caught("forgotten_halving", mode, &kill, &[Broken::Lost]).await;
}

#[tokio::test]
async fn a_request_that_is_forgotten_is_caught_by_its_undo() {
    let mut three = undo::Three::new(mode("undo", "")).await;
    three.bench.mistake = Some("forgotten_inflight");
    three.there_and_back("kill:answer-before:2", "").await;
    told("forgotten_inflight", &three.bench, &[Broken::False]);
}

#[tokio::test]
async fn a_trusted_200_is_caught_by_its_undo() {
    let mut three = undo::Three::new(mode("undo", "")).await;
    three.bench.mistake = Some("trusted_200");
    three.undo_faults = "lie:1";
    three.there_and_back("", "").await;
    told("trusted_200", &three.bench, &[Broken::False]);
}

#[tokio::test]
async fn a_missing_lock_is_caught() {
    let mut bench = Bench::of(mode("no lock", "")).await;
    bench.mistake = Some("no_lock");
    races::second(&mut bench).await;
    told("no_lock", &bench, &[Broken::TwoWriters]);
}

#[tokio::test]
async fn without_a_mistake_nothing_is_broken() {
    let mut bench = Bench::of(named("cut after apply")).await;
    bench.mistake = Some("none");
    bench.fresh().await;
    bench.fix("").await;
    bench.settle().await;
    bench.tally.clean(0);
}
