//! Which group a listed user or connection belongs to.

use crate::{
    entity::{
        connection::{Connection, Form, ResourceType},
        host,
        placeholder::{identifies, is_placeholder},
        user::User,
    },
    filter::fold,
    table::{GroupId, GroupKind, Slot, Table, group::Machine, strings::NONE},
};
use std::collections::HashMap;

/// Machines that leaks came from, by their host name in lower case.
pub(super) type Hosts = HashMap<Vec<u8>, Vec<u32>>;

fn is_blank(text: &[u8]) -> bool {
    text.trim_ascii().is_empty()
}

/// The host that a listed resource stands for.
fn host(connection: &Connection) -> Option<Vec<u8>> {
    let name = connection.name.as_bytes().trim_ascii();
    if is_blank(name) {
        return None;
    }
    let address =
        connection.resource_type == Some(ResourceType::Ip) || host::address(name).is_some();
    let host = if address { None } else { host::of_url(name) };
    Some(host.unwrap_or(name).to_vec())
}

impl Table {
    pub(super) fn place_user(&mut self, slot: Slot, user: &User) -> Option<GroupId> {
        let login = self.intern_login(Some(user.login.as_bytes()));
        let group = match self.group_of(GroupKind::User, login) {
            Some(group) => group,
            None if is_blank(user.login.as_bytes()) => return None,
            // Another reading of the same id is the same one.
            None => {
                let known = self.find_native(&user.key).map(|native| native.group);
                let known = known.filter(|group| self.is_lone(*group));
                known.unwrap_or_else(|| self.lone_user(login))
            }
        };
        self.own_group(GroupKind::User, group, slot);
        Some(group)
    }

    pub(super) fn place_connection(
        &mut self,
        slot: Slot,
        connection: &Connection,
        hosts: &Hosts,
    ) -> Option<GroupId> {
        let group = match connection.form {
            Form::Endpoint => self.place_endpoint(slot, connection, hosts),
            Form::Resource => self.resource_of_host(&host(connection)?, NONE),
            Form::Breach => {
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
            Form::Paste => {
                let name = match &connection.paste {
                    Some(paste) => [paste.source.as_bytes(), b" ", paste.id.as_bytes()].concat(),
                    None => connection.name.as_bytes().to_vec(),
                };
                if is_blank(&name) {
                    return None;
                }
                GroupId(self.natives.pastes.intern(&name))
            }
        };
        self.own_group(super::kind_of(connection.form), group, slot);
        Some(group)
    }

    /// The machine that a leak came from, where it is one and the same; else one of its own.
    fn place_endpoint(&mut self, slot: Slot, connection: &Connection, hosts: &Hosts) -> GroupId {
        let device = connection.device.clone().unwrap_or_default();
        let bytes = |text: &Option<crate::entity::text::Text>| {
            text.as_ref().map(|text| text.as_bytes().to_vec())
        };
        let machine = Machine {
            hostname: self
                .hostnames
                .intern_some(bytes(&device.hostname).as_deref()),
            ip: self.machine_texts.intern_some(bytes(&device.ip).as_deref()),
            os: self.machine_texts.intern_some(bytes(&device.os).as_deref()),
            hardware_id: self
                .machine_texts
                .intern_some(bytes(&device.hardware_id).as_deref()),
            malware_path: self
                .machine_texts
                .intern_some(bytes(&device.malware_path).as_deref()),
            country: self
                .countries
                .intern_some(bytes(&connection.country).as_deref()),
        };
        if let Some(known) = self.endpoint_of_leaks(&machine, hosts) {
            return known;
        }
        if self.endpoint_id(&machine).is_some() {
            let number = self.intern_machine(machine);
            if let Some(group) = self.group_of(GroupKind::Endpoint, number) {
                return group;
            }
        }
        let id = self.names.intern(connection.key.id.as_bytes());
        self.listed_endpoint(slot.0, id)
    }

    /// The one machine of the leaks that has the id, or else the host name and nothing that speaks against it.
    fn endpoint_of_leaks(&self, machine: &Machine, hosts: &Hosts) -> Option<GroupId> {
        if let Some(id) = self.endpoint_id(machine)
            && let Some(known) = self.endpoint_with(&id)
            && self.groups.is_of_leaks(known)
        {
            return Some(GroupId(known));
        }
        let name = self.hostnames.get(machine.hostname)?;
        if !identifies(name) {
            return None;
        }
        let candidates = hosts.get(&*self.hostnames.folded(machine.hostname))?;
        // What says nothing speaks against nothing.
        let alike = |one: u32, two: u32| {
            let telling = |number| {
                self.machine_texts
                    .get(number)
                    .filter(|text| identifies(text))
            };
            match (telling(one), telling(two)) {
                (Some(one), Some(two)) => match (host::address(one), host::address(two)) {
                    (Some(one), Some(two)) => one == two,
                    (_, _) => fold(one) == fold(two),
                },
                (_, _) => true,
            }
        };
        let mut fitting = candidates.iter().filter(|&&endpoint| {
            let other = self.endpoint_machine(GroupId(endpoint));
            alike(machine.ip, other.ip) && alike(machine.hardware_id, other.hardware_id)
        });
        match (fitting.next(), fitting.next()) {
            (Some(&only), None) => Some(GroupId(only)),
            // Of two machines of one name neither is known to be it.
            (_, _) => None,
        }
    }

    /// The machines of the leaks that have a host name of these connections.
    pub(super) fn hosts_of_leaks<'c>(
        &self,
        connections: impl Iterator<Item = &'c Connection>,
    ) -> Hosts {
        let names = connections.filter_map(|connection| {
            let name = connection.device.as_ref()?.hostname.as_ref()?;
            (!is_placeholder(name.as_bytes())).then(|| fold(name.as_bytes()).into_owned())
        });
        let mut hosts: Hosts = names.map(|name| (name, Vec::new())).collect();
        if hosts.is_empty() {
            return hosts;
        }
        for endpoint in 0..self.groups(GroupKind::Endpoint) as u32 {
            let hostname = self.endpoint_machine(GroupId(endpoint)).hostname;
            if self.groups.is_of_leaks(endpoint)
                && hostname != NONE
                && let Some(endpoints) = hosts.get_mut(&*self.hostnames.folded(hostname))
            {
                endpoints.push(endpoint);
            }
        }
        hosts
    }
}
