//! What only a machine that lets itself be broken can show: a small file system, a library that makes the disk fail, a
//! clock that is wrong, a device that is taken away, a file system of another machine. `tests/faults.sh` makes them and
//! says so in the environment; without it there is nothing to run on.

use super::{
    MatrixFixture,
    fixture::{JOURNAL, was_stopped},
    mode, mode_by_name,
};
use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

/// What the script says, or that it says nothing.
#[expect(clippy::print_stdout, reason = "that nothing was run must be seen")]
fn environment_value(name: &str) -> Option<String> {
    let given = std::env::var(name).ok();
    if given.is_none() {
        println!("matrix: {name} is not set: nothing was run; tests/faults.sh sets it");
    }
    given
}

#[expect(
    clippy::print_stdout,
    reason = "the numbers of the matrix are its result"
)]
fn report(what: &str, tried: u32, stopped: u32) {
    println!("matrix: {what}: {tried} tried, {stopped} stopped");
}

/// Leaves so many KiB free.
fn fill(disk: &Path, free: u64) -> PathBuf {
    let path = disk.join("filler");
    let mut file = File::create(&path).unwrap();
    while file.write_all(&[1; 1024]).is_ok() {}
    // Its last KiB may have gone in by half.
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(free * 1024)).unwrap();
    path
}

#[tokio::test]
#[ignore = "tests/faults.sh makes the file system"]
async fn on_a_small_file_system() {
    let Some(disk) = environment_value("STANCH_FAULTS_SMALL").map(PathBuf::from) else {
        return;
    };
    let (mut tried, mut stopped) = (0, 0);
    for name in ["ok", "cut after apply", "half then 500", "one is foreign"] {
        let mut bench = MatrixFixture::new(mode_by_name(name)).await;
        bench.disk = Some(disk.clone());
        for free in (0..=60).step_by(4) {
            bench.reset().await;
            let at = format!("{name}, {free} KiB free");
            // The journal is made while there is room: what is to run out of it is a job.
            bench.fix("kill:plan-before:1").await;
            let filler = fill(&disk, free);
            let status = bench.fix("").await;
            let is_stopped = was_stopped(status, &at);
            bench.assert_intent_before_send(&at).await;
            tried += 1;
            stopped += u32::from(is_stopped);
            std::fs::remove_file(filler).unwrap();
            bench.wait_for_writes().await;
            bench.assert_audit_complete(&at).await;
            std::fs::remove_dir_all(bench.state()).ok();
        }
        bench.report.assert_clean(16);
    }
    report("a small file system", tried, stopped);
    assert!(
        stopped > 0 && stopped < tried,
        "{stopped} of {tried} were stopped"
    );
}

#[tokio::test]
#[ignore = "tests/faults.sh builds the library"]
async fn with_a_disk_that_fails_below_the_program() {
    let Some(library) = environment_value("STANCH_FAULTS_PRELOAD") else {
        return;
    };
    for call in ["fsync", "write", "read"] {
        let mut bench = MatrixFixture::new(mode("failing calls", "")).await;
        bench.set_chunk_size(12);
        let (mut tried, mut stopped) = (0, 0);
        // So many calls further each time, until the job comes through.
        for number in (1..4_000).step_by(if call == "fsync" { 3 } else { 11 }) {
            bench.reset().await;
            bench.environment = vec![
                ("LD_PRELOAD", library.clone()),
                ("STANCH_FAULTS_CALL", format!("{call}:{number}")),
            ];
            let status = bench.fix("").await;
            bench.environment.clear();
            let at = format!("{call} {number}");
            let is_stopped = was_stopped(status, &at);
            bench.assert_intent_before_send(&at).await;
            tried += 1;
            stopped += u32::from(is_stopped);
            bench.wait_for_writes().await;
            bench.assert_audit_complete(&at).await;
            if !is_stopped {
                break;
            }
        }
        report(&format!("failing {call}"), tried, stopped);
        assert!(stopped > 0, "{call} never failed");
        bench.report.assert_clean(0);
    }
}

#[tokio::test]
#[ignore = "tests/faults.sh finds the library"]
async fn with_a_clock_that_is_wrong_below_the_program() {
    let Some(library) = environment_value("STANCH_FAULTS_CLOCK") else {
        return;
    };
    let mut bench = MatrixFixture::new(mode("a wrong clock", "")).await;
    let (mut tried, mut stopped) = (0, 0);
    for (time, zone, asks) in [
        ("+25h", "UTC", true),
        ("-1d", "UTC", true),
        ("@1970-01-02 00:00:00", "UTC", true),
        ("@2038-01-19 03:14:08", "UTC", true),
        ("+1h", "UTC", false),
        // Summer time begins: the wall shows an hour more.
        ("+0", "Pacific/Auckland", false),
    ] {
        bench.reset().await;
        bench.fix("kill:answer-before:2").await;
        let sent = bench.writes().await.len();
        bench.environment = vec![
            ("LD_PRELOAD", library.clone()),
            ("FAKETIME", time.to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("TZ", zone.to_owned()),
        ];
        let (code, _, said) = bench.run_with_output(&["jobs", "resume"], "").await;
        bench.environment.clear();
        tried += 1;
        if asks {
            stopped += 1;
            assert_eq!(code, 4, "{time}: {said}");
            assert_eq!(bench.writes().await.len(), sent, "{time}: nothing is sent");
        } else {
            assert_eq!(code, 0, "{time}: {said}");
        }
        bench.wait_for_writes().await;
    }
    report("a wrong clock", tried, stopped);
    bench.report.assert_clean(6);
}

#[tokio::test]
#[ignore = "tests/faults.sh makes the device"]
async fn on_a_device_that_is_taken_away() {
    let Some(disk) = environment_value("STANCH_FAULTS_DEVICE").map(PathBuf::from) else {
        return;
    };
    let run = |name: &str| {
        let script = std::env::var(name).unwrap();
        let status = Command::new("/bin/sh").args(["-c", &script]).status();
        assert!(status.unwrap().success(), "{name}");
    };
    let mut bench = MatrixFixture::new(mode("a device that fails", "")).await;
    bench.disk = Some(disk);
    for wanted in 1..6 {
        bench.reset().await;
        let mut child = bench.start("").await;
        while bench.writes().await.len() < wanted && child.try_wait().unwrap().is_none() {
            tokio::task::yield_now().await;
        }
        run("STANCH_FAULTS_BREAK");
        let status = child.wait().await.unwrap();
        run("STANCH_FAULTS_MEND");
        was_stopped(status, "a device that fails");
        bench.assert_intent_before_send("a device that fails").await;
        bench.wait_for_writes().await;
    }
    bench.report.assert_clean(0);
}

#[tokio::test]
#[ignore = "tests/faults.sh knows the mount"]
async fn on_a_mount_of_another_machine() {
    let Some(disk) = environment_value("STANCH_FAULTS_NETWORK").map(PathBuf::from) else {
        return;
    };
    let mut bench = MatrixFixture::new(mode("a network mount", "")).await;
    bench.disk = Some(disk);
    bench.reset().await;
    let arguments = ["leaks", "fix", "--filter", "status:open", "--yes"];
    let (code, _, said) = bench.run_with_output(&arguments, "").await;
    assert_eq!(code, JOURNAL, "{said}");
    assert!(said.contains("network file system"), "{said}");
    assert_eq!(bench.writes().await.len(), 0);
    assert!(!bench.state().exists(), "nothing is made there");
}
