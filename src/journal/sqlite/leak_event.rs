//! What operators did with a leak beside the changes of jobs: notes, claims, takeovers and releases. Rows are only added,
//! and renamed when all data of a profile moves to another name.

use super::{
    notes, read, row,
    row_checksum::RowChecksum,
    sql::{self, accounts, placeholders},
    store_error::StoreError,
};
use crate::{
    entity::{
        claim::{ClaimOperation, ConsoleId, Justification, LastNote},
        history::{HistoryAction, HistoryEntry, Note},
        job::{Change, ChangeState},
        key::{EntityKey, JobId, ProviderId},
        profile::ProfileBinding,
    },
    journal::port::Move,
};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params, params_from_iter, types::Value};
use std::{collections::HashMap, sync::Arc};

/// Columns of an event; the hash is the last.
const COLUMNS: &str = "profile, provider, kind, id, at, user, host, console, what, text, seq, hash";

/// First schema with this table.
const SINCE: i64 = 4;

/// A leak and its provider.
type Leak = (EntityKey, ProviderId);

/// One event on one leak.
struct LeakEvent {
    leak: Leak,
    at: Timestamp,
    by: ConsoleId,
    what: String,
    text: Option<String>,
}

/// Adds the same event to leaks. `what` is `note` or the word of a claim act.
pub(super) fn append(
    connection: &Connection,
    leaks: &[Leak],
    (by, at): (&ConsoleId, Timestamp),
    what: &str,
    text: Option<&str>,
) -> Result<(), StoreError> {
    let mut seq: i64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM leak_event", [], |row| {
            row.get(0)
        })?;
    let mut checksum = RowChecksum::for_table("leak_event");
    let mut put = connection.prepare(&format!(
        "INSERT INTO leak_event ({COLUMNS}) VALUES ({})",
        placeholders(12)
    ))?;
    for leak in leaks {
        seq += 1;
        let event = LeakEvent {
            leak: leak.clone(),
            at,
            by: by.clone(),
            what: what.to_owned(),
            text: text.map(str::to_owned),
        };
        let (mut values, hash) = event.values(seq);
        checksum.add(&hash);
        values.push(Value::Blob(hash));
        put.execute(params_from_iter(values))?;
    }
    checksum.store(connection)
}

/// Adds a note to leaks.
pub(super) fn add_note(
    connection: &Connection,
    leaks: &[Leak],
    text: &str,
    by: ConsoleId,
    at: Timestamp,
) -> Result<Note, StoreError> {
    append(connection, leaks, (&by, at), "note", Some(text))?;
    Ok(Note {
        by,
        at,
        text: text.to_owned(),
    })
}

/// Returns the notes on leaks of these profiles, oldest first.
pub(super) fn notes(
    connection: &Connection,
    profiles: &[ProfileBinding],
) -> Result<Vec<(EntityKey, Note)>, StoreError> {
    if !exists(connection)? {
        return Ok(Vec::new());
    }
    let accounts = accounts(profiles);
    let mut statement = connection.prepare(&format!(
        "SELECT {COLUMNS} FROM leak_event WHERE what = 'note' ORDER BY seq"
    ))?;
    let mut rows = statement.query([])?;
    let mut notes = Vec::new();
    while let Some(row) = rows.next()? {
        let event = LeakEvent::read(row)?;
        let (key, provider) = event.leak;
        if accounts.contains(&(key.profile.as_str(), provider.as_str())) {
            let note = Note {
                by: event.by,
                at: event.at,
                text: event.text.unwrap_or_default(),
            };
            notes.push((key, note));
        }
    }
    Ok(notes)
}

