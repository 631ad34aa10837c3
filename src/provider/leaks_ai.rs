//! Leaks.ai: thirteen operations, all of them reads. Triage statuses come with its leaks and cannot be stored there.
//!
//! Wire shapes are read in this folder and nowhere else: [`leak`], [`user`], [`endpoint`] with its [`filename`] and
//! [`tree`], [`resource`] and [`domain`] (one item each), [`list`] (pages and counts), [`item`] (one thing by its id
//! and what it is connected to), [`query`] (parameters), [`monitored`] (which domain a leak is filed under).

mod domain;
mod endpoint;
mod filename;
mod host;
mod item;
mod leak;
mod list;
mod member;
mod monitored;
mod query;
mod resource;
mod tree;
mod user;

use super::{
    ConnectionSource, DomainSource, EntityCounter, LeakSource, Provider, Registration,
    RelationSource, UserSource, handles, judge::JUDGE, malformed_error, related_from_item,
    unsupported_error,
};
use crate::entity::{
    capability::{IdFormat, LeakMember},
    connection::{Connection, ConnectionKind, Related},
    domain::Domain,
    error::ProviderError,
    key::{Kind, RemoteId},
    leak::LeakBatch,
    option::{AddressForm, KeyNeed},
    page::{ConnectionPage, LeakPage, PageRequest, UserPage},
    profile::{AdapterSettings, RateBudget},
    query::{EntityQuery, LeakQuery},
    raw_text::RawText,
    secret::Secret,
    seen::Probe,
    status::Status,
    user::User,
};
use crate::http::{KeyHeader, Limits, Transport};
use async_trait::async_trait;
use monitored::MonitoredDomains;
use std::sync::Arc;
use tokio::sync::watch;

/// Its row.
pub const REGISTRATION: Registration = Registration {
    id: "leaks-ai",
    title: "Leaks.ai",
    base_url: "https://api.leaks.ai/api/v1",
    attribution: None,
    statuses: &[],
    ids: IdFormat::Any,
    key: KeyNeed::Required,
    address: AddressForm::Http,
    options: &[],
    connect,
    connect_with_limits,
};

/// Rows in a page, where the profile does not say, and the most that there can be.
const PAGE_SIZE: u32 = 100;

/// Changes in a step of a job, where the profile does not say. None of them is sent: they are recorded here.
const BULK_SIZE: u32 = 100;

fn connect(settings: AdapterSettings, key: Secret) -> Result<Arc<dyn Provider>, ProviderError> {
    connect_with_limits(settings, key, Limits::default())
}

fn connect_with_limits(
    settings: AdapterSettings,
    key: Secret,
    limits: Limits,
) -> Result<Arc<dyn Provider>, ProviderError> {
    // The key is the whole value, whatever the profile says of headers: that setting is another provider's.
    let header = KeyHeader {
        name: "authorization",
        prefix: "",
    };
    let transport = Transport::new(&settings, key, header, limits, JUDGE)?;
    Ok(Arc::new(LeaksAi {
        transport,
        settings,
        monitored_domains: MonitoredDomains::default(),
    }))
}

/// The adapter of one profile.
struct LeaksAi {
    transport: Transport,
    settings: AdapterSettings,
    monitored_domains: MonitoredDomains,
}

impl LeaksAi {
    /// How many rows to ask for.
    fn requested_rows(&self, page: PageRequest) -> u32 {
        if page.size == 0 {
            self.page_size()
        } else {
            page.size.min(PAGE_SIZE)
        }
    }
}

/// The word that the provider has for a status.
fn status_word(status: Status) -> Option<&'static str> {
    match status {
        Status::New => Some("new"),
        Status::Investigating => Some("investigating"),
        Status::Fixed => Some("resolved"),
        Status::FalsePositive => Some("false_positive"),
        Status::Open | Status::Unknown => None,
    }
}

/// What its word means.
fn parse_status(word: &[u8]) -> Status {
    match word {
        b"new" => Status::New,
        b"investigating" => Status::Investigating,
        b"resolved" => Status::Fixed,
        b"false_positive" => Status::FalsePositive,
        _ => Status::Unknown,
    }
}

/// Whether an operation does not answer where it should: two of them are deduced, and may never have been there.
fn is_missing(error: &ProviderError) -> bool {
    matches!(
        error,
        ProviderError::NotFound { .. }
            | ProviderError::NotThisService {
                status: 404 | 410,
                ..
            }
            | ProviderError::Rejected { status: 405, .. }
    )
}

#[async_trait]
impl Provider for LeaksAi {
    fn budget(&self) -> watch::Receiver<RateBudget> {
        self.transport.budget()
    }

    async fn check(&self) -> Result<(), ProviderError> {
        match self.domain_page(0, 1).await {
            Err(error) if is_missing(&error) => {
                self.count_leaks(&LeakQuery::default()).await.map(drop)
            }
            other => other.map(drop),
        }
    }

    fn leaks(&self) -> &dyn LeakSource {
        self
    }

    fn local_step(&self) -> u32 {
        self.settings.bulk_size.unwrap_or(BULK_SIZE).max(1)
    }

    handles! {
        domains: DomainSource,
        users: UserSource,
        connections: ConnectionSource,
        entity_counts: EntityCounter,
        relations: RelationSource,
    }
}

#[async_trait]
impl LeakSource for LeaksAi {
    fn page_size(&self) -> u32 {
        let wanted = self.settings.page_size.unwrap_or(PAGE_SIZE);
        wanted.clamp(1, PAGE_SIZE)
    }

    fn optional_members(&self) -> &'static [LeakMember] {
        &[LeakMember::Risk]
    }

    async fn page(&self, query: &LeakQuery, page: PageRequest) -> Result<LeakPage, ProviderError> {
        self.leak_page(query, page).await
    }

    async fn count(&self, query: &LeakQuery) -> Result<u64, ProviderError> {
        self.count_leaks(query).await
    }

    async fn probe(&self) -> Result<Option<Probe>, ProviderError> {
        self.probe_leaks().await.map(Some)
    }

    async fn leak(&self, id: &RemoteId) -> Result<(LeakBatch, Related), ProviderError> {
        self.fetch_leak(id).await
    }

    fn parse_status(&self, word: &RawText) -> Status {
        parse_status(word.as_bytes())
    }
}

#[async_trait]
impl DomainSource for LeaksAi {
    async fn domains(&self) -> Result<Vec<Domain>, ProviderError> {
        self.all_domains().await
    }
}

#[async_trait]
impl UserSource for LeaksAi {
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
impl ConnectionSource for LeaksAi {
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
impl EntityCounter for LeaksAi {
    async fn count_of(
        &self,
        kind: Kind,
        query: &EntityQuery,
    ) -> Result<Vec<(Option<ConnectionKind>, u64)>, ProviderError> {
        match kind {
            Kind::User | Kind::Connection => self.count_by_lists(kind, query).await,
            Kind::Leak => {
                let count = self.count_leaks(&query::to_leak_query(query)).await?;
                Ok(vec![(None, count)])
            }
            Kind::Domain => Err(unsupported_error("it does not count domains")),
        }
    }
}

#[async_trait]
impl RelationSource for LeaksAi {
    async fn related(&self, kind: Kind, id: &RemoteId) -> Result<Related, ProviderError> {
        related_from_item(self, kind, id).await
    }
}
