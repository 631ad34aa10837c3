//! What rehearsals of a disaster ask for: to die at a step of a job, a disk that is full or fails, a power cut, a file
//! system of another machine, a clock that jumps, a mistake made on purpose. A release build knows none of it, whatever
//! its environment says; the mistakes also need a feature that is off.

pub(super) mod disaster;

use disaster::Disaster;
use jiff::{SignedDuration, Timestamp};
use std::sync::OnceLock;

/// Names the disaster, in the environment.
const DISASTER: &str = "STANCH_REHEARSE";

/// What was asked for: by a test, or else by the environment. Nothing in a release build.
pub(super) fn asked(by_test: Option<String>) -> Option<Disaster> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let asked = by_test.or_else(|| std::env::var(DISASTER).ok());
    asked.as_deref().and_then(Disaster::parse)
}

/// The wall's time, or what a rehearsal sets it to.
pub(crate) fn now() -> Timestamp {
    static SHIFT: OnceLock<SignedDuration> = OnceLock::new();
    let now = Timestamp::now();
    if !cfg!(debug_assertions) {
        return now;
    }
    let shift = SHIFT.get_or_init(|| {
        let asked = std::env::var(DISASTER).ok();
        match asked.as_deref().and_then(Disaster::parse) {
            Some(Disaster::Clock(shift)) => shift.from(now),
            Some(_) | None => SignedDuration::ZERO,
        }
    });
    now.checked_add(*shift).unwrap_or(now)
}

/// Whether this mistake is to be made.
#[cfg(all(feature = "mutants", debug_assertions))]
pub(crate) fn mistake(name: &str) -> bool {
    std::env::var("STANCH_MISTAKE").is_ok_and(|asked| asked == name)
}

/// No mistake is made on purpose.
#[cfg(not(all(feature = "mutants", debug_assertions)))]
pub(crate) fn mistake(_name: &str) -> bool {
    false
}
