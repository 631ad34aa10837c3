//! What leaks belong to: domains, users, machines, resources, breaches, credentials, profiles, providers, countries. A
//! group is made with the first text that leads to it, so a row finds its group through a number that it has anyway.

mod key;
mod machine;
mod name;
mod owners;
mod rows;

pub(super) use machine::{EndpointId, Machine};

use super::{
    Handle, Slot, Table,
    growth::{fill, push, set_apart},
    hash::Keys,
    index::Index,
    resource,
    strings::NONE,
};
use crate::entity::{
    host,
    login::{compared_login, shown_login},
    placeholder::{identifies, is_placeholder},
};
use fixedbitset::FixedBitSet;
use machine::{Endpoint, NO_MACHINE};

/// What leaks are grouped by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, strum::EnumIter)]
pub enum GroupKind {
    /// The domain that they are filed under, by its name without case: one over all profiles.
    Domain,
    /// The login, compared without case and edge blanks.
    User,
    /// The infected machine: its hardware id, else its host name and address together. Placeholders, and addresses
    /// that are everywhere, are no identity.
    Endpoint,
    /// The host of the URL.
    Resource,
    /// The breach that they are from.
    Breach,
    /// Login and secret together, where the secret came in clear: one fingerprint.
    Credential,
    /// The profile that they were read from; the number of the group is the number of the slot.
    Profile,
    /// A paste. Providers list them; no leak says that it is from one.
    Paste,
    /// The provider that they were read from, by however many profiles.
    Source,
    /// The country of the machine, as it came.
    Country,
}

/// How many kinds there are.
const KINDS: usize = 10;

/// A group's number within its kind, the same for the whole session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct GroupId(pub u32);

#[derive(Clone, Copy, Debug)]
struct User {
    /// What to call it: of the forms that came, without letter case and edge blanks, the first by its letters. A
    /// number among the logins.
    shown: u32,
    /// The login as it came first; [`NONE`] where nothing but a provider's id tells it from others.
    first: u32,
}

/// A domain that leaks are filed under or a profile watches: numbers among the domain texts.
#[derive(Clone, Copy, Debug)]
struct Filed {
    /// Its name without case and final dot.
    normal: u32,
    /// What to call it: of the spellings that came, the first by its letters.
    shown: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    machines: Vec<Machine>,
    machine_index: Index,
    /// By machine.
    endpoint_of: Vec<u32>,
    endpoints: Vec<Endpoint>,
    endpoint_index: Index,
    /// By login.
    user_of: Vec<u32>,
    users: Vec<User>,
    /// By URL.
    resource_of: Vec<u32>,
    /// A resource's host, a number among the names, and the first URL that led to it.
    resources: Vec<(u32, u32)>,
    /// By name.
    resource_of_host: Vec<u32>,
    /// By domain text.
    domain_of: Vec<u32>,
    domains: Vec<Filed>,
    /// By slot: the domain texts that the profile has.
    domains_of_slot: Vec<FixedBitSet>,
    /// By slot: the domains that the profile watches.
    watched: Vec<Vec<GroupId>>,
    /// By kind, by group: the first profile that has it.
    owners: [Vec<u16>; KINDS],
    hasher: Keys,
}

impl Groups {
    /// Makes room for very many of what there is already.
    pub(super) fn set_apart(&mut self) {
        set_apart(&mut self.machines);
        set_apart(&mut self.endpoint_of);
        set_apart(&mut self.endpoints);
        set_apart(&mut self.user_of);
        set_apart(&mut self.users);
        for owners in self.owners.iter_mut().filter(|owners| !owners.is_empty()) {
            set_apart(owners);
        }
    }

    pub(super) fn machine(&self, number: u32) -> Option<&Machine> {
        self.machines.get(number as usize)
    }

    pub(super) fn machines(&self) -> &[Machine] {
        &self.machines
    }

    fn own(&mut self, kind: GroupKind, group: Option<GroupId>, slot: Slot) {
        if let Some(GroupId(at)) = group {
            let owners = &mut self.owners[kind as usize];
            if owners.len() <= at as usize {
                fill(owners, at as usize + 1, u16::MAX);
            }
            let owner = &mut owners[at as usize];
            *owner = slot.0.min(*owner);
        }
    }

    /// Whether a leak came from an endpoint.
    pub(super) fn is_of_leaks(&self, endpoint: u32) -> bool {
        self.endpoints[endpoint as usize].of_leaks
    }
}

