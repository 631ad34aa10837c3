//! `kill -9`: at every step of the journal, at seeded moments, and again while it goes on.

use super::{
    HUGE, LARGE, MODES, MatrixFixture, Mode, SMALL, Size, mode, mode_by_name,
    oracle::{Report, Violation},
    was_killed,
};
use futures_util::{StreamExt as _, stream};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tokio::process::Child;

/// Every commit of a job, and its two sides.
pub(super) const STEPS: &[&str] = &["plan", "audit", "intent", "answer", "readings", "state"];
pub(super) const SIDES: &[&str] = &["before", "after"];
/// Modes at a time: in most of them a program waits for a window or for a limit.
const LANES: usize = 3;

/// The modes with their numbers: all, or those that `STANCH_MATRIX_MODES` names, with commas between their numbers.
fn chosen_modes() -> Vec<(usize, Mode)> {
    let asked = std::env::var("STANCH_MATRIX_MODES").ok();
    let asked: Option<Vec<usize>> =
        asked.map(|asked| asked.split(',').map(|at| at.parse().unwrap()).collect());
    let all = MODES.iter().copied().enumerate();
    all.filter(|(at, _)| asked.as_ref().is_none_or(|asked| asked.contains(at)))
        .collect()
}

/// Every mode, a few at a time; prints the numbers of each and of all.
async fn in_every_mode<F: Future<Output = MatrixFixture>>(
    name: &'static str,
    kills: u32,
    run: impl Fn(usize, Mode) -> F,
) {
    let modes = chosen_modes();
    let benches = modes.iter().map(|(at, mode)| run(*at, *mode));
    let tallies: Vec<Report> = stream::iter(benches)
        .buffer_unordered(LANES)
        .map(|bench| {
            bench.report.print();
            bench.report
        })
        .collect()
        .await;
    assert_eq!(tallies.len(), modes.len());
    Report::assert_all_clean(name, &tallies, kills);
}

/// Kills at each step and position, and lets it go on.
async fn kill_at_every_step(mode: Mode, size: Size, positions: &[u32]) -> MatrixFixture {
    let mut bench = MatrixFixture::with_size(mode, size).await;
    // Once without a kill.
    bench.reset().await;
    bench.fix("").await;
    bench.wait_for_writes().await;
    for step in STEPS {
        for side in SIDES {
            // There is one plan and one end.
            let positions = if ["plan", "state"].contains(step) {
                &[1]
            } else {
                positions
            };
            for position in positions {
                bench.reset().await;
                bench.fix(&format!("kill:{step}-{side}:{position}")).await;
                bench.wait_for_writes().await;
            }
        }
    }
    bench
}

/// The modes that run with the other tests; two tests, so that two of them run at a time.
async fn run_modes(names: &[&str]) {
    for name in names {
        let bench = kill_at_every_step(mode_by_name(name), SMALL, &[2]).await;
        bench.report.assert_clean(10);
    }
}

#[tokio::test]
async fn a_kill_at_any_step_loses_nothing_where_the_line_is_cut() {
    run_modes(&["ok", "cut before apply", "cut after apply"]).await;
}

#[tokio::test]
async fn a_kill_at_any_step_loses_nothing_where_the_provider_fails() {
    run_modes(&["half then 500", "a lie", "one is foreign"]).await;
}

/// The second chunk was applied by half and refused as a whole: it dies at that answer, after it, and while the others
/// and then its halves go out. What was applied of it is ours, and nothing of it is told as somebody else's.
async fn kill_before_halving(size: Size) -> MatrixFixture {
    let mut bench = MatrixFixture::with_size(mode_by_name("half then 403"), size).await;
    for (step, halved) in [
        ("answer-before:2", false),
        ("answer-after:2", false),
        ("intent-after:3", false),
        ("answer-after:6", false),
        ("intent-before:7", false),
        ("intent-after:7", false),
        ("answer-before:7", true),
        ("answer-after:7", true),
        ("answer-after:8", true),
    ] {
        bench.reset().await;
        let status = bench.fix(&format!("kill:{step}")).await;
        assert!(was_killed(status), "{step}: {status}");
        let writes = bench.writes().await;
        let sizes = writes
            .iter()
            .map(|write| write["ids"].as_array().unwrap().len());
        assert_eq!(writes[1]["status"], 403, "{step}");
        assert_eq!(sizes.min() < Some(size.chunk), halved, "{step}");
        if !halved {
            let truth = bench.statuses().await;
            let refused = writes[1]["ids"].as_array().unwrap().iter();
            let applied = refused.filter(|id| truth[id.as_str().unwrap()] == "fixed");
            assert_eq!(applied.count(), size.chunk / 2, "{step}");
        }
        bench.wait_for_writes().await;
    }
    bench
}

