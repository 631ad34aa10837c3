//! A person, as far as a login tells.

use super::{
    domain::LeakCounts,
    key::{EntityKey, ProviderId},
    raw_text::RawText,
    risk::Risk,
};
use serde::Serialize;

pub use super::login::{display_login, normalized_login};

/// What kind of name a login is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum IdentityType {
    /// It has the shape of an address.
    Email,
    /// Anything else.
    Username,
}

/// A login and its leaks. Logins are compared without case, edge blanks cut.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Identity; where we derive it from leaks, the id is the compared form of the login.
    pub key: EntityKey,
    /// Its provider.
    pub provider: ProviderId,
    /// The login, as it came first.
    pub login: RawText,
    /// Address or name.
    pub identity_type: Option<IdentityType>,
    /// The provider's risk.
    pub risk: Option<Risk>,
    /// The earliest date of its leaks, as it came.
    pub first_seen: Option<RawText>,
    /// Its leaks.
    pub leaks: LeakCounts,
    /// How many sources report it.
    pub sources: u32,
    /// Keys of its connections; only filled for `show`.
    pub connections: Option<Vec<EntityKey>>,
}
