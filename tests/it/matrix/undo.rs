//! A job over three systems, and its undo, each killed on the way: afterwards everything is as before the job, at the
//! systems and in what is kept here, or the undo has ended with exceptions and says so with its exit code.

use super::{
    MatrixFixture, Mode, Size,
    kills::{SIDES, STEPS},
    mode, mode_by_name,
    oracle::{Report, Violation, duplicates},
    was_killed,
};
use futures_util::{StreamExt as _, stream};
use jiff::civil::date;
use serde_json::{Value, json};
use stanch::{
    demo::Options,
    entity::{
        job::{Job, JobCommand, JobState},
        key::JobId,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitStatus,
};

/// Ended, and not everything came about.
const EXCEPTIONS: i32 = 3;
/// Three requests at the one system that takes statuses, and as many leaks at each of the others.
const SIZE: Size = Size {
    leaks: 12,
    chunk: 4,
};

/// What every leak's status is: at its system, and here. The latter with what its system said of it then.
#[derive(Clone, Debug, PartialEq)]
struct Snapshot {
    systems: Value,
    local_statuses: BTreeMap<String, (i64, Option<i64>)>,
}

/// A stand-in with three systems, and the leaks of a job over all of them.
pub(super) struct ThreeSystemsFixture {
    pub(super) bench: MatrixFixture,
    /// Their keys.
    keys: Vec<String>,
    /// Those of which a status is kept here before the job, a third of each system.
    local_keys: Vec<String>,
    /// Leaks that cannot be set back, once the job has ended.
    refused: Vec<String>,
    /// What goes wrong from the undo on, in place of what the mode says.
    pub(super) undo_faults: &'static str,
}

impl ThreeSystemsFixture {
    pub(super) async fn new(mode: Mode) -> Self {
        let options = Options {
            leaks: 300,
            systems: crate::support::console_fixture::THREE.into(),
            ..Options::all_systems(date(2026, 3, 1))
        };
        let mut bench = MatrixFixture::with_options(mode, SIZE, options).await;
        bench.reset().await;
        let list = ["leaks", "list", "--format", "json"];
        let (code, list, said) = bench.run_with_output(&list, "").await;
        assert_eq!(code, 0, "{said}");
        let list: Value = serde_json::from_str(&list).unwrap();
        let (mut keys, mut kept) = (Vec::new(), Vec::new());
        for (provider, status) in [
            ("projectdiscovery", "open"),
            ("leaks-ai", "new"),
            ("leaked-checker", "unknown"),
        ] {
            let leaks = list["items"].as_array().unwrap().iter();
            let of = leaks.filter(|leak| leak["provider"] == provider && leak["status"] == status);
            let of = of.map(|leak| leak["key"].as_str().unwrap().to_owned());
            let of: Vec<String> = of.take(SIZE.leaks).collect();
            assert_eq!(of.len(), SIZE.leaks, "{provider}");
            kept.extend_from_slice(&of[..SIZE.leaks / 3]);
            keys.extend(of);
        }
        Self {
            bench,
            keys,
            local_keys: kept,
            refused: Vec::new(),
            undo_faults: "",
        }
    }

    async fn snapshot(&self) -> Snapshot {
        self.bench.wait_until_applied().await;
        let path = self.bench.state().join("journal.db");
        let database = rusqlite::Connection::open(path).unwrap();
        let query = "SELECT profile || ':' || provider || ':' || hex(id), status, remote_then FROM local_status";
        let mut statement = database.prepare(query).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))));
        Snapshot {
            systems: self.bench.get("/statuses").await,
            local_statuses: rows.unwrap().map(Result::unwrap).collect(),
        }
    }

    async fn jobs(&self) -> Vec<Job> {
        let records = self.bench.records().await;
        records.into_iter().map(|record| record.job).collect()
    }

    /// The number of a job by what asked for it.
    async fn job(&self, command: JobCommand) -> Option<Job> {
        let jobs = self.jobs().await.into_iter();
        jobs.filter(|job| job.command == command)
            .max_by_key(|job| job.id)
    }

    async fn run(&mut self, arguments: &[&str], disaster: &str) -> ExitStatus {
        let status = self.bench.run(arguments, disaster).await;
        self.bench.report.record_run(status);
        status
    }

    /// Runs a command that records a job and carries it out, dies of it, and goes on until that job has ended: which job
    /// it was, and how the last program ended.
    async fn run_until_finished(
        &mut self,
        arguments: &[&str],
        command: JobCommand,
        disaster: &str,
    ) -> (JobId, ExitStatus) {
        let mut status = self.run(arguments, disaster).await;
        if self.job(command).await.is_none() {
            assert!(was_killed(status), "{arguments:?}: {status}");
            // It died before its plan was on disk.
            status = self.run(arguments, "").await;
        }
        for run in 0..super::RUNS {
            if self.bench.has_ended().await {
                break;
            }
            if run > super::RUNS / 2 {
                self.bench.faults("").await;
            }
            status = self.bench.resume("").await;
        }
        let job = self.job(command).await.expect("its plan is on disk");
        if !job.state.is_final() {
            let what = format!("the {command} is {}", job.state);
            self.bench.report.add(Violation::Unsettled, what);
        }
        (job.id, status)
    }

    /// Statuses of ours on some, a job on all, and its undo; then what is said is held against what is.
    pub(super) async fn fix_and_undo(&mut self, fix: &str, undo: &str) {
        self.bench.reset().await;
        let with = |words: &[&str], keys: &[String]| -> Vec<String> {
            let words = words.iter().map(|word| (*word).to_owned());
            words.chain(keys.iter().cloned()).collect()
        };
        let set = with(
            &["leaks", "set", "investigating", "--yes"],
            &self.local_keys,
        );
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        assert!(self.bench.run(&set, "").await.success());
        let before = self.snapshot().await;
        assert_eq!(before.local_statuses.len(), self.local_keys.len());
        let arguments = with(&["leaks", "fix", "--yes"], &self.keys);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (id, _) = self
            .run_until_finished(&arguments, JobCommand::Fix, fix)
            .await;
        self.check_fix(&before, fix).await;
        let refuse: BTreeMap<&str, u16> =
            self.refused.iter().map(|key| (id_of(key), 403)).collect();
        let leaks = json!({"projectdiscovery": {"refuse": refuse}});
        self.bench.post("/leaks", leaks).await;
        if !self.undo_faults.is_empty() {
            self.bench.faults(self.undo_faults).await;
        }
        let number = id.0.to_string();
        let arguments = ["jobs", "undo", &number, "--yes"];
        let (_, status) = self
            .run_until_finished(&arguments, JobCommand::Undo, undo)
            .await;
        self.check_undo(&before, status, &format!("{fix}, {undo}"))
            .await;
    }

    /// The job did something at every system, or there is nothing to take back.
    async fn check_fix(&mut self, before: &Snapshot, at: &str) {
        let now = self.snapshot().await;
        let fixed = |key: &&String| now.systems["projectdiscovery"][id_of(key)] == "fixed";
        let fixed = self.keys.iter().filter(fixed).count();
        if self.bench.mode.ends_verified && fixed != SIZE.leaks {
            let what = format!("{at}: {fixed} are fixed");
            self.bench.report.add(Violation::Missed, what);
        }
        for other in ["leaks-ai", "leaked-checker"] {
            assert_eq!(now.systems[other], before.systems[other], "{at}");
        }
        assert!(
            now.local_statuses.len() > before.local_statuses.len(),
            "{at}: {now:?}"
        );
    }

    async fn check_undo(&mut self, before: &Snapshot, status: ExitStatus, at: &str) {
        let now = self.snapshot().await;
        let job = self.job(JobCommand::Undo).await.unwrap();
        let requests = self.bench.requests().await;
        let tally = &mut self.bench.report;
        tally.record_check();
        for id in duplicates(&requests) {
            tally.add(Violation::Double, format!("{at}: {id}"));
        }
        let (left, kept) = (
            changed_statuses(before, &now),
            changed_local_statuses(before, &now),
        );
        let all_back = left.is_empty() && kept.is_empty();
        match job.state {
            JobState::Done if !all_back => {
                let what = format!("{at}: done, and {left:?}, {kept:?} are not as before");
                tally.add(Violation::False, what);
            }
            JobState::DoneWithExceptions if all_back && self.bench.mode.ends_verified => {
                tally.add(Violation::Blamed, format!("{at}: all is back"));
            }
            JobState::DoneWithExceptions
                if !was_killed(status) && status.code() != Some(EXCEPTIONS) =>
            {
                tally.add(Violation::False, format!("{at}: exceptions, and {status}"));
            }
            _ => {}
        }
        let refused: BTreeSet<String> = self.refused.iter().map(|key| id_of(key).into()).collect();
        if self.bench.mode.ends_verified && (left != refused || kept.len() > refused.len()) {
            let what = format!("{at}: {left:?}, {kept:?} are not as before, refused: {refused:?}");
            tally.add(Violation::Missed, what);
        }
        let (writes, chunks) = (self.bench.writes().await.len(), self.bench.chunks());
        if writes > chunks {
            let what = format!("{at}: {writes} requests, {chunks} intents");
            self.bench.report.add(Violation::Unrecorded, what);
        }
        self.bench.assert_audit_complete(at).await;
    }
}

