//! Leaks, users and connections, made of the breached mailboxes: a page is a domain.

use super::{
    LeakedChecker, unsupported,
    watch::{Age, is_refused},
    wire::{Mailbox, Mailboxes},
};
use crate::{
    entity::{
        breach::Breach,
        connection::Form,
        error::ProviderError,
        key::Kind,
        leak::LeakBatch,
        page::{ConnectionPage, EntityPage, LeakPage, Next, PageToken, UserPage},
        query::{EntityQuery, LeakQuery},
        text::Text,
        user::User,
    },
    provider::breach::{
        catalogue::Catalogue,
        leak::push_breach,
        people::{
            self, Counted, PORTION, Walked, by_address_alone, by_domain_alone, is_wanted, under,
        },
    },
};
use indexmap::IndexMap;

/// A page of people says by its number which domain it is of, and in so many low bits which portion of it.
const PORTIONS: u32 = 16;

/// The first page of the domain after one, where there are so many.
fn next_domain(page: PageToken, at: u32, domains: usize) -> Option<PageToken> {
    let at = at.checked_add(1).filter(|at| (*at as usize) < domains)?;
    let index = at.checked_mul(1 << PORTIONS)?;
    Some(PageToken { index, ..page })
}

/// Domains that pages have numbers for.
const DOMAINS: usize = 1 << (u32::BITS - PORTIONS);

impl LeakedChecker {
    pub(super) async fn leak_page(
        &self,
        query: &LeakQuery,
        page: PageToken,
    ) -> Result<LeakPage, ProviderError> {
        let age = if page.index == 0 {
            Age::Fresh
        } else {
            Age::Recent
        };
        let watched = self.watched(query, age).await?;
        let mut answer = LeakPage {
            next: Next::numbered(Some(watched.names.len() as u64)),
            page_size: self.size_of(page),
            ..LeakPage::default()
        };
        if page.index == 0 {
            // Told once, with the page that the list of domains was asked for.
            answer.left_out = watched.left_out;
            answer.unreadable = watched.unreadable;
            answer.contradiction = watched.contradiction;
        }
        let Some(domain) = watched.names.get(page.index as usize) else {
            return Ok(answer);
        };
        let mailboxes = match self.mailboxes(domain, Age::Fresh).await {
            Ok(mailboxes) => mailboxes,
            Err(error) if is_refused(&error) => {
                answer.left_out.push(Text::from(&domain[..]));
                return Ok(answer);
            }
            Err(error) => return Err(error),
        };
        answer.unreadable += mailboxes.unreadable;
        if answer.contradiction.is_none() {
            answer.contradiction.clone_from(&mailboxes.contradiction);
        }
        if mailboxes.all.is_empty() {
            return Ok(answer);
        }
        let catalogue = self.known_breaches().await?;
        let mut used: IndexMap<Text, Breach> = IndexMap::new();
        answer.leaks = LeakBatch::with_capacity(mailboxes.leaks() as usize);
        for mailbox in wanted(&mailboxes, query) {
            for name in &mailbox.listed {
                let breach = used
                    .entry(name.clone())
                    .or_insert_with(|| catalogue.of(name));
                let address = mailbox.address.as_bytes();
                push_breach(&mut answer.leaks, address, &mailbox.address, domain, breach);
            }
        }
        answer.breaches = used.into_values().collect();
        Ok(answer)
    }

    /// Goes through all mailboxes that a query is about, domain by domain; an error where not all could be read.
    async fn walk(
        &self,
        query: &LeakQuery,
        each: impl FnMut(&Mailboxes) + Send,
    ) -> Result<(), ProviderError> {
        self.walk_all(query, each).await?.check()
    }

