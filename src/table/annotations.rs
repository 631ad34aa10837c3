//! What the journal keeps of a leak beside its status: who has taken it on, and the last words that were left with it.

use super::{ProfileSlot, RowId, Table};
use crate::{
    entity::{
        claim::{Claim, LastNote},
        key::RemoteId,
    },
    filter::{Field, Values, case_fold, contains},
};
use std::{collections::HashMap, sync::Arc};

type ById<T> = HashMap<Box<[u8]>, T>;

/// By profile, by the provider's id, for rows that are here and rows that come later.
#[derive(Clone, Debug, Default)]
pub(super) struct Annotations {
    claims: Vec<ById<Claim>>,
    last_notes: Vec<ById<Arc<LastNote>>>,
}

/// Replaces what is kept for a profile; whether that changed anything.
fn replace<T: PartialEq>(
    all: &mut Vec<ById<T>>,
    slot: ProfileSlot,
    new: impl IntoIterator<Item = (RemoteId, T)>,
) -> bool {
    let at = slot.0 as usize;
    if all.len() <= at {
        all.resize_with(at + 1, HashMap::new);
    }
    let new: ById<T> = new
        .into_iter()
        .map(|(id, value)| (id.as_bytes().into(), value))
        .collect();
    let Some(old) = all.get_mut(at).filter(|old| **old != new) else {
        return false;
    };
    *old = new;
    true
}

impl Table {
    /// Who has taken a row on.
    pub fn claim(&self, row: RowId) -> Option<&Claim> {
        let claims = self.annotations.claims.get(self.slot(row).0 as usize)?;
        // Most profiles have none, and an id has to be made to be looked for.
        if claims.is_empty() {
            return None;
        }
        claims.get(&*self.columns.id(row))
    }

    /// The last words that were left with a row.
    pub fn last_note(&self, row: RowId) -> Option<&Arc<LastNote>> {
        let noted = self.annotations.last_notes.get(self.slot(row).0 as usize)?;
        if noted.is_empty() {
            return None;
        }
        noted.get(&*self.columns.id(row))
    }

    /// Whether what is kept of a row holds one of these, in any case.
    pub(super) fn matches_annotation(&self, field: Field, wanted: &Values, row: RowId) -> bool {
        let words = self.last_note(row).map(|noted| &noted.justification);
        let text = match field {
            Field::Claimed => self.claim(row).map(|claim| &claim.claimant.user),
            Field::Ticket => words.and_then(|words| words.ticket.as_ref()),
            _ => words.and_then(|words| words.reason.as_ref()),
        };
        match text.filter(|text| !text.is_empty()) {
            None => wanted.missing,
            Some(text) => {
                let text = case_fold(text.as_bytes());
                let mut any = wanted.needles.iter();
                any.any(|needle| needle.forms().any(|form| contains(&text, form)))
            }
        }
    }

    /// Every claim, on leaks that are not here too.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.annotations.claims.iter().flat_map(HashMap::values)
    }

    /// Replaces the claims of a profile.
    pub fn set_claims(
        &mut self,
        slot: ProfileSlot,
        claims: impl IntoIterator<Item = (RemoteId, Claim)>,
    ) {
        let changed = replace(&mut self.annotations.claims, slot, claims);
        self.generation += u64::from(changed);
    }

    /// Replaces the last words of a profile's leaks.
    pub fn set_last_notes(
        &mut self,
        slot: ProfileSlot,
        noted: impl IntoIterator<Item = (RemoteId, Arc<LastNote>)>,
    ) {
        let changed = replace(&mut self.annotations.last_notes, slot, noted);
        self.generation += u64::from(changed);
    }
}
