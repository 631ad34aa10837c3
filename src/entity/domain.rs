//! An internet domain that a profile watches, or that leaks are filed under.

use super::{
    key::{EntityKey, ProviderId},
    raw_text::RawText,
};
use serde::Serialize;

/// How many leaks an entity has, and how many of them still need work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub struct LeakCounts {
    /// All of them.
    pub total: u64,
    /// All but fixed and false positive.
    pub unresolved: u64,
}

/// A domain. `leaks` counts what is loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    /// Identity; the id is the name.
    pub key: EntityKey,
    /// Its provider.
    pub provider: ProviderId,
    /// The domain's name, as it came.
    pub name: RawText,
    /// Whether the provider has seen a proof that it is ours; `None` where the provider does not say.
    pub verified: Option<bool>,
    /// Whether it is no longer watched; `None` where the provider does not say.
    pub archived: Option<bool>,
    /// Its leaks, where they are known.
    pub leaks: Option<LeakCounts>,
    /// How many providers know of it.
    pub sources: u32,
}
