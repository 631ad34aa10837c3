//! One user: a login, as the provider groups leaks by it.

use super::member::{risk, text};
use crate::{
    entity::{
        domain::LeakCounts,
        key::{EntityKey, Kind, RemoteId},
        profile::AdapterSettings,
        user::{IdentityType, User, normalized_login},
    },
    http::json::Value,
};

/// Reads one item, of a list or inside another answer; `None` where it has neither login nor id.
pub(super) fn read(item: Value<'_>, settings: &AdapterSettings) -> Option<User> {
    let id = text(item, "id").filter(|id| !id.is_empty());
    let login = text(item, "login").filter(|login| !login.is_empty());
    let shown = login.clone().or_else(|| id.clone())?;
    // Inside other answers users may have no id: what we derive from leaks goes by its login too.
    let id = match &id {
        Some(id) => RemoteId::from(id.as_bytes()),
        None => RemoteId::from(&*normalized_login(shown.as_bytes())),
    };
    let identity_type = text(item, "identity_type").and_then(|word| match word.as_bytes() {
        b"email" => Some(IdentityType::Email),
        b"username" => Some(IdentityType::Username),
        _ => None,
    });
    Some(User {
        key: EntityKey {
            profile: settings.name.clone(),
            kind: Kind::User,
            id,
        },
        provider: settings.provider.clone(),
        login: shown,
        identity_type,
        risk: risk(item),
        first_seen: text(item, "first_seen"),
        leaks: LeakCounts::default(),
        sources: 1,
        connections: None,
    })
}
