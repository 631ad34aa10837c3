//! Notes and histories. What was read of jobs that have ended is kept: it does not change any more.

use super::SqliteStore;
use crate::{
    entity::{
        claim::LastNote,
        error::JournalError,
        history::{HistoryEntry, Note},
        key::{EntityKey, ProviderId},
        profile::ProfileBinding,
    },
    journal::{
        port::NoteStore,
        sqlite::{chain, leak_event, notes, seat::seat_of, sql},
    },
};
use serde_json::json;
use std::sync::Arc;

impl NoteStore for SqliteStore {
    fn last_notes(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Arc<LastNote>)>, JournalError> {
        let mut ended = std::mem::take(&mut self.ended_jobs);
        let accounts = sql::accounts(profiles);
        let noted = self.read(|transaction| {
            let last = notes::for_accounts(transaction, &accounts, &mut ended)?;
            leak_event::overlay(transaction, profiles, last)
        });
        self.ended_jobs = ended;
        Ok(noted?.unwrap_or_default())
    }

    fn add_note(
        &mut self,
        leaks: &[(EntityKey, ProviderId)],
        text: &str,
    ) -> Result<Note, JournalError> {
        let (by, now) = (seat_of(&self.operator), (self.now)());
        self.commit(|transaction| {
            let note = leak_event::add_note(transaction, leaks, text, by, now)?;
            let detail =
                json!({"leaks": leaks.len(), "by": note.by.user_at_host(), "console": note.by.console});
            chain::append(transaction, now, None, "note", &detail)?;
            Ok(note)
        })
    }

    fn notes(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Note)>, JournalError> {
        let notes = self.read(|transaction| leak_event::notes(transaction, profiles))?;
        Ok(notes.unwrap_or_default())
    }

    fn history(
        &mut self,
        leak: &EntityKey,
        provider: &ProviderId,
    ) -> Result<Vec<HistoryEntry>, JournalError> {
        let entries = self.read(|transaction| leak_event::history(transaction, leak, provider))?;
        Ok(entries.unwrap_or_default())
    }
}
