//! Credentials: login and secret together, known by their fingerprint alone. The number of a fingerprint is the number
//! of its group.

use super::{
    Table,
    growth::{push, reserve_mapped},
    hash::HashKeys,
    index::Index,
    interner::NO_VALUE,
};
use crate::entity::fingerprint::Fingerprint;
use std::hash::BuildHasher;

/// Distinct fingerprints, each with the user that it is of.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    entries: Vec<(Fingerprint, u32)>,
    index: Index,
    hasher: HashKeys,
}

impl Credentials {
    /// Makes room for very many, where there are any.
    pub(super) fn reserve_mapped(&mut self) {
        if !self.entries.is_empty() {
            reserve_mapped(&mut self.entries);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, number: u32) -> Option<Fingerprint> {
        self.entries
            .get(number as usize)
            .map(|(fingerprint, _)| *fingerprint)
    }

    /// The number of the user's group, or [`NO_VALUE`] for a blank login.
    pub(super) fn user(&self, number: u32) -> u32 {
        self.entries
            .get(number as usize)
            .map_or(NO_VALUE, |(_, user)| *user)
    }

    pub(super) fn find(&self, fingerprint: Fingerprint) -> Option<u32> {
        self.index.find(self.hasher.hash_one(fingerprint), |at| {
            self.get(at) == Some(fingerprint)
        })
    }

    /// The numbers of fingerprints, each with its user, in steps over all of them: see
    /// [`super::interner::Interner::intern_all`].
    fn intern_all(&mut self, some: &[(Option<Fingerprint>, u32)]) -> Vec<u32> {
        let hash = |(fingerprint, _): &(Option<Fingerprint>, u32)| {
            fingerprint.map_or(0, |fingerprint| self.hasher.hash_one(fingerprint))
        };
        let hashes: Vec<u64> = some.iter().map(hash).collect();
        let likely = self.index.first_candidates(&hashes);
        let known: Vec<Option<u32>> = likely
            .into_iter()
            .zip(some)
            .map(|(number, (fingerprint, _))| {
                number.filter(|number| self.get(*number) == *fingerprint)
            })
            .collect();
        known
            .into_iter()
            .zip(some.iter().zip(hashes))
            .map(
                |(known, ((fingerprint, user), hash))| match (known, fingerprint) {
                    (_, None) => NO_VALUE,
                    (Some(known), _) => known,
                    (None, Some(fingerprint)) => self.intern_hashed(*fingerprint, *user, hash),
                },
            )
            .collect()
    }

    fn intern_hashed(&mut self, fingerprint: Fingerprint, user: u32, hash: u64) -> u32 {
        let found = self
            .index
            .find(hash, |at| self.get(at) == Some(fingerprint));
        if let Some(number) = found {
            return number;
        }
        let number = self.entries.len() as u32;
        push(&mut self.entries, (fingerprint, user));
        self.index.insert(hash, number);
        number
    }
}

impl Table {
    /// The numbers of rows' credentials, each with its login, which is interned already.
    pub(super) fn intern_credentials(&mut self, rows: &[(Option<Fingerprint>, u32)]) -> Vec<u32> {
        let user = |login: u32| self.group_by_number(super::GroupKind::User, login);
        let of_users: Vec<_> = rows
            .iter()
            .map(|(fingerprint, login)| match user(*login) {
                Some(user) => (*fingerprint, user.0),
                // A login that says nothing makes no credential one with another.
                None => (None, NO_VALUE),
            })
            .collect();
        self.credentials.intern_all(&of_users)
    }
}
