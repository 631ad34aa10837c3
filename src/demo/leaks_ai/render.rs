//! Leaks, endpoints, users and resources as JSON.

use serde_json::{Value, json};

use super::super::leak::Leak;
use super::index::{EntityTable, Entry, Index, IndexedEntity};
use super::source::level;
use super::stamp::Stamp;
use super::tree::{file_name, tree};
use super::{LeaksAi, Level};

/// What stands for a password that is not shown.
const MASKED: &str = "***";

fn time(stamp: Option<Stamp>) -> Value {
    stamp.map_or(Value::Null, |stamp| stamp.text().into())
}

/// Blank is null.
fn text(value: &str) -> Value {
    if value.is_empty() {
        Value::Null
    } else {
        value.into()
    }
}

impl LeaksAi {
    pub(super) fn leak(&self, entry: &Entry) -> Value {
        let mut leak = Leak::default();
        self.source.fill(entry.row, &mut leak);
        let clear = self.source.is_clear(entry.row) || leak.password.is_empty();
        json!({
            "id": self.source.ids.leak(entry.row).to_string(),
            "risk_level": entry.risk,
            "risk_level_name": level(entry.risk).word(),
            "status": self.state(entry.row).word(),
            "url": text(&leak.url),
            "login": leak.username,
            "password": if clear { &leak.password } else { MASKED },
            "first_seen": time(entry.first_seen),
            "added_at": entry.added.text(),
        })
    }

    pub(super) fn endpoint(&self, machine: &IndexedEntity) -> Value {
        let mut leak = Leak::default();
        self.source.fill(machine.row, &mut leak);
        let metadata = if machine.id.hash_u64(4).is_multiple_of(6) {
            Value::Null
        } else {
            let mut known = json!({
                "hostname": leak.hostname,
                "username": leak.host_username,
                "os": leak.os,
                "ip": leak.device_ip,
                "country": leak.country,
                "malware_path": leak.malware_path,
            });
            if let Some(date) = machine.first_seen {
                known["exfiltration_date"] = date.text().into();
            }
            if !leak.hardware_id.is_empty() {
                known["hardware_id"] = leak.hardware_id.as_str().into();
            }
            known
        };
        json!({
            "id": machine.id.to_string(),
            "date": time(machine.first_seen),
            "added_at": machine.added.text(),
            "metadata": metadata,
            "risk_level": machine.risk,
            "risk_level_name": level(machine.risk).word(),
            "status": self.endpoint_state(machine).word(),
            "filename": file_name(&leak),
            "tree": tree(machine.id, &leak),
        })
    }

    /// Things as an answer that holds them as connections has them, each once, in the order of the list.
    pub(super) fn connected_entities(
        &self,
        table: &EntityTable,
        places: impl Iterator<Item = u32>,
        show: impl Fn(&Self, &IndexedEntity) -> Value,
    ) -> Value {
        let mut places: Vec<u32> = places.collect();
        places.sort_unstable();
        places.dedup();
        let mut things: Vec<&IndexedEntity> = places
            .into_iter()
            .filter_map(|place| table.get(place))
            .collect();
        things.sort_by(|one, two| one.name.cmp(&two.name));
        things.into_iter().map(|thing| show(self, thing)).collect()
    }

    pub(super) fn connected_endpoint(&self, machine: &IndexedEntity) -> Value {
        let mut leak = Leak::default();
        self.source.fill(machine.row, &mut leak);
        json!({
            "id": machine.id.to_string(),
            "filename": file_name(&leak),
            "date": time(machine.first_seen),
        })
    }

    /// The users of an endpoint, those of no risk left out.
    pub(super) fn users_at_risk(&self, index: &Index, places: impl Iterator<Item = u32>) -> Value {
        let risky = places.filter(|place| {
            let user = index.users.get(*place);
            user.is_some_and(|user| level(user.risk) != Level::None)
        });
        self.connected_entities(&index.users, risky, |_, user| connected_user(user))
    }
}

pub(super) fn user(user: &IndexedEntity) -> Value {
    json!({
        "id": user.id.to_string(),
        "login": user.name,
        "identity_type": user.form,
        "first_seen": time(user.first_seen),
        "risk_level": user.risk,
        "risk_level_name": level(user.risk).word(),
    })
}

pub(super) fn resource(resource: &IndexedEntity) -> Value {
    json!({
        "id": resource.id.to_string(),
        "resource": resource.name,
        "type": resource.form,
        "first_seen": time(resource.first_seen),
        "risk_level": resource.risk,
        "risk_level_name": level(resource.risk).word(),
    })
}

pub(super) fn connected_user(user: &IndexedEntity) -> Value {
    json!({
        "id": user.id.to_string(),
        "login": user.name,
        "identity_type": user.form,
    })
}

pub(super) fn connected_resource(resource: &IndexedEntity) -> Value {
    json!({
        "id": resource.id.to_string(),
        "resource": resource.name,
        "type": resource.form,
    })
}

/// Members and values that no document names, where that is asked for.
pub(super) fn add_unknown_members(place: usize, row: &mut Value) {
    row["stealer_family"] = "not yet documented".into();
    row["enrichment"] = json!({ "seen": 3, "tags": ["new", null] });
    if !place.is_multiple_of(3) {
        return;
    }
    for (member, value) in [
        ("status", "escalated"),
        ("risk_level_name", "critical"),
        ("identity_type", "telephone"),
        ("type", "container"),
    ] {
        if row.get(member).is_some() {
            row[member] = value.into();
        }
    }
}
