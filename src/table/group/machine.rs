//! Machines that leaks came from: each description whole, once, and the endpoint that it is one of.

use super::{GroupId, set_mapped};
use crate::{
    entity::{
        case_fold::case_fold,
        host,
        placeholder::{self, is_identifying},
    },
    table::{Table, growth::push, interner::NO_VALUE},
};
use std::{
    borrow::Cow,
    hash::{BuildHasher, Hash, Hasher},
    net::IpAddr,
};

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
    hostname: NO_VALUE,
    ip: NO_VALUE,
    os: NO_VALUE,
    hardware_id: NO_VALUE,
    malware_path: NO_VALUE,
    country: NO_VALUE,
};

/// What an endpoint is known by, in the form in which that is compared.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(in crate::table) enum EndpointId<'t> {
    Hardware(Cow<'t, [u8]>),
    /// The host name and the address together. Neither says enough by itself: machines of one name are many, and so are
    /// those behind one address.
    HostAndAddress(Cow<'t, [u8]>, IpAddr),
    /// A machine that a provider lists and tells no name of: by profile, by the number of its id among the names.
    Listed(u16, u32),
}

impl EndpointId<'_> {
    /// The id of a hardware id, if that says which machine it is.
    pub(in crate::table) fn from_hardware_id(id: &[u8]) -> Option<EndpointId<'_>> {
        is_identifying(id).then(|| {
            let id = id.trim_ascii();
            let inner = id.strip_prefix(b"{").and_then(|id| id.strip_suffix(b"}"));
            EndpointId::Hardware(case_fold(inner.unwrap_or(id)))
        })
    }

    /// The id of a host name and an address, if both say something.
    pub(in crate::table) fn from_host_and_address<'t>(
        hostname: &'t [u8],
        ip: &[u8],
    ) -> Option<EndpointId<'t>> {
        let address = placeholder::parse_public_address(ip)?;
        is_identifying(hostname)
            .then(|| EndpointId::HostAndAddress(host::normalize(hostname), address))
    }

    fn to_stored(&self) -> StoredEndpointId {
        match *self {
            Self::Hardware(_) | Self::HostAndAddress(..) => StoredEndpointId::Derived,
            Self::Listed(profile, id) => StoredEndpointId::Listed(profile, id),
        }
    }
}

/// What is kept of an endpoint's id: that of a machine can be told from the machine.
#[derive(Clone, Copy, Debug)]
enum StoredEndpointId {
    Derived,
    Listed(u16, u32),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    id: StoredEndpointId,
    /// The machine that it is described by: the same whatever the order in which they came.
    pub(super) machine: u32,
    /// Whether a leak came from it.
    pub(super) seen_in_leaks: bool,
}

/// Where an endpoint is looked for, and what was found there.
#[derive(Clone, Copy)]
struct EndpointLookup {
    hash: u64,
    known: Option<u32>,
    id: StoredEndpointId,
}

impl Table {
    pub(in crate::table) fn intern_machine(&mut self, machine: Machine) -> u32 {
        self.intern_machines(&[machine]).pop().unwrap_or(NO_VALUE)
    }

