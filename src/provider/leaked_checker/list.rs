//! Leaks, users and connections, made of the breached mailboxes: a page is a domain.

use super::{
    LeakedChecker,
    monitored::{Age, is_refused},
    unsupported_error,
    wire::{Mailbox, Mailboxes},
};
use crate::{
    entity::{
        breach::Breach,
        connection::ConnectionKind,
        error::ProviderError,
        key::Kind,
        leak::LeakBatch,
        page::{ConnectionPage, EntityPage, LeakPage, NextPage, PageRequest, UserPage},
        query::{EntityQuery, LeakQuery},
        raw_text::RawText,
        user::User,
    },
    provider::breach::{
        catalogue::Catalogue,
        leak::push_breach,
        people::{
            self, Completeness, Counted, USERS_PER_PAGE, by_address_alone, by_domain_alone,
            domain_query, is_wanted,
        },
    },
};
use indexmap::IndexMap;

/// A page of people says by its number which domain it is of, and in so many low bits which portion of it.
const PAGE_NUMBER_BITS: u32 = 16;

/// The first page of the domain after one, where there are so many.
fn next_domain(page: PageRequest, at: u32, domains: usize) -> Option<PageRequest> {
    let at = at.checked_add(1).filter(|at| (*at as usize) < domains)?;
    let index = at.checked_mul(1 << PAGE_NUMBER_BITS)?;
    Some(PageRequest { index, ..page })
}

/// Domains that pages have numbers for.
const MAX_DOMAINS: usize = 1 << (u32::BITS - PAGE_NUMBER_BITS);

impl LeakedChecker {
    pub(super) async fn leak_page(
        &self,
        query: &LeakQuery,
        page: PageRequest,
    ) -> Result<LeakPage, ProviderError> {
        let age = if page.index == 0 {
            Age::Fresh
        } else {
            Age::Cached
        };
        let watched = self.queried_domains(query, age).await?;
        let mut answer = LeakPage {
            next: NextPage::numbered(Some(watched.names.len() as u64)),
            page_size: self.page_rows(page),
            ..LeakPage::default()
        };
        if page.index == 0 {
            // Told once, with the page that the list of domains was asked for.
            answer.missing_domains = watched.left_out;
            answer.unreadable = watched.unreadable;
            answer.contradiction = watched.contradiction;
        }
        let Some(domain) = watched.names.get(page.index as usize) else {
            return Ok(answer);
        };
        let mailboxes = match self.mailboxes(domain, Age::Fresh).await {
            Ok(mailboxes) => mailboxes,
            Err(error) if is_refused(&error) => {
                answer.missing_domains.push(RawText::from(&domain[..]));
                return Ok(answer);
            }
            Err(error) => return Err(error),
        };
        answer.unreadable += mailboxes.unreadable;
        if answer.contradiction.is_none() {
            answer.contradiction.clone_from(&mailboxes.contradiction);
        }
        if mailboxes.mailboxes.is_empty() {
            return Ok(answer);
        }
        let catalogue = self.known_breaches().await?;
        let mut used: IndexMap<RawText, Breach> = IndexMap::new();
        answer.leaks = LeakBatch::with_capacity(mailboxes.leaks() as usize);
        for mailbox in select_mailboxes(&mailboxes, query) {
            for name in &mailbox.listed {
                let breach = used
                    .entry(name.clone())
                    .or_insert_with(|| catalogue.breach_or_name(name));
                let address = mailbox.address.as_bytes();
                push_breach(&mut answer.leaks, address, &mailbox.address, domain, breach);
            }
        }
        answer.breaches = used.into_values().collect();
        Ok(answer)
    }

    /// Goes through all mailboxes that a query is about, domain by domain; an error where not all could be read.
    async fn visit_mailboxes(
        &self,
        query: &LeakQuery,
        each: impl FnMut(&Mailboxes) + Send,
    ) -> Result<(), ProviderError> {
        self.visit_readable_mailboxes(query, each).await?.check()
    }

