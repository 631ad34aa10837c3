//! What the rows are about: each user, machine and resource once, and which row belongs to which.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::super::leak::Leak;
use super::ids::Id;
use super::source::Source;
use super::stamp::Stamp;

/// One row, without what is only needed to show it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) row: u32,
    pub(super) user: u32,
    pub(super) machine: Option<u32>,
    pub(super) resource: Option<u32>,
    pub(super) risk: u8,
    pub(super) domains: u16,
    pub(super) added: Stamp,
    pub(super) first_seen: Option<Stamp>,
}

/// A user, a machine or a resource.
#[derive(Clone, Debug)]
pub(super) struct IndexedEntity {
    pub(super) id: Id,
    /// The login, the host name, or what was logged in to.
    pub(super) name: String,
    /// The vendor's word for what it is; blank for a machine.
    pub(super) form: &'static str,
    /// The day of its first leak; of a machine the time that its log was made, where that is known.
    pub(super) first_seen: Option<Stamp>,
    /// When its last leak came in.
    pub(super) added: Stamp,
    /// The highest risk of its leaks.
    pub(super) risk: u8,
    /// The monitored domains of its leaks.
    pub(super) domains: u16,
    /// The row that knows most of it.
    pub(super) row: u32,
    /// Whether that row knows the hardware.
    has_hardware: bool,
}

/// All things of one kind.
#[derive(Debug, Default)]
pub(super) struct EntityTable {
    pub(super) entities: Vec<IndexedEntity>,
    positions: HashMap<Id, u32>,
}

impl EntityTable {
    /// The place of a thing.
    pub(super) fn position(&self, id: Id) -> Option<u32> {
        self.positions.get(&id).copied()
    }

    /// A thing by its place.
    pub(super) fn get(&self, place: u32) -> Option<&IndexedEntity> {
        self.entities.get(place as usize)
    }

    fn add(&mut self, id: Id, name: &str, form: &'static str, seen: &RowFacts) -> u32 {
        let next = self.entities.len() as u32;
        let place = *self.positions.entry(id).or_insert(next);
        match self.entities.get_mut(place as usize) {
            Some(thing) => {
                thing.first_seen = earlier(thing.first_seen, seen.first_seen);
                thing.added = thing.added.max(seen.added);
                thing.risk = thing.risk.max(seen.risk);
                thing.domains |= seen.domains;
                if seen.has_hardware && !thing.has_hardware {
                    (thing.row, thing.has_hardware) = (seen.row, true);
                }
            }
            None => self.entities.push(IndexedEntity {
                id,
                name: name.to_owned(),
                form,
                first_seen: seen.first_seen,
                added: seen.added,
                risk: seen.risk,
                domains: seen.domains,
                row: seen.row,
                has_hardware: seen.has_hardware,
            }),
        }
        place
    }
}

/// What one row says of its things.
struct RowFacts {
    row: u32,
    has_hardware: bool,
    first_seen: Option<Stamp>,
    added: Stamp,
    risk: u8,
    domains: u16,
}

fn earlier(one: Option<Stamp>, two: Option<Stamp>) -> Option<Stamp> {
    match (one, two) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    }
}

/// Everything, with the newest row first.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) entries: Vec<Entry>,
    pub(super) users: EntityTable,
    pub(super) machines: EntityTable,
    pub(super) resources: EntityTable,
}

impl Index {
    /// Goes through the rows.
    pub(super) fn new(source: &Source, rows: impl Iterator<Item = u32>) -> Self {
        let mut index = Self::default();
        let mut leak = Leak::default();
        for row in rows {
            source.fill(row, &mut leak);
            index.add_row(source, row, &leak);
        }
        for machine in &mut index.machines.entities {
            let known = !machine.id.hash_u64(1).is_multiple_of(10);
            let second = (machine.id.hash_u64(2) % 86_400) as u32;
            machine.first_seen = machine
                .first_seen
                .filter(|_| known)
                .map(|day| day.with_second(second));
        }
        index
            .entries
            .sort_unstable_by_key(|entry| Reverse((entry.added, entry.row)));
        index
    }

    fn add_row(&mut self, source: &Source, row: u32, leak: &Leak) {
        let seen = RowFacts {
            row,
            has_hardware: !leak.hardware_id.is_empty(),
            first_seen: source.first_seen(row, leak),
            added: source.added(row, leak),
            risk: source.risk(row, leak),
            domains: source.domains(row, leak),
        };
        let name = leak.username.trim().to_lowercase();
        let form = if name.contains('@') {
            "email"
        } else {
            "username"
        };
        let user = self
            .users
            .add(source.ids.id_by_name(1, &name), &name, form, &seen);
        let machine = (!leak.hostname.is_empty()).then(|| {
            let key = format!("{}\n{}", leak.hostname, leak.device_ip);
            let id = source.ids.id_by_name(2, &key);
            self.machines.add(id, &leak.hostname, "", &seen)
        });
        let resource = resource(&leak.url).map(|(name, form)| {
            let id = source.ids.id_by_name(3, &name);
            self.resources.add(id, &name, form, &seen)
        });
        self.entries.push(Entry {
            row,
            user,
            machine,
            resource,
            risk: seen.risk,
            domains: seen.domains,
            added: seen.added,
            first_seen: seen.first_seen,
        });
    }
}

/// What an address was logged in to, and the vendor's word for it.
fn resource(url: &str) -> Option<(String, &'static str)> {
    let url = url::Url::parse(url).ok()?;
    let name = url.host_str()?.to_owned();
    let form = if url.scheme() == "android" {
        "apk"
    } else if matches!(url.host(), Some(url::Host::Ipv4(_) | url::Host::Ipv6(_))) {
        "ip"
    } else {
        "domain"
    };
    Some((name, form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_domains_machines_and_apps() {
        let cases = [
            (
                "https://sso.northlake.example/adfs/ls/",
                "sso.northlake.example",
                "domain",
            ),
            ("http://198.51.100.7:8443/login", "198.51.100.7", "ip"),
            ("android://0a1b@com.example.app/", "com.example.app", "apk"),
        ];
        for (url, name, form) in cases {
            assert_eq!(resource(url), Some((name.to_owned(), form)));
        }
        assert_eq!(resource(""), None);
    }
}
