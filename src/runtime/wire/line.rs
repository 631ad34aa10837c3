//! The line to the terminal. A frame is written by who sends it, as far as the terminal takes it without a wait; what is
//! left goes to a thread that waits, so that a slow terminal holds up nobody else. The line holds one frame; who draws
//! asks first whether the last one was taken.

use crate::app::sent::Traffic;
use ratatui::layout::Size;
use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;
use zeroize::Zeroizing;

/// A line; its copies are the same line.
#[derive(Clone, Debug)]
pub struct Line(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    freed: Notify,
}

/// Writes what the terminal takes without a wait, and answers how many bytes those were.
pub type Direct = Box<dyn FnMut(&[u8]) -> usize + Send>;

#[derive(Default)]
struct State {
    /// What the next write takes. A secret that is copied is among it.
    waiting: Zeroizing<Vec<u8>>,
    /// A write is under way.
    writing: bool,
    /// Why nothing is written any more.
    failed: Option<io::ErrorKind>,
    traffic: Traffic,
    /// The way without the thread, if there is one.
    direct: Option<Direct>,
}

impl Line {
    /// A line whose bytes are written by a function that may wait, on a thread of its own; before that, if there is
    /// one, by another that does not wait.
    pub fn open(
        direct: Option<Direct>,
        write: impl FnMut(&[u8]) -> io::Result<()> + Send + 'static,
    ) -> io::Result<Self> {
        let state = State {
            direct,
            ..State::default()
        };
        let line = Self(Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            freed: Notify::new(),
        }));
        let shared = Arc::clone(&line.0);
        std::thread::Builder::new()
            .name("wire".to_owned())
            .spawn(move || shared.carry(write))?;
        Ok(line)
    }

    /// Sends a frame.
    pub fn frame(&self, bytes: Vec<u8>) -> io::Result<()> {
        self.send(Zeroizing::new(bytes), true)
    }

    /// Sends what is no part of a frame, after what was sent before.
    pub fn beside(&self, bytes: &[u8]) -> io::Result<()> {
        self.send(Zeroizing::new(bytes.to_vec()), false)
    }

    fn send(&self, mut bytes: Zeroizing<Vec<u8>>, frame: bool) -> io::Result<()> {
        let mut state = self.0.state();
        if let Some(kind) = state.failed {
            return Err(kind.into());
        }
        let length = bytes.len() as u64;
        state.traffic.bytes += length;
        if frame {
            state.traffic.frames += 1;
        } else {
            state.traffic.beside += length;
        }
        let taken = state.write(&bytes);
        if taken >= bytes.len() {
            return Ok(());
        }
        if taken > 0 {
            bytes = Zeroizing::new(bytes.get(taken..).unwrap_or_default().to_vec());
        }
        if state.waiting.is_empty() {
            state.waiting = bytes;
        } else {
            // Not by growing: what is left behind by that is not wiped.
            let mut both = Vec::with_capacity(state.waiting.len() + bytes.len());
            both.extend_from_slice(&state.waiting);
            both.extend_from_slice(&bytes);
            state.waiting = Zeroizing::new(both);
        }
        drop(state);
        self.0.changed.notify_all();
        Ok(())
    }

    /// Whether the terminal has taken everything.
    pub fn is_free(&self) -> io::Result<bool> {
        let state = self.0.state();
        match state.failed {
            Some(kind) => Err(kind.into()),
            None => Ok(state.is_free()),
        }
    }

    /// Comes back when the terminal has taken something since the last time.
    pub async fn freed(&self) {
        self.0.freed.notified().await;
    }

    /// Waits until the terminal has taken everything, or takes no more; answers whether it has.
    pub fn drain(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let mut state = self.0.state();
        while !state.is_free() && state.failed.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.0.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.failed.is_none()
    }

    /// What was sent so far.
    pub fn traffic(&self) -> Traffic {
        self.0.state().traffic
    }
}

impl super::Out for Line {
    fn size(&self) -> io::Result<Size> {
        // Asked for with each frame: at first without opening anything.
        if let Ok(size) = rustix::termios::tcgetwinsize(rustix::stdio::stdout())
            && size.ws_col > 0
            && size.ws_row > 0
        {
            return Ok(Size::new(size.ws_col, size.ws_row));
        }
        let (columns, rows) = crossterm::terminal::size()?;
        Ok(Size::new(columns, rows))
    }

    fn send(&mut self, frame: Vec<u8>) -> io::Result<()> {
        self.frame(frame)
    }
}

impl State {
    fn is_free(&self) -> bool {
        !self.writing && self.waiting.is_empty()
    }

    /// Writes without a wait, where nothing goes before; answers how much was taken.
    fn write(&mut self, bytes: &[u8]) -> usize {
        if !self.is_free() {
            return 0;
        }
        let Some(direct) = &mut self.direct else {
            return 0;
        };
        let taken = direct(bytes);
        self.traffic.writes += u64::from(taken > 0);
        taken
    }
}

impl std::fmt::Debug for State {
    /// What waits may hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("waiting", &self.waiting.len())
            .field("writing", &self.writing)
            .field("failed", &self.failed)
            .field("traffic", &self.traffic)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits, for as long as there is a terminal.
    fn carry(&self, mut write: impl FnMut(&[u8]) -> io::Result<()>) {
        loop {
            let mut state = self.state();
            while state.waiting.is_empty() {
                let waited = self.changed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
            }
            let bytes = std::mem::take(&mut state.waiting);
            state.writing = true;
            drop(state);
            let written = write(&bytes);
            let mut state = self.state();
            state.writing = false;
            state.traffic.writes += 1;
            if let Err(error) = written {
                state.failed = Some(error.kind());
                state.waiting = Zeroizing::default();
            }
            let over = state.failed.is_some();
            drop(state);
            self.changed.notify_all();
            self.freed.notify_one();
            if over {
                return;
            }
        }
    }
}
