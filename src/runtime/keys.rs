//! What comes from the terminal: keys, pasted text, its size.

use super::clock::Clock;
use crossterm::event::{self, Event};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    pipe::{PipeFlags, pipe_with},
    stdio::stdin,
};
use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::Arc,
    time::Duration,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc::{self, Receiver, Sender},
    task::AbortHandle,
};

/// An event of the terminal and when it was read, since the start.
pub type Read = (Event, Duration);

/// Events that may wait for the loop.
const EVENTS: usize = 1024;
/// After so long crossterm is asked again for what it did not see.
const PAUSE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 10_000_000,
};

/// The terminal's events; reading ends when this is dropped, so that two consoles of one process never share a key.
#[derive(Debug)]
pub struct Events {
    receiver: Receiver<Read>,
    sizes: AbortHandle,
    /// Nothing is written to it: it is closed.
    _stop: OwnedFd,
}

impl Events {
    /// Reads events on a thread of their own, from which they go straight into the loop's channel: the stamp is that of
    /// the reading, however long the loop is busy. The channel closes when the terminal goes away.
    pub fn read(clock: Arc<dyn Clock>) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(EVENTS);
        let (stopped, stop) = pipe_with(PipeFlags::CLOEXEC)?;
        let sizes = follow_size(&sender, Arc::clone(&clock))?;
        std::thread::Builder::new()
            .name("keys".to_owned())
            .spawn(move || {
                // However it ends, the sender goes, and the channel with it.
                take_in(&stopped, &sender, &*clock).ok();
            })?;
        Ok(Self {
            receiver,
            sizes,
            _stop: stop,
        })
    }

    /// The channel.
    pub fn receiver(&mut self) -> &mut Receiver<Read> {
        &mut self.receiver
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.sizes.abort();
    }
}

/// Takes in what is typed, until it is stopped or the terminal goes away. The wait is our own, for crossterm's cannot
/// be called off; crossterm is asked only when there is something.
fn take_in(stopped: &OwnedFd, sender: &Sender<Read>, clock: &dyn Clock) -> io::Result<()> {
    let input = stdin();
    let mut woken = false;
    loop {
        let mut came = false;
        while event::poll(Duration::ZERO)? {
            // What crossterm has read by then is still there for the next console.
            if is_over(&[stopped.as_fd()], Some(Timespec::default()))? {
                return Ok(());
            }
            let event = event::read()?;
            came = true;
            // A new size is followed without it: it tells of one when the next key comes.
            if matches!(event, Event::Resize(..)) {
                continue;
            }
            let read = clock.now().since_start;
            if sender.blocking_send((event, read)).is_err() {
                return Ok(());
            }
        }
        // crossterm may not see yet what woke us: it must not be asked again and again.
        let pause = woken && !came;
        if pause && is_over(&[stopped.as_fd()], Some(PAUSE))? {
            return Ok(());
        }
        // It does not come back from a terminal that went away: it is not asked then.
        if is_over(&[input, stopped.as_fd()], None)? {
            return Ok(());
        }
        woken = true;
    }
}

/// Waits for one of them to have something, or so long; answers whether one of them is closed.
fn is_over(watched: &[BorrowedFd<'_>], limit: Option<Timespec>) -> io::Result<bool> {
    let mut watched: Vec<_> = watched
        .iter()
        .map(|one| PollFd::new(one, PollFlags::IN))
        .collect();
    match poll(&mut watched, limit.as_ref()) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let closed = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    Ok(watched.iter().any(|one| one.revents().intersects(closed)))
}

/// Follows the terminal's size for as long as its events are read.
fn follow_size(sender: &Sender<Read>, clock: Arc<dyn Clock>) -> io::Result<AbortHandle> {
    let mut changes = signal(SignalKind::window_change())?;
    // It must not keep the channel open.
    let sender = sender.downgrade();
    let task = tokio::spawn(async move {
        while changes.recv().await.is_some() {
            let Ok((columns, rows)) = crossterm::terminal::size() else {
                continue;
            };
            let event = Event::Resize(columns, rows);
            let Some(sender) = sender.upgrade() else {
                return;
            };
            if sender.send((event, clock.now().since_start)).await.is_err() {
                return;
            }
        }
    });
    Ok(task.abort_handle())
}
