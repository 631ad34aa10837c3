//! Last notes: the words of the newest job that has some and was to change the leak, or of a file that was imported.

use super::TeamStore;
use crate::{
    entity::{
        claim::{Noted, Seat, Words},
        error::JournalError,
        key::{EntityKey, JobId},
        profile::ProfileBinding,
    },
    journal::{
        port::NoteStore,
        postgres::row::{get, key, key_at},
    },
};
use jiff::Timestamp;
use serde::Deserialize;
use std::{collections::HashMap, sync::Arc};
use tokio_postgres::types::Type;

/// A note that came in with a file, as its event holds it.
#[derive(Deserialize)]
struct Imported {
    account: i32,
    kind: i16,
    id: String,
    at: Timestamp,
    reason: Option<String>,
    note: Option<String>,
    ticket: Option<String>,
}

impl TeamStore {
    /// The notes of jobs: one object a job.
    fn noted_jobs(&mut self) -> Result<HashMap<JobId, Arc<Noted>>, JournalError> {
        let rows = self.read(
            "SELECT j.id, j.reason, j.note, j.ticket, j.created_at, c.role, c.host, c.tty, c.pid \
             FROM @.job AS j JOIN @.console AS c ON c.id = j.author WHERE coalesce(j.reason, j.note, j.ticket) IS NOT NULL",
            &[],
        )?;
        let mut jobs = HashMap::new();
        for row in &rows {
            let id = JobId(get(row, 0)?);
            let (tty, pid): (String, String) = (get(row, 7)?, get(row, 8)?);
            let noted = Noted {
                words: Words {
                    reason: get(row, 1)?,
                    note: get(row, 2)?,
                    ticket: get(row, 3)?,
                },
                at: get(row, 4)?,
                by: Some(Seat {
                    user: get(row, 5)?,
                    host: get(row, 6)?,
                    console: if tty.is_empty() {
                        format!("process {pid}")
                    } else {
                        tty
                    },
                }),
                job: Some(id),
            };
            jobs.insert(id, Arc::new(noted));
        }
        Ok(jobs)
    }

    fn imported_notes(&mut self) -> Result<Vec<(EntityKey, Noted)>, JournalError> {
        let rows = self.read(
            "SELECT detail FROM @.event WHERE what = 'statuses' AND detail LIKE '%\"words\"%' ORDER BY seq DESC",
            &[],
        )?;
        let mut notes = Vec::new();
        for row in &rows {
            let detail: serde_json::Value = serde_json::from_str(get(row, 0)?).unwrap_or_default();
            let words = detail.get("words").cloned().unwrap_or_default();
            let words: Vec<Imported> = serde_json::from_value(words).unwrap_or_default();
            for one in words {
                let id: Vec<u8> = (0..one.id.len() / 2)
                    .filter_map(|at| u8::from_str_radix(one.id.get(at * 2..at * 2 + 2)?, 16).ok())
                    .collect();
                let key = key(&self.accounts, one.account, one.kind, &id)?;
                notes.push((
                    key,
                    Noted {
                        words: Words {
                            reason: one.reason,
                            note: one.note,
                            ticket: one.ticket,
                        },
                        by: None,
                        at: one.at,
                        job: None,
                    },
                ));
            }
        }
        Ok(notes)
    }
}

impl NoteStore for TeamStore {
    fn last_notes(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Arc<Noted>)>, JournalError> {
        let numbers = self.numbers(profiles)?;
        let jobs = self.noted_jobs()?;
        let with_words: Vec<i64> = jobs.keys().map(|id| id.0).collect();
        let rows = self.read(
            "SELECT DISTINCT ON (account, kind, id) account, kind, id, job FROM @.change \
             WHERE job = ANY ($1) AND account = ANY ($2) AND state NOT IN (8, 10, 11) ORDER BY account, kind, id, job DESC",
            &[(&with_words, Type::INT8_ARRAY), (&numbers, Type::INT4_ARRAY)],
        )?;
        let mut last: HashMap<EntityKey, Arc<Noted>> = HashMap::new();
        for row in &rows {
            if let Some(noted) = jobs.get(&JobId(get(row, 3)?)) {
                last.insert(key_at(row, 0, &self.accounts)?, Arc::clone(noted));
            }
        }
        for (key, noted) in self.imported_notes()? {
            let mine = profiles.iter().any(|binding| binding.name == key.profile);
            // What came in with a file replaces the note of an older job only.
            if mine && last.get(&key).is_none_or(|known| known.at < noted.at) {
                last.insert(key, Arc::new(noted));
            }
        }
        let mut last: Vec<_> = last.into_iter().collect();
        last.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(last)
    }
}
