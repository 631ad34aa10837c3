//! What is recorded of a job that is on disk: each function is the body of one transaction. What a write means for the
//! rows is decided by [`record`].

use super::{
    chain,
    local::LocalStatusWriter,
    read,
    row::{self, Bindings, ChangeRow, JobRow},
    sent_times,
    sql::placeholders,
    store_error::StoreError,
};
use crate::{
    entity::{
        job::{ChangeUpdate, Job, JobCommand, JobState, PauseReason, StorageTarget},
        key::JobId,
        status::Status,
    },
    journal::{
        port::ChunkAnswer,
        record::{self, Event, StateChange},
    },
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

/// Records that changes are about to be sent.
pub(super) fn record_intent(
    connection: &Connection,
    job: &mut JobRow,
    indexes: &[u32],
    now: Timestamp,
) -> Result<u32, StoreError> {
    let id = job.job.id;
    record::check_open(&job.job)?;
    let chunk: u32 = connection.query_row(
        "SELECT coalesce(max(chunk), 0) + 1 FROM chunk WHERE job = ?1",
        [id.0],
        |row| row.get(0),
    )?;
    connection.execute(
        "INSERT INTO chunk (job, chunk, size, intent_at) VALUES (?1, ?2, ?3, ?4)",
        params![
            id.0,
            chunk,
            row::number(indexes.len() as u64),
            now.to_string()
        ],
    )?;
    let bindings = read::bindings(connection)?;
    let mut rows = read::changes_by_index(connection, &bindings, id, indexes.iter().copied())?;
    let changes = rows.iter_mut().map(|row| &mut row.change);
    record::apply_intent(&mut job.job, changes, now)?;
    for row in &mut rows {
        row.chunk = Some(chunk);
    }
    store_changes(connection, &bindings, &rows)?;
    let event = record::intent_event(chunk, indexes);
    append(connection, now, id, with_clocks(event, now))?;
    Ok(chunk)
}

/// Records what an answer proves.
pub(super) fn record_answer(
    connection: &Connection,
    job: &mut JobRow,
    answer: &ChunkAnswer,
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = job.job.id;
    let ChunkAnswer {
        chunk,
        class,
        status,
        updates,
    } = answer;
    let known = connection.execute(
        "UPDATE chunk SET class = ?3, status = ?4, answered_at = ?5 WHERE job = ?1 AND chunk = ?2",
        params![id.0, chunk, class, status, now.to_string()],
    )?;
    if known == 0 {
        return Err(StoreError::order_violation(format!(
            "job {id} has no chunk {chunk}"
        )));
    }
    job.job.timing.writes += 1;
    let moved = update(connection, job, updates, now)?;
    let event = record::answer_event(answer, moved);
    append(connection, now, id, with_clocks(event, now))
}

/// Records what reading changes showed.
pub(super) fn record_read_backs(
    connection: &Connection,
    job: &mut JobRow,
    updates: &[ChangeUpdate],
    reads: u64,
    now: Timestamp,
) -> Result<(), StoreError> {
    job.job.timing.reads += reads;
    let moved = update(connection, job, updates, now)?;
    let event = record::read_backs_event(reads, moved);
    append(connection, now, job.job.id, event)
}

/// Records that changes are cancelled before they were sent.
pub(super) fn record_cancelled(
    connection: &Connection,
    job: &mut JobRow,
    indexes: &[u32],
    now: Timestamp,
) -> Result<(), StoreError> {
    let bindings = read::bindings(connection)?;
    let rows = read::changes_by_index(connection, &bindings, job.job.id, indexes.iter().copied())?;
    let updates: Vec<_> = rows
        .iter()
        .map(|row| record::cancellation(&row.change))
        .collect();
    record_read_backs(connection, job, &updates, 0, now)
}

/// Records where a job stands.
pub(super) fn record_state(
    connection: &Connection,
    job: &mut JobRow,
    state: JobState,
    paused: Option<(PauseReason, Option<Timestamp>)>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = job.job.id;
    match record::apply_state(&mut job.job, state, paused, now)? {
        StateChange::Repeated => return Ok(()),
        StateChange::Open => {}
        StateChange::Ended => {
            end_changes(connection, job)?;
            connection.execute("DELETE FROM live WHERE job = ?1", [id.0])?;
        }
    }
    append(connection, now, id, record::state_event(&job.job))
}

/// Stores the row of a job.
pub(super) fn store(connection: &Connection, job: &JobRow) -> Result<(), StoreError> {
    let values = job.values();
    connection.execute(
        &format!(
            "UPDATE job SET ({}) = ({}) WHERE id = ?1",
            row::JOB_COLUMNS,
            placeholders(values.len())
        ),
        params_from_iter(values),
    )?;
    Ok(())
}

/// Adds an event about a job to the chain.
pub(super) fn append(
    connection: &Connection,
    now: Timestamp,
    job: JobId,
    event: Event,
) -> Result<(), StoreError> {
    let Event { kind: what, detail } = event;
    chain::append(connection, now, Some(job), what, &detail)
}

/// Adds to an event what the clocks of this machine show: the age of an attempt is taken from it.
fn with_clocks(event: Event, now: Timestamp) -> Event {
    Event {
        detail: sent_times::ClockReading::with_wall(now).to_event(event.detail),
        ..event
    }
}

/// Applies updates; returns which changes came to which state.
fn update(
    connection: &Connection,
    job: &mut JobRow,
    updates: &[ChangeUpdate],
    now: Timestamp,
) -> Result<record::IndexesByState, StoreError> {
    let id = job.job.id;
    record::check_open(&job.job)?;
    let bindings = read::bindings(connection)?;
    let indexes = updates.iter().map(|update| update.index);
    let mut changes = read::changes_by_index(connection, &bindings, id, indexes)?;
    let mut writer = LocalStatusWriter::new(connection)?;
    let mut moved = record::IndexesByState::default();
    for (row, update) in changes.iter_mut().zip(updates) {
        let verified = record::apply(&mut job.job, &mut row.change, update, &mut moved)?;
        if verified && let Some(binding) = bindings.get(&row.profile) {
            let status = requested_status(connection, &job.job, row)?;
            writer.apply_verified(binding, status, row, now)?;
        }
    }
    writer.finish(connection)?;
    store_changes(connection, &bindings, &changes)?;
    Ok(moved)
}

/// Returns the requested status of a leak: that of the job or, if the job takes another one back, the status that the
/// other job had found.
fn requested_status(
    connection: &Connection,
    job: &Job,
    row: &ChangeRow,
) -> Result<Status, StoreError> {
    if row.change.storage_target != StorageTarget::Both {
        return Ok(row.change.wanted);
    }
    let (mut wanted, mut of) = (
        job.wanted,
        (job.command, job.undo_of.or(job.redo_of).or(job.retry_of)),
    );
    // Every job of a chain is older than the one before.
    while let (command, Some(id)) = of {
        let older = read::job(connection, id)?.job;
        if command != JobCommand::Retry {
            return Ok(status_before(connection, id, row)?.unwrap_or(wanted));
        }
        wanted = older.wanted;
        of = (
            older.command,
            older.undo_of.or(older.redo_of).or(older.retry_of),
        );
    }
    Ok(wanted)
}

/// Returns the status that a job had found a leak with.
fn status_before(
    connection: &Connection,
    job: JobId,
    of: &ChangeRow,
) -> Result<Option<Status>, StoreError> {
    let key = &of.change.key;
    let index: Option<u32> = connection
        .query_row(
            "SELECT idx FROM change WHERE job = ?1 AND profile = ?2 AND kind = ?3 AND id = ?4",
            params![
                job.0,
                of.profile,
                row::kind_number(key.kind),
                row::encode_id(key.id.as_bytes())
            ],
            |row| row.get(0),
        )
        .optional()?;
    let bindings = read::bindings(connection)?;
    let rows = read::changes_by_index(connection, &bindings, job, index)?;
    Ok(rows.first().and_then(|row| row.change.before))
}

/// Gives every open change of a job that ends a final state.
fn end_changes(connection: &Connection, job: &mut JobRow) -> Result<(), StoreError> {
    let bindings = read::bindings(connection)?;
    let mut open = read::changes(connection, job.job.id)?;
    open.retain(|row| !row.change.state().is_final());
    for row in &mut open {
        record::end_change(&mut job.job, &mut row.change);
    }
    store_changes(connection, &bindings, &open)
}

fn store_changes(
    connection: &Connection,
    bindings: &Bindings,
    changes: &[ChangeRow],
) -> Result<(), StoreError> {
    let mut statement = connection.prepare(&format!(
        "UPDATE change SET ({}) = ({}) WHERE job = ?1 AND idx = ?2",
        row::CHANGE_COLUMNS,
        placeholders(14)
    ))?;
    for row in changes {
        statement.execute(params_from_iter(row.values(bindings)))?;
    }
    Ok(())
}
