//! `kill -9`: at every step of the journal, at seeded moments, and again while it goes on.

use super::{
    Bench, HUGE, LARGE, MODES, Mode, SMALL, Size,
    judge::{Broken, Tally},
    mode, named, was_killed,
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
fn chosen() -> Vec<(usize, Mode)> {
    let asked = std::env::var("STANCH_MATRIX_MODES").ok();
    let asked: Option<Vec<usize>> =
        asked.map(|asked| asked.split(',').map(|at| at.parse().unwrap()).collect());
    let all = MODES.iter().copied().enumerate();
    all.filter(|(at, _)| asked.as_ref().is_none_or(|asked| asked.contains(at)))
        .collect()
}

/// Every mode, a few at a time; prints the numbers of each and of all.
async fn in_every_mode<F: Future<Output = Bench>>(
    name: &'static str,
    kills: u32,
    run: impl Fn(usize, Mode) -> F,
) {
    let modes = chosen();
    let benches = modes.iter().map(|(at, mode)| run(*at, *mode));
    let tallies: Vec<Tally> = stream::iter(benches)
        .buffer_unordered(LANES)
        .map(|bench| {
            bench.tally.tell();
            bench.tally
        })
        .collect()
        .await;
    assert_eq!(tallies.len(), modes.len());
    Tally::all_clean(name, &tallies, kills);
}

/// Kills at each step and position, and lets it go on.
async fn at_every_step(mode: Mode, size: Size, positions: &[u32]) -> Bench {
    let mut bench = Bench::sized(mode, size).await;
    // Once without a kill.
    bench.fresh().await;
    bench.fix("").await;
    bench.settle().await;
    for step in STEPS {
        for side in SIDES {
            // There is one plan and one end.
            let positions = if ["plan", "state"].contains(step) {
                &[1]
            } else {
                positions
            };
            for position in positions {
                bench.fresh().await;
                bench.fix(&format!("kill:{step}-{side}:{position}")).await;
                bench.settle().await;
            }
        }
    }
    bench
}

/// The modes that run with the other tests; two tests, so that two of them run at a time.
async fn some(names: &[&str]) {
    for name in names {
        let bench = at_every_step(named(name), SMALL, &[2]).await;
        bench.tally.clean(10);
    }
}

#[tokio::test]
async fn a_kill_at_any_step_loses_nothing_where_the_line_is_cut() {
    some(&["ok", "cut before apply", "cut after apply"]).await;
}

#[tokio::test]
async fn a_kill_at_any_step_loses_nothing_where_the_provider_fails() {
    some(&["half then 500", "a lie", "one is foreign"]).await;
}

/// The second chunk was applied by half and refused as a whole: it dies at that answer, after it, and while the others
/// and then its halves go out. What was applied of it is ours, and nothing of it is told as somebody else's.
async fn before_the_halving(size: Size) -> Bench {
    let mut bench = Bench::sized(named("half then 403"), size).await;
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
        bench.fresh().await;
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
        bench.settle().await;
    }
    bench
}

#[tokio::test]
async fn a_kill_before_the_halving_of_a_part_that_was_applied_loses_nothing() {
    before_the_halving(SMALL).await.tally.clean(9);
}

#[tokio::test]
#[ignore = "every mode at four positions takes long"]
async fn a_kill_at_any_step_loses_nothing_in_every_mode() {
    let positions = &[1, 2, 4, 6];
    in_every_mode("every step", 20, |_, mode| {
        at_every_step(mode, LARGE, positions)
    })
    .await;
}

#[tokio::test]
#[ignore = "three hundred leaks take long"]
async fn a_kill_before_the_halving_loses_nothing_of_three_hundred_leaks() {
    before_the_halving(LARGE).await.tally.clean(9);
}

#[tokio::test]
#[ignore = "ten thousand leaks take long"]
async fn a_kill_loses_nothing_of_ten_thousand_leaks() {
    let mut bench = Bench::sized(mode("ten thousand", ""), HUGE).await;
    for disaster in [
        "",
        "kill:plan-after:1",
        "kill:intent-after:50",
        "kill:answer-before:50",
        "kill:readings-before:1",
    ] {
        bench.fresh().await;
        bench.fix(disaster).await;
        bench.settle().await;
    }
    bench.tally.clean(4);
}

