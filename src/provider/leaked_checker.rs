//! Leaked Checker: twenty-one operations. It knows which mailboxes are in which breaches and pastes, and never a
//! credential; it stores no status.
//!
//! Wire shapes are read in [`wire`] and nowhere else. The rest asks: [`monitored`] (domains and their breached mailboxes),
//! [`list`] (leaks, users and connections made of them), [`item`] (each of these by its id), [`catalogue`] (breaches and
//! pastes), [`lookup`] (addresses and domains), [`secret_lookup`] (password, card, number), [`keys`] and [`plan`].

mod catalogue;
mod item;
mod keys;
mod list;
mod lookup;
mod monitored;
mod plan;
mod secret_lookup;
mod wire;

use super::{
    ApiKeyAdministration, BreachCatalogue, ConnectionSource, DomainSource, EntityCounter,
    LeakSource, LookupSource, PasteSource, Provider, Registration, RelationSource,
    SubscriptionSource, UserSource, attribution, breach, handles, judge::JUDGE, malformed_error,
    not_found_error, policy_error, related_from_item, unsupported_error,
};
use crate::entity::{
    account::{ApiKeyRequest, ApiKeyResponse, Subscription},
    breach::{Breach, BreachQuery, Paste},
    capability::IdFormat,
    connection::{Connection, ConnectionKind, Related},
    domain::Domain,
    error::ProviderError,
    key::{Kind, RemoteId},
    leak::LeakBatch,
    lookup::{Lookup, LookupAnswer},
    option::{AddressForm, KeyNeed},
    page::{ConnectionPage, FullList, LeakPage, PageRequest, UserPage},
    profile::{AdapterSettings, RateBudget},
    query::{EntityQuery, LeakQuery},
    raw_text::RawText,
    secret::Secret,
    user::User,
};
use crate::http::{HttpResponse, KeyHeader, Limits, NotFound, Request, Transport};
use async_trait::async_trait;
use std::sync::Arc;
use tokio::sync::watch as channel;

/// Its row. The documentation prints a bare address over plain http beside its own rule of https alone; this is the
/// one name that it gives.
pub const REGISTRATION: Registration = Registration {
    id: "leaked-checker",
    title: "Leaked Checker",
    base_url: "https://api.leakdatachecker.com/api/v1",
    attribution: Some("Leaked Checker, CC BY 4.0"),
    statuses: &[],
    ids: IdFormat::Any,
    key: KeyNeed::Required,
    address: AddressForm::Http,
    options: &[],
    connect,
    connect_with_limits,
};

/// Rows in a page, where the profile does not say. A page is a domain, whatever its size.
const PAGE_SIZE: u32 = 1000;

fn connect(settings: AdapterSettings, key: Secret) -> Result<Arc<dyn Provider>, ProviderError> {
    connect_with_limits(settings, key, Limits::default())
}

fn connect_with_limits(
    settings: AdapterSettings,
    key: Secret,
    limits: Limits,
) -> Result<Arc<dyn Provider>, ProviderError> {
    let header = KeyHeader {
        name: "x-api-key",
        prefix: "",
    };
    Ok(Arc::new(LeakedChecker {
        transport: Transport::new(&settings, key, header, limits, JUDGE)?,
        attribution: attribution(&settings),
        settings,
        cache: monitored::MailboxCache::default(),
        catalogue: tokio::sync::Mutex::default(),
    }))
}

/// The adapter of one profile.
struct LeakedChecker {
    transport: Transport,
    settings: AdapterSettings,
    /// Whose data the breaches and pastes are.
    attribution: Option<String>,
    cache: monitored::MailboxCache,
    /// Everything in the catalogue, once it was asked for.
    catalogue: tokio::sync::Mutex<Option<Arc<breach::catalogue::Catalogue>>>,
}

impl LeakedChecker {
    /// Reads one of the external operations with the profile's key.
    async fn get(&self, path: &[&str]) -> Result<HttpResponse, ProviderError> {
        self.transport.read(&external_request(path)).await
    }

    /// How many rows a page is said to hold: it holds what a domain has, whatever is asked for.
    fn page_rows(&self, page: PageRequest) -> u32 {
        if page.size == 0 {
            self.page_size()
        } else {
            page.size
        }
    }

    /// Why a secret may not leave on this profile, if so.
    fn secret_refusal(&self) -> Option<ProviderError> {
        self.transport.is_insecure().then(|| ProviderError::Policy {
            why: "no card, number or token is sent over plain http".into(),
        })
    }
}

/// A request to one of the external operations of which the contract says that a 404 is "nothing found".
fn optional_external_request(path: &[&str]) -> Request {
    external_request(path).with_not_found(NotFound::Failure)
}

/// A request to one of the external operations.
fn external_request(path: &[&str]) -> Request {
    let path: Vec<&str> = ["external"].iter().chain(path).copied().collect();
    Request::get(&path)
}

#[async_trait]
impl Provider for LeakedChecker {
    fn budget(&self) -> channel::Receiver<RateBudget> {
        self.transport.budget()
    }

