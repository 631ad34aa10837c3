//! Leaks with only some members of their JSON, for `--fields`. The schema's rules hold for what is chosen: `null` where a
//! member does not apply, text exact.

use super::json::leak_json;
use crate::entity::{json as inert, leak::Leak};
use serde::{
    Deserialize, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::value::RawValue;
use std::{fmt, io};

/// The members of a leak that can be chosen, in the order of the schema.
pub const LEAK: &[&str] = &[
    "key",
    "profile",
    "provider",
    "id",
    "domain",
    "login",
    "url",
    "status",
    "status_source",
    "status_by",
    "remote_status",
    "disputed",
    "risk",
    "class",
    "first_seen",
    "added_at",
    "country",
    "device",
    "breach",
    "password",
    "password_state",
    "sources",
    "claim",
    "reason",
    "note",
    "ticket",
    "noted",
    "connections",
    "attribution",
    "damaged",
    "origin",
];

/// Some members of one leak.
pub struct Chosen(Vec<(String, Box<RawValue>)>);

/// The members of these names, in the order of the schema; each once, however often it is named.
///
/// # Errors
/// When the leak cannot be JSON.
pub fn chosen(leak: &Leak, names: &[String]) -> io::Result<Chosen> {
    let whole = inert::to_string(&leak_json(leak))?;
    let Chosen(mut members) = serde_json::from_str(&whole)?;
    members.retain(|(name, _)| names.contains(name));
    Ok(Chosen(members))
}

impl Serialize for Chosen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Chosen {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Chosen;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Chosen, A::Error> {
                let mut members = Vec::with_capacity(LEAK.len());
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Chosen(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