#[tokio::test]
async fn a_kill_before_the_halving_of_a_part_that_was_applied_loses_nothing() {
    kill_before_halving(SMALL).await.report.assert_clean(9);
}

#[tokio::test]
#[ignore = "every mode at four positions takes long"]
async fn a_kill_at_any_step_loses_nothing_in_every_mode() {
    let positions = &[1, 2, 4, 6];
    in_every_mode("every step", 20, |_, mode| {
        kill_at_every_step(mode, LARGE, positions)
    })
    .await;
}

#[tokio::test]
#[ignore = "three hundred leaks take long"]
async fn a_kill_before_the_halving_loses_nothing_of_three_hundred_leaks() {
    kill_before_halving(LARGE).await.report.assert_clean(9);
}

#[tokio::test]
#[ignore = "ten thousand leaks take long"]
async fn a_kill_loses_nothing_of_ten_thousand_leaks() {
    let mut bench = MatrixFixture::with_size(mode("ten thousand", ""), HUGE).await;
    for disaster in [
        "",
        "kill:plan-after:1",
        "kill:intent-after:50",
        "kill:answer-before:50",
        "kill:readings-before:1",
    ] {
        bench.reset().await;
        bench.fix(disaster).await;
        bench.wait_for_writes().await;
    }
    bench.report.assert_clean(4);
}

/// Kills somewhere on the way, some of them after the end.
async fn kill_at_random(mode: Mode, seed: u64, kills: u32) {
    let mut bench = MatrixFixture::new(mode).await;
    let mut random = fastrand::Rng::with_seed(seed);
    // The moment is counted in what the stand-in was asked, so that a slow machine kills at the same places.
    for _ in 0..kills {
        bench.reset().await;
        let asked = random.usize(1..14);
        let mut child = bench.start("").await;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if bench.requests().await.len() >= asked {
                // Somewhere between this request and the next.
                for _ in 0..random.u32(0..200) {
                    tokio::task::yield_now().await;
                }
                child.kill().await.ok();
                break child.wait().await.unwrap();
            }
        };
        bench.report.record_run(status);
        bench.wait_for_writes().await;
    }
    bench.report.assert_clean(kills / 3);
}

#[tokio::test]
async fn a_kill_at_any_moment_loses_nothing() {
    kill_at_random(mode("random, 500 after", "500-after:3"), 1, 8).await;
    kill_at_random(mode("random, cut after apply", "drop-after:3"), 2, 8).await;
}

/// Kills so many milliseconds after its first request: 1 to 200, or as long as a run takes where the machine is slow.
async fn kill_after_delay(mode: Mode, seed: u64, kills: u32) -> MatrixFixture {
    let mut bench = MatrixFixture::with_size(mode, LARGE).await;
    let mut random = fastrand::Rng::with_seed(seed);
    bench.reset().await;
    let mut child = bench.start("").await;
    bench.wait_for_question(&mut child).await;
    let start = Instant::now();
    let status = child.wait().await.unwrap();
    let longest = (start.elapsed().as_millis() as u64).max(200);
    bench.report.record_run(status);
    bench.wait_for_writes().await;
    let mut left = 0;
    for _ in 0..kills {
        bench.reset().await;
        let mut child = bench.start("").await;
        bench.wait_for_question(&mut child).await;
        let moment = Duration::from_millis(random.u64(1..=longest));
        let ended = tokio::time::timeout(moment, child.wait()).await;
        let status = if let Ok(status) = ended {
            status.unwrap()
        } else {
            child.kill().await.ok();
            child.wait().await.unwrap()
        };
        bench.report.record_run(status);
        left += u32::from(!bench.has_ended().await);
        bench.wait_for_writes().await;
    }
    assert!(left > 0, "{}: no kill left a job behind", mode.name);
    bench
}

