//! What rehearsals of a disaster ask for: to die at a step of a job, a disk that is full, a mistake made on purpose. A
//! release build knows none of it, whatever its environment says; the mistakes also need a feature that is off.

/// Names the disaster: `kill:STEP:POSITION` or `pages:COUNT`.
#[cfg(debug_assertions)]
const DISASTER: &str = "STANCH_REHEARSE";

/// Dies, as by `kill -9`, if this is the step that was asked for, the so manieth of its kind.
#[cfg(debug_assertions)]
pub(super) fn at(step: &str, side: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static SEEN: AtomicU32 = AtomicU32::new(0);
    let Ok(asked) = std::env::var(DISASTER) else {
        return;
    };
    let mut words = asked.split(':');
    let (kind, which, position) = (words.next(), words.next(), words.next());
    let wanted = which.and_then(|which| which.split_once('-'));
    if kind != Some("kill") || wanted != Some((step, side)) {
        return;
    }
    let seen = SEEN.fetch_add(1, Ordering::SeqCst) + 1;
    if position.and_then(|position| position.parse().ok()) == Some(seen) {
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
            .ok();
    }
}

/// Goes on.
#[cfg(not(debug_assertions))]
pub(super) fn at(_step: &str, _side: &str) {}

/// How large the database may become, where a full disk was asked for.
#[cfg(debug_assertions)]
pub(super) fn pages() -> Option<u32> {
    let asked = std::env::var(DISASTER).ok()?;
    asked.strip_prefix("pages:")?.parse().ok()
}

/// As large as the disk.
#[cfg(not(debug_assertions))]
pub(super) fn pages() -> Option<u32> {
    None
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
