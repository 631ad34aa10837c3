//! `kill -9`: at every step of the journal, at seeded moments, and again while it goes on.

use super::{Bench, MODES, Mode, mode, named, was_killed};

/// Every commit of a job, and its two sides.
const STEPS: &[&str] = &["plan", "audit", "intent", "answer", "readings", "state"];
const SIDES: &[&str] = &["before", "after"];

/// Kills at each step and position, and lets it go on.
async fn at_every_step(mode: Mode, positions: &[u32]) -> Bench {
    let mut bench = Bench::of(mode).await;
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
        at_every_step(named(name), &[2]).await.tally.clean(10);
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

#[tokio::test]
#[ignore = "every mode at four positions takes long"]
async fn a_kill_at_any_step_loses_nothing_in_every_mode() {
    for mode in MODES {
        at_every_step(*mode, &[1, 2, 4, 6]).await.tally.clean(20);
    }
}

/// Kills at a moment, some of them after the end.
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

#[tokio::test]
#[ignore = "many kills take long"]
async fn many_kills_at_any_moment_lose_nothing() {
    for (seed, mode) in (10..).zip(MODES) {
        at_random(*mode, seed, 20).await;
    }
}

/// Kills, and kills what goes on, each time a step further.
async fn again_and_again(mode: Mode, rounds: u32, kills: u32) {
    let mut bench = Bench::of(mode).await;
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
        let mut posts = std::collections::HashMap::new();
        for write in bench.writes().await {
            for id in write["ids"].as_array().unwrap() {
                *posts.entry(id.to_string()).or_insert(0) += 1;
            }
        }
        // A refused chunk is halved: its leaks are sent again on purpose.
        if bench.mode.faults.is_empty() && bench.mode.refused.is_empty() {
            assert!(posts.values().all(|count| *count == 1), "{posts:?}");
        }
    }
    bench.tally.clean(rounds * 2);
}

#[tokio::test]
async fn killed_while_it_goes_on_again_and_again_it_sends_each_once() {
    again_and_again(named("ok"), 2, 10).await;
    again_and_again(named("half then 500"), 1, 10).await;
}

#[tokio::test]
#[ignore = "many kills take long"]
async fn killed_again_and_again_in_every_mode() {
    for mode in MODES {
        again_and_again(*mode, 4, 10).await;
    }
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