    /// The same, whether or not every domain could be read whole.
    async fn walk_all(
        &self,
        query: &LeakQuery,
        mut each: impl FnMut(&Mailboxes) + Send,
    ) -> Result<Walked, ProviderError> {
        let watched = self.watched(query, Age::Recent).await?;
        let mut walked = Walked {
            unreadable: watched.unreadable,
            contradiction: watched.contradiction,
            left_out: watched.left_out,
        };
        for domain in watched.names {
            match self.mailboxes(&domain, Age::Recent).await {
                Ok(mailboxes) => {
                    each(&mailboxes);
                    walked.unreadable += mailboxes.unreadable;
                    walked.contradicts(mailboxes.contradiction);
                }
                Err(error) if is_refused(&error) => {
                    walked.left_out.push(Text::from(&domain[..]));
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
        self.walk(query, |one| {
            let each = wanted(one, query).map(|mailbox| mailbox.listed.len() as u64);
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
    ) -> Result<Vec<(Option<Form>, u64)>, ProviderError> {
        by_domain_alone(query)?;
        match kind {
            Kind::User => {
                let mut users = 0;
                self.walk(&under(query), |one| users += one.all.len() as u64)
                    .await?;
                Ok(vec![(None, users)])
            }
            Kind::Connection => {
                let (seen, walked) = self.seen_breaches(query).await?;
                walked.check()?;
                Ok(vec![(Some(Form::Breach), seen.len() as u64)])
            }
            Kind::Leak | Kind::Domain => Err(unsupported("it counts users and breaches")),
        }
    }

    /// The breaches that mailboxes of the watched domains are in, and how many are in each.
    async fn seen_breaches(&self, query: &EntityQuery) -> Result<(Counted, Walked), ProviderError> {
        let mut seen = Counted::default();
        let each = |mailboxes: &Mailboxes| {
            for name in mailboxes.all.iter().flat_map(|one| &one.listed) {
                seen.add(name);
            }
        };
        let walked = self.walk_all(&under(query), each).await?;
        Ok((seen, walked))
    }

    pub(super) async fn user_page(
        &self,
        query: &EntityQuery,
        page: PageToken,
    ) -> Result<UserPage, ProviderError> {
        let watched = self.watched(&under(query), Age::Recent).await?;
        let (at, portion) = (page.index >> PORTIONS, page.index & ((1 << PORTIONS) - 1));
        let mut answer = UserPage {
            next: next_domain(page, at, watched.names.len()),
            ..EntityPage::empty()
        };
        if page.index == 0 {
            answer.left_out = watched.left_out;
            answer.unreadable = watched.unreadable;
            answer.contradiction = watched.contradiction;
            // No page has a number for these.
            let beyond = watched.names.iter().skip(DOMAINS);
            answer
                .left_out
                .extend(beyond.map(|name| Text::from(&name[..])));
        }
        let Some(domain) = watched.names.get(at as usize) else {
            return Ok(answer);
        };
        let mailboxes = match self.mailboxes(domain, Age::Recent).await {
            Ok(mailboxes) => mailboxes,
            Err(error) if is_refused(&error) => {
                answer.left_out.push(Text::from(&domain[..]));
                return Ok(answer);
            }
            Err(error) => return Err(error),
        };
        if portion == 0 {
            // Told once, with the first of the domain.
            answer.unreadable += mailboxes.unreadable;
            answer.contradiction = answer.contradiction.or(mailboxes.contradiction);
        }
        let before = portion as usize * PORTION;
        let users = mailboxes.all.iter().skip(before).take(PORTION);
        if mailboxes.all.len() <= before {
            return Ok(answer);
        }
        if mailboxes.all.len() - before > PORTION {
            answer.next = Some(PageToken {
                index: page.index + 1,
                ..page
            });
        }
        let catalogue = self.known_breaches().await?;
        answer.items = users
            .map(|mailbox| self.user_of(mailbox, &catalogue))
            .collect();
        Ok(answer)
    }

    /// A breached mailbox as a person.
    pub(super) fn user_of(&self, mailbox: &Mailbox, catalogue: &Catalogue) -> User {
        let leaks = mailbox.listed.len() as u64;
        let breaches = mailbox.listed.iter();
        people::user_of(&self.settings, &mailbox.address, breaches, leaks, catalogue)
    }

    /// All breaches that mailboxes of the watched domains are in, on one page: each is counted over all domains that
    /// are asked for.
    pub(super) async fn connection_page(
        &self,
        query: &EntityQuery,
        page: PageToken,
    ) -> Result<ConnectionPage, ProviderError> {
        if page.index > 0 {
            return Ok(EntityPage::empty());
        }
        let (seen, walked) = self.seen_breaches(query).await?;
        let mut answer = ConnectionPage {
            total: Some(seen.len() as u64),
            unreadable: walked.unreadable,
            left_out: walked.left_out,
            contradiction: walked.contradiction,
            ..EntityPage::empty()
        };
        if seen.is_empty() {
            return Ok(answer);
        }
        let catalogue = self.known_breaches().await?;
        let connections = seen
            .all()
            .map(|(name, leaks)| self.maker().breach(catalogue.of(name), Some(leaks)));
        answer.items = connections.collect();
        Ok(answer)
    }
}

/// The mailboxes that a query is about.
fn wanted<'a>(
    mailboxes: &'a Mailboxes,
    query: &'a LeakQuery,
) -> impl Iterator<Item = &'a Mailbox> + 'a {
    let all = mailboxes.all.iter();
    all.filter(|mailbox| is_wanted(query, &mailbox.address))
}
