//! The watched domains, their breached mailboxes and their logs: what leaks, users and connections are made of. At ten
//! requests a minute none is asked for twice: what was read is remembered for a minute, and who asks for what another
//! caller is asking for waits for that answer.

use super::{Hibp, account, malformed_error};
use crate::{
    entity::{
        domain::Domain,
        error::ProviderError,
        host,
        key::{EntityKey, Kind, RemoteId},
        page::FullList,
        raw_text::RawText,
    },
    http::{NotFound, Request, Transport, json::Value},
    provider::{
        BreachCatalogue as _, DomainSource,
        breach::{packed::Packed, wire},
        judge::{self, Judgement, ListForm},
    },
};
use async_trait::async_trait;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long what was read may serve again.
const MINUTE: Duration = Duration::from_secs(60);

/// A list that is an array, and empty only where nobody says so.
const DOMAINS: ListForm = ListForm {
    list_members: &[],
    may_be_empty: true,
};

/// A list that is never empty: a 404 is the answer that there is nothing.
pub(super) const NEVER_EMPTY: ListForm = ListForm {
    list_members: &[],
    may_be_empty: false,
};

/// How old a cached answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// Asked for since the caller began to wait.
    Fresh,
    /// Remembered, if it was asked for in the last minute.
    Recent,
}

/// A remembered answer, and when it was asked for.
type Remembered<T> = Option<(Instant, Arc<T>)>;

/// One answer that several callers may want at once.
#[derive(Debug)]
pub(super) struct Slot<T>(tokio::sync::Mutex<Remembered<T>>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(tokio::sync::Mutex::default())
    }
}

impl<T: Send + Sync> Slot<T> {
    /// The answer: remembered where it is young enough, else asked for.
    pub(super) async fn get<E>(
        &self,
        age: Age,
        ask: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<Arc<T>, E> {
        let since = Instant::now();
        let mut held = self.0.lock().await;
        if let Some((at, value)) = &*held {
            let is_good = match age {
                // Somebody else asked while this caller waited for its turn.
                Age::Fresh => *at >= since,
                Age::Recent => at.elapsed() < MINUTE,
            };
            if is_good {
                return Ok(Arc::clone(value));
            }
        }
        *held = None;
        let at = Instant::now();
        let value = Arc::new(ask.await?);
        *held = Some((at, Arc::clone(&value)));
        Ok(value)
    }

    /// What is remembered, however old.
    async fn held(&self) -> Option<Arc<T>> {
        self.0
            .lock()
            .await
            .as_ref()
            .map(|(_, value)| Arc::clone(value))
    }

    /// What is remembered counts as asked for now: it is known to be what would be answered.
    async fn renew(&self) {
        if let Some((at, _)) = self.0.lock().await.as_mut() {
            *at = Instant::now();
        }
    }

    /// Forgets what is remembered.
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

/// A watched domain.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    /// Its name, as it came.
    pub(super) name: RawText,
    /// Whether its breached addresses are more than any plan of this size covers.
    beyond: Option<(u64, u64)>,
}

impl Watched {
    /// Its name, where it can be asked for: one that cannot be part of a path cannot.
    pub(super) fn asked(&self) -> Option<&str> {
        self.name
            .as_str()
            .filter(|name| !matches!(*name, "" | "." | ".."))
    }

    /// Why its list may lack breaches, where the plan is too small for it.
    pub(super) fn cut(&self, most: Option<u64>) -> Option<String> {
        let (now, renewal) = self.beyond?;
        let most = most?;
        (now > most && renewal > most).then(|| {
            format!(
                "a domain has {now} breached addresses and the plan covers {most}: its list may hold subscription-free breaches alone"
            )
        })
    }
}

/// The subscribed domains, with what stands against taking them for all.
#[derive(Debug, Default)]
pub(super) struct Subscribed {
    pub(super) domains: Vec<Watched>,
    /// Items that have no name.
    pub(super) unreadable: u32,
}

impl Subscribed {
    /// An error where they are not all.
    pub(super) fn check(&self) -> Result<(), ProviderError> {
        judge::check_complete(self.unreadable)
    }

    /// Whether a domain is one of them.
    pub(super) fn has(&self, domain: &str) -> bool {
        let wanted = host::normalize(domain.as_bytes());
        let mut names = self.domains.iter();
        names.any(|one| host::normalize(one.name.as_bytes()) == wanted)
    }
}

/// One of the lists of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum List {
    /// Its breached mailboxes.
    Mailboxes,
    /// Its mailboxes in logs, with the sites.
    Employees,
}

