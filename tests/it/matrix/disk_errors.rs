//! A disk that fails: every write of a job in turn, and every reading. What the journal could not take is not sent, the
//! program ends with its own code, and on a disk that works again the job comes to its end. File systems of other
//! machines, whose locks hold nobody, are read and never written.

use super::{
    MatrixFixture,
    fixture::{JOURNAL, was_stopped},
    mode, mode_by_name,
};

/// More writes than a job of six chunks has.
const WRITES: u32 = 120;

/// How often a run was tried, and how often it was stopped.
#[derive(Clone, Copy, Debug, Default)]
struct Attempts {
    attempted: u32,
    stopped: u32,
}

#[expect(
    clippy::print_stdout,
    reason = "the numbers of the matrix are its result"
)]
fn report(name: &str, kind: &str, tries: Attempts) {
    println!(
        "matrix: {name}: {kind}: {} tried, {} stopped",
        tries.attempted, tries.stopped
    );
}

/// The Nth write or reading fails, for every N until the job comes through.
async fn fail_each_write(bench: &mut MatrixFixture, kind: &str, step: u32) -> Attempts {
    let mut tries = Attempts::default();
    let mut through = 0;
    for number in (1..WRITES).step_by(step as usize) {
        let disaster = format!("{kind}:{number}");
        bench.reset().await;
        let status = bench.fix(&disaster).await;
        let stopped = was_stopped(status, &disaster);
        bench.assert_intent_before_send(&disaster).await;
        tries.attempted += 1;
        tries.stopped += u32::from(stopped);
        bench.wait_for_writes().await;
        bench.assert_audit_complete(&disaster).await;
        // Of a disk that fails once, the last writes are lines that a job can do without.
        through += u32::from(!stopped);
        if through == 2 {
            report(bench.mode.name, kind, tries);
            return tries;
        }
    }
    panic!("{kind}: the job never comes through");
}

/// A write that fails for good and once, that wrote nothing and that did, and a reading.
const KINDS: [&str; 5] = ["io", "io-once", "io-late", "io-late-once", "read"];

#[tokio::test]
async fn a_disk_that_fails_at_any_write_stops_the_job_there() {
    let mut bench = MatrixFixture::new(mode("failing disk", "")).await;
    bench.set_chunk_size(12);
    for (kind, step) in [("io", 1), ("io-late", 2)] {
        let tries = fail_each_write(&mut bench, kind, step).await;
        assert!(tries.stopped >= 6, "{kind}: {tries:?}");
    }
    bench.report.assert_clean(0);
}

#[tokio::test]
async fn a_disk_that_fails_once_or_cannot_be_read_stops_it_too() {
    let mut bench = MatrixFixture::new(mode("disk that fails once", "")).await;
    bench.set_chunk_size(12);
    for kind in ["io-once", "io-late-once", "read"] {
        let tries = fail_each_write(&mut bench, kind, 2).await;
        assert!(tries.stopped >= 4, "{kind}: {tries:?}");
    }
    bench.report.assert_clean(0);
}

#[tokio::test]
#[ignore = "every write in four modes takes long"]
async fn a_disk_that_fails_in_four_modes() {
    for (name, size, step) in [
        ("ok", 4, 1),
        ("cut after apply", 12, 2),
        ("half then 500", 12, 2),
        ("one is foreign", 12, 2),
    ] {
        let mut bench = MatrixFixture::new(mode_by_name(name)).await;
        bench.set_chunk_size(size);
        for kind in KINDS {
            fail_each_write(&mut bench, kind, step).await;
        }
        bench.report.assert_clean(0);
    }
}

#[tokio::test]
async fn on_a_file_system_of_another_machine_nothing_is_written_and_all_is_read() {
    let mut bench = MatrixFixture::new(mode("other machines", "")).await;
    bench.reset().await;
    bench.fix("kill:answer-after:1").await;
    let writes = bench.writes().await.len();
    for (magic, name) in [
        ("6969", "nfs"),
        ("ff534d42", "cifs"),
        ("fe534d42", "smb"),
        ("65735546:fuse.sshfs", "fuse.sshfs"),
    ] {
        let disaster = format!("magic:{magic}");
        for arguments in [
            &["jobs", "resume", "--yes"][..],
            &["jobs", "discard", "1", "--yes"],
            &["leaks", "fix", "--filter", "status:open", "--yes"],
        ] {
            let (code, _, said) = bench.run_with_output(arguments, &disaster).await;
            assert_eq!(code, JOURNAL, "{name}: {arguments:?}: {said}");
            assert!(said.contains(name) && said.contains("network"), "{said}");
            assert!(said.contains("STANCH_STATE_DIR"), "what to do: {said}");
        }
        let (code, shown, said) = bench
            .run_with_output(&["jobs", "show", "1"], &disaster)
            .await;
        assert_eq!(code, 0, "{name}: {said}");
        assert!(
            shown.contains("verified") || shown.contains("pending"),
            "{shown}"
        );
        let (code, _, said) = bench.run_with_output(&["leaks", "list"], &disaster).await;
        assert_eq!(code, 0, "{name}: {said}");
        assert_eq!(
            bench.writes().await.len(),
            writes,
            "{name}: nothing is sent"
        );
    }
    // A disk of a FUSE file system of this machine is a disk.
    bench.resume("magic:65735546:fuseblk").await;
    bench.wait_for_writes().await;
    bench.report.assert_clean(1);
}