/// A number's entry in a map by number, if it has one.
fn mapped(map: &[u32], number: u32) -> Option<GroupId> {
    let group = *map.get(number as usize)?;
    (group != NONE).then_some(GroupId(group))
}

fn set(map: &mut Vec<u32>, number: u32, group: u32) {
    if map.len() <= number as usize {
        fill(map, number as usize + 1, NONE);
    }
    map[number as usize] = group;
}

impl Table {
    pub(super) fn intern_login(&mut self, text: Option<&[u8]>) -> u32 {
        let Some(text) = text else {
            return NONE;
        };
        let login = self.logins.intern(text);
        self.name_user(login, text);
        login
    }

    /// The numbers of logins.
    pub(super) fn intern_logins(&mut self, texts: &[&[u8]]) -> Vec<u32> {
        let logins = self.logins.intern_all(texts);
        for (login, text) in logins.iter().zip(texts) {
            self.name_user(*login, text);
        }
        logins
    }

    /// Finds the user of a login, who is new where nobody is called so.
    fn name_user(&mut self, login: u32, text: &[u8]) {
        // The compared form itself may be known as such and not yet as a login, which makes no difference.
        if mapped(&self.groups.user_of, login).is_some() || !identifies(text) {
            return;
        }
        let (compared, shown) = (compared_login(text), shown_login(text));
        let mut number = |form: &[u8]| {
            if *form == *text {
                login
            } else {
                self.logins.intern(form)
            }
        };
        let (compared, shown) = (number(&compared), number(&shown));
        let user = match mapped(&self.groups.user_of, compared) {
            Some(user) => {
                let known = self.groups.users[user.0 as usize].shown;
                if known != shown && self.logins.get(shown) < self.logins.get(known) {
                    self.groups.users[user.0 as usize].shown = shown;
                }
                user
            }
            None => self.new_user(User {
                shown,
                first: login,
            }),
        };
        for number in [compared, shown, login] {
            set(&mut self.groups.user_of, number, user.0);
        }
    }

    fn new_user(&mut self, user: User) -> GroupId {
        push(&mut self.groups.users, user);
        GroupId((self.groups.users.len() - 1) as u32)
    }

    /// A user whom a provider lists with an id of its own and whose login says nothing: no other is the same.
    pub(super) fn lone_user(&mut self, login: u32) -> GroupId {
        self.new_user(User {
            shown: login,
            first: NONE,
        })
    }

    /// Whether nothing but a provider's id tells a user from others.
    pub(super) fn is_lone(&self, user: GroupId) -> bool {
        let user = self.groups.users.get(user.0 as usize);
        user.is_some_and(|user| user.first == NONE)
    }

    /// The numbers of URLs.
    pub(super) fn intern_urls(&mut self, texts: &[&[u8]]) -> Vec<u32> {
        let known = self.urls.len() as u32;
        let urls = self.urls.intern_all(texts);
        let mut next = known;
        for (url, text) in urls.iter().zip(texts) {
            // New ones have their numbers in the order in which they came.
            if *url == next {
                next += 1;
                self.name_resource(*url, text);
            }
        }
        urls
    }

    fn name_resource(&mut self, url: u32, text: &[u8]) {
        // `N/A` has a host, and is none.
        let named = !is_placeholder(text);
        let host = host::of_url(text).filter(|host| named && resource::is_one_place(host));
        if let Some(host) = host {
            let resource = self.resource_of_host(host, url);
            set(&mut self.groups.resource_of, url, resource.0);
        }
    }

    /// The resource of a host, made if it is new. A URL that leads to it is kept where none was known.
    pub(super) fn resource_of_host(&mut self, host: &[u8], url: u32) -> GroupId {
        let (normal, shown) = (host::normal(host), host::shown(host));
        let number = self.names.intern(&normal);
        let shown = if *shown == *normal {
            number
        } else {
            self.names.intern(&shown)
        };
        let known = mapped(&self.groups.resource_of_host, number);
        let resource = known.unwrap_or_else(|| {
            self.groups.resources.push((shown, NONE));
            GroupId((self.groups.resources.len() - 1) as u32)
        });
        let (name, first) = self.groups.resources[resource.0 as usize];
        if name != shown && self.names.get(shown) < self.names.get(name) {
            self.groups.resources[resource.0 as usize].0 = shown;
        }
        if first == NONE {
            self.groups.resources[resource.0 as usize].1 = url;
        }
        set(&mut self.groups.resource_of_host, number, resource.0);
        resource
    }

