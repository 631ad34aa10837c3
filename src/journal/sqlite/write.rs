//! What is recorded of a job that is on disk: each function is the body of one transaction.

use super::{
    chain,
    fault::Fault,
    local::Keeper,
    read,
    row::{self, Bindings, ChangeRow, JobRow},
    sent,
    sql::marks,
};
use crate::entity::{
    job::{ChangeState, ChangeUpdate, Counts, Job, JobCommand, JobState, PauseReason, Place},
    key::JobId,
    status::Status,
    transition::{self, ChangeEvent},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use serde_json::json;
use std::collections::HashMap;

/// Records that changes are about to be sent.
pub(super) fn intent(
    connection: &Connection,
    job: &mut JobRow,
    indexes: &[u32],
    now: Timestamp,
) -> Result<u32, Fault> {
    let id = job.job.id;
    unfinished(job)?;
    if indexes.is_empty() {
        return Err(Fault::order(format!("job {id}: an intent without changes")));
    }
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
    let mut changes = read::some(connection, &bindings, id, indexes.iter().copied())?;
    for row in &mut changes {
        if row.change.state() != ChangeState::Pending {
            return Err(Fault::order(format!(
                "job {id}: change {} is {} and cannot be sent",
                row.change.index,
                row.change.state()
            )));
        }
        let sent = transition::step(&row.change, &ChangeEvent::Sent);
        row.change.apply(sent);
        row.chunk = Some(chunk);
    }
    // The same change twice in one chunk would be counted as two tries.
    let mut sorted = indexes.to_vec();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Fault::order(format!(
            "job {id}: a change twice in one chunk"
        )));
    }
    store_changes(connection, &bindings, &changes)?;
    job.job.state = JobState::Running;
    job.job.paused = None;
    job.job.started_at = job.job.started_at.or(Some(now));
    chain::append(
        connection,
        now,
        Some(id),
        "intent",
        &sent::Moment::of(now).in_event(json!({"chunk": chunk, "changes": ranges(&sorted)})),
    )?;
    Ok(chunk)
}

/// Records what an answer proves.
pub(super) fn answer(
    connection: &Connection,
    job: &mut JobRow,
    (chunk, class, status): (u32, &str, Option<u16>),
    updates: &[ChangeUpdate],
    now: Timestamp,
) -> Result<(), Fault> {
    let id = job.job.id;
    let known = connection.execute(
        "UPDATE chunk SET class = ?3, status = ?4, answered_at = ?5 WHERE job = ?1 AND chunk = ?2",
        params![id.0, chunk, class, status, now.to_string()],
    )?;
    if known == 0 {
        return Err(Fault::order(format!("job {id} has no chunk {chunk}")));
    }
    job.job.timing.writes += 1;
    let states = update(connection, job, updates, now)?;
    chain::append(
        connection,
        now,
        Some(id),
        "answer",
        &sent::Moment::of(now)
            .in_event(json!({"chunk": chunk, "class": class, "status": status, "changes": states})),
    )
}

/// Records what reading back showed.
pub(super) fn readings(
    connection: &Connection,
    job: &mut JobRow,
    updates: &[ChangeUpdate],
    reads: u64,
    now: Timestamp,
) -> Result<(), Fault> {
    job.job.timing.reads += reads;
    let states = update(connection, job, updates, now)?;
    chain::append(
        connection,
        now,
        Some(job.job.id),
        "readings",
        &json!({"reads": reads, "changes": states}),
    )
}

/// Records that changes are called off before they were sent.
pub(super) fn cancelled(
    connection: &Connection,
    job: &mut JobRow,
    indexes: &[u32],
    now: Timestamp,
) -> Result<(), Fault> {
    let id = job.job.id;
    let bindings = read::bindings(connection)?;
    let rows = read::some(connection, &bindings, id, indexes.iter().copied())?;
    let updates: Vec<_> = rows
        .iter()
        .map(|row| ChangeUpdate {
            index: row.change.index,
            step: transition::step(&row.change, &ChangeEvent::Cancelled),
        })
        .collect();
    readings(connection, job, &updates, 0, now)
}

/// Records where a job stands; settles what is open when it ends.
pub(super) fn state(
    connection: &Connection,
    job: &mut JobRow,
    state: JobState,
    paused: Option<(PauseReason, Option<Timestamp>)>,
    now: Timestamp,
) -> Result<(), Fault> {
    let id = job.job.id;
    if job.job.state.is_final() && state == job.job.state {
        return Ok(());
    }
    unfinished(job)?;
    job.job.state = state;
    job.job.paused = if state == JobState::Paused {
        paused
    } else {
        None
    };
    if state.is_final() {
        job.job.ended_at = Some(now);
        settle(connection, job)?;
        connection.execute("DELETE FROM live WHERE job = ?1", [id.0])?;
    }
    chain::append(
        connection,
        now,
        Some(id),
        "state",
        &json!({
            "state": state, "paused": job.job.paused.map(|(why, _)| why), "counts": job.job.counts,
        }),
    )
}

/// Writes a job's row.
pub(super) fn store(connection: &Connection, job: &JobRow) -> Result<(), Fault> {
    let values = job.values();
    connection.execute(
        &format!(
            "UPDATE job SET ({}) = ({}) WHERE id = ?1",
            row::JOB_COLUMNS,
            marks(values.len())
        ),
        params_from_iter(values),
    )?;
    Ok(())
}

