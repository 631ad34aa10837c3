//! State of a change, its outcome as the operator sees it, and the number of changes by outcome.

use serde::Serialize;
use std::fmt;

/// State of a change, as the journal stores it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::EnumString, strum::Display,
)]
#[strum(serialize_all = "snake_case")]
pub enum ChangeState {
    /// Not sent, or to be sent again.
    Pending,
    /// The intent is recorded, the answer is not.
    Inflight,
    /// The provider agreed with the right count; not read back.
    Accepted,
    /// The provider may or may not have applied it.
    Unknown,
    /// Read back as wanted.
    Verified,
    /// Stored in the journal.
    Local,
    /// The provider refused this leak.
    Refused,
    /// The provider agreed, but the leak reads otherwise.
    Contradicted,
    /// Changed by others since the plan; found before sending.
    Drifted,
    /// Proven not applied after the last attempt.
    Failed,
    /// Skipped by the plan.
    Skipped,
    /// Cancelled before it was sent.
    Cancelled,
    /// The job ended without a read-back.
    Unverifiable,
}

impl ChangeState {
    /// Returns the outcome that the operator sees.
    pub fn outcome(self) -> ChangeOutcome {
        match self {
            Self::Pending | Self::Inflight => ChangeOutcome::Pending,
            Self::Accepted => ChangeOutcome::Accepted,
            Self::Unknown => ChangeOutcome::Unknown,
            Self::Verified => ChangeOutcome::Verified,
            Self::Local => ChangeOutcome::Local,
            Self::Refused | Self::Failed => ChangeOutcome::Failed,
            Self::Contradicted => ChangeOutcome::Contradicted,
            Self::Drifted => ChangeOutcome::Drifted,
            Self::Skipped => ChangeOutcome::Skipped,
            Self::Cancelled => ChangeOutcome::Cancelled,
            Self::Unverifiable => ChangeOutcome::Unverifiable,
        }
    }

    /// Returns true if no event changes the state any more.
    pub fn is_final(self) -> bool {
        !matches!(
            self,
            Self::Pending | Self::Inflight | Self::Accepted | Self::Unknown
        )
    }
}

/// Outcome of a change, as the operator sees it.
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
pub enum ChangeOutcome {
    /// Read back as wanted. The only outcome that counts as done at a provider.
    Verified,
    /// Stored in the journal.
    Local,
    /// Refused, or proven not applied.
    Failed,
    /// The provider agreed, but the leak reads otherwise.
    Contradicted,
    /// Could not be read back.
    Unverifiable,
    /// Changed by others before it was sent.
    Drifted,
    /// Skipped by the plan.
    Skipped,
    /// Cancelled before it was sent.
    Cancelled,
    /// The provider agreed; not read back yet.
    Accepted,
    /// The provider may or may not have applied it; not read back yet.
    Unknown,
    /// Not sent yet.
    Pending,
}

impl ChangeOutcome {
    /// Returns the words of the screen.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Local => "local only",
            Self::Failed => "failed",
            Self::Contradicted => "contradicted",
            Self::Unverifiable => "unverifiable",
            Self::Drifted => "changed by others",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
            Self::Accepted => "not yet verified",
            Self::Unknown => "unknown",
            Self::Pending => "pending",
        }
    }
}

/// Number of changes by outcome. The sum is the number of targets of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "each member is the outcome of its name")]
pub struct OutcomeCounts {
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

impl OutcomeCounts {
    /// Adds one change.
    pub fn add(&mut self, outcome: ChangeOutcome) {
        *self.slot(outcome) += 1;
    }

    /// Adds `more` changes.
    pub fn add_many(&mut self, outcome: ChangeOutcome, more: u64) {
        *self.slot(outcome) += more;
    }

    /// Moves one change from an outcome to another.
    pub fn move_one(&mut self, from: ChangeOutcome, to: ChangeOutcome) {
        let from = self.slot(from);
        *from = from.saturating_sub(1);
        self.add(to);
    }

    /// Returns the number of one outcome.
    pub fn get(mut self, outcome: ChangeOutcome) -> u64 {
        *self.slot(outcome)
    }

    /// Returns the report line in the words of the screen.
    pub fn in_words(self) -> String {
        self.line(|outcome| outcome.in_words().to_owned())
    }

    /// Returns all final outcomes, and the others if their number is not zero.
    fn line(self, word: impl Fn(ChangeOutcome) -> String) -> String {
        let mut parts = Vec::new();
        for outcome in <ChangeOutcome as strum::IntoEnumIterator>::iter() {
            let open = matches!(
                outcome,
                ChangeOutcome::Accepted | ChangeOutcome::Unknown | ChangeOutcome::Pending
            );
            let count = self.get(outcome);
            if !open || count > 0 {
                parts.push(format!("{count} {}", word(outcome)));
            }
        }
        format!("{} = {}", parts.join(" · "), self.sum())
    }

    /// Returns the number of all changes.
    pub fn sum(self) -> u64 {
        <ChangeOutcome as strum::IntoEnumIterator>::iter()
            .map(|outcome| self.get(outcome))
            .sum()
    }

    /// Returns the number of one outcome for writing.
    pub fn slot(&mut self, outcome: ChangeOutcome) -> &mut u64 {
        match outcome {
            ChangeOutcome::Verified => &mut self.verified,
            ChangeOutcome::Local => &mut self.local,
            ChangeOutcome::Failed => &mut self.failed,
            ChangeOutcome::Contradicted => &mut self.contradicted,
            ChangeOutcome::Unverifiable => &mut self.unverifiable,
            ChangeOutcome::Drifted => &mut self.drifted,
            ChangeOutcome::Skipped => &mut self.skipped,
            ChangeOutcome::Cancelled => &mut self.cancelled,
            ChangeOutcome::Accepted => &mut self.accepted,
            ChangeOutcome::Unknown => &mut self.unknown,
            ChangeOutcome::Pending => &mut self.pending,
        }
    }
}

impl FromIterator<ChangeOutcome> for OutcomeCounts {
    fn from_iter<T: IntoIterator<Item = ChangeOutcome>>(outcomes: T) -> Self {
        let mut counts = Self::default();
        outcomes.into_iter().for_each(|outcome| counts.add(outcome));
        counts
    }
}

/// Writes the report line in the words of JSON, as the audit log keeps it.
impl fmt::Display for OutcomeCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line(|outcome| outcome.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_line_has_all_numbers_and_their_sum() {
        let mut counts: OutcomeCounts = [
            ChangeOutcome::Verified,
            ChangeOutcome::Verified,
            ChangeOutcome::Failed,
        ]
        .into_iter()
        .collect();
        assert_eq!(
            counts.to_string(),
            "2 verified · 0 local · 1 failed · 0 contradicted · 0 unverifiable · 0 drifted · 0 skipped · 0 cancelled = 3"
        );
        assert_eq!(
            counts.in_words(),
            "2 verified · 0 local only · 1 failed · 0 contradicted · 0 unverifiable · 0 changed by others · 0 skipped · 0 cancelled = 3"
        );
        counts.add(ChangeOutcome::Pending);
        assert!(counts.to_string().ends_with("0 cancelled · 1 pending = 4"));
    }
}
