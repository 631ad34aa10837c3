//! What ties a leak or a user to the world.

use super::{
    key::{EntityKey, ProviderId},
    leak::Device,
    text::Text,
};
use serde::Serialize;

/// The four forms of a connection.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    strum::EnumString,
    strum::Display,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Form {
    /// An infected machine.
    Endpoint,
    /// A domain, an address, a URL or an app that was logged in to.
    Resource,
    /// A breach of a service.
    Breach,
    /// A paste.
    Paste,
}

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::EnumString, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ResourceType {
    /// A host name.
    Domain,
    /// An address.
    Ip,
    /// An Android app.
    Apk,
    /// Anything else with a scheme.
    Url,
}

/// An endpoint, resource, breach or paste.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Identity.
    pub key: EntityKey,
    /// Its provider.
    pub provider: ProviderId,
    /// Which of the four forms.
    pub form: Form,
    /// What to call it.
    pub name: Text,
    /// What kind of resource.
    pub resource_type: Option<ResourceType>,
    /// Its date, as it came: for a machine derived from leaks, the latest of theirs.
    pub date: Option<Text>,
    /// How many leaks share it, where that is known.
    pub leaks: Option<u64>,
    /// The machine.
    pub device: Option<Device>,
    /// Country of the machine.
    pub country: Option<Text>,
}
