//! Notes and histories.

use super::Services;
use crate::{
    app::{
        effect::{AuditNote, NotesEffect},
        message::Message,
    },
    entity::{
        claim::Words,
        error::JournalError,
        key::{EntityKey, ProviderId},
    },
};

impl Services {
    /// Reads the history of a leak, or adds a note.
    pub(in crate::runtime) async fn notes(&self, effect: NotesEffect) -> Message {
        match effect {
            NotesEffect::LoadHistory { key, provider } => {
                let result = self.journal.history(key.clone(), provider).await;
                Message::HistoryLoaded {
                    key: Box::new(key),
                    result,
                }
            }
            NotesEffect::LoadHistories { group, leaks } => Message::HistoriesLoaded {
                group,
                result: self.journal.histories(leaks).await,
            },
            NotesEffect::AddNote { leaks, text } => Message::NoteAdded {
                leaks: leaks.len(),
                result: self.add_note(leaks, text).await,
            },
        }
    }

    /// Adds a note to leaks between two lines of the audit log.
    async fn add_note(
        &self,
        leaks: Vec<(EntityKey, ProviderId)>,
        text: String,
    ) -> Result<(), JournalError> {
        let line = |outcome: &str| {
            let keys: Vec<_> = leaks.iter().map(|(key, _)| key.clone()).collect();
            let mut record = self.record_of(AuditNote {
                profile: match &keys[..] {
                    [key] => Some(key.profile.clone()),
                    _ => None,
                },
                action: "note",
                keys,
                outcome: outcome.to_owned(),
                detail: None,
            });
            record.words = Words {
                note: Some(text.clone()),
                ..Words::default()
            };
            record
        };
        let (asked, done) = (line("asked"), line("done"));
        self.journal.audit(asked).await?;
        self.journal.add_note(leaks, text).await?;
        self.journal.audit(done).await
    }
}
