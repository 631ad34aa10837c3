//! What the journal keeps of a leak beside its status: who has taken it on, and the last words that were left with it.

use super::{Handle, Slot, Table};
use crate::{
    entity::{
        claim::{Claim, Noted},
        key::RemoteId,
    },
    filter::{Field, Values, contains, fold},
};
use std::{collections::HashMap, sync::Arc};

type ById<T> = HashMap<Box<[u8]>, T>;

/// By profile, by the provider's id, for rows that are here and rows that come later.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    claims: Vec<ById<Claim>>,
    noted: Vec<ById<Arc<Noted>>>,
}

/// Replaces what is kept for a profile; whether that changed anything.
fn put<T: PartialEq>(
    all: &mut Vec<ById<T>>,
    slot: Slot,
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
    pub fn claim(&self, row: Handle) -> Option<&Claim> {
        let claims = self.kept.claims.get(self.slot(row).0 as usize)?;
        // Most profiles have none, and an id has to be made to be looked for.
        if claims.is_empty() {
            return None;
        }
        claims.get(&*self.columns.id(row))
    }

    /// The last words that were left with a row.
    pub fn noted(&self, row: Handle) -> Option<&Arc<Noted>> {
        let noted = self.kept.noted.get(self.slot(row).0 as usize)?;
        if noted.is_empty() {
            return None;
        }
        noted.get(&*self.columns.id(row))
    }

    /// Whether what is kept of a row holds one of these, in any case.
    pub(super) fn passes_kept(&self, field: Field, wanted: &Values, row: Handle) -> bool {
        let words = self.noted(row).map(|noted| &noted.words);
        let text = match field {
            Field::Claimed => self.claim(row).map(|claim| &claim.by.user),
            Field::Ticket => words.and_then(|words| words.ticket.as_ref()),
            _ => words.and_then(|words| words.reason.as_ref()),
        };
        match text.filter(|text| !text.is_empty()) {
            None => wanted.missing,
            Some(text) => {
                let text = fold(text.as_bytes());
                let mut any = wanted.any.iter();
                any.any(|needle| needle.forms().any(|form| contains(&text, form)))
            }
        }
    }

    /// Every claim, on leaks that are not here too.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.kept.claims.iter().flat_map(HashMap::values)
    }

    /// Replaces the claims of a profile.
    pub fn set_claims(&mut self, slot: Slot, claims: impl IntoIterator<Item = (RemoteId, Claim)>) {
        let changed = put(&mut self.kept.claims, slot, claims);
        self.generation += u64::from(changed);
    }

    /// Replaces the last words of a profile's leaks.
    pub fn set_noted(
        &mut self,
        slot: Slot,
        noted: impl IntoIterator<Item = (RemoteId, Arc<Noted>)>,
    ) {
        let changed = put(&mut self.kept.noted, slot, noted);
        self.generation += u64::from(changed);
    }
}
