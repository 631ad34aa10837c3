//! The watched domains and their breached mailboxes: what leaks, users and connections are made of. At ten requests a
//! minute none is asked for twice: what was read is remembered for a minute.

use super::{LeakedChecker, malformed_error, optional_external_request, wire};
use crate::{
    entity::{
        domain::Domain,
        error::ProviderError,
        host,
        key::{EntityKey, Kind, RemoteId},
        query::LeakQuery,
        raw_text::RawText,
    },
    http::json::Value,
    provider::{
        breach::packed::Packed,
        judge::{self, Judgement, Totals},
    },
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long what was read may serve again.
const CACHE_DURATION: Duration = Duration::from_secs(60);

/// How old a cached answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// Asked for now.
    Fresh,
    /// Remembered, if it was asked for in the last minute.
    Cached,
}

#[derive(Debug)]
struct CachedList<T> {
    at: Instant,
    value: Arc<T>,
}

impl<T> CachedList<T> {
    fn new(value: &Arc<T>) -> Self {
        Self {
            at: Instant::now(),
            value: Arc::clone(value),
        }
    }

    fn get_if_fresh(&self) -> Option<Arc<T>> {
        (self.at.elapsed() < CACHE_DURATION).then(|| Arc::clone(&self.value))
    }
}

/// The subscribed domains, with what stands against taking them for all.
#[derive(Debug, Default)]
pub(super) struct SubscribedDomains {
    /// What could be read.
    pub(super) domains: Vec<Domain>,
    /// Items that have no name.
    unreadable: u32,
    /// How the count contradicts what came.
    contradiction: Option<String>,
}

impl SubscribedDomains {
    /// An error where they are not all.
    pub(super) fn check(&self) -> Result<(), ProviderError> {
        judge::check_complete(self.unreadable)?;
        match &self.contradiction {
            Some(contradiction) => Err(malformed_error(contradiction)),
            None => Ok(()),
        }
    }
}

/// The domains that a query is about: what is read of each is a page.
#[derive(Debug, Default)]
pub(super) struct QueriedDomains {
    /// Their names, in the provider's order.
    pub(super) names: Vec<String>,
    /// Names that cannot be asked for.
    pub(super) left_out: Vec<RawText>,
    /// Items of the list of domains that could not be read.
    pub(super) unreadable: u32,
    /// How the list of domains contradicts itself.
    pub(super) contradiction: Option<String>,
}

/// Whether an error is the refusal of one domain: the others may well be read.
pub(super) fn is_refused(error: &ProviderError) -> bool {
    matches!(
        error,
        ProviderError::Forbidden { .. }
            | ProviderError::Rejected {
                status: 200 | 400 | 422,
                ..
            }
    )
}

#[derive(Debug, Default)]
struct CachedLists {
    domains: Option<CachedList<SubscribedDomains>>,
    mailboxes: HashMap<String, CachedList<Packed>>,
}

/// What was read in the last minute. Not locked while something is asked for.
#[derive(Debug, Default)]
pub(super) struct MailboxCache(Mutex<CachedLists>);

impl MailboxCache {
    fn lock(&self) -> MutexGuard<'_, CachedLists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The mailboxes of a domain, if they were asked for a short time ago. Those that were not are forgotten.
    fn cached_mailboxes(&self, domain: &str) -> Option<Arc<Packed>> {
        let mut kepts = self.lock();
        kepts
            .mailboxes
            .retain(|_, kept| kept.get_if_fresh().is_some());
        kepts.mailboxes.get(domain)?.get_if_fresh()
    }
}

