//! Users and connections that a provider lists itself: each belongs to the group that leaks make, or makes one of its
//! own, and keeps what the provider knows of it.
//!
//! They are kept as the leaks are, for there may be hundreds of thousands: columns of numbers, ids in their shortest
//! form ([`id`]), and for what only a detail shows a record of numbers of interned texts ([`record`]). A [`Native`] is a
//! place in them; what it is, is put together when somebody asks.

mod hosts;
mod id;
mod listing;
mod place;
mod read;
mod record;
mod write;

use super::{
    GroupId, GroupKind, Slot, Table,
    growth::{fill, push},
    hash::Keys,
    index::Index,
    numbers::Numbers,
    strings::{Arena, NONE, Strings},
};
use crate::entity::{
    connection::{Connection, Form},
    key::{EntityKey, Kind, RemoteId},
    user::User,
};
use hosts::Hosts;
use std::{borrow::Cow, collections::HashMap, hash::BuildHasher, hash::Hasher as _};

/// The kinds of group that a provider may list itself.
pub const NATIVE_KINDS: [GroupKind; 5] = [
    GroupKind::User,
    GroupKind::Endpoint,
    GroupKind::Resource,
    GroupKind::Breach,
    GroupKind::Paste,
];

/// How many kinds there are.
const KINDS: usize = NATIVE_KINDS.len();

/// The place of a kind among [`NATIVE_KINDS`].
fn place_of(kind: GroupKind) -> Option<usize> {
    NATIVE_KINDS.iter().position(|other| *other == kind)
}

/// A user or a connection that a provider lists itself, and where it belongs. Its key has the provider's own id, with
/// which related things are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Native<'t> {
    /// Its profile.
    pub slot: Slot,
    /// The kind of its group.
    pub kind: GroupKind,
    /// Its group.
    pub group: GroupId,
    table: &'t Table,
    at: u32,
}

impl<'t> Native<'t> {
    /// Its key: the profile's name and the provider's own id.
    pub fn key(&self) -> EntityKey {
        let kind = match self.kind {
            GroupKind::User => Kind::User,
            _ => Kind::Connection,
        };
        EntityKey {
            profile: self.table.profiles[self.slot.0 as usize].0.clone(),
            kind,
            id: RemoteId::from(&*self.id()),
        }
    }

    fn id(&self) -> Cow<'t, [u8]> {
        self.table.written_id(self.table.natives.ids.get(self.at))
    }

    fn record(&self) -> &'t [u8] {
        self.table.natives.record(self.at)
    }

    /// The user, if it is one.
    pub fn user(&self) -> Option<User> {
        (self.kind == GroupKind::User).then(|| self.table.read_user(self.key(), self.record()))
    }

    /// The connection, if it is one.
    pub fn connection(&self) -> Option<Connection> {
        (self.kind != GroupKind::User).then(|| {
            self.table
                .read_connection(self.key(), self.kind, self.record())
        })
    }

    /// What the provider calls a connection; nothing of a user.
    pub fn name(&self) -> Option<&'t [u8]> {
        let record = self.record();
        (self.kind != GroupKind::User).then(|| self.table.read_name(record))
    }
}

/// A reading of one kind of one profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct List(u32);

impl List {
    fn new(slot: Slot, kind: usize) -> Self {
        Self(u32::from(slot.0) * KINDS as u32 + kind as u32)
    }

    fn slot(self) -> Slot {
        Slot((self.0 / KINDS as u32) as u16)
    }

    /// The place of its kind.
    fn kind(self) -> usize {
        self.0 as usize % KINDS
    }
}

/// All of them, column by column.
#[derive(Clone, Debug, Default)]
pub(super) struct Natives {
    /// Of which profile and kind each is: a [`List`].
    lists: Numbers,
    groups: Vec<u32>,
    /// The next one of the same group.
    next: Vec<u32>,
    /// The reading that brought it last.
    rounds: Numbers,
    ids: Arena,
    /// What it is, as it came first.
    records: Arena,
    /// Of those that changed since, the place of what they are now.
    changed: HashMap<u32, u32>,
    changes: Arena,
    /// By kind, by group: the first that belongs to it.
    first: [Vec<u32>; KINDS],
    /// By list, the number of its latest reading.
    latest: HashMap<u32, u32>,
    index: Index,
    hasher: Keys,
    /// Names and other texts that no leak has.
    texts: Strings,
    /// Files in archives, below the archive.
    files: Strings,
    /// What JSON texts have in common.
    shapes: Strings,
    /// Machines of leaks by their host names, while lists of machines are read.
    hosts: Option<Hosts>,
    /// Profiles whose machines are being read.
    reading: Vec<Slot>,
    /// Names of pastes, by the number of their group.
    pub(super) pastes: Strings,
}

impl Natives {
    pub(super) fn new() -> Self {
        Self {
            texts: Strings::as_they_came(),
            files: Strings::as_they_came(),
            shapes: Strings::as_they_came(),
            ..Self::default()
        }
    }

