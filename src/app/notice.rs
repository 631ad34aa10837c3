//! Lines for the operator: one at a time on the screen, the last ones kept for `ShowError`.

use crate::entity::{
    job::{Counts, Outcome},
    number::grouped,
};
use std::{collections::VecDeque, time::Duration};
use strum::IntoEnumIterator;

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something happened as asked.
    Info,
    /// Something to know before going on.
    Warning,
    /// Something failed.
    Error,
}

/// A line for the operator, already printable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How grave.
    pub severity: Severity,
    /// What happened, for which thing.
    pub text: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// When, since the start.
    pub at: Duration,
}

/// The notices of this session. A notice stays until a later key, not until a timer: an idle screen stays silent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    kept: VecDeque<Notice>,
    showing: bool,
}

/// How changes came out, in words: what was verified, be it nothing, and whatever else there is.
pub fn counted(counts: Counts) -> String {
    let words: Vec<_> = Outcome::iter()
        .map(|outcome| (outcome, counts.get(outcome)))
        .filter(|(outcome, count)| *count > 0 || *outcome == Outcome::Verified)
        .map(|(outcome, count)| format!("{} {outcome}", grouped(count)))
        .collect();
    words.join(", ")
}

/// A time in the largest two units that it has.
pub fn in_words(seconds: u64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3_600);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{hours} h {} min", minutes % 60),
    }
}

const KEPT: usize = 50;
const READABLE: Duration = Duration::from_secs(3);

impl Notices {
    /// Adds a line; the same line again only renews it. An error that nobody had time to read is not covered by something lesser.
    pub fn push(
        &mut self,
        severity: Severity,
        text: impl Into<String>,
        hint: Option<String>,
        at: Duration,
    ) {
        let notice = Notice {
            severity,
            text: text.into(),
            hint,
            at,
        };
        let covered = self.current().is_some_and(|shown| {
            shown.severity > severity && at.saturating_sub(shown.at) < READABLE
        });
        if self
            .kept
            .back()
            .is_some_and(|last| last.text == notice.text)
        {
            self.kept.pop_back();
        }
        if covered {
            let last = self.kept.len().saturating_sub(1);
            self.kept.insert(last, notice);
        } else {
            self.kept.push_back(notice);
        }
        self.showing = true;
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    /// Adds how something ended; what failed begins with `failed`.
    pub fn report(&mut self, result: Result<String, String>, failed: &str, at: Duration) {
        match result {
            Ok(text) => self.push(Severity::Info, text, None, at),
            Err(why) => self.push(Severity::Error, format!("{failed}: {why}"), None, at),
        }
    }

    /// The line to show, if any.
    pub fn current(&self) -> Option<&Notice> {
        self.kept.back().filter(|_| self.showing)
    }

    /// All that are kept, newest first.
    pub fn all(&self) -> impl Iterator<Item = &Notice> + '_ {
        self.kept.iter().rev()
    }

    /// What was said stands on the screen elsewhere: the line makes room, and is still kept.
    pub fn hide(&mut self) {
        self.showing = false;
    }

    /// A key was pressed: what had time to be read goes away. Answers whether anything did.
    pub fn acknowledge(&mut self, now: Duration) -> bool {
        let read = self
            .current()
            .is_some_and(|shown| now.saturating_sub(shown.at) >= READABLE);
        self.showing &= !read;
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_words_name_what_there_is_and_always_what_was_verified() {
        let counts: Counts = [Outcome::Contradicted, Outcome::Contradicted]
            .into_iter()
            .collect();
        assert_eq!(counted(counts), "0 verified, 2 contradicted");
        let counts: Counts = [Outcome::Verified, Outcome::Skipped].into_iter().collect();
        assert_eq!(counted(counts), "1 verified, 1 skipped");
    }

    #[test]
    fn a_time_has_two_units_at_most() {
        let words = [0, 59, 61, 3_599, 3_600, 90_061].map(in_words);
        let wanted = [
            "0 s",
            "59 s",
            "1 min 1 s",
            "59 min 59 s",
            "1 h 0 min",
            "25 h 1 min",
        ];
        assert_eq!(words, wanted);
    }
}
