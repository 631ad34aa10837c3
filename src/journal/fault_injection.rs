//! What rehearsals of a disaster ask for: to die at a step of a job, a disk that is full or fails, a power cut, a file
//! system of another machine, a clock that jumps, a mistake made on purpose. A release build knows none of it, whatever
//! its environment says; the mistakes also need a feature that is off.

pub(super) mod injected_fault;

use injected_fault::InjectedFault;
use jiff::{SignedDuration, Timestamp};
use std::sync::OnceLock;

/// Names the disaster, in the environment.
const ENV: &str = "STANCH_REHEARSE";

/// What was asked for: by a test, or else by the environment. Nothing in a release build.
pub(super) fn asked(by_test: Option<String>) -> Option<InjectedFault> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let asked = by_test.or_else(|| std::env::var(ENV).ok());
    asked.as_deref().and_then(InjectedFault::parse)
}

/// The wall's time, or what a rehearsal sets it to.
pub(crate) fn now() -> Timestamp {
    static SHIFT: OnceLock<SignedDuration> = OnceLock::new();
    let now = Timestamp::now();
    if !cfg!(debug_assertions) {
        return now;
    }
    let shift = SHIFT.get_or_init(|| {
        let asked = std::env::var(ENV).ok();
        match asked.as_deref().and_then(InjectedFault::parse) {
            Some(InjectedFault::Clock(shift)) => shift.from(now),
            Some(_) | None => SignedDuration::ZERO,
        }
    });
    now.checked_add(*shift).unwrap_or(now)
}

/// Whether this mistake is to be made.
#[cfg(all(feature = "mutants", debug_assertions))]
pub(crate) fn is_mutant_active(name: &str) -> bool {
    std::env::var("STANCH_MISTAKE").is_ok_and(|asked| asked == name)
}

/// No mistake is made on purpose.
#[cfg(not(all(feature = "mutants", debug_assertions)))]
pub(crate) fn is_mutant_active(_name: &str) -> bool {
    false
}
