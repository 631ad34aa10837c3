//! The figures of the team store, which take long: races of twenty consoles over ten thousand leaks, a plan of a hundred
//! thousand changes, how soon a colleague's change is known, what a console at rest costs.
//!
//! `cargo test --locked --test it -- --ignored --show-output journal::team_figures`

use super::{
    team::{leaks, own_plan},
    *,
};
use stanch::entity::claim::ClaimOperation;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

macro_rules! room {
    () => {
        match JournalFixture::team() {
            Some(room) => room,
            None => return,
        }
    };
}

const ROLES: [&str; 3] = ["ana", "ben", "cho"];

#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn tell(words: &str) {
    let build = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    println!("team: {words} ({build} build)");
}

/// The value below which so many in a hundred lie.
fn percentile(values: &mut [Duration], of_a_hundred: usize) -> Duration {
    values.sort_unstable();
    values[(values.len() * of_a_hundred / 100).min(values.len() - 1)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "ten thousand leaks take long"]
async fn of_twenty_consoles_that_claim_ten_thousand_leaks_each_leak_has_one_winner() {
    let room = room!();
    let mut races = Vec::new();
    let mut consoles = Vec::new();
    let start = Instant::now();
    for number in 0..20 {
        let role = ROLES[number % 3];
        let console = room.console(role, number, None).await;
        consoles.push(console.clone());
        races.push(tokio::spawn(async move {
            let (mut changed, mut held) = (Vec::new(), 0);
            for start in (0..10_000).step_by(100) {
                let claimed = console
                    .claim(leaks(start..start + 100), ClaimOperation::Claim)
                    .await
                    .unwrap();
                assert_eq!(claimed.changed.len() + claimed.held_by_others.len(), 100);
                for (_, claim) in &claimed.held_by_others {
                    assert_ne!(
                        claim.claimant.user, role,
                        "one's own is not held by another"
                    );
                }
                held += claimed.held_by_others.len();
                changed.extend(claimed.changed);
            }
            (role, changed, held)
        }));
    }
    let mut winners: BTreeMap<EntityKey, BTreeSet<&str>> = BTreeMap::new();
    let mut losers = 0;
    for race in races {
        let (role, changed, held) = race.await.unwrap();
        losers += held;
        for key in changed {
            winners.entry(key).or_default().insert(role);
        }
    }
    let wrong = winners.values().filter(|roles| roles.len() != 1).count();
    tell(&format!(
        "claims: 20 consoles, 10,000 leaks: {} winners, {wrong} with more than one login, {losers} told who holds, in {:.1} s",
        winners.len(),
        start.elapsed().as_secs_f64()
    ));
    assert_eq!((winners.len(), wrong), (10_000, 0));
    assert_eq!(room.query("SELECT count(*) FROM claim"), "10000");
    for console in consoles {
        console.close().await;
    }
    room.assert_in_order();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "ten thousand leaks take long"]
async fn of_twenty_consoles_with_overlapping_plans_over_ten_thousand_leaks_each_leak_is_in_one_job()
{
    let room = room!();
    let mut races = Vec::new();
    let mut consoles = Vec::new();
    let start = Instant::now();
    for number in 0..20_usize {
        let console = room.console(ROLES[number % 3], number, None).await;
        consoles.push(console.clone());
        races.push(tokio::spawn(async move {
            let (mut recorded, mut stale) = (0, 0);
            // Ten plans of 150, each over half of the neighbours' leaks, in one order or the other.
            for round in 0..10_usize {
                let first = (number * 500 + round * 1_000) % 10_000;
                let mut wanted: Vec<usize> = (0..150).map(|at| (first + at * 7) % 10_000).collect();
                if number % 2 == 1 {
                    wanted.reverse();
                }
                let plan = own_plan(wanted, number * 10 + round);
                match console.record_job(plan, None).await {
                    Ok(_) => recorded += 1,
                    Err(JournalError::StalePlan) => stale += 1,
                    Err(error) => panic!("{error:?}"),
                }
            }
            (recorded, stale)
        }));
    }
    let (mut recorded, mut stale) = (0, 0);
    for race in races {
        let (one, other) = race.await.unwrap();
        recorded += one;
        stale += other;
    }
    let doubled = room.query("SELECT count(*) FROM (SELECT account, kind, id FROM change WHERE state <= 3 GROUP BY 1, 2, 3 HAVING count(*) > 1) AS x");
    tell(&format!(
        "plans: 20 consoles, 200 overlapping plans: {recorded} recorded, {stale} told that theirs is stale, {doubled} leaks in two jobs, in {:.1} s",
        start.elapsed().as_secs_f64()
    ));
    assert_eq!(doubled, "0");
    assert!(recorded >= 10 && stale > 20);
    for console in consoles {
        console.close().await;
    }
    room.assert_in_order();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a hundred thousand changes take long"]
async fn what_a_hundred_thousand_changes_and_a_chunk_cost() {
    for room in JournalFixture::all_stores() {
        let store = if room.is_team() {
            "PostgreSQL"
        } else {
            "SQLite"
        };
        let journal = room.writer().await;
        let mut took = Vec::new();
        for run in 0..3 {
            let numbers = run * 100_000..(run + 1) * 100_000;
            let new = own_plan(numbers, run);
            let start = Instant::now();
            let id = journal.record_job(new, None).await.unwrap();
            took.push(start.elapsed());
            if run < 2 {
                let state = JobState::Cancelled;
                journal.record_state(id, state, None, None).await.unwrap();
            }
        }
        tell(&format!(
            "{store}: 100,000 changes recorded in {} ms (median of 3), {} ms at most",
            percentile(&mut took.clone(), 50).as_millis(),
            took.iter().max().unwrap().as_millis()
        ));
        if room.is_team() {
            room.query("ANALYZE");
        }
        let id = journal.jobs().await.unwrap()[0].id;
        let (mut intents, mut answers, mut readings) = (Vec::new(), Vec::new(), Vec::new());
        for chunk in 0..40_u32 {
            let indexes: Vec<u32> = (chunk * 100..(chunk + 1) * 100).collect();
            let start = Instant::now();
            let number = journal.record_intent(id, indexes.clone()).await.unwrap();
            intents.push(start.elapsed());
            let became = |from, to| {
                indexes
                    .iter()
                    .map(|at| update_between(*at, from, to))
                    .collect()
            };
            let answer = ChunkAnswer {
                chunk: number,
                class: "accepted",
                status: Some(200),
                updates: became(ChangeState::Inflight, ChangeState::Accepted),
            };
            let start = Instant::now();
            journal.record_answer(id, answer, None).await.unwrap();
            answers.push(start.elapsed());
            let read = became(ChangeState::Accepted, ChangeState::Verified);
            let start = Instant::now();
            journal.record_read_backs(id, read, 1, None).await.unwrap();
            readings.push(start.elapsed());
        }
        let ms = |values: &mut [Duration], at| percentile(values, at).as_secs_f64() * 1_000.0;
        tell(&format!(
            "{store}: a chunk of 100 in a job of 100,000: intent {:.1} ms, answer {:.1} ms, readings {:.1} ms (p99 {:.1}, {:.1}, {:.1})",
            ms(&mut intents, 50),
            ms(&mut answers, 50),
            ms(&mut readings, 50),
            ms(&mut intents, 99),
            ms(&mut answers, 99),
            ms(&mut readings, 99),
        ));
        journal.close().await;
    }
}

/// How soon twenty consoles know of a claim while a hundred are made a second, and whether each of them is told of every
/// event once. `STANCH_TEAM_SECONDS` says for how long.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "it takes a minute at least"]
async fn how_soon_twenty_consoles_know_what_a_colleague_did() {
    let room = room!();
    let seconds = std::env::var("STANCH_TEAM_SECONDS").ok();
    let seconds: u64 = seconds.and_then(|text| text.parse().ok()).unwrap_or(60);
    let mut consoles = Vec::new();
    for number in 0..20 {
        let console = room.console(ROLES[number % 3], number, None).await;
        console.changes_since().await.unwrap();
        console.changes_since().await.unwrap();
        consoles.push(console);
    }
    let writer = room.console("ben", 20, None).await;
    let start = Instant::now();
    let until = start + Duration::from_secs(seconds);
    let watching: Vec<_> = consoles
        .iter()
        .map(|console| {
            let console = console.clone();
            tokio::spawn(async move {
                let news = console.news().unwrap();
                let mut lags = Vec::new();
                while Instant::now() < until + Duration::from_secs(2) {
                    news.wait(Duration::from_secs(1)).await;
                    if console.changes_since().await.unwrap().claims {
                        lags.push(Duration::from_millis(news.state().lag_ms));
                    }
                }
                (lags, news.state().seen)
            })
        })
        .collect();
    let mut written = 0_u64;
    let mut beat = tokio::time::interval(Duration::from_millis(10));
    while Instant::now() < until {
        beat.tick().await;
        let act = if written.is_multiple_of(2) {
            ClaimOperation::Claim
        } else {
            ClaimOperation::Release
        };
        writer
            .claim(leaks([(written / 2) as usize % 5_000]), act)
            .await
            .unwrap();
        written += 1;
    }
    let rate = written as f64 / start.elapsed().as_secs_f64();
    let head: i64 = room.query("SELECT max(seq) FROM event").parse().unwrap();
    let (mut all, mut behind) = (Vec::new(), 0);
    for one in watching {
        let (lags, seen) = one.await.unwrap();
        all.extend(lags);
        // Every event is verified against the one before: what is missing or comes twice stops the reading.
        behind += u32::from(seen < head);
    }
    tell(&format!(
        "latency: 20 consoles, {rate:.0} writes a second for {seconds} s, from the commit to the rows of another console: p50 {} ms, p99 {} ms, at most {} ms of {} looks; {behind} consoles missed an event, none saw one twice",
        percentile(&mut all, 50).as_millis(),
        percentile(&mut all, 99).as_millis(),
        percentile(&mut all, 100).as_millis(),
        all.len(),
    ));
    assert_eq!(behind, 0);
    writer.close().await;
    for console in consoles {
        console.close().await;
    }
    room.assert_in_order();
}

/// An embedded journal with a job of many changes, taken in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "ten thousand changes take long"]
async fn how_long_an_embedded_journal_takes_to_come_in() {
    let room = room!();
    let old = JournalFixture::new();
    let journal = old.writer().await;
    for job in 0..5 {
        let attempt = AuditRecord::new(AuditOrigin::Console, "fix", "confirmed");
        let numbers = job * 2_000..(job + 1) * 2_000;
        let id = journal
            .record_job(own_plan(numbers, job), Some(attempt))
            .await
            .unwrap();
        let state = JobState::Cancelled;
        journal.record_state(id, state, None, None).await.unwrap();
    }
    journal.close().await;
    let who = old.options(OpenMode::Read).operator;
    let database = room.database.as_ref().unwrap();
    let start = Instant::now();
    let imported = database
        .admin(|admin| admin.import(old.state(), &who, false))
        .unwrap();
    let took = start.elapsed();
    let again = database
        .admin(|admin| admin.import(old.state(), &who, false))
        .unwrap();
    tell(&format!(
        "import: {} jobs with {} changes, {} audit lines in {:.1} s; a second time nothing changes: {}",
        imported.jobs,
        imported.changes,
        imported.audit,
        took.as_secs_f64(),
        again.already
    ));
    assert_eq!((imported.jobs, imported.changes), (5, 10_000));
    assert!(again.already);
    room.assert_in_order();
}