impl LeakedChecker {
    /// The subscribed domains; each may say whether it is verified.
    pub(super) async fn subscribed_domains(
        &self,
        age: Age,
    ) -> Result<Arc<SubscribedDomains>, ProviderError> {
        if age == Age::Cached
            && let Some(kept) = &self.cache.lock().domains
            && let Some(domains) = kept.get_if_fresh()
        {
            return Ok(domains);
        }
        let reply = self.get(&["subscribeddomains"]).await?;
        let value = reply.json()?;
        let mut totals = Totals::default();
        totals.add("count", value.pick(["count"])[0]);
        let list = value
            .get_unique("domains")
            .map_err(|_| malformed_error("it has the same list twice"))?
            .filter(|list| list.is_array() || (list.is_null() && totals.agreed_total() == Some(0)))
            .ok_or_else(|| malformed_error("there is no list of domains in it"))?;
        let mut seen = HashSet::new();
        let mut subscribed = SubscribedDomains::default();
        let mut came = 0;
        for item in list.elements() {
            came += 1;
            let name = wire::member(item, &["DomainName"]).filter(|name| !name.is_empty());
            let Some(name) = name else {
                subscribed.unreadable += 1;
                continue;
            };
            // One domain in two spellings is one: its mailboxes are asked for once, and no leak comes twice.
            if !seen.insert(host::normalize(name.as_bytes()).into_owned()) {
                continue;
            }
            subscribed.domains.push(Domain {
                key: EntityKey {
                    profile: self.settings.name.clone(),
                    kind: Kind::Domain,
                    id: RemoteId::from(name.as_bytes()),
                },
                provider: self.settings.provider.clone(),
                name,
                // Only the word itself says that it is not: any other value says nothing.
                verified: item.get("IsVerified").and_then(Value::bool),
                archived: None,
                leaks: None,
                sources: 1,
            });
        }
        subscribed.contradiction = totals.contradiction_with(came);
        let domains = Arc::new(subscribed);
        self.cache.lock().domains = Some(CachedList::new(&domains));
        Ok(domains)
    }

    /// The domains that a query is about. One that the provider says is not verified is not watched; one of which it
    /// says nothing is asked for.
    pub(super) async fn queried_domains(
        &self,
        query: &LeakQuery,
        age: Age,
    ) -> Result<QueriedDomains, ProviderError> {
        let subscribed = self.subscribed_domains(age).await?;
        let wanted = [
            query.domain.as_deref(),
            query
                .email
                .as_deref()
                .map(|email| email.rsplit_once('@').map_or("", |(_, domain)| domain)),
        ];
        let is_wanted = |name: &str| {
            let mut wanted = wanted.iter().flatten();
            wanted.all(|wanted| {
                host::normalize(wanted.as_bytes()) == host::normalize(name.as_bytes())
            })
        };
        let by_id = |domain: &Domain| {
            query.domain_ids.is_empty() || query.domain_ids.contains(&domain.key.id)
        };
        let mut watched = QueriedDomains {
            unreadable: subscribed.unreadable,
            contradiction: subscribed.contradiction.clone(),
            ..QueriedDomains::default()
        };
        let domains = subscribed.domains.iter();
        for domain in domains.filter(|domain| domain.verified != Some(false) && by_id(domain)) {
            match domain.name.as_str() {
                // A name that cannot be part of an address cannot be asked for.
                None | Some("." | "..") => watched.left_out.push(domain.name.clone()),
                Some(name) if is_wanted(name) => watched.names.push(name.to_owned()),
                Some(_) => {}
            }
        }
        Ok(watched)
    }

    /// The breached mailboxes of a domain, as an answer to a question about it.
    pub(super) async fn judge_mailboxes(&self, domain: &str) -> Judgement<wire::Mailbox> {
        let request = optional_external_request(&["breacheddomain", "emails", domain]);
        let request = request.redact(domain.as_bytes());
        judge::read(self.transport.read(&request).await, |reply| {
            let read = wire::mailboxes(reply.json()?, domain)?;
            Ok(judge::checked_items(
                read.mailboxes,
                read.unreadable,
                read.contradiction,
            ))
        })
    }

    /// The breached mailboxes of a domain; none where the provider knows of none.
    pub(super) async fn mailboxes(
        &self,
        domain: &str,
        age: Age,
    ) -> Result<wire::Mailboxes, ProviderError> {
        let kept = self.cache.cached_mailboxes(domain);
        if age == Age::Cached
            && let Some(packed) = kept
        {
            return Ok(packed.unpack());
        }
        let listed = self.judge_mailboxes(domain).await.into_listed()?;
        let mailboxes = wire::Mailboxes {
            mailboxes: listed.items,
            unreadable: listed.unreadable,
            contradiction: listed.contradiction,
        };
        let kept = CachedList::new(&Arc::new(Packed::new(&mailboxes)));
        self.cache.lock().mailboxes.insert(domain.to_owned(), kept);
        Ok(mailboxes)
    }
}
