//! Notes and histories.

use super::Services;
use crate::{
    app::{
        effect::{AuditNote, NotesEffect},
        message::Message,
    },
    entity::{
        claim::Justification,
        error::JournalError,
        history::{HistoryAction, HistoryEntry},
        key::{EntityKey, ProviderId},
        seen::Event,
    },
    runtime::seen_memory,
};

impl Services {
    /// Reads the history of a leak, or adds a note.
    pub(in crate::runtime) async fn notes(&self, effect: NotesEffect) -> Message {
        match effect {
            NotesEffect::LoadHistory { key, provider } => {
                let read = self.read_events(&key, &provider).await;
                let result = self.journal.history(key.clone(), provider).await;
                let result = result.map(|mut acts| {
                    acts.extend(read);
                    acts.sort_by_key(|act| act.at);
                    acts
                });
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

    /// What readings found out about a leak. A memory that cannot be read says nothing here; the console has told that.
    async fn read_events(&self, key: &EntityKey, provider: &ProviderId) -> Vec<HistoryEntry> {
        let Some(memory) = self.seen.as_ref().filter(|memory| memory.is_there()) else {
            return Vec::new();
        };
        let mark = memory.marks().mark(provider, key.kind, key.id.as_bytes());
        let profile = key.profile.clone();
        let events = memory
            .ask(move |store| seen_memory::events_of(store, &profile, mark))
            .await;
        let events = events.unwrap_or_default().into_iter();
        let entry = |event: Event| {
            let at = jiff::Timestamp::from_second(event.what.at).ok()?;
            let (before, after) = (event.what.before.status, event.what.after.status);
            Some(HistoryEntry {
                before: (before != after).then_some(before),
                after: (before != after).then_some(after),
                ..HistoryEntry::new(at, None, HistoryAction::Read(event.what.kind))
            })
        };
        events.filter_map(entry).collect()
    }

    /// Adds a note to leaks between two lines of the audit log.
    async fn add_note(
        &self,
        leaks: Vec<(EntityKey, ProviderId)>,
        text: String,
    ) -> Result<(), JournalError> {
        let line = |outcome: &str| {
            let keys: Vec<_> = leaks.iter().map(|(key, _)| key.clone()).collect();
            let mut record = self.audit_record(AuditNote {
                profile: match &keys[..] {
                    [key] => Some(key.profile.clone()),
                    _ => None,
                },
                action: "note",
                keys,
                outcome: outcome.to_owned(),
                detail: None,
            });
            record.justification = Justification {
                note: Some(text.clone()),
                ..Justification::default()
            };
            record
        };
        let (asked, done) = (line("asked"), line("done"));
        self.journal.audit(asked).await?;
        self.journal.add_note(leaks, text).await?;
        self.journal.audit(done).await
    }
}
