//! Users and connections that a provider lists itself: each belongs to the group that leaks make, or makes one of its
//! own, and keeps what the provider knows of it.

mod place;

use super::{GroupId, GroupKind, Slot, Table, strings::Strings};
use crate::entity::{
    connection::{Connection, Form},
    key::{EntityKey, Kind, RemoteId},
    user::User,
};
use std::{collections::HashMap, sync::Arc};

/// The kinds of group that a provider may list itself.
pub const NATIVE_KINDS: [GroupKind; 5] = [
    GroupKind::User,
    GroupKind::Endpoint,
    GroupKind::Resource,
    GroupKind::Breach,
    GroupKind::Paste,
];

/// What a provider lists itself.
#[derive(Debug, PartialEq)]
enum Entity {
    User(User),
    Connection(Box<Connection>),
}

/// A user or a connection that a provider lists itself, and where it belongs. Its key has the provider's own id, with which related things are asked for.
#[derive(Clone, Debug)]
pub struct Native {
    /// Its profile.
    pub slot: Slot,
    /// The kind of its group.
    pub kind: GroupKind,
    /// Its group.
    pub group: GroupId,
    entity: Arc<Entity>,
    /// The reading that brought it last.
    round: u32,
}

impl Native {
    /// Its key: the profile's name and the provider's own id.
    pub fn key(&self) -> &EntityKey {
        match &*self.entity {
            Entity::User(user) => &user.key,
            Entity::Connection(connection) => &connection.key,
        }
    }

    /// The user, if it is one.
    pub fn user(&self) -> Option<&User> {
        match &*self.entity {
            Entity::User(user) => Some(user),
            Entity::Connection(_) => None,
        }
    }

    /// The connection, if it is one.
    pub fn connection(&self) -> Option<&Connection> {
        match &*self.entity {
            Entity::Connection(connection) => Some(connection),
            Entity::User(_) => None,
        }
    }
}

/// All of them. What they are is shared by snapshots.
#[derive(Clone, Debug, Default)]
pub(super) struct Natives {
    items: Vec<Native>,
    places: HashMap<(Slot, GroupKind, RemoteId), usize>,
    of_group: HashMap<(GroupKind, GroupId), Vec<usize>>,
    rounds: HashMap<(Slot, GroupKind), u32>,
    /// Names of pastes, by the number of their group.
    pub(super) pastes: Strings,
}

impl Natives {
    fn round(&self, slot: Slot, kind: GroupKind) -> u32 {
        self.rounds.get(&(slot, kind)).copied().unwrap_or(0)
    }

    /// Puts one in; whether that changed anything.
    fn put(&mut self, slot: Slot, kind: GroupKind, group: GroupId, entity: Entity) -> bool {
        let native = Native {
            slot,
            kind,
            group,
            entity: Arc::new(entity),
            round: self.round(slot, kind),
        };
        let place = (slot, kind, native.key().id.clone());
        if let Some(&at) = self.places.get(&place) {
            let changed = self.items[at].entity != native.entity;
            let moved = self.shift(at, group);
            self.items[at] = native;
            return changed || moved;
        }
        let at = self.items.len();
        self.places.insert(place, at);
        self.of_group.entry((kind, group)).or_default().push(at);
        self.items.push(native);
        true
    }

    /// Moves one to another group; whether that is another.
    fn shift(&mut self, at: usize, to: GroupId) -> bool {
        let (kind, from) = (self.items[at].kind, self.items[at].group);
        if from == to {
            return false;
        }
        if let Some(members) = self.of_group.get_mut(&(kind, from)) {
            members.retain(|&other| other != at);
        }
        self.of_group.entry((kind, to)).or_default().push(at);
        self.items[at].group = to;
        true
    }

    /// Drops those of a kind that the latest reading did not bring; how many.
    fn sweep(&mut self, slot: Slot, kind: GroupKind) -> usize {
        let round = self.round(slot, kind);
        let before = self.items.len();
        self.items
            .retain(|native| (native.slot, native.kind) != (slot, kind) || native.round == round);
        let dropped = before - self.items.len();
        if dropped > 0 {
            self.places.clear();
            self.of_group.clear();
            for (at, native) in self.items.iter().enumerate() {
                let id = native.key().id.clone();
                self.places.insert((native.slot, native.kind, id), at);
                let group = (native.kind, native.group);
                self.of_group.entry(group).or_default().push(at);
            }
        }
        dropped
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
        *self.natives.rounds.entry((slot, kind)).or_default() += 1;
    }

