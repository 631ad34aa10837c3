//! What the journal takes: a plan recorded as a job, and all the commits of a job from its plan to its end.
//!
//! ```text
//! cargo bench --bench journal [-- changes]
//! ```
//!
//! Every figure is of a journal of its own in a new directory below `TMPDIR`: on a disk that keeps what it is told,
//! a commit costs what that takes.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench says what it finds, and ends where it cannot go on"
)]

use stanch::{
    entity::{
        capability::Reach,
        job::{
            Change, ChangeState, ChangeUpdate, JobCommand, JobState, NewJob, Plan, PlannedChange,
            ProfileShare, StorageTarget, StoredState, plan_hash,
        },
        key::{EntityKey, ProfileName, ProviderId, RemoteId},
        profile::ProfileBinding,
        status::Status,
        transition::{self, ChangeEvent},
    },
    journal::{ChunkAnswer, Journal, JournalOptions, OpenMode, Operator},
};
use std::time::{Duration, Instant};

const RUNS: usize = 5;
const CHUNK_CHANGES: usize = 100;

/// A plan of so many changes, their ids as far apart as a provider's are.
fn plan(changes: usize) -> NewJob {
    let binding = ProfileBinding {
        name: ProfileName::new("acme").expect("a name"),
        provider: ProviderId::new("projectdiscovery"),
        origin: "https://api.example".into(),
        team: String::new(),
    };
    let mut random = fastrand::Rng::with_seed(1);
    let mut eligible: Vec<_> = (0..changes)
        .map(|_| PlannedChange {
            key: EntityKey::for_leak(
                binding.name.clone(),
                RemoteId::from(&*format!("{:032x}", random.u128(..))),
            ),
            before: Status::Open,
            wanted: Status::Fixed,
            storage_target: StorageTarget::Remote,
            remote_status: Some(Status::Open),
        })
        .collect();
    eligible.sort_by(|one, two| one.key.cmp(&two.key));
    let lines = eligible
        .iter()
        .map(|change| (change.key.to_string(), Some(change.before)));
    let made_at = "2026-03-01T11:59:00Z".parse().expect("a time");
    NewJob {
        plan: Plan {
            hash: plan_hash([&binding], Status::Fixed, lines),
            command: JobCommand::Fix,
            wanted: Status::Fixed,
            shares: vec![ProfileShare {
                binding,
                remote: changes,
                local: 0,
                bulk_size: CHUNK_CHANGES as u32,
                reach: Reach::Row,
            }],
            eligible,
            skipped: Vec::new(),
            requests: 1,
            reads: 1,
            eta_seconds: None,
            inexact_mappings: Vec::new(),
            hidden: 0,
            built_at: made_at,
            source_job: None,
        },
        reason: None,
        note: None,
        ticket: None,
        confirmed_at: made_at,
        plan_ms: 0,
    }
}

async fn open(directory: &std::path::Path) -> Journal {
    let options = JournalOptions::new(
        directory.join("state"),
        OpenMode::Write,
        Operator::default(),
    );
    Journal::open(options).await.expect("a journal")
}

/// How long recording a plan takes.
async fn time_recording(changes: usize) -> Duration {
    let room = tempfile::TempDir::new().expect("a directory");
    let journal = open(room.path()).await;
    let new = plan(changes);
    let start = Instant::now();
    journal.record_job(new, None).await.expect("recorded");
    let took = start.elapsed();
    journal.close().await;
    took
}

fn change_update(index: u32, from: ChangeState, to: ChangeState) -> ChangeUpdate {
    let key = EntityKey::for_leak(ProfileName::new("acme").expect("a name"), "1".into());
    let planned = Change::from_plan(index, key, None, Status::Fixed, StorageTarget::Remote, None);
    let stored = StoredState {
        state: from,
        attempts: 1,
        code: None,
        reason: None,
    };
    let change = Change::from_stored(planned, stored);
    ChangeUpdate {
        index,
        step: transition::step(&change, &ChangeEvent::Interrupted).with_injected_state(to),
    }
}

/// How long everything that a job commits takes, and what the journal says of it.
async fn time_job(changes: usize) -> (Duration, u64) {
    let room = tempfile::TempDir::new().expect("a directory");
    let journal = open(room.path()).await;
    let new = plan(changes);
    let start = Instant::now();
    let job = journal.record_job(new, None).await.expect("recorded");
    let all: Vec<u32> = (0..changes as u32).collect();
    for indexes in all.chunks(CHUNK_CHANGES) {
        let chunk = journal.record_intent(job, indexes.to_vec()).await;
        let chunk = chunk.expect("recorded");
        for (class, from, to) in [
            (
                Some("accepted"),
                ChangeState::Inflight,
                ChangeState::Accepted,
            ),
            (None, ChangeState::Accepted, ChangeState::Verified),
        ] {
            let updates = indexes
                .iter()
                .map(|index| change_update(*index, from, to))
                .collect();
            match class {
                Some(class) => {
                    journal
                        .record_answer(
                            job,
                            ChunkAnswer {
                                chunk,
                                class,
                                status: Some(200),
                                updates,
                            },
                            None,
                        )
                        .await
                }
                None => journal.record_read_backs(job, updates, 1, None).await,
            }
            .expect("recorded");
        }
    }
    let ended = journal.record_state(job, JobState::Done, None, None).await;
    ended.expect("recorded");
    let took = start.elapsed();
    let said = journal.job(job).await.expect("the job").job.timing;
    journal.close().await;
    (took, said.journal_ms)
}

fn main() {
    let given: Option<usize> = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .expect("a runtime");
    println!("| changes | plan committed, ms: median (least) |");
    println!("|---|---|");
    for changes in given.map_or(vec![1_000, 10_000, 100_000], |given| vec![given]) {
        let mut times: Vec<_> = (0..RUNS)
            .map(|_| runtime.block_on(time_recording(changes)).as_secs_f64() * 1e3)
            .collect();
        times.sort_by(f64::total_cmp);
        println!("| {changes} | {:.0} ({:.0}) |", times[RUNS / 2], times[0]);
    }
    let (took, said) = runtime.block_on(time_job(10_000));
    println!(
        "\na job of 10,000 changes, {CHUNK_CHANGES} a request, from its plan to its end: {:.0} ms; its own journal_ms: {said}",
        took.as_secs_f64() * 1e3
    );
}
