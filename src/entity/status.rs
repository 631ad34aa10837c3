//! What an analyst thinks of a leak.

use serde::Serialize;

/// A leak's triage status. `Open` is for providers that know only open and fixed.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    strum::EnumString,
    strum::Display,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[repr(u8)]
pub enum Status {
    /// Nobody has looked at it.
    New = 0,
    /// Somebody is looking at it.
    Investigating = 1,
    /// Not fixed, where no finer word is known.
    Open = 2,
    /// The credential is worthless now.
    Fixed = 3,
    /// It never was a credential of ours.
    FalsePositive = 4,
    /// The provider said something else, or nothing.
    Unknown = 5,
}

impl Status {
    /// Whether it still needs work: everything but fixed and false positive.
    pub fn is_unresolved(self) -> bool {
        !matches!(self, Self::Fixed | Self::FalsePositive)
    }

    /// As a person says it.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Investigating => "investigating",
            Self::Open => "open",
            Self::Fixed => "fixed",
            Self::FalsePositive => "false positive",
            Self::Unknown => "unknown",
        }
    }

    /// From its number in a packed column; anything else is unknown.
    pub fn from_u8(number: u8) -> Self {
        match number {
            0 => Self::New,
            1 => Self::Investigating,
            2 => Self::Open,
            3 => Self::Fixed,
            4 => Self::FalsePositive,
            _ => Self::Unknown,
        }
    }
}

/// Who keeps a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::EnumString, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum StatusSource {
    /// The provider.
    Remote,
    /// We do, because the provider cannot store it.
    Local,
}
