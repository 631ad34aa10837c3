//! The fault matrix with the journal of a team: the same jobs, the same judge, and what only a store on a server can
//! meet: the server is killed, restarted, starved and forbidden at every step, a console is stopped beyond its lease, the
//! line is cut and stalls in each direction.
//!
//! A part runs with the other tests. All of it, and the numbers:
//! `cargo test --locked --test it -- --ignored --show-output matrix::team`.

mod consoles;
mod copies;
mod failover;
mod line;
mod server;

use super::{
    MatrixFixture, Mode, RUNS, SMALL, Size,
    kills::{SIDES, STEPS},
    mode_by_name,
    oracle::Report,
    was_killed,
};
use crate::support::postgres::{Cluster, Database, cluster};
use futures_util::{StreamExt as _, stream};
use stanch::journal::TeamOptions;

/// Points at a time: most of the time one waits for what may still arrive.
const LANES: usize = 4;

/// The steps that only this store has.
const MORE_STEPS: &[&str] = &["hello", "account", "stage", "record", "words"];

/// The store of a bench: a database for each job.
pub(super) struct Store {
    cluster: &'static Cluster,
    database: Database,
    /// Seconds of a write request: what was sent may arrive for twice as long after a take-over.
    send: u32,
    /// The login.
    role: &'static str,
    /// In place of the database's own address.
    pub(super) through: Option<String>,
}

impl Store {
    fn of(cluster: &'static Cluster, send: u32) -> Self {
        Self {
            cluster,
            database: cluster.database(),
            send,
            role: "ana",
            through: None,
        }
    }

    pub(super) fn url(&self) -> String {
        match &self.through {
            Some(address) => format!("postgres://{}@{address}/{}", self.role, self.database.name),
            None => self.database.url(self.role),
        }
    }

    pub(super) fn options(&self) -> TeamOptions {
        self.database.options("ana")
    }

    pub(super) fn sql(&self, sql: &str) -> String {
        self.database
            .sql(&format!("SET search_path = stanch; {sql}"))
    }

    pub(super) fn chunks(&self) -> usize {
        self.sql("SELECT count(*) FROM chunk").parse().unwrap()
    }

    /// What `store check --deep` finds.
    pub(super) fn damage(&self) -> Vec<String> {
        let found = self.database.admin(|admin| admin.check(true).unwrap());
        let problems = found.problems.into_iter();
        problems
            .map(|problem| format!("{}: {}", problem.what, problem.detail))
            .collect()
    }
}

impl MatrixFixture {
    /// On the store of a team.
    async fn on_a_team(mode: Mode, size: Size, cluster: &'static Cluster, send: u32) -> Self {
        let mut bench = Self::with_size(mode, size).await;
        bench.store = Some(Store::of(cluster, send));
        bench
    }

    /// A database of its own for the next job.
    pub(super) fn renew_store(&mut self) {
        let Some(store) = &mut self.store else { return };
        let old = std::mem::replace(&mut store.database, store.cluster.database());
        // What still reads it ends with it.
        let drop = format!("DROP DATABASE {} WITH (FORCE)", old.name);
        store.cluster.sql("postgres", &drop);
        store.sql(&format!(
            "UPDATE meta SET lease_seconds = 3, send_seconds = {}",
            store.send
        ));
    }

    /// Nobody waits for the leases of the dead.
    pub(super) fn leases_end(&self) {
        if let Some(store) = &self.store {
            store.sql("UPDATE console SET seen_at = seen_at - interval '1 hour'");
        }
    }

