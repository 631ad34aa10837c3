//! One endpoint: an infected machine, known by the archive that a stealer made of it. What its metadata may hold is not
//! published but for one date: members of other names are taken where they are there, and the whole is kept.

use super::{
    filename,
    member::{first_text, risk, text},
    tree,
};
use crate::{
    entity::{
        connection::{Connection, ConnectionKind},
        key::{EntityKey, Kind, RemoteId},
        leak::Device,
        profile::AdapterSettings,
        raw_text::RawText,
    },
    http::json::Value,
    provider::leak_builder::{MAX_DEPTH, MAX_ITEM_BYTES},
};

/// What the id of an endpoint begins with among connections.
pub(super) const PREFIX: &[u8] = b"endpoint:";

/// Reads one item, of a list or inside another answer; `None` where it has neither file name nor id.
pub(super) fn read(item: Value<'_>, settings: &AdapterSettings) -> Option<Connection> {
    let id = text(item, "id").filter(|id| !id.is_empty());
    let name = first_text(item, &["filename"]).or_else(|| id.clone())?;
    let id = id.as_ref().unwrap_or(&name).as_bytes();
    let key = EntityKey {
        profile: settings.name.clone(),
        kind: Kind::Connection,
        id: RemoteId::from(&[PREFIX, id].concat()[..]),
    };
    let machine = filename::parse_machine(name.as_bytes());
    let metadata = item.get("metadata").filter(|value| value.is_object());
    let mut found = Connection::from_name(
        key,
        settings.provider.clone(),
        ConnectionKind::Endpoint,
        name,
    );
    // Of the two dates the first may be null where the second is known.
    found.date = first_text(item, &["date"])
        .or_else(|| metadata.and_then(|value| text(value, "exfiltration_date")));
    let told = |names: &[&str]| metadata.and_then(|value| first_text(value, names));
    found.country = machine
        .country
        .map(RawText::from)
        .or_else(|| told(&["country"]));
    let device = Device {
        hostname: told(&["hostname", "computer_name", "host"]),
        ip: machine.ip.map(RawText::from).or_else(|| told(&["ip"])),
        os: told(&["os", "operating_system"]),
        hardware_id: told(&["hardware_id", "hwid"]),
        malware_path: told(&["malware_path"]),
    };
    found.device = (device != Device::default()).then_some(device);
    found.risk = risk(item);
    found.tree = item.get("tree").and_then(tree::paths);
    // A part of an object is no object: what is too large is left out whole.
    found.metadata = metadata
        .filter(|value| value.raw().len() <= MAX_ITEM_BYTES && !value.exceeds_depth(MAX_DEPTH))
        .map(|value| RawText::from(value.raw()));
    found.attribution.clone_from(&settings.attribution);
    Some(found)
}