/// Lays newer notes over the last words of jobs.
pub(super) fn overlay(
    connection: &Connection,
    profiles: &[ProfileBinding],
    last: Vec<(EntityKey, Arc<LastNote>)>,
) -> Result<Vec<(EntityKey, Arc<LastNote>)>, StoreError> {
    let notes = notes(connection, profiles)?;
    if notes.is_empty() {
        return Ok(last);
    }
    let mut last: HashMap<_, _> = last.into_iter().collect();
    for (key, note) in notes {
        let known = last.get(&key);
        if known.is_some_and(|known| known.noted_at > note.at) {
            continue;
        }
        let words = known.map_or_else(Justification::default, |known| known.justification.clone());
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

/// Returns what is known of a leak: see [`NoteStore::history`](crate::journal::port::NoteStore::history).
pub(super) fn history(
    connection: &Connection,
    leak: &EntityKey,
    provider: &ProviderId,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let mut entries = changes(connection, leak, provider)?;
    let imported = notes::imported(connection)?.into_iter();
    let imported = imported.filter(|words| words.key == *leak && words.provider == *provider);
    entries.extend(imported.map(|words| HistoryEntry {
        words: words.note.justification,
        ..HistoryEntry::new(
            words.note.noted_at,
            words.note.author,
            HistoryAction::Imported,
        )
    }));
    if !exists(connection)? {
        return Ok(entries);
    }
    let mut statement = connection.prepare(&format!(
        "SELECT {COLUMNS} FROM leak_event WHERE profile = ?1 AND provider = ?2 AND kind = ?3 AND id = ?4 ORDER BY seq"
    ))?;
    let mut rows = statement.query(params![
        leak.profile.as_str(),
        provider.as_str(),
        row::kind_number(leak.kind),
        row::encode_id(leak.id.as_bytes())
    ])?;
    while let Some(row) = rows.next()? {
        let event = LeakEvent::read(row)?;
        let what = match event.what.as_str() {
            "note" => HistoryAction::Note,
            "claim" => HistoryAction::Claim(ClaimOperation::Claim),
            "take" => HistoryAction::Claim(ClaimOperation::Take),
            "release" => HistoryAction::Claim(ClaimOperation::Release),
            _ => return Err(damaged()),
        };
        entries.push(HistoryEntry {
            words: Justification {
                note: event.text,
                ..Justification::default()
            },
            ..HistoryEntry::new(event.at, Some(event.by), what)
        });
    }
    Ok(entries)
}

/// Returns the number of events that [`rename`] would rename.
pub(super) fn count(connection: &Connection, wish: &Move) -> Result<u64, StoreError> {
    if !exists(connection)? {
        return Ok(0);
    }
    let count: i64 = connection.query_row(
        "SELECT count(*) FROM leak_event WHERE profile = ?1 AND provider = ?2",
        params![wish.from.as_str(), wish.provider.as_str()],
        |row| row.get(0),
    )?;
    Ok(count.unsigned_abs())
}

/// Renames the events of a profile, when all of its data moves to another name.
pub(super) fn rename(connection: &Connection, wish: &Move) -> Result<(), StoreError> {
    let mut found = Vec::new();
    {
        let mut statement = connection.prepare(&format!(
            "SELECT {COLUMNS} FROM leak_event WHERE profile = ?1 AND provider = ?2 ORDER BY seq"
        ))?;
        let mut rows = statement.query(params![wish.from.as_str(), wish.provider.as_str()])?;
        while let Some(row) = rows.next()? {
            let (seq, hash): (i64, Vec<u8>) = (row.get(10)?, row.get(11)?);
            found.push((seq, hash, LeakEvent::read(row)?));
        }
    }
    let mut checksum = RowChecksum::for_table("leak_event");
    let mut put =
        connection.prepare("UPDATE leak_event SET profile = ?2, hash = ?3 WHERE seq = ?1")?;
    for (seq, old, mut event) in found {
        event.leak.0.profile = wish.to.clone();
        let (_, hash) = event.values(seq);
        checksum.remove(&old);
        checksum.add(&hash);
        put.execute(params![seq, wish.to.as_str(), hash])?;
    }
    checksum.store(connection)
}

/// Reads every row, so that damage is found before anything is written.
pub(super) fn verify(connection: &Connection) -> Result<(), StoreError> {
    if !exists(connection)? {
        return Ok(());
    }
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM leak_event"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        LeakEvent::read(row)?;
    }
    Ok(())
}

/// The changes of jobs, apart from skipped ones.
fn changes(
    connection: &Connection,
    leak: &EntityKey,
    provider: &ProviderId,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let bindings = read::bindings(connection)?;
    let mut statement = connection.prepare(&format!(
        "SELECT {} FROM change WHERE kind = ?2 AND id = ?3 AND profile = ?1 ORDER BY job",
        row::CHANGE_COLUMNS
    ))?;
    let mut found = Vec::new();
    let of_account =
        |binding: &&ProfileBinding| binding.name == leak.profile && binding.provider == *provider;
    for (id, _) in bindings.iter().filter(|(_, binding)| of_account(binding)) {
        let mut rows = statement.query(params![
            id,
            row::kind_number(leak.kind),
            row::encode_id(leak.id.as_bytes())
        ])?;
        while let Some(row) = rows.next()? {
            let row = row::ChangeRow::read(row, &bindings)?;
            if row.change.state() != ChangeState::Skipped {
                found.push((row.job, row.change));
            }
        }
    }
    found.sort_by_key(|(job, _)| *job);
    let entries = found.into_iter();
    entries
        .map(|(job, change)| change_entry(connection, job, &change))
        .collect()
}

fn change_entry(
    connection: &Connection,
    id: JobId,
    change: &Change,
) -> Result<HistoryEntry, StoreError> {
    let job = read::job(connection, id)?.job;
    let detail = match (change.code(), change.reason()) {
        (Some(code), Some(reason)) => Some(format!("HTTP {code}: {reason}")),
        (Some(code), None) => Some(format!("HTTP {code}")),
        (None, reason) => reason.map(str::to_owned),
    };
    Ok(HistoryEntry {
        before: change.before,
        after: Some(match change.state() {
            // The provider has another word for what was stored locally.
            ChangeState::Local
                if change.storage_target == crate::entity::job::StorageTarget::Both =>
            {
                job.wanted
            }
            _ => change.wanted,
        }),
        outcome: Some(change.state().outcome().to_string()),
        detail,
        job: Some(id),
        words: Justification {
            reason: job.reason,
            note: job.note,
            ticket: job.ticket,
        },
        ..HistoryEntry::new(
            job.created_at,
            notes::job_author(connection, id)?,
            HistoryAction::Change(job.command),
        )
    })
}

/// Returns true if the journal has this table; one that was not written since is older.
fn exists(connection: &Connection) -> Result<bool, StoreError> {
    Ok(sql::version(connection)? >= SINCE)
}

fn damaged() -> StoreError {
    StoreError::Damaged("a note or a claim of a leak's history".to_owned())
}

impl LeakEvent {
    /// Returns the values of [`COLUMNS`] without the hash, and the hash.
    fn values(&self, seq: i64) -> (Vec<Value>, Vec<u8>) {
        let (key, provider) = &self.leak;
        let values = vec![
            Value::from(key.profile.as_str().to_owned()),
            Value::from(provider.as_str().to_owned()),
            Value::from(row::kind_number(key.kind)),
            Value::Blob(row::encode_id(key.id.as_bytes())),
            Value::from(self.at.to_string()),
            Value::from(self.by.user.clone()),
            Value::from(self.by.host.clone()),
            Value::from(self.by.console.clone()),
            Value::from(self.what.clone()),
            Value::from(self.text.clone()),
            Value::from(seq),
        ];
        let hash = row::hash(None, &values);
        (values, hash)
    }

    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        row::check(row, 11, None, damaged)?;
        Ok(Self {
            leak: row::read_key(row, damaged)?,
            at: row.get::<_, String>(4)?.parse().map_err(|_| damaged())?,
            by: ConsoleId {
                user: row.get(5)?,
                host: row.get(6)?,
                console: row.get(7)?,
            },
            what: row.get(8)?,
            text: row.get(9)?,
        })
    }
}