/// Applies updates and counts them; answers which changes came to stand where, for the chain.
fn update(
    connection: &Connection,
    job: &mut JobRow,
    updates: &[ChangeUpdate],
    now: Timestamp,
) -> Result<serde_json::Value, Fault> {
    let id = job.job.id;
    unfinished(job)?;
    let bindings = read::bindings(connection)?;
    let indexes = updates.iter().map(|update| update.index);
    let mut changes = read::some(connection, &bindings, id, indexes)?;
    let mut keeper = Keeper::new(connection)?;
    let mut states: HashMap<String, Vec<u32>> = HashMap::new();
    for (row, update) in changes.iter_mut().zip(updates) {
        let change = &mut row.change;
        if !update.step.follows(change) {
            return Err(Fault::order(format!(
                "job {id}: change {} is {} and cannot become {}",
                change.index,
                change.state(),
                update.state()
            )));
        }
        move_count(&mut job.job.counts, change.state(), update.state());
        let verified =
            update.state() == ChangeState::Verified && change.state() != ChangeState::Verified;
        change.apply(update.step.clone());
        states
            .entry(update.state().to_string())
            .or_default()
            .push(update.index);
        if verified && let Some(binding) = bindings.get(&row.profile) {
            let asked = asked(connection, &job.job, row)?;
            keeper.verified(binding, asked, row, now)?;
        }
    }
    keeper.finish(connection)?;
    store_changes(connection, &bindings, &changes)?;
    Ok(states
        .into_iter()
        .map(|(state, mut indexes)| {
            indexes.sort_unstable();
            (state, serde_json::Value::from(ranges(&indexes)))
        })
        .collect())
}

/// What was asked for a leak: the job's own status; where the job takes another back, the one that this had found.
fn asked(connection: &Connection, job: &Job, row: &ChangeRow) -> Result<Status, Fault> {
    if row.change.place != Place::Both {
        return Ok(row.change.wanted);
    }
    let (mut wanted, mut of) = (
        job.wanted,
        (job.command, job.undoes.or(job.redoes).or(job.retries)),
    );
    // Each of a chain is older than the one before.
    while let (command, Some(id)) = of {
        let older = read::job(connection, id)?.job;
        if command != JobCommand::Retry {
            return Ok(before(connection, id, row)?.unwrap_or(wanted));
        }
        wanted = older.wanted;
        of = (
            older.command,
            older.undoes.or(older.redoes).or(older.retries),
        );
    }
    Ok(wanted)
}

/// The status that a job had found a leak with.
fn before(connection: &Connection, job: JobId, of: &ChangeRow) -> Result<Option<Status>, Fault> {
    let key = &of.change.key;
    let index: Option<u32> = connection
        .query_row(
            "SELECT idx FROM change WHERE job = ?1 AND profile = ?2 AND kind = ?3 AND id = ?4",
            params![
                job.0,
                of.profile,
                row::kind_number(key.kind),
                row::pack(key.id.as_bytes())
            ],
            |row| row.get(0),
        )
        .optional()?;
    let bindings = read::bindings(connection)?;
    let rows = read::some(connection, &bindings, job, index)?;
    Ok(rows.first().and_then(|row| row.change.before))
}

/// Gives every change of a job that ends a final state.
fn settle(connection: &Connection, job: &mut JobRow) -> Result<(), Fault> {
    let bindings = read::bindings(connection)?;
    let mut open = read::changes(connection, job.job.id)?;
    open.retain(|row| !row.change.state().is_final());
    for row in &mut open {
        let ended = transition::step(&row.change, &ChangeEvent::JobEnded);
        move_count(&mut job.job.counts, row.change.state(), ended.state());
        row.change.apply(ended);
    }
    store_changes(connection, &bindings, &open)
}

fn store_changes(
    connection: &Connection,
    bindings: &Bindings,
    changes: &[ChangeRow],
) -> Result<(), Fault> {
    let mut statement = connection.prepare(&format!(
        "UPDATE change SET ({}) = ({}) WHERE job = ?1 AND idx = ?2",
        row::CHANGE_COLUMNS,
        marks(14)
    ))?;
    for row in changes {
        statement.execute(params_from_iter(row.values(bindings)))?;
    }
    Ok(())
}

fn move_count(counts: &mut Counts, from: ChangeState, to: ChangeState) {
    let from = row::slot(counts, from.outcome());
    *from = from.saturating_sub(1);
    counts.add(to.outcome());
}

fn unfinished(job: &JobRow) -> Result<(), Fault> {
    if job.job.state.is_final() {
        return Err(Fault::order(format!(
            "job {} has ended ({}); nothing more is recorded for it",
            job.job.id, job.job.state
        )));
    }
    Ok(())
}

/// Sorted numbers as `0-99,105`.
fn ranges(sorted: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for &number in sorted {
        match parts.last_mut() {
            Some((_, end)) if *end + 1 == number => *end = number,
            Some(_) | None => parts.push((number, number)),
        }
    }
    parts
        .into_iter()
        .map(|(start, end)| {
            if start == end {
                start.to_string()
            } else {
                format!("{start}-{end}")
            }
        })
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    #[test]
    fn ranges_are_short_and_exact() {
        assert_eq!(super::ranges(&[0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
        assert_eq!(super::ranges(&[]), "");
    }
}
