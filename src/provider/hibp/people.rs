//! Users and connections, made of the same mailboxes and logs as the leaks.

use super::{Hibp, list::Step, unsupported_error, watch::Age};
use crate::{
    entity::{
        connection::{Connection, ConnectionKind, Related},
        error::ProviderError,
        key::{Kind, RemoteId},
        page::{ConnectionPage, EntityPage, PageRequest, UserPage},
        query::EntityQuery,
        raw_text::RawText,
        user::{User, normalized_login},
    },
    provider::{
        ConnectionSource, EntityCounter, RelationSource, UserSource,
        breach::{
            catalogue::Catalogue,
            people::{self, Completeness, Counted, USERS_PER_PAGE, by_domain_alone, domain_query},
        },
        related_from_item,
    },
};
use async_trait::async_trait;
use indexmap::IndexMap;
use std::{collections::HashSet, sync::Arc};

/// Somebody with breaches or logs.
#[derive(Debug, Default)]
struct Person {
    address: RawText,
    leaks: u64,
    breaches: Vec<RawText>,
}

/// Everybody, by compared address, with what stands against taking them for all.
#[derive(Debug, Default)]
pub(super) struct People {
    all: IndexMap<Vec<u8>, Person>,
    walked: Completeness,
}

/// Breaches and sites, with how many leaks are in each.
#[derive(Default)]
struct Seen {
    breaches: Counted,
    sites: Counted,
}

#[async_trait]
impl EntityCounter for Hibp {
    /// By domain only, for the same reason.
    async fn count_of(
        &self,
        kind: Kind,
        query: &EntityQuery,
    ) -> Result<Vec<(Option<ConnectionKind>, u64)>, ProviderError> {
        by_domain_alone(query)?;
        match kind {
            Kind::User => {
                let people = self.people(query).await?;
                people.walked.check()?;
                Ok(vec![(None, people.all.len() as u64)])
            }
            Kind::Connection => {
                let (seen, walked) = self.seen(query).await?;
                walked.check()?;
                let mut counts = vec![(Some(ConnectionKind::Breach), seen.breaches.len() as u64)];
                if self.known_plan().await?.has_logs {
                    counts.push((Some(ConnectionKind::Resource), seen.sites.len() as u64));
                }
                Ok(counts)
            }
            Kind::Leak | Kind::Domain => Err(unsupported_error("it counts users and connections")),
        }
    }
}

#[async_trait]
impl UserSource for Hibp {
    async fn page(
        &self,
        query: &EntityQuery,
        page: PageRequest,
    ) -> Result<UserPage, ProviderError> {
        let people = self.people(query).await?;
        let mut answer = UserPage::empty();
        if page.index == 0 {
            answer.missing_domains.clone_from(&people.walked.left_out);
            answer.unreadable = people.walked.unreadable;
            answer
                .contradiction
                .clone_from(&people.walked.contradiction);
        }
        let before = page.index as usize * USERS_PER_PAGE;
        if people.all.len() <= before {
            return Ok(answer);
        }
        if people.all.len() - before > USERS_PER_PAGE {
            answer.next = Some(PageRequest {
                index: page.index + 1,
                ..page
            });
        }
        let names = people.all.values().flat_map(|one| &one.breaches);
        let catalogue = if names.clone().next().is_some() {
            let mut seen = HashSet::new();
            self.known_breaches(names.filter(|name| seen.insert(*name)))
                .await?
        } else {
            Arc::default()
        };
        let people = people.all.values().skip(before).take(USERS_PER_PAGE);
        answer.items = people
            .map(|person| {
                let names = person.breaches.iter();
                self.user_of(&person.address, names, person.leaks, &catalogue)
            })
            .collect();
        Ok(answer)
    }

    async fn user(&self, id: &RemoteId) -> Result<(User, Related), ProviderError> {
        self.one_user(id).await
    }
}

