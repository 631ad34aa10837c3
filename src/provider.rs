//! The provider port and the providers: what a remote system can be asked, whatever it is. Start with [`Provider`]; a
//! provider is one folder under `provider/` and one row in [`REGISTRY`].

mod breach;
pub mod file;
pub mod hibp;
pub mod judge;
mod leak_builder;
pub mod leaked_checker;
pub mod leaks_ai;
mod parse;
mod port;
pub mod projectdiscovery;

pub use port::*;

use crate::entity::{
    capability::{Capabilities, IdFormat},
    error::ProviderError,
    key::{EntityKey, RemoteId},
    leak::{Leak, LeakBatch, LeakField},
    option::{AddressForm, KeyNeed, OptionSpec, ProviderSpec},
    profile::AdapterSettings,
    secret::Secret,
    status::Status,
};
use crate::http::Limits;
use std::sync::Arc;

/// Returns what a provider can do: which handles are there, and the limits that they give. Nothing else makes this set.
pub fn capabilities_for(provider: &dyn Provider) -> Capabilities {
    let leaks = provider.leaks();
    let store = provider.statuses().map(StatusStore::limits);
    Capabilities {
        abilities: port::abilities(provider),
        members: leaks.optional_members().to_vec(),
        page_size: leaks.page_size(),
        bulk_size: store
            .as_ref()
            .map_or_else(|| provider.local_step(), |store| store.changes),
        store,
    }
}

fn unsupported_error(why: &str) -> ProviderError {
    ProviderError::Unsupported { why: why.into() }
}

fn malformed_error(why: &str) -> ProviderError {
    ProviderError::Malformed { why: why.into() }
}

/// Nothing has this id.
fn not_found_error() -> ProviderError {
    ProviderError::NotFound {
        status: 404,
        message: None,
    }
}

fn policy_error(why: &str) -> ProviderError {
    ProviderError::Policy { why: why.into() }
}

/// An adapter, or why there is none for these settings.
pub type ConnectResult = Result<Arc<dyn Provider>, ProviderError>;

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
    /// The statuses that it stores: the console never keeps one of them for its leaks.
    pub statuses: &'static [Status],
    /// Which ids its leaks can have.
    pub ids: IdFormat,
    /// How it uses a key.
    pub key: KeyNeed,
    /// What the address of a profile is.
    pub address: AddressForm,
    /// Its own settings.
    pub options: &'static [OptionSpec],
    /// Makes the adapter of one profile.
    pub connect: fn(AdapterSettings, Secret) -> ConnectResult,
    /// The same within other limits of the transport, for the conformance suite.
    pub connect_with_limits: fn(AdapterSettings, Secret, Limits) -> ConnectResult,
}

impl Registration {
    /// What configuration has to know of it.
    pub fn spec(&self) -> ProviderSpec {
        ProviderSpec {
            id: self.id,
            base_url: self.base_url,
            key: self.key,
            address: self.address,
            options: self.options,
        }
    }
}

/// Every provider that is built, one row each.
pub const REGISTRY: &[Registration] = &[
    projectdiscovery::REGISTRATION,
    leaks_ai::REGISTRATION,
    leaked_checker::REGISTRATION,
    file::REGISTRATION,
    hibp::REGISTRATION,
];

/// The id of every provider.
pub fn ids() -> Vec<&'static str> {
    REGISTRY.iter().map(|row| row.id).collect()
}

/// The row of a provider.
pub fn registration(id: &str) -> Option<&'static Registration> {
    REGISTRY.iter().find(|row| row.id == id)
}

/// Returns true if an id can be one of a provider's leaks.
pub fn accepts_id(id: &str, leak: &[u8]) -> bool {
    registration(id).is_none_or(|row| row.ids.accepts(leak))
}

/// The statuses that a provider stores itself: the console never keeps one of them for its leaks.
pub fn stored_statuses(id: &str) -> &'static [Status] {
    registration(id).map_or(&[], |row| row.statuses)
}

/// Whose data a profile's breaches and pastes are, where that must be said: the profile's own words for it, else the
/// provider's with the profile's address.
pub fn attribution(settings: &AdapterSettings) -> Option<String> {
    if settings.attribution.is_some() {
        return settings.attribution.clone();
    }
    let line = registration(settings.provider.as_str())?.attribution?;
    let address = url::Url::parse(&settings.base_url).ok()?;
    Some(format!(
        "{line}, {}",
        address.origin().ascii_serialization()
    ))
}

/// An owned leak of a one-row batch, for `show`.
pub fn single_leak(batch: &LeakBatch, settings: &AdapterSettings) -> Option<Leak> {
    let row = batch.iter().next()?;
    let id = RemoteId::from(row.text(LeakField::Id));
    Some(Leak::from_row(
        EntityKey::for_leak(settings.name.clone(), id),
        settings.provider.clone(),
        &row,
    ))
}
