//! The risk that a provider sees in a leak or a user.

use serde::Serialize;

/// How grave the provider says it is.
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
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum RiskLevel {
    /// The provider says there is none.
    None,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

/// A provider's risk: level, and its own score where it gives one (its own scale).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Risk {
    /// The level.
    pub level: RiskLevel,
    /// The provider's own number, if any.
    pub score: Option<f64>,
}