#[async_trait]
impl ConnectionSource for Hibp {
    /// All breaches and sites of the watched domains, on one page.
    async fn page(
        &self,
        query: &EntityQuery,
        page: PageRequest,
    ) -> Result<ConnectionPage, ProviderError> {
        if page.index > 0 {
            return Ok(EntityPage::empty());
        }
        let (seen, walked) = self.seen(query).await?;
        let mut answer = ConnectionPage {
            total: Some((seen.breaches.len() + seen.sites.len()) as u64),
            unreadable: walked.unreadable,
            missing_domains: walked.left_out,
            contradiction: walked.contradiction,
            ..EntityPage::empty()
        };
        let maker = self.maker();
        if !seen.breaches.is_empty() {
            let names = seen.breaches.all().map(|(name, _)| name);
            let catalogue = self.known_breaches(names).await?;
            let breaches = seen.breaches.all();
            answer.items.extend(
                breaches.map(|(name, leaks)| maker.breach(catalogue.spelt(name), Some(leaks))),
            );
        }
        let sites = seen.sites.all();
        answer
            .items
            .extend(sites.map(|(site, leaks)| maker.site(site, Some(leaks))));
        Ok(answer)
    }

    async fn connection(&self, id: &RemoteId) -> Result<(Connection, Related), ProviderError> {
        self.one_connection(id).await
    }
}

#[async_trait]
impl RelationSource for Hibp {
    async fn related(&self, kind: Kind, id: &RemoteId) -> Result<Related, ProviderError> {
        related_from_item(self, kind, id).await
    }
}

impl Hibp {
    /// Everybody of the watched domains, and whoever is in logs with them.
    async fn people(&self, query: &EntityQuery) -> Result<Arc<People>, ProviderError> {
        if query.domain_ids.is_empty() {
            return self.people.get(Age::Recent, self.gather(query)).await;
        }
        self.gather(query).await.map(Arc::new)
    }

    async fn gather(&self, query: &EntityQuery) -> Result<People, ProviderError> {
        let mut all: IndexMap<Vec<u8>, Person> = IndexMap::new();
        let mut add = |address: &RawText, leaks: u64, breaches: &[RawText]| {
            let compared = normalized_login(address.as_bytes()).into_owned();
            let person = all.entry(compared).or_insert_with(|| Person {
                address: address.clone(),
                ..Person::default()
            });
            person.leaks += leaks;
            person.breaches.extend_from_slice(breaches);
        };
        let each = |step: Step<'_>| match step {
            Step::Breaches(mailboxes) => {
                for one in &mailboxes.mailboxes {
                    add(&one.address, one.listed.len() as u64, &one.listed);
                }
            }
            Step::Logs(_, logs) => {
                for one in &logs.employees {
                    add(&one.address, one.listed.len() as u64, &[]);
                }
                for one in &logs.customers {
                    add(one, 1, &[]);
                }
            }
        };
        let walked = self.walk(&domain_query(query), each).await?;
        Ok(People { all, walked })
    }

    /// The breaches and sites of the watched domains, and how many leaks are in each.
    async fn seen(&self, query: &EntityQuery) -> Result<(Seen, Completeness), ProviderError> {
        let mut seen = Seen::default();
        let each = |step: Step<'_>| match step {
            Step::Breaches(mailboxes) => {
                for name in mailboxes.mailboxes.iter().flat_map(|one| &one.listed) {
                    seen.breaches.add(name);
                }
            }
            Step::Logs(domain, logs) => {
                for site in logs.employees.iter().flat_map(|one| &one.listed) {
                    seen.sites.add(site);
                }
                let site = RawText::from(domain);
                for _ in &logs.customers {
                    seen.sites.add(&site);
                }
            }
        };
        let walked = self.walk(&domain_query(query), each).await?;
        Ok((seen, walked))
    }

    /// Somebody as a user.
    pub(super) fn user_of<'a>(
        &self,
        address: &RawText,
        breaches: impl Iterator<Item = &'a RawText>,
        leaks: u64,
        catalogue: &Catalogue,
    ) -> User {
        people::user_of(&self.settings, address, breaches, leaks, catalogue)
    }
}
