//! Breaches and pastes, as a catalogue tells of them.

use super::text::Text;

/// A breach of a service.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Breach {
    /// Its stable name.
    pub name: Text,
    /// What people call it.
    pub title: Option<Text>,
    /// The breached service's domain.
    pub domain: Option<Text>,
    /// When it happened, as it came.
    pub date: Option<Text>,
    /// When it came into the catalogue, as it came.
    pub added_at: Option<Text>,
    /// How many accounts it holds.
    pub accounts: Option<u64>,
    /// What kinds of data it holds.
    pub data_classes: Vec<Text>,
    /// Whether the catalogue vouches for it; `None` where it does not say.
    pub verified: Option<bool>,
    /// Whether it is a list of addresses for spam.
    pub spam: Option<bool>,
}

/// A paste that holds an address.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Paste {
    /// The service that it was put on.
    pub source: Text,
    /// Its id there.
    pub id: Text,
    /// Its title.
    pub title: Option<Text>,
    /// When it was put there, as it came.
    pub date: Option<Text>,
    /// How many addresses it holds.
    pub emails: Option<u64>,
}

/// What of the catalogue is asked for. Empty members ask for everything.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct BreachQuery {
    /// Breaches of this service's domain.
    pub domain: Option<String>,
    /// Spam lists only, or none of them.
    pub spam: Option<bool>,
}
