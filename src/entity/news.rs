//! What is told of a leak: the last event that says something of it, as long as it does.

use super::{
    seen::{EventKind, SeenState},
    status::Status,
};
use std::fmt;

/// The kinds of events that a console tells, in the order in which it tells them.
pub const KINDS: [EventKind; 4] = [
    EventKind::Regressed,
    EventKind::Disputed,
    EventKind::Again,
    EventKind::New,
];

/// What is told of a leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    /// What happened: one of [`KINDS`].
    pub kind: EventKind,
    /// The position of the event in the list of events.
    pub seq: u64,
    /// When we learnt of it, in seconds since 1970.
    pub at: i64,
    /// How the leak stood then. With another status, the news are no news any more.
    pub after: SeenState,
    /// Somebody looked at the leak in this console.
    pub is_read: bool,
}

impl News {
    /// Whether it still says something of a leak that has this status now.
    pub fn holds(&self, status: Status, is_disputed: bool) -> bool {
        self.after.status == status && (self.kind != EventKind::Disputed || is_disputed)
    }

    /// Its word on the screen.
    pub fn word(&self) -> &'static str {
        word(self.kind)
    }
}

/// The word of a kind on the screen.
pub fn word(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Regressed => "back",
        other => other.word(),
    }
}

/// How many leaks there are news of, by [`KINDS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewsCounts(pub [u64; KINDS.len()]);

impl NewsCounts {
    /// Counts one more.
    pub fn add(&mut self, kind: EventKind) {
        if let Some(at) = KINDS.iter().position(|known| *known == kind) {
            self.0[at] += 1;
        }
    }

    /// How many of all kinds.
    pub fn all(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Each kind with its number, where there is one.
    pub fn each(&self) -> impl Iterator<Item = (EventKind, u64)> + '_ {
        let each = KINDS.into_iter().zip(self.0);
        each.filter(|(_, count)| *count > 0)
    }
}

/// `12 new 3 back 1 disputed`: what is new first, as people ask for it.
impl fmt::Display for NewsCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = [
            EventKind::New,
            EventKind::Regressed,
            EventKind::Disputed,
            EventKind::Again,
        ];
        let mut first = true;
        for kind in order {
            let Some((_, count)) = self.each().find(|(other, _)| *other == kind) else {
                continue;
            };
            let gap = if first { "" } else { " " };
            first = false;
            write!(
                f,
                "{gap}{} {}",
                super::number::group_digits(count),
                word(kind)
            )?;
        }
        Ok(())
    }
}
