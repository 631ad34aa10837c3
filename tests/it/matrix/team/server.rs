//! The server is killed, restarted, starved and forbidden while a console stands at one of its steps; the console is
//! stopped there beyond its lease and a colleague goes on.

use super::{LANES, Report, SMALL, Size, Store, mode_by_name};
use crate::{
    matrix::{MatrixFixture, fixture::JOURNAL, oracle::Violation},
    support::postgres::{Cluster, Own, is_stopped},
};
use futures_util::{StreamExt as _, stream};
use rustix::process::{Pid, Signal, kill_process};
use std::{fs, path::Path, process::Command};
use tokio::process::Child;

/// Where the console stands, and how often it has been there.
const PLACES: &[(&str, u32)] = &[
    ("record", 1),
    ("intent", 2),
    ("answer", 2),
    ("readings", 1),
    ("state", 1),
];

/// What happens meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// `kill -9` of the server and of all below it; it is there again when the console goes on.
    Killed,
    /// The same, and the console goes on before the server is there again.
    KilledForAWhile,
    /// An administrator restarts it.
    Restarted,
    /// The connections are ended.
    Ended,
    /// What analysts may do is taken back.
    Revoked,
    /// The store takes newer programs only.
    Newer,
    /// The database takes no writes: a replica, it may be.
    ReadOnly,
    /// The console stays where it is; a colleague takes its job over and goes on, then it wakes.
    TakenOver,
}

const ALL: &[Fault] = &[
    Fault::Killed,
    Fault::KilledForAWhile,
    Fault::Restarted,
    Fault::Ended,
    Fault::Revoked,
    Fault::Newer,
    Fault::ReadOnly,
    Fault::TakenOver,
];

/// Seconds of a write request on these servers.
const SEND: u32 = 5;

pub(super) fn wake(child: &Child) {
    let process = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(process) = process.and_then(Pid::from_raw) {
        kill_process(process, Signal::CONT).ok();
    }
}

/// Starts a job that stops at a place; false where it ended before.
pub(super) async fn stopped_at(
    bench: &MatrixFixture,
    (step, position): (&str, u32),
) -> (Child, bool) {
    let child = bench.start(&format!("sleep:{step}:{position}")).await;
    let process = child.id().unwrap();
    let stopped = tokio::task::spawn_blocking(move || is_stopped(process));
    let stopped = stopped.await.unwrap();
    (child, stopped)
}

impl Store {
    pub(super) fn happens(&mut self, fault: Fault) {
        let name = &self.database.name;
        let cluster = self.cluster;
        match fault {
            Fault::Killed => {
                cluster.kill();
                cluster.start_again();
            }
            Fault::KilledForAWhile => cluster.kill(),
            Fault::Restarted => {
                cluster.end();
                cluster.start_again();
            }
            Fault::Ended => self.end_connections(),
            Fault::Revoked => {
                self.sql("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA stanch FROM stanch_analyst");
            }
            Fault::Newer => {
                self.sql("UPDATE meta SET api_min = 99, api_max = 99");
            }
            Fault::ReadOnly => {
                cluster.sql(
                    "postgres",
                    &format!("ALTER DATABASE {name} SET default_transaction_read_only = on"),
                );
                self.end_connections();
            }
            Fault::TakenOver => {}
        }
    }

    fn end_connections(&self) {
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
            self.database.name
        );
        self.cluster.sql("postgres", &sql);
    }

    fn is_mended(&self, fault: Fault) {
        let name = &self.database.name;
        match fault {
            Fault::Revoked => {
                let grants = include_str!("../../../../assets/migrations/postgres/0003_grants.sql");
                self.sql(&grants.replace("@schema@", "stanch"));
            }
            Fault::Newer => {
                self.sql("UPDATE meta SET api_min = 1, api_max = 1");
            }
            Fault::ReadOnly => {
                let sql = format!("ALTER DATABASE {name} RESET default_transaction_read_only");
                self.cluster.sql("postgres", &sql);
            }
            _ => {}
        }
    }
}

async fn meets(cluster: &'static Cluster, size: Size, fault: Fault, place: (&str, u32)) -> Report {
    let mut bench = MatrixFixture::on_a_team(mode_by_name("ok"), size, cluster, SEND).await;
    bench.reset().await;
    let (mut child, stopped) = stopped_at(&bench, place).await;
    let at = format!("{fault:?} at {place:?}");
    if stopped {
        bench.store.as_mut().unwrap().happens(fault);
        if fault == Fault::TakenOver {
            bench.store.as_mut().unwrap().role = "ben";
            bench.goes_on().await;
            bench.store.as_mut().unwrap().role = "ana";
        }
        let sent = bench.writes().await.len();
        wake(&child);
        if fault == Fault::KilledForAWhile {
            cluster.start_again();
        }
        let status = child.wait().await.unwrap();
        bench.report.record_run(status);
        let code = status.code();
        let more = bench.writes().await.len() - sent;
        match fault {
            Fault::TakenOver if more > 0 => {
                let what = format!("{at}: {more} requests after it woke");
                bench.report.add(Violation::TwoWriters, what);
            }
            Fault::Revoked | Fault::Newer | Fault::ReadOnly => {
                // At the end nothing is left to be refused.
                let expected = [Some(JOURNAL), Some(0)];
                assert!(
                    expected[..if place.0 == "state" { 2 } else { 1 }].contains(&code)
                        || code.is_none(),
                    "{at}: {status}"
                );
            }
            _ => {}
        }
    } else {
        let status = child.wait().await.unwrap();
        bench.report.record_run(status);
    }
    bench.store().is_mended(fault);
    bench.wait_for_writes().await;
    bench.report
}

