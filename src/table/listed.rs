//! Users and connections that a provider lists itself: each belongs to the group that leaks make, or makes one of its
//! own, and keeps what the provider knows of it.
//!
//! They are kept as the leaks are, for there may be hundreds of thousands: columns of numbers, ids in their shortest
//! form ([`id`]), and for what only a detail shows a record of numbers of interned texts ([`record`]). A [`ListedEntity`] is a
//! place in them; what it is, is put together when somebody asks.

mod grouping;
mod hosts;
mod id;
mod listing;
mod read;
mod record;
mod write;

use super::{
    GroupId, GroupKind, ProfileSlot, Table,
    growth::{fill, push},
    hash::HashKeys,
    index::Index,
    interner::{Arena, Interner, NO_VALUE},
    packed_column::PackedColumn,
};
use crate::entity::{
    connection::{Connection, ConnectionKind},
    key::{EntityKey, Kind, RemoteId},
    user::User,
};
use hosts::Hosts;
use std::{borrow::Cow, collections::HashMap, hash::BuildHasher, hash::Hasher as _};

/// The kinds of group that a provider may list itself.
pub const LISTED_KINDS: [GroupKind; 5] = [
    GroupKind::User,
    GroupKind::Endpoint,
    GroupKind::Resource,
    GroupKind::Breach,
    GroupKind::Paste,
];

/// How many kinds there are.
const LISTED_KIND_COUNT: usize = LISTED_KINDS.len();

/// The place of a kind among [`LISTED_KINDS`].
fn kind_index(kind: GroupKind) -> Option<usize> {
    LISTED_KINDS.iter().position(|other| *other == kind)
}

/// A user or a connection that a provider lists itself, and where it belongs. Its key has the provider's own id, with
/// which related things are asked for.
#[derive(Clone, Copy, Debug)]
pub struct ListedEntity<'t> {
    /// Its profile.
    pub slot: ProfileSlot,
    /// The kind of its group.
    pub kind: GroupKind,
    /// Its group.
    pub group: GroupId,
    table: &'t Table,
    index: u32,
}

impl<'t> ListedEntity<'t> {
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
        self.table
            .decode_listed_id(self.table.listed_entities.ids.get(self.index))
    }

    fn record(&self) -> &'t [u8] {
        self.table.listed_entities.record(self.index)
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
struct ListKey(u32);

impl ListKey {
    fn new(slot: ProfileSlot, kind: usize) -> Self {
        Self(u32::from(slot.0) * LISTED_KIND_COUNT as u32 + kind as u32)
    }

    fn slot(self) -> ProfileSlot {
        ProfileSlot((self.0 / LISTED_KIND_COUNT as u32) as u16)
    }

    /// The place of its kind.
    fn kind(self) -> usize {
        self.0 as usize % LISTED_KIND_COUNT
    }
}

/// All of them, column by column.
#[derive(Clone, Debug, Default)]
pub(super) struct ListedEntities {
    /// Of which profile and kind each is: a [`ListKey`].
    lists: PackedColumn,
    groups: Vec<u32>,
    /// The next one of the same group.
    next: Vec<u32>,
    /// The reading that brought it last.
    rounds: PackedColumn,
    ids: Arena,
    /// What it is, as it came first.
    records: Arena,
    /// Of those that changed since, the place of what they are now.
    changed: HashMap<u32, u32>,
    changes: Arena,
    /// By kind, by group: the first that belongs to it.
    first: [Vec<u32>; LISTED_KIND_COUNT],
    /// By list, the number of its latest reading.
    latest: HashMap<u32, u32>,
    index: Index,
    hasher: HashKeys,
    /// Names and other texts that no leak has.
    texts: Interner,
    /// Files in archives, below the archive.
    files: Interner,
    /// What JSON texts have in common.
    shapes: Interner,
    /// Machines of leaks by their host names, while lists of machines are read.
    hosts: Option<Hosts>,
    /// Profiles whose machines are being read.
    reading_slots: Vec<ProfileSlot>,
    /// Names of pastes, by the number of their group.
    pub(super) pastes: Interner,
}

impl ListedEntities {
    pub(super) fn new() -> Self {
        Self {
            texts: Interner::without_folding(),
            files: Interner::without_folding(),
            shapes: Interner::without_folding(),
            ..Self::default()
        }
    }

    fn len(&self) -> u32 {
        self.groups.len() as u32
    }

    fn list(&self, at: u32) -> ListKey {
        ListKey(self.lists.get(at as usize))
    }

    fn record(&self, at: u32) -> &[u8] {
        match self.changed.get(&at) {
            Some(change) => self.changes.get(*change),
            None => self.records.get(at),
        }
    }

