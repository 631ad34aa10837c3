//! Whether this run may write.

use super::{Services, journal_state};
use crate::{
    app::{
        effect::AccessEffect,
        message::{Message, Watched},
    },
    journal::Access,
};

impl Services {
    /// Asks the journal.
    pub(in crate::runtime) async fn access(&self, effect: AccessEffect) -> Message {
        match effect {
            AccessEffect::Watch => self.watch().await,
        }
    }

    /// Whether somebody else has written, and what we may do now.
    async fn watch(&self) -> Message {
        let watched = self.journal.access() != Access::Writer;
        let changes = self.journal.changes_since().await;
        if watched {
            // This one writes from now on, it may be.
            self.tell_missing().await;
        }
        Message::Watched(changes.map(|changes| Watched {
            changes,
            journal: journal_state(&self.journal),
        }))
    }
}
