//! Leaks.ai: thirteen operations, all of them reads. Triage statuses come with its leaks and cannot be stored there.
//!
//! Wire shapes are read in this folder and nowhere else: [`leak`], [`user`], [`endpoint`] with its [`filename`] and
//! [`tree`], [`resource`] and [`domain`] (one item each), [`list`] (pages and counts), [`one`] (one thing by its id
//! and what it is connected to), [`query`] (parameters), [`watched`] (which domain a leak is filed under).

mod domain;
mod endpoint;
mod filename;
mod host;
mod leak;
mod list;
mod member;
mod one;
mod query;
mod resource;
mod tree;
mod user;
mod watched;

use super::{
    ConnectionSource, DomainSource, EntityCounter, LeakSource, Provider, Registration,
    RelationSource, UserSource, judge::JUDGE, malformed, related_of, unsupported,
};
use crate::entity::{
    capability::{IdRule, LeakMember},
    connection::{Connection, Form, Related},
    domain::Domain,
    error::ProviderError,
    key::{Kind, RemoteId},
    leak::LeakBatch,
    option::{AddressForm, KeyNeed},
    page::{ConnectionPage, LeakPage, PageToken, UserPage},
    profile::{Budget, ProfileSettings},
    query::{EntityQuery, LeakQuery},
    secret::Secret,
    seen::Probe,
    status::Status,
    text::Text,
    user::User,
};
use crate::http::{KeyHeader, Limits, Transport};
use async_trait::async_trait;
use std::sync::Arc;
use tokio::sync::watch;
use watched::Watch;

/// Its row.
pub const REGISTRATION: Registration = Registration {
    id: "leaks-ai",
    title: "Leaks.ai",
    base_url: "https://api.leaks.ai/api/v1",
    attribution: None,
    statuses: &[],
    ids: IdRule::Any,
    key: KeyNeed::Required,
    address: AddressForm::Http,
    options: &[],
    connect,
    connect_within,
};

/// Rows in a page, where the profile does not say, and the most that there can be.
const PAGE_SIZE: u32 = 100;

/// Changes in a step of a job, where the profile does not say. None of them is sent: they are recorded here.
const BULK_SIZE: u32 = 100;

fn connect(settings: ProfileSettings, key: Secret) -> Result<Arc<dyn Provider>, ProviderError> {
    connect_within(settings, key, Limits::default())
}

fn connect_within(
    settings: ProfileSettings,
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
        watch: Watch::default(),
    }))
}

/// The adapter of one profile.
struct LeaksAi {
    transport: Transport,
    settings: ProfileSettings,
    watch: Watch,
}

impl LeaksAi {
    /// How many rows to ask for.
    fn size_of(&self, page: PageToken) -> u32 {
        if page.size == 0 {
            self.page_size()
        } else {
            page.size.min(PAGE_SIZE)
        }
    }
}

/// The word that the provider has for a status.
fn word_of(status: Status) -> Option<&'static str> {
    match status {
        Status::New => Some("new"),
        Status::Investigating => Some("investigating"),
        Status::Fixed => Some("resolved"),
        Status::FalsePositive => Some("false_positive"),
        Status::Open | Status::Unknown => None,
    }
}

/// What its word means.
fn status_of(word: &[u8]) -> Status {
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
    fn budget(&self) -> watch::Receiver<Budget> {
        self.transport.budget()
    }

    async fn check(&self) -> Result<(), ProviderError> {
        match self.some_domains(0, 1).await {
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

    fn domains(&self) -> Option<&dyn DomainSource> {
        Some(self)
    }

    fn users(&self) -> Option<&dyn UserSource> {
        Some(self)
    }

    fn connections(&self) -> Option<&dyn ConnectionSource> {
        Some(self)
    }

    fn entity_counts(&self) -> Option<&dyn EntityCounter> {
        Some(self)
    }

    fn relations(&self) -> Option<&dyn RelationSource> {
        Some(self)
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

    async fn page(&self, query: &LeakQuery, page: PageToken) -> Result<LeakPage, ProviderError> {
        self.leak_page(query, page).await
    }

    async fn count(&self, query: &LeakQuery) -> Result<u64, ProviderError> {
        self.count_leaks(query).await
    }

    async fn probe(&self) -> Result<Option<Probe>, ProviderError> {
        self.probe_leaks().await.map(Some)
    }

    async fn leak(&self, id: &RemoteId) -> Result<(LeakBatch, Related), ProviderError> {
        self.one_leak(id).await
    }

    fn status_of(&self, word: &Text) -> Status {
        status_of(word.as_bytes())
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
    async fn page(&self, query: &EntityQuery, page: PageToken) -> Result<UserPage, ProviderError> {
        self.user_page(query, page).await
    }

    async fn user(&self, id: &RemoteId) -> Result<(User, Related), ProviderError> {
        self.one_user(id).await
    }
}

#[async_trait]
impl ConnectionSource for LeaksAi {
    async fn page(
        &self,
        query: &EntityQuery,
        page: PageToken,
    ) -> Result<ConnectionPage, ProviderError> {
        self.connection_page(query, page).await
    }

    async fn connection(&self, id: &RemoteId) -> Result<(Connection, Related), ProviderError> {
        self.one_connection(id).await
    }
}

#[async_trait]
impl EntityCounter for LeaksAi {
    async fn count_of(
        &self,
        kind: Kind,
        query: &EntityQuery,
    ) -> Result<Vec<(Option<Form>, u64)>, ProviderError> {
        match kind {
            Kind::User | Kind::Connection => self.count_entities(kind, query).await,
            Kind::Leak => {
                let count = self.count_leaks(&query::of_leaks(query)).await?;
                Ok(vec![(None, count)])
            }
            Kind::Domain => Err(unsupported("it does not count domains")),
        }
    }
}

#[async_trait]
impl RelationSource for LeaksAi {
    async fn related(&self, kind: Kind, id: &RemoteId) -> Result<Related, ProviderError> {
        related_of(self, kind, id).await
    }
}
