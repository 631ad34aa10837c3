//! The console of an operator, as rows store it.

use crate::{entity::claim::ConsoleId, journal::port::Operator};

/// Returns user, host and console of an operator: the terminal, or the process where there is none.
pub(super) fn seat_of(who: &Operator) -> ConsoleId {
    ConsoleId {
        user: who.user.clone(),
        host: who.host.clone(),
        console: if who.tty.is_empty() {
            format!("process {}", who.pid)
        } else {
            who.tty.clone()
        },
    }
}
