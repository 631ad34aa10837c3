//! Hang-ups, a provider that never answers, disks that are full, bits that fall over.

use super::{MatrixFixture, SMALL, mode, mode_by_name};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;

impl MatrixFixture {
    /// From now on writes hang; reads do not.
    pub(super) async fn set_hang_fault(&self) {
        self.faults("hang-write:1").await;
    }

    /// Waits until a write hangs.
    pub(super) async fn wait_until_hanging(&self, child: &mut Child) {
        loop {
            let ended = child.try_wait().unwrap();
            assert_eq!(ended, None, "it ended before it could hang");
            if !self.writes().await.is_empty() {
                return;
            }
        }
    }
}

fn signal(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
}

#[tokio::test]
async fn a_kill_while_the_provider_never_answers_loses_nothing() {
    let mut bench = MatrixFixture::new(mode("never answers", "")).await;
    for _ in 0..2 {
        bench.reset().await;
        bench.set_hang_fault().await;
        let mut child = bench.start("").await;
        bench.wait_until_hanging(&mut child).await;
        child.kill().await.ok();
        let status = child.wait().await.unwrap();
        bench.report.record_run(status);
        bench.faults("").await;
        bench.wait_for_writes().await;
    }
    bench.report.assert_clean(2);
}

#[tokio::test]
async fn a_hang_up_ends_it_in_time_and_the_job_goes_on_later() {
    let mut bench = MatrixFixture::new(mode("hang-up", "")).await;
    for (name, code) in [(Signal::HUP, 129), (Signal::TERM, 143)] {
        // While a request is under way, and while its answer is read back.
        for hangs in [true, false] {
            bench.reset().await;
            if hangs {
                bench.set_hang_fault().await;
            }
            let mut child = bench.start("").await;
            while bench.writes().await.is_empty() {
                assert_eq!(child.try_wait().unwrap(), None, "it ended before it sent");
            }
            signal(&child, name);
            let status = child.wait().await.unwrap();
            bench.report.record_run(status);
            // It may have been at its end already.
            let fits = status.code() == Some(code) || (!hangs && status.code() == Some(0));
            assert!(fits, "{name:?}, {hangs}: {status}");
            bench.faults("").await;
            bench.wait_for_writes().await;
        }
    }
    bench.report.assert_clean(0);
}

#[tokio::test]
async fn a_full_disk_stops_it_and_space_lets_it_go_on() {
    let mut bench = MatrixFixture::new(mode("disk full", "")).await;
    let mut stopped = 0;
    for pages in 4..24 {
        bench.reset().await;
        let status = bench.fix(&format!("pages:{pages}")).await;
        let code = status.code().unwrap();
        assert!([0, 7].contains(&code), "{pages} pages: {status}");
        if code != 0 {
            stopped += 1;
        }
        bench.wait_for_writes().await;
    }
    // It fills up on the way: the database may not become larger than it is.
    for killed in ["plan-after:1", "intent-after:2", "answer-after:3"] {
        bench.reset().await;
        bench.fix(&format!("kill:{killed}")).await;
        let status = bench.resume("pages:4").await;
        let code = status.code().unwrap();
        assert!([0, 7].contains(&code), "{killed}: {status}");
        stopped += u32::from(code != 0);
        bench.wait_for_writes().await;
    }
    assert!(stopped >= 3, "only {stopped} were stopped");
    bench.report.assert_clean(0);
}

/// Bits that fall over in the journal of a job that was killed.
async fn flip_bits(times: u32) {
    let mut bench = MatrixFixture::new(mode("corruption", "")).await;
    let mut random = fastrand::Rng::with_seed(5);
    let (mut refused, mut whole) = (0, Vec::new());
    for _ in 0..times {
        if whole.is_empty() {
            bench.reset().await;
            bench.fix("kill:answer-after:2").await;
            whole = std::fs::read(bench.state().join("journal.db")).unwrap();
        }
        // As it was at the kill, but for one bit.
        let path = bench.state().join("journal.db");
        let mut bytes = whole.clone();
        // Most of what is nought is in no use.
        let place = loop {
            let place = random.usize(0..bytes.len());
            if bytes[place] != 0 {
                break place;
            }
        };
        bytes[place] ^= 1 << random.u8(0..8);
        std::fs::write(&path, &bytes).unwrap();
        let before = bench.writes().await.len();
        if bench.resume("").await.success() {
            // The bit meant nothing: the job has come to its end.
            bench.wait_for_writes().await;
            whole.clear();
        } else {
            refused += 1;
            let now = bench.writes().await.len();
            assert_eq!(now, before, "bit at {place}: it sent, and failed");
            std::fs::write(&path, &whole).unwrap();
        }
    }
    // What is whole goes on, whatever was tried before.
    bench.wait_for_writes().await;
    assert!(
        refused > times / 10,
        "only {refused} of {times} were noticed"
    );
    bench.report.assert_clean(1);
}

#[tokio::test]
async fn a_bit_that_fell_over_is_never_acted_on() {
    flip_bits(24).await;
}

#[tokio::test]
#[ignore = "many bits take long"]
async fn of_four_hundred_bits_none_is_acted_on() {
    flip_bits(400).await;
}

#[tokio::test]
async fn chunks_are_as_large_as_they_may_be() {
    let mut bench = MatrixFixture::new(mode_by_name("ok")).await;
    bench.reset().await;
    bench.fix("").await;
    let writes = bench.writes().await;
    let sizes = writes
        .iter()
        .map(|write| write["ids"].as_array().unwrap().len());
    assert_eq!(sizes.collect::<Vec<_>>(), [SMALL.chunk; 6]);
    bench.wait_for_writes().await;
    bench.report.assert_clean(0);
}