    /// The numbers of machines, in steps over all of them: see [`crate::table::interner::Interner::intern_all`].
    pub(in crate::table) fn intern_machines(&mut self, machines: &[Machine]) -> Vec<u32> {
        let groups = &self.groups;
        let hashes: Vec<u64> = machines
            .iter()
            .map(|machine| groups.hasher.hash_one(machine))
            .collect();
        let likely = groups.machine_index.first_candidates(&hashes);
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
            return NO_VALUE;
        }
        let groups = &mut self.groups;
        let same = |at: u32| groups.machines[at as usize] == machine;
        if let Some(known) = groups.machine_index.find(hash, same) {
            return known;
        }
        let number = groups.machines.len() as u32;
        push(&mut groups.machines, machine);
        groups.machine_index.insert(hash, number);
        let place = self
            .endpoint_id(&machine)
            .map(|id| self.look_up_endpoint(&id));
        if let Some(place) = place {
            let endpoint = self.intern_endpoint(place, number);
            set_mapped(&mut self.groups.endpoint_by_machine, number, endpoint.0);
        }
        number
    }

    /// What says which machine it is: the hardware id, else host name and address together. Placeholders and addresses
    /// that are everywhere say nothing.
    pub(in crate::table) fn endpoint_id(&self, machine: &Machine) -> Option<EndpointId<'_>> {
        let hardware = self.machine_texts.get(machine.hardware_id);
        hardware.and_then(EndpointId::from_hardware_id).or_else(|| {
            let ip = self.machine_texts.get(machine.ip)?;
            EndpointId::from_host_and_address(self.hostnames.get(machine.hostname)?, ip)
        })
    }

    /// The endpoint of an id, if it is known.
    pub(in crate::table) fn endpoint_by_id(&self, id: &EndpointId<'_>) -> Option<u32> {
        self.look_up_endpoint(id).known
    }

    fn look_up_endpoint(&self, id: &EndpointId<'_>) -> EndpointLookup {
        let groups = &self.groups;
        let hash = groups.hasher.hash_one(id);
        let same = |at: u32| {
            let endpoint = &groups.endpoints[at as usize];
            match endpoint.id {
                StoredEndpointId::Listed(profile, known) => {
                    *id == EndpointId::Listed(profile, known)
                }
                // All machines of an endpoint have the same one.
                StoredEndpointId::Derived => groups
                    .machine(endpoint.machine)
                    .and_then(|machine| self.endpoint_id(machine))
                    .is_some_and(|known| known == *id),
            }
        };
        EndpointLookup {
            hash,
            known: groups.endpoint_index.find(hash, same),
            id: id.to_stored(),
        }
    }

    /// The endpoint of a machine that a provider lists and that has no id but the provider's.
    pub(in crate::table) fn intern_listed_endpoint(&mut self, profile: u16, id: u32) -> GroupId {
        let place = self.look_up_endpoint(&EndpointId::Listed(profile, id));
        self.intern_endpoint(place, NO_VALUE)
    }

    /// The provider's id of an endpoint that has no other, by its number among the names.
    pub(super) fn listed_endpoint_id(&self, endpoint: u32) -> Option<u32> {
        match self.groups.endpoints[endpoint as usize].id {
            StoredEndpointId::Listed(_, id) => Some(id),
            StoredEndpointId::Derived => None,
        }
    }

    /// The endpoint of a place, made if it is new, and described by a machine's number where that does it better.
    fn intern_endpoint(&mut self, place: EndpointLookup, machine: u32) -> GroupId {
        if let Some(known) = place.known {
            let current = self.groups.endpoints[known as usize].machine;
            if self.is_better_description(machine, current) {
                self.groups.endpoints[known as usize].machine = machine;
                self.note_description(known, current);
            }
            return GroupId(known);
        }
        let groups = &mut self.groups;
        let number = groups.endpoints.len() as u32;
        let endpoint = Endpoint {
            id: place.id,
            machine,
            seen_in_leaks: false,
        };
        push(&mut groups.endpoints, endpoint);
        groups.endpoint_index.insert(place.hash, number);
        GroupId(number)
    }

    /// Of two descriptions of one machine the one with a host name, else the first by their texts.
    fn is_better_description(&self, one: u32, two: u32) -> bool {
        let texts = |number: u32| {
            let machine = self.groups.machine(number).unwrap_or(&NO_MACHINE);
            let host = self.hostnames.get(machine.hostname);
            (
                host.is_none_or(placeholder::is_placeholder),
                host,
                self.machine_texts.get(machine.ip),
                self.machine_texts.get(machine.os),
                self.machine_texts.get(machine.malware_path),
                self.countries.get(machine.country),
                self.machine_texts.get(machine.hardware_id),
            )
        };
        texts(one) < texts(two)
    }
}