impl MatrixFixture {
    /// Waits until a program has asked the stand-in for something.
    async fn wait_for_question(&self, child: &mut Child) {
        while self.requests().await.is_empty() {
            let ended = child.try_wait().unwrap();
            assert_eq!(ended, None, "it ended and asked for nothing");
        }
    }
}

#[tokio::test]
#[ignore = "many kills take long"]
async fn two_hundred_and_sixty_kills_at_any_moment_lose_nothing() {
    // That the last ones do not come out even is no matter.
    let each = 260_usize.div_ceil(MODES.len()) as u32;
    in_every_mode("random moments", each / 4, |at, mode| {
        kill_after_delay(mode, 10 + at as u64, each)
    })
    .await;
}

/// Kills, and kills what goes on, each time a step further.
async fn again_and_again(mut mode: Mode, size: Size, rounds: u32, kills: u32) -> MatrixFixture {
    if mode.wears_out {
        (mode.ends_verified, mode.exhausts) = (false, true);
    }
    let mut bench = MatrixFixture::with_size(mode, size).await;
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..rounds {
        bench.reset().await;
        bench.fix("kill:intent-after:2").await;
        for _ in 0..kills {
            if bench.has_ended().await {
                break;
            }
            let step = STEPS[random.usize(2..5)];
            let side = SIDES[random.usize(0..2)];
            bench
                .resume(&format!("kill:{step}-{side}:{}", random.u32(1..3)))
                .await;
        }
        bench.wait_for_writes().await;
        // A refused chunk is halved: its leaks are sent again on purpose.
        if bench.mode.faults.is_empty() && bench.mode.refused.is_empty() {
            let mut posts: HashMap<String, u32> = HashMap::new();
            for write in bench.writes().await {
                for id in write["ids"].as_array().unwrap() {
                    *posts.entry(id.to_string()).or_default() += 1;
                }
            }
            for (id, posts) in posts.into_iter().filter(|(_, posts)| *posts > 1) {
                let what = format!("{id} was sent {posts} times");
                bench.report.add(Violation::Double, what);
            }
        }
    }
    bench
}

#[tokio::test]
async fn killed_while_it_goes_on_again_and_again_it_sends_each_once() {
    let bench = again_and_again(mode_by_name("ok"), SMALL, 2, 10).await;
    bench.report.assert_clean(4);
    let bench = again_and_again(mode_by_name("half then 500"), SMALL, 1, 10).await;
    bench.report.assert_clean(2);
}

/// What was applied three seconds late was sent five times within one, and called failed.
#[tokio::test]
async fn killed_again_and_again_it_waits_for_what_is_applied_late() {
    let bench = again_and_again(mode_by_name("applied late"), SMALL, 1, 10).await;
    bench.report.assert_clean(2);
}

#[tokio::test]
#[ignore = "many kills take long"]
async fn killed_again_and_again_in_every_mode() {
    // Fifty and a few rounds in all.
    let rounds = 50_usize.div_ceil(MODES.len()) as u32;
    in_every_mode("again and again", rounds * 2, |_, mode| {
        again_and_again(mode, LARGE, rounds, 10)
    })
    .await;
}

#[tokio::test]
async fn a_kill_is_a_kill() {
    let mut bench = MatrixFixture::new(mode_by_name("ok")).await;
    bench.reset().await;
    assert!(was_killed(bench.fix("kill:intent-after:1").await));
    assert_eq!(
        bench.writes().await.len(),
        0,
        "its intent was on disk, no byte was sent"
    );
    assert!(!bench.has_ended().await);
    bench.reset().await;
    assert!(was_killed(bench.fix("kill:plan-before:1").await));
    assert!(bench.has_ended().await, "there is no job");
    assert_eq!(bench.writes().await.len(), 0);
}
