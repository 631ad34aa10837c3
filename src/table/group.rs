//! What leaks belong to: domains, users, machines, resources, breaches, credentials, profiles, providers, countries. A
//! group is made with the first text that leads to it, so a row finds its group through a number that it has anyway.

mod key;
mod machine;
mod name;
mod owners;
mod rows;

pub(super) use machine::{EndpointId, Machine};

use super::{
    ProfileSlot, RowId, Table,
    growth::{fill, push, reserve_mapped},
    hash::HashKeys,
    index::Index,
    interner::NO_VALUE,
    resource,
};
use crate::entity::{
    host,
    login::{display_login, normalized_login},
    placeholder::{is_identifying, is_placeholder},
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
const KIND_COUNT: usize = 10;

/// A group's number within its kind, the same for the whole session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct GroupId(pub u32);

#[derive(Clone, Copy, Debug)]
struct UserGroup {
    /// What to call it: of the forms that came, without letter case and edge blanks, the first by its letters. A
    /// number among the logins.
    display_login: u32,
    /// The login as it came first; [`NO_VALUE`] where nothing but a provider's id tells it from others.
    first_login: u32,
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
    endpoint_by_machine: Vec<u32>,
    endpoints: Vec<Endpoint>,
    endpoint_index: Index,
    /// By login.
    user_by_login: Vec<u32>,
    users: Vec<UserGroup>,
    /// By URL.
    resource_by_url: Vec<u32>,
    /// A resource's host, a number among the names, and the first URL that led to it.
    resources: Vec<(u32, u32)>,
    /// By name.
    resource_by_host: Vec<u32>,
    /// By domain text.
    domain_by_text: Vec<u32>,
    domains: Vec<Filed>,
    /// By slot: the domain texts that the profile has.
    domains_of_slot: Vec<FixedBitSet>,
    /// By slot: the domains that the profile watches.
    watched: Vec<Vec<GroupId>>,
    /// By kind, by group: the first profile that has it.
    owners: [Vec<u16>; KIND_COUNT],
    hasher: HashKeys,
}

impl Groups {
    /// Makes room for very many of what there is already.
    pub(super) fn reserve_mapped(&mut self) {
        reserve_mapped(&mut self.machines);
        reserve_mapped(&mut self.endpoint_by_machine);
        reserve_mapped(&mut self.endpoints);
        reserve_mapped(&mut self.user_by_login);
        reserve_mapped(&mut self.users);
        for owners in self.owners.iter_mut().filter(|owners| !owners.is_empty()) {
            reserve_mapped(owners);
        }
    }

    pub(super) fn machine(&self, number: u32) -> Option<&Machine> {
        self.machines.get(number as usize)
    }

    pub(super) fn machines(&self) -> &[Machine] {
        &self.machines
    }

    fn add_owner(&mut self, kind: GroupKind, group: Option<GroupId>, slot: ProfileSlot) {
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
    pub(super) fn is_seen_in_leaks(&self, endpoint: u32) -> bool {
        self.endpoints[endpoint as usize].seen_in_leaks
    }
}

/// A number's entry in a map by number, if it has one.
fn mapped_group(map: &[u32], number: u32) -> Option<GroupId> {
    let group = *map.get(number as usize)?;
    (group != NO_VALUE).then_some(GroupId(group))
}

fn set_mapped(map: &mut Vec<u32>, number: u32, group: u32) {
    if map.len() <= number as usize {
        fill(map, number as usize + 1, NO_VALUE);
    }
    map[number as usize] = group;
}

impl Table {
    pub(super) fn intern_login(&mut self, text: Option<&[u8]>) -> u32 {
        let Some(text) = text else {
            return NO_VALUE;
        };
        let login = self.logins.intern(text);
        self.intern_user(login, text);
        login
    }

    /// The numbers of logins.
    pub(super) fn intern_logins(&mut self, texts: &[&[u8]]) -> Vec<u32> {
        let logins = self.logins.intern_all(texts);
        for (login, text) in logins.iter().zip(texts) {
            self.intern_user(*login, text);
        }
        logins
    }

    /// Finds the user of a login, who is new where nobody is called so.
    fn intern_user(&mut self, login: u32, text: &[u8]) {
        // The compared form itself may be known as such and not yet as a login, which makes no difference.
        if mapped_group(&self.groups.user_by_login, login).is_some() || !is_identifying(text) {
            return;
        }
        let (compared, shown) = (normalized_login(text), display_login(text));
        let mut number = |form: &[u8]| {
            if *form == *text {
                login
            } else {
                self.logins.intern(form)
            }
        };
        let (compared, shown) = (number(&compared), number(&shown));
        let user = match mapped_group(&self.groups.user_by_login, compared) {
            Some(user) => {
                let known = self.groups.users[user.0 as usize].display_login;
                if known != shown && self.logins.get(shown) < self.logins.get(known) {
                    self.groups.users[user.0 as usize].display_login = shown;
                }
                user
            }
            None => self.new_user(UserGroup {
                display_login: shown,
                first_login: login,
            }),
        };
        for number in [compared, shown, login] {
            set_mapped(&mut self.groups.user_by_login, number, user.0);
        }
    }

    fn new_user(&mut self, user: UserGroup) -> GroupId {
        push(&mut self.groups.users, user);
        GroupId((self.groups.users.len() - 1) as u32)
    }

    /// A user whom a provider lists with an id of its own and whose login says nothing: no other is the same.
    pub(super) fn add_lone_user(&mut self, login: u32) -> GroupId {
        self.new_user(UserGroup {
            display_login: login,
            first_login: NO_VALUE,
        })
    }

    /// Whether nothing but a provider's id tells a user from others.
    pub(super) fn is_lone(&self, user: GroupId) -> bool {
        let user = self.groups.users.get(user.0 as usize);
        user.is_some_and(|user| user.first_login == NO_VALUE)
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
                self.intern_url_resource(*url, text);
            }
        }
        urls
    }

    fn intern_url_resource(&mut self, url: u32, text: &[u8]) {
        // `N/A` has a host, and is none.
        let named = !is_placeholder(text);
        let host = host::url_host(text).filter(|host| named && resource::is_public_host(host));
        if let Some(host) = host {
            let resource = self.intern_host_resource(host, url);
            set_mapped(&mut self.groups.resource_by_url, url, resource.0);
        }
    }

    /// The resource of a host, made if it is new. A URL that leads to it is kept where none was known.
    pub(super) fn intern_host_resource(&mut self, host: &[u8], url: u32) -> GroupId {
        let (normal, shown) = (host::normalize(host), host::display_form(host));
        let number = self.names.intern(&normal);
        let shown = if *shown == *normal {
            number
        } else {
            self.names.intern(&shown)
        };
        let known = mapped_group(&self.groups.resource_by_host, number);
        let resource = known.unwrap_or_else(|| {
            self.groups.resources.push((shown, NO_VALUE));
            GroupId((self.groups.resources.len() - 1) as u32)
        });
        let (name, first) = self.groups.resources[resource.0 as usize];
        if name != shown && self.names.get(shown) < self.names.get(name) {
            self.groups.resources[resource.0 as usize].0 = shown;
        }
        if first == NO_VALUE {
            self.groups.resources[resource.0 as usize].1 = url;
        }
        set_mapped(&mut self.groups.resource_by_host, number, resource.0);
        resource
    }

    /// The group of a row, if it has what it takes.
    pub fn group(&self, row: RowId, kind: GroupKind) -> Option<GroupId> {
        let groups = &self.groups;
        match kind {
            GroupKind::Domain => mapped_group(&groups.domain_by_text, self.columns.domain(row)),
            GroupKind::User => mapped_group(&groups.user_by_login, self.columns.login(row)),
            GroupKind::Endpoint => {
                mapped_group(&groups.endpoint_by_machine, self.columns.machine(row))
            }
            GroupKind::Resource => mapped_group(&groups.resource_by_url, self.columns.url(row)),
            GroupKind::Breach => {
                let breach = self.columns.breach(row);
                let named = self.breaches.names.is_informative(breach);
                named.then_some(GroupId(breach))
            }
            GroupKind::Credential => {
                let credential = self.columns.credential(row);
                (credential != NO_VALUE).then_some(GroupId(credential))
            }
            GroupKind::Profile => Some(GroupId(u32::from(self.slot(row).0))),
            GroupKind::Source => {
                let number = self.providers[self.slot(row).0 as usize];
                Some(GroupId(u32::from(number)))
            }
            GroupKind::Country => self.machine_country(self.columns.machine(row)),
            GroupKind::Paste => None,
        }
    }

    fn machine_country(&self, machine: u32) -> Option<GroupId> {
        let country = self.groups.machine(machine)?.country;
        self.countries
            .is_informative(country)
            .then_some(GroupId(country))
    }

    /// A profile of the provider of a number.
    pub(super) fn source_slot(&self, source: GroupId) -> Option<ProfileSlot> {
        let mut numbers = self.providers.iter();
        let at = numbers.position(|number| u32::from(*number) == source.0)?;
        Some(ProfileSlot(at as u16))
    }

    /// The group of a text's number: of a domain, a login, a machine or a URL.
    pub(super) fn group_by_number(&self, kind: GroupKind, number: u32) -> Option<GroupId> {
        match kind {
            // These have no text of their own.
            GroupKind::Breach
            | GroupKind::Credential
            | GroupKind::Profile
            | GroupKind::Source
            | GroupKind::Paste => None,
            GroupKind::Country => self.machine_country(number),
            GroupKind::Domain => mapped_group(&self.groups.domain_by_text, number),
            GroupKind::User => mapped_group(&self.groups.user_by_login, number),
            GroupKind::Endpoint => mapped_group(&self.groups.endpoint_by_machine, number),
            GroupKind::Resource => mapped_group(&self.groups.resource_by_url, number),
        }
    }

    /// How many groups of a kind there have been.
    pub fn group_count(&self, kind: GroupKind) -> usize {
        match kind {
            GroupKind::Domain => self.groups.domains.len(),
            GroupKind::User => self.groups.users.len(),
            GroupKind::Endpoint => self.groups.endpoints.len(),
            GroupKind::Resource => self.groups.resources.len(),
            GroupKind::Breach => self.breaches.names.len(),
            GroupKind::Credential => self.credentials.len(),
            GroupKind::Profile => self.profiles.len(),
            GroupKind::Paste => self.listed_entities.pastes.len(),
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
    pub(super) fn owner(&self, kind: GroupKind, group: GroupId) -> ProfileSlot {
        match kind {
            GroupKind::Profile => ProfileSlot(group.0 as u16),
            GroupKind::Source => self.source_slot(group).unwrap_or(ProfileSlot(0)),
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
                ProfileSlot(owner.copied().filter(|slot| *slot != u16::MAX).unwrap_or(0))
            }
        }
    }
}
