//! Groups by key, and keys of groups.

use super::{EndpointId, GroupId, GroupKind, NONE, Table, mapped};
use crate::entity::{
    key::{EntityKey, Kind, RemoteId},
    user::compared_login,
};

impl Table {
    /// The key of a group: of the first profile that has it, and the name that we derive. A connection's begins with
    /// `endpoint:` (hardware id), `machine:` (host name `|` address) or `resource:`, so that no name of one form can
    /// pass for another.
    pub fn group_key(&self, kind: GroupKind, group: GroupId) -> EntityKey {
        let owner = self.owner(kind, group);
        let (noun, id) = match kind {
            GroupKind::Domain => (Kind::Domain, self.group_name(kind, group).to_vec()),
            GroupKind::User => (Kind::User, self.group_name(kind, group).to_vec()),
            GroupKind::Resource => (
                Kind::Connection,
                [b"resource:", self.group_name(kind, group)].concat(),
            ),
            GroupKind::Endpoint => (Kind::Connection, self.endpoint_key(group)),
        };
        EntityKey {
            profile: self.profiles[owner.0 as usize].0.clone(),
            kind: noun,
            id: RemoteId::from(&id[..]),
        }
    }

    fn endpoint_key(&self, group: GroupId) -> Vec<u8> {
        match self.groups.endpoints[group.0 as usize].id {
            EndpointId::Hardware(id) => {
                [b"endpoint:", self.machine_texts.get(id).unwrap_or_default()].concat()
            }
            EndpointId::Named(host, ip) => [
                b"machine:",
                &quoted(self.hostnames.get(host).unwrap_or_default())[..],
                b"|",
                &quoted(self.machine_texts.get(ip).unwrap_or_default()),
            ]
            .concat(),
        }
    }

    /// The group that a key names. Groups that span profiles are found by any of their profiles.
    pub fn find_group(&self, kind: GroupKind, key: &EntityKey) -> Option<GroupId> {
        let id = key.id.as_bytes();
        let groups = &self.groups;
        match (kind, key.kind) {
            (GroupKind::Domain, Kind::Domain) => {
                let of = groups
                    .domain_of
                    .get(self.slot_of(&key.profile)?.0 as usize)?;
                mapped(of, self.domains.find(id)?)
            }
            (GroupKind::User, Kind::User) => {
                let compared = compared_login(id);
                mapped(&groups.user_of, self.logins.find(&compared)?)
            }
            (GroupKind::Resource, Kind::Connection) => {
                let host = self.words.find(id.strip_prefix(b"resource:")?)?;
                mapped(&groups.resource_of_host, host)
            }
            (GroupKind::Endpoint, Kind::Connection) => {
                if let Some(hardware) = id.strip_prefix(b"endpoint:") {
                    let hardware = self.machine_texts.find(hardware)?;
                    return groups.endpoint(EndpointId::Hardware(hardware)).map(GroupId);
                }
                let named = id.strip_prefix(b"machine:")?;
                let bar = named.iter().position(|&b| b == b'|')?;
                let (host, ip) = (unquoted(&named[..bar]), unquoted(&named[bar + 1..]));
                let host = if host.is_empty() {
                    NONE
                } else {
                    self.hostnames.find(&host)?
                };
                let ip = if ip.is_empty() {
                    NONE
                } else {
                    self.machine_texts.find(&ip)?
                };
                groups.endpoint(EndpointId::Named(host, ip)).map(GroupId)
            }
            (
                GroupKind::Domain | GroupKind::User | GroupKind::Endpoint | GroupKind::Resource,
                _,
            ) => None,
        }
    }
}

/// A bar in a name must not pass for the one between two names.
fn quoted(text: &[u8]) -> Vec<u8> {
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

fn unquoted(text: &[u8]) -> Vec<u8> {
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
