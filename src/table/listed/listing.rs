//! What providers list themselves, by group, by key and by kind.

use super::{LISTED_KIND_COUNT, LISTED_KINDS, ListKey, ListedEntity, kind_index};
use crate::{
    entity::key::{EntityKey, Kind},
    table::{GroupId, GroupKind, ProfileSlot, Table},
};

impl Table {
    /// What providers list themselves of a group, by profile and id.
    pub fn listed_entities(&self, kind: GroupKind, group: GroupId) -> Vec<ListedEntity<'_>> {
        let Some(place) = kind_index(kind) else {
            return Vec::new();
        };
        let members = self.listed_entities.members(place, group.0);
        let mut natives: Vec<_> = members.filter_map(|at| self.listed_entity(at)).collect();
        if natives.len() > 1 {
            natives.sort_by_cached_key(|native| (native.slot, native.id()));
        }
        natives
    }

    /// What a provider lists itself under a key with its own id.
    pub fn find_listed_entity(&self, key: &EntityKey) -> Option<ListedEntity<'_>> {
        let slot = self.find_slot(&key.profile)?;
        let kinds = (0..LISTED_KIND_COUNT).filter(|place| match key.kind {
            Kind::User => LISTED_KINDS[*place] == GroupKind::User,
            Kind::Connection => LISTED_KINDS[*place] != GroupKind::User,
            Kind::Domain | Kind::Leak => false,
        });
        let mut found = kinds.filter_map(|place| {
            self.find_listed_index(ListKey::new(slot, place), key.id.as_bytes())
        });
        found.next().and_then(|at| self.listed_entity(at))
    }

    /// How many things of a kind a profile lists itself.
    pub fn listed_count(&self, slot: ProfileSlot, kind: GroupKind) -> usize {
        let of = |(of, _): &(ProfileSlot, GroupId)| *of == slot;
        self.listed_groups(kind).filter(of).count()
    }

    /// The profile and the group of each of a kind that a profile lists or, of domains, watches; in no order.
    pub(in crate::table) fn listed_groups(
        &self,
        kind: GroupKind,
    ) -> impl Iterator<Item = (ProfileSlot, GroupId)> {
        let natives = &self.listed_entities;
        let rows = natives.groups.iter().zip(0..);
        let place = kind_index(kind);
        let listed = rows.filter_map(move |(group, at)| {
            let list = natives.list(at);
            (Some(list.kind()) == place).then_some((list.slot(), GroupId(*group)))
        });
        let watched = (kind == GroupKind::Domain).then(|| self.watched_domains());
        listed.chain(watched.into_iter().flatten())
    }
}
