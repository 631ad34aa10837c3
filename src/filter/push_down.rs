//! What a provider may decide: only terms whose meaning its contract states, and never one that could lose a leak.
//! Everything is filtered again here.

use super::{Field, Filter, StatusSet, Term};
use crate::entity::{
    key::Kind,
    query::{EntityQuery, LeakQuery},
    status::Status,
};

/// Classes whose words the contracts give as a request parameter with the same meaning.
const CLASSES: [&str; 3] = ["personal", "employee", "customer"];

impl Filter {
    /// The part that a provider may decide. Status: only `fixed` alone, for a provider's `open` leaves out the words
    /// that we call unknown. Class: one word of the contract's. Text, domain and the machine's members contain, where
    /// a provider compares whole values or does not say what it compares: never.
    ///
    /// A provider does not know local statuses: where its profile `keeps_statuses` here, a leak that is fixed for us
    /// alone would be lost, and the status is not asked for.
    pub fn push_down(&self, keeps_statuses: bool) -> LeakQuery {
        let mut query = LeakQuery::default();
        for term in &self.terms {
            match term {
                Term::Status(set)
                    if !keeps_statuses && *set == StatusSet::default().with(Status::Fixed) =>
                {
                    query.status = Some(Status::Fixed);
                }
                Term::Word(Field::Class, values) => {
                    if let ([one], false) = (&values.any[..], values.missing) {
                        let word = CLASSES
                            .into_iter()
                            .find(|class| class.as_bytes() == one.folded());
                        query.class = query.class.or(word.map(str::to_owned));
                    }
                }
                Term::Text(_)
                | Term::Status(_)
                | Term::Risk(_)
                | Term::Word(..)
                | Term::Contains(..) => {}
            }
        }
        query
    }

    /// The part that a provider may decide of what it lists itself: of users one text of `login` alone, as far as the
    /// contracts say what it is compared with. They say that a login contains it, not whether letter case counts: only
    /// a part without letters is asked for.
    ///
    /// Everything else tests something that the provider's list does not have. A risk or a status is that of a leak
    /// here, the provider's is one of the user or machine as a whole: a user with a grave leak stays on our list, and
    /// what the provider knows of that user must be there to be merged into it. A domain is the one that leaks are
    /// filed under, a bare word also stands in other members, and the members of machines are not asked for.
    pub fn push_down_of(&self, kind: Kind) -> EntityQuery {
        let mut query = EntityQuery::default();
        if kind == Kind::User {
            query.login_part = self.terms.iter().find_map(|term| match term {
                Term::Contains(Field::Login, values) => match (&values.any[..], values.missing) {
                    ([one], false) => part_without_case(one.text()).map(str::to_owned),
                    _ => None,
                },
                _ => None,
            });
        }
        query
    }
}

/// The longest part of a text that is the same in any letter case. It has a sign that no provider's id has: a user
/// without a login is listed by its id, and no list of logins would give it.
fn part_without_case(text: &str) -> Option<&str> {
    text.split(|c: char| !(c.is_ascii_digit() || "@._-".contains(c)))
        .filter(|part| part.contains(['@', '.', '_']))
        .max_by_key(|part| part.len())
}