    /// The same, whether or not every domain could be read whole.
    async fn visit_readable_mailboxes(
        &self,
        query: &LeakQuery,
        mut each: impl FnMut(&Mailboxes) + Send,
    ) -> Result<Completeness, ProviderError> {
        let watched = self.queried_domains(query, Age::Cached).await?;
        let mut walked = Completeness {
            unreadable: watched.unreadable,
            contradiction: watched.contradiction,
            left_out: watched.left_out,
        };
        for domain in watched.names {
            match self.mailboxes(&domain, Age::Cached).await {
                Ok(mailboxes) => {
                    each(&mailboxes);
                    walked.unreadable += mailboxes.unreadable;
                    walked.contradicts(mailboxes.contradiction);
                }
                Err(error) if is_refused(&error) => {
                    walked.left_out.push(RawText::from(&domain[..]));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(walked)
    }

    /// The provider gives no number: every domain is read. Terms that it knows nothing of are not for it to
    /// count by.
    pub(super) async fn count_leaks(&self, query: &LeakQuery) -> Result<u64, ProviderError> {
        by_address_alone(query)?;
        let mut leaks = 0;
        self.visit_mailboxes(query, |one| {
            let each = select_mailboxes(one, query).map(|mailbox| mailbox.listed.len() as u64);
            leaks += each.sum::<u64>();
        })
        .await?;
        Ok(leaks)
    }

    /// By domain only, for the same reason.
    pub(super) async fn count_kind(
        &self,
        kind: Kind,
        query: &EntityQuery,
    ) -> Result<Vec<(Option<ConnectionKind>, u64)>, ProviderError> {
        by_domain_alone(query)?;
        match kind {
            Kind::User => {
                let mut users = 0;
                self.visit_mailboxes(&domain_query(query), |one| {
                    users += one.mailboxes.len() as u64;
                })
                .await?;
                Ok(vec![(None, users)])
            }
            Kind::Connection => {
                let (seen, walked) = self.count_breaches(query).await?;
                walked.check()?;
                Ok(vec![(Some(ConnectionKind::Breach), seen.len() as u64)])
            }
            Kind::Leak | Kind::Domain => Err(unsupported_error("it counts users and breaches")),
        }
    }

    /// The breaches that mailboxes of the watched domains are in, and how many are in each.
    async fn count_breaches(
        &self,
        query: &EntityQuery,
    ) -> Result<(Counted, Completeness), ProviderError> {
        let mut seen = Counted::default();
        let each = |mailboxes: &Mailboxes| {
            for name in mailboxes.mailboxes.iter().flat_map(|one| &one.listed) {
                seen.add(name);
            }
        };
        let walked = self
            .visit_readable_mailboxes(&domain_query(query), each)
            .await?;
        Ok((seen, walked))
    }

    pub(super) async fn user_page(
        &self,
        query: &EntityQuery,
        page: PageRequest,
    ) -> Result<UserPage, ProviderError> {
        let watched = self
            .queried_domains(&domain_query(query), Age::Cached)
            .await?;
        let (at, portion) = (
            page.index >> PAGE_NUMBER_BITS,
            page.index & ((1 << PAGE_NUMBER_BITS) - 1),
        );
        let mut answer = UserPage {
            next: next_domain(page, at, watched.names.len()),
            ..EntityPage::empty()
        };
        if page.index == 0 {
            answer.missing_domains = watched.left_out;
            answer.unreadable = watched.unreadable;
            answer.contradiction = watched.contradiction;
            // No page has a number for these.
            let beyond = watched.names.iter().skip(MAX_DOMAINS);
            answer
                .missing_domains
                .extend(beyond.map(|name| RawText::from(&name[..])));
        }
        let Some(domain) = watched.names.get(at as usize) else {
            return Ok(answer);
        };
        let mailboxes = match self.mailboxes(domain, Age::Cached).await {
            Ok(mailboxes) => mailboxes,
            Err(error) if is_refused(&error) => {
                answer.missing_domains.push(RawText::from(&domain[..]));
                return Ok(answer);
            }
            Err(error) => return Err(error),
        };
        if portion == 0 {
            // Told once, with the first of the domain.
            answer.unreadable += mailboxes.unreadable;
            answer.contradiction = answer.contradiction.or(mailboxes.contradiction);
        }
        let before = portion as usize * USERS_PER_PAGE;
        let users = mailboxes.mailboxes.iter().skip(before).take(USERS_PER_PAGE);
        if mailboxes.mailboxes.len() <= before {
            return Ok(answer);
        }
        if mailboxes.mailboxes.len() - before > USERS_PER_PAGE {
            answer.next = Some(PageRequest {
                index: page.index + 1,
                ..page
            });
        }
        let catalogue = self.known_breaches().await?;
        answer.items = users
            .map(|mailbox| self.build_user(mailbox, &catalogue))
            .collect();
        Ok(answer)
    }

    /// A breached mailbox as a person.
    pub(super) fn build_user(&self, mailbox: &Mailbox, catalogue: &Catalogue) -> User {
        let leaks = mailbox.listed.len() as u64;
        let breaches = mailbox.listed.iter();
        people::user_of(&self.settings, &mailbox.address, breaches, leaks, catalogue)
    }

    /// All breaches that mailboxes of the watched domains are in, on one page: each is counted over all domains that
    /// are asked for.
    pub(super) async fn connection_page(
        &self,
        query: &EntityQuery,
        page: PageRequest,
    ) -> Result<ConnectionPage, ProviderError> {
        if page.index > 0 {
            return Ok(EntityPage::empty());
        }
        let (seen, walked) = self.count_breaches(query).await?;
        let mut answer = ConnectionPage {
            total: Some(seen.len() as u64),
            unreadable: walked.unreadable,
            missing_domains: walked.left_out,
            contradiction: walked.contradiction,
            ..EntityPage::empty()
        };
        if seen.is_empty() {
            return Ok(answer);
        }
        let catalogue = self.known_breaches().await?;
        let connections = seen.all().map(|(name, leaks)| {
            self.maker()
                .breach(catalogue.breach_or_name(name), Some(leaks))
        });
        answer.items = connections.collect();
        Ok(answer)
    }
}

/// The mailboxes that a query is about.
fn select_mailboxes<'a>(
    mailboxes: &'a Mailboxes,
    query: &'a LeakQuery,
) -> impl Iterator<Item = &'a Mailbox> + 'a {
    let all = mailboxes.mailboxes.iter();
    all.filter(|mailbox| is_wanted(query, &mailbox.address))
}