/// The addresses that are in logs with a site.
#[derive(Debug, Default)]
pub(super) struct Customers {
    pub(super) addresses: Vec<RawText>,
    pub(super) unreadable: u32,
}

/// Which breach is the newest of the catalogue: its name, and when it came in.
pub(super) type Newest = (RawText, Option<RawText>);

/// A list of mailboxes.
#[derive(Debug, Default)]
struct Kept {
    packed: Packed,
    /// The newest breach before it was asked for, where it is a whole list of breached mailboxes: as long as there is no
    /// newer one the service would answer the same.
    newest: Option<Newest>,
}

/// What was read in the last minute, and lists that are still what would be answered.
#[derive(Debug, Default)]
pub(super) struct Memory {
    domains: Slot<Subscribed>,
    mailboxes: Slots<(List, String), Kept>,
    customers: Slots<String, Customers>,
    /// The newest breach, as it was asked for last.
    pub(super) newest: Slot<Newest>,
}

/// Whether an answer is worth remembering for longer than a minute.
trait Lasting {
    fn lasts(&self) -> bool {
        false
    }
}

impl Lasting for Customers {}

impl Lasting for Kept {
    fn lasts(&self) -> bool {
        self.newest.is_some()
    }
}

/// Answers by what was asked for.
#[derive(Debug)]
struct Slots<K, T>(Mutex<HashMap<K, Arc<Slot<T>>>>);

impl<K, T> Default for Slots<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: std::hash::Hash + Eq, T: Lasting> Slots<K, T> {
    fn of(&self, key: K) -> Arc<Slot<T>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What nobody wants any more is forgotten.
        slots.retain(|_, slot| {
            Arc::strong_count(slot) > 1
                || slot.0.try_lock().is_ok_and(|held| {
                    let good =
                        |(at, value): &(Instant, Arc<T>)| at.elapsed() < MINUTE || value.lasts();
                    held.as_ref().is_some_and(good)
                })
        });
        Arc::clone(slots.entry(key).or_default())
    }
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

#[async_trait]
impl DomainSource for Hibp {
    /// The domains as entities. How many leaks they have is for what is loaded to say.
    async fn domains(&self) -> Result<Vec<Domain>, ProviderError> {
        let subscribed = self.subscribed(Age::Fresh).await?;
        subscribed.check()?;
        let entity = |one: &Watched| Domain {
            key: EntityKey {
                profile: self.settings.name.clone(),
                kind: Kind::Domain,
                id: RemoteId::from(&one.name.as_bytes().to_ascii_lowercase()[..]),
            },
            provider: self.settings.provider.clone(),
            name: one.name.clone(),
            verified: Some(true),
            archived: None,
            leaks: None,
            sources: 1,
        };
        Ok(subscribed.domains.iter().map(entity).collect())
    }
}

impl Hibp {
    /// The subscribed domains: what is listed is verified.
    pub(super) async fn subscribed(&self, age: Age) -> Result<Arc<Subscribed>, ProviderError> {
        self.memory.domains.get(age, self.ask_domains()).await
    }

    async fn ask_domains(&self) -> Result<Subscribed, ProviderError> {
        self.known_plan().await?;
        let answer = self.main.read(&Request::get(&["subscribeddomains"])).await;
        let listed = judge::list(answer, DOMAINS, watched).into_listed()?;
        let mut seen = HashSet::new();
        let mut domains = listed.items;
        // One domain in two spellings is one.
        domains.retain(|one| seen.insert(host::normalize(one.name.as_bytes()).into_owned()));
        Ok(Subscribed {
            domains,
            unreadable: listed.unreadable,
        })
    }

    /// The breached mailboxes of a domain, as an answer to a question about it.
    pub(super) async fn mailboxes_of(&self, domain: &str) -> Judgement<wire::Mailbox> {
        let request = account(&["breacheddomain", domain], domain);
        self.listed_mailboxes(&self.main, &request, domain).await
    }

    /// Its mailboxes in logs with the sites, as an answer to a question about it.
    pub(super) async fn employees_of(&self, domain: &str) -> Judgement<wire::Mailbox> {
        let request = account(&["stealerlogsbyemaildomain", domain], domain);
        self.listed_mailboxes(&self.logs, &request, domain).await
    }

