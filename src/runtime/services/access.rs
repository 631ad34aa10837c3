//! Whether this run may write.

use super::{Services, journal_state, team};
use crate::{
    app::{
        effect::AccessEffect,
        message::{AccessPoll, Message},
    },
    entity::{error::JournalError, journal_changes::JournalChanges},
    journal::Access,
};
use std::time::Duration;

/// How long news are waited for at most.
const NEWS: Duration = Duration::from_secs(30);

impl Services {
    /// Asks the journal.
    pub(in crate::runtime) async fn perform_access(&self, effect: AccessEffect) -> Message {
        match effect {
            AccessEffect::PollAccess => self.poll_access().await,
        }
    }

    /// Whether somebody else has written, and what we may do now.
    async fn poll_access(&self) -> Message {
        if let Some(news) = self.journal.news() {
            news.wait(NEWS).await;
        }
        let watched = self.journal.access() != Access::Writer;
        let changes = self.journal.changes_since().await;
        if watched {
            // This one writes from now on, it may be.
            self.audit_missing().await;
        }
        // While the store is gone, what was seen last stays on the screen.
        let changes = match (changes, self.journal.news()) {
            (Err(JournalError::Unreachable { .. }), Some(_)) => Ok(JournalChanges::NONE),
            (changes, _) => changes,
        };
        let team = team(&self.journal).await;
        Message::AccessPolled(changes.map(|changes| AccessPoll {
            changes,
            journal: journal_state(&self.journal),
            team,
        }))
    }
}
