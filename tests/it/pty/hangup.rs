//! The terminal goes away.

use super::{
    console::{Console, ConsoleOptions, PARALLEL_FACTOR, PROGRAM, cpu_ticks},
    stand_in::StandIn,
};
use stanch::{
    entity::{
        job::{ChangeState, JobRecord},
        key::JobId,
    },
    journal::{Journal, JournalOptions, OpenMode, Operator},
};
use std::{
    process::Command,
    time::{Duration, Instant},
};

const FIX: &str = "POST /v1/leaks/status";

#[test]
fn at_rest_it_is_gone_within_two_seconds() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = ConsoleOptions::with_config(&stand_in.config()).open();
    console.wait_for("leaks 60 of 60");
    let start = Instant::now();
    console.hang_up();
    assert_eq!(console.exit(PARALLEL_FACTOR * Duration::from_secs(2)), 129);
    assert!(start.elapsed() < PARALLEL_FACTOR * Duration::from_secs(2));
}

#[test]
fn a_hangup_signal_alone_ends_it_too() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = ConsoleOptions::with_config(&stand_in.config()).open();
    console.wait_for("leaks 60 of 60");
    console.signal(rustix::process::Signal::HUP);
    assert_eq!(console.exit(PARALLEL_FACTOR * Duration::from_secs(2)), 129);
}

#[test]
fn below_a_leader_that_ignores_the_hangup_it_is_gone_as_well() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = ConsoleOptions::with_config(&stand_in.config())
        .in_shell(r#"trap "" HUP; "$@"; echo $? >"$HOME/code""#)
        .open();
    console.wait_for("leaks 60 of 60");
    console.hang_up();
    console.end(PARALLEL_FACTOR * Duration::from_secs(2));
    let code = std::fs::read_to_string(console.home().join("code")).unwrap();
    assert_eq!(code.trim(), "129");
}

#[test]
fn while_pages_load_it_is_gone_as_well() {
    let stand_in = StandIn::with_options(stanch::demo::Options {
        leaks: 50_000,
        latency: Duration::from_millis(300),
        ..stanch::demo::Options::projectdiscovery_only(jiff::civil::date(2026, 3, 1))
    });
    let mut console = ConsoleOptions::with_config(&stand_in.config()).open();
    console.wait_for("of 50,000");
    console.hang_up();
    assert_eq!(console.exit(PARALLEL_FACTOR * Duration::from_secs(2)), 129);
}

/// A console with a plan of three that was applied, its write on the way.
fn console_with_write_in_flight(stand_in: &StandIn, fault: &str) -> Console {
    let mut console = ConsoleOptions::with_config(&stand_in.config()).open();
    console.wait_for("leaks 60 of 60");
    console.keys("/status:open\r");
    console.wait_for("status:open");
    console.keys("   ");
    console.wait_for("3 marked");
    console.keys("f");
    console.wait_for("3 will change");
    stand_in.faults(&[fault]);
    // A plan takes no answer within 300 ms of being drawn, and says so.
    let deadline = Instant::now() + super::console::TEST_TIMEOUT;
    while console.contents().contains("y apply") {
        assert!(Instant::now() < deadline);
        console.keys("y");
        console.wait_until_quiet(Duration::from_millis(400));
    }
    stand_in.wait_for(FIX);
    console
}

/// The job as the next run of the program finds it.
fn job_afterwards(stand_in: &StandIn, console: &Console) -> JobRecord {
    let journal = stand_in
        .block_on(Journal::open(JournalOptions::new(
            console.state(),
            OpenMode::Read,
            Operator::default(),
        )))
        .unwrap();
    let record = stand_in.block_on(journal.job(JobId(1))).unwrap();
    stand_in.block_on(journal.close());
    record
}

/// Looking sends nothing: neither a console that opens the journal nor the command.
fn assert_reading_sends_nothing(stand_in: &StandIn, console: &Console) {
    let count = || stand_in.requests().iter().filter(|one| *one == FIX).count();
    let (sent, statuses) = (count(), stand_in.statuses());
    let output = Command::new(PROGRAM)
        .args(["jobs", "show", "1", "--format", "json", "--config"])
        .arg(stand_in.config())
        .env_clear()
        .env("HOME", console.home())
        .env("STANCH_STATE_DIR", console.state())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}");
    let mut second = ConsoleOptions::with_config(&stand_in.config())
        .environment("STANCH_STATE_DIR", console.state())
        .open();
    // The filter came back with the console.
    second.wait_for(" of 60 ");
    // It is asked about once, and left as it is.
    second.wait_for("has not ended");
    second.wait_until_quiet(Duration::from_millis(400));
    second.keys("n5");
    second.wait_for("jobs 1");
    second.wait_until_quiet(Duration::from_millis(500));
    second.keys("q");
    assert_eq!(second.exit(PARALLEL_FACTOR * Duration::from_secs(10)), 0);
    assert_eq!((count(), stand_in.statuses()), (sent, statuses));
}

#[test]
fn a_write_that_is_answered_slowly_is_recorded_first() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = console_with_write_in_flight(&stand_in, "slow:1");
    console.hang_up();
    assert_eq!(console.exit(PARALLEL_FACTOR * Duration::from_secs(12)), 129);
    let record = job_afterwards(&stand_in, &console);
    assert_eq!(record.changes.len(), 3);
    for change in &record.changes {
        assert_eq!(change.state(), ChangeState::Accepted);
    }
    stand_in.faults(&[]);
    assert_reading_sends_nothing(&stand_in, &console);
}

#[test]
fn a_write_that_is_never_answered_holds_it_for_twelve_seconds_at_most() {
    let stand_in = StandIn::with_leaks(60);
    let mut console = console_with_write_in_flight(&stand_in, "hang:1");
    let before = cpu_ticks(console.pid());
    let start = Instant::now();
    console.hang_up();
    let used = last_ticks(console.pid()) - before;
    assert_eq!(console.exit(PARALLEL_FACTOR * Duration::from_secs(12)), 129);
    assert!(start.elapsed() < PARALLEL_FACTOR * Duration::from_secs(12));
    assert!(used <= 50, "{used}0 ms of processor time while it waited");
    let record = job_afterwards(&stand_in, &console);
    assert_eq!(record.changes.len(), 3);
    for change in &record.changes {
        assert_eq!(change.state(), ChangeState::Inflight);
    }
    stand_in.faults(&[]);
    assert_reading_sends_nothing(&stand_in, &console);
}

/// Processor time at the last look before a process is gone; it yields between looks.
fn last_ticks(pid: u32) -> u64 {
    let (watch, gone) = (cpu_ticks(pid), PARALLEL_FACTOR * Duration::from_secs(12));
    let start = Instant::now();
    let mut last = watch;
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    while start.elapsed() < gone {
        let path = format!("/proc/{pid}/stat");
        let Ok(text) = std::fs::read_to_string(path) else {
            break;
        };
        let rest = text.rsplit_once(") ").unwrap().1;
        if rest.starts_with('Z') {
            break;
        }
        let fields: Vec<&str> = rest.split(' ').collect();
        last = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        // Nothing ever comes: a wait that gives the processor away.
        receiver.recv_timeout(Duration::from_millis(50)).ok();
    }
    drop(sender);
    last
}
