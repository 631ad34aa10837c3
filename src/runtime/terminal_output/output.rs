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
pub struct OutputQueue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    drained: Notify,
}

/// Writes what the terminal takes without a wait, and answers how many bytes those were.
pub type NonblockingWrite = Box<dyn FnMut(&[u8]) -> usize + Send>;

#[derive(Default)]
struct State {
    /// What the next write takes. A secret that is copied is among it.
    pending: Zeroizing<Vec<u8>>,
    /// A write is under way.
    is_writing: bool,
    /// Why nothing is written any more.
    error: Option<io::ErrorKind>,
    traffic: Traffic,
    /// The way without the thread, if there is one.
    nonblocking: Option<NonblockingWrite>,
}

impl OutputQueue {
    /// A line whose bytes are written by a function that may wait, on a thread of its own; before that, if there is
    /// one, by another that does not wait.
    pub fn open(
        direct: Option<NonblockingWrite>,
        write: impl FnMut(&[u8]) -> io::Result<()> + Send + 'static,
    ) -> io::Result<Self> {
        let state = State {
            nonblocking: direct,
            ..State::default()
        };
        let line = Self(Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            drained: Notify::new(),
        }));
        let shared = Arc::clone(&line.0);
        std::thread::Builder::new()
            .name("wire".to_owned())
            .spawn(move || shared.write_loop(write))?;
        Ok(line)
    }

    /// Sends a frame.
    pub fn send_frame(&self, bytes: Vec<u8>) -> io::Result<()> {
        self.send(Zeroizing::new(bytes), true)
    }

    /// Sends what is no part of a frame, after what was sent before.
    pub fn send_out_of_frame(&self, bytes: &[u8]) -> io::Result<()> {
        self.send(Zeroizing::new(bytes.to_vec()), false)
    }

    fn send(&self, mut bytes: Zeroizing<Vec<u8>>, frame: bool) -> io::Result<()> {
        let mut state = self.0.state();
        if let Some(kind) = state.error {
            return Err(kind.into());
        }
        let length = bytes.len() as u64;
        state.traffic.bytes += length;
        if frame {
            state.traffic.frames += 1;
        } else {
            state.traffic.out_of_frame_bytes += length;
        }
        let taken = state.write(&bytes);
        if taken >= bytes.len() {
            return Ok(());
        }
        if taken > 0 {
            bytes = Zeroizing::new(bytes.get(taken..).unwrap_or_default().to_vec());
        }
        if state.pending.is_empty() {
            state.pending = bytes;
        } else {
            // Not by growing: what is left behind by that is not wiped.
            let mut both = Vec::with_capacity(state.pending.len() + bytes.len());
            both.extend_from_slice(&state.pending);
            both.extend_from_slice(&bytes);
            state.pending = Zeroizing::new(both);
        }
        drop(state);
        self.0.changed.notify_all();
        Ok(())
    }

    /// Whether the terminal has taken everything.
    pub fn is_drained(&self) -> io::Result<bool> {
        let state = self.0.state();
        match state.error {
            Some(kind) => Err(kind.into()),
            None => Ok(state.is_drained()),
        }
    }

    /// Comes back when the terminal has taken something since the last time.
    pub async fn drained(&self) {
        self.0.drained.notified().await;
    }

    /// Waits until the terminal has taken everything, or takes no more; answers whether it has.
    pub fn drain(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let mut state = self.0.state();
        while !state.is_drained() && state.error.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.0.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.error.is_none()
    }

    /// What was sent so far.
    pub fn traffic(&self) -> Traffic {
        self.0.state().traffic
    }
}

impl super::FrameSink for OutputQueue {
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
        self.send_frame(frame)
    }
}

impl State {
    fn is_drained(&self) -> bool {
        !self.is_writing && self.pending.is_empty()
    }

    /// Writes without a wait, where nothing goes before; answers how much was taken.
    fn write(&mut self, bytes: &[u8]) -> usize {
        if !self.is_drained() {
            return 0;
        }
        let Some(direct) = &mut self.nonblocking else {
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
            .field("waiting", &self.pending.len())
            .field("writing", &self.is_writing)
            .field("failed", &self.error)
            .field("traffic", &self.traffic)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits, for as long as there is a terminal.
    fn write_loop(&self, mut write: impl FnMut(&[u8]) -> io::Result<()>) {
        loop {
            let mut state = self.state();
            while state.pending.is_empty() {
                let waited = self.changed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
            }
            let bytes = std::mem::take(&mut state.pending);
            state.is_writing = true;
            drop(state);
            let written = write(&bytes);
            let mut state = self.state();
            state.is_writing = false;
            state.traffic.writes += 1;
            if let Err(error) = written {
                state.error = Some(error.kind());
                state.pending = Zeroizing::default();
            }
            let over = state.error.is_some();
            drop(state);
            self.changed.notify_all();
            self.drained.notify_one();
            if over {
                return;
            }
        }
    }
}
