//! Why a command ended without its result, in the one form that people and scripts read.

use super::exit::ExitCode;
use crate::{
    config::problem::Problem,
    entity::error::{JournalError, ProfileError, ProviderError},
    export::ExportError,
    filter::FilterError,
    seen::SeenError,
};
use serde_json::{Value, json};

/// The kinds of failure that no provider and no journal has; theirs come from their own errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The command line is wrong.
    Usage,
    /// The configuration is wrong.
    Config,
    /// A rule of ours forbids it.
    Policy,
    /// The journal cannot be written.
    Journal,
    /// Another console holds the journal.
    Locked,
    /// Nothing has that key or name.
    NotFound,
    /// It cannot be done here.
    Unsupported,
    /// It was called off.
    Cancelled,
    /// A bug.
    Internal,
}

impl FailureKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Config => "config",
            Self::Policy => "policy",
            Self::Journal => "journal",
            Self::Locked => "locked",
            Self::NotFound => "not_found",
            Self::Unsupported => "unsupported",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }

    fn exit(self) -> ExitCode {
        match self {
            Self::Usage | Self::Config | Self::Unsupported => ExitCode::Usage,
            Self::Policy => ExitCode::Policy,
            Self::Journal => ExitCode::Journal,
            Self::Locked => ExitCode::Locked,
            Self::NotFound => ExitCode::NotFound,
            Self::Cancelled => ExitCode::Interrupted,
            Self::Internal => ExitCode::Internal,
        }
    }
}

/// A failure with what to do about it. No text of it quotes a secret, a URL or a provider's bytes unescaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The word for JSON.
    pub kind: &'static str,
    /// What failed.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Whose profile, if it is one's.
    pub profile: Option<String>,
    /// How the program ends.
    pub exit: ExitCode,
}

impl Failure {
    /// A failure of our own.
    pub fn new(kind: FailureKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            kind: kind.as_str(),
            message: message.into(),
            hint: hint.into(),
            profile: None,
            exit: kind.exit(),
        }
    }

    /// `ERROR`, as it stands in answers and on standard error.
    pub fn to_json(&self) -> Value {
        json!({
            "kind": self.kind,
            "message": self.message,
            "hint": self.hint,
            "profile": self.profile,
        })
    }
}

impl From<&ProviderError> for Failure {
    fn from(error: &ProviderError) -> Self {
        Self {
            kind: error.kind(),
            message: error.to_string(),
            hint: error.hint().to_owned(),
            profile: None,
            exit: ExitCode::from_code(error.exit_code()),
        }
    }
}

impl From<&ProfileError> for Failure {
    fn from(error: &ProfileError) -> Self {
        Self {
            message: error.to_string(),
            profile: Some(error.profile.to_string()),
            ..Self::from(&error.error)
        }
    }
}

impl From<&JournalError> for Failure {
    fn from(error: &JournalError) -> Self {
        Self {
            kind: error.kind(),
            message: error.to_string(),
            hint: error.hint().to_owned(),
            profile: None,
            exit: ExitCode::from_code(error.exit_code()),
        }
    }
}

impl From<&SeenError> for Failure {
    fn from(error: &SeenError) -> Self {
        let kind = match error {
            SeenError::OtherEpoch => FailureKind::Usage,
            SeenError::OtherTeamKey => FailureKind::Config,
            SeenError::Refused { .. } => FailureKind::Policy,
            SeenError::OtherKey
            | SeenError::Unreachable { .. }
            | SeenError::Full
            | SeenError::Io { .. } => FailureKind::Journal,
        };
        Self::new(kind, error.to_string(), error.hint())
    }
}

impl From<&Problem> for Failure {
    fn from(problem: &Problem) -> Self {
        let place = problem.location();
        let message = if place.is_empty() {
            problem.message.clone()
        } else {
            format!("{place}: {}", problem.message)
        };
        Self::new(FailureKind::Config, message, problem.hint.clone())
    }
}

impl From<&FilterError> for Failure {
    fn from(error: &FilterError) -> Self {
        Self::new(FailureKind::Usage, error.to_string(), error.hint.clone())
    }
}

impl From<&ExportError> for Failure {
    fn from(error: &ExportError) -> Self {
        Self {
            kind: error.kind(),
            message: error.to_string(),
            hint: error.hint().to_owned(),
            profile: None,
            exit: ExitCode::from_code(error.exit_code()),
        }
    }
}
