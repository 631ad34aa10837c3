//! When an account that cannot be read is called blind, and when that is told: the same for every store.

use super::{judge::of_account, port::Failed};
use crate::entity::seen::{EventKind, NewEvent};

/// Failed rounds in a row before an account is called blind.
const BLIND_AFTER: u32 = 3;

/// So often is it said again, in seconds.
const SAID_AGAIN: i64 = 24 * 3600;

/// What is remembered of an account that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blindness {
    /// Failed rounds in a row.
    pub failures: u32,
    /// Since when it is called blind.
    pub since: Option<i64>,
    /// When that was told last.
    pub told: Option<i64>,
    /// When it was last known whole.
    pub last_whole: Option<i64>,
}

impl Blindness {
    /// After one more failure; with the event, where one is due.
    pub fn after(self, failed: Failed) -> (Self, Option<NewEvent>) {
        let failures = self.failures.saturating_add(1);
        let is_blind = self.since.is_some() || failed.refused || failures >= BLIND_AFTER;
        let first = || is_blind.then(|| self.last_whole.unwrap_or(failed.at));
        let since = self.since.or_else(first);
        let is_due = is_blind && self.told.is_none_or(|told| failed.at - told >= SAID_AGAIN);
        let seconds = failed.at.saturating_sub(since.unwrap_or(failed.at)).max(0);
        let event = of_account(EventKind::Blind, failed.at, seconds.cast_unsigned());
        let blindness = Self {
            failures,
            since,
            told: if is_due { Some(failed.at) } else { self.told },
            ..self
        };
        (blindness, is_due.then_some(event))
    }
}