    /// Ends a reading that came to its end: what it did not bring is dropped. How much that was. A reading that
    /// failed is not ended, so that what is known stays.
    pub fn end_natives(&mut self, slot: Slot, kind: GroupKind) -> usize {
        let dropped = self.natives.sweep(slot, kind);
        self.generation += u64::from(dropped > 0);
        self.settle_endpoints();
        dropped
    }

    /// Takes in users that a profile lists. A known id is replaced. A blank login belongs nowhere and is left out.
    pub fn add_users(&mut self, slot: Slot, users: &[User]) {
        let mut changed = false;
        for user in users {
            if let Some(group) = self.place_user(slot, user) {
                let entity = Entity::User(user.clone());
                changed |= self.natives.put(slot, GroupKind::User, group, entity);
            }
        }
        self.generation += u64::from(changed);
    }

    /// Takes in connections that a profile lists. A known id is replaced. What has no name belongs nowhere and is
    /// left out.
    pub fn add_connections(&mut self, slot: Slot, connections: &[Connection]) {
        let hosts = self.hosts_of_leaks(connections.iter());
        let mut changed = false;
        for connection in connections {
            if let Some(group) = self.place_connection(slot, connection, &hosts) {
                let entity = Entity::Connection(Box::new(connection.clone()));
                let kind = kind_of(connection.form);
                changed |= self.natives.put(slot, kind, group, entity);
            }
        }
        self.generation += u64::from(changed);
    }

    /// What providers list themselves of a group, by profile and id.
    pub fn natives(&self, kind: GroupKind, group: GroupId) -> Vec<&Native> {
        let members = self.natives.of_group.get(&(kind, group));
        let items = members.into_iter().flatten();
        let mut natives: Vec<&Native> = items.map(|&at| &self.natives.items[at]).collect();
        natives.sort_by_key(|native| (native.slot, &native.key().id));
        natives
    }

    /// What a provider lists itself under a key with its own id.
    pub fn find_native(&self, key: &EntityKey) -> Option<&Native> {
        let slot = self.slot_of(&key.profile)?;
        let kinds = NATIVE_KINDS.into_iter().filter(|kind| match key.kind {
            Kind::User => *kind == GroupKind::User,
            Kind::Connection => *kind != GroupKind::User,
            Kind::Domain | Kind::Leak => false,
        });
        kinds
            .filter_map(|kind| self.natives.places.get(&(slot, kind, key.id.clone())))
            .map(|&at| &self.natives.items[at])
            .next()
    }

    /// How many things of a kind a profile lists itself.
    pub fn native_count(&self, slot: Slot, kind: GroupKind) -> usize {
        let of = |native: &&Native| native.slot == slot && native.kind == kind;
        self.natives.items.iter().filter(of).count()
    }

    /// Those of a kind, in no order.
    pub(super) fn natives_of(&self, kind: GroupKind) -> impl Iterator<Item = &Native> {
        let items = self.natives.items.iter();
        items.filter(move |native| native.kind == kind)
    }

    /// Finds machines of the leaks again for those that were listed before the leaks came.
    pub(super) fn settle_endpoints(&mut self) {
        let listed: Vec<(usize, Slot, Arc<Entity>)> = self
            .natives
            .items
            .iter()
            .enumerate()
            .filter(|(_, native)| native.kind == GroupKind::Endpoint)
            .map(|(at, native)| (at, native.slot, Arc::clone(&native.entity)))
            .collect();
        let connections: Vec<(usize, Slot, &Connection)> = listed
            .iter()
            .filter_map(|(at, slot, entity)| match &**entity {
                Entity::Connection(connection) => Some((*at, *slot, &**connection)),
                Entity::User(_) => None,
            })
            .collect();
        let hosts = self.hosts_of_leaks(connections.iter().map(|(_, _, one)| *one));
        let mut changed = false;
        for (at, slot, connection) in connections {
            if let Some(group) = self.place_connection(slot, connection, &hosts) {
                changed |= self.natives.shift(at, group);
            }
        }
        self.generation += u64::from(changed);
    }
}
