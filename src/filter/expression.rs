//! Terms joined by *and*, *or* and *not*.

use super::{Field, Term};
use crate::entity::key::Kind;

/// A condition that may be made of others.
#[derive(Clone, PartialEq, Debug)]
pub enum Expression {
    /// One condition.
    Term(Term),
    /// All of these.
    All(Vec<Expression>),
    /// Any of these.
    Any(Vec<Expression>),
    /// Anything but this.
    Not(Box<Expression>),
}

impl Expression {
    /// Whether whatever this holds for, the other holds for too. Said only where it is plain.
    pub(super) fn implies(&self, wide: &Self) -> bool {
        match (self, wide) {
            (Self::Term(narrow), Self::Term(wide)) => narrow.implies(wide),
            (Self::Any(narrow), wide) => narrow.iter().all(|narrow| narrow.implies(wide)),
            (narrow, Self::All(wide)) => wide.iter().all(|wide| narrow.implies(wide)),
            (narrow, Self::Any(wide)) => wide.iter().any(|wide| narrow.implies(wide)),
            (Self::All(narrow), wide) => narrow.iter().any(|narrow| narrow.implies(wide)),
            // What was not so then may be so now: only of what time and marks do not change.
            (Self::Not(narrow), Self::Not(wide)) => {
                narrow.is_time_independent() && wide.is_time_independent() && wide.implies(narrow)
            }
            (Self::Term(_) | Self::Not(_), _) => false,
        }
    }

    fn is_time_independent(&self) -> bool {
        self.all_terms(&Term::is_time_independent)
    }

    /// Whether it can be told of a thing of this kind without its leaks.
    pub(super) fn is_own_member(&self, kind: Kind) -> bool {
        self.all_terms(&|term| term.is_own_member(kind))
    }

    /// Whether something holds for every term in it.
    pub(super) fn all_terms(&self, holds: &impl Fn(&Term) -> bool) -> bool {
        match self {
            Self::Term(term) => holds(term),
            Self::All(parts) | Self::Any(parts) => parts.iter().all(|part| part.all_terms(holds)),
            Self::Not(part) => part.all_terms(holds),
        }
    }

    /// What it is for every leak of a profile at a provider, if that alone says it. A provider that is not known says
    /// nothing.
    pub(super) fn for_profile(&self, profile: &str, provider: Option<&str>) -> Option<bool> {
        match self {
            Self::Term(Term::Equals(Field::Profile, values)) => {
                Some(values.equals_any(profile.as_bytes()))
            }
            Self::Term(Term::Equals(Field::Source, values)) => {
                provider.map(|provider| values.equals_any(provider.as_bytes()))
            }
            Self::Term(_) => None,
            Self::All(parts) => decide(parts, profile, provider, false),
            Self::Any(parts) => decide(parts, profile, provider, true),
            Self::Not(part) => part.for_profile(profile, provider).map(|holds| !holds),
        }
    }
}

/// One part that is what decides, decides; else all must be known.
fn decide(
    parts: &[Expression],
    profile: &str,
    provider: Option<&str>,
    decides: bool,
) -> Option<bool> {
    let mut known = true;
    for part in parts {
        match part.for_profile(profile, provider) {
            Some(holds) if holds == decides => return Some(decides),
            Some(_) => {}
            None => known = false,
        }
    }
    known.then_some(!decides)
}
