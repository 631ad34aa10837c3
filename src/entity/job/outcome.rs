//! Where a change stands, what became of it in a word, and the numbers of a job.

use serde::Serialize;
use std::fmt;

/// Where one change stands; the states of the journal.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::EnumString, strum::Display,
)]
#[strum(serialize_all = "snake_case")]
pub enum ChangeState {
    /// Not sent.
    Pending,
    /// Intent on disk, answer not recorded.
    Inflight,
    /// The provider said yes with the right count; not proven.
    Accepted,
    /// May or may not be applied.
    Unknown,
    /// Read back as wanted.
    Verified,
    /// Kept by us.
    Local,
    /// The provider refused this leak.
    Refused,
    /// Read back as something else after the provider said yes.
    Contradicted,
    /// A fresh read before sending showed another status than the plan.
    Drifted,
    /// Proven not applied, for the last time.
    Failed,
    /// Left alone by the plan.
    Skipped,
    /// Stopped before it was sent.
    Cancelled,
    /// Accepted or unknown when the job ended, and no read was possible.
    Unverifiable,
}

impl ChangeState {
    /// The word that the operator sees.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Pending | Self::Inflight => Outcome::Pending,
            Self::Accepted => Outcome::Accepted,
            Self::Unknown => Outcome::Unknown,
            Self::Verified => Outcome::Verified,
            Self::Local => Outcome::Local,
            Self::Refused | Self::Failed => Outcome::Failed,
            Self::Contradicted => Outcome::Contradicted,
            Self::Drifted => Outcome::Drifted,
            Self::Skipped => Outcome::Skipped,
            Self::Cancelled => Outcome::Cancelled,
            Self::Unverifiable => Outcome::Unverifiable,
        }
    }

    /// Whether nothing more can happen to it.
    pub fn is_final(self) -> bool {
        !matches!(
            self,
            Self::Pending | Self::Inflight | Self::Accepted | Self::Unknown
        )
    }
}

/// What became of a change.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    strum::EnumString,
    strum::Display,
    strum::EnumIter,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Outcome {
    /// Read back as wanted: the only one that counts as done at a provider.
    Verified,
    /// Kept by us.
    Local,
    /// Refused, or proven not applied.
    Failed,
    /// Read back as something else after the provider said yes.
    Contradicted,
    /// No read was possible.
    Unverifiable,
    /// Changed by someone else; left alone.
    Drifted,
    /// Left alone by the plan.
    Skipped,
    /// Stopped before it was sent.
    Cancelled,
    /// The provider said yes; not read back yet.
    Accepted,
    /// May or may not be applied; not read back yet.
    Unknown,
    /// Not sent yet.
    Pending,
}

/// How many changes have each outcome; they sum to the targets of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "each member is the outcome of its name")]
pub struct Counts {
    pub verified: u64,
    pub local: u64,
    pub failed: u64,
    pub contradicted: u64,
    pub unverifiable: u64,
    pub drifted: u64,
    pub skipped: u64,
    pub cancelled: u64,
    pub accepted: u64,
    pub unknown: u64,
    pub pending: u64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, outcome: Outcome) {
        *self.slot(outcome) += 1;
    }

    /// Counts so many more.
    pub fn add_many(&mut self, outcome: Outcome, more: u64) {
        *self.slot(outcome) += more;
    }

    /// Moves one change from an outcome to another.
    pub fn move_one(&mut self, from: Outcome, to: Outcome) {
        let from = self.slot(from);
        *from = from.saturating_sub(1);
        self.add(to);
    }

    /// The number of one outcome.
    pub fn get(mut self, outcome: Outcome) -> u64 {
        *self.slot(outcome)
    }

    /// All together.
    pub fn sum(self) -> u64 {
        <Outcome as strum::IntoEnumIterator>::iter()
            .map(|outcome| self.get(outcome))
            .sum()
    }

    /// The number of one outcome, to be set.
    pub fn slot(&mut self, outcome: Outcome) -> &mut u64 {
        match outcome {
            Outcome::Verified => &mut self.verified,
            Outcome::Local => &mut self.local,
            Outcome::Failed => &mut self.failed,
            Outcome::Contradicted => &mut self.contradicted,
            Outcome::Unverifiable => &mut self.unverifiable,
            Outcome::Drifted => &mut self.drifted,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Cancelled => &mut self.cancelled,
            Outcome::Accepted => &mut self.accepted,
            Outcome::Unknown => &mut self.unknown,
            Outcome::Pending => &mut self.pending,
        }
    }
}

impl FromIterator<Outcome> for Counts {
    fn from_iter<T: IntoIterator<Item = Outcome>>(outcomes: T) -> Self {
        let mut counts = Self::default();
        outcomes.into_iter().for_each(|outcome| counts.add(outcome));
        counts
    }
}

/// The report line: always all numbers that are final, the others while there are any.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for outcome in <Outcome as strum::IntoEnumIterator>::iter() {
            let open = matches!(
                outcome,
                Outcome::Accepted | Outcome::Unknown | Outcome::Pending
            );
            let count = self.get(outcome);
            if open && count == 0 {
                continue;
            }
            if !first {
                f.write_str(" · ")?;
            }
            first = false;
            write!(f, "{count} {outcome}")?;
        }
        write!(f, " = {}", self.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_line_has_all_numbers_and_their_sum() {
        let mut counts: Counts = [Outcome::Verified, Outcome::Verified, Outcome::Failed]
            .into_iter()
            .collect();
        assert_eq!(
            counts.to_string(),
            "2 verified · 0 local · 1 failed · 0 contradicted · 0 unverifiable · 0 drifted · 0 skipped · 0 cancelled = 3"
        );
        counts.add(Outcome::Pending);
        assert!(counts.to_string().ends_with("0 cancelled · 1 pending = 4"));
    }
}
