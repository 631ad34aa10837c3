//! What providers list themselves, by group, by key and by kind.

use super::{KINDS, List, NATIVE_KINDS, Native, place_of};
use crate::{
    entity::key::{EntityKey, Kind},
    table::{GroupId, GroupKind, Slot, Table},
};

impl Table {
    /// What providers list themselves of a group, by profile and id.
    pub fn natives(&self, kind: GroupKind, group: GroupId) -> Vec<Native<'_>> {
        let Some(place) = place_of(kind) else {
            return Vec::new();
        };
        let members = self.natives.members(place, group.0);
        let mut natives: Vec<_> = members.filter_map(|at| self.native(at)).collect();
        if natives.len() > 1 {
            natives.sort_by_cached_key(|native| (native.slot, native.id()));
        }
        natives
    }

    /// What a provider lists itself under a key with its own id.
    pub fn find_native(&self, key: &EntityKey) -> Option<Native<'_>> {
        let slot = self.slot_of(&key.profile)?;
        let kinds = (0..KINDS).filter(|place| match key.kind {
            Kind::User => NATIVE_KINDS[*place] == GroupKind::User,
            Kind::Connection => NATIVE_KINDS[*place] != GroupKind::User,
            Kind::Domain | Kind::Leak => false,
        });
        let mut found =
            kinds.filter_map(|place| self.find_listed(List::new(slot, place), key.id.as_bytes()));
        found.next().and_then(|at| self.native(at))
    }

    /// How many things of a kind a profile lists itself.
    pub fn native_count(&self, slot: Slot, kind: GroupKind) -> usize {
        let of = |(of, _): &(Slot, GroupId)| *of == slot;
        self.natives_of(kind).filter(of).count()
    }

    /// The profile and the group of each of a kind that a profile lists or, of domains, watches; in no order.
    pub(in crate::table) fn natives_of(
        &self,
        kind: GroupKind,
    ) -> impl Iterator<Item = (Slot, GroupId)> {
        let natives = &self.natives;
        let rows = natives.groups.iter().zip(0..);
        let place = place_of(kind);
        let listed = rows.filter_map(move |(group, at)| {
            let list = natives.list(at);
            (Some(list.kind()) == place).then_some((list.slot(), GroupId(*group)))
        });
        let watched = (kind == GroupKind::Domain).then(|| self.watched_domains());
        listed.chain(watched.into_iter().flatten())
    }
}
