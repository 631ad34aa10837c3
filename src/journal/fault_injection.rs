//! Fault injection: kill at a step of a job, full or failing disk, power cut, network file system, clock jump, and
//! mutants. A release build ignores all of it; mutants also need the feature `mutants`.

pub(super) mod injected_fault;

use injected_fault::InjectedFault;
use jiff::{SignedDuration, Timestamp};
use std::sync::OnceLock;

/// Environment variable that names the fault.
const ENV: &str = "STANCH_REHEARSE";

/// Returns the fault that a test or the environment asks for. `None` in a release build.
pub(super) fn requested_fault(by_test: Option<String>) -> Option<InjectedFault> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let asked = by_test.or_else(|| std::env::var(ENV).ok());
    asked.as_deref().and_then(InjectedFault::parse)
}

/// Returns the words of the fault that a test or the environment asks for. `None` in a release build.
#[cfg(feature = "postgres")]
pub(super) fn words(by_test: Option<&str>) -> Option<String> {
    if !cfg!(debug_assertions) {
        return None;
    }
    by_test
        .map(str::to_owned)
        .or_else(|| std::env::var(ENV).ok())
}

/// Returns the wall clock, or the time that a fault sets it to.
pub(crate) fn now() -> Timestamp {
    static SHIFT: OnceLock<SignedDuration> = OnceLock::new();
    let now = Timestamp::now();
    if !cfg!(debug_assertions) {
        return now;
    }
    let shift = SHIFT.get_or_init(|| {
        let asked = std::env::var(ENV).ok();
        match asked.as_deref().and_then(InjectedFault::parse) {
            Some(InjectedFault::Clock(shift)) => shift.offset(now),
            Some(_) | None => SignedDuration::ZERO,
        }
    });
    now.checked_add(*shift).unwrap_or(now)
}

/// Returns true if this mutant is active.
#[cfg(all(feature = "mutants", debug_assertions))]
pub(crate) fn is_mutant_active(name: &str) -> bool {
    std::env::var("STANCH_MISTAKE").is_ok_and(|asked| asked == name)
}

/// No mutant is compiled in.
#[cfg(not(all(feature = "mutants", debug_assertions)))]
pub(crate) fn is_mutant_active(_name: &str) -> bool {
    false
}
