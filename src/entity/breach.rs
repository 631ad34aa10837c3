//! Breaches and pastes, as a catalogue tells of them.

use super::raw_text::RawText;
use serde::Serialize;
use strum::IntoEnumIterator as _;

/// A breach of a service.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Breach {
    /// Its stable name.
    pub name: RawText,
    /// What people call it.
    pub title: Option<RawText>,
    /// The breached service's domain.
    pub domain: Option<RawText>,
    /// When it happened, as it came.
    pub date: Option<RawText>,
    /// When it came into the catalogue, as it came.
    pub added_at: Option<RawText>,
    /// How many accounts it holds.
    pub accounts: Option<u64>,
    /// What kinds of data it holds.
    pub data_classes: Vec<RawText>,
    /// Whether the catalogue vouches for it; `None` where it does not say.
    pub verified: Option<bool>,
    /// Whether it is a list of addresses for spam.
    pub spam: Option<bool>,
    /// What else the catalogue marks it as.
    pub flags: BreachFlags,
}

/// What a catalogue marks a breach as, beside whether it vouches for it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    strum::Display,
    strum::IntoStaticStr,
    strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[repr(u8)]
pub enum BreachFlag {
    /// Somebody made it up.
    Fabricated,
    /// To be in it says something intimate: nobody but the owner of an address is told.
    Sensitive,
    /// It was taken back, and nobody is in it any more.
    Retired,
    /// Addresses that malware took or used.
    Malware,
    /// Logs of stealers.
    StealerLog,
    /// It counts towards no limit of a plan.
    SubscriptionFree,
}

/// A set of marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct BreachFlags(u8);

impl BreachFlags {
    /// Returns true if the mark is in the set.
    pub fn contains(self, flag: BreachFlag) -> bool {
        self.0 & (1 << flag as u8) != 0
    }

    /// The set as a number.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// The set from such a number.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// The marks, in one order.
    pub fn iter(self) -> impl Iterator<Item = BreachFlag> {
        BreachFlag::iter().filter(move |flag| self.contains(*flag))
    }

    /// Their names, joined by commas; empty where there is none.
    pub fn words(self) -> String {
        let words: Vec<&'static str> = self.iter().map(Into::into).collect();
        words.join(", ").replace('_', " ")
    }
}

impl FromIterator<BreachFlag> for BreachFlags {
    fn from_iter<I: IntoIterator<Item = BreachFlag>>(flags: I) -> Self {
        Self(
            flags
                .into_iter()
                .fold(0, |set, flag| set | (1 << flag as u8)),
        )
    }
}

/// A paste that holds an address.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Paste {
    /// The service that it was put on.
    pub source: RawText,
    /// Its id there.
    pub id: RawText,
    /// Its title.
    pub title: Option<RawText>,
    /// When it was put there, as it came.
    pub date: Option<RawText>,
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
