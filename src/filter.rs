//! The filter language: stub of the signatures.
#![expect(unused_variables, clippy::unused_self, reason = "stub")]

use crate::entity::{key::Kind, query::LeakQuery};

/// A filter.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}
/// One condition.
#[derive(Clone, PartialEq, Debug)]
pub enum Term {
    /// Text anywhere.
    Text(String),
}
/// Why a text is not a filter.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
}
/// Reads a filter.
pub fn parse(text: &str) -> Result<Filter, FilterError> {
    Ok(Filter::default())
}
#[expect(missing_docs, reason = "stub")]
impl Filter {
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
    pub fn text(&self) -> &str {
        &self.text
    }
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }
    pub fn narrows(&self, previous: &Filter) -> bool {
        false
    }
    pub fn push_down(&self) -> LeakQuery {
        LeakQuery::default()
    }
    /// Whether a leak of this profile at this provider can match at all.
    pub fn checks_profile(&self, profile: &str, provider: &str) -> bool {
        true
    }
    pub fn split(&self, kind: Kind) -> (Filter, Filter) {
        (Filter::default(), self.clone())
    }
}
