//! Two consoles of two logins on one store: what one does is on the other's screen.

use super::{
    console::{Console, ConsoleOptions, TEST_TIMEOUT, cpu_ticks},
    stand_in::StandIn,
};
use crate::support::postgres::{Database, Own, cluster};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// A configuration for a login, beside the stand-in's own.
fn config(stand_in: &StandIn, database: &Database, directory: &Path, role: &str) -> PathBuf {
    let text = std::fs::read_to_string(stand_in.config()).unwrap();
    let path = directory.join(format!("{role}.toml"));
    std::fs::write(&path, format!("{text}\n{}", database.section(role))).unwrap();
    path
}

fn open(config: &Path, state: &Path) -> Console {
    let console = ConsoleOptions::with_config(config)
        .environment("STANCH_STATE_DIR", state)
        .size(180, 40)
        .open();
    console.wait_for("leaks 60 of 60");
    console
}

#[test]
fn a_demo_of_a_team_has_its_own_server_and_leaves_nothing() {
    if cluster().is_none() {
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let mut console = ConsoleOptions::with_arguments(["demo", "--team", "--leaks", "60"])
        .environment("STANCH_STATE_DIR", "")
        .environment("TMPDIR", temporary.path())
        .size(160, 40)
        .open();
    // It opens a second console, or runs another command of it.
    console.wait_for("in another terminal, as ben: sh ");
    let screen = console.contents();
    let line = screen
        .lines()
        .find_map(|line| line.split_once("as ben: sh "));
    let script = line.unwrap().1.split_whitespace().next().unwrap();
    let second = std::process::Command::new("sh")
        .args([script, "store", "status"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&second.stdout);
    assert!(second.status.success() && told.contains("ben"), "{told}");
    // 60 of the services and 177 of the archive.
    console.wait_for("3 leaks 237 of 237");
    console.keys(":team\r");
    console.wait_for("1 online, live");
    console.wait_for("ana (here)");
    console.keys("\x1b");
    console.wait_without("ana (here)");
    console.keys("q");
    assert_eq!(console.exit(TEST_TIMEOUT), 0);
    console.assert_restored();
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn a_claim_and_a_job_of_a_colleague_are_on_the_screen_and_a_lost_store_is_told() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let stand_in = StandIn::with_leaks(60);
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
    let deadline = Instant::now() + TEST_TIMEOUT;
    while second.contents().contains("y apply") {
        assert!(Instant::now() < deadline);
        second.keys("y");
        second.wait_until_quiet(Duration::from_millis(400));
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

#[test]
fn a_server_that_does_not_answer_is_told_within_seconds_and_keys_are_answered() {
    let Some(cluster) = Own::default().start() else {
        return;
    };
    let database = cluster.database();
    let stand_in = StandIn::with_leaks(60);
    let home = tempfile::tempdir().unwrap();
    let ana = config(&stand_in, &database, home.path(), "ana");
    let mut console = open(&ana, &home.path().join("state"));
    console.wait_for("team · 1 online · live");
    cluster.hold();
    let start = Instant::now();
    console.wait_for("TEAM STORE LOST");
    // Two signs of life are five seconds apart, the answer to one is waited for, and a restart.
    let took = start.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    console.keys("?");
    console.wait_for("Motion");
    console.keys("\x1b");
    cluster.go_on();
    console.wait_for("the team store is back");
    console.wait_without("TEAM STORE LOST");
    cluster.kill();
}

/// A line that counts what goes over it, both ways.
fn counting(port: u16) -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let bytes = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&bytes);
    std::thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let far = TcpStream::connect(("127.0.0.1", port)).unwrap();
            for (mut from, mut to) in [
                (near.try_clone().unwrap(), far.try_clone().unwrap()),
                (far, near),
            ] {
                let counted = Arc::clone(&counted);
                std::thread::spawn(move || {
                    let mut buffer = [0; 16_384];
                    while let Ok(count @ 1..) = from.read(&mut buffer) {
                        counted.fetch_add(count as u64, Ordering::Relaxed);
                        if to.write_all(&buffer[..count]).is_err() {
                            return;
                        }
                    }
                });
            }
        }
    });
    (address, bytes)
}