    fn round(&self, list: ListKey) -> u32 {
        self.latest.get(&list.0).copied().unwrap_or(0)
    }

    fn hash(&self, list: ListKey, id: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(id);
        hasher.write_u64(u64::from(list.0));
        hasher.finish()
    }

    /// The one of a list that has an id, in the form in which ids are kept.
    fn find(&self, list: ListKey, id: &[u8]) -> Option<u32> {
        let same = |at: u32| self.list(at) == list && self.ids.get(at) == id;
        self.index.find(self.hash(list, id), same)
    }

    /// Puts a new one behind all others.
    fn add(&mut self, list: ListKey, group: GroupId, id: &[u8], record: &[u8]) {
        let at = self.len();
        let round = self.round(list);
        self.lists.set(at as usize, list.0);
        self.rounds.set(at as usize, round);
        push(&mut self.groups, group.0);
        push(&mut self.next, NO_VALUE);
        self.ids.push(id);
        self.records.push(record);
        let hash = self.hash(list, id);
        self.index.insert(hash, at);
        self.link(at, list.kind(), group.0);
    }

    /// Writes down what a known one is now.
    fn change(&mut self, at: u32, record: &[u8]) {
        let place = self.changes.push(record);
        self.changed.insert(at, place);
    }

    fn link(&mut self, at: u32, kind: usize, group: u32) {
        let first = &mut self.first[kind];
        if first.len() <= group as usize {
            fill(first, group as usize + 1, NO_VALUE);
        }
        self.next[at as usize] = first[group as usize];
        first[group as usize] = at;
    }

    /// Moves one to another group; whether that is another.
    fn move_to_group(&mut self, at: u32, to: GroupId) -> bool {
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
        self.link(at, kind, to.0);
        true
    }

    /// Those of a group, in no order.
    fn members(&self, kind: usize, group: u32) -> impl Iterator<Item = u32> {
        let known = |at: u32| (at != NO_VALUE).then_some(at);
        let first = self.first[kind].get(group as usize);
        std::iter::successors(first.copied().and_then(known), move |at| {
            known(self.next[*at as usize])
        })
    }

    /// Drops those of a list that its latest reading did not bring; how many.
    fn sweep(&mut self, list: ListKey) -> usize {
        let round = self.round(list);
        let stays = |at: &u32| self.list(*at) != list || self.rounds.get(*at as usize) == round;
        let dropped = (0..self.len()).filter(|at| !stays(at)).count();
        // What changed leaves behind what it was.
        if dropped > 0 || self.changes.len() > self.records.len() / 2 + 1024 {
            let rest = (0..self.len()).filter(stays).collect::<Vec<_>>();
            self.retain(&rest);
        }
        dropped
    }

    /// Keeps some, and forgets what was of the others alone but for their texts.
    fn retain(&mut self, some: &[u32]) {
        let mut kept = ListedEntities {
            latest: std::mem::take(&mut self.latest),
            ..ListedEntities::default()
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
        kept.reading_slots = std::mem::take(&mut self.reading_slots);
        *self = kept;
    }
}

/// The kind of group that a connection belongs to.
pub(super) fn group_kind(form: ConnectionKind) -> GroupKind {
    match form {
        ConnectionKind::Endpoint => GroupKind::Endpoint,
        ConnectionKind::Resource => GroupKind::Resource,
        ConnectionKind::Breach => GroupKind::Breach,
        ConnectionKind::Paste => GroupKind::Paste,
    }
}

impl Table {
    /// Begins a fresh reading of what a profile lists of a kind. What is there stays until [`Table::end_listed`].
    pub fn begin_listed(&mut self, slot: ProfileSlot, kind: GroupKind) {
        let Some(place) = kind_index(kind) else {
            return;
        };
        let natives = &mut self.listed_entities;
        *natives
            .latest
            .entry(ListKey::new(slot, place).0)
            .or_default() += 1;
        if kind == GroupKind::Endpoint && !natives.reading_slots.contains(&slot) {
            natives.reading_slots.push(slot);
        }
    }

    /// Ends a reading that came to its end: what it did not bring is dropped. How much that was. A reading that
    /// failed is not ended, so that what is known stays.
    pub fn end_listed(&mut self, slot: ProfileSlot, kind: GroupKind) -> usize {
        let Some(place) = kind_index(kind) else {
            return 0;
        };
        let dropped = self.listed_entities.sweep(ListKey::new(slot, place));
        self.listed_generation += u64::from(dropped > 0);
        if kind == GroupKind::Endpoint {
            self.resolve_endpoints();
            self.listed_entities
                .reading_slots
                .retain(|other| *other != slot);
            if self.listed_entities.reading_slots.is_empty() {
                self.listed_entities.hosts = None;
            }
        }
        dropped
    }

