//! Disasters at the calls of the team store, for tests: to die before or after one, to stop there, to lose its answer.
//!
//! | words | what happens |
//! |---|---|
//! | `kill:STEP-SIDE:N` | it dies at the Nth call of this kind, before it or after |
//! | `disconnect:STEP:N` | the answer to the Nth call of this kind is lost with its connection |
//! | `sleep:STEP:N` | it stops (SIGSTOP) after the Nth call of this kind |

use crate::journal::fault_injection::{
    self,
    injected_fault::{CommitSide, InjectedFault},
};
use rustix::process::{Signal, getpid, kill_process};
use std::{cell::Cell, time::Duration};

/// As long as it may take until every thread has stopped, on a busy machine too.
const STOPS: Duration = Duration::from_secs(1);

/// The disaster of one store, and how far it is from it.
#[derive(Debug, Default)]
pub(super) struct FaultInjector {
    fault: Option<Fault>,
    seen: u32,
}

#[derive(Debug)]
struct Fault {
    step: String,
    position: u32,
    what: What,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    Kill(CommitSide),
    Disconnect,
    Sleep,
}

impl Fault {
    fn parse(text: &str) -> Option<Self> {
        if let Some(InjectedFault::Kill { point: at, side }) = InjectedFault::parse(text) {
            return Some(Self {
                step: at.step,
                position: at.position,
                what: What::Kill(side),
            });
        }
        let (kind, rest) = text.split_once(':')?;
        let (step, position) = rest.split_once(':')?;
        Some(Self {
            step: step.to_owned(),
            position: position.parse().ok()?,
            what: match kind {
                "disconnect" => What::Disconnect,
                "sleep" => What::Sleep,
                _ => return None,
            },
        })
    }
}

impl FaultInjector {
    /// What was asked for: by a test, or else by the environment.
    pub(super) fn new(asked: Option<&str>) -> Self {
        Self {
            fault: fault_injection::words(asked)
                .as_deref()
                .and_then(Fault::parse),
            seen: 0,
        }
    }

    /// A call of this kind is about to be made.
    pub(super) fn before(&mut self, step: &str) {
        if self.fault.as_ref().is_some_and(|fault| fault.step == step) {
            self.seen += 1;
        }
        if self.is_due(step, &What::Kill(CommitSide::Before)) {
            kill_process(getpid(), Signal::KILL).ok();
        }
    }

    /// Returns true if the answer to this call is to be lost; once.
    pub(super) fn loses_answer(&self, step: &str) -> Cell<bool> {
        Cell::new(self.is_due(step, &What::Disconnect))
    }

    /// A call of this kind was answered.
    pub(super) fn after(&mut self, step: &str) {
        if self.is_due(step, &What::Kill(CommitSide::After)) {
            kill_process(getpid(), Signal::KILL).ok();
        }
        if self.is_due(step, &What::Sleep) {
            kill_process(getpid(), Signal::STOP).ok();
            // Another thread may take the signal: this one must not go on before it, too, has stopped.
            std::thread::sleep(STOPS);
        }
    }

    fn is_due(&self, step: &str, what: &What) -> bool {
        self.fault.as_ref().is_some_and(|fault| {
            fault.step == step && fault.position == self.seen && fault.what == *what
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_disaster_of_the_team_store_is_read_and_nothing_else() {
        for text in [
            "kill:intent-before:2",
            "disconnect:answer:1",
            "sleep:intent:3",
        ] {
            assert!(Fault::parse(text).is_some(), "{text}");
        }
        for text in ["", "io:3", "sleep:intent", "wake:intent:1"] {
            assert!(Fault::parse(text).is_none(), "{text}");
        }
    }
}
