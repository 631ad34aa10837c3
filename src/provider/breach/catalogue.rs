//! A catalogue of breaches that is kept, and what of it was asked for.

use crate::entity::{
    breach::{Breach, BreachQuery},
    raw_text::RawText,
};
use std::collections::HashMap;

/// Every breach by its name. A name is called stable and is spelt both ways: case is nothing here.
#[derive(Debug, Default)]
pub(in crate::provider) struct Catalogue(HashMap<Vec<u8>, Breach>);

impl Catalogue {
    pub(in crate::provider) fn new(breaches: &[Breach]) -> Self {
        let named = |breach: &Breach| (breach.name.as_bytes().to_ascii_lowercase(), breach.clone());
        Self(breaches.iter().map(named).collect())
    }

    /// When a breach happened, where that is known.
    pub(in crate::provider) fn breach_date(&self, name: &RawText) -> Option<&RawText> {
        self.0
            .get(&name.as_bytes().to_ascii_lowercase())?
            .date
            .as_ref()
    }

    /// Whether it knows a breach.
    pub(in crate::provider) fn knows(&self, name: &RawText) -> bool {
        self.0.contains_key(&name.as_bytes().to_ascii_lowercase())
    }

    /// What is known of a breach, be it its name alone, in the catalogue's own spelling of the name.
    pub(in crate::provider) fn spelt(&self, name: &RawText) -> Breach {
        let known = self.0.get(&name.as_bytes().to_ascii_lowercase());
        known.cloned().unwrap_or_else(|| Breach {
            name: name.clone(),
            ..Breach::default()
        })
    }

    /// What is known of a breach, be it its name alone. The name stays as it is asked for.
    pub(in crate::provider) fn breach_or_name(&self, name: &RawText) -> Breach {
        let known = self.0.get(&name.as_bytes().to_ascii_lowercase());
        Breach {
            name: name.clone(),
            ..known.cloned().unwrap_or_default()
        }
    }
}

/// Whether a breach is one of those that were asked for.
pub(in crate::provider) fn matches_query(breach: &Breach, query: &BreachQuery) -> bool {
    let of_domain = query.domain.as_ref().is_none_or(|wanted| {
        let domain = breach.domain.as_ref().map(RawText::as_bytes);
        domain.is_some_and(|domain| same(bare(domain), bare(wanted.as_bytes())))
    });
    let of_spam = query
        .spam
        .is_none_or(|wanted| breach.spam.unwrap_or(false) == wanted);
    of_domain && of_spam
}

/// A domain without the dot of the root.
fn bare(domain: &[u8]) -> &[u8] {
    let domain = domain.trim_ascii();
    domain.strip_suffix(b".").unwrap_or(domain)
}

/// Whether a breach is the one that somebody called by its name or its title.
pub(in crate::provider) fn is_named(breach: &Breach, name: &str) -> bool {
    let is_it = |known: &[u8]| normalize_name(known) == normalize_name(name.as_bytes());
    let titled = breach.title.as_ref().map(RawText::as_bytes);
    is_it(breach.name.as_bytes()) || titled.is_some_and(is_it)
}

/// What a name and a title have in common: neither case, blanks nor dots.
fn normalize_name(name: &[u8]) -> Vec<u8> {
    let kept = name
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    kept.map(u8::to_ascii_lowercase).collect()
}

/// Names are spelt both ways: case is nothing here.
fn same(one: &[u8], two: &[u8]) -> bool {
    one.trim_ascii().eq_ignore_ascii_case(two.trim_ascii())
}