    async fn listed_mailboxes(
        &self,
        transport: &Transport,
        request: &Request,
        domain: &str,
    ) -> Judgement<wire::Mailbox> {
        let answer = match self.known_plan().await {
            Ok(_) => transport.read(request).await,
            Err(error) => Err(error),
        };
        judge::read(answer, |reply| {
            let read = wire::mailboxes(reply.json()?, domain)?;
            Ok(judge::checked_items(
                read.mailboxes,
                read.unreadable,
                read.contradiction,
            ))
        })
    }

    /// The addresses in logs with a site, as an answer to a question about it.
    pub(super) async fn customers_of(&self, site: &str) -> Judgement<RawText> {
        let request = account(&["stealerlogsbywebsitedomain", site], site);
        let answer = match self.known_plan().await {
            Ok(_) => self.logs.read(&request).await,
            Err(error) => Err(error),
        };
        judge::list(answer, NEVER_EMPTY, text_of)
    }

    /// The breached mailboxes of a domain; none where the service knows of none.
    pub(super) async fn mailboxes(
        &self,
        domain: &str,
        age: Age,
    ) -> Result<wire::Mailboxes, ProviderError> {
        self.kept(List::Mailboxes, domain, age).await
    }

    /// Its mailboxes in logs; none where the service knows of none.
    pub(super) async fn employees(
        &self,
        domain: &str,
        age: Age,
    ) -> Result<wire::Mailboxes, ProviderError> {
        self.kept(List::Employees, domain, age).await
    }

    async fn kept(
        &self,
        list: List,
        domain: &str,
        age: Age,
    ) -> Result<wire::Mailboxes, ProviderError> {
        let slot = self.memory.mailboxes.of((list, domain.to_owned()));
        if age == Age::Fresh
            && let Some(kept) = self.unchanged(&slot).await
        {
            return Ok(kept.packed.unpack());
        }
        let newest = match list {
            List::Mailboxes => self.newest_known().await,
            List::Employees => None,
        };
        let ask = async {
            let judged = match list {
                List::Mailboxes => self.mailboxes_of(domain).await,
                List::Employees => self.employees_of(domain).await,
            };
            let FullList {
                items,
                unreadable,
                contradiction,
            } = judged.into_listed()?;
            let is_whole = unreadable == 0 && contradiction.is_none();
            Ok(Kept {
                packed: Packed::new(&wire::Mailboxes {
                    mailboxes: items,
                    unreadable,
                    contradiction,
                }),
                newest: newest.filter(|_| is_whole),
            })
        };
        Ok(slot.get(age, ask).await?.packed.unpack())
    }

    /// A list that is remembered, where no breach has come since: the service asks to search a domain only then.
    async fn unchanged(&self, slot: &Slot<Kept>) -> Option<Arc<Kept>> {
        let kept = slot.held().await?;
        let known = kept.newest.as_ref()?;
        let ask = async {
            let breach = self.latest_breach().await?;
            Ok::<_, ProviderError>((breach.name, breach.added_at))
        };
        let newest = self.memory.newest.get(Age::Recent, ask).await.ok()?;
        if *newest != *known {
            return None;
        }
        slot.renew().await;
        Some(kept)
    }

    /// The addresses in logs with a site; none where the service knows of none.
    pub(super) async fn customers(
        &self,
        site: &str,
        age: Age,
    ) -> Result<Arc<Customers>, ProviderError> {
        let slot = self.memory.customers.of(site.to_owned());
        let ask = async {
            let listed = self.customers_of(site).await.into_listed()?;
            let mut seen = HashSet::new();
            let mut addresses = listed.items;
            addresses.retain(|one| seen.insert(one.as_bytes().to_ascii_lowercase()));
            Ok(Customers {
                addresses,
                unreadable: listed.unreadable,
            })
        };
        slot.get(age, ask).await
    }
}

/// Text that is not empty.
pub(super) fn text_of(value: Value<'_>) -> Option<RawText> {
    value
        .is_string()
        .then(|| wire::text(value))
        .filter(|text| !text.is_empty())
}

fn watched(item: Value<'_>) -> Option<Watched> {
    let name = item.get("DomainName").and_then(text_of)?;
    let count = |name: &str| item.get(name).and_then(Value::count);
    let now = count("PwnCountExcludingSpamLists");
    let renewal = count("PwnCountExcludingSpamListsAtLastSubscriptionRenewal");
    Some(Watched {
        name,
        beyond: now.zip(renewal),
    })
}

/// A 404 of these operations says that nothing is known.
pub(super) const NOTHING: NotFound = NotFound::StatusOrNothing;

/// The error of an answer that is not about what was asked.
pub(super) fn other(what: &str) -> ProviderError {
    malformed_error(&format!("it is about another {what}"))
}
