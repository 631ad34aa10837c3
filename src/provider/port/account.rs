//! The account itself and its domains: plan, keys, proofs of ownership, related domains, public statistics.

use crate::entity::{
    error::ProviderError,
    page::Listed,
    report::{
        ApiKeyAnswer, ApiKeyCall, Associated, AssociatedQuery, Stats, StatsSubject, Subscription,
        VerificationAnswer, VerificationCall,
    },
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
pub trait AssociatedDomains: Send + Sync {
    /// All of them.
    async fn associated(
        &self,
        query: &AssociatedQuery,
    ) -> Result<Listed<Associated>, ProviderError>;
}

/// Proofs of the ownership of domains.
#[async_trait]
pub trait DomainVerification: Send + Sync {
    /// Makes, checks, lists or drops a proof.
    async fn verify(&self, call: &VerificationCall) -> Result<VerificationAnswer, ProviderError>;
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
        call: &ApiKeyCall,
    ) -> Result<ApiKeyAnswer, ProviderError>;
}
