//! Statuses that we keep: laid over the provider's, for rows that are here and for rows that come later.

use super::{Handle, Slot, Table};
use crate::entity::{
    key::{EntityKey, RemoteId},
    local::LocalStatus,
    status::{Status, StatusSource},
};
use std::collections::HashMap;

/// By profile, by the provider's id. Few leaks have one: a row itself holds what it comes to, in bits that it has
/// anyway.
#[derive(Clone, Debug, Default)]
pub(super) struct Locals(Vec<HashMap<Box<[u8]>, LocalStatus>>);

impl Locals {
    fn of(&self, slot: Slot) -> Option<&HashMap<Box<[u8]>, LocalStatus>> {
        self.0
            .get(slot.0 as usize)
            .filter(|locals| !locals.is_empty())
    }

    fn of_mut(&mut self, slot: Slot) -> &mut HashMap<Box<[u8]>, LocalStatus> {
        let at = slot.0 as usize;
        if self.0.len() <= at {
            self.0.resize_with(at + 1, HashMap::new);
        }
        &mut self.0[at]
    }
}

impl Table {
    /// What to act on: the local status if there is one, else the provider's.
    pub fn status(&self, row: Handle) -> Status {
        self.columns.status(row)
    }

    /// What the provider says, or [`Status::Unknown`].
    pub fn remote_status(&self, row: Handle) -> Status {
        self.columns.remote_status(row)
    }

    /// What the provider says; nothing where it has no word for it.
    pub fn remote_said(&self, row: Handle) -> Option<Status> {
        let status = self.remote_status(row);
        let silent = status == Status::Unknown && self.columns.word(row) == super::strings::NONE;
        (!silent).then_some(status)
    }

    /// Who keeps the status to act on.
    pub fn status_source(&self, row: Handle) -> StatusSource {
        if self.is_local(row) {
            StatusSource::Local
        } else {
            StatusSource::Remote
        }
    }

    /// Whether we keep the status.
    pub fn is_local(&self, row: Handle) -> bool {
        self.columns.is_local(row)
    }

    /// Whether the provider now says something that contradicts the local status.
    pub fn is_disputed(&self, row: Handle) -> bool {
        self.columns.is_disputed(row)
    }

    /// The local status of a row.
    pub fn local(&self, row: Handle) -> Option<&LocalStatus> {
        self.locals.of(self.slot(row))?.get(&*self.columns.id(row))
    }

    /// How many local statuses a profile has, those of leaks that are not here among them.
    pub fn locals(&self, slot: Slot) -> usize {
        self.locals.of(slot).map_or(0, HashMap::len)
    }

    /// Replaces the local statuses of a profile. They hold for its rows and for those that it brings later.
    pub fn set_locals(
        &mut self,
        slot: Slot,
        locals: impl IntoIterator<Item = (RemoteId, LocalStatus)>,
    ) {
        let new = locals
            .into_iter()
            .map(|(id, local)| (id.as_bytes().into(), local))
            .collect();
        let old = std::mem::replace(self.locals.of_mut(slot), new);
        let mut rows: Vec<Handle> = Vec::new();
        for id in old.keys().chain(self.locals.of_mut(slot).keys()) {
            rows.extend(self.columns.find(slot, id));
        }
        let mut changed = false;
        for row in rows {
            changed |= self.overlay(row);
        }
        self.generation += u64::from(changed);
    }

    /// Keeps a status for a row, or no more.
    pub fn set_local(&mut self, row: Handle, local: Option<LocalStatus>) {
        let id = self.columns.id(row).into_owned();
        self.set_local_id(self.slot(row), &id, local);
    }

    /// Keeps a status for the leak of a key, whether it is here or not; whether its profile is known.
    pub fn set_local_of(&mut self, key: &EntityKey, local: Option<LocalStatus>) -> bool {
        let slot = self.slot_of(&key.profile);
        if let Some(slot) = slot {
            self.set_local_id(slot, key.id.as_bytes(), local);
        }
        slot.is_some()
    }

    fn set_local_id(&mut self, slot: Slot, id: &[u8], local: Option<LocalStatus>) {
        let locals = self.locals.of_mut(slot);
        match local {
            Some(local) => locals.insert(id.into(), local),
            None => locals.remove(id),
        };
        if let Some(row) = self.columns.find(slot, id) {
            let changed = self.overlay(row);
            self.generation += u64::from(changed);
        }
    }

    /// Brings a row's bits up to its local status; whether that changed anything.
    pub(super) fn overlay(&mut self, row: Handle) -> bool {
        let local = self.local(row);
        let local = local.map(|local| local.effective(self.remote_said(row)));
        self.columns.set_local(row, local)
    }

    /// Whether rows of a profile may have a local status.
    pub(super) fn has_locals(&self, slot: Slot) -> bool {
        self.locals.of(slot).is_some()
    }
}
