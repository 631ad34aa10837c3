//! Machines that leaks came from: each description whole, once, and the endpoint that it is one of.

use super::{GroupId, is_blank, set};
use crate::table::{Table, numbers::push, strings::NONE};
use std::hash::{BuildHasher, Hash, Hasher};

/// What leaks tell of the machine that they came from, in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::table) struct Machine {
    pub(in crate::table) hostname: u32,
    pub(in crate::table) ip: u32,
    pub(in crate::table) os: u32,
    pub(in crate::table) hardware_id: u32,
    pub(in crate::table) malware_path: u32,
    pub(in crate::table) country: u32,
}

impl Hash for Machine {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let pair = |one: u32, two: u32| u64::from(one) << 32 | u64::from(two);
        state.write_u64(pair(self.hostname, self.ip));
        state.write_u64(pair(self.hardware_id, self.malware_path));
        state.write_u64(pair(self.os, self.country));
    }
}

pub(super) const NO_MACHINE: Machine = Machine {
    hostname: NONE,
    ip: NONE,
    os: NONE,
    hardware_id: NONE,
    malware_path: NONE,
    country: NONE,
};

/// What an endpoint is known by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::table) enum EndpointId {
    Hardware(u32),
    Named(u32, u32),
    /// A machine that a provider lists and tells no name of: by profile, by the number of its id among the names.
    Listed(u16, u32),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    pub(super) id: EndpointId,
    /// The machine that it is described by: the same whatever the order in which they came.
    pub(super) machine: u32,
    /// Whether a leak came from it.
    pub(super) of_leaks: bool,
}

impl Table {
    pub(in crate::table) fn intern_machine(&mut self, machine: Machine) -> u32 {
        self.intern_machines(&[machine]).pop().unwrap_or(NONE)
    }

    /// The numbers of machines, in steps over all of them: see [`crate::table::strings::Strings::intern_all`].
    pub(in crate::table) fn intern_machines(&mut self, machines: &[Machine]) -> Vec<u32> {
        let groups = &self.groups;
        let hashes: Vec<u64> = machines
            .iter()
            .map(|machine| groups.hasher.hash_one(machine))
            .collect();
        let likely = groups.machine_index.likely(&hashes);
        let same = |number: &u32, machine: &Machine| groups.machines[*number as usize] == *machine;
        let known: Vec<Option<u32>> = likely
            .into_iter()
            .zip(machines)
            .map(|(number, machine)| number.filter(|number| same(number, machine)))
            .collect();
        known
            .into_iter()
            .zip(machines.iter().zip(hashes))
            .map(|(known, (machine, hash))| {
                known.unwrap_or_else(|| self.intern_machine_hashed(*machine, hash))
            })
            .collect()
    }

    fn intern_machine_hashed(&mut self, machine: Machine, hash: u64) -> u32 {
        if machine == NO_MACHINE {
            return NONE;
        }
        let groups = &mut self.groups;
        let same = |at: u32| groups.machines[at as usize] == machine;
        if let Some(known) = groups.machine_index.find(hash, same) {
            return known;
        }
        let number = groups.machines.len() as u32;
        push(&mut groups.machines, machine);
        groups.machine_index.insert(hash, number);
        if let Some(id) = self.endpoint_id(&machine) {
            self.join_endpoint(id, number);
        }
        number
    }

    pub(in crate::table) fn endpoint_id(&self, machine: &Machine) -> Option<EndpointId> {
        let filled = |text: Option<&[u8]>| text.is_some_and(|text| !is_blank(text));
        let hardware = filled(self.machine_texts.get(machine.hardware_id));
        let host = filled(self.hostnames.get(machine.hostname));
        let ip = filled(self.machine_texts.get(machine.ip));
        match (hardware, host || ip) {
            (true, _) => Some(EndpointId::Hardware(machine.hardware_id)),
            (false, true) => Some(EndpointId::Named(
                if host { machine.hostname } else { NONE },
                if ip { machine.ip } else { NONE },
            )),
            (false, false) => None,
        }
    }

    fn join_endpoint(&mut self, id: EndpointId, machine: u32) {
        let endpoint = self.endpoint_by(id, machine);
        set(&mut self.groups.endpoint_of, machine, endpoint.0);
    }

    /// The endpoint of an id, made if it is new, and described by a machine's number where that does it better.
    pub(in crate::table) fn endpoint_by(&mut self, id: EndpointId, machine: u32) -> GroupId {
        if let Some(known) = self.groups.endpoint(id) {
            let current = self.groups.endpoints[known as usize].machine;
            if self.describes_better(machine, current) {
                self.groups.endpoints[known as usize].machine = machine;
                self.note_description(known, current);
            }
            return GroupId(known);
        }
        let groups = &mut self.groups;
        let number = groups.endpoints.len() as u32;
        let endpoint = Endpoint {
            id,
            machine,
            of_leaks: false,
        };
        push(&mut groups.endpoints, endpoint);
        groups
            .endpoint_index
            .insert(groups.hasher.hash_one(id), number);
        GroupId(number)
    }

    /// Of two descriptions of one machine the one with a host name, else the first by their texts.
    fn describes_better(&self, one: u32, two: u32) -> bool {
        let texts = |number: u32| {
            let machine = self.groups.machine(number).unwrap_or(&NO_MACHINE);
            let host = self.hostnames.get(machine.hostname);
            (
                host.is_none_or(is_blank),
                host,
                self.machine_texts.get(machine.ip),
                self.machine_texts.get(machine.os),
                self.machine_texts.get(machine.malware_path),
                self.countries.get(machine.country),
            )
        };
        texts(one) < texts(two)
    }
}
