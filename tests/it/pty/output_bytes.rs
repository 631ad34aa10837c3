//! What a console costs: nothing at rest, little for one row.

use super::{
    console::{Console, ConsoleOptions, cpu_ticks},
    stand_in::StandIn,
};
use std::time::Duration;

/// Longer than anything at rest waits: notices, the detail, progress.
const QUIET_TIME: Duration = Duration::from_millis(700);

fn idle_console(stand_in: &StandIn, size: (u16, u16)) -> Console {
    let console = ConsoleOptions::with_config(&stand_in.config())
        .size(size.0, size.1)
        .open();
    console.wait_for("leaks 2,000 of 2,000");
    console.wait_until_quiet(QUIET_TIME);
    console
}

/// The names of a process's threads, and how much each steps back.
#[cfg(target_os = "linux")]
fn threads(pid: u32) -> Vec<(String, i32)> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let stats =
        tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("stat")).ok());
    let thread = |stat: String| {
        let (name, rest) = stat.rsplit_once(") ").unwrap();
        let name = name.split_once('(').unwrap().1;
        (
            name.to_owned(),
            rest.split(' ').nth(16).unwrap().parse().unwrap(),
        )
    };
    stats.map(thread).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn what_reads_and_records_beside_a_console_steps_back_and_nothing_else_does() {
    let stand_in = StandIn::with_leaks(20);
    let console = ConsoleOptions::with_config(&stand_in.config()).open();
    console.wait_for("leaks 20 of 20");
    let usual = rustix::process::nice(0).unwrap();
    for (name, nice) in threads(console.pid()) {
        let steps_back = name.starts_with("tokio") || matches!(&name[..], "journal" | "seen");
        // Nobody can step back further than to 19.
        let expected = if steps_back {
            (usual + 10).min(19)
        } else {
            usual
        };
        assert_eq!(nice, expected, "{name}");
    }
    // No keys wait for a command.
    let home = tempfile::tempdir().unwrap();
    let mut serve = std::process::Command::new(super::console::PROGRAM)
        .args(["serve", "--leaks", "20", "--config-out"])
        .arg(home.path().join("config.toml"))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let told = serve.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(told), &mut line).unwrap();
    let threads = threads(serve.id());
    serve.kill().unwrap();
    serve.wait().unwrap();
    assert!(threads.iter().any(|(name, _)| name.starts_with("tokio")));
    assert!(
        threads.iter().all(|(_, nice)| *nice == usual),
        "{threads:?}"
    );
}

fn assert_idle(time: Duration) {
    let stand_in = StandIn::with_leaks(2_000);
    let console = idle_console(&stand_in, (160, 48));
    let before = cpu_ticks(console.pid());
    assert_eq!(console.bytes_within(time), 0);
    let used = cpu_ticks(console.pid()) - before;
    assert!(used <= 3, "{used}0 ms of processor time");
}

#[test]
fn at_rest_it_writes_nothing_and_sleeps() {
    assert_idle(Duration::from_millis(1_500));
}

#[test]
#[ignore = "ten seconds of silence"]
fn ten_seconds_at_rest_cost_nothing() {
    assert_idle(Duration::from_secs(10));
}

#[test]
fn one_row_down_costs_little() {
    let stand_in = StandIn::with_leaks(2_000);
    let mut console = idle_console(&stand_in, (200, 50));
    // The first key takes the hint of the start away.
    console.keys("j");
    console.wait_until_quiet(QUIET_TIME);
    let before = console.raw().len();
    let row = cursor(&console);
    console.keys("j");
    console.wait_until("the cursor a row below", |screen| {
        row_of_cursor(screen) == Some(row + 1)
    });
    let moved = console.raw().len() - before;
    let rested = console.wait_until_quiet(QUIET_TIME) - before;
    assert!(rested <= 2_048, "{moved} bytes, {rested} in all");
}

#[test]
fn a_burst_of_keys_costs_about_a_frame() {
    let stand_in = StandIn::with_leaks(2_000);
    let mut console = idle_console(&stand_in, (160, 48));
    console.keys("zf");
    console.wait_until_quiet(QUIET_TIME);
    let before = console.raw().len();
    console.keys("\x1b[6~");
    let page = console.wait_until_quiet(QUIET_TIME) - before;
    assert!(page <= 8_000, "{page} bytes a page");
    let before = console.raw().len();
    console.keys(&"j".repeat(50));
    let burst = console.wait_until_quiet(QUIET_TIME) - before;
    assert!(
        burst * 10 <= page * 12 + 6_000,
        "{burst} bytes, and {page} a page"
    );
}

#[test]
fn a_slow_line_holds_no_key_up_and_is_sent_no_frame_too_many() {
    let stand_in = StandIn::with_leaks(2_000);
    let mut console = idle_console(&stand_in, (160, 48));
    console.keys("zf");
    console.wait_until_quiet(QUIET_TIME);
    let before = console.raw().len();
    console.pause_reading();
    let asked = || {
        let requests = stand_in.requests();
        let mut reads = requests.iter();
        reads
            .by_ref()
            .filter(|one| one.starts_with("GET /v1/"))
            .count()
    };
    for _ in 0..16 {
        let count = asked();
        console.keys("\x1b[6~r");
        // The key behind is handled although nobody reads: it asks the stand-in again.
        let deadline = std::time::Instant::now() + super::console::TEST_TIMEOUT;
        while asked() == count {
            assert!(std::time::Instant::now() < deadline, "the keys wait");
        }
    }
    console.resume_reading();
    let bytes = console.wait_until_quiet(QUIET_TIME) - before;
    // Two frames, and what the kernel keeps for a reader.
    assert!(bytes <= 48_000, "{bytes} bytes");
    console.keys("zb");
    console.wait_for("frames were left out");
    console.keys("q");
    console.wait_without("left out");
    let shown = console.contents();
    console.keys("\x0c");
    console.wait_until_quiet(QUIET_TIME);
    assert_eq!(console.contents(), shown);
    console.keys("q");
    assert_eq!(console.exit(super::console::TEST_TIMEOUT), 0);
    console.assert_restored();
}

fn cursor(console: &Console) -> u16 {
    console.screen(row_of_cursor).expect("a cursor")
}

/// The row of the cursor in the leaks pane, which begins below the others.
fn row_of_cursor(screen: &vt100::Screen) -> Option<u16> {
    let (rows, columns) = screen.size();
    let lines: Vec<String> = screen.rows(0, columns.get()).collect();
    let top = lines.iter().position(|line| line.contains(" 3 leaks"))?;
    let marked = lines[top..]
        .iter()
        .position(|line| line.starts_with("│❯"))?;
    u16::try_from(top + marked)
        .ok()
        .filter(|row| *row < rows.get())
}