/// Kills somewhere on the way, some of them after the end.
async fn at_random(mode: Mode, seed: u64, kills: u32) {
    let mut bench = Bench::of(mode).await;
    let mut random = fastrand::Rng::with_seed(seed);
    // The moment is counted in what the stand-in was asked, so that a slow machine kills at the same places.
    for _ in 0..kills {
        bench.fresh().await;
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
        bench.tally.ran(status);
        bench.settle().await;
    }
    bench.tally.clean(kills / 3);
}

#[tokio::test]
async fn a_kill_at_any_moment_loses_nothing() {
    at_random(mode("random, 500 after", "500-after:3"), 1, 8).await;
    at_random(mode("random, cut after apply", "drop-after:3"), 2, 8).await;
}

/// Kills so many milliseconds after its first request: 1 to 200, or as long as a run takes where the machine is slow.
async fn after_a_while(mode: Mode, seed: u64, kills: u32) -> Bench {
    let mut bench = Bench::sized(mode, LARGE).await;
    let mut random = fastrand::Rng::with_seed(seed);
    bench.fresh().await;
    let mut child = bench.start("").await;
    bench.has_asked(&mut child).await;
    let start = Instant::now();
    let status = child.wait().await.unwrap();
    let longest = (start.elapsed().as_millis() as u64).max(200);
    bench.tally.ran(status);
    bench.settle().await;
    let mut left = 0;
    for _ in 0..kills {
        bench.fresh().await;
        let mut child = bench.start("").await;
        bench.has_asked(&mut child).await;
        let moment = Duration::from_millis(random.u64(1..=longest));
        let ended = tokio::time::timeout(moment, child.wait()).await;
        let status = if let Ok(status) = ended {
            status.unwrap()
        } else {
            child.kill().await.ok();
            child.wait().await.unwrap()
        };
        bench.tally.ran(status);
        left += u32::from(!bench.has_ended().await);
        bench.settle().await;
    }
    assert!(left > 0, "{}: no kill left a job behind", mode.name);
    bench
}

impl Bench {
    /// Waits until a program has asked the stand-in for something.
    async fn has_asked(&self, child: &mut Child) {
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
        after_a_while(mode, 10 + at as u64, each)
    })
    .await;
}

/// Kills, and kills what goes on, each time a step further.
async fn again_and_again(mut mode: Mode, size: Size, rounds: u32, kills: u32) -> Bench {
    if mode.wears_out {
        (mode.settles, mode.exhausts) = (false, true);
    }
    let mut bench = Bench::sized(mode, size).await;
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..rounds {
        bench.fresh().await;
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
        bench.settle().await;
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
                bench.tally.add(Broken::Double, what);
            }
        }
    }
    bench
}

#[tokio::test]
async fn killed_while_it_goes_on_again_and_again_it_sends_each_once() {
    let bench = again_and_again(named("ok"), SMALL, 2, 10).await;
    bench.tally.clean(4);
    let bench = again_and_again(named("half then 500"), SMALL, 1, 10).await;
    bench.tally.clean(2);
}

/// What was applied three seconds late was sent five times within one, and called failed.
#[tokio::test]
async fn killed_again_and_again_it_waits_for_what_is_applied_late() {
    let bench = again_and_again(named("applied late"), SMALL, 1, 10).await;
    bench.tally.clean(2);
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
    let mut bench = Bench::of(named("ok")).await;
    bench.fresh().await;
    assert!(was_killed(bench.fix("kill:intent-after:1").await));
    assert_eq!(
        bench.writes().await.len(),
        0,
        "its intent was on disk, no byte was sent"
    );
    assert!(!bench.has_ended().await);
    bench.fresh().await;
    assert!(was_killed(bench.fix("kill:plan-before:1").await));
    assert!(bench.has_ended().await, "there is no job");
    assert_eq!(bench.writes().await.len(), 0);
}
