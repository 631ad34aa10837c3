//! The matrix must notice mistakes: each well-known one is made on purpose, and is caught.

use super::{MatrixFixture, mode, mode_by_name, oracle::Violation, races, undo};

/// Runs of a program that makes a mistake; what is broken must include one of these.
async fn run_mutant(
    mistake: &'static str,
    mode: super::Mode,
    disasters: &[&str],
    kinds: &[Violation],
) {
    let mut bench = MatrixFixture::new(mode).await;
    bench.mutant = Some(mistake);
    for disaster in disasters {
        bench.reset().await;
        bench.fix(disaster).await;
        bench.wait_for_writes().await;
    }
    assert_caught(mistake, &bench, kinds);
}

#[expect(
    clippy::print_stdout,
    reason = "the numbers of the matrix are its result"
)]
fn assert_caught(mistake: &str, bench: &MatrixFixture, kinds: &[Violation]) {
    let found = bench.report.kinds();
    println!(
        "matrix: mistake {mistake}: {} violations: {found:?}",
        bench.report.violations.len()
    );
    assert!(
        kinds.iter().any(|kind| found.contains(kind)),
        "{mistake} was not caught: {found:?}"
    );
}

#[tokio::test]
async fn a_blind_resend_is_caught() {
    run_mutant(
        "blind_resend",
        mode_by_name("cut after apply"),
        &[""],
        &[Violation::Double],
    )
    .await;
}

#[tokio::test]
async fn a_trusted_count_is_caught() {
    run_mutant(
        "trusted_count",
        mode_by_name("half then 200"),
        &[""],
        &[Violation::False],
    )
    .await;
}

#[tokio::test]
async fn a_trusted_200_is_caught() {
    run_mutant(
        "trusted_200",
        mode_by_name("a lie"),
        &[""],
        &[Violation::False],
    )
    .await;
}

#[tokio::test]
async fn a_forgotten_request_is_caught() {
    let disasters = ["kill:answer-before:2", "kill:answer-after:2"];
    run_mutant(
        "forgotten_inflight",
        mode_by_name("ok"),
        &disasters,
        &[Violation::Lost],
    )
    .await;
}

#[tokio::test]
async fn a_time_out_that_counts_as_a_failure_is_caught() {
    let mode = mode_by_name("cut after apply");
    run_mutant("timeout_is_failure", mode, &[""], &[Violation::Lost]).await;
}

#[tokio::test]
async fn a_chunk_that_is_refused_for_one_leak_is_caught() {
    let mode = mode_by_name("one is foreign");
    run_mutant("chunk_refused", mode, &[""], &[Violation::Blamed]).await;
}

#[tokio::test]
async fn an_early_reading_that_counts_as_not_applied_is_caught() {
    let mode = mode_by_name("applied late");
    run_mutant("impatient", mode, &[""], &[Violation::Lost]).await;
}

#[tokio::test]
async fn a_web_page_that_counts_as_a_reading_is_caught() {
    let mode = mode_by_name("a web page in mid-job");
    run_mutant("page_is_a_reading", mode, &[""], &[Violation::Missed]).await;
}

#[tokio::test]
async fn a_time_out_that_counts_as_a_failure_is_caught_behind_a_web_page() {
    let mode = mode_by_name("a web page in mid-job");
    let kill = ["kill:answer-after:3"];
    run_mutant("timeout_is_failure", mode, &kill, &[Violation::Blamed]).await;
}

#[tokio::test]
async fn a_refused_part_that_is_forgotten_before_its_halves_is_caught() {
    let mode = mode_by_name("half then 403");
    let kill = ["kill:answer-after:2"];
    run_mutant("forgotten_halving", mode, &kill, &[Violation::Lost]).await;
}

#[tokio::test]
async fn a_request_that_is_forgotten_is_caught_by_its_undo() {
    let mut three = undo::ThreeSystemsFixture::new(mode("undo", "")).await;
    three.bench.mutant = Some("forgotten_inflight");
    three.fix_and_undo("kill:answer-before:2", "").await;
    assert_caught("forgotten_inflight", &three.bench, &[Violation::False]);
}

#[tokio::test]
async fn a_trusted_200_is_caught_by_its_undo() {
    let mut three = undo::ThreeSystemsFixture::new(mode("undo", "")).await;
    three.bench.mutant = Some("trusted_200");
    three.undo_faults = "lie:1";
    three.fix_and_undo("", "").await;
    assert_caught("trusted_200", &three.bench, &[Violation::False]);
}

#[tokio::test]
async fn a_missing_lock_is_caught() {
    let mut bench = MatrixFixture::new(mode("no lock", "")).await;
    bench.mutant = Some("no_lock");
    races::run_second_program(&mut bench).await;
    assert_caught("no_lock", &bench, &[Violation::TwoWriters]);
}

#[tokio::test]
async fn without_a_mistake_nothing_is_broken() {
    let mut bench = MatrixFixture::new(mode_by_name("cut after apply")).await;
    bench.mutant = Some("none");
    bench.reset().await;
    bench.fix("").await;
    bench.wait_for_writes().await;
    bench.report.assert_clean(0);
}
