//! Which group a listed user or connection belongs to.

use super::hosts::Hosts;
use crate::{
    entity::{
        connection::{Connection, ConnectionKind, ResourceType},
        host,
        placeholder::is_identifying,
        user::User,
    },
    filter::case_fold,
    table::{GroupId, GroupKind, ProfileSlot, Table, group::Machine, interner::NO_VALUE},
};

fn is_blank(text: &[u8]) -> bool {
    text.trim_ascii().is_empty()
}

/// The host that a listed resource stands for.
fn resource_host(connection: &Connection) -> Option<Vec<u8>> {
    let name = connection.name.as_bytes().trim_ascii();
    if is_blank(name) {
        return None;
    }
    let address =
        connection.resource_type == Some(ResourceType::Ip) || host::parse_address(name).is_some();
    let host = if address { None } else { host::url_host(name) };
    Some(host.unwrap_or(name).to_vec())
}

impl Table {
    pub(super) fn find_user_group(&mut self, slot: ProfileSlot, user: &User) -> Option<GroupId> {
        let login = self.intern_login(Some(user.login.as_bytes()));
        let group = match self.group_by_number(GroupKind::User, login) {
            Some(group) => group,
            None if is_blank(user.login.as_bytes()) => return None,
            // Another reading of the same id is the same one.
            None => {
                let known = self
                    .find_listed_entity(&user.key)
                    .map(|native| native.group);
                let known = known.filter(|group| self.is_lone(*group));
                known.unwrap_or_else(|| self.add_lone_user(login))
            }
        };
        self.add_owner_for_group(GroupKind::User, group, slot);
        Some(group)
    }

    pub(super) fn find_connection_group(
        &mut self,
        slot: ProfileSlot,
        connection: &Connection,
        hosts: &Hosts,
    ) -> Option<GroupId> {
        let group = match connection.kind {
            ConnectionKind::Endpoint => self.find_endpoint_group(slot, connection, hosts),
            ConnectionKind::Resource => {
                self.intern_host_resource(&resource_host(connection)?, NO_VALUE)
            }
            ConnectionKind::Breach => {
                let breach = connection.breach.as_ref();
                let name = breach.map_or(&connection.name, |breach| &breach.name);
                if is_blank(name.as_bytes()) {
                    return None;
                }
                if let Some(breach) = breach {
                    self.add_breaches(std::slice::from_ref(breach));
                }
                GroupId(self.breaches.names.intern(name.as_bytes()))
            }
            ConnectionKind::Paste => {
                let name = match &connection.paste {
                    Some(paste) => [paste.source.as_bytes(), b" ", paste.id.as_bytes()].concat(),
                    None => connection.name.as_bytes().to_vec(),
                };
                if is_blank(&name) {
                    return None;
                }
                GroupId(self.listed_entities.pastes.intern(&name))
            }
        };
        self.add_owner_for_group(super::group_kind(connection.kind), group, slot);
        Some(group)
    }

    /// The machine that a leak came from, where it is one and the same; else one of its own.
    fn find_endpoint_group(
        &mut self,
        slot: ProfileSlot,
        connection: &Connection,
        hosts: &Hosts,
    ) -> GroupId {
        let machine = self.listed_machine(connection);
        match self.find_leak_endpoint(&machine, hosts) {
            Some(known) => known,
            None => self.add_machine_group(slot, machine, connection.key.id.as_bytes()),
        }
    }

    /// A machine that is none of those that leaks came from, and the provider's id of it.
    pub(super) fn add_machine_group(
        &mut self,
        slot: ProfileSlot,
        machine: Machine,
        id: &[u8],
    ) -> GroupId {
        if self.endpoint_id(&machine).is_some() {
            let number = self.intern_machine(machine);
            if let Some(group) = self.group_by_number(GroupKind::Endpoint, number) {
                return group;
            }
        }
        let id = self.names.intern(id);
        self.intern_listed_endpoint(slot.0, id)
    }

    /// The one machine of the leaks that has the id, or else the host name and nothing that speaks against it.
    pub(super) fn find_leak_endpoint(&self, machine: &Machine, hosts: &Hosts) -> Option<GroupId> {
        if let Some(id) = self.endpoint_id(machine)
            && let Some(known) = self.endpoint_by_id(&id)
            && self.groups.is_seen_in_leaks(known)
        {
            return Some(GroupId(known));
        }
        let host = self.identifying_host(machine.hostname)?;
        // What says nothing speaks against nothing.
        let alike = |one: u32, two: u32| {
            let telling = |number| {
                self.machine_texts
                    .get(number)
                    .filter(|text| is_identifying(text))
            };
            match (telling(one), telling(two)) {
                (Some(one), Some(two)) => {
                    match (host::parse_address(one), host::parse_address(two)) {
                        (Some(one), Some(two)) => one == two,
                        (_, _) => case_fold(one) == case_fold(two),
                    }
                }
                (_, _) => true,
            }
        };
        let mut fitting = hosts.candidates(&host).filter(|&endpoint| {
            let other = self.endpoint_machine(GroupId(endpoint));
            self.identifying_host(other.hostname).as_ref() == Some(&host)
                && alike(machine.ip, other.ip)
                && alike(machine.hardware_id, other.hardware_id)
        });
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(GroupId(only)),
            // Of two machines of one name neither is known to be it.
            (_, _) => None,
        }
    }
}
