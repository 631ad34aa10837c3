//! The line to the server: it is cut, it stalls in one direction or in both, and what was held comes late.

use super::{
    Report, SMALL, mode_by_name,
    server::{stopped_at, wake},
};
use crate::{matrix::MatrixFixture, support::postgres::Own};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// Longer than a call waits for its answer.
const STALL: Duration = Duration::from_secs(12);

/// What the line does with the connections that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// It passes everything on.
    Passes,
    /// They are closed.
    Cuts,
    /// What the console says does not arrive.
    HoldsUp,
    /// What the server says does not arrive.
    HoldsDown,
    /// Neither; the console is told nothing.
    HoldsBoth,
}

/// A line that passes everything on, until it is told otherwise. A connection that comes later is not concerned.
struct Line {
    address: String,
    does: watch::Sender<(u32, Does)>,
}

impl Line {
    async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (does, told) = watch::channel((0, Does::Passes));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else {
                    continue;
                };
                // Of what was said before it came it knows nothing.
                let since = told.borrow().0;
                let (near_read, near_write) = near.into_split();
                let (far_read, far_write) = far.into_split();
                let up = [Does::HoldsUp, Does::HoldsBoth];
                let down = [Does::HoldsDown, Does::HoldsBoth];
                tokio::spawn(pass(near_read, far_write, told.clone(), since, up));
                tokio::spawn(pass(far_read, near_write, told.clone(), since, down));
            }
        });
        Self { address, does }
    }

    fn now(&self, does: Does) {
        self.does.send_modify(|told| *told = (told.0 + 1, does));
    }
}

/// One direction of one connection.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut told: watch::Receiver<(u32, Does)>,
    since: u32,
    holds: [Does; 2],
) {
    let mut buffer = vec![0; 16_384];
    let concerns = |(at, does): (u32, Does)| (at == since + 1).then_some(does);
    loop {
        let does = concerns(*told.borrow_and_update());
        if does == Some(Does::Cuts) {
            return;
        }
        if does.is_some_and(|does| holds.contains(&does)) {
            // Until it is told something else.
            if told.changed().await.is_err() {
                return;
            }
            continue;
        }
        tokio::select! {
            changed = told.changed() => if changed.is_err() { return },
            read = from.read(&mut buffer) => match read {
                Ok(count @ 1..) => {
                    // It may have been told to hold what has just come.
                    loop {
                        let does = concerns(*told.borrow_and_update());
                        if does == Some(Does::Cuts) { return }
                        if !does.is_some_and(|does| holds.contains(&does)) { break }
                        if told.changed().await.is_err() { return }
                    }
                    if to.write_all(&buffer[..count]).await.is_err() { return }
                }
                Ok(_) | Err(_) => return,
            },
        }
    }
}

async fn meets(does: Does, places: &[(&str, u32)], stall: Duration) -> Vec<Report> {
    let own = Own {
        hba: "hostnossl all all 127.0.0.1/32 trust\n",
        ..Own::default()
    };
    let Some(cluster) = own.start() else {
        return Vec::new();
    };
    let mut tallies = Vec::new();
    for place in places {
        let line = Arc::new(Line::to(cluster.port).await);
        let mut bench = MatrixFixture::on_a_team(mode_by_name("ok"), SMALL, cluster, 5).await;
        bench.append("\n[store]\ntls = \"off\"\n");
        bench.store.as_mut().unwrap().through = Some(line.address.clone());
        bench.reset().await;
        let (mut child, stopped) = stopped_at(&bench, *place).await;
        if stopped {
            line.now(does);
            wake(&child);
            if does != Does::Cuts {
                // The console gives it up and connects anew; what was held comes after that.
                let ended = tokio::time::timeout(stall, child.wait()).await;
                line.now(Does::Passes);
                drop(ended);
            }
        }
        let status = child.wait().await.unwrap();
        bench.report.record_run(status);
        assert_eq!(
            status.code(),
            Some(0),
            "{does:?} at {place:?}: it goes on by itself: {status}"
        );
        bench.wait_for_writes().await;
        tallies.push(bench.report);
    }
    cluster.kill();
    tallies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_at_an_intent_or_an_answer_loses_nothing() {
    let tallies = meets(Does::Cuts, &[("intent", 2), ("answer", 1)], STALL).await;
    Report::all_of("a team's line, short", &tallies, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "each stall takes longer than a call waits"]
async fn a_line_that_stalls_in_any_direction_at_any_step_loses_nothing() {
    let places = [("record", 1), ("intent", 2), ("answer", 2), ("readings", 1)];
    // Each with a server of its own.
    let (cuts, up, down, both) = tokio::join!(
        meets(Does::Cuts, &places, STALL),
        meets(Does::HoldsUp, &places, STALL),
        meets(Does::HoldsDown, &places, STALL),
        meets(Does::HoldsBoth, &places, STALL),
    );
    let tallies: Vec<Report> = [cuts, up, down, both].into_iter().flatten().collect();
    Report::all_of("a team's line", &tallies, 0);
}
