//! What comes from the terminal: keys, pasted text, its size.

use super::clock::Clock;
use crossterm::event::{self, Event};
use rustix::process::{Signal, getpid, kill_process};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::mpsc::{self, Receiver, Sender};

/// An event of the terminal and when it was read, since the start.
pub type TimedEvent = (Event, Duration);

/// Events that may wait for the loop.
const MAX_QUEUED_EVENTS: usize = 1024;
/// A wait without an end, as long as one may be.
const MAX_WAIT: Duration = Duration::from_secs(60 * 60 * 24);
/// So long the start waits for the reader to listen for other sizes: who asks for the size then misses none.
const STARTUP_WAIT: Duration = Duration::from_millis(50);

/// The terminal's events; reading ends when this is dropped, so that two consoles of one process never share a key.
#[derive(Debug)]
pub struct Events {
    receiver: Receiver<TimedEvent>,
    stopped: Arc<AtomicBool>,
}

impl Events {
    /// Reads events on a thread of their own, from which they go straight into the loop's channel: the stamp is that of
    /// the reading, however long the loop is busy. The channel closes when nothing can be read any more.
    pub fn start(clock: Arc<dyn Clock>) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(MAX_QUEUED_EVENTS);
        let stopped = Arc::new(AtomicBool::new(false));
        let stops = Arc::clone(&stopped);
        let (listens, listening) = std::sync::mpsc::channel();
        std::thread::Builder::new()
            .name("keys".to_owned())
            .spawn(move || {
                // The first call begins to listen for other sizes.
                event::poll(Duration::ZERO).ok();
                listens.send(()).ok();
                // However it ends, the sender goes, and the channel with it.
                read_events(&stops, &sender, &*clock).ok();
            })?;
        // Half a key that was typed before holds it up, but not us.
        listening.recv_timeout(STARTUP_WAIT).ok();
        Ok(Self { receiver, stopped })
    }

    /// The channel.
    pub fn receiver(&mut self) -> &mut Receiver<TimedEvent> {
        &mut self.receiver
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // It waits for a key or for another size: it is told of one.
        kill_process(getpid(), Signal::WINCH).ok();
    }
}

/// Takes in what is typed, until it is stopped.
fn read_events(
    stopped: &AtomicBool,
    sender: &Sender<TimedEvent>,
    clock: &dyn Clock,
) -> io::Result<()> {
    loop {
        if !event::poll(MAX_WAIT)? {
            continue;
        }
        // What has come by then is left for the next console.
        if stopped.load(Ordering::SeqCst) {
            return Ok(());
        }
        let event = event::read()?;
        let read = clock.now().since_start;
        if sender.blocking_send((event, read)).is_err() {
            return Ok(());
        }
    }
}