impl MatrixFixture {
    /// Another login takes the job up and brings it to its end.
    pub(super) async fn goes_on(&mut self) {
        for _ in 0..4 {
            if self.has_ended().await {
                return;
            }
            self.leases_end();
            let arguments = ["jobs", "resume", "--all", "--yes"];
            let mut child = self.command(&arguments, "").spawn().unwrap();
            let status = child.wait().await.unwrap();
            self.report.record_run(status);
        }
    }
}

pub(super) fn server() -> Option<&'static Cluster> {
    Own::default().start()
}

/// A server that is killed is nobody else's: one point after the other. What concerns one database goes side by side.
pub(super) async fn run(size: Size, faults: &[Fault], places: &[(&str, u32)]) -> Vec<Report> {
    let mut tallies = Vec::new();
    let whole = |fault: &Fault| {
        matches!(
            fault,
            Fault::Killed | Fault::KilledForAWhile | Fault::Restarted
        )
    };
    let Some(cluster) = server() else {
        return tallies;
    };
    for fault in faults.iter().filter(|fault| whole(fault)) {
        for place in places {
            tallies.push(meets(cluster, size, *fault, *place).await);
        }
    }
    let rest: Vec<_> = faults
        .iter()
        .filter(|fault| !whole(fault))
        .flat_map(|fault| places.iter().map(|place| (*fault, *place)))
        .collect();
    let rest: Vec<Report> = stream::iter(rest)
        .map(|(fault, place)| meets(cluster, size, fault, place))
        .buffer_unordered(LANES)
        .collect()
        .await;
    tallies.extend(rest);
    cluster.kill();
    tallies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_at_an_intent_and_one_that_forbids_lose_nothing() {
    let tallies = run(
        SMALL,
        &[Fault::Killed, Fault::Revoked, Fault::TakenOver],
        &[("intent", 2), ("answer", 1)],
    );
    Report::all_of("a team's server, short", &tallies.await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "every fault at every step takes long"]
async fn whatever_becomes_of_the_server_at_any_step_nothing_is_lost() {
    let tallies = run(SMALL, ALL, PLACES);
    Report::all_of("a team's server", &tallies.await, 0);
}

/// A small file system for a server.
struct Disk(std::path::PathBuf);

impl Disk {
    fn mount() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap().keep();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=200m", "tmpfs"])
            .arg(&directory)
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then_some(Self(directory))
    }

    /// Leaves nothing free.
    fn fill(&self) {
        let path = self.0.join("filler");
        let mut file = fs::File::create(&path).unwrap();
        let block = vec![1; 4096];
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
    }

    fn empty(&self) {
        fs::remove_file(self.0.join("filler")).ok();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

#[expect(clippy::print_stdout, reason = "that nothing was run must be seen")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it mounts a file system"]
async fn a_server_whose_disk_is_full_loses_nothing() {
    let Some(disk) = Disk::mount() else {
        println!("matrix: no file system can be mounted here: nothing was run");
        return;
    };
    let Some(cluster) = at(&disk.0) else { return };
    let (mut tallies, mut stopped) = (Vec::new(), 0);
    for place in PLACES {
        let mut bench = MatrixFixture::on_a_team(mode_by_name("ok"), SMALL, cluster, SEND).await;
        bench.patience_of(3);
        bench.reset().await;
        let (mut child, stands) = stopped_at(&bench, *place).await;
        if stands {
            disk.fill();
        }
        wake(&child);
        let status = child.wait().await.unwrap();
        bench.report.record_run(status);
        stopped += u32::from(status.code() == Some(JOURNAL));
        let sent = bench.writes().await.len();
        disk.empty();
        // It may have died of it.
        cluster.end();
        cluster.start_again();
        if sent > bench.chunks() {
            let what = format!("{place:?}: {sent} requests, {} intents", bench.chunks());
            bench.report.add(Violation::Unrecorded, what);
        }
        bench.wait_for_writes().await;
        tallies.push(bench.report);
    }
    cluster.kill();
    println!(
        "matrix: a full disk of the server: {} tried, {stopped} stopped",
        PLACES.len()
    );
    Report::all_of("a team's full disk", &tallies, 0);
    assert!(stopped > 0, "no job was stopped");
}

fn at(directory: &Path) -> Option<&'static Cluster> {
    let own = Own {
        directory: Some(directory.to_owned()),
        ..Own::default()
    };
    own.start()
}
