//! Three systems in one console, as `stanch serve --config-out` and `stanch --config` have it: one list, one person,
//! one job, and what two of the systems cannot store is still there afterwards.

use super::{
    console::{Console, ConsoleOptions},
    stand_in::StandIn,
};
use stanch::demo::Options;
use std::{
    path::Path,
    time::{Duration, Instant},
};

const EXIT_TIMEOUT: Duration = Duration::from_secs(60);

fn open_console(stand_in: &StandIn, state: &Path) -> Console {
    let console = ConsoleOptions::with_config(&stand_in.config())
        .environment("STANCH_STATE_DIR", state)
        .size(180, 48)
        .open();
    console.wait_for("leaks 600 of 600");
    console
}

/// Narrows the leaks to what a filter shows.
fn set_filter(console: &mut Console, filter: &str) {
    console.keys("3\\");
    console.wait_for("leaks 600 of 600");
    console.keys(&format!("/{filter}\r"));
    console.wait_for(&format!("/{filter}"));
    console.wait_without("leaks 600 of 600");
}

/// The rows of the users pane, which is the right one of the first two.
fn users(console: &Console) -> Vec<String> {
    let lines: Vec<String> = console.contents().lines().map(str::to_owned).collect();
    let top = lines
        .iter()
        .position(|line| line.contains(" 2 users "))
        .unwrap();
    let rows = lines[top + 2..]
        .iter()
        .take_while(|line| !line.contains('└'));
    rows.filter_map(|line| line.split('│').rev().nth(1).map(str::to_owned))
        .collect()
}

/// Says yes to a plan, once it takes an answer.
fn apply(console: &mut Console) {
    let deadline = Instant::now() + super::console::TEST_TIMEOUT;
    while console.contents().contains("y apply") {
        assert!(Instant::now() < deadline);
        console.keys("y");
        console.wait_until_quiet(Duration::from_millis(400));
    }
}

#[test]
fn three_systems_are_one_list_one_person_and_one_job() {
    let stand_in = StandIn::with_options(Options {
        leaks: 600,
        systems: crate::support::console_fixture::THREE.into(),
        ..Options::all_systems(jiff::civil::date(2026, 3, 1))
    });
    let state = tempfile::tempdir().unwrap();
    let mut console = open_console(&stand_in, state.path());
    let header = console.contents().lines().next().unwrap().to_owned();
    for profile in [
        "demo-pd ProjectDiscovery",
        "demo-la Leaks.ai",
        "demo-lc Leaked Checker",
    ] {
        assert!(header.contains(profile), "{header}");
    }

    // A person that two services know is one row.
    console.wait_for("2 sources");
    let rows = users(&console);
    let shared = rows.iter().find(|row| row.contains("2 sources")).unwrap();
    let login = shared
        .trim_start_matches(['❯', ' '])
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    console.keys(&format!("2/{login}\r"));
    console.wait_for(" 2 users 1 · filtered");
    assert!(users(&console)[0].contains("2 sources"));
    console.keys("\\");
    console.wait_without(" 2 users 1 ");

    // Two leaks of each, one job.
    for filter in [
        "profile:demo-pd status:open",
        "profile:demo-la status:new",
        "profile:demo-lc",
    ] {
        set_filter(&mut console, filter);
        console.keys("  ");
    }
    console.wait_for("6 marked");
    console.keys("\\");
    console.wait_for("leaks 600 of 600");
    console.keys("f");
    console.wait_for("6 will change");
    console.wait_for("ProjectDiscovery 2 remote · Leaks.ai 2 local · Leaked Checker 2 local");
    // One leak is read by a POST, too.
    let writes = |stand_in: &StandIn| -> Vec<String> {
        let all = stand_in.requests().into_iter();
        all.filter(|one| !one.starts_with("GET ") && one != "POST /v1/leaks/info")
            .collect()
    };
    assert!(writes(&stand_in).is_empty());
    let fixed = |stand_in: &StandIn| {
        let statuses = stand_in.statuses();
        let all = statuses.as_object().unwrap().values();
        all.filter(|word| *word == "fixed").count()
    };
    let before = fixed(&stand_in);
    apply(&mut console);
    console.wait_for("6 of 6 changed");
    assert_eq!(fixed(&stand_in), before + 2);
    assert_eq!(writes(&stand_in), ["POST /v1/leaks/status"]);
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);

    // Another console: what is kept here is still there, and says whose it is.
    let mut console = open_console(&stand_in, state.path());
    set_filter(&mut console, "is:local");
    console.wait_for("leaks 4 of 600");
    console.wait_for("✓ fixed ⌂");
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
    assert_eq!(
        writes(&stand_in).len(),
        1,
        "nothing is sent for what is kept"
    );
}

