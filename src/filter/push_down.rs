//! What a provider may decide: only terms whose meaning its contract states, and never one that could lose a leak.
//! Everything is filtered again here.

use super::{Field, Filter, StatusSet, Term};
use crate::entity::{query::LeakQuery, status::Status};

/// Classes whose words the contracts give as a request parameter with the same meaning.
const CLASSES: [&str; 3] = ["personal", "employee", "customer"];

impl Filter {
    /// The part that a provider may decide. Status: only `fixed` alone, for a provider's `open` leaves out the words
    /// that we call unknown. Class: one word of the contract's. Text, domain and the machine's members contain, where
    /// a provider compares whole values or does not say what it compares: never.
    ///
    /// A provider does not know local statuses: `status` must be taken out for a profile that has some.
    pub fn push_down(&self) -> LeakQuery {
        let mut query = LeakQuery::default();
        for term in &self.terms {
            match term {
                Term::Status(set) if *set == StatusSet::default().with(Status::Fixed) => {
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
}
