//! Lines for the operator: one at a time on the screen, the last ones kept for `ShowError`.

use crate::entity::{
    job::{ChangeOutcome, OutcomeCounts},
    number::group_digits,
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
    pub posted_at: Duration,
}

/// The notices of this session. A notice stays until a later key, not until a timer: an idle screen stays silent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    entries: VecDeque<Notice>,
    showing: bool,
}

/// How changes came out, in words: what was verified, be it nothing, and whatever else there is.
pub fn outcome_summary(counts: OutcomeCounts) -> String {
    let words: Vec<_> = ChangeOutcome::iter()
        .map(|outcome| (outcome, counts.get(outcome)))
        .filter(|(outcome, count)| *count > 0 || *outcome == ChangeOutcome::Verified)
        .map(|(outcome, count)| format!("{} {}", group_digits(count), outcome.in_words()))
        .collect();
    words.join(", ")
}

/// How many leaks a job has changed, of how many that it was to change, and what became of the others. What the plan
/// skipped was not to change.
pub fn changed(counts: OutcomeCounts) -> String {
    let all = counts.sum() - counts.skipped;
    let done = counts.verified + counts.local;
    let mut words = format!("{} of {} changed", group_digits(done), group_digits(all));
    let others = ChangeOutcome::iter().filter(|outcome| {
        !matches!(
            outcome,
            ChangeOutcome::Verified | ChangeOutcome::Local | ChangeOutcome::Skipped
        )
    });
    for outcome in others {
        let count = counts.get(outcome);
        if count > 0 {
            words.push_str(&format!(", {} {}", group_digits(count), outcome.in_words()));
        }
    }
    words
}

/// A time in the largest two units that it has.
pub fn format_seconds(seconds: u64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3_600);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{hours} h {} min", minutes % 60),
    }
}

const MAX_NOTICES: usize = 50;
const MIN_READING_TIME: Duration = Duration::from_secs(3);

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
            posted_at: at,
        };
        let covered = self.current().is_some_and(|shown| {
            shown.severity > severity && at.saturating_sub(shown.posted_at) < MIN_READING_TIME
        });
        if self
            .entries
            .back()
            .is_some_and(|last| last.text == notice.text)
        {
            self.entries.pop_back();
        }
        if covered {
            let last = self.entries.len().saturating_sub(1);
            self.entries.insert(last, notice);
        } else {
            self.entries.push_back(notice);
        }
        self.showing = true;
        if self.entries.len() > MAX_NOTICES {
            self.entries.pop_front();
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
        self.entries.back().filter(|_| self.showing)
    }

    /// All that are kept, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Notice> + '_ {
        self.entries.iter().rev()
    }

    /// What was said stands on the screen elsewhere: the line makes room, and is still kept.
    pub fn hide(&mut self) {
        self.showing = false;
    }

    /// A key was pressed: what had time to be read goes away. Answers whether anything did.
    pub fn acknowledge(&mut self, now: Duration) -> bool {
        let read = self
            .current()
            .is_some_and(|shown| now.saturating_sub(shown.posted_at) >= MIN_READING_TIME);
        self.showing &= !read;
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_words_name_what_there_is_and_always_what_was_verified() {
        let counts: OutcomeCounts = [ChangeOutcome::Contradicted, ChangeOutcome::Contradicted]
            .into_iter()
            .collect();
        assert_eq!(outcome_summary(counts), "0 verified, 2 contradicted");
        let counts: OutcomeCounts = [ChangeOutcome::Verified, ChangeOutcome::Skipped]
            .into_iter()
            .collect();
        assert_eq!(outcome_summary(counts), "1 verified, 1 skipped");
    }

    #[test]
    fn what_a_job_has_changed_leaves_out_what_it_skipped() {
        let of = |outcomes: &[(ChangeOutcome, usize)]| -> OutcomeCounts {
            let many = outcomes.iter();
            many.flat_map(|(outcome, count)| std::iter::repeat_n(*outcome, *count))
                .collect()
        };
        let counts = of(&[
            (ChangeOutcome::Verified, 16),
            (ChangeOutcome::Local, 2),
            (ChangeOutcome::Failed, 3),
            (ChangeOutcome::Skipped, 4),
        ]);
        assert_eq!(changed(counts), "18 of 21 changed, 3 failed");
        let counts = of(&[(ChangeOutcome::Skipped, 2)]);
        assert_eq!(changed(counts), "0 of 0 changed");
        let counts = of(&[(ChangeOutcome::Drifted, 1), (ChangeOutcome::Accepted, 2)]);
        let words = "0 of 3 changed, 1 changed by others, 2 not yet verified";
        assert_eq!(changed(counts), words);
    }

    #[test]
    fn a_time_has_two_units_at_most() {
        let words = [0, 59, 61, 3_599, 3_600, 90_061].map(format_seconds);
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
