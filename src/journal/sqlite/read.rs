//! Reads jobs and changes. Every row is compared with its hash.

use super::{
    row::{self, Bindings, CHANGE_COLUMNS, ChangeRow, JOB_COLUMNS, JobRow},
    store_error::StoreError,
};
use crate::entity::{
    error::JournalError,
    job::{JobRecord, OutcomeCounts},
    key::{EntityKey, JobId, ProviderId},
    profile::ProfileBinding,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use std::collections::HashMap;

/// Returns every profile that a job was confirmed for.
pub(super) fn bindings(connection: &Connection) -> Result<Bindings, StoreError> {
    let mut statement =
        connection.prepare("SELECT id, name, provider, origin, team FROM profile")?;
    let mut rows = statement.query([])?;
    let mut bindings = Bindings::new();
    while let Some(row) = rows.next()? {
        bindings.insert(
            row.get(0)?,
            ProfileBinding {
                name: row::parse_profile_name(&row.get::<_, String>(1)?)?,
                provider: ProviderId::new(&row.get::<_, String>(2)?),
                origin: row.get(3)?,
                team: row.get(4)?,
            },
        );
    }
    Ok(bindings)
}

/// Returns every job, newest first.
pub(super) fn jobs(connection: &Connection) -> Result<Vec<JobRow>, StoreError> {
    let bindings = bindings(connection)?;
    let mut shares: HashMap<i64, Vec<ProfileBinding>> = HashMap::new();
    let mut statement = connection.prepare("SELECT job, profile FROM share ORDER BY job, place")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let job = row.get(0)?;
        shares
            .entry(job)
            .or_default()
            .push(binding(&bindings, row.get(1)?, JobId(job))?);
    }
    let mut statement =
        connection.prepare(&format!("SELECT {JOB_COLUMNS} FROM job ORDER BY id DESC"))?;
    let mut rows = statement.query([])?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        let profiles = shares.remove(&row.get(0)?).unwrap_or_default();
        jobs.push(JobRow::read(row, profiles)?);
    }
    Ok(jobs)
}

/// Returns one job.
pub(super) fn job(connection: &Connection, id: JobId) -> Result<JobRow, StoreError> {
    let bindings = bindings(connection)?;
    let mut statement =
        connection.prepare("SELECT profile FROM share WHERE job = ?1 ORDER BY place")?;
    let mut rows = statement.query([id.0])?;
    let mut profiles = Vec::new();
    while let Some(row) = rows.next()? {
        profiles.push(binding(&bindings, row.get(0)?, id)?);
    }
    let mut statement =
        connection.prepare(&format!("SELECT {JOB_COLUMNS} FROM job WHERE id = ?1"))?;
    statement
        .query_row([id.0], |row| Ok(JobRow::read(row, profiles)))
        .optional()?
        .ok_or(JournalError::NoJob(id.0))?
}

/// Returns the changes of one job, in order.
pub(super) fn changes(connection: &Connection, id: JobId) -> Result<Vec<ChangeRow>, StoreError> {
    let bindings = bindings(connection)?;
    let mut statement = connection.prepare(&format!(
        "SELECT {CHANGE_COLUMNS} FROM change WHERE job = ?1 ORDER BY idx"
    ))?;
    let mut rows = statement.query([id.0])?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        changes.push(ChangeRow::read(row, &bindings)?);
    }
    Ok(changes)
}

/// Returns one job with its changes. It is damaged if its numbers are not those of its changes.
pub(super) fn record(
    connection: &Connection,
    id: JobId,
) -> Result<(JobRow, JobRecord), StoreError> {
    let row = job(connection, id)?;
    let changes: Vec<_> = changes(connection, id)?
        .into_iter()
        .map(|row| row.change)
        .collect();
    let counts: OutcomeCounts = changes
        .iter()
        .map(|change| change.state().outcome())
        .collect();
    if counts != row.job.counts {
        return Err(StoreError::Damaged(format!(
            "job {id}: its changes do not add up: it"
        )));
    }
    let job = row.job.clone();
    Ok((row, JobRecord { job, changes }))
}

/// Returns some changes of a job, in the order of `indexes`.
pub(super) fn changes_by_index(
    connection: &Connection,
    bindings: &Bindings,
    job: JobId,
    indexes: impl IntoIterator<Item = u32>,
) -> Result<Vec<ChangeRow>, StoreError> {
    let mut statement = connection.prepare(&format!(
        "SELECT {CHANGE_COLUMNS} FROM change WHERE job = ?1 AND idx = ?2"
    ))?;
    let mut changes = Vec::new();
    for index in indexes {
        let change = statement
            .query_row(params![job.0, index], |row| {
                Ok(ChangeRow::read(row, bindings))
            })
            .optional()?
            .ok_or_else(|| {
                StoreError::order_violation(format!("job {job} has no change {index}"))
            })??;
        changes.push(change);
    }
    Ok(changes)
}

/// Returns the leaks of jobs that have not ended, from verified rows.
pub(super) fn active_leaks(connection: &Connection) -> Result<Vec<(EntityKey, JobId)>, StoreError> {
    let bindings = bindings(connection)?;
    let mut statement = connection.prepare(&format!(
        "SELECT {CHANGE_COLUMNS} FROM change AS c WHERE job IN (SELECT DISTINCT job FROM live) AND EXISTS \
         (SELECT 1 FROM live AS l WHERE l.profile = c.profile AND l.kind = c.kind AND l.id = c.id AND l.job = c.job) \
         ORDER BY job, idx"
    ))?;
    let mut rows = statement.query([])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        let row = ChangeRow::read(row, &bindings)?;
        keys.push((row.change.key, row.job));
    }
    Ok(keys)
}

/// Returns what the events of a job say, and when, in their order.
pub(super) fn events(
    connection: &Connection,
    job: JobId,
) -> Result<Vec<(Timestamp, Value)>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT seq, at, detail FROM event WHERE job = ?1 AND what IN ('answer', 'readings') ORDER BY seq",
    )?;
    let mut rows = statement.query(params![job.0])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let damaged = || StoreError::Damaged(format!("event {seq}"));
        let (at, detail): (String, String) = (row.get(1)?, row.get(2)?);
        let at = at.parse().map_err(|_| damaged())?;
        events.push((at, serde_json::from_str(&detail).map_err(|_| damaged())?));
    }
    Ok(events)
}

fn binding(bindings: &Bindings, id: i64, job: JobId) -> Result<ProfileBinding, StoreError> {
    bindings
        .get(&id)
        .cloned()
        .ok_or_else(|| StoreError::Damaged(format!("job {job}")))
}
