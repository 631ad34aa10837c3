//! Credentials: login and secret together, known by their fingerprint alone. The number of a fingerprint is the number
//! of its group.

use super::{Table, hash::Keys, index::Index, numbers::push, strings::NONE};
use crate::entity::fingerprint::Fingerprint;
use std::hash::BuildHasher;

/// Distinct fingerprints, each with the user that it is of.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    known: Vec<(Fingerprint, u32)>,
    index: Index,
    hasher: Keys,
}

impl Credentials {
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    pub(super) fn get(&self, number: u32) -> Option<Fingerprint> {
        self.known
            .get(number as usize)
            .map(|(fingerprint, _)| *fingerprint)
    }

    /// The number of the user's group, or [`NONE`] for a blank login.
    pub(super) fn user(&self, number: u32) -> u32 {
        self.known
            .get(number as usize)
            .map_or(NONE, |(_, user)| *user)
    }

    pub(super) fn find(&self, fingerprint: Fingerprint) -> Option<u32> {
        self.index.find(self.hasher.hash_one(fingerprint), |at| {
            self.get(at) == Some(fingerprint)
        })
    }

    fn intern(&mut self, fingerprint: Fingerprint, user: u32) -> u32 {
        if let Some(number) = self.find(fingerprint) {
            return number;
        }
        let number = self.known.len() as u32;
        push(&mut self.known, (fingerprint, user));
        let (known, hasher) = (&self.known, &self.hasher);
        self.index
            .insert(hasher.hash_one(fingerprint), number, |at| {
                hasher.hash_one(known[at as usize].0)
            });
        number
    }
}

impl Table {
    /// The number of a row's credential; its login is interned already.
    pub(super) fn intern_credential(
        &mut self,
        fingerprint: Option<Fingerprint>,
        login: u32,
    ) -> u32 {
        let Some(fingerprint) = fingerprint else {
            return NONE;
        };
        let user = self.group_of(super::GroupKind::User, login);
        self.credentials
            .intern(fingerprint, user.map_or(NONE, |user| user.0))
    }
}
