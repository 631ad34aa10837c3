//! Users, breaches and sites, made of mailboxes, and what stands against taking them for all.

use super::catalogue::Catalogue;
use crate::{
    entity::{
        domain::LeakCounts,
        error::ProviderError,
        key::{EntityKey, Kind, RemoteId},
        profile::AdapterSettings,
        query::{EntityQuery, LeakQuery},
        raw_text::RawText,
        user::{IdentityType, User, normalized_login},
    },
    provider::unsupported_error,
};
use indexmap::IndexMap;

/// Users on a page: adding tens of thousands at once delays the next key.
pub(in crate::provider) const USERS_PER_PAGE: usize = 2_048;

/// What stands against taking what was read of several domains for all.
#[derive(Clone, Debug, Default)]
pub(in crate::provider) struct Completeness {
    pub(in crate::provider) unreadable: u32,
    pub(in crate::provider) contradiction: Option<String>,
    pub(in crate::provider) left_out: Vec<RawText>,
}

impl Completeness {
    /// Notes a contradiction; the first one is told.
    pub(in crate::provider) fn contradicts(&mut self, why: Option<String>) {
        if self.contradiction.is_none() {
            self.contradiction = why;
        }
    }

    /// An error where they are not all.
    pub(in crate::provider) fn check(&self) -> Result<(), ProviderError> {
        let is_whole =
            self.unreadable == 0 && self.contradiction.is_none() && self.left_out.is_empty();
        if is_whole {
            Ok(())
        } else {
            Err(unsupported_error("not all of its domains could be read"))
        }
    }
}

/// Names of a kind, compared without case: each in its first spelling, with how many leaks it has.
#[derive(Default)]
pub(in crate::provider) struct Counted(IndexMap<Vec<u8>, (RawText, u64)>);

impl Counted {
    /// One leak more of this name.
    pub(in crate::provider) fn add(&mut self, name: &RawText) {
        let compared = name.as_bytes().to_ascii_lowercase();
        let (_, leaks) = self.0.entry(compared).or_insert_with(|| (name.clone(), 0));
        *leaks += 1;
    }

    /// How many names there are.
    pub(in crate::provider) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub(in crate::provider) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and leaks, in the order in which the names were met.
    pub(in crate::provider) fn all(&self) -> impl Iterator<Item = (&RawText, u64)> {
        self.0.values().map(|(name, leaks)| (name, *leaks))
    }
}

/// What a query of users, breaches or sites can be narrowed by: the domains. The rest is filtered here afterwards.
pub(in crate::provider) fn domain_query(query: &EntityQuery) -> LeakQuery {
    LeakQuery {
        domain_ids: query.domain_ids.clone(),
        ..LeakQuery::default()
    }
}

/// An error where a query has more than domains: terms that a service knows nothing of are not for it to count by.
pub(in crate::provider) fn by_domain_alone(query: &EntityQuery) -> Result<(), ProviderError> {
    let understood = EntityQuery {
        domain_ids: query.domain_ids.clone(),
        sort: query.sort.clone(),
        ..EntityQuery::default()
    };
    if *query == understood {
        Ok(())
    } else {
        Err(unsupported_error("it counts by domain only"))
    }
}

/// An error where a query has more than domains and an address.
pub(in crate::provider) fn by_address_alone(query: &LeakQuery) -> Result<(), ProviderError> {
    let understood = LeakQuery {
        domain: query.domain.clone(),
        email: query.email.clone(),
        domain_ids: query.domain_ids.clone(),
        sort: query.sort.clone(),
        ..LeakQuery::default()
    };
    if *query == understood {
        Ok(())
    } else {
        Err(unsupported_error("it counts by domain and address only"))
    }
}

/// Whether an address may be one that a query is about.
pub(in crate::provider) fn is_wanted(query: &LeakQuery, address: &RawText) -> bool {
    query
        .email
        .as_deref()
        .map(str::trim)
        .is_none_or(|wanted| address.as_bytes().eq_ignore_ascii_case(wanted.as_bytes()))
}

/// Who has an address, as a user: seen first when the oldest of these breaches happened.
pub(in crate::provider) fn user_of<'a>(
    settings: &AdapterSettings,
    address: &RawText,
    breaches: impl Iterator<Item = &'a RawText>,
    leaks: u64,
    catalogue: &Catalogue,
) -> User {
    User {
        key: EntityKey {
            profile: settings.name.clone(),
            kind: Kind::User,
            id: RemoteId::from(&*normalized_login(address.as_bytes())),
        },
        provider: settings.provider.clone(),
        login: address.clone(),
        identity_type: Some(IdentityType::Email),
        risk: None,
        // Dates of a kind: the order of their bytes is that of the days.
        first_seen: breaches
            .filter_map(|name| catalogue.breach_date(name))
            .min()
            .cloned(),
        leaks: LeakCounts {
            total: leaks,
            unresolved: leaks,
        },
        sources: 1,
        connections: None,
    }
}
