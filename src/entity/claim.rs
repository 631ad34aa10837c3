//! Who has taken a leak on: a lease that the others see, and the last words that were left with a leak.

use super::{
    key::{EntityKey, JobId},
    role::Role,
};
use jiff::Timestamp;
use std::time::Duration;

/// How long a claim lasts when nobody renews it.
pub const CLAIM_DURATION: Duration = Duration::from_secs(8 * 60 * 60);

/// Where somebody sits: a user at a host, and which of that user's consoles.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ConsoleId {
    /// Login name.
    pub user: String,
    /// Host name.
    pub host: String,
    /// Terminal, or the process where there is none.
    pub console: String,
}

impl ConsoleId {
    /// `user@host`.
    pub fn user_at_host(&self) -> String {
        format!("{}@{}", self.user, self.host)
    }
}

/// A leak that somebody has taken on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who.
    pub claimant: ConsoleId,
    /// It ends by itself then.
    pub expires_at: Timestamp,
    /// It is this console's own.
    pub is_own: bool,
    /// The login at the store of a team; `None` in the journal of one host.
    pub role: Option<Role>,
}

/// What to do about claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ClaimOperation {
    /// Claim what nobody else has.
    Claim,
    /// Claim all, also what another has: only when that was asked for in so many words.
    Take,
    /// Give back what is ours.
    Release,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ClaimResult {
    /// These are ours now, or no more.
    pub changed: Vec<EntityKey>,
    /// These belong to another and were left alone.
    pub held_by_others: Vec<(EntityKey, Claim)>,
}

/// Why a job was done, in the operator's words.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Justification {
    /// The reason.
    pub reason: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// A ticket's number.
    pub ticket: Option<String>,
}

/// The longest reason, note or ticket, in characters.
pub const MAX_JUSTIFICATION_CHARS: usize = 2_000;

impl Justification {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What an operator typed, if it is anything: blanks around it do not count.
pub fn non_blank(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The last words that were left with a leak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastNote {
    /// The words.
    pub justification: Justification,
    /// Who left them; unknown for a job of an older journal.
    pub author: Option<ConsoleId>,
    /// When.
    pub noted_at: Timestamp,
    /// With which job; none where they came in from a file or with another profile's name, and of a note that was written
    /// without a job.
    pub job: Option<JobId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_no_words() {
        assert_eq!(non_blank("  \t "), None);
        assert_eq!(non_blank(" phished "), Some("phished".to_owned()));
        assert!(Justification::default().is_empty());
        let ticket = Justification {
            ticket: non_blank("INC-7"),
            ..Justification::default()
        };
        assert!(!ticket.is_empty());
    }
}
