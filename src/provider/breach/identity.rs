//! What an id or an address must be, so that something can have it.

use crate::{
    entity::{error::ProviderError, key::RemoteId},
    provider::not_found_error,
};

/// Returns the domain of an address; nothing has an address without one.
pub(in crate::provider) fn domain_of(address: &str) -> Result<&str, ProviderError> {
    let domain = address.rsplit_once('@').map(|(_, domain)| domain);
    domain
        .filter(|domain| !domain.is_empty())
        .ok_or_else(not_found_error)
}

/// Returns an id as text; one that is none was never given out.
pub(in crate::provider) fn text_of(id: &RemoteId) -> Result<&str, ProviderError> {
    id.as_str().ok_or_else(not_found_error)
}
