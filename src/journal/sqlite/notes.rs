//! Authors of jobs, and the last note of each leak: the justification of the newest job that has one and was to change
//! the leak. Nothing is stored twice: the text stands with the job, the leak with its changes.

use super::{
    read, row,
    row_checksum::{self, RowChecksum},
    seat::seat_of,
    sql::placeholders,
    store_error::StoreError,
};
use crate::{
    entity::{
        claim::{ConsoleId, Justification, LastNote},
        job::ChangeState,
        key::{EntityKey, JobId, ProviderId},
        profile::ProfileBinding,
    },
    journal::port::Operator,
};
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter, types::Value};
use serde_json::{Value as Json, json};
use std::{collections::HashMap, sync::Arc};

/// Notes and leaks of ended jobs. They do not change any more, so they are read once.
pub(super) type EndedJobs = HashMap<JobId, (Arc<LastNote>, Vec<(EntityKey, ProfileBinding)>)>;

/// A note without a job in this journal; an event stores it.
pub(super) struct ImportedNote {
    pub(super) key: EntityKey,
    pub(super) provider: ProviderId,
    pub(super) note: LastNote,
}

impl ImportedNote {
    /// Returns the note as a member of an event.
    pub(super) fn to_json(&self) -> Json {
        let LastNote {
            justification: words,
            author: by,
            noted_at: at,
            ..
        } = &self.note;
        json!({
            "key": self.key, "provider": self.provider, "at": at,
            "reason": words.reason, "note": words.note, "ticket": words.ticket,
            "by": by.as_ref().map(|by| [&by.user, &by.host, &by.console]),
        })
    }

    fn read(json: &Json) -> Option<Self> {
        let text = |name: &str| json.get(name).and_then(Json::as_str);
        let owned = |name: &str| text(name).map(str::to_owned);
        let by = json.get("by").and_then(Json::as_array);
        let part = |by: &[Json], at: usize| by.get(at).and_then(Json::as_str).map(str::to_owned);
        Some(Self {
            key: text("key")?.parse().ok()?,
            provider: ProviderId::new(text("provider")?),
            note: LastNote {
                justification: Justification {
                    reason: owned("reason"),
                    note: owned("note"),
                    ticket: owned("ticket"),
                },
                author: by.and_then(|by| {
                    Some(ConsoleId {
                        user: part(by, 0)?,
                        host: part(by, 1)?,
                        console: part(by, 2)?,
                    })
                }),
                noted_at: text("at")?.parse().ok()?,
                job: None,
            },
        })
    }
}

/// Returns the imported notes, the newest event first: of equal times the last one wins.
pub(super) fn imported(connection: &Connection) -> Result<Vec<ImportedNote>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT seq, detail FROM event WHERE what IN ('imported', 'moved') ORDER BY seq DESC",
    )?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (seq, detail): (i64, String) = (row.get(0)?, row.get(1)?);
        let damaged = || StoreError::Damaged(format!("event {seq}"));
        let detail: Json = serde_json::from_str(&detail).map_err(|_| damaged())?;
        for words in detail
            .get("words")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
        {
            all.push(ImportedNote::read(words).ok_or_else(damaged)?);
        }
    }
    Ok(all)
}

/// Records the author of a job.
pub(super) fn record_author(
    connection: &Connection,
    job: JobId,
    who: &Operator,
) -> Result<(), StoreError> {
    let seat = seat_of(who);
    let mut values = vec![
        Value::from(job.0),
        Value::from(seat.user),
        Value::from(seat.host),
        Value::from(seat.console),
    ];
    let hash = row::hash(None, &values);
    let mut checksum = RowChecksum::for_table("author");
    checksum.add(&hash);
    values.push(Value::Blob(hash));
    connection.execute(
        &format!(
            "INSERT INTO author (job, user, host, console, hash) VALUES ({})",
            placeholders(5)
        ),
        params_from_iter(values),
    )?;
    checksum.store(connection)
}

/// Returns the last notes of leaks of these accounts, by key.
pub(super) fn for_accounts(
    connection: &Connection,
    accounts: &[(&str, &str)],
    ended: &mut EndedJobs,
) -> Result<Vec<(EntityKey, Arc<LastNote>)>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT id FROM job WHERE coalesce(reason, note, ticket) IS NOT NULL ORDER BY id DESC",
    )?;
    let jobs: Vec<i64> = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut last: HashMap<EntityKey, Arc<LastNote>> = HashMap::new();
    let mut live;
    for id in jobs.into_iter().map(JobId) {
        let (noted, leaks) = if let Some(known) = ended.get(&id) {
            known
        } else {
            let (is_final, found) = read_job(connection, id)?;
            if is_final {
                ended.entry(id).or_insert(found)
            } else {
                live = found;
                &live
            }
        };
        for (key, binding) in leaks {
            let account = (binding.name.as_str(), binding.provider.as_str());
            // A newer job has precedence.
            if accounts.contains(&account) && !last.contains_key(key) {
                last.insert(key.clone(), Arc::clone(noted));
            }
        }
    }
    // An imported note replaces the note of an older job only.
    for words in imported(connection)? {
        let account = (words.key.profile.as_str(), words.provider.as_str());
        let older = |known: &Arc<LastNote>| known.noted_at < words.note.noted_at;
        if accounts.contains(&account) && last.get(&words.key).is_none_or(older) {
            last.insert(words.key, Arc::new(words.note));
        }
    }
    let mut last: Vec<_> = last.into_iter().collect();
    last.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(last)
}

type JobNote = (Arc<LastNote>, Vec<(EntityKey, ProfileBinding)>);

/// Returns true if a job has ended, its note, and the leaks that it was to change.
fn read_job(connection: &Connection, id: JobId) -> Result<(bool, JobNote), StoreError> {
    let job = read::job(connection, id)?.job;
    let is_final = job.state.is_final();
    let noted = LastNote {
        justification: Justification {
            reason: job.reason,
            note: job.note,
            ticket: job.ticket,
        },
        author: job_author(connection, id)?,
        noted_at: job.created_at,
        job: Some(id),
    };
    let bindings = read::bindings(connection)?;
    let leaks = read::changes(connection, id)?
        .into_iter()
        .filter(|row| {
            !matches!(
                row.change.state(),
                ChangeState::Skipped | ChangeState::Drifted | ChangeState::Cancelled
            )
        })
        .filter_map(|row| Some((row.change.key, bindings.get(&row.profile)?.clone())))
        .collect();
    Ok((is_final, (Arc::new(noted), leaks)))
}

/// Returns the author of a job; `None` if the journal was older then.
pub(super) fn job_author(
    connection: &Connection,
    job: JobId,
) -> Result<Option<ConsoleId>, StoreError> {
    if !row_checksum::exists(connection)? {
        return Ok(None);
    }
    connection
        .query_row(
            "SELECT job, user, host, console, hash FROM author WHERE job = ?1",
            [job.0],
            |row| Ok(read_author(row)),
        )
        .optional()?
        .transpose()
}

/// Reads every row, so that damage is found before anything is written.
pub(super) fn verify(connection: &Connection) -> Result<(), StoreError> {
    let mut statement = connection.prepare("SELECT job, user, host, console, hash FROM author")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        read_author(row)?;
    }
    Ok(())
}

fn read_author(row: &Row<'_>) -> Result<ConsoleId, StoreError> {
    let damaged = || StoreError::Damaged("who made a job".to_owned());
    row::check(row, 4, None, damaged)?;
    Ok(ConsoleId {
        user: row.get(1)?,
        host: row.get(2)?,
        console: row.get(3)?,
    })
}
