//! The exit codes, in one table.

/// How the program ends. The numbers are a promise to scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::EnumIter)]
#[repr(u8)]
pub enum ExitCode {
    /// Done; for a job: every change verified, local or skipped.
    Done = 0,
    /// An unexpected fault: a bug.
    Internal = 1,
    /// Wrong usage, filter or configuration, or not supported: nothing was sent.
    Usage = 2,
    /// Some changes failed, were contradicted, unverifiable, changed by others or cancelled.
    Partial = 3,
    /// Refused by policy.
    Policy = 4,
    /// A provider could not be reached, or gave an answer that could not be read.
    Unreachable = 5,
    /// Nothing has that key or name.
    NotFound = 6,
    /// The journal cannot be written: nothing was sent.
    Journal = 7,
    /// The audit log or a bundle was changed.
    Verification = 8,
    /// `watch --once` told something.
    Told = 10,
    /// Another console holds the journal, or another watch of that name runs.
    Locked = 11,
    /// A provider refused the key or its plan.
    Unauthorised = 12,
    /// The terminal went away.
    HungUp = 129,
    /// Interrupted.
    Interrupted = 130,
    /// Terminated.
    Terminated = 143,
}

impl ExitCode {
    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What it means, for the manual page.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done; for a job: every change verified, local or skipped",
            Self::Internal => "an unexpected fault: a bug",
            Self::Usage => {
                "wrong usage, filter or configuration, or not supported: nothing was sent"
            }
            Self::Partial => {
                "partial: changes failed, contradicted, unverifiable, changed by others or cancelled"
            }
            Self::Policy => {
                "refused by policy: read-only, key over plain http, count not as expected, no --yes and no terminal"
            }
            Self::Unreachable => {
                "a provider could not be reached, or gave an answer that could not be read"
            }
            Self::NotFound => "nothing has that key or name",
            Self::Journal => "the journal cannot be written: nothing was sent",
            Self::Verification => "verification failed: something was changed",
            Self::Told => "watch --once told something",
            Self::Locked => "another console holds the journal, or another watch of that name runs",
            Self::Unauthorised => "a provider refused the key or its plan",
            Self::HungUp => "hung up; a job that ran can be resumed",
            Self::Interrupted => "interrupted; a job that ran can be resumed",
            Self::Terminated => "terminated; a job that ran can be resumed",
        }
    }

    /// The code of an entity's error, which knows numbers only.
    pub fn from_code(code: u8) -> Self {
        <Self as strum::IntoEnumIterator>::iter()
            .find(|exit| exit.code() == code)
            .unwrap_or(Self::Internal)
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(exit: ExitCode) -> Self {
        Self::from(exit.code())
    }
}
