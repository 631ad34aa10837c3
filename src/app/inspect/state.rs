//! The record of a group as an overlay holds it.

use crate::{
    app::model::GroupRef,
    entity::{history::HistoryEntry, key::EntityKey},
};

/// The record of a group on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// Of which.
    pub group: GroupRef,
    /// Number of the item under the cursor.
    pub cursor: usize,
    /// What was done with its leaks.
    pub history: Acts,
}

impl Inspected {
    /// A record whose history is not read yet.
    pub fn new(group: GroupRef) -> Self {
        Self {
            group,
            cursor: 0,
            history: Acts::Loading,
        }
    }
}

/// What is known of what was done with leaks.
#[derive(Clone, Debug, PartialEq)]
pub enum Acts {
    /// It is being read.
    Loading,
    /// Acts, oldest first.
    Known(Vec<Act>),
    /// It could not be read, for this reason.
    Failed(String),
}

/// One act, on one leak or on several at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// The act.
    pub entry: HistoryEntry,
    /// The leaks that it was done with.
    pub leaks: Vec<EntityKey>,
}

/// Folds what was done with several leaks in the same way at the same moment into one act each, oldest first.
pub(super) fn folded(entries: &[(EntityKey, HistoryEntry)]) -> Vec<Act> {
    let mut acts: Vec<Act> = Vec::new();
    for (leak, entry) in entries {
        // Acts of one moment stand beside each other.
        let same = acts
            .iter_mut()
            .rev()
            .take_while(|act| act.entry.at == entry.at)
            .find(|act| act.entry == *entry);
        match same {
            Some(act) => act.leaks.push(leak.clone()),
            None => acts.push(Act {
                entry: entry.clone(),
                leaks: vec![leak.clone()],
            }),
        }
    }
    acts
}
