//! Stored rows. Each has a hash over all of its values, so that a damaged row is found and never used.

mod hashing;

pub(super) use hashing::{HASH, RowHasher, hash, prefix, update_values};

pub(super) use crate::journal::encoding::{
    LAST_NONFINAL, encode_id, encode_id_into, kind_number, state_number, storage_target_number,
};

use super::store_error::StoreError;
use crate::{
    entity::{
        job::{
            Change, ChangeOutcome, Job, JobState, OutcomeCounts, PauseReason, StoredState, Timing,
        },
        key::{EntityKey, JobId, ProfileName, ProviderId},
        profile::ProfileBinding,
        status::Status,
    },
    journal::encoding::{self, decode_id},
};
use jiff::Timestamp;
use rusqlite::{Row, types::Value};
use std::{collections::HashMap, str::FromStr};
use strum::IntoEnumIterator;

/// Profiles by row number.
pub(super) type Bindings = HashMap<i64, ProfileBinding>;

/// Columns of a job; the hash is the last.
pub(super) const JOB_COLUMNS: &str = "id, state, paused, paused_until, command, wanted, plan_hash, made_at, created_at, \
     started_at, ended_at, reason, note, ticket, retries, undoes, redoes, undone_by, counts, plan_ms, journal_us, writes, \
     reads, boot, hash";

/// Columns of a change; the hash is the last.
pub(super) const CHANGE_COLUMNS: &str = "job, idx, profile, kind, id, before, wanted, local, state, attempts, chunk, code, reason, hash";

/// A job with the columns that only the store needs.
#[derive(Clone, Debug)]
pub(super) struct JobRow {
    pub(super) job: Job,
    pub(super) made_at: String,
    pub(super) boot: Option<String>,
    pub(super) journal_us: i64,
}

impl JobRow {
    /// Returns the values of [`JOB_COLUMNS`] with their hash.
    pub(super) fn values(&self) -> Vec<Value> {
        let job = &self.job;
        let mut values = vec![
            Value::from(job.id.0),
            word(&job.state),
            job.pause.map_or(Value::Null, |(why, _)| word(&why)),
            time(job.pause.and_then(|(_, until)| until)),
            word(&job.command),
            Value::from(job.wanted as i64),
            Value::from(job.plan_hash.clone()),
            Value::from(self.made_at.clone()),
            time(Some(job.created_at)),
            time(job.started_at),
            time(job.ended_at),
            Value::from(job.reason.clone()),
            Value::from(job.note.clone()),
            Value::from(job.ticket.clone()),
            Value::from(job.retry_of.map(|id| id.0)),
            Value::from(job.undo_of.map(|id| id.0)),
            Value::from(job.redo_of.map(|id| id.0)),
            Value::from(job.undone_by.map(|id| id.0)),
            Value::from(format_counts(job.counts)),
            Value::from(number(job.timing.plan_ms)),
            Value::from(self.journal_us),
            Value::from(number(job.timing.writes)),
            Value::from(number(job.timing.reads)),
            Value::from(self.boot.clone()),
        ];
        let hash = hash(&job.profiles, &values);
        values.push(Value::Blob(hash));
        values
    }

    /// Reads a row of [`JOB_COLUMNS`]; `profiles` are its shares, in order.
    pub(super) fn read(row: &Row<'_>, profiles: Vec<ProfileBinding>) -> Result<Self, StoreError> {
        let id = JobId(row.get(0)?);
        let damaged = || StoreError::Damaged(format!("job {id}"));
        check(row, 24, &profiles, damaged)?;
        let paused = match parse_optional_word::<PauseReason>(row, 2, damaged)? {
            Some(why) => Some((why, parse_optional_time(row, 3, damaged)?)),
            None => None,
        };
        let journal_us: i64 = row.get(20)?;
        Ok(Self {
            job: Job {
                id,
                state: required(parse_optional_word::<JobState>(row, 1, damaged)?, damaged)?,
                pause: paused,
                command: required(parse_optional_word(row, 4, damaged)?, damaged)?,
                wanted: Status::from_u8(row.get(5)?),
                plan_hash: row.get(6)?,
                profiles,
                created_at: required(parse_optional_time(row, 8, damaged)?, damaged)?,
                started_at: parse_optional_time(row, 9, damaged)?,
                ended_at: parse_optional_time(row, 10, damaged)?,
                reason: row.get(11)?,
                note: row.get(12)?,
                ticket: row.get(13)?,
                retry_of: row.get::<_, Option<i64>>(14)?.map(JobId),
                undo_of: row.get::<_, Option<i64>>(15)?.map(JobId),
                redo_of: row.get::<_, Option<i64>>(16)?.map(JobId),
                undone_by: row.get::<_, Option<i64>>(17)?.map(JobId),
                counts: required(parse_counts(&row.get::<_, String>(18)?), damaged)?,
                timing: Timing {
                    plan_ms: row.get::<_, i64>(19)?.cast_unsigned(),
                    journal_ms: (journal_us / 1000).cast_unsigned(),
                    writes: row.get::<_, i64>(21)?.cast_unsigned(),
                    reads: row.get::<_, i64>(22)?.cast_unsigned(),
                },
                holding: None,
            },
            made_at: row.get(7)?,
            boot: row.get(23)?,
            journal_us,
        })
    }
}

/// A change with the columns that only the store needs.
#[derive(Clone, Debug)]
pub(super) struct ChangeRow {
    pub(super) job: JobId,
    pub(super) profile: i64,
    pub(super) change: Change,
    pub(super) chunk: Option<u32>,
}

