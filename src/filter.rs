//! The filter language: what a person types to say which leaks.
//!
//! [`parse`] reads it, [`Filter::matches`] decides one [`Candidate`], [`Filter::push_down`] says what a provider may decide
//! for us of leaks and [`Filter::push_down_entities`] of users, [`Filter::refines`] whether the last hits suffice to look at.
//! A filter is a conjunction of [`Expression`]s, most often of single [`Term`]s. Two things lie outside of what it looks
//! at: the moment, which [`Filter::with_now`] gives it, and the marks, which the leak table is asked for.
//!
//! `~` is a test and not a score: what has the letters in their order is a hit, and hits keep the order of the view.

mod date_range;
mod error;
mod evaluate;
mod expression;
mod field;
mod lexer;
mod missing_value;
mod parser;
mod pattern;
mod push_down;
mod syntax_help;
mod term;
mod term_parser;

pub use date_range::{Age, Comparison, DateRange, DateRanges};
pub use evaluate::Candidate;
pub use expression::Expression;
pub use field::Field;
pub use parser::parse;
pub use pattern::{LONG_S, Pattern, Subsequence};
pub use syntax_help::SYNTAX;
pub use term::{CountRanges, Needle, RiskSet, StatusSet, Term, Values};
pub use term_parser::IS_WORDS;
use term_parser::TOLD_WORDS;

pub use crate::entity::case_fold::{case_fold, contains};

use crate::entity::key::Kind;
use std::fmt;

/// A filter. The empty one takes everything.
#[derive(Clone, Default)]
pub struct Filter {
    text: String,
    conditions: Vec<Expression>,
    /// The moment that ages are counted to, in seconds since 1970.
    now: Option<i64>,
}

/// Filters are equal when they mean the same by the same words; blanks between terms do not matter.
impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.conditions == other.conditions
    }
}

/// What a filter looks for may be a leaked name: a log gets the number of terms only.
impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({} terms)", self.conditions.len())
    }
}

/// Why a text is not a filter.
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
        self.conditions.is_empty()
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its conditions, all of which must hold.
    pub fn conditions(&self) -> &[Expression] {
        &self.conditions
    }

    /// The single terms that must hold: those that stand below no *or* and no *not*.
    pub fn required(&self) -> impl Iterator<Item = &Term> {
        self.conditions.iter().filter_map(|part| match part {
            Expression::Term(term) => Some(term),
            Expression::All(_) | Expression::Any(_) | Expression::Not(_) => None,
        })
    }

    /// Whether a term of some kind stands anywhere in it.
    pub fn has_term(&self, of_kind: impl Fn(&Term) -> bool) -> bool {
        let other = |term: &Term| !of_kind(term);
        !self.conditions.iter().all(|part| part.all_terms(&other))
    }

    /// The same filter at a moment: ages are counted to it. Before that, nothing has an age.
    pub fn with_now(&self, now: jiff::Timestamp) -> Filter {
        Filter {
            now: Some(now.as_second()),
            ..self.clone()
        }
    }

    /// Whether it looks at text in ways that take a while, so that a long table is best searched in slices.
    pub fn is_expensive(&self) -> bool {
        self.has_term(|term| matches!(term, Term::Pattern(_) | Term::Subsequence(_)))
    }

    /// Whether it asks for what only the memory of what was seen knows: when a leak was found here, and what is told of
    /// it.
    pub fn asks_memory(&self) -> bool {
        self.has_term(|term| match term {
            Term::Equals(Field::Is, values) => {
                let told =
                    |needle: &Needle| TOLD_WORDS.contains(&needle.text().to_lowercase().as_str());
                values.needles.iter().any(told)
            }
            Term::Date(Field::Found, _) => true,
            Term::Age(age) => age.field() == Field::Found,
            _ => false,
        })
    }

    /// The moment that ages are counted to, in seconds since 1970.
    pub fn now(&self) -> Option<i64> {
        self.now
    }

    /// Both together.
    pub fn and(&self, other: &Filter) -> Filter {
        let grouped = |filter: &Filter| match (&filter.conditions[..], filter.text.trim()) {
            ([Expression::Any(_)], text) => format!("({text})"),
            (_, text) => text.to_owned(),
        };
        let text = match (self.text.trim(), other.text.trim()) {
            ("", text) | (text, "") => text.to_owned(),
            (_, _) => format!("{} {}", grouped(self), grouped(other)),
        };
        Filter {
            text,
            conditions: self
                .conditions
                .iter()
                .chain(&other.conditions)
                .cloned()
                .collect(),
            now: self.now.or(other.now),
        }
    }

    /// Whether every hit of this filter is sure to be a hit of the previous one, so that only its hits need a look.
    pub fn refines(&self, previous: &Filter) -> bool {
        previous
            .conditions
            .iter()
            .all(|wide| self.conditions.iter().any(|narrow| narrow.implies(wide)))
    }

    /// Whether a leak of this profile can match at all, at this provider where that is known.
    pub fn can_match_profile(&self, profile: &str, provider: Option<&str>) -> bool {
        let mut parts = self.conditions.iter();
        parts.all(|part| part.for_profile(profile, provider) != Some(false))
    }

    /// Parts it for a list of things that leaks belong to: what tests the thing itself, and what tests its leaks (it
    /// stays when any of them matches). Leaks themselves are all `own`. A part that joins both kinds by *or* or *not*
    /// tests leaks; `not` of leaks takes what has a leak that is not so.
    pub fn split_by_target(&self, kind: Kind) -> (Filter, Filter) {
        let parts = self.conditions.iter().cloned();
        let (own, leaks) = parts.partition(|part| part.is_own_member(kind));
        let part = |all| Filter {
            text: self.text.clone(),
            conditions: all,
            now: self.now,
        };
        (part(own), part(leaks))
    }
}
