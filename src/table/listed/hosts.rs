//! Machines that leaks came from, by their host names without case: made when the first list of machines is read, kept
//! up while leaks come, and given back when the last list is there.

use super::ListedEntities;
use crate::{
    entity::placeholder::is_identifying,
    table::{
        GroupId, GroupKind, Table, group::Machine, growth::fill, hash::HashKeys, interner::NO_VALUE,
    },
};
use std::borrow::Cow;

/// Machines in chains by the hash of their host name.
#[derive(Clone, Debug, Default)]
pub(in crate::table) struct Hosts {
    /// By part of the hash, the first machine of the chain.
    first: Vec<u32>,
    /// By machine, the next one of its chain.
    next: Vec<u32>,
    hasher: HashKeys,
}

impl Hosts {
    fn with_capacity(machines: usize) -> Self {
        Self {
            first: vec![NO_VALUE; machines.max(1024).next_power_of_two()],
            next: vec![NO_VALUE; machines],
            hasher: HashKeys::default(),
        }
    }

    fn chain(&self, host: &[u8]) -> Option<usize> {
        let mask = self.first.len().checked_sub(1)?;
        Some(self.hasher.hash_text(host) as usize & mask)
    }

    fn insert(&mut self, host: &[u8], machine: u32) {
        let Some(chain) = self.chain(host) else {
            return;
        };
        if self.next.len() <= machine as usize {
            fill(&mut self.next, machine as usize + 1, NO_VALUE);
        }
        self.next[machine as usize] = self.first[chain];
        self.first[chain] = machine;
    }

    fn remove(&mut self, host: &[u8], machine: u32) {
        let Some(chain) = self.chain(host) else {
            return;
        };
        let after = self.next.get(machine as usize).copied().unwrap_or(NO_VALUE);
        if self.first[chain] == machine {
            self.first[chain] = after;
            return;
        }
        let mut at = self.first[chain];
        while at != NO_VALUE {
            let next = self.next[at as usize];
            if next == machine {
                self.next[at as usize] = after;
                return;
            }
            at = next;
        }
    }

    /// Machines that may have a host name, in lower case.
    pub(in crate::table) fn candidates(&self, host: &[u8]) -> impl Iterator<Item = u32> {
        let known = |at: u32| (at != NO_VALUE).then_some(at);
        let first = self.chain(host).map(|chain| self.first[chain]);
        std::iter::successors(first.and_then(known), move |at| {
            known(self.next[*at as usize])
        })
    }
}

impl Table {
    /// The machines of the leaks by their host names, where they are wanted: those that are kept while lists are read,
    /// or made anew. What is taken is given back to [`Table::keep_hosts`].
    pub(super) fn leak_hosts(&mut self, wanted: bool) -> Hosts {
        if !wanted {
            return self.listed_entities.hosts.take().unwrap_or_default();
        }
        match self.listed_entities.hosts.take() {
            Some(hosts) if !hosts.first.is_empty() => hosts,
            _ => self.build_hosts(),
        }
    }

    fn build_hosts(&self) -> Hosts {
        let machines = self.group_count(GroupKind::Endpoint);
        let mut hosts = Hosts::with_capacity(machines);
        for machine in 0..machines as u32 {
            if self.groups.is_seen_in_leaks(machine) {
                self.insert_host(&mut hosts, machine);
            }
        }
        hosts
    }

    fn insert_host(&self, hosts: &mut Hosts, machine: u32) {
        let hostname = self.endpoint_machine(GroupId(machine)).hostname;
        if let Some(host) = self.identifying_host(hostname) {
            hosts.insert(&host, machine);
        }
    }

    /// A host name in lower case, by its number, if it says which machine it is.
    pub(super) fn identifying_host(&self, hostname: u32) -> Option<Cow<'_, [u8]>> {
        (hostname != NO_VALUE)
            .then(|| self.hostnames.folded(hostname))
            .filter(|host| is_identifying(host))
    }

    /// Keeps them while lists of machines are read.
    pub(super) fn keep_hosts(&mut self, hosts: Hosts) {
        let natives: &mut ListedEntities = &mut self.listed_entities;
        if !natives.reading_slots.is_empty() && !hosts.first.is_empty() {
            natives.hosts = Some(hosts);
        }
    }

    /// Notes machines that leaks came from, and that none had come from before.
    pub(in crate::table) fn note_hosts(&mut self, machines: &[u32]) {
        if machines.is_empty() {
            return;
        }
        if let Some(mut hosts) = self.listed_entities.hosts.take() {
            for &machine in machines {
                self.insert_host(&mut hosts, machine);
            }
            self.listed_entities.hosts = Some(hosts);
        }
    }

    /// Notes that a machine is described by another description.
    pub(in crate::table) fn note_description(&mut self, endpoint: u32, before: u32) {
        if !self.groups.is_seen_in_leaks(endpoint) {
            return;
        }
        if let Some(mut hosts) = self.listed_entities.hosts.take() {
            let before = self
                .groups
                .machine(before)
                .map_or(NO_VALUE, |it: &Machine| it.hostname);
            if let Some(host) = self.identifying_host(before) {
                hosts.remove(&host, endpoint);
            }
            self.insert_host(&mut hosts, endpoint);
            self.listed_entities.hosts = Some(hosts);
        }
    }
}