/// What a console of a team costs at rest: nothing on the terminal, little on the line to the store.
#[test]
#[ignore = "it rests for a minute"]
#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn a_console_of_a_team_at_rest_costs_little() {
    let own = Own {
        hba: "hostnossl all all 127.0.0.1/32 trust\n",
        ..Own::default()
    };
    let Some(cluster) = own.start() else { return };
    let database = cluster.database();
    let stand_in = StandIn::with_leaks(60);
    let home = tempfile::tempdir().unwrap();
    let (address, bytes) = counting(cluster.port);
    let text = std::fs::read_to_string(stand_in.config()).unwrap();
    let path = home.path().join("ana.toml");
    let url = format!("postgres://ana@{address}/{}", database.name);
    let store = format!("\n[store]\nurl = \"{url}\"\ntls = \"off\"\n");
    std::fs::write(&path, text + &store).unwrap();
    let console = open(&path, &home.path().join("state"));
    console.wait_for("team · 1 online · live");
    console.wait_until_quiet(Duration::from_secs(5));
    let (before, sent) = (cpu_ticks(console.pid()), bytes.load(Ordering::Relaxed));
    let rest = Duration::from_secs(60);
    let shown = console.bytes_within(rest);
    let used = (cpu_ticks(console.pid()) - before) * 10;
    let line = (bytes.load(Ordering::Relaxed) - sent) as f64 / rest.as_secs_f64();
    println!(
        "team: at rest for a minute: {shown} bytes to the terminal, {used} ms of processor time, {line:.0} bytes a second to and from the store"
    );
    assert_eq!(shown, 0);
    assert!(line < 1_024.0, "{line} bytes a second");
    cluster.kill();
}

/// From a colleague's key to the screens of nineteen other consoles, real programs on terminals, each with a connection of its
/// own. `STANCH_TEAM_ROUNDS` says how often the whole screen is claimed and released.
#[test]
#[ignore = "twenty consoles take minutes"]
#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn how_soon_a_key_of_a_colleague_is_on_nineteen_other_screens() {
    // So many rows of leaks are on the screen for certain.
    const ROWS: usize = 12;
    let Some(cluster) = cluster() else { return };
    let rounds = std::env::var("STANCH_TEAM_ROUNDS").ok();
    let rounds: usize = rounds.and_then(|text| text.parse().ok()).unwrap_or(3);
    let database = cluster.database();
    let stand_in = StandIn::with_leaks(60);
    let home = tempfile::tempdir().unwrap();
    let of = |role| config(&stand_in, &database, home.path(), role);
    let (ben, others) = (of("ben"), [of("ana"), of("cho")]);
    let mut colleague = open(&ben, &home.path().join("state-ben"));
    let mut consoles: Vec<Console> = (0..19)
        .map(|at| open(&others[at % 2], &home.path().join(format!("state-{at}"))))
        .collect();
    consoles[18].wait_for("team · 20 online · live");
    colleague.keys("3");
    let shown = |screen: &vt100::Screen| screen.contents().matches("@ben").count();
    let mut lags = Vec::new();
    for round in 0..rounds * 2 {
        let claims = round % 2 == 0;
        for row in 0..ROWS {
            let wanted = if claims { row + 1 } else { ROWS - row - 1 };
            let seen = std::thread::scope(|scope| {
                let waiting: Vec<_> = consoles
                    .iter_mut()
                    .map(|console| {
                        scope.spawn(move || {
                            console.wait_until("the claim", |screen| shown(screen) == wanted);
                            Instant::now()
                        })
                    })
                    .collect();
                let pressed = Instant::now();
                colleague.keys("a");
                let seen: Vec<Duration> = waiting
                    .into_iter()
                    .map(|console| console.join().unwrap() - pressed)
                    .collect();
                seen
            });
            lags.extend(seen);
            colleague.keys(if claims { "j" } else { "k" });
        }
        // The next round goes the other way, over the same rows.
        colleague.keys(if claims { "k" } else { "j" });
    }
    lags.sort_unstable();
    let at = |part: usize| lags[(lags.len() * part / 100).min(lags.len() - 1)].as_millis();
    let build = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    println!(
        "team: from a colleague's key to 19 other screens: p50 {} ms, p99 {} ms, at most {} ms of {} ({build} build)",
        at(50),
        at(99),
        at(100),
        lags.len()
    );
    assert!(lags.len() == rounds * 2 * ROWS * 19);
}

