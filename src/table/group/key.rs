//! Groups by key, and keys of groups.

use super::{EndpointId, GroupId, GroupKind, Table, mapped_group};
use crate::entity::{
    fingerprint::Fingerprint,
    host,
    key::{EntityKey, Kind, RemoteId},
    login::normalized_login,
};

impl Table {
    /// The key of a group: of the first profile that has it, and the name that we derive. A connection's begins with
    /// `endpoint:` (hardware id), `machine:` (host name `|` address), `listed:` (the provider's id), `resource:`,
    /// `breach:`, `paste:`, `credential:` (the fingerprint), `profile:`, `source:` or `country:`, so that no name of one
    /// form can pass for another.
    pub fn group_key(&self, kind: GroupKind, group: GroupId) -> EntityKey {
        let owner = self.owner(kind, group);
        let named = |form: &[u8]| [form, &self.group_name(kind, group)].concat();
        let (noun, id) = match kind {
            GroupKind::Domain => (Kind::Domain, self.group_name(kind, group).into_owned()),
            GroupKind::User => (Kind::User, self.user_key(group)),
            GroupKind::Resource => (Kind::Connection, named(b"resource:")),
            GroupKind::Endpoint => (Kind::Connection, self.endpoint_key(group)),
            GroupKind::Breach => (Kind::Connection, named(b"breach:")),
            GroupKind::Paste => (Kind::Connection, named(b"paste:")),
            GroupKind::Profile => (Kind::Connection, named(b"profile:")),
            GroupKind::Source => (Kind::Connection, named(b"source:")),
            GroupKind::Country => (Kind::Connection, named(b"country:")),
            GroupKind::Credential => {
                let fingerprint = self
                    .credentials
                    .get(group.0)
                    .map(|fingerprint| fingerprint.to_string());
                let fingerprint = fingerprint.unwrap_or_default();
                (
                    Kind::Connection,
                    format!("credential:{fingerprint}").into_bytes(),
                )
            }
        };
        EntityKey {
            profile: self.profiles[owner.0 as usize].0.clone(),
            kind: noun,
            id: RemoteId::from(&id[..]),
        }
    }

    fn endpoint_key(&self, group: GroupId) -> Vec<u8> {
        if let Some(id) = self.listed_endpoint_id(group.0) {
            return [b"listed:", self.names.get(id).unwrap_or_default()].concat();
        }
        // As it came: whatever its spelling, the group is found by it.
        let machine = self.endpoint_machine(group);
        let text = |number: u32| self.machine_texts.get(number).unwrap_or_default();
        match self.endpoint_id(machine) {
            Some(EndpointId::Hardware(_)) => [b"endpoint:", text(machine.hardware_id)].concat(),
            _ => [
                b"machine:",
                &escape_bars(self.hostnames.get(machine.hostname).unwrap_or_default())[..],
                b"|",
                &escape_bars(text(machine.ip)),
            ]
            .concat(),
        }
    }

    /// The login; of a user whose login says nothing, the id of the provider that lists it.
    fn user_key(&self, group: GroupId) -> Vec<u8> {
        if self.is_lone(group)
            && let Some(native) = self.listed_entities(GroupKind::User, group).first()
        {
            return native.key().id.as_bytes().to_vec();
        }
        self.group_name(GroupKind::User, group).into_owned()
    }

    /// The group that a key names: one that we derive, or one with the provider's own id. Groups that span profiles
    /// are found by any of their profiles.
    pub fn find_group(&self, kind: GroupKind, key: &EntityKey) -> Option<GroupId> {
        self.find_derived(kind, key).or_else(|| {
            let native = self.find_listed_entity(key)?;
            (native.kind == kind).then_some(native.group)
        })
    }

