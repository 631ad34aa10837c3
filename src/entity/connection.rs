//! What ties a leak or a user to the world.

use super::{
    breach::{Breach, Paste},
    key::{EntityKey, ProviderId},
    leak::{Device, Risk},
    raw_text::RawText,
    user::User,
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
    strum::IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ConnectionKind {
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
    pub kind: ConnectionKind,
    /// What to call it.
    pub name: RawText,
    /// What kind of resource.
    pub resource_type: Option<ResourceType>,
    /// Its date, as it came: for a machine derived from leaks, the latest of theirs.
    pub date: Option<RawText>,
    /// How many leaks share it, where that is known.
    pub leaks: Option<u64>,
    /// The machine.
    pub device: Option<Device>,
    /// Country of the machine.
    pub country: Option<RawText>,
    /// The provider's risk.
    pub risk: Option<Risk>,
    /// The paths of the files in a stealer's archive, where the provider lists them.
    pub tree: Option<Vec<RawText>>,
    /// What else the provider knows of it: a JSON object, as it came.
    pub metadata: Option<RawText>,
    /// The breach.
    pub breach: Option<Breach>,
    /// The paste.
    pub paste: Option<Paste>,
    /// Whose data it is, where that must be said.
    pub attribution: Option<String>,
}

impl Connection {
    /// A connection of which nothing is known but what it is called.
    pub fn from_name(
        key: EntityKey,
        provider: ProviderId,
        form: ConnectionKind,
        name: RawText,
    ) -> Self {
        Self {
            key,
            provider,
            kind: form,
            name,
            resource_type: None,
            date: None,
            leaks: None,
            device: None,
            country: None,
            risk: None,
            tree: None,
            metadata: None,
            breach: None,
            paste: None,
            attribution: None,
        }
    }
}

/// What one leak, user or connection is connected to.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Related {
    /// People.
    pub users: Vec<User>,
    /// Machines, resources, breaches, pastes.
    pub connections: Vec<Connection>,
}