    fn len(&self) -> u32 {
        self.groups.len() as u32
    }

    fn list(&self, at: u32) -> List {
        List(self.lists.get(at as usize))
    }

    fn record(&self, at: u32) -> &[u8] {
        match self.changed.get(&at) {
            Some(change) => self.changes.get(*change),
            None => self.records.get(at),
        }
    }

    fn round(&self, list: List) -> u32 {
        self.latest.get(&list.0).copied().unwrap_or(0)
    }

    fn hash(&self, list: List, id: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(id);
        hasher.write_u64(u64::from(list.0));
        hasher.finish()
    }

    /// The one of a list that has an id, in the form in which ids are kept.
    fn find(&self, list: List, id: &[u8]) -> Option<u32> {
        let same = |at: u32| self.list(at) == list && self.ids.get(at) == id;
        self.index.find(self.hash(list, id), same)
    }

    /// Puts a new one behind all others.
    fn add(&mut self, list: List, group: GroupId, id: &[u8], record: &[u8]) {
        let at = self.len();
        let round = self.round(list);
        self.lists.set(at as usize, list.0);
        self.rounds.set(at as usize, round);
        push(&mut self.groups, group.0);
        push(&mut self.next, NONE);
        self.ids.push(id);
        self.records.push(record);
        let hash = self.hash(list, id);
        self.index.insert(hash, at);
        self.join(at, list.kind(), group.0);
    }

    /// Writes down what a known one is now.
    fn change(&mut self, at: u32, record: &[u8]) {
        let place = self.changes.push(record);
        self.changed.insert(at, place);
    }

    fn join(&mut self, at: u32, kind: usize, group: u32) {
        let first = &mut self.first[kind];
        if first.len() <= group as usize {
            fill(first, group as usize + 1, NONE);
        }
        self.next[at as usize] = first[group as usize];
        first[group as usize] = at;
    }

    /// Moves one to another group; whether that is another.
    fn shift(&mut self, at: u32, to: GroupId) -> bool {
        let from = self.groups[at as usize];
        if from == to.0 {
            return false;
        }
        let kind = self.list(at).kind();
        let after = self.next[at as usize];
        let mut members = self.members(kind, from);
        let before = members.find(|member| self.next[*member as usize] == at);
        drop(members);
        match before {
            Some(before) => self.next[before as usize] = after,
            None => self.first[kind][from as usize] = after,
        }
        self.groups[at as usize] = to.0;
        self.join(at, kind, to.0);
        true
    }

    /// Those of a group, in no order.
    fn members(&self, kind: usize, group: u32) -> impl Iterator<Item = u32> {
        let known = |at: u32| (at != NONE).then_some(at);
        let first = self.first[kind].get(group as usize);
        std::iter::successors(first.copied().and_then(known), move |at| {
            known(self.next[*at as usize])
        })
    }

    /// Drops those of a list that its latest reading did not bring; how many.
    fn sweep(&mut self, list: List) -> usize {
        let round = self.round(list);
        let stays = |at: &u32| self.list(*at) != list || self.rounds.get(*at as usize) == round;
        let dropped = (0..self.len()).filter(|at| !stays(at)).count();
        // What changed leaves behind what it was.
        if dropped > 0 || self.changes.len() > self.records.len() / 2 + 1024 {
            let rest = (0..self.len()).filter(stays).collect::<Vec<_>>();
            self.keep(&rest);
        }
        dropped
    }

    /// Keeps some, and forgets what was of the others alone but for their texts.
    fn keep(&mut self, some: &[u32]) {
        let mut kept = Natives {
            latest: std::mem::take(&mut self.latest),
            ..Natives::default()
        };
        for &at in some {
            let list = self.list(at);
            let group = GroupId(self.groups[at as usize]);
            kept.add(list, group, self.ids.get(at), self.record(at));
            let round = self.rounds.get(at as usize);
            kept.rounds.set(kept.len() as usize - 1, round);
        }
        kept.texts = std::mem::take(&mut self.texts);
        kept.files = std::mem::take(&mut self.files);
        kept.shapes = std::mem::take(&mut self.shapes);
        kept.pastes = std::mem::take(&mut self.pastes);
        kept.hosts = self.hosts.take();
        kept.reading = std::mem::take(&mut self.reading);
        *self = kept;
    }
}

/// The kind of group that a connection belongs to.
pub(super) fn kind_of(form: Form) -> GroupKind {
    match form {
        Form::Endpoint => GroupKind::Endpoint,
        Form::Resource => GroupKind::Resource,
        Form::Breach => GroupKind::Breach,
        Form::Paste => GroupKind::Paste,
    }
}

impl Table {
    /// Begins a fresh reading of what a profile lists of a kind. What is there stays until [`Table::end_natives`].
    pub fn begin_natives(&mut self, slot: Slot, kind: GroupKind) {
        let Some(place) = place_of(kind) else {
            return;
        };
        let natives = &mut self.natives;
        *natives.latest.entry(List::new(slot, place).0).or_default() += 1;
        if kind == GroupKind::Endpoint && !natives.reading.contains(&slot) {
            natives.reading.push(slot);
        }
    }

