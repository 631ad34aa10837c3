//! The account itself and its domains: plan, keys, proofs of ownership, related domains, public statistics.

use crate::entity::{
    account::{
        ApiKeyRequest, ApiKeyResponse, RelatedDomain, RelatedDomainQuery, Stats, StatsSubject,
        Subscription, VerificationRequest, VerificationResponse,
    },
    error::ProviderError,
    page::FullList,
    secret::Secret,
};
use async_trait::async_trait;

/// Public statistics.
#[async_trait]
pub trait StatsSource: Send + Sync {
    /// The statistics of a domain or an address.
    async fn stats(
        &self,
        subject: &StatsSubject,
        unmask_email: bool,
    ) -> Result<Stats, ProviderError>;
}

/// Related domains.
#[async_trait]
pub trait AssociatedDomainSource: Send + Sync {
    /// All of them.
    async fn list_associated(
        &self,
        query: &RelatedDomainQuery,
    ) -> Result<FullList<RelatedDomain>, ProviderError>;
}

/// Proofs of the ownership of domains.
#[async_trait]
pub trait DomainVerification: Send + Sync {
    /// Makes, checks, lists or drops a proof.
    async fn verify(
        &self,
        call: &VerificationRequest,
    ) -> Result<VerificationResponse, ProviderError>;
}

/// Plan and limits.
#[async_trait]
pub trait SubscriptionSource: Send + Sync {
    /// The plan of the key's account.
    async fn subscription(&self) -> Result<Subscription, ProviderError>;
}

/// Administration of API keys.
#[async_trait]
pub trait ApiKeyAdministration: Send + Sync {
    /// Makes a call with a token of its own.
    async fn administer(
        &self,
        token: &Secret,
        call: &ApiKeyRequest,
    ) -> Result<ApiKeyResponse, ProviderError>;
}