    /// The group of a row, if it has what it takes.
    pub fn group(&self, row: Handle, kind: GroupKind) -> Option<GroupId> {
        let groups = &self.groups;
        match kind {
            GroupKind::Domain => mapped(&groups.domain_of, self.columns.domain(row)),
            GroupKind::User => mapped(&groups.user_of, self.columns.login(row)),
            GroupKind::Endpoint => mapped(&groups.endpoint_of, self.columns.machine(row)),
            GroupKind::Resource => mapped(&groups.resource_of, self.columns.url(row)),
            GroupKind::Breach => {
                let breach = self.columns.breach(row);
                let named = self.breaches.names.tells(breach);
                named.then_some(GroupId(breach))
            }
            GroupKind::Credential => {
                let credential = self.columns.credential(row);
                (credential != NONE).then_some(GroupId(credential))
            }
            GroupKind::Profile => Some(GroupId(u32::from(self.slot(row).0))),
            GroupKind::Source => {
                let number = self.providers[self.slot(row).0 as usize];
                Some(GroupId(u32::from(number)))
            }
            GroupKind::Country => self.country_of(self.columns.machine(row)),
            GroupKind::Paste => None,
        }
    }

    fn country_of(&self, machine: u32) -> Option<GroupId> {
        let country = self.groups.machine(machine)?.country;
        self.countries.tells(country).then_some(GroupId(country))
    }

    /// A profile of the provider of a number.
    pub(super) fn slot_of_source(&self, source: GroupId) -> Option<Slot> {
        let mut numbers = self.providers.iter();
        let at = numbers.position(|number| u32::from(*number) == source.0)?;
        Some(Slot(at as u16))
    }

    /// The group of a text's number: of a domain, a login, a machine or a URL.
    pub(super) fn group_of(&self, kind: GroupKind, number: u32) -> Option<GroupId> {
        match kind {
            // These have no text of their own.
            GroupKind::Breach
            | GroupKind::Credential
            | GroupKind::Profile
            | GroupKind::Source
            | GroupKind::Paste => None,
            GroupKind::Country => self.country_of(number),
            GroupKind::Domain => mapped(&self.groups.domain_of, number),
            GroupKind::User => mapped(&self.groups.user_of, number),
            GroupKind::Endpoint => mapped(&self.groups.endpoint_of, number),
            GroupKind::Resource => mapped(&self.groups.resource_of, number),
        }
    }

    /// How many groups of a kind there have been.
    pub fn groups(&self, kind: GroupKind) -> usize {
        match kind {
            GroupKind::Domain => self.groups.domains.len(),
            GroupKind::User => self.groups.users.len(),
            GroupKind::Endpoint => self.groups.endpoints.len(),
            GroupKind::Resource => self.groups.resources.len(),
            GroupKind::Breach => self.breaches.names.len(),
            GroupKind::Credential => self.credentials.len(),
            GroupKind::Profile => self.profiles.len(),
            GroupKind::Paste => self.natives.pastes.len(),
            GroupKind::Source => self
                .providers
                .iter()
                .max()
                .map_or(0, |most| usize::from(*most) + 1),
            GroupKind::Country => self.countries.len(),
        }
    }

    /// The machine that describes an endpoint.
    pub(super) fn endpoint_machine(&self, group: GroupId) -> &Machine {
        let number = self.groups.endpoints[group.0 as usize].machine;
        self.groups.machine(number).unwrap_or(&NO_MACHINE)
    }

    /// The first profile that has a group.
    pub(super) fn owner(&self, kind: GroupKind, group: GroupId) -> Slot {
        match kind {
            GroupKind::Profile => Slot(group.0 as u16),
            GroupKind::Source => self.slot_of_source(group).unwrap_or(Slot(0)),
            GroupKind::Domain
            | GroupKind::User
            | GroupKind::Endpoint
            | GroupKind::Resource
            | GroupKind::Breach
            | GroupKind::Credential
            | GroupKind::Country
            | GroupKind::Paste => {
                let owner = self.groups.owners[kind as usize].get(group.0 as usize);
                // A name that was only ever heard of is nobody's; the first profile stands in.
                Slot(owner.copied().filter(|slot| *slot != u16::MAX).unwrap_or(0))
            }
        }
    }
}
