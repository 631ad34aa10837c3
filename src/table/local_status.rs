//! Statuses that we keep: laid over the provider's, for rows that are here and for rows that come later.

use super::{ProfileSlot, RowId, Table};
use crate::entity::{
    key::{EntityKey, RemoteId},
    local_status::LocalStatus,
    status::{Status, StatusSource},
};
use std::collections::HashMap;

/// By profile, by the provider's id. Few leaks have one: a row itself holds what it comes to, in bits that it has
/// anyway.
#[derive(Clone, Debug, Default)]
pub(super) struct LocalStatuses(Vec<HashMap<Box<[u8]>, LocalStatus>>);

impl LocalStatuses {
    fn for_slot(&self, slot: ProfileSlot) -> Option<&HashMap<Box<[u8]>, LocalStatus>> {
        self.0
            .get(slot.0 as usize)
            .filter(|locals| !locals.is_empty())
    }

    fn for_slot_mut(&mut self, slot: ProfileSlot) -> &mut HashMap<Box<[u8]>, LocalStatus> {
        let at = slot.0 as usize;
        if self.0.len() <= at {
            self.0.resize_with(at + 1, HashMap::new);
        }
        &mut self.0[at]
    }
}

impl Table {
    /// What to act on: the local status if there is one, else the provider's.
    pub fn status(&self, row: RowId) -> Status {
        self.columns.status(row)
    }

    /// What the provider says, or [`Status::Unknown`].
    pub fn remote_status(&self, row: RowId) -> Status {
        self.columns.remote_status(row)
    }

    /// What the provider says; nothing where it has no word for it.
    pub fn known_remote_status(&self, row: RowId) -> Option<Status> {
        let status = self.remote_status(row);
        let silent =
            status == Status::Unknown && self.columns.word(row) == super::interner::NO_VALUE;
        (!silent).then_some(status)
    }

    /// Who keeps the status to act on.
    pub fn status_source(&self, row: RowId) -> StatusSource {
        if self.is_local(row) {
            StatusSource::Local
        } else {
            StatusSource::Remote
        }
    }

    /// Whether we keep the status.
    pub fn is_local(&self, row: RowId) -> bool {
        self.columns.is_local(row)
    }

    /// Whether the provider now says something that contradicts the local status.
    pub fn is_disputed(&self, row: RowId) -> bool {
        self.columns.is_disputed(row)
    }

    /// The local status of a row.
    pub fn local_status(&self, row: RowId) -> Option<&LocalStatus> {
        self.local_statuses
            .for_slot(self.slot(row))?
            .get(&*self.columns.id(row))
    }

    /// The local status of a leak that may not be here.
    pub fn local_status_of_id(&self, slot: ProfileSlot, id: &[u8]) -> Option<&LocalStatus> {
        self.local_statuses.for_slot(slot)?.get(id)
    }

    /// How many local statuses a profile has, those of leaks that are not here among them.
    pub fn local_status_count(&self, slot: ProfileSlot) -> usize {
        self.local_statuses.for_slot(slot).map_or(0, HashMap::len)
    }

    /// Replaces the local statuses of a profile. They hold for its rows and for those that it brings later.
    pub fn set_local_statuses(
        &mut self,
        slot: ProfileSlot,
        locals: impl IntoIterator<Item = (RemoteId, LocalStatus)>,
    ) {
        let new = locals
            .into_iter()
            .map(|(id, local)| (id.as_bytes().into(), local))
            .collect();
        let old = std::mem::replace(self.local_statuses.for_slot_mut(slot), new);
        let mut rows: Vec<RowId> = Vec::new();
        for id in old
            .keys()
            .chain(self.local_statuses.for_slot_mut(slot).keys())
        {
            rows.extend(self.columns.find(slot, id));
        }
        let mut changed = false;
        for row in rows {
            changed |= self.apply_local_status(row);
        }
        self.generation += u64::from(changed);
    }

    /// Keeps a status for a row, or no more.
    pub fn set_local_status(&mut self, row: RowId, local: Option<LocalStatus>) {
        let id = self.columns.id(row).into_owned();
        self.set_local_status_by_id(self.slot(row), &id, local);
    }

    /// Keeps a status for the leak of a key, whether it is here or not; whether its profile is known.
    pub fn set_local_status_by_key(&mut self, key: &EntityKey, local: Option<LocalStatus>) -> bool {
        let slot = self.find_slot(&key.profile);
        if let Some(slot) = slot {
            self.set_local_status_by_id(slot, key.id.as_bytes(), local);
        }
        slot.is_some()
    }

    fn set_local_status_by_id(&mut self, slot: ProfileSlot, id: &[u8], local: Option<LocalStatus>) {
        let locals = self.local_statuses.for_slot_mut(slot);
        match local {
            Some(local) => locals.insert(id.into(), local),
            None => locals.remove(id),
        };
        if let Some(row) = self.columns.find(slot, id) {
            let changed = self.apply_local_status(row);
            self.generation += u64::from(changed);
        }
    }

    /// Brings a row's bits up to its local status; whether that changed anything.
    pub(super) fn apply_local_status(&mut self, row: RowId) -> bool {
        let local = self.local_status(row);
        let local = local.map(|local| local.effective(self.known_remote_status(row)));
        self.columns.set_local(row, local)
    }

    /// Whether rows of a profile may have a local status.
    pub(super) fn has_local_statuses(&self, slot: ProfileSlot) -> bool {
        self.local_statuses.for_slot(slot).is_some()
    }
}
