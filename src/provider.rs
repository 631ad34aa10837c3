//! The provider port: what a remote system can be asked, whatever it is. Start with [`Provider`]; a provider is one
//! folder under `provider/` and one row in [`REGISTRY`].

pub mod http;
pub mod projectdiscovery;

use crate::entity::{
    answer::{Answer, Reading},
    capability::Capabilities,
    domain::Domain,
    error::ProviderError,
    key::RemoteId,
    leak::{Leak, LeakBatch},
    page::{LeakPage, PageToken},
    profile::{Budget, ProfileSettings},
    query::{GroupBy, GroupCount, LeakQuery},
    report::{
        Associated, AssociatedQuery, Stats, StatsSubject, Subscription, VerificationAnswer,
        VerificationCall,
    },
    secret::Secret,
    status::Status,
    text::Text,
};
use async_trait::async_trait;
use std::sync::Arc;
use tokio::sync::watch;

/// A remote system, at one profile. Every call is cancelled by dropping its future; a call that was never made is
/// never sent.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What it can do at this profile.
    fn capabilities(&self) -> Capabilities;

    /// The request budget, live.
    fn budget(&self) -> watch::Receiver<Budget>;

    /// One page of leaks. A page past the end is empty, not an error.
    async fn leaks(&self, query: &LeakQuery, page: PageToken) -> Result<LeakPage, ProviderError>;

    /// How many leaks there are, by the provider's own count.
    async fn count(&self, query: &LeakQuery) -> Result<u64, ProviderError>;

    /// How many leaks have each value of a field, counted by the provider, largest first.
    async fn count_by(
        &self,
        query: &LeakQuery,
        by: GroupBy,
    ) -> Result<Vec<GroupCount>, ProviderError>;

    /// One leak, without its secret.
    async fn leak(&self, id: &RemoteId) -> Result<LeakBatch, ProviderError>;

    /// The secret of one leak. The only call that keeps one.
    async fn reveal(&self, id: &RemoteId) -> Result<Secret, ProviderError>;

    /// The domains that the provider watches for this profile.
    async fn domains(&self) -> Result<Vec<Domain>, ProviderError>;

    /// Whether an id can be sent at all.
    fn accepts_id(&self, id: &RemoteId) -> bool;

    /// Sends one chunk of changes, once. Never retried here: the caller reads back first.
    async fn send(&self, ids: &[RemoteId], status: Status) -> Answer;

    /// Reads leaks back by the cheapest sufficient reads: every id gets exactly one reading. The second member is how
    /// many requests it took.
    async fn read_back(&self, ids: &[RemoteId], wanted: Status) -> (Vec<Reading>, u64);

    /// How many requests reading `changes` leaks back is expected to take, when the profile has `total` leaks.
    fn read_back_cost(&self, changes: u64, total: u64) -> u64;

    /// What a provider's own status word means.
    fn status_of(&self, word: &Text) -> Status;

    /// One page through the provider's own export operation, as JSON or as CSV.
    async fn export(
        &self,
        query: &LeakQuery,
        page: PageToken,
        csv: bool,
    ) -> Result<LeakPage, ProviderError>;

    /// Public statistics.
    async fn stats(
        &self,
        subject: &StatsSubject,
        unmask_email: bool,
    ) -> Result<Stats, ProviderError>;

    /// Related domains, all of them.
    async fn associated(&self, query: &AssociatedQuery) -> Result<Vec<Associated>, ProviderError>;

    /// A proof of ownership.
    async fn verification(
        &self,
        call: &VerificationCall,
    ) -> Result<VerificationAnswer, ProviderError>;

    /// Plan and limits.
    async fn subscription(&self) -> Result<Subscription, ProviderError>;

    /// The cheapest call that proves address and key.
    async fn check(&self) -> Result<(), ProviderError>;
}

/// An adapter, or why there is none for these settings.
pub type Connected = Result<Arc<dyn Provider>, ProviderError>;

/// One provider's row.
pub struct Registration {
    /// As configuration spells it.
    pub id: &'static str,
    /// As a person calls it.
    pub title: &'static str,
    /// Its documented base URL.
    pub base_url: &'static str,
    /// Attribution that must be shown with its data.
    pub attribution: Option<&'static str>,
    /// Makes the adapter of one profile.
    pub connect: fn(ProfileSettings, Secret) -> Connected,
    /// The same within other limits of the transport, for the conformance suite.
    pub connect_within: fn(ProfileSettings, Secret, http::Limits) -> Connected,
}

/// Every provider that is built, one row each.
pub const REGISTRY: &[Registration] = &[projectdiscovery::REGISTRATION];

/// The row of a provider.
pub fn registration(id: &str) -> Option<&'static Registration> {
    REGISTRY.iter().find(|row| row.id == id)
}

/// An owned leak of a one-row batch, for `show`.
pub fn single(batch: &LeakBatch, settings: &ProfileSettings) -> Option<Leak> {
    let row = batch.iter().next()?;
    let id = RemoteId::from(row.text(crate::entity::leak::LeakField::Id));
    Some(Leak::from_row(
        crate::entity::key::EntityKey::leak(settings.name.clone(), id),
        settings.provider.clone(),
        &row,
    ))
}
