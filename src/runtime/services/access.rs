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
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// How long news are waited for at most.
const NEWS: Duration = Duration::from_secs(30);
/// How long a team's store may be gone before that is told: a restart takes about as long.
const GONE: Duration = Duration::from_secs(2);
/// How often it is looked whether the store is gone while it does not answer.
const LOOK: Duration = Duration::from_millis(250);

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
        let changes = self.changes_since().await;
        if watched && changes.is_ok() {
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

    /// What others have written. A team's store that is gone is asked again while it may be restarting; where it does not
    /// answer, who looks at the screen is told meanwhile. The question that was not waited for takes news with it: after it
    /// everything is news.
    async fn changes_since(&self) -> Result<JournalChanges, JournalError> {
        let Some(news) = self.journal.news() else {
            return self.journal.changes_since().await;
        };
        let gone = || JournalError::Unreachable {
            why: "the store is gone".to_owned(),
        };
        if self.missed_news.load(Ordering::Relaxed) && news.state().lost.is_some() {
            return Err(gone());
        }
        let start = Instant::now();
        let mut asked = Box::pin(self.journal.changes_since());
        loop {
            let answered = tokio::time::timeout(LOOK, &mut asked).await;
            let is_over = start.elapsed() >= GONE;
            match answered {
                Ok(Err(JournalError::Unreachable { .. })) if !is_over => {
                    tokio::time::sleep(LOOK).await;
                    asked = Box::pin(self.journal.changes_since());
                }
                Ok(Ok(_)) if self.missed_news.swap(false, Ordering::Relaxed) => {
                    return Ok(JournalChanges::ALL);
                }
                Ok(changes) => return changes,
                Err(_) if is_over && news.state().lost.is_some() => {
                    self.missed_news.store(true, Ordering::Relaxed);
                    return Err(gone());
                }
                Err(_) => {}
            }
        }
    }
}
