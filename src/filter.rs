//! The filter language: what a person types to say which leaks.
//!
//! [`parse`] reads it, [`Filter::matches`] decides one [`Row`], [`Filter::push_down`] says what a provider may decide
//! for us of leaks and [`Filter::push_down_of`] of users, [`Filter::narrows`] whether the last hits suffice to look at.
//! A filter is a conjunction of [`Term`]s; *or*, *not* and groups become further variants of `Term` when they are
//! built, until then they are refused.

mod evaluate;
mod field;
mod fold;
mod lexer;
mod parser;
mod push_down;

pub use evaluate::Row;
pub use field::Field;
pub use fold::{contains, fold};
pub use parser::parse;

use crate::entity::{key::Kind, leak::RiskLevel, status::Status};
use std::fmt;

/// A filter. The empty one takes everything.
#[derive(Clone, Default)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

/// Filters are equal when they mean the same by the same words; blanks between terms do not matter.
impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.terms == other.terms
    }
}

/// What a filter looks for may be a leaked name: a log gets the number of terms only.
impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({} terms)", self.terms.len())
    }
}

/// One condition. All conditions of a filter must hold.
#[derive(Clone, PartialEq, Debug)]
pub enum Term {
    /// Text anywhere in login, URL, host name or domain.
    Text(Needle),
    /// One of these statuses.
    Status(StatusSet),
    /// One of these risks.
    Risk(RiskSet),
    /// The field is exactly one of the words, in any case.
    Word(Field, Values),
    /// The field contains one of the texts, in any case.
    Contains(Field, Values),
}

/// Text to look for.
#[derive(Clone, PartialEq, Eq)]
pub struct Needle {
    text: String,
    folded: Vec<u8>,
}

impl Needle {
    /// From what was typed.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            folded: fold(text.as_bytes()).into_owned(),
        }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The form that [`fold()`]ed text is searched for.
    pub fn folded(&self) -> &[u8] {
        &self.folded
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
    pub any: Vec<Needle>,
    /// Or nothing at all (`none`).
    pub missing: bool,
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

impl RiskSet {
    fn bit(level: Option<RiskLevel>) -> u8 {
        1 << level.map_or(7, |level| level as u8)
    }

    /// With one more; `None` is "the provider says nothing".
    pub fn with(self, level: Option<RiskLevel>) -> Self {
        Self(self.0 | Self::bit(level))
    }

    /// Whether a level, or the lack of one, is in it.
    pub fn contains(self, level: Option<RiskLevel>) -> bool {
        self.0 & Self::bit(level) != 0
    }

    /// Whether all of it is in the other.
    pub fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
}

/// Why a text is not a filter, or not one that is built yet.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("filter, column {column}: {message}")]
pub struct FilterError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Filter {
    /// Whether it takes everything.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its conditions, all of which must hold.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Both together.
    pub fn and(&self, other: &Filter) -> Filter {
        let text = match (self.text.trim(), other.text.trim()) {
            ("", text) | (text, "") => text.to_owned(),
            (one, two) => format!("{one} {two}"),
        };
        Filter {
            text,
            terms: self.terms.iter().chain(&other.terms).cloned().collect(),
        }
    }

    /// Whether every hit of this filter is sure to be a hit of the previous one, so that only its hits need a look.
    pub fn narrows(&self, previous: &Filter) -> bool {
        previous
            .terms
            .iter()
            .all(|wide| self.terms.iter().any(|narrow| narrow.implies(wide)))
    }

    /// Whether a leak of this profile at this provider can match at all.
    pub fn checks_profile(&self, profile: &str, provider: &str) -> bool {
        self.terms.iter().all(|term| match term {
            Term::Word(Field::Profile, values) => values.is_word(profile.as_bytes()),
            Term::Word(Field::Source, values) => values.is_word(provider.as_bytes()),
            Term::Text(_)
            | Term::Status(_)
            | Term::Risk(_)
            | Term::Word(..)
            | Term::Contains(..) => true,
        })
    }

    /// Parts it for a list of things that leaks belong to: what tests the thing itself, and what tests its leaks (it
    /// stays when any of them matches). Leaks themselves are all `own`.
    pub fn split(&self, kind: Kind) -> (Filter, Filter) {
        let (own, leaks) = self
            .terms
            .iter()
            .cloned()
            .partition(|term| term.tests_itself(kind));
        let part = |terms| Filter {
            text: self.text.clone(),
            terms,
        };
        (part(own), part(leaks))
    }
}

impl Term {
    fn implies(&self, wide: &Term) -> bool {
        match (self, wide) {
            (Self::Text(narrow), Self::Text(wide)) => wide.is_within(narrow),
            (Self::Contains(field, values), Self::Text(wide)) => {
                field.is_text() && !values.missing && values.any.iter().all(|n| wide.is_within(n))
            }
            (Self::Status(narrow), Self::Status(wide)) => narrow.is_subset(*wide),
            (Self::Risk(narrow), Self::Risk(wide)) => narrow.is_subset(*wide),
            (Self::Word(field, narrow), Self::Word(other, wide)) => {
                field == other
                    && (wide.missing || !narrow.missing)
                    && narrow
                        .any
                        .iter()
                        .all(|n| wide.any.iter().any(|w| w.folded == n.folded))
            }
            // A key is also compared whole, where a longer text can match and a shorter one not.
            (Self::Contains(Field::Key, _), Self::Contains(Field::Key, _)) => self == wide,
            (Self::Contains(field, narrow), Self::Contains(other, wide)) => {
                field == other
                    && (wide.missing || !narrow.missing)
                    && narrow
                        .any
                        .iter()
                        .all(|n| wide.any.iter().any(|w| w.is_within(n)))
            }
            (
                Self::Text(_)
                | Self::Status(_)
                | Self::Risk(_)
                | Self::Word(..)
                | Self::Contains(..),
                _,
            ) => false,
        }
    }

    fn tests_itself(&self, kind: Kind) -> bool {
        match (self, kind) {
            (_, Kind::Leak)
            | (Self::Text(_) | Self::Contains(Field::Key, _), _)
            | (Self::Contains(Field::Login, _), Kind::User)
            | (Self::Contains(Field::Domain, _), Kind::Domain)
            | (
                Self::Contains(
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
                Self::Status(_) | Self::Risk(_) | Self::Word(..) | Self::Contains(..),
                Kind::User | Kind::Domain | Kind::Connection,
            ) => false,
        }
    }
}

impl Needle {
    fn is_within(&self, longer: &Needle) -> bool {
        contains(&longer.folded, &self.folded)
    }
}

impl Values {
    /// Whether a value is exactly one of the words, in any case.
    pub fn is_word(&self, value: &[u8]) -> bool {
        let value = fold(value);
        self.any.iter().any(|needle| needle.folded == *value)
    }
}
