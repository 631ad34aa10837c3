//! Secrets that the provider shows.

use crate::entity::{error::ProviderError, key::RemoteId, secret::Secret};
use async_trait::async_trait;

/// Reveals secrets, one leak at a time.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// The request that reveals a secret, for the audit log: method and path template.
    fn request(&self) -> &'static str;

    /// The secret of one leak. No other call keeps one.
    async fn reveal(&self, id: &RemoteId) -> Result<Secret, ProviderError>;
}
