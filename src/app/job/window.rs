//! The window of a try. A provider may say yes, or nothing at all, and apply a change a little later: what was sent is
//! read at the profile's moments, counted from when it was sent, and only the last of them tells that it was not
//! applied. The window goes on while no program runs: a job that was left has what is left of it.

use super::RunningJob;
use crate::{
    app::{job::SentAt, model::Context},
    entity::{job::ChangeState, key::JobId, number::group_digits},
};
use std::{collections::BTreeMap, time::Duration};

/// The next reading of what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReadBackTime {
    /// How long to wait for it.
    pub(super) delay: Duration,
    /// The window is over then.
    pub(super) window_over: bool,
}

/// The next reading of what was sent so long ago and was read so often since. A moment that has passed is not made up
/// for: its reading would show less than the next one does.
pub(super) fn next_read_back(
    moments: &[Duration],
    readings: usize,
    elapsed: Duration,
) -> ReadBackTime {
    let passed = moments
        .iter()
        .take_while(|moment| **moment <= elapsed)
        .count();
    let at = readings.max(passed);
    match moments.get(at) {
        Some(moment) => ReadBackTime {
            delay: moment.saturating_sub(elapsed),
            window_over: at + 1 == moments.len(),
        },
        None => READ_NOW,
    }
}

/// A reading at once, after the window.
const READ_NOW: ReadBackTime = ReadBackTime {
    delay: Duration::ZERO,
    window_over: true,
};

/// Whether what was sent so long ago has had its window.
pub fn is_window_over(moments: &[Duration], elapsed: Duration) -> bool {
    moments.last().is_none_or(|end| *end <= elapsed)
}

impl RunningJob {
    /// These were sent now.
    pub(super) fn mark_sent(&mut self, indexes: &[u32], now: Duration) {
        let tried = SentAt {
            recorded_at: now,
            min_age: Duration::ZERO,
        };
        self.last_sent
            .extend(indexes.iter().map(|index| (*index, tried)));
    }

    /// These were found, sent so long ago at least; nobody knows when the others were sent.
    pub(super) fn mark_interrupted(&mut self, ages: &BTreeMap<u32, Duration>, now: Duration) {
        let open = self.indexes_in_state(ChangeState::Unknown);
        let tried = open.into_iter().map(|index| {
            let age = ages.get(&index).copied().unwrap_or_default();
            (
                index,
                SentAt {
                    recorded_at: now,
                    min_age: age,
                },
            )
        });
        self.last_sent = tried.collect();
    }

    /// How long ago the youngest of these was sent. What nobody saw being sent counts as sent now.
    pub(super) fn elapsed(
        &self,
        indexes: impl IntoIterator<Item = u32>,
        now: Duration,
    ) -> Duration {
        let ages = indexes
            .into_iter()
            .map(|index| self.last_sent.get(&index).map(|tried| tried.elapsed(now)));
        ages.min().flatten().unwrap_or_default()
    }

    /// The whole seconds until the windows of what is read back are over.
    pub fn verification_seconds(&self, now: Duration) -> Option<u64> {
        let left = self.verification_end?.checked_sub(now)?;
        Some(left.as_millis().div_ceil(1_000) as u64)
    }
}

/// What is said of a job that was taken up and has read what was under way, where some of that may still be applied:
/// that it waits, and how long.
pub(super) fn pending_notice(context: Context<'_>, id: JobId) -> Option<String> {
    let now = context.now;
    let job = context.jobs.running.iter().find(|job| job.id == id)?;
    let open = job.counts().unknown;
    let left = job.verification_end?.checked_sub(now.since_start)?;
    let until = (now.wall + left).to_zoned(context.setup.zone.clone());
    Some(format!(
        "job {id} was taken up: {} {} may still be applied, reading back until {}",
        group_digits(open),
        if open == 1 { "change" } else { "changes" },
        until.strftime("%H:%M:%S")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: [Duration; 3] = [
        Duration::from_secs(1),
        Duration::from_secs(10),
        Duration::from_secs(60),
    ];

    fn moment(readings: usize, elapsed: u64) -> (u64, bool) {
        let next = next_read_back(&WINDOW, readings, Duration::from_secs(elapsed));
        (next.delay.as_secs(), next.window_over)
    }

    #[test]
    fn what_was_just_sent_is_read_at_every_moment_and_the_last_one_tells() {
        assert_eq!(moment(0, 0), (1, false));
        assert_eq!(moment(1, 1), (9, false));
        assert_eq!(moment(2, 10), (50, true));
    }

    #[test]
    fn a_clock_that_stands_still_does_not_keep_a_reading_from_being_the_last() {
        assert_eq!(moment(1, 0), (10, false));
        assert_eq!(moment(2, 0), (60, true));
        assert_eq!(moment(3, 0), (0, true));
    }

    #[test]
    fn what_was_sent_a_while_ago_has_what_is_left_of_its_window() {
        assert_eq!(moment(0, 5), (5, false));
        assert_eq!(moment(0, 59), (1, true));
        assert_eq!(moment(0, 60), (0, true));
        assert!(!is_window_over(&WINDOW, Duration::from_secs(59)));
        assert!(is_window_over(&WINDOW, Duration::from_secs(60)));
    }

    #[test]
    fn without_moments_one_reading_tells() {
        assert_eq!(next_read_back(&[], 0, Duration::ZERO), READ_NOW);
        assert!(is_window_over(&[], Duration::ZERO));
    }
}