/// What a system calls a leak.
fn id_of(key: &str) -> &str {
    key.rsplit(':').next().unwrap()
}

/// The leaks that stand otherwise at their systems.
fn changed_statuses(before: &Snapshot, now: &Snapshot) -> BTreeSet<String> {
    let mut unlike = BTreeSet::new();
    for (system, leaks) in now.systems.as_object().unwrap() {
        for (id, status) in leaks.as_object().unwrap() {
            if before.systems[system][id] != *status {
                unlike.insert(id.clone());
            }
        }
    }
    unlike
}

/// The leaks of which something else is kept.
fn changed_local_statuses(before: &Snapshot, now: &Snapshot) -> BTreeSet<String> {
    let all = before
        .local_statuses
        .keys()
        .chain(now.local_statuses.keys());
    all.filter(|key| before.local_statuses.get(*key) != now.local_statuses.get(*key))
        .cloned()
        .collect()
}

/// A mode in which one leak of which nothing is kept, and one of which something is, cannot be set back.
async fn with_two_refused(mode: Mode) -> ThreeSystemsFixture {
    let mut three = ThreeSystemsFixture::new(mode).await;
    three.refused = vec![three.keys[0].clone(), three.keys[SIZE.leaks - 1].clone()];
    assert!(
        three.local_keys.contains(&three.refused[0])
            && !three.local_keys.contains(&three.refused[1])
    );
    three
}