    /// Takes in users that a profile lists. A known id is replaced. A blank login belongs nowhere and is left out.
    pub fn add_users(&mut self, slot: ProfileSlot, users: &[User]) {
        let mut record = Vec::new();
        let mut changed = false;
        for user in users {
            if let Some(group) = self.find_user_group(slot, user) {
                record.clear();
                self.write_user(slot, user, &mut record);
                let same = |native: &ListedEntity<'_>| native.user().as_ref() == Some(user);
                changed |=
                    self.upsert_listed(slot, GroupKind::User, group, &user.key.id, &record, same);
            }
        }
        self.listed_generation += u64::from(changed);
    }

    /// Takes in connections that a profile lists. A known id is replaced. What has no name belongs nowhere and is
    /// left out.
    pub fn add_connections(&mut self, slot: ProfileSlot, connections: &[Connection]) {
        let machines = connections
            .iter()
            .any(|one| one.kind == ConnectionKind::Endpoint);
        let hosts = self.leak_hosts(machines);
        let mut record = Vec::new();
        let mut changed = false;
        for connection in connections {
            if let Some(group) = self.find_connection_group(slot, connection, &hosts) {
                record.clear();
                self.write_connection(slot, connection, &mut record);
                let same =
                    |native: &ListedEntity<'_>| native.connection().as_ref() == Some(connection);
                let kind = group_kind(connection.kind);
                changed |= self.upsert_listed(slot, kind, group, &connection.key.id, &record, same);
            }
        }
        self.keep_hosts(hosts);
        self.listed_generation += u64::from(changed);
    }

    /// Puts one in; whether that changed anything. `same` says whether what was known is what came, where their records
    /// differ: a text may have got a number elsewhere since.
    fn upsert_listed(
        &mut self,
        slot: ProfileSlot,
        kind: GroupKind,
        group: GroupId,
        id: &RemoteId,
        record: &[u8],
        same: impl FnOnce(&ListedEntity<'_>) -> bool,
    ) -> bool {
        let Some(place) = kind_index(kind) else {
            return false;
        };
        let list = ListKey::new(slot, place);
        let Some(at) = self.find_listed_index(list, id.as_bytes()) else {
            let id = self.encode_listed_id(kind, id.as_bytes());
            self.listed_entities.add(list, group, &id, record);
            return true;
        };
        let changed = self.listed_entities.record(at) != record
            && !self.listed_entity(at).is_some_and(|known| same(&known));
        let natives = &mut self.listed_entities;
        if changed {
            natives.change(at, record);
        }
        let round = natives.round(list);
        natives.rounds.set(at as usize, round);
        natives.move_to_group(at, group) || changed
    }

    fn find_listed_index(&self, list: ListKey, id: &[u8]) -> Option<u32> {
        let kind = LISTED_KINDS[list.kind()];
        let mut forms = self.id_forms(kind, id);
        forms.find_map(|form| self.listed_entities.find(list, &form))
    }

    fn listed_entity(&self, at: u32) -> Option<ListedEntity<'_>> {
        let natives = &self.listed_entities;
        let group = GroupId(*natives.groups.get(at as usize)?);
        let list = natives.list(at);
        Some(ListedEntity {
            slot: list.slot(),
            kind: LISTED_KINDS[list.kind()],
            group,
            table: self,
            index: at,
        })
    }

    /// Finds machines of the leaks again for those that were listed before the leaks came.
    pub(super) fn resolve_endpoints(&mut self) {
        let endpoint = kind_index(GroupKind::Endpoint);
        let natives = &self.listed_entities;
        let listed = (0..natives.len()).filter(|at| Some(natives.list(*at).kind()) == endpoint);
        let listed: Vec<u32> = listed.collect();
        let hosts = self.leak_hosts(!listed.is_empty());
        let mut changed = false;
        for at in listed {
            let Some(native) = self.listed_entity(at) else {
                continue;
            };
            let (slot, machine) = (native.slot, read::read_listed_machine(native.record()));
            let group = if let Some(group) = self.find_leak_endpoint(&machine, &hosts) {
                group
            } else {
                let id = native.id().into_owned();
                self.add_machine_group(slot, machine, &id)
            };
            self.add_owner_for_group(GroupKind::Endpoint, group, slot);
            changed |= self.listed_entities.move_to_group(at, group);
        }
        self.keep_hosts(hosts);
        self.listed_generation += u64::from(changed);
    }
}
