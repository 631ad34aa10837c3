//! Two consoles of two logins on one store: what one does is on the other's screen.

use super::{
    console::{Console, Start},
    stand_in::StandIn,
};
use crate::support::postgres::{Database, cluster};
use std::path::{Path, PathBuf};

/// A configuration for a login, beside the stand-in's own.
fn config(stand_in: &StandIn, database: &Database, directory: &Path, role: &str) -> PathBuf {
    let text = std::fs::read_to_string(stand_in.config()).unwrap();
    let path = directory.join(format!("{role}.toml"));
    std::fs::write(&path, format!("{text}\n{}", database.section(role))).unwrap();
    path
}

fn open(config: &Path, state: &Path) -> Console {
    let console = Start::on(config)
        .environment("STANCH_STATE_DIR", state)
        .size(180, 40)
        .open();
    console.wait_for("leaks 60 of 60");
    console
}

#[test]
fn a_claim_and_a_job_of_a_colleague_are_on_the_screen_and_a_lost_store_is_told() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let stand_in = StandIn::of(60);
    let home = tempfile::tempdir().unwrap();
    let (ana, ben) = (
        config(&stand_in, &database, home.path(), "ana"),
        config(&stand_in, &database, home.path(), "ben"),
    );
    let mut first = open(&ana, &home.path().join("state-ana"));
    let mut second = open(&ben, &home.path().join("state-ben"));
    first.wait_for("team · 2 online · live");
    // A claim: `a` claims what is under the cursor.
    second.keys("3");
    second.keys("a");
    first.wait_for("@ben");
    // A job: what ben fixes is in ana's list of jobs.
    second.keys("f");
    second.wait_for("y apply");
    let deadline = std::time::Instant::now() + super::console::PATIENCE;
    while second.contents().contains("y apply") {
        assert!(std::time::Instant::now() < deadline);
        second.keys("y");
        second.settle(std::time::Duration::from_millis(400));
    }
    first.keys("5");
    first.wait_for("finished");
    first.wait_for("ben");
    // The connection is lost: the server lets nobody in and ends what there is.
    database.cluster.sql(
        "postgres",
        &format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", database.name),
    );
    database.cluster.sql(
        "postgres",
        &format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
            database.name
        ),
    );
    first.wait_for("TEAM STORE LOST");
    database.cluster.sql(
        "postgres",
        &format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", database.name),
    );
    first.wait_for("team store is back");
    first.wait_without("TEAM STORE LOST");
}
