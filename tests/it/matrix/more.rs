//! Hang-ups, provider that never answers, disks that are full, bits that fall over.

use super::{Bench, CHUNK, mode, named};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;

impl Bench {
    /// From now on writes hang; reads do not.
    pub(super) async fn hang_soon(&self) {
        self.faults("hang-write:1").await;
    }

    /// Waits until a write hangs.
    pub(super) async fn hangs(&self, child: &mut Child) {
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
    let mut bench = Bench::of(mode("never answers", "")).await;
    for _ in 0..2 {
        bench.fresh().await;
        bench.hang_soon().await;
        let mut child = bench.start("").await;
        bench.hangs(&mut child).await;
        child.kill().await.ok();
        let status = child.wait().await.unwrap();
        bench.tally.ran(status);
        bench.faults("").await;
        bench.settle().await;
    }
    bench.tally.clean(2);
}

#[tokio::test]
async fn a_hang_up_ends_it_in_time_and_the_job_goes_on_later() {
    let mut bench = Bench::of(mode("hang-up", "")).await;
    for (name, code) in [(Signal::HUP, 129), (Signal::TERM, 143)] {
        // While a request is under way, and while its answer is read back.
        for hangs in [true, false] {
            bench.fresh().await;
            if hangs {
                bench.hang_soon().await;
            }
            let mut child = bench.start("").await;
            while bench.writes().await.is_empty() {
                assert_eq!(child.try_wait().unwrap(), None, "it ended before it sent");
            }
            signal(&child, name);
            let status = child.wait().await.unwrap();
            bench.tally.ran(status);
            // It may have been at its end already.
            let fits = status.code() == Some(code) || (!hangs && status.code() == Some(0));
            assert!(fits, "{name:?}, {hangs}: {status}");
            bench.faults("").await;
            bench.settle().await;
        }
    }
    bench.tally.clean(0);
}

#[tokio::test]
async fn a_full_disk_stops_it_and_space_lets_it_go_on() {
    let mut bench = Bench::of(mode("disk full", "")).await;
    let mut stopped = 0;
    for pages in (20..80).step_by(4) {
        bench.fresh().await;
        let status = bench.fix(&format!("pages:{pages}")).await;
        let code = status.code().unwrap();
        assert!([0, 7, 9, 10].contains(&code), "{pages} pages: {status}");
        if code != 0 {
            stopped += 1;
        }
        bench.settle().await;
    }
    assert!(stopped >= 3, "only {stopped} were stopped");
    bench.tally.clean(0);
}

/// Bits that fall over in the journal of a job that was killed.
async fn corrupted(times: u32) {
    let mut bench = Bench::of(mode("corruption", "")).await;
    let mut random = fastrand::Rng::with_seed(5);
    bench.fresh().await;
    bench.fix("kill:answer-after:2").await;
    let path = bench.state().join("journal.db");
    let whole = std::fs::read(&path).unwrap();
    let log = std::fs::read(bench.state().join("journal.db-journal")).ok();
    let sent = bench.writes().await.len();
    let (mut refused, mut gone_on) = (0, 0);
    for _ in 0..times {
        // As it was at the kill, but for one bit.
        let mut bytes = whole.clone();
        let place = random.usize(0..bytes.len());
        bytes[place] ^= 1 << random.u8(0..8);
        std::fs::write(&path, &bytes).unwrap();
        if let Some(log) = &log {
            std::fs::write(bench.state().join("journal.db-journal"), log).unwrap();
        }
        let before = bench.writes().await.len();
        let status = bench.resume("").await;
        let writes = bench.writes().await;
        let now = &writes[before..];
        if status.success() {
            gone_on += 1;
            break;
        }
        refused += 1;
        assert!(now.is_empty(), "bit at {place}: it sent {now:?} and failed");
    }
    assert!(refused + gone_on > 0);
    // What is whole goes on, whatever was tried before.
    if gone_on == 0 {
        std::fs::write(&path, &whole).unwrap();
    }
    bench.settle().await;
    assert_eq!(bench.writes().await.len(), 6, "{sent} had been sent");
    bench.tally.clean(1);
}

#[tokio::test]
async fn a_bit_that_fell_over_is_never_acted_on() {
    corrupted(30).await;
}

#[tokio::test]
async fn chunks_are_as_large_as_they_may_be() {
    let mut bench = Bench::of(named("ok")).await;
    bench.fresh().await;
    bench.fix("").await;
    let writes = bench.writes().await;
    let sizes = writes
        .iter()
        .map(|write| write["ids"].as_array().unwrap().len());
    assert_eq!(sizes.collect::<Vec<_>>(), [CHUNK; 6]);
    bench.settle().await;
    bench.tally.clean(0);
}