    async fn check(&self) -> Result<(), ProviderError> {
        self.probe().await
    }

    fn leaks(&self) -> &dyn LeakSource {
        self
    }

    fn local_step(&self) -> u32 {
        self.settings.bulk_size.unwrap_or(1).max(1)
    }

    handles! {
        domains: DomainSource,
        users: UserSource,
        connections: ConnectionSource,
        entity_counts: EntityCounter,
        relations: RelationSource,
        lookup: LookupSource,
        catalogue: BreachCatalogue,
        pastes: PasteSource,
        subscription: SubscriptionSource,
        api_keys: ApiKeyAdministration,
    }
}

#[async_trait]
impl LeakSource for LeakedChecker {
    fn page_size(&self) -> u32 {
        self.settings.page_size.unwrap_or(PAGE_SIZE).max(1)
    }

    async fn page(&self, query: &LeakQuery, page: PageRequest) -> Result<LeakPage, ProviderError> {
        self.leak_page(query, page).await
    }

    async fn count(&self, query: &LeakQuery) -> Result<u64, ProviderError> {
        self.count_leaks(query).await
    }

    async fn leak(&self, id: &RemoteId) -> Result<(LeakBatch, Related), ProviderError> {
        self.fetch_leak(id).await
    }
}

#[async_trait]
impl DomainSource for LeakedChecker {
    async fn domains(&self) -> Result<Vec<Domain>, ProviderError> {
        let subscribed = self.subscribed_domains(monitored::Age::Fresh).await?;
        subscribed.check()?;
        Ok(subscribed.domains.clone())
    }
}

#[async_trait]
impl UserSource for LeakedChecker {
    async fn page(
        &self,
        query: &EntityQuery,
        page: PageRequest,
    ) -> Result<UserPage, ProviderError> {
        self.user_page(query, page).await
    }

    async fn user(&self, id: &RemoteId) -> Result<(User, Related), ProviderError> {
        self.fetch_user(id).await
    }
}

#[async_trait]
impl ConnectionSource for LeakedChecker {
    async fn page(
        &self,
        query: &EntityQuery,
        page: PageRequest,
    ) -> Result<ConnectionPage, ProviderError> {
        self.connection_page(query, page).await
    }

    async fn connection(&self, id: &RemoteId) -> Result<(Connection, Related), ProviderError> {
        self.fetch_connection(id).await
    }
}

#[async_trait]
impl EntityCounter for LeakedChecker {
    async fn count_of(
        &self,
        kind: Kind,
        query: &EntityQuery,
    ) -> Result<Vec<(Option<ConnectionKind>, u64)>, ProviderError> {
        self.count_kind(kind, query).await
    }
}

#[async_trait]
impl RelationSource for LeakedChecker {
    async fn related(&self, kind: Kind, id: &RemoteId) -> Result<Related, ProviderError> {
        related_from_item(self, kind, id).await
    }
}

#[async_trait]
impl LookupSource for LeakedChecker {
    async fn look_up(&self, lookup: &Lookup) -> Vec<LookupAnswer> {
        match lookup {
            Lookup::Email(address) => self.look_up_address(address.trim()).await,
            Lookup::Domain(name) => self.look_up_domain(name.trim()).await,
            Lookup::Password(password) => vec![self.look_up_password(password).await],
            Lookup::Ntlm(_) => vec![LookupAnswer {
                operation: "checkPasswordPrefix",
                result: Err(unsupported_error("it knows passwords by their SHA-1 alone")),
            }],
            Lookup::Card(digits) => vec![self.look_up_card(digits).await],
            Lookup::Ssn(digits) => vec![self.look_up_number(digits).await],
        }
    }
}

#[async_trait]
impl BreachCatalogue for LeakedChecker {
    async fn breaches(&self, query: &BreachQuery) -> Result<FullList<Breach>, ProviderError> {
        self.query_breaches(query).await
    }

    async fn breach(&self, name: &str) -> Result<Breach, ProviderError> {
        self.breach_by_name(name).await
    }

    async fn latest_breach(&self) -> Result<Breach, ProviderError> {
        self.newest_breach().await
    }

    async fn data_classes(&self) -> Result<Vec<RawText>, ProviderError> {
        self.classes().await
    }
}

#[async_trait]
impl PasteSource for LeakedChecker {
    async fn pastes(&self, address: &str) -> Result<FullList<Paste>, ProviderError> {
        self.pastes_by_address(address.trim()).await.into_listed()
    }

    async fn services(&self) -> Result<Vec<RawText>, ProviderError> {
        self.paste_sources().await
    }
}

#[async_trait]
impl SubscriptionSource for LeakedChecker {
    async fn subscription(&self) -> Result<Subscription, ProviderError> {
        self.plan().await
    }
}

#[async_trait]
impl ApiKeyAdministration for LeakedChecker {
    async fn administer(
        &self,
        token: &Secret,
        call: &ApiKeyRequest,
    ) -> Result<ApiKeyResponse, ProviderError> {
        self.administer_keys(token, call).await
    }
}
