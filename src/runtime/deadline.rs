//! The end of a write request to a provider where another console may take its job over: what was not sent by then never
//! is. A process that was stopped between its intent and its request, and is woken later, is ended by the kernel before
//! it can send; see "a console that sleeps cannot send" in `journal::postgres`.

use crate::entity::error::JournalError;
use std::time::Duration;

/// What the kernel allows beyond the limit before it ends the process.
const GRACE: Duration = Duration::from_secs(2);

/// A deadline that holds until it is dropped.
pub(super) struct SendDeadline {
    /// What keeps the timer: the thread that owns it switches it off when this is gone.
    #[cfg(all(feature = "postgres", target_os = "linux"))]
    _timer: std::sync::mpsc::SyncSender<()>,
    start: Duration,
    limit: Duration,
}

impl SendDeadline {
    /// Sets it, before the intent is asked for.
    ///
    /// # Errors
    /// `Io` where the system has no such timer: nothing may be sent then.
    #[cfg(all(feature = "postgres", target_os = "linux"))]
    pub(super) fn arm(limit: Duration) -> Result<Self, JournalError> {
        use std::sync::mpsc::sync_channel;
        let start = now();
        let (keep, gone) = sync_channel::<()>(1);
        let (armed, answer) = sync_channel(1);
        // A timer belongs to the thread that made it; the signal is the whole process's.
        let thread = std::thread::Builder::new().name("deadline".to_owned());
        let started = thread.spawn(move || match timer(limit + GRACE) {
            Ok(timer) => {
                armed.send(true).ok();
                gone.recv().ok();
                drop(timer);
            }
            Err(_) => {
                armed.send(false).ok();
            }
        });
        match started.map(|_| answer.recv()) {
            Ok(Ok(true)) => Ok(Self {
                _timer: keep,
                start,
                limit,
            }),
            Ok(Ok(false) | Err(_)) | Err(_) => Err(no_timer()),
        }
    }

    /// There is no such timer.
    #[cfg(not(all(feature = "postgres", target_os = "linux")))]
    pub(super) fn arm(_: Duration) -> Result<Self, JournalError> {
        Err(no_timer())
    }

    /// The time that is left; zero when it is over.
    pub(super) fn left(&self) -> Duration {
        self.limit.saturating_sub(now().saturating_sub(self.start))
    }
}

/// A timer that ends the process, stopped or not, unless it is dropped first.
#[cfg(all(feature = "postgres", target_os = "linux"))]
fn timer(end: Duration) -> nix::Result<nix::sys::timer::Timer> {
    use nix::{
        sys::{
            signal::{SigEvent, SigevNotify, Signal},
            timer::{Expiration, Timer, TimerSetTimeFlags},
        },
        time::ClockId,
    };
    let event = SigEvent::new(SigevNotify::SigevSignal {
        signal: Signal::SIGKILL,
        si_value: 0,
    });
    let mut timer = Timer::new(ClockId::CLOCK_BOOTTIME, event)?;
    timer.set(Expiration::OneShot(end.into()), TimerSetTimeFlags::empty())?;
    Ok(timer)
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
        let left = deadline.left();
        assert!(left <= Duration::from_secs(600) && left > Duration::from_secs(500));
        drop(deadline);
        let mut over = SendDeadline::arm(Duration::from_secs(600)).unwrap();
        over.limit = Duration::ZERO;
        assert_eq!(over.left(), Duration::ZERO);
    }
}
