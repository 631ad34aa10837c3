//! Rows of the team store, read into the journal's own nouns.

use super::refusal::server_text;
use crate::{
    entity::{
        error::JournalError,
        job::{
            Change, ChangeOutcome, Job, JobCommand, JobState, OutcomeCounts, PauseReason,
            StoredState, Timing,
        },
        key::{EntityKey, JobId, ProfileName, ProviderId},
        profile::ProfileBinding,
        role::Role,
        status::Status,
    },
    journal::encoding,
};
use jiff::Timestamp;
use std::{
    collections::{BTreeSet, HashMap},
    str::FromStr,
    sync::{Mutex, PoisonError},
};
use strum::IntoEnumIterator;
use tokio_postgres::{Row, types::FromSql};

/// Columns of a job, as [`job`] reads them.
pub(super) const JOB_COLUMNS: &str = "id, state, paused, paused_until, command, wanted, plan_hash, created_at, started_at, \
     ended_at, reason, note, ticket, retries, undoes, redoes, undone_by, counts, plan_ms, writes, reads, confirmed_at";

/// Columns of a change, as [`change`] reads them.
pub(super) const CHANGE_COLUMNS: &str =
    "idx, account, kind, id, before, wanted, place, state, attempts, chunk, code, reason";

/// The logins that were read so far, each kept once: a team has few of them.
static ROLES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// A login, printable.
pub(super) fn role(name: &str) -> Role {
    let name = server_text(name);
    let mut roles = ROLES.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = roles.get(&*name).copied().unwrap_or_else(|| {
        let kept: &'static str = Box::leak(name.into_boxed_str());
        roles.insert(kept);
        kept
    });
    Role::new(kept)
}

/// An account of the team, as this console calls it.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// Name in the team.
    pub(super) name: String,
    /// Name of the profile here.
    pub(super) profile: ProfileName,
    pub(super) provider: ProviderId,
    pub(super) origin: String,
    pub(super) team: String,
}

/// Accounts by number.
pub(super) type Accounts = HashMap<i32, Account>;

/// A column of a row.
///
/// # Errors
/// `ReadOnly` if it is not what the schema says.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, at: usize) -> Result<T, JournalError> {
    row.try_get(at).map_err(|_| damaged("a column"))
}

/// The error of a row that cannot be what this program or the server wrote.
pub(super) fn damaged(what: &str) -> JournalError {
    JournalError::ReadOnly {
        why: format!(
            "{what} of the team store is damaged: it cannot be trusted; stanch store check shows more"
        ),
    }
}

/// A key of the team's, under the profile's own name.
pub(super) fn key(
    accounts: &Accounts,
    account: i32,
    kind: i16,
    id: &[u8],
) -> Result<EntityKey, JournalError> {
    let account = accounts
        .get(&account)
        .ok_or_else(|| damaged("an account"))?;
    let kind = u8::try_from(kind).ok().and_then(encoding::kind);
    Ok(EntityKey {
        profile: account.profile.clone(),
        kind: kind.ok_or_else(|| damaged("a key"))?,
        id: encoding::decode_id(id).ok_or_else(|| damaged("a key"))?,
    })
}

/// The key in three columns from `at`: account, kind, id.
pub(super) fn key_at(row: &Row, at: usize, accounts: &Accounts) -> Result<EntityKey, JournalError> {
    key(
        accounts,
        get(row, at)?,
        get(row, at + 1)?,
        get(row, at + 2)?,
    )
}

/// A status that may be missing.
pub(super) fn status(row: &Row, at: usize) -> Result<Option<Status>, JournalError> {
    Ok(get::<Option<i16>>(row, at)?
        .map(|number| Status::from_u8(u8::try_from(number).unwrap_or(u8::MAX))))
}

/// A word.
pub(super) fn word<T: FromStr>(text: &str, what: &str) -> Result<T, JournalError> {
    text.parse().map_err(|_| damaged(what))
}

/// Reads a row of [`JOB_COLUMNS`].
pub(super) fn job(row: &Row, profiles: Vec<ProfileBinding>) -> Result<Job, JournalError> {
    let id = JobId(get(row, 0)?);
    let paused: Option<String> = get(row, 2)?;
    let paused = match paused {
        Some(why) => Some((
            word::<PauseReason>(&why, "a job")?,
            get::<Option<Timestamp>>(row, 3)?,
        )),
        None => None,
    };
    let other = |at| get::<Option<i64>>(row, at).map(|id| id.map(JobId));
    let number = |at| get::<i64>(row, at).map(i64::cast_unsigned);
    Ok(Job {
        id,
        state: word::<JobState>(get(row, 1)?, "a job")?,
        pause: paused,
        command: word::<JobCommand>(get(row, 4)?, "a job")?,
        wanted: status(row, 5)?.ok_or_else(|| damaged("a job"))?,
        plan_hash: get(row, 6)?,
        profiles,
        // A job that was confirmed again is as old as that.
        created_at: get::<Timestamp>(row, 7)?.max(get::<Timestamp>(row, 21)?),
        started_at: get(row, 8)?,
        ended_at: get(row, 9)?,
        reason: get(row, 10)?,
        note: get(row, 11)?,
        ticket: get(row, 12)?,
        retry_of: other(13)?,
        undo_of: other(14)?,
        redo_of: other(15)?,
        undone_by: other(16)?,
        counts: counts(&get::<Vec<i32>>(row, 17)?)?,
        timing: Timing {
            plan_ms: number(18)?,
            journal_ms: 0,
            writes: number(19)?,
            reads: number(20)?,
        },
        holding: None,
    })
}

fn counts(numbers: &[i32]) -> Result<OutcomeCounts, JournalError> {
    let mut counts = OutcomeCounts::default();
    if numbers.len() != ChangeOutcome::iter().count() {
        return Err(damaged("a job"));
    }
    for (outcome, number) in ChangeOutcome::iter().zip(numbers) {
        *counts.slot(outcome) = u64::try_from(*number).map_err(|_| damaged("a job"))?;
    }
    Ok(counts)
}

/// Reads a row of [`CHANGE_COLUMNS`].
pub(super) fn change(row: &Row, accounts: &Accounts) -> Result<Change, JournalError> {
    let wrong = || damaged("a change");
    let small =
        |at| get::<i16>(row, at).and_then(|number| u8::try_from(number).map_err(|_| wrong()));
    let index = u32::try_from(get::<i32>(row, 0)?).map_err(|_| wrong())?;
    let planned = Change::from_plan(
        index,
        key_at(row, 1, accounts)?,
        status(row, 4)?,
        status(row, 5)?.ok_or_else(wrong)?,
        encoding::place(small(6)?).ok_or_else(wrong)?,
        None,
    );
    let code: Option<i16> = get(row, 10)?;
    Ok(Change::from_stored(
        planned,
        StoredState {
            state: encoding::state(small(7)?).ok_or_else(wrong)?,
            attempts: u32::from(small(8)?),
            code: code.and_then(|code| u16::try_from(code).ok()),
            reason: get(row, 11)?,
        },
    ))
}
