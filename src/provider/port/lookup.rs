//! What can be looked up at a provider: addresses and secrets, breaches, pastes.

use crate::entity::{
    breach::{Breach, BreachQuery, Paste},
    error::ProviderError,
    lookup::{Lookup, LookupAnswer},
    page::FullList,
    raw_text::RawText,
};
use async_trait::async_trait;

/// Looks up addresses, domains, passwords, cards and numbers.
#[async_trait]
pub trait LookupSource: Send + Sync {
    /// One answer for each operation that knows of it, in the contract's order.
    async fn look_up(&self, lookup: &Lookup) -> Vec<LookupAnswer>;
}

/// The catalogue of breaches.
#[async_trait]
pub trait BreachCatalogue: Send + Sync {
    /// The breaches that a query is about.
    async fn breaches(&self, query: &BreachQuery) -> Result<FullList<Breach>, ProviderError>;

    /// One breach by its name.
    async fn breach(&self, name: &str) -> Result<Breach, ProviderError>;

    /// The breach that was added last.
    async fn latest_breach(&self) -> Result<Breach, ProviderError>;

    /// The kinds of data that breaches hold.
    async fn data_classes(&self) -> Result<Vec<RawText>, ProviderError>;
}

/// Pastes.
#[async_trait]
pub trait PasteSource: Send + Sync {
    /// The pastes that an address is in; none where it is in none.
    async fn pastes(&self, address: &str) -> Result<FullList<Paste>, ProviderError>;

    /// The services that pastes are looked for on.
    async fn services(&self) -> Result<Vec<RawText>, ProviderError>;
}
