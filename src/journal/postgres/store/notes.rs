//! Last notes: the words of the newest job that has some and was to change the leak, or of a file that was imported.

use super::{TeamStore, first};
use crate::{
    entity::{
        claim::{ClaimOperation, ConsoleId, Justification, LastNote},
        error::JournalError,
        history::{HistoryAction, HistoryEntry, Note},
        job::{ChangeState, StorageTarget},
        key::{EntityKey, JobId, ProviderId},
        profile::ProfileBinding,
    },
    journal::{
        encoding,
        port::NoteStore,
        postgres::{
            call::{LONG, Value},
            row::{damaged, get, key, key_at, status, word},
        },
    },
};
use jiff::Timestamp;
use serde::Deserialize;
use std::{collections::HashMap, sync::Arc};
use tokio_postgres::{Row, types::Type};

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
    fn noted_jobs(&mut self) -> Result<HashMap<JobId, Arc<LastNote>>, JournalError> {
        let rows = self.read(
            "SELECT j.id, j.reason, j.note, j.ticket, j.created_at, c.role, c.host, c.tty, c.pid \
             FROM @.job AS j JOIN @.console AS c ON c.id = j.author WHERE coalesce(j.reason, j.note, j.ticket) IS NOT NULL",
            &[],
        )?;
        let mut jobs = HashMap::new();
        for row in &rows {
            let id = JobId(get(row, 0)?);
            let noted = LastNote {
                justification: Justification {
                    reason: get(row, 1)?,
                    note: get(row, 2)?,
                    ticket: get(row, 3)?,
                },
                noted_at: get(row, 4)?,
                author: Some(seat_at(row, 5)?),
                job: Some(id),
            };
            jobs.insert(id, Arc::new(noted));
        }
        Ok(jobs)
    }

    fn imported_notes(&mut self) -> Result<Vec<(EntityKey, LastNote)>, JournalError> {
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
                    LastNote {
                        justification: Justification {
                            reason: one.reason,
                            note: one.note,
                            ticket: one.ticket,
                        },
                        author: None,
                        noted_at: one.at,
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
    ) -> Result<Vec<(EntityKey, Arc<LastNote>)>, JournalError> {
        let numbers = self.numbers(profiles)?;
        let jobs = self.noted_jobs()?;
        let with_words: Vec<i64> = jobs.keys().map(|id| id.0).collect();
        let rows = self.read(
            "SELECT DISTINCT ON (account, kind, id) account, kind, id, job FROM @.change \
             WHERE job = ANY ($1) AND account = ANY ($2) AND state NOT IN (8, 10, 11) ORDER BY account, kind, id, job DESC",
            &[(&with_words, Type::INT8_ARRAY), (&numbers, Type::INT4_ARRAY)],
        )?;
        let mut last: HashMap<EntityKey, Arc<LastNote>> = HashMap::new();
        for row in &rows {
            if let Some(noted) = jobs.get(&JobId(get(row, 3)?)) {
                last.insert(key_at(row, 0, &self.accounts)?, Arc::clone(noted));
            }
        }
        for (key, noted) in self.imported_notes()? {
            let mine = profiles.iter().any(|binding| binding.name == key.profile);
            // What came in with a file replaces the note of an older job only.
            if mine
                && last
                    .get(&key)
                    .is_none_or(|known| known.noted_at < noted.noted_at)
            {
                last.insert(key, Arc::new(noted));
            }
        }
        for (key, note) in self.notes(profiles)? {
            let known = last.get(&key);
            if known.is_some_and(|known| known.noted_at > note.at) {
                continue;
            }
            let words =
                known.map_or_else(Justification::default, |known| known.justification.clone());
            let noted = LastNote {
                justification: Justification {
                    note: Some(note.text),
                    ..words
                },
                author: Some(note.by),
                noted_at: note.at,
                job: None,
            };
            last.insert(key, Arc::new(noted));
        }
        let mut last: Vec<_> = last.into_iter().collect();
        last.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(last)
    }

    fn add_note(
        &mut self,
        leaks: &[(EntityKey, ProviderId)],
        text: &str,
    ) -> Result<Note, JournalError> {
        self.may_write()?;
        let columns = self.columns(leaks)?;
        let rows = self.write_within(
            LONG,
            None,
            "note",
            "SELECT @.note_add($1::uuid, $2, $3, $4, $5, $6)",
            &[
                (&columns.account, Type::INT4_ARRAY),
                (&columns.kind, Type::INT2_ARRAY),
                (&columns.id, Type::BYTEA_ARRAY),
                (&text, Type::TEXT),
            ],
        )?;
        let role = self.identity.as_ref().map(|identity| identity.role.clone());
        Ok(Note {
            by: seat(
                role.unwrap_or_default(),
                self.who.host.clone(),
                self.who.tty.clone(),
                &self.who.pid,
            ),
            at: first(&rows, 0)?,
            text: text.to_owned(),
        })
    }

    fn notes(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Note)>, JournalError> {
        let numbers = self.numbers(profiles)?;
        let rows = self.read(
            "SELECT e.account, e.kind, e.id, e.at, c.role, c.host, c.tty, c.pid, e.words \
             FROM @.leak_event AS e JOIN @.console AS c ON c.id = e.console \
             WHERE e.what = 'note' AND e.account = ANY ($1) ORDER BY e.n",
            &[(&numbers, Type::INT4_ARRAY)],
        )?;
        rows.iter()
            .map(|row| {
                let note = Note {
                    at: get(row, 3)?,
                    by: seat_at(row, 4)?,
                    text: get::<Option<String>>(row, 8)?.unwrap_or_default(),
                };
                Ok((key_at(row, 0, &self.accounts)?, note))
            })
            .collect()
    }

    fn history(
        &mut self,
        leak: &EntityKey,
        provider: &ProviderId,
    ) -> Result<Vec<HistoryEntry>, JournalError> {
        let binding = self.binding_of(&leak.profile, provider);
        let numbers = self.numbers(&[binding])?;
        let (kind, id) = (
            encoding::kind_number(leak.kind) as i16,
            encoding::encode_id(leak.id.as_bytes()),
        );
        let place: &[Value<'_>] = &[
            (&numbers, Type::INT4_ARRAY),
            (&kind, Type::INT2),
            (&id, Type::BYTEA),
        ];
        let changes = self.read(
            "SELECT h.before, h.wanted, h.place, h.state, h.code, h.reason, j.id, j.command, j.wanted, j.created_at, \
             j.reason, j.note, j.ticket, c.role, c.host, c.tty, c.pid \
             FROM @.change AS h JOIN @.job AS j ON j.id = h.job JOIN @.console AS c ON c.id = j.author \
             WHERE h.account = ANY ($1) AND h.kind = $2 AND h.id = $3 AND h.state <> 10 ORDER BY j.id",
            place,
        )?;
        let mut entries = changes
            .iter()
            .map(change_entry)
            .collect::<Result<Vec<_>, _>>()?;
        for (key, noted) in self.imported_notes()? {
            if key == *leak {
                entries.push(HistoryEntry {
                    words: noted.justification,
                    ..HistoryEntry::new(noted.noted_at, noted.author, HistoryAction::Imported)
                });
            }
        }
        let acts = self.read(
            "SELECT e.at, e.what, e.words, c.role, c.host, c.tty, c.pid FROM @.leak_event AS e \
             JOIN @.console AS c ON c.id = e.console WHERE e.account = ANY ($1) AND e.kind = $2 AND e.id = $3 ORDER BY e.n",
            place,
        )?;
        for row in &acts {
            let what = match get::<&str>(row, 1)? {
                "note" => HistoryAction::Note,
                "claim" => HistoryAction::Claim(ClaimOperation::Claim),
                "take" => HistoryAction::Claim(ClaimOperation::Take),
                "release" => HistoryAction::Claim(ClaimOperation::Release),
                _ => return Err(damaged("a note or a claim")),
            };
            entries.push(HistoryEntry {
                words: Justification {
                    note: get(row, 2)?,
                    ..Justification::default()
                },
                ..HistoryEntry::new(get(row, 0)?, Some(seat_at(row, 3)?), what)
            });
        }
        Ok(entries)
    }
}

