//! One condition of a filter, what it is made of, and when one is sure to hold where another does.

use super::{
    Field, case_fold, contains,
    date_range::{Age, DateRanges},
    pattern::{Pattern, Subsequence},
};
use crate::entity::{host, key::Kind, leak::RiskLevel, status::Status};
use std::fmt;

/// One condition.
#[derive(Clone, PartialEq, Debug)]
pub enum Term {
    /// Text anywhere in login, URL, host name or domain.
    Text(Needle),
    /// A regular expression that matches one of these.
    Pattern(Pattern),
    /// Letters in this order in one of these.
    Subsequence(Subsequence),
    /// One of these statuses.
    Status(StatusSet),
    /// One of these risks.
    Risk(RiskSet),
    /// The field is exactly one of the words, in any case.
    Equals(Field, Values),
    /// The field contains one of the texts, in any case.
    Contains(Field, Values),
    /// The date lies in one of these spans.
    Date(Field, DateRanges),
    /// So long ago was it seen.
    Age(Age),
    /// So many leaks belong to it.
    Leaks(CountRanges),
    /// It is marked.
    Marked,
}

/// Text to look for.
#[derive(Clone, PartialEq, Eq)]
pub struct Needle {
    text: String,
    folded: Vec<u8>,
    /// With its host in the form in which hosts are searched, where that is another one.
    hosts: Option<Vec<u8>>,
}

impl Needle {
    /// From what was typed.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            folded: case_fold(text.as_bytes()).into_owned(),
            hosts: host::search_needle(text.as_bytes()),
        }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The form that text folded by [`case_fold()`] is searched for.
    pub fn folded(&self) -> &[u8] {
        &self.folded
    }

    /// The forms of which one must stand in a text: as it was typed, and with a host in the one form that hosts are
    /// searched in.
    pub fn forms(&self) -> impl Iterator<Item = &[u8]> {
        [Some(&self.folded), self.hosts.as_ref()]
            .into_iter()
            .flatten()
            .map(Vec::as_slice)
    }

    fn implied_by(&self, longer: &Needle) -> bool {
        let mut longer = longer.forms();
        longer.all(|longer| self.forms().any(|form| contains(longer, form)))
    }
}

impl fmt::Debug for Needle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Needle")
    }
}

/// What a field may be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Values {
    /// Any of these.
    pub needles: Vec<Needle>,
    /// Or nothing at all (`none`).
    pub missing: bool,
}

impl Values {
    /// Whether a value is exactly one of the words, in any case.
    pub fn equals_any(&self, value: &[u8]) -> bool {
        let value = case_fold(value);
        self.needles.iter().any(|needle| needle.folded == *value)
    }

    /// Whether what is one of these is sure to be one of the others, where `within` says so of two needles.
    fn is_subset_by(&self, wide: &Self, within: impl Fn(&Needle, &Needle) -> bool) -> bool {
        let covered = |narrow: &Needle| wide.needles.iter().any(|wide| within(wide, narrow));
        (wide.missing || !self.missing) && self.needles.iter().all(covered)
    }
}

/// A set of statuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StatusSet(u8);

impl StatusSet {
    /// With one more.
    pub fn with(self, status: Status) -> Self {
        Self(self.0 | 1 << status as u8)
    }

    /// Whether a status is in it.
    pub fn contains(self, status: Status) -> bool {
        self.0 & 1 << status as u8 != 0
    }

    /// Whether all of it is in the other.
    pub fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
}

/// A set of risks, of which "the provider says nothing" is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RiskSet(u8);

/// The bit that says that a set was asked for by a comparison.
const COMPARED_BIT: u8 = 1 << 6;

impl RiskSet {
    fn bit(level: Option<RiskLevel>) -> u8 {
        1 << level.map_or(7, |level| level as u8)
    }

    /// With one more; `None` is "the provider says nothing".
    pub fn with(self, level: Option<RiskLevel>) -> Self {
        Self(self.0 | Self::bit(level))
    }

    /// The same set, asked for by a comparison.
    pub(super) fn as_comparison(self) -> Self {
        Self(self.0 | COMPARED_BIT)
    }

    /// Whether it was asked for by a comparison.
    pub(super) fn is_comparison(self) -> bool {
        self.0 & COMPARED_BIT != 0
    }

    /// Whether a level, or the lack of one, is in it.
    pub fn contains(self, level: Option<RiskLevel>) -> bool {
        self.0 & Self::bit(level) != 0
    }

