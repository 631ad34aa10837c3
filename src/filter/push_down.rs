//! What a provider may decide: only terms whose meaning its contract states, and never one that could lose a leak.
//! Everything is filtered again here.

use super::{Expression, Field, Filter, StatusSet, Term, Values};
use crate::entity::{
    key::Kind,
    leak::RiskLevel,
    query::{EntityQuery, LeakQuery},
    status::Status,
};

/// Classes whose words the contracts give as a request parameter with the same meaning.
const CLASSES: [&str; 3] = ["personal", "employee", "customer"];

/// Statuses and risks that a provider can be asked for by its own words.
const STATUSES: [Status; 4] = [
    Status::New,
    Status::Investigating,
    Status::Fixed,
    Status::FalsePositive,
];
const RISKS: [RiskLevel; 4] = [
    RiskLevel::None,
    RiskLevel::Low,
    RiskLevel::Medium,
    RiskLevel::High,
];

impl Filter {
    /// The part that a provider may decide: of the terms that must hold, not of those below *or* or *not*.
    ///
    /// Status: `fixed` alone, for a provider's `open` leaves out the words that we call unknown; and sets of the words
    /// that have one of their own. Class: one word of the contract's. Risk: the four levels, which are asked for by
    /// the name that we know them by. Login: a part, as far as the contract says what it is compared with.
    ///
    /// Never: text, patterns and the other members, where a provider compares whole values or does not say what it
    /// compares; dates, of which no contract says which one is meant and whether a day is part of it.
    ///
    /// A provider does not know local statuses: where its profile `keeps_statuses` here, a leak that is fixed for us
    /// alone would be lost, and the status is not asked for.
    pub fn push_down(&self, keeps_statuses: bool) -> LeakQuery {
        let mut query = LeakQuery::default();
        for term in self.required() {
            match term {
                Term::Status(set) if !keeps_statuses => {
                    if *set == StatusSet::default().with(Status::Fixed) {
                        query.status = Some(Status::Fixed);
                    }
                    let known = STATUSES
                        .into_iter()
                        .fold(StatusSet::default(), StatusSet::with);
                    // The first of several is as good as any.
                    if query.statuses.is_empty() && set.is_subset(known) {
                        let wanted = STATUSES.into_iter();
                        query.statuses = wanted.filter(|status| set.contains(*status)).collect();
                    }
                }
                Term::Risk(set) if query.risks.is_empty() && !set.contains(None) => {
                    let wanted = RISKS.into_iter();
                    query.risks = wanted.filter(|level| set.contains(Some(*level))).collect();
                }
                Term::Equals(Field::Class, values) => {
                    if let ([one], false) = (&values.needles[..], values.missing) {
                        let word = CLASSES
                            .into_iter()
                            .find(|class| class.as_bytes() == one.folded());
                        query.class = query.class.or(word.map(str::to_owned));
                    }
                }
                Term::Contains(Field::Login, values) => {
                    query.login_part = query.login_part.or_else(|| login_part(values));
                }
                _ => {}
            }
        }
        query
    }

    /// Whether a query says all of it for a profile at a provider, so that a count of its is the filter's.
    pub fn is_fully_pushed_down(&self, query: &LeakQuery, profile: &str, provider: &str) -> bool {
        let mut parts = self.conditions().iter();
        parts.all(|part| match part {
            Expression::Term(Term::Status(set)) => {
                query.status.is_some() && *set == StatusSet::default().with(Status::Fixed)
            }
            Expression::Term(Term::Equals(Field::Class, values)) => {
                let class = query.class.as_ref();
                values.needles.len() == 1
                    && !values.missing
                    && class.is_some_and(|class| values.equals_any(class.as_bytes()))
            }
            // It decides whom to ask, and is told to nobody.
            other => other.for_profile(profile, Some(provider)) == Some(true),
        })
    }

    /// The part that a provider may decide of what it lists itself: of users one text of `login` alone, as far as the
    /// contracts say what it is compared with. They say that a login contains it, not whether letter case counts: only
    /// a part without letters is asked for.
    ///
    /// Everything else tests something that the provider's list does not have. A risk or a status is that of a leak
    /// here, the provider's is one of the user or machine as a whole: a user with a grave leak stays on our list, and
    /// what the provider knows of that user must be there to be merged into it. A domain is the one that leaks are
    /// filed under, a bare word also stands in other members, and the members of machines are not asked for.
    pub fn push_down_entities(&self, kind: Kind) -> EntityQuery {
        let mut query = EntityQuery::default();
        if kind == Kind::User {
            query.login_part = self.required().find_map(|term| match term {
                Term::Contains(Field::Login, values) => login_part(values),
                _ => None,
            });
        }
        query
    }
}

/// What one text of a login can be asked for by.
fn login_part(values: &Values) -> Option<String> {
    match (&values.needles[..], values.missing) {
        // A host in it may have come in another spelling.
        ([one], false) if one.forms().count() == 1 => {
            part_without_case(one.text()).map(str::to_owned)
        }
        _ => None,
    }
}

/// The longest part of a text that is the same in any letter case. It has a sign that no provider's id has: a user
/// without a login is listed by its id, and no list of logins would give it.
fn part_without_case(text: &str) -> Option<&str> {
    text.split(|c: char| !(c.is_ascii_digit() || "@._-".contains(c)))
        .filter(|part| part.contains(['@', '.', '_']))
        .max_by_key(|part| part.len())
}
