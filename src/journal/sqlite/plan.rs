//! Records plan and confirmation as one thing: a job with all its changes, or nothing.

mod changes;

use super::{
    local, notes, read,
    row::{self, JobRow},
    sent_times,
    sql::{placeholders, profile, stale_plan},
    store_error::StoreError,
    write::{append, store},
};
use crate::{
    entity::{job::NewJob, key::JobId},
    journal::{port::Operator, record},
};
use jiff::Timestamp;
use rusqlite::{Connection, params, params_from_iter};

/// Records a confirmed plan as a job.
pub(super) fn record_job(
    connection: &Connection,
    new: &NewJob,
    who: &Operator,
    now: Timestamp,
) -> Result<JobId, StoreError> {
    let plan = &new.plan;
    let id: i64 = connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM job", [], |row| {
        row.get(0)
    })?;
    let id = JobId(id);
    let row = JobRow {
        job: record::initial_job(new, id, now),
        made_at: plan.built_at.to_string(),
        boot: sent_times::boot_id(),
        journal_us: 0,
    };
    let values = row.values();
    connection
        .execute(
            &format!(
                "INSERT INTO job ({}) VALUES ({})",
                row::JOB_COLUMNS,
                placeholders(values.len())
            ),
            params_from_iter(values),
        )
        .map_err(stale_plan)?;
    insert_shares(connection, new, id)?;
    changes::record(connection, plan, id)?;
    local::record_plan(connection, new, id, now)?;
    if let Some(undone) = record::undone_job(plan) {
        let mut row = read::job(connection, undone)?;
        row.job.undone_by = Some(id);
        store(connection, &row)?;
    }
    notes::record_author(connection, id, who)?;
    append(connection, now, id, record::recorded_event(new, who))?;
    if row.job.state.is_final() {
        append(connection, now, id, record::state_event(&row.job))?;
    }
    Ok(id)
}

fn insert_shares(connection: &Connection, new: &NewJob, job: JobId) -> Result<(), StoreError> {
    for (place, share) in (0_i64..).zip(&new.plan.shares) {
        connection.execute(
            "INSERT INTO share (job, place, profile, remote, local, bulk_size) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                job.0,
                place,
                profile(connection, &share.binding)?,
                row::number(share.remote as u64),
                row::number(share.local as u64),
                share.bulk_size
            ],
        )?;
    }
    Ok(())
}
