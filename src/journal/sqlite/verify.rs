//! Compares everything that is stored with its hashes, its counts and the chain of events.

use super::{
    chain, claim, leak_event, local, notes, read, row, row_checksum, store_error::StoreError,
};
use crate::entity::key::JobId;
use rusqlite::{Connection, params};

/// Verifies everything, also the changes of ended jobs. Takes longer than a start may.
pub(super) fn verify_all(connection: &Connection) -> Result<(), StoreError> {
    chain::verify(connection)?;
    for row in read::jobs(connection)? {
        read::record(connection, row.job.id)?;
        if !row.job.state.is_final() {
            verify_occupied(connection, row.job.id)?;
        }
    }
    verify_released(connection)?;
    local::all(connection)?;
    // An older journal has fewer tables until it is written again.
    if row_checksum::exists(connection)? {
        local::verify(connection)?;
        claim::all(connection)?;
        notes::verify(connection)?;
        leak_event::verify(connection)?;
        row_checksum::verify(connection)?;
    }
    Ok(())
}

/// Verifies the event chain, every job, the changes of jobs that have not ended, and all other tables, so that damage
/// is found before anything is written.
pub(super) fn verify(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    chain::verify(&transaction)?;
    for row in read::jobs(&transaction)? {
        if !row.job.state.is_final() {
            read::record(&transaction, row.job.id)?;
            verify_occupied(&transaction, row.job.id)?;
        }
    }
    verify_released(&transaction)?;
    local::verify(&transaction)?;
    claim::all(&transaction)?;
    notes::verify(&transaction)?;
    leak_event::verify(&transaction)?;
    row_checksum::verify(&transaction)
}

/// Verifies that every open change of a job occupies its leak: otherwise two jobs could send it.
fn verify_occupied(connection: &Connection, id: JobId) -> Result<(), StoreError> {
    let missing: i64 = connection.query_row(
        "SELECT count(*) FROM change AS c WHERE c.job = ?1 AND c.state <= ?2 AND NOT EXISTS \
         (SELECT 1 FROM live AS l WHERE l.profile = c.profile AND l.kind = c.kind AND l.id = c.id AND l.job = c.job)",
        params![id.0, row::LAST_NONFINAL],
        |row| row.get(0),
    )?;
    if missing > 0 {
        return Err(StoreError::Damaged(format!("job {id}: what it occupies")));
    }
    Ok(())
}

/// Verifies that no ended job occupies a leak.
fn verify_released(connection: &Connection) -> Result<(), StoreError> {
    let held: i64 = connection.query_row(
        "SELECT count(*) FROM live WHERE job NOT IN (SELECT id FROM job WHERE ended_at IS NULL)",
        [],
        |row| row.get(0),
    )?;
    if held > 0 {
        return Err(StoreError::Damaged("what ended jobs occupy".to_owned()));
    }
    Ok(())
}