    /// Ends a reading that came to its end: what it did not bring is dropped. How much that was. A reading that
    /// failed is not ended, so that what is known stays.
    pub fn end_natives(&mut self, slot: Slot, kind: GroupKind) -> usize {
        let Some(place) = place_of(kind) else {
            return 0;
        };
        let dropped = self.natives.sweep(List::new(slot, place));
        self.listed += u64::from(dropped > 0);
        if kind == GroupKind::Endpoint {
            self.settle_endpoints();
            self.natives.reading.retain(|other| *other != slot);
            if self.natives.reading.is_empty() {
                self.natives.hosts = None;
            }
        }
        dropped
    }

    /// Takes in users that a profile lists. A known id is replaced. A blank login belongs nowhere and is left out.
    pub fn add_users(&mut self, slot: Slot, users: &[User]) {
        let mut record = Vec::new();
        let mut changed = false;
        for user in users {
            if let Some(group) = self.place_user(slot, user) {
                record.clear();
                self.write_user(slot, user, &mut record);
                let same = |native: &Native<'_>| native.user().as_ref() == Some(user);
                changed |= self.put(slot, GroupKind::User, group, &user.key.id, &record, same);
            }
        }
        self.listed += u64::from(changed);
    }

    /// Takes in connections that a profile lists. A known id is replaced. What has no name belongs nowhere and is
    /// left out.
    pub fn add_connections(&mut self, slot: Slot, connections: &[Connection]) {
        let machines = connections.iter().any(|one| one.form == Form::Endpoint);
        let hosts = self.hosts_of_leaks(machines);
        let mut record = Vec::new();
        let mut changed = false;
        for connection in connections {
            if let Some(group) = self.place_connection(slot, connection, &hosts) {
                record.clear();
                self.write_connection(slot, connection, &mut record);
                let same = |native: &Native<'_>| native.connection().as_ref() == Some(connection);
                let kind = kind_of(connection.form);
                changed |= self.put(slot, kind, group, &connection.key.id, &record, same);
            }
        }
        self.keep_hosts(hosts);
        self.listed += u64::from(changed);
    }

    /// Puts one in; whether that changed anything. `same` says whether what was known is what came, where their records
    /// differ: a text may have got a number elsewhere since.
    fn put(
        &mut self,
        slot: Slot,
        kind: GroupKind,
        group: GroupId,
        id: &RemoteId,
        record: &[u8],
        same: impl FnOnce(&Native<'_>) -> bool,
    ) -> bool {
        let Some(place) = place_of(kind) else {
            return false;
        };
        let list = List::new(slot, place);
        let Some(at) = self.find_listed(list, id.as_bytes()) else {
            let id = self.short_id(kind, id.as_bytes());
            self.natives.add(list, group, &id, record);
            return true;
        };
        let changed =
            self.natives.record(at) != record && !self.native(at).is_some_and(|known| same(&known));
        let natives = &mut self.natives;
        if changed {
            natives.change(at, record);
        }
        let round = natives.round(list);
        natives.rounds.set(at as usize, round);
        natives.shift(at, group) || changed
    }

    fn find_listed(&self, list: List, id: &[u8]) -> Option<u32> {
        let kind = NATIVE_KINDS[list.kind()];
        let mut forms = self.id_forms(kind, id);
        forms.find_map(|form| self.natives.find(list, &form))
    }

    fn native(&self, at: u32) -> Option<Native<'_>> {
        let natives = &self.natives;
        let group = GroupId(*natives.groups.get(at as usize)?);
        let list = natives.list(at);
        Some(Native {
            slot: list.slot(),
            kind: NATIVE_KINDS[list.kind()],
            group,
            table: self,
            at,
        })
    }

    /// Finds machines of the leaks again for those that were listed before the leaks came.
    pub(super) fn settle_endpoints(&mut self) {
        let endpoint = place_of(GroupKind::Endpoint);
        let natives = &self.natives;
        let listed = (0..natives.len()).filter(|at| Some(natives.list(*at).kind()) == endpoint);
        let listed: Vec<u32> = listed.collect();
        let hosts = self.hosts_of_leaks(!listed.is_empty());
        let mut changed = false;
        for at in listed {
            let Some(native) = self.native(at) else {
                continue;
            };
            let (slot, machine) = (native.slot, read::machine_of(native.record()));
            let group = if let Some(group) = self.endpoint_of_leaks(&machine, &hosts) {
                group
            } else {
                let id = native.id().into_owned();
                self.place_machine(slot, machine, &id)
            };
            self.own_group(GroupKind::Endpoint, group, slot);
            changed |= self.natives.shift(at, group);
        }
        self.keep_hosts(hosts);
        self.listed += u64::from(changed);
    }
}