    /// Whether all of it is in the other.
    pub fn is_subset(self, other: Self) -> bool {
        self.0 & !(other.0 | COMPARED_BIT) == 0
    }
}

/// Numbers from one to another, both included; any of these.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CountRanges {
    /// The first and the last of each.
    pub ranges: Vec<(u64, u64)>,
    /// Or no number at all (`none`).
    pub missing: bool,
}

impl CountRanges {
    /// Whether a number is in one of them.
    pub fn contains(&self, count: u64) -> bool {
        let mut ranges = self.ranges.iter();
        ranges.any(|(first, last)| (*first..=*last).contains(&count))
    }

    fn is_subset(&self, wide: &Self) -> bool {
        let covered = |(first, last): &(u64, u64)| {
            let mut wide = wide.ranges.iter();
            wide.any(|(from, to)| from <= first && last <= to)
        };
        (wide.missing || !self.missing) && self.ranges.iter().all(covered)
    }
}

impl Term {
    /// Whether whatever this holds for, now and later, the other holds for too.
    pub(super) fn implies(&self, wide: &Term) -> bool {
        match (self, wide) {
            (Self::Text(narrow), Self::Text(wide)) => wide.implied_by(narrow),
            (Self::Contains(field, values), Self::Text(wide)) => {
                field.is_text()
                    && !values.missing
                    && values.needles.iter().all(|n| wide.implied_by(n))
            }
            (Self::Subsequence(narrow), Self::Subsequence(wide)) => wide.implied_by(narrow),
            (Self::Status(narrow), Self::Status(wide)) => narrow.is_subset(*wide),
            (Self::Risk(narrow), Self::Risk(wide)) => narrow.is_subset(*wide),
            (Self::Equals(field, narrow), Self::Equals(other, wide)) => {
                let same = |wide: &Needle, narrow: &Needle| wide.folded == narrow.folded;
                field == other && narrow.is_subset_by(wide, same)
            }
            // A key is also compared whole, where a longer text can match and a shorter one not.
            (Self::Pattern(_), Self::Pattern(_))
            | (Self::Contains(Field::Key, _), Self::Contains(Field::Key, _)) => self == wide,
            (Self::Contains(field, narrow), Self::Contains(other, wide)) => {
                field == other && narrow.is_subset_by(wide, Needle::implied_by)
            }
            (Self::Date(field, narrow), Self::Date(other, wide)) => {
                field == other && narrow.is_subset(wide)
            }
            (Self::Age(narrow), Self::Age(wide)) => narrow.is_within(*wide),
            (Self::Leaks(narrow), Self::Leaks(wide)) => narrow.is_subset(wide),
            // Marks come and go.
            (
                Self::Text(_)
                | Self::Pattern(_)
                | Self::Subsequence(_)
                | Self::Status(_)
                | Self::Risk(_)
                | Self::Equals(..)
                | Self::Contains(..)
                | Self::Date(..)
                | Self::Age(_)
                | Self::Leaks(_)
                | Self::Marked,
                _,
            ) => false,
        }
    }

    /// Whether it holds for a thing as long as that does not change. What is told of a leak is read.
    pub(super) fn is_time_independent(&self) -> bool {
        !matches!(
            self,
            Self::Age(_) | Self::Marked | Self::Equals(Field::Is, _)
        )
    }

    /// Whether it tests a thing of this kind itself; else it tests the leaks that belong to it.
    pub(super) fn is_own_member(&self, kind: Kind) -> bool {
        match (self, kind) {
            (_, Kind::Leak)
            | (
                Self::Text(_)
                | Self::Pattern(_)
                | Self::Subsequence(_)
                | Self::Leaks(_)
                | Self::Contains(Field::Key, _),
                _,
            )
            | (Self::Contains(Field::Login, _), Kind::User)
            | (Self::Contains(Field::Domain, _), Kind::Domain)
            | (
                Self::Equals(Field::Form, _)
                | Self::Contains(
                    Field::Host
                    | Field::Ip
                    | Field::Os
                    | Field::Country
                    | Field::Device
                    | Field::Breach,
                    _,
                ),
                Kind::Connection,
            ) => true,
            (
                Self::Status(_)
                | Self::Risk(_)
                | Self::Equals(..)
                | Self::Contains(..)
                | Self::Date(..)
                | Self::Age(_)
                | Self::Marked,
                Kind::User | Kind::Domain | Kind::Connection,
            ) => false,
        }
    }
}