/// A change of a job, as the history of its leak has it.
fn change_entry(row: &Row) -> Result<HistoryEntry, JournalError> {
    let wrong = || damaged("a change");
    let small =
        |at| get::<i16>(row, at).and_then(|number| u8::try_from(number).map_err(|_| wrong()));
    let state = encoding::state(small(3)?).ok_or_else(wrong)?;
    let place = encoding::place(small(2)?).ok_or_else(wrong)?;
    let (code, reason): (Option<i16>, Option<String>) = (get(row, 4)?, get(row, 5)?);
    let detail = match (code, reason) {
        (Some(code), Some(reason)) => Some(format!("HTTP {code}: {reason}")),
        (Some(code), None) => Some(format!("HTTP {code}")),
        (None, reason) => reason,
    };
    let after = match state {
        ChangeState::Local if place == StorageTarget::Both => status(row, 8)?,
        _ => status(row, 1)?,
    };
    Ok(HistoryEntry {
        before: status(row, 0)?,
        after,
        outcome: Some(state.outcome().to_string()),
        detail,
        job: Some(JobId(get(row, 6)?)),
        words: Justification {
            reason: get(row, 10)?,
            note: get(row, 11)?,
            ticket: get(row, 12)?,
        },
        ..HistoryEntry::new(
            get(row, 9)?,
            Some(seat_at(row, 13)?),
            HistoryAction::Change(word(get(row, 7)?, "a job")?),
        )
    })
}

/// Reads role, host, terminal and process from a column on.
fn seat_at(row: &Row, at: usize) -> Result<ConsoleId, JournalError> {
    let pid: String = get(row, at + 3)?;
    Ok(seat(
        get(row, at)?,
        get(row, at + 1)?,
        get(row, at + 2)?,
        &pid,
    ))
}

fn seat(role: String, host: String, tty: String, pid: &str) -> ConsoleId {
    ConsoleId {
        user: role,
        host,
        console: if tty.is_empty() {
            format!("process {pid}")
        } else {
            tty
        },
    }
}
