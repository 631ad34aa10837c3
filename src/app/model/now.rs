//! The moment of an update.

use std::time::Duration;

/// The moment at which `update` runs: the wall clock for people, and the time since the start for waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// For display and expiry.
    pub wall: jiff::Timestamp,
    /// Monotonic, since the console started.
    pub since_start: Duration,
}
