//! Three consoles of three logins on three hosts, at once, with plans that overlap: each meets a disaster of its own, and
//! the server is restarted or killed meanwhile.

use super::{
    RUNS, Report, SMALL, mode_by_name,
    server::{self, Fault},
};
use crate::matrix::{MatrixFixture, oracle::Violation};
use std::{process::Stdio, time::Duration};
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};

const LOGINS: [&str; 3] = ["ana", "ben", "cho"];

/// What each of the three meets.
const DISASTERS: &[[&str; 3]] = &[
    ["", "", ""],
    ["kill:intent-after:1", "", ""],
    ["kill:answer-before:1", "disconnect:intent:1", ""],
    [
        "kill:record-after:1",
        "kill:readings-before:1",
        "disconnect:answer:1",
    ],
    [
        "kill:intent-before:2",
        "kill:answer-after:1",
        "kill:state-before:1",
    ],
    [
        "disconnect:record:1",
        "disconnect:readings:1",
        "disconnect:state:1",
    ],
];

impl MatrixFixture {
    /// A command of one of the three, with a state directory of its own.
    fn command_of(&self, at: usize, arguments: &[&str], disaster: &str) -> Command {
        let mut command = self.command(arguments, disaster);
        let database = &self.store().database;
        command
            .env("STANCH_STORE_URL", database.url(LOGINS[at]))
            .env(
                "STANCH_STATE_DIR",
                self.home
                    .path()
                    .join(format!("{}-{}", LOGINS[at], self.states)),
            );
        command
    }

    /// One of the three sets these leaks to fixed.
    async fn fixes(&self, at: usize, ids: &[String], disaster: &str) -> Child {
        let arguments = ["leaks", "fix", "--ids-from", "-", "--yes"];
        let mut command = self.command_of(at, &arguments, disaster);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // It may be dead already.
        let lines = ids.join("\n") + "\n";
        stdin.write_all(lines.as_bytes()).await.ok();
        child
    }

    /// The three at once; what becomes of it when all that is left is taken up.
    async fn three(&mut self, disasters: [&str; 3], fault: Option<Fault>) {
        self.reset().await;
        let ids = self.ids.clone();
        let part = ids.len() / 3;
        let mut children = Vec::new();
        for (at, disaster) in disasters.into_iter().enumerate() {
            // Two thirds each: every leak is wanted by two.
            let mut own = ids.clone();
            own.rotate_left(at * part);
            children.push(self.fixes(at, &own[..part * 2], disaster).await);
        }
        if let Some(fault) = fault {
            // In the middle: something was sent.
            for _ in 0..500 {
                if !self.writes().await.is_empty() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            self.store.as_mut().unwrap().happens(fault);
        }
        for mut child in children {
            let status = child.wait().await.unwrap();
            self.report.record_run(status);
        }
        for run in 0..RUNS {
            if self.has_ended().await {
                break;
            }
            self.leases_end();
            let resume = ["jobs", "resume", "--all", "--yes"];
            let mut command = self.command_of(run as usize % 3, &resume, "");
            let status = command.spawn().unwrap().wait().await.unwrap();
            self.report.record_run(status);
        }
        // What was skipped because a colleague's job had it, and that job came to nothing.
        let status = self.fixes(0, &ids, "").await.wait().await.unwrap();
        self.report.record_run(status);
        self.check_invariants().await;
        // No job is about all of the leaks.
        let violations = &mut self.report.violations;
        violations.retain(|(kind, _)| *kind != Violation::HalfPlanned);
    }
}

async fn run(disasters: &[[&str; 3]], faults: &[Option<Fault>]) -> Vec<Report> {
    let mut tallies = Vec::new();
    let Some(cluster) = server::server() else {
        return tallies;
    };
    for fault in faults {
        for three in disasters {
            let mut bench = MatrixFixture::on_a_team(mode_by_name("ok"), SMALL, cluster, 2).await;
            bench.three(*three, *fault).await;
            tallies.push(bench.report);
        }
    }
    cluster.kill();
    tallies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_consoles_at_once_lose_nothing_and_send_nothing_twice() {
    let tallies = run(&DISASTERS[3..4], &[None, Some(Fault::Killed)]).await;
    Report::all_of("three of a team, short", &tallies, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "every disaster with every fault of the server takes long"]
async fn three_consoles_at_once_lose_nothing_whatever_becomes_of_them_and_the_server() {
    let faults = [
        None,
        Some(Fault::Killed),
        Some(Fault::Restarted),
        Some(Fault::Ended),
    ];
    let tallies = run(DISASTERS, &faults).await;
    // Whose plan is stale by then meets nothing.
    Report::all_of("three of a team", &tallies, 12);
}
