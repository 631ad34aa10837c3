//! The clock behind everything: the wall for people, and the time since the start for waits.

use crate::{app::message::Moment, journal::fault_injection};
use std::time::{Duration, Instant};

/// Tells the time; tests hand in their own.
pub trait Clock: Send + Sync {
    /// The moment.
    fn now(&self) -> Moment;
}

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Starts to count.
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment {
            wall: fault_injection::now(),
            since_start: self.start.elapsed(),
        }
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(std::sync::Mutex<Moment>);

impl ManualClock {
    /// Stands at a moment.
    pub fn new(wall: jiff::Timestamp) -> Self {
        Self(std::sync::Mutex::new(Moment {
            wall,
            since_start: Duration::ZERO,
        }))
    }

    /// Moves on.
    pub fn advance(&self, by: Duration) {
        let mut now = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        now.since_start += by;
        now.wall = now.wall.saturating_add(by).unwrap_or(now.wall);
    }

    /// Sets the wall's clock; the time since the start does not know of it.
    pub fn set(&self, wall: jiff::Timestamp) {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .wall = wall;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