impl ChangeRow {
    /// Returns the values of [`CHANGE_COLUMNS`] with their hash.
    pub(super) fn values(&self, bindings: &Bindings) -> Vec<Value> {
        let change = &self.change;
        let mut values = vec![
            Value::from(self.job.0),
            Value::from(i64::from(change.index)),
            Value::from(self.profile),
            Value::from(kind_number(change.key.kind)),
            Value::Blob(encode_id(change.key.id.as_bytes())),
            Value::from(change.before.map(|status| status as i64)),
            Value::from(change.wanted as i64),
            Value::from(storage_target_number(change.storage_target)),
            Value::from(state_number(change.state())),
            Value::from(i64::from(change.attempts())),
            Value::from(self.chunk.map(i64::from)),
            Value::from(change.code().map(i64::from)),
            Value::from(change.reason().map(str::to_owned)),
        ];
        let hash = hash(bindings.get(&self.profile), &values);
        values.push(Value::Blob(hash));
        values
    }

    /// Reads a row of [`CHANGE_COLUMNS`].
    pub(super) fn read(row: &Row<'_>, bindings: &Bindings) -> Result<Self, StoreError> {
        let (job, index): (i64, u32) = (row.get(0)?, row.get(1)?);
        let damaged = || StoreError::Damaged(format!("change {index} of job {job}"));
        let profile = row.get(2)?;
        let binding = required(bindings.get(&profile), damaged)?;
        check(row, 13, [binding], damaged)?;
        let state = encoding::state(row.get(8)?);
        let place = encoding::place(row.get(7)?);
        let planned = Change::from_plan(
            index,
            key(row, 3, binding, damaged)?,
            row.get::<_, Option<u8>>(5)?.map(Status::from_u8),
            Status::from_u8(row.get(6)?),
            required(place, damaged)?,
            None,
        );
        let stored = StoredState {
            state: required(state, damaged)?,
            attempts: row.get(9)?,
            code: row.get(11)?,
            reason: row.get(12)?,
        };
        Ok(Self {
            job: JobId(job),
            profile,
            change: Change::from_stored(planned, stored),
            chunk: row.get(10)?,
        })
    }
}

/// Reads a key from the columns kind and id; `at` is the position of the first.
fn key(
    row: &Row<'_>,
    at: usize,
    binding: &ProfileBinding,
    damaged: impl Fn() -> StoreError + Copy,
) -> Result<EntityKey, StoreError> {
    let number = row.get(at)?;
    let kind = required(encoding::kind(number), damaged)?;
    let id: Vec<u8> = row.get(at + 1)?;
    Ok(EntityKey {
        profile: binding.name.clone(),
        kind,
        id: required(decode_id(&id), damaged)?,
    })
}

/// Reads a key and its provider from the columns profile, provider, kind and id, which come first.
pub(super) fn read_key(
    row: &Row<'_>,
    damaged: impl Fn() -> StoreError + Copy,
) -> Result<(EntityKey, ProviderId), StoreError> {
    let profile = parse_profile_name(&row.get::<_, String>(0)?)?;
    let provider = ProviderId::new(&row.get::<_, String>(1)?);
    let kind = required(encoding::kind(row.get(2)?), damaged)?;
    let id: Vec<u8> = row.get(3)?;
    let id = required(decode_id(&id), damaged)?;
    Ok((EntityKey { profile, kind, id }, provider))
}

/// Compares a row with its hash, which follows after `count` columns.
pub(super) fn check<'a>(
    row: &Row<'_>,
    columns: usize,
    profiles: impl IntoIterator<Item = &'a ProfileBinding>,
    damaged: impl Fn() -> StoreError,
) -> Result<(), StoreError> {
    let mut values = Vec::with_capacity(columns);
    for column in 0..columns {
        values.push(row.get::<_, Value>(column)?);
    }
    let stored: Vec<u8> = row.get(columns)?;
    if stored == hash(profiles, &values) {
        Ok(())
    } else {
        Err(damaged())
    }
}

fn required<T>(value: Option<T>, damaged: impl Fn() -> StoreError) -> Result<T, StoreError> {
    value.ok_or_else(damaged)
}

fn parse_optional_word<T: FromStr>(
    row: &Row<'_>,
    at: usize,
    damaged: impl Fn() -> StoreError,
) -> Result<Option<T>, StoreError> {
    row.get::<_, Option<String>>(at)?
        .map(|text| text.parse().map_err(|_| damaged()))
        .transpose()
}

fn parse_optional_time(
    row: &Row<'_>,
    at: usize,
    damaged: impl Fn() -> StoreError,
) -> Result<Option<Timestamp>, StoreError> {
    parse_optional_word(row, at, damaged)
}

fn word(value: &impl ToString) -> Value {
    Value::from(value.to_string())
}

fn time(at: Option<Timestamp>) -> Value {
    Value::from(at.map(|at| at.to_string()))
}

/// Converts a number for the database.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn format_counts(counts: OutcomeCounts) -> String {
    ChangeOutcome::iter()
        .map(|outcome| format!("{outcome} {}", counts.get(outcome)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn parse_counts(text: &str) -> Option<OutcomeCounts> {
    let mut counts = OutcomeCounts::default();
    for part in text.split(", ") {
        let (outcome, count) = part.split_once(' ')?;
        let count: u64 = count.parse().ok()?;
        *counts.slot(outcome.parse().ok()?) = count;
    }
    Some(counts)
}

/// Parses a stored profile name; no other name can have been written.
pub(super) fn parse_profile_name(name: &str) -> Result<ProfileName, StoreError> {
    ProfileName::new(name).map_err(|_| StoreError::Damaged("a profile's name".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_survive_their_spelling() {
        let counts = OutcomeCounts {
            verified: 9_871,
            pending: 3,
            ..OutcomeCounts::default()
        };
        assert_eq!(parse_counts(&format_counts(counts)), Some(counts));
        assert_eq!(parse_counts("verified many"), None);
    }
}
