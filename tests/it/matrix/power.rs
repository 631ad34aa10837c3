//! The power fails: at every moment of every commit the files are left as a disk may have them then. Whole is what was
//! committed; of a commit that was under way the journal is on disk before the database is touched, and of the database
//! any part may have been written.

use super::{MatrixFixture, mode, mode_by_name, was_killed};
use stanch::journal::{Access, Journal, JournalOptions, OpenMode, Operator};
use std::{collections::BTreeMap, path::Path};

/// More moments than a job has.
const MOMENTS: u32 = 400;
/// What a disk writes whole.
const SECTOR: usize = 512;

/// When the power failed.
struct PowerCut {
    step: String,
    moment: String,
    /// Events that had been committed.
    events: i64,
}

impl PowerCut {
    fn read(directory: &Path) -> Self {
        let told = std::fs::read_to_string(directory.join("moment")).unwrap();
        let words: Vec<&str> = told.split(' ').collect();
        Self {
            step: words[0].into(),
            moment: words[1].into(),
            events: words[2].parse().unwrap(),
        }
    }
}

/// Leaves the files as the disk may have them: what was not flushed is there in part, or not at all.
fn tear(state: &Path, kept: &Path, moment: &PowerCut, random: &mut fastrand::Rng) {
    let database = state.join("journal.db");
    let rollback = state.join("journal.db-journal");
    match &moment.moment[..] {
        // The journal is not flushed: any part of it may be there, and nothing of the database has changed.
        "before" => {
            if let Ok(bytes) = std::fs::read(&rollback) {
                let sectors = bytes.len().div_ceil(SECTOR);
                let upto = (random.usize(0..=sectors) * SECTOR).min(bytes.len());
                std::fs::write(&rollback, &bytes[..upto]).unwrap();
            }
        }
        // The journal is flushed: of the database any sector may be the old or the new one.
        "during" => {
            let (Ok(new), Ok(old)) = (
                std::fs::read(&database),
                std::fs::read(kept.join("before.db")),
            ) else {
                return;
            };
            let mut torn = new.clone();
            for (place, sector) in torn.chunks_mut(SECTOR).enumerate() {
                if random.bool() {
                    let from = place * SECTOR;
                    for (at, byte) in sector.iter_mut().enumerate() {
                        // Beyond its old end a file reads as nought.
                        *byte = old.get(from + at).copied().unwrap_or(0);
                    }
                }
            }
            if random.bool() {
                torn.truncate(old.len());
            }
            std::fs::write(&database, torn).unwrap();
        }
        _ => assert!(
            !rollback.exists(),
            "{}: what is committed is whole",
            moment.step
        ),
    }
}

/// Loses the power at one moment, and lets the job go on; nothing, where the job ended before.
async fn outage(
    bench: &mut MatrixFixture,
    number: u32,
    random: &mut fastrand::Rng,
) -> Option<PowerCut> {
    bench.reset().await;
    let kept = tempfile::tempdir().unwrap();
    let status = bench
        .fix(&format!("power:{number}:{}", kept.path().display()))
        .await;
    if !was_killed(status) {
        // With a leak that is refused, a job ends with exceptions.
        let ends = if bench.mode.refused.is_empty() { 0 } else { 3 };
        assert_eq!(status.code(), Some(ends), "moment {number}");
        return None;
    }
    let moment = PowerCut::read(kept.path());
    let at = format!("moment {number}: {} {}", moment.moment, moment.step);
    tear(&bench.state(), kept.path(), &moment, random);
    let options = JournalOptions::new(bench.state(), OpenMode::Write, Operator::default());
    let journal = Journal::open(options).await.unwrap();
    assert_eq!(journal.access(), Access::Writer, "{at}: it is whole");
    journal.close().await;
    let events = bench.query_journal("SELECT count(*) FROM event");
    assert_eq!(
        events,
        Some(moment.events),
        "{at}: what was committed, and no more"
    );
    bench.assert_intent_before_send(&at).await;
    bench.wait_for_writes().await;
    bench.assert_audit_complete(&at).await;
    Some(moment)
}

/// Every so manieth moment of a job.
async fn outages(bench: &mut MatrixFixture, step: usize, seed: u64) -> u32 {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut met: BTreeMap<String, u32> = BTreeMap::new();
    for number in (1..MOMENTS).step_by(step) {
        let Some(moment) = outage(bench, number, &mut random).await else {
            report(bench.mode.name, &met);
            return met.values().sum();
        };
        *met.entry(format!("{} {}", moment.moment, moment.step))
            .or_default() += 1;
    }
    panic!("the job never ends");
}

#[expect(
    clippy::print_stdout,
    reason = "the numbers of the matrix are its result"
)]
fn report(name: &str, met: &BTreeMap<String, u32>) {
    let all: u32 = met.values().sum();
    println!("matrix: {name}: {all} power cuts: {met:?}");
}

#[tokio::test]
async fn a_power_cut_leaves_what_was_committed_and_nothing_half() {
    let mut bench = MatrixFixture::new(mode("power cut", "")).await;
    bench.set_chunk_size(12);
    let count = outages(&mut bench, 2, 1).await;
    assert!(count >= 12, "only {count}");
    bench.report.assert_clean(12);
}

#[tokio::test]
#[ignore = "every moment in four modes takes long"]
async fn of_a_hundred_power_cuts_none_loses_anything() {
    let mut all = 0;
    let modes = [
        ("ok", 1),
        ("cut after apply", 2),
        ("half then 500", 2),
        ("one is foreign", 2),
    ];
    for (seed, (name, step)) in (10..).zip(modes) {
        let mut bench = MatrixFixture::new(mode_by_name(name)).await;
        bench.set_chunk_size(6);
        all += outages(&mut bench, step, seed).await;
        bench.report.assert_clean(20);
    }
    assert!(all >= 100, "only {all}");
}
