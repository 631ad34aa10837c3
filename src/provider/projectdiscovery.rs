//! ProjectDiscovery Cloud.
use super::{Provider, Registration};
use crate::entity::{error::ProviderError, profile::ProfileSettings, secret::Secret};
use std::sync::Arc;

/// Its row.
pub const REGISTRATION: Registration = Registration {
    id: "projectdiscovery",
    title: "ProjectDiscovery",
    base_url: "https://api.projectdiscovery.io",
    attribution: None,
    connect,
};

fn connect(_: ProfileSettings, _: Secret) -> Result<Arc<dyn Provider>, ProviderError> {
    Err(ProviderError::Unsupported { why: String::new() })
}
