//! The watched domains and their breached mailboxes: what leaks, users and connections are made of. At ten requests a
//! minute none is asked for twice: what was read is remembered for a minute.

use super::{LeakedChecker, external_or_none, malformed, wire};
use crate::{
    entity::{
        domain::Domain,
        error::ProviderError,
        host,
        key::{EntityKey, Kind, RemoteId},
        query::LeakQuery,
        text::Text,
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
const KEPT: Duration = Duration::from_secs(60);

/// How old a cached answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// Asked for now.
    Fresh,
    /// Remembered, if it was asked for in the last minute.
    Recent,
}

#[derive(Debug)]
struct Kept<T> {
    at: Instant,
    value: Arc<T>,
}

impl<T> Kept<T> {
    fn new(value: &Arc<T>) -> Self {
        Self {
            at: Instant::now(),
            value: Arc::clone(value),
        }
    }

    fn recent(&self) -> Option<Arc<T>> {
        (self.at.elapsed() < KEPT).then(|| Arc::clone(&self.value))
    }
}

/// The subscribed domains, with what stands against taking them for all.
#[derive(Debug, Default)]
pub(super) struct Subscribed {
    /// What could be read.
    pub(super) domains: Vec<Domain>,
    /// Items that have no name.
    unreadable: u32,
    /// How the count contradicts what came.
    contradiction: Option<String>,
}

impl Subscribed {
    /// An error where they are not all.
    pub(super) fn check(&self) -> Result<(), ProviderError> {
        judge::whole(self.unreadable)?;
        match &self.contradiction {
            Some(contradiction) => Err(malformed(contradiction)),
            None => Ok(()),
        }
    }
}

/// The domains that a query is about: what is read of each is a page.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// Their names, in the provider's order.
    pub(super) names: Vec<String>,
    /// Names that cannot be asked for.
    pub(super) left_out: Vec<Text>,
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
struct Kepts {
    domains: Option<Kept<Subscribed>>,
    mailboxes: HashMap<String, Kept<Packed>>,
}

/// What was read in the last minute. Not locked while something is asked for.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Kepts>);

impl Memory {
    fn kepts(&self) -> MutexGuard<'_, Kepts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The mailboxes of a domain, if they were asked for a short time ago. Those that were not are forgotten.
    fn recent(&self, domain: &str) -> Option<Arc<Packed>> {
        let mut kepts = self.kepts();
        kepts.mailboxes.retain(|_, kept| kept.recent().is_some());
        kepts.mailboxes.get(domain)?.recent()
    }
}

impl LeakedChecker {
    /// The subscribed domains; each may say whether it is verified.
    pub(super) async fn subscribed(&self, age: Age) -> Result<Arc<Subscribed>, ProviderError> {
        if age == Age::Recent
            && let Some(kept) = &self.memory.kepts().domains
            && let Some(domains) = kept.recent()
        {
            return Ok(domains);
        }
        let reply = self.get(&["subscribeddomains"]).await?;
        let value = reply.json()?;
        let mut totals = Totals::default();
        totals.add("count", value.pick(["count"])[0]);
        let list = value
            .get_once("domains")
            .map_err(|_| malformed("it has the same list twice"))?
            .filter(|list| list.is_array() || (list.is_null() && totals.agreed() == Some(0)))
            .ok_or_else(|| malformed("there is no list of domains in it"))?;
        let mut seen = HashSet::new();
        let mut subscribed = Subscribed::default();
        let mut came = 0;
        for item in list.elements() {
            came += 1;
            let name = wire::member(item, &["DomainName"]).filter(|name| !name.is_empty());
            let Some(name) = name else {
                subscribed.unreadable += 1;
                continue;
            };
            // One domain in two spellings is one: its mailboxes are asked for once, and no leak comes twice.
            if !seen.insert(host::normal(name.as_bytes()).into_owned()) {
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
        subscribed.contradiction = totals.against(came);
        let domains = Arc::new(subscribed);
        self.memory.kepts().domains = Some(Kept::new(&domains));
        Ok(domains)
    }

    /// The domains that a query is about. One that the provider says is not verified is not watched; one of which it
    /// says nothing is asked for.
    pub(super) async fn watched(
        &self,
        query: &LeakQuery,
        age: Age,
    ) -> Result<Watched, ProviderError> {
        let subscribed = self.subscribed(age).await?;
        let wanted = [
            query.domain.as_deref(),
            query
                .email
                .as_deref()
                .map(|email| email.rsplit_once('@').map_or("", |(_, domain)| domain)),
        ];
        let is_wanted = |name: &str| {
            let mut wanted = wanted.iter().flatten();
            wanted.all(|wanted| host::normal(wanted.as_bytes()) == host::normal(name.as_bytes()))
        };
        let by_id = |domain: &Domain| {
            query.domain_ids.is_empty() || query.domain_ids.contains(&domain.key.id)
        };
        let mut watched = Watched {
            unreadable: subscribed.unreadable,
            contradiction: subscribed.contradiction.clone(),
            ..Watched::default()
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
    pub(super) async fn mailboxes_of(&self, domain: &str) -> Judgement<wire::Mailbox> {
        let request = external_or_none(&["breacheddomain", "emails", domain]);
        let request = request.private(domain.as_bytes());
        judge::read(self.transport.read(&request).await, |reply| {
            let read = wire::mailboxes(reply.json()?, domain)?;
            Ok(judge::answered(
                read.all,
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
        let kept = self.memory.recent(domain);
        if age == Age::Recent
            && let Some(packed) = kept
        {
            return Ok(packed.unpacked());
        }
        let listed = self.mailboxes_of(domain).await.listed()?;
        let mailboxes = wire::Mailboxes {
            all: listed.items,
            unreadable: listed.unreadable,
            contradiction: listed.contradiction,
        };
        let kept = Kept::new(&Arc::new(Packed::new(&mailboxes)));
        self.memory
            .kepts()
            .mailboxes
            .insert(domain.to_owned(), kept);
        Ok(mailboxes)
    }
}
