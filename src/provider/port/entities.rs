//! Domains, users and connections that the provider lists itself, and what they are connected to.

use super::LeakSource;
use crate::entity::{
    connection::{Connection, ConnectionKind, Related},
    domain::Domain,
    error::ProviderError,
    key::{Kind, RemoteId},
    page::{ConnectionPage, PageRequest, UserPage},
    query::EntityQuery,
    user::User,
};
use async_trait::async_trait;

/// The domains that the provider watches for this profile.
#[async_trait]
pub trait DomainSource: Send + Sync {
    /// All of them.
    async fn domains(&self) -> Result<Vec<Domain>, ProviderError>;
}

/// The users that the provider lists itself, beside those that are made of the leaks.
#[async_trait]
pub trait UserSource: Send + Sync {
    /// One page, from the default token on. A term that it cannot narrow by is left out.
    async fn page(&self, query: &EntityQuery, page: PageRequest)
    -> Result<UserPage, ProviderError>;

    /// One user by its remote id, and what it is connected to.
    async fn user(&self, id: &RemoteId) -> Result<(User, Related), ProviderError>;
}

/// The connections that the provider lists itself, beside those that are made of the leaks.
#[async_trait]
pub trait ConnectionSource: Send + Sync {
    /// One page, from the default token on. A term that it cannot narrow by is left out.
    async fn page(
        &self,
        query: &EntityQuery,
        page: PageRequest,
    ) -> Result<ConnectionPage, ProviderError>;

    /// One connection by its remote id, and what it is connected to.
    async fn connection(&self, id: &RemoteId) -> Result<(Connection, Related), ProviderError>;
}

/// Counts of users and connections by the provider.
#[async_trait]
pub trait EntityCounter: Send + Sync {
    /// How many there are, of connections each form on its own. A form that a term cannot narrow is left out.
    ///
    /// # Errors
    /// Unsupported, where the terms can narrow no form.
    async fn count_of(
        &self,
        kind: Kind,
        query: &EntityQuery,
    ) -> Result<Vec<(Option<ConnectionKind>, u64)>, ProviderError>;
}

/// What one leak, user or connection is connected to, by the provider's own word.
#[async_trait]
pub trait RelationSource: Send + Sync {
    /// Everything that belongs to one thing. Nothing belongs to a domain.
    async fn related(&self, kind: Kind, id: &RemoteId) -> Result<Related, ProviderError>;
}

/// What belongs to one thing, where the answer that has the thing has that too.
pub async fn related_from_item<P>(
    provider: &P,
    kind: Kind,
    id: &RemoteId,
) -> Result<Related, ProviderError>
where
    P: LeakSource + UserSource + ConnectionSource,
{
    match kind {
        Kind::Leak => provider.leak(id).await.map(|(_, related)| related),
        Kind::User => provider.user(id).await.map(|(_, related)| related),
        Kind::Connection => provider.connection(id).await.map(|(_, related)| related),
        Kind::Domain => Ok(Related::default()),
    }
}
