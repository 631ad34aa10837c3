//! The end of a write request to a provider where another console may take its job over: what was not sent by then never
//! is. A process that was stopped between its intent and its request, and is woken later, is ended by the kernel before
//! it can send; see "a console that sleeps cannot send" in `journal::postgres`.

use crate::entity::error::JournalError;
use std::time::Duration;

/// What the kernel allows beyond the limit before it ends the process.
const GRACE: Duration = Duration::from_secs(2);

/// How the timer is set anew: to this much from now, and whom to tell that it is.
type Setting = (Duration, std::sync::mpsc::SyncSender<bool>);

/// A deadline that holds until it is dropped.
pub(super) struct SendDeadline {
    /// To the thread that owns the timer, which switches it off when this is gone.
    timer: std::sync::mpsc::SyncSender<Setting>,
    start: Duration,
    limit: Duration,
}

impl SendDeadline {
    /// Sets it, before the intent is asked for.
    ///
    /// # Errors
    /// `Io` where the system has no such timer: nothing may be sent then.
    pub(super) fn arm(limit: Duration) -> Result<Self, JournalError> {
        let start = now();
        let (timer, settings) = std::sync::mpsc::sync_channel::<Setting>(1);
        // A timer belongs to the thread that made it; the signal is the whole process's.
        let thread = std::thread::Builder::new().name("deadline".to_owned());
        let started = thread.spawn(move || keep(&settings));
        let deadline = Self {
            timer,
            start,
            limit,
        };
        if started.is_ok() && deadline.set(limit + GRACE) {
            Ok(deadline)
        } else {
            Err(no_timer())
        }
    }

    /// Puts the end off while the store is waited for: a program that waits is awake. What is stopped puts nothing off.
    pub(super) fn put_off(&self) {
        self.set(self.limit + GRACE);
    }

    /// Sets the end for good, counted from before the intent was asked for; returns the time that is left for the
    /// request, zero when it is over. What is stopped after this is ended by the kernel before it can send.
    pub(super) fn hold(&self) -> Duration {
        let left = self.left();
        if left.is_zero() || !self.set(left + GRACE) {
            return Duration::ZERO;
        }
        // It may have been stopped before the timer was set.
        self.left()
    }

    fn left(&self) -> Duration {
        self.limit.saturating_sub(now().saturating_sub(self.start))
    }

    /// Returns true once the timer is set.
    fn set(&self, after: Duration) -> bool {
        let (done, is_set) = std::sync::mpsc::sync_channel(1);
        self.timer.send((after, done)).is_ok() && is_set.recv() == Ok(true)
    }
}

/// Owns the timer until nobody sets it any more.
#[cfg(all(feature = "postgres", target_os = "linux"))]
fn keep(settings: &std::sync::mpsc::Receiver<Setting>) {
    let mut running = timer().ok();
    while let Ok((after, done)) = settings.recv() {
        let is_set = running
            .as_mut()
            .is_some_and(|timer| set(timer, after).is_ok());
        done.send(is_set).ok();
    }
}

/// There is no such timer.
#[cfg(not(all(feature = "postgres", target_os = "linux")))]
fn keep(_: &std::sync::mpsc::Receiver<Setting>) {}

/// A timer that ends the process, stopped or not, once it is set and unless it is dropped first.
#[cfg(all(feature = "postgres", target_os = "linux"))]
fn timer() -> nix::Result<nix::sys::timer::Timer> {
    use nix::{
        sys::{
            signal::{SigEvent, SigevNotify, Signal},
            timer::Timer,
        },
        time::ClockId,
    };
    let event = SigEvent::new(SigevNotify::SigevSignal {
        signal: Signal::SIGKILL,
        si_value: 0,
    });
    Timer::new(ClockId::CLOCK_BOOTTIME, event)
}

#[cfg(all(feature = "postgres", target_os = "linux"))]
fn set(timer: &mut nix::sys::timer::Timer, after: Duration) -> nix::Result<()> {
    use nix::sys::timer::{Expiration, TimerSetTimeFlags};
    timer.set(
        Expiration::OneShot(after.into()),
        TimerSetTimeFlags::empty(),
    )
}

/// The time since the machine started, sleep included.
#[cfg(all(feature = "postgres", target_os = "linux"))]
fn now() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::MAX, Duration::from)
}

#[cfg(not(all(feature = "postgres", target_os = "linux")))]
fn now() -> Duration {
    Duration::MAX
}

fn no_timer() -> JournalError {
    JournalError::Io {
        why: "this system has no timer that ends a stopped program: nothing is sent for a team from here".to_owned(),
    }
}

#[cfg(all(feature = "postgres", target_os = "linux"))]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_counts_down_and_is_gone_when_it_is_dropped() {
        let deadline = SendDeadline::arm(Duration::from_secs(600)).unwrap();
        deadline.put_off();
        let left = deadline.hold();
        assert!(left <= Duration::from_secs(600) && left > Duration::from_secs(500));
        drop(deadline);
        let mut over = SendDeadline::arm(Duration::from_secs(600)).unwrap();
        over.limit = Duration::ZERO;
        assert_eq!(over.hold(), Duration::ZERO);
    }
}