#[tokio::test]
async fn an_undo_over_three_systems_brings_everything_back_however_it_is_killed() {
    let mut three = ThreeSystemsFixture::new(mode("undo over three systems", "")).await;
    for (fix, undo) in [
        ("", "kill:plan-before:1"),
        ("kill:plan-after:1", "kill:plan-after:1"),
        ("kill:intent-after:2", "kill:answer-before:1"),
        ("kill:answer-before:3", "kill:intent-after:2"),
        ("kill:answer-after:1", "kill:answer-after:3"),
        ("kill:readings-before:1", "kill:readings-after:1"),
        ("kill:state-before:1", "kill:state-after:1"),
    ] {
        three.fix_and_undo(fix, undo).await;
    }
    three.bench.report.assert_clean(13);
}

#[tokio::test]
async fn an_undo_over_three_systems_that_a_system_refuses_in_part_says_so() {
    let mut three = with_two_refused(mode("undo, two are refused", "")).await;
    for undo in ["", "kill:answer-after:1", "kill:readings-before:1"] {
        three.fix_and_undo("", undo).await;
        let undo = three.job(JobCommand::Undo).await.unwrap();
        assert_eq!(undo.state, JobState::DoneWithExceptions);
    }
    three.bench.report.assert_clean(2);
}

/// A mode in which the system agrees to the undo and does nothing.
async fn with_a_lie(mode: Mode) -> ThreeSystemsFixture {
    let settles = false;
    let mut three = ThreeSystemsFixture::new(Mode {
        ends_verified: settles,
        ..mode
    })
    .await;
    three.undo_faults = "lie:1";
    three
}

#[tokio::test]
async fn an_undo_over_three_systems_that_a_system_only_agrees_to_says_so() {
    let mut three = with_a_lie(mode("undo, a lie", "")).await;
    three.fix_and_undo("", "").await;
    let undo = three.job(JobCommand::Undo).await.unwrap();
    assert_eq!(undo.state, JobState::DoneWithExceptions);
    three.bench.report.assert_clean(0);
}

/// Every step of the job, every step of its undo, and pairs of steps that a seed chooses.
async fn at_every_step(mut three: ThreeSystemsFixture, seed: u64) -> MatrixFixture {
    let mut steps = Vec::new();
    for step in STEPS {
        for side in SIDES {
            let last = if ["plan", "state"].contains(step) {
                1
            } else {
                4
            };
            steps.extend((1..=last).map(|position| format!("kill:{step}-{side}:{position}")));
        }
    }
    three.fix_and_undo("", "").await;
    for step in &steps {
        three.fix_and_undo(step, "").await;
        three.fix_and_undo("", step).await;
    }
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..16 {
        let (fix, undo) = (
            random.choice(&steps).unwrap(),
            random.choice(&steps).unwrap(),
        );
        three.fix_and_undo(fix, undo).await;
    }
    three.bench
}

#[tokio::test]
#[ignore = "every step of two jobs over three systems takes long"]
async fn an_undo_over_three_systems_killed_at_every_step_in_every_mode() {
    let modes = [
        mode("undo over three systems", ""),
        mode("undo, two are refused", ""),
        mode("undo, a lie", ""),
        mode_by_name("cut after apply"),
        mode_by_name("half then 500"),
        mode_by_name("half then 403"),
        mode_by_name("429 at every second"),
    ];
    let benches = modes.into_iter().enumerate().map(|(at, mode)| async move {
        let three = match mode.name {
            "undo, two are refused" => with_two_refused(mode).await,
            "undo, a lie" => with_a_lie(mode).await,
            _ => ThreeSystemsFixture::new(mode).await,
        };
        at_every_step(three, at as u64).await
    });
    let benches = stream::iter(benches).buffer_unordered(3);
    let tallies: Vec<Report> = benches
        .map(|bench| {
            bench.report.print();
            bench.report
        })
        .collect()
        .await;
    assert_eq!(tallies.len(), modes.len());
    Report::assert_all_clean("undo over three systems", &tallies, 50);
}