#[test]
fn a_fourth_system_is_in_the_same_list_the_same_people_and_the_same_job() {
    let stand_in = StandIn::with_options(Options {
        leaks: 600,
        ..Options::all_systems(jiff::civil::date(2026, 3, 1))
    });
    let state = tempfile::tempdir().unwrap();
    let mut console = open_console(&stand_in, state.path());
    let header = console.contents().lines().next().unwrap().to_owned();
    for profile in ["demo-pd", "demo-la", "demo-lc", "demo-hibp"] {
        assert!(header.contains(profile), "{header}");
    }
    console.wait_for("4 sources");

    // Its leaks among the others, with whose data they are.
    set_filter(&mut console, "source:hibp");
    console.wait_for("leaks 30 of 600");
    console.wait_for("Have I Been Pwned, December 2018, CC BY 4.0");
    console.keys("  ");
    for filter in ["profile:demo-pd status:open", "profile:demo-lc"] {
        set_filter(&mut console, filter);
        console.keys("  ");
    }
    console.wait_for("6 marked");
    console.keys("\\");
    console.wait_for("leaks 600 of 600");
    console.keys("f");
    console.wait_for("6 will change");
    console.wait_for("ProjectDiscovery 2 remote");
    console.wait_for("Have I Been Pwned 2 local");
    apply(&mut console);
    console.wait_for("6 of 6 changed");
    let sent = stand_in.control("/requests");
    let sent = sent["requests"].as_array().unwrap();
    let writes = sent
        .iter()
        .filter(|one| one["provider"] == "hibp" && one["method"] != "GET");
    assert_eq!(writes.count(), 0, "what is kept here is not sent");
    set_filter(&mut console, "source:hibp status:fixed");
    console.wait_for("leaks 2 of 600");
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
}

/// How long the first line says that something is waited for.
fn remaining_wait(screen: &vt100::Screen) -> Option<u32> {
    let contents = screen.contents();
    let (_, after) = contents.lines().next()?.split_once("rate-limited, ")?;
    after.split_whitespace().next()?.parse().ok()
}

/// The row under the cursor of the leaks pane.
fn cursor(screen: &vt100::Screen) -> Option<usize> {
    let contents = screen.contents();
    let lines: Vec<&str> = contents.lines().collect();
    let top = lines.iter().position(|line| line.contains(" 3 leaks "))?;
    lines[top..].iter().position(|line| line.starts_with("│❯"))
}

#[test]
fn a_console_that_has_to_wait_counts_down_and_stays_live() {
    let stand_in = StandIn::with_options(Options {
        leaks: 600,
        rpm: Some(10),
        systems: crate::support::console_fixture::THREE.into(),
        ..Options::all_systems(jiff::civil::date(2026, 3, 1))
    });
    let state = tempfile::tempdir().unwrap();
    let mut console = open_console(&stand_in, state.path());
    let deadline = Instant::now() + super::console::TEST_TIMEOUT;
    while console.screen(remaining_wait).is_none() {
        assert!(Instant::now() < deadline, "{}", console.contents());
        console.keys("R");
        console.wait_until_quiet(Duration::from_millis(200));
    }
    let first = console.screen(remaining_wait).expect("a countdown");
    assert!((30..=62).contains(&first), "{first}");
    // Keys count while it waits, and so does the clock.
    let row = console.screen(cursor).expect("a cursor");
    console.keys("jj");
    console.wait_until("the cursor two rows below", |screen| {
        cursor(screen) == Some(row + 2)
    });
    console.wait_until("a countdown", |screen| {
        remaining_wait(screen).is_some_and(|left| left < first)
    });
    let log = stand_in.control("/requests");
    let log = log["requests"].as_array().unwrap();
    for system in ["projectdiscovery", "leaks_ai", "leaked_checker"] {
        let own: Vec<_> = log.iter().filter(|one| one["provider"] == system).collect();
        assert!((1..=10).contains(&own.len()), "{system}: {}", own.len());
        assert!(own.iter().all(|one| one["status"] != 429), "{system}");
    }
    // Nobody waits for the minute to end.
    console.keys("q");
    assert_eq!(console.exit(EXIT_TIMEOUT), 0);
}
