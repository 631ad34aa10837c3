//! One resource. Only its name and its type are documented, and only inside other answers: [`read`] is the one place
//! that guesses the rest, so that a documented shape replaces the guess here and nowhere else.

use super::member::{first_text, risk, text, text_value};
use crate::{
    entity::{
        connection::{Connection, ConnectionKind},
        key::{EntityKey, Kind, RemoteId},
        profile::AdapterSettings,
    },
    http::json::Value,
};

/// What the id of a resource begins with among connections.
pub(super) const PREFIX: &[u8] = b"resource:";

/// Reads one item, of a list or inside another answer; `None` where nothing in it can be a name.
pub(super) fn read(item: Value<'_>, settings: &AdapterSettings) -> Option<Connection> {
    let name = if item.is_string() {
        Some(text_value(item)).filter(|name| !name.as_bytes().trim_ascii().is_empty())?
    } else {
        first_text(item, &["resource", "name", "value"])?
    };
    let id = text(item, "id").filter(|id| !id.is_empty());
    let id = id.as_ref().unwrap_or(&name).as_bytes();
    let key = EntityKey {
        profile: settings.name.clone(),
        kind: Kind::Connection,
        id: RemoteId::from(&[PREFIX, id].concat()[..]),
    };
    let word = text(item, "type").and_then(|word| Some(word.as_str()?.to_ascii_lowercase()));
    let mut found = Connection::from_name(
        key,
        settings.provider.clone(),
        ConnectionKind::Resource,
        name,
    );
    found.resource_type = word.and_then(|word| word.parse().ok());
    found.date = first_text(item, &["first_seen", "date"]);
    found.risk = risk(item);
    found.attribution.clone_from(&settings.attribution);
    Some(found)
}