    fn append(&self, lines: &str) {
        let path = self.home.path().join("config.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, config + lines).unwrap();
    }

    /// So many seconds a store that is gone is waited for.
    fn patience_of(&self, seconds: u32) {
        self.append(&format!("\n[store]\npatience_seconds = {seconds}\n"));
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }
}

/// One point of the matrix: a disaster, and what comes of it when it is over.
async fn meets(mode: Mode, size: Size, cluster: &'static Cluster, disaster: &str) -> Report {
    let mut bench = MatrixFixture::on_a_team(mode, size, cluster, 2).await;
    bench.reset().await;
    bench.fix(disaster).await;
    bench.wait_for_writes().await;
    bench.report
}

/// Many, a few at a time.
async fn meet_all(
    name: &'static str,
    points: Vec<(Mode, Size, String)>,
    cluster: &'static Cluster,
    kills: u32,
) {
    let tallies: Vec<Report> = stream::iter(points)
        .map(|(mode, size, disaster)| async move { meets(mode, size, cluster, &disaster).await })
        .buffer_unordered(LANES)
        .collect()
        .await;
    Report::all_of(name, &tallies, kills);
}

/// `kill -9` before and after each step, and answers that are lost with their connection.
fn points(mode: Mode, size: Size, steps: &[&str], positions: &[u32]) -> Vec<(Mode, Size, String)> {
    let mut points = vec![(mode, size, String::new())];
    for step in steps {
        // There is one plan and one end.
        let once = [
            "record", "state", "hello", "account", "stage", "words", "copy", "portion",
        ]
        .contains(step);
        for position in if once { &[1][..] } else { positions } {
            for side in SIDES {
                points.push((mode, size, format!("kill:{step}-{side}:{position}")));
            }
            points.push((mode, size, format!("disconnect:{step}:{position}")));
        }
    }
    points
}

#[tokio::test]
async fn a_kill_at_any_step_loses_nothing_on_a_server() {
    let Some(cluster) = cluster() else { return };
    let steps = ["record", "intent", "answer", "readings", "state"];
    let points = points(mode_by_name("ok"), SMALL, &steps, &[2]);
    meet_all("a team, short", points, cluster, 8).await;
}

#[tokio::test]
#[ignore = "every step in several modes takes long"]
async fn a_kill_at_any_step_loses_nothing_on_a_server_in_many_modes() {
    let Some(cluster) = cluster() else { return };
    let own: Vec<&str> = STEPS
        .iter()
        .copied()
        .filter(|step| *step != "plan")
        .collect();
    let all = [MORE_STEPS, &own].concat();
    let mut every = points(mode_by_name("ok"), SMALL, &all, &[1, 2, 4, 6]);
    for name in [
        "cut before apply",
        "cut after apply",
        "500 after",
        "half then 500",
        "a lie",
        "429",
        "one is foreign",
        "four are gone",
        "half then 403",
        "truncated answer",
    ] {
        every.extend(points(mode_by_name(name), SMALL, &own, &[2]));
    }
    meet_all("a team, every step", every, cluster, 100).await;
}

/// Kills what goes on, again and again; each console is a new one.
#[tokio::test]
#[ignore = "many kills take long"]
async fn killed_again_and_again_on_a_server_it_sends_each_once() {
    let Some(cluster) = cluster() else { return };
    let mut tallies = Vec::new();
    let mut random = fastrand::Rng::with_seed(17);
    for name in ["ok", "half then 500", "cut after apply"] {
        let mut bench = MatrixFixture::on_a_team(mode_by_name(name), SMALL, cluster, 2).await;
        bench.reset().await;
        bench.fix("kill:intent-after:2").await;
        for _ in 0..8 {
            if bench.has_ended().await {
                break;
            }
            let step = ["intent", "answer", "readings"][random.usize(0..3)];
            let side = SIDES[random.usize(0..2)];
            let position = random.u32(1..3);
            bench
                .resume(&format!("kill:{step}-{side}:{position}"))
                .await;
        }
        bench.wait_for_writes().await;
        tallies.push(bench.report);
    }
    Report::all_of("a team, again and again", &tallies, 8);
}

#[tokio::test]
async fn a_kill_on_a_server_is_a_kill() {
    let Some(cluster) = cluster() else { return };
    let mut bench = MatrixFixture::on_a_team(mode_by_name("ok"), SMALL, cluster, 2).await;
    bench.reset().await;
    assert!(was_killed(bench.fix("kill:intent-after:1").await));
    assert_eq!(bench.writes().await.len(), 0, "no byte was sent");
    assert_eq!(bench.store().chunks(), 1, "its intent was committed");
    assert!(!bench.has_ended().await);
}
