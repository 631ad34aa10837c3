//! What breaches are, by name; and whose data they are.

use super::{ProfileSlot, RowId, Table, interner::Interner};
use crate::entity::{breach::Breach, placeholder::is_placeholder, raw_text::RawText};

/// Distinct names of breaches, and what is known of each.
#[derive(Clone, Debug)]
pub(super) struct Breaches {
    pub(super) names: Interner,
    /// By name.
    details: Vec<Option<Box<Breach>>>,
    /// By profile, whose data it is.
    attributions: Vec<Option<String>>,
}

impl Default for Breaches {
    fn default() -> Self {
        Self {
            names: Interner::default().with_informative_check(|name| !is_placeholder(name)),
            details: Vec::new(),
            attributions: Vec::new(),
        }
    }
}

impl Breaches {
    /// What is known of the breach of a number, be it its name alone.
    pub(super) fn get(&self, number: u32) -> Option<Breach> {
        let name = self.names.get(number)?;
        let known = self.details.get(number as usize).and_then(Option::as_deref);
        Some(known.cloned().unwrap_or_else(|| Breach {
            name: RawText::from(name),
            ..Breach::default()
        }))
    }
}

impl Table {
    /// Takes in what breaches are: for the leaks that are from them, here or to come. The last wins.
    pub fn add_breaches(&mut self, breaches: &[Breach]) {
        let mut changed = false;
        for breach in breaches {
            let number = self.breaches.names.intern(breach.name.as_bytes()) as usize;
            let known = &mut self.breaches.details;
            if known.len() <= number {
                known.resize(number + 1, None);
            }
            if known[number].as_deref() != Some(breach) {
                known[number] = Some(Box::new(breach.clone()));
                changed = true;
            }
        }
        self.generation += u64::from(changed);
    }

    /// The breach that a row is from.
    pub fn row_breach(&self, row: RowId) -> Option<Breach> {
        self.breaches.get(self.columns.breach(row))
    }

    /// Whose data a profile's leaks, breaches and pastes are, where that must be said.
    pub fn attribution(&self, slot: ProfileSlot) -> Option<&str> {
        self.breaches.attributions.get(slot.0 as usize)?.as_deref()
    }

    /// Notes whose data a profile's leaks, breaches and pastes are.
    pub fn set_attribution(&mut self, slot: ProfileSlot, attribution: Option<String>) {
        let at = slot.0 as usize;
        let all = &mut self.breaches.attributions;
        if all.len() <= at {
            all.resize(at + 1, None);
        }
        if all[at] != attribution {
            all[at] = attribution;
            self.generation += 1;
        }
    }
}