/// Keys while the plan of a hundred thousand changes is recorded in the store, and its first chunks are sent.
/// `STANCH_TEAM_LEAKS` says of how many leaks.
#[test]
#[ignore = "a hundred thousand leaks take long"]
#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn how_soon_a_key_is_answered_while_a_hundred_thousand_changes_are_recorded() {
    let own = Own {
        settings: vec!["log_min_duration_statement=20".to_owned()],
        ..Own::default()
    };
    let Some(cluster) = own.start() else { return };
    let leaks = std::env::var("STANCH_TEAM_LEAKS").ok();
    let leaks = leaks.and_then(|text| text.parse().ok()).unwrap_or(125_000);
    let database = cluster.database();
    let stand_in = StandIn::with_options(stanch::demo::Options {
        leaks,
        rpm: Some(1_000_000),
        ..stanch::demo::Options::projectdiscovery_only(jiff::civil::date(2026, 3, 1))
    });
    let home = tempfile::tempdir().unwrap();
    let ana = config(&stand_in, &database, home.path(), "ana");
    let mut console = ConsoleOptions::with_config(&ana)
        .environment("STANCH_STATE_DIR", home.path().join("state"))
        .size(80, 24)
        .open();
    let all = stanch::entity::number::group_digits(leaks);
    console.wait_for(&format!("leaks {all} of {all}"));
    console.keys("3*");
    console.wait_for("marked");
    console.keys("f");
    console.wait_for(" to apply");
    let screen = console.contents();
    let asked = screen.split_once("type ").unwrap().1;
    let asked = asked.split_once(" to apply").unwrap().0;
    let number = asked.replace(',', "");
    console.wait_until_quiet(Duration::from_millis(400));
    console.keys(&number);
    console.keys("\r");
    console.wait_for("y applies");
    console.wait_until_quiet(Duration::from_millis(400));
    let row = |screen: &vt100::Screen| {
        let text = screen.contents();
        text.lines().position(|line| line.starts_with("│❯"))
    };
    let start = Instant::now();
    console.keys("y");
    console.wait_without(" apply");
    let (mut took, mut recorded) = (Vec::new(), None);
    // Some more keys once the job runs.
    while recorded.is_none() || took.len() < 100 {
        let before = console.screen(row);
        let pressed = Instant::now();
        console.keys(if took.len() % 2 == 0 { "j" } else { "k" });
        console.wait_until("the cursor moves", |screen| row(screen) != before);
        took.push(pressed.elapsed());
        if recorded.is_none() && console.contents().contains("job 1") {
            recorded = Some(start.elapsed());
        }
        assert!(start.elapsed() < TEST_TIMEOUT * 2);
    }
    took.sort_unstable();
    let at = |part: usize| took[(took.len() * part / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
    let changes = database.sql("SELECT count(*) FROM stanch.change");
    println!(
        "team: {asked} leaks, {changes} changes: the job is on the screen {:.2} s after y; keys meanwhile p50 {:.1} ms, p95 {:.1} ms, at most {:.1} ms of {}",
        recorded.unwrap().as_secs_f64(),
        at(50),
        at(95),
        at(100),
        took.len()
    );
    // What the server took for the stream and for the call that makes a job of it.
    let log = std::fs::read_to_string(cluster.directory.join("log")).unwrap();
    let asked = ["COPY ", ".job_record("];
    for line in log.lines().filter(|line| line.contains("duration: ")) {
        if let Some(what) = asked.iter().find(|what| line.contains(*what)) {
            let took = line.split_once("duration: ").unwrap().1;
            println!("team: {what} {}", took.split_once(" ms").unwrap().0);
        }
    }
    cluster.kill();
}
