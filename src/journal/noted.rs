//! Who made which job, and which job left the last words with a leak. The words stand with the job, once.

use super::{
    Who, claim,
    fault::Fault,
    local::accounts,
    read, row,
    tally::{self, Tally},
    write::marks,
};
use crate::entity::{
    claim::{Noted, Seat, Words},
    job::NewJob,
    key::{EntityKey, JobId},
    profile::ProfileBinding,
};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter, types::Value};
use std::{collections::HashMap, sync::Arc};

/// The columns of a leak's last words, the hash last.
const COLUMNS: &str = "profile, provider, kind, id, job, hash";

/// Records who made a job, and that its words are the last of its leaks.
pub(super) fn of_plan(
    connection: &Connection,
    new: &NewJob,
    job: JobId,
    who: &Who,
) -> Result<(), Fault> {
    let seat = claim::seat(who);
    let mut values = author(job, &seat);
    let hash = row::hash(None, &values);
    let mut tally = Tally::of("author");
    tally.put(&hash);
    values.push(Value::Blob(hash));
    connection.execute(
        &format!(
            "INSERT INTO author (job, user, host, console, hash) VALUES ({})",
            marks(5)
        ),
        params_from_iter(values),
    )?;
    tally.store(connection)?;
    let words = [&new.reason, &new.note, &new.ticket];
    if words.iter().all(|word| word.is_none()) {
        return Ok(());
    }
    let mut tally = Tally::of("noted");
    let mut old = connection.prepare(
        "SELECT hash FROM noted WHERE profile = ?1 AND provider = ?2 AND kind = ?3 AND id = ?4",
    )?;
    let mut put = connection.prepare(&format!(
        "INSERT OR REPLACE INTO noted ({COLUMNS}) VALUES ({})",
        marks(6)
    ))?;
    for share in &new.plan.shares {
        let binding = &share.binding;
        let of_share = new.plan.eligible.iter().map(|change| &change.key);
        for key in of_share.filter(|key| key.profile == binding.name) {
            let mut values = vec![
                Value::from(key.profile.as_str().to_owned()),
                Value::from(binding.provider.as_str().to_owned()),
                Value::from(row::kind_number(key.kind)),
                Value::Blob(row::pack(key.id.as_bytes())),
            ];
            let before: Option<Vec<u8>> = old
                .query_row(params_from_iter(&values), |row| row.get(0))
                .optional()?;
            if let Some(before) = before {
                tally.take(&before);
            }
            values.push(Value::from(job.0));
            let hash = row::hash(None, &values);
            tally.put(&hash);
            values.push(Value::Blob(hash));
            put.execute(params_from_iter(values))?;
        }
    }
    tally.store(connection)
}

/// The last words of leaks of these profiles.
pub(super) fn of(
    connection: &Connection,
    profiles: &[ProfileBinding],
) -> Result<Vec<(EntityKey, Arc<Noted>)>, Fault> {
    let mut noted = Vec::new();
    if !tally::is_kept(connection)? {
        return Ok(noted);
    }
    let mut jobs: HashMap<JobId, Arc<Noted>> = HashMap::new();
    for (name, provider) in accounts(profiles) {
        let mut statement = connection.prepare(&format!(
            "SELECT {COLUMNS} FROM noted WHERE profile = ?1 AND provider = ?2 ORDER BY kind, id"
        ))?;
        let mut rows = statement.query(params![name, provider])?;
        while let Some(row) = rows.next()? {
            let (key, job) = read_row(row)?;
            let words = match jobs.get(&job) {
                Some(words) => Arc::clone(words),
                None => {
                    let words = Arc::new(words(connection, job)?);
                    jobs.insert(job, Arc::clone(&words));
                    words
                }
            };
            noted.push((key, words));
        }
    }
    Ok(noted)
}

fn words(connection: &Connection, id: JobId) -> Result<Noted, Fault> {
    let job = read::job(connection, id)?.job;
    Ok(Noted {
        words: Words {
            reason: job.reason,
            note: job.note,
            ticket: job.ticket,
        },
        by: author_of(connection, id)?,
        at: job.created_at,
        job: id,
    })
}

/// Who made a job; unknown for one of an older journal.
fn author_of(connection: &Connection, job: JobId) -> Result<Option<Seat>, Fault> {
    connection
        .query_row(
            "SELECT job, user, host, console, hash FROM author WHERE job = ?1",
            [job.0],
            |row| Ok(read_author(row)),
        )
        .optional()?
        .transpose()
}

/// Reads every row of both tables: what is damaged is known before anything is done.
pub(super) fn verify(connection: &Connection) -> Result<(), Fault> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM noted"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        read_row(row)?;
    }
    let mut statement = connection.prepare("SELECT job, user, host, console, hash FROM author")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        read_author(row)?;
    }
    Ok(())
}

fn author(job: JobId, seat: &Seat) -> Vec<Value> {
    vec![
        Value::from(job.0),
        Value::from(seat.user.clone()),
        Value::from(seat.host.clone()),
        Value::from(seat.console.clone()),
    ]
}

fn read_author(row: &Row<'_>) -> Result<Seat, Fault> {
    let damaged = || Fault::Damaged("who made a job".to_owned());
    row::check(row, 4, None, damaged)?;
    Ok(Seat {
        user: row.get(1)?,
        host: row.get(2)?,
        console: row.get(3)?,
    })
}

fn read_row(row: &Row<'_>) -> Result<(EntityKey, JobId), Fault> {
    let damaged = || Fault::Damaged("the last words of a leak".to_owned());
    row::check(row, 5, None, damaged)?;
    let (key, _) = row::place(row, damaged)?;
    Ok((key, JobId(row.get(4)?)))
}
