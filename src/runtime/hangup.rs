//! Ends the program when its terminal goes away. crossterm's event source spins on end-of-file and never returns, so
//! the watch is kept by a thread of its own, outside the event loop, and the end does not touch the terminal.

use super::terminal;
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
    pipe::pipe,
    stdio::{dup2_stdin, stdin},
};
use std::{
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// The exit code after a hang-up.
pub const EXIT_CODE: u8 = 129;
/// Without a write in flight the program is gone after this.
const IDLE_GRACE: Duration = Duration::from_millis(300);
/// With one, at the latest after this.
const WRITE_GRACE: Duration = Duration::from_secs(11);

/// Counts requests that change something and are not recorded yet: their answer is worth waiting for.
#[derive(Clone, Debug, Default)]
pub struct PendingWrites(Arc<AtomicUsize>);

/// One such request, as long as it lives.
#[derive(Debug)]
pub struct PendingWrite(Arc<AtomicUsize>);

impl PendingWrites {
    /// One more.
    pub fn register(&self) -> PendingWrite {
        self.0.fetch_add(1, Ordering::SeqCst);
        PendingWrite(Arc::clone(&self.0))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for PendingWrite {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Watches the terminal until the end of the program.
pub fn spawn_watchdog(writes: PendingWrites, on_gone: impl Fn() + Send + 'static) {
    // Without a thread there is still the signal.
    std::thread::Builder::new()
        .name("hangup".to_owned())
        .spawn(move || {
            wait_for_hangup();
            on_gone();
            exit(&writes);
        })
        .ok();
}

fn wait_for_hangup() {
    let input = stdin();
    loop {
        let mut watched = [PollFd::new(&input, PollFlags::empty())];
        match poll(&mut watched, None) {
            Ok(_)
                if watched[0]
                    .revents()
                    .intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) =>
            {
                return;
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

/// Puts a pipe that nobody writes to in place of standard input: crossterm's reader, which spins on the end of a file
/// and knows no other end, waits in a read from then on. The answer keeps the pipe open.
fn detach_stdin() -> Option<OwnedFd> {
    let (input, writer) = pipe().ok()?;
    dup2_stdin(&input).ok()?;
    Some(writer)
}

/// Ends the program without a byte to the terminal: at once, or when the write in flight is recorded.
pub fn exit(writes: &PendingWrites) -> ! {
    terminal::abandon();
    let _silence = detach_stdin();
    let start = Instant::now();
    loop {
        let waited = start.elapsed();
        if waited >= WRITE_GRACE || (waited >= IDLE_GRACE && writes.count() == 0) {
            std::process::exit(i32::from(EXIT_CODE));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