    fn find_derived(&self, kind: GroupKind, key: &EntityKey) -> Option<GroupId> {
        let id = key.id.as_bytes();
        let groups = &self.groups;
        let noun = match kind {
            GroupKind::Domain => Kind::Domain,
            GroupKind::User => Kind::User,
            GroupKind::Endpoint
            | GroupKind::Resource
            | GroupKind::Breach
            | GroupKind::Credential
            | GroupKind::Profile
            | GroupKind::Source
            | GroupKind::Country
            | GroupKind::Paste => Kind::Connection,
        };
        if key.kind != noun {
            return None;
        }
        match kind {
            GroupKind::Domain => {
                let domain = self.domains.find(id);
                let domain = domain.or_else(|| self.domains.find(&host::normalize(id)))?;
                mapped_group(&groups.domain_by_text, domain)
            }
            GroupKind::User => {
                let compared = normalized_login(id);
                mapped_group(&groups.user_by_login, self.logins.find(&compared)?)
            }
            GroupKind::Resource => {
                let host = self
                    .names
                    .find(&host::normalize(id.strip_prefix(b"resource:")?))?;
                mapped_group(&groups.resource_by_host, host)
            }
            GroupKind::Breach => {
                let name = id.strip_prefix(b"breach:")?;
                self.breaches.names.find(name).map(GroupId)
            }
            GroupKind::Paste => {
                let name = id.strip_prefix(b"paste:")?;
                self.listed_entities.pastes.find(name).map(GroupId)
            }
            GroupKind::Country => {
                let name = id.strip_prefix(b"country:")?;
                self.countries.find(name).map(GroupId)
            }
            GroupKind::Source => {
                let name = id.strip_prefix(b"source:")?;
                let mut profiles = self.profiles.iter();
                let at = profiles.position(|(_, it)| it.as_str().as_bytes() == name)?;
                Some(GroupId(u32::from(*self.providers.get(at)?)))
            }
            GroupKind::Profile => {
                let name = id.strip_prefix(b"profile:")?;
                let slot = self.find_slot(&key.profile)?;
                (key.profile.as_str().as_bytes() == name).then_some(GroupId(u32::from(slot.0)))
            }
            GroupKind::Credential => {
                let fingerprint = id.strip_prefix(b"credential:")?;
                self.credentials
                    .find(parse_fingerprint(fingerprint)?)
                    .map(GroupId)
            }
            GroupKind::Endpoint => self.find_endpoint(key).map(GroupId),
        }
    }

    fn find_endpoint(&self, key: &EntityKey) -> Option<u32> {
        let id = key.id.as_bytes();
        if let Some(hardware) = id.strip_prefix(b"endpoint:") {
            return self.endpoint_by_id(&EndpointId::from_hardware_id(hardware)?);
        }
        if let Some(listed) = id.strip_prefix(b"listed:") {
            let slot = self.find_slot(&key.profile)?;
            let id = self.names.find(listed)?;
            return self.endpoint_by_id(&EndpointId::Listed(slot.0, id));
        }
        let named = id.strip_prefix(b"machine:")?;
        let bar = named.iter().position(|&b| b == b'|')?;
        let (host, ip) = (
            unescape_bars(&named[..bar]),
            unescape_bars(&named[bar + 1..]),
        );
        self.endpoint_by_id(&EndpointId::from_host_and_address(&host, &ip)?)
    }
}

/// A fingerprint from its digits.
fn parse_fingerprint(digits: &[u8]) -> Option<Fingerprint> {
    let digits = std::str::from_utf8(digits).ok()?;
    let fits = digits.len() == 32
        && digits
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let number = u128::from_str_radix(digits, 16).ok()?;
    fits.then(|| Fingerprint(number.to_be_bytes()))
}

/// A bar in a name must not pass for the one between two names.
fn escape_bars(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            b'|' => out.extend_from_slice(b"\\/"),
            b'\\' => out.extend_from_slice(b"\\\\"),
            byte => out.push(byte),
        }
    }
    out
}

fn unescape_bars(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        out.push(match byte {
            b'\\' => match bytes.next() {
                Some(b'/') => b'|',
                Some(&next) => next,
                None => byte,
            },
            byte => byte,
        });
    }
    out
}
