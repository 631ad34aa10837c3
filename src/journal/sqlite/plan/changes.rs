//! Inserts the changes of a plan. A plan may have 100,000 of them in one transaction: one thread builds rows and
//! hashes, the journal's thread inserts them, and no row is allocated by itself.

use crate::{
    entity::{
        error::JournalError,
        job::{ChangeState, Plan, SkipCode},
        key::{JobId, ProfileName, ProviderId},
        profile::ProfileBinding,
    },
    journal::{
        record,
        sqlite::{
            row::{self, HASH, RowHasher},
            sql::{profile, stale_plan},
            store_error::StoreError,
        },
    },
};
use rusqlite::{Connection, Statement, params};
use std::{
    collections::HashMap,
    ops::Range,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
};

/// A profile that the keys of a plan name: its row number, and its contribution to the hash of each row.
struct Account<'a> {
    name: &'a ProfileName,
    id: i64,
    prefix: Vec<u8>,
}

/// Number of rows that are handed from one thread to the other at a time.
const BATCH_ROWS: usize = 2_048;
/// Number of batches that may be queued.
const MAX_QUEUED_BATCHES: usize = 4;

/// Rows that are ready, with their encoded ids in one buffer.
#[derive(Default)]
struct Batch {
    rows: Vec<ChangeValues>,
    ids: Vec<u8>,
}

impl Batch {
    fn id(&self, row: &ChangeValues) -> &[u8] {
        self.ids.get(row.id.clone()).unwrap_or_default()
    }
}

/// A row that is ready to be inserted.
struct ChangeValues {
    profile: i64,
    kind: i64,
    /// Range of its id in the buffer.
    id: Range<usize>,
    before: Option<i64>,
    wanted: i64,
    storage_target: i64,
    state: ChangeState,
    reason: Option<SkipCode>,
    hash: [u8; HASH],
}

/// Inserts all changes of a plan, and the leaks that they occupy.
pub(super) fn record(connection: &Connection, plan: &Plan, job: JobId) -> Result<(), StoreError> {
    let accounts = accounts(connection, plan)?;
    let mut insert = ChangeInserter::new(connection, job)?;
    if plan.targets() <= BATCH_ROWS {
        let mut batch = Batch::default();
        let made = build_batches(plan, job, &accounts, |full| {
            batch = full;
            true
        });
        return if made {
            insert.insert_batch(&batch)
        } else {
            Ok(())
        };
    }
    std::thread::scope(|scope| {
        let (sender, receiver): (SyncSender<Batch>, Receiver<Batch>) =
            sync_channel(MAX_QUEUED_BATCHES);
        scope.spawn(|| {
            let sender = sender;
            // The receiver has failed: the rest is not needed.
            build_batches(plan, job, &accounts, |batch| sender.send(batch).is_ok())
        });
        let mut put = 0;
        for batch in receiver {
            insert.insert_batch(&batch)?;
            put += batch.rows.len();
        }
        if put == plan.targets() {
            Ok(())
        } else {
            Err(StoreError::order_violation(format!(
                "job {job}: {put} of {} changes were made",
                plan.targets()
            )))
        }
    })
}

/// Builds rows in batches until `take` refuses one. Returns true if all rows were built.
fn build_batches(
    plan: &Plan,
    job: JobId,
    accounts: &[Account<'_>],
    mut take: impl FnMut(Batch) -> bool,
) -> bool {
    let mut batch = Batch::default();
    let (mut last, mut hashed) = (accounts.first(), RowHasher::default());
    for (index, planned) in (0_i64..).zip(record::initial_changes(plan)) {
        let name = &planned.key.profile;
        if last.is_none_or(|account| account.name != name) {
            last = accounts.iter().find(|account| account.name == name);
        }
        let (profile, prefix) = last.map_or((0, &[][..]), |account| (account.id, &account.prefix));
        let start = batch.ids.len();
        row::encode_id_into(planned.key.id.as_bytes(), &mut batch.ids);
        let id = batch.ids.get(start..).unwrap_or_default();
        let kind = row::kind_number(planned.key.kind);
        let before = planned.before.map(|status| status as i64);
        let (wanted, place) = (
            planned.wanted as i64,
            row::storage_target_number(planned.storage_target),
        );
        let state = row::state_number(planned.state);
        hashed.begin(prefix);
        hashed.number(job.0);
        hashed.number(index);
        hashed.number(profile);
        hashed.number(kind);
        hashed.blob(id);
        hashed.optional(before);
        hashed.number(wanted);
        hashed.number(place);
        hashed.number(state);
        // No attempt, no chunk, no code.
        hashed.number(0);
        hashed.null();
        hashed.null();
        match planned.reason {
            Some(code) => hashed.text(code.into()),
            None => hashed.null(),
        }
        batch.rows.push(ChangeValues {
            profile,
            kind,
            id: start..batch.ids.len(),
            before,
            wanted,
            storage_target: place,
            state: planned.state,
            reason: planned.reason,
            hash: hashed.end(),
        });
        if batch.rows.len() == BATCH_ROWS {
            let room = Batch {
                rows: Vec::with_capacity(BATCH_ROWS),
                ids: Vec::with_capacity(batch.ids.len()),
            };
            if !take(std::mem::replace(&mut batch, room)) {
                return false;
            }
        }
    }
    batch.rows.is_empty() || take(batch)
}

/// Number of rows per statement. The cost of a statement, and of looking up what its rows refer to, is then paid once
/// for all of them.
const ROWS_PER_STATEMENT: usize = 20;

/// Prepared statements for many rows.
struct ChangeInserter<'c> {
    /// Index of the next change.
    next: i64,
    change: RowInserter<'c>,
    occupy: RowInserter<'c>,
    occupied: Statement<'c>,
}

/// A statement for [`ROWS_PER_STATEMENT`] rows, and one for the rest.
struct RowInserter<'c> {
    many: Statement<'c>,
    one: Statement<'c>,
    /// Number of values per row that differ; the common one is the first of the statement.
    width: usize,
}

impl<'c> RowInserter<'c> {
    /// Prepares a statement with this beginning and number of values per row. `row` writes the values of a row from the
    /// position of the first one.
    fn new(
        connection: &'c Connection,
        begins: &str,
        width: usize,
        job: JobId,
        row: fn(usize) -> String,
    ) -> Result<Self, StoreError> {
        let statement = |rows: usize| -> Result<Statement<'c>, StoreError> {
            let rows: Vec<_> = (0..rows).map(|at| row(2 + at * width)).collect();
            let mut statement = connection.prepare(&format!("{begins} {}", rows.join(", ")))?;
            statement.raw_bind_parameter(1, job.0)?;
            Ok(statement)
        };
        Ok(Self {
            many: statement(ROWS_PER_STATEMENT)?,
            one: statement(1)?,
            width,
        })
    }

    /// Inserts rows. `bind` binds the values of a row from the position of the first one.
    fn insert<T>(
        &mut self,
        rows: &[T],
        mut bind: impl FnMut(&mut Statement<'c>, usize, &T) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        for rows in rows.chunks(ROWS_PER_STATEMENT) {
            if rows.len() == ROWS_PER_STATEMENT {
                for (at, row) in rows.iter().enumerate() {
                    bind(&mut self.many, 2 + at * self.width, row)?;
                }
                self.many.raw_execute()?;
            } else {
                for row in rows {
                    bind(&mut self.one, 2, row)?;
                    self.one.raw_execute()?;
                }
            }
        }
        Ok(())
    }
}

impl<'c> ChangeInserter<'c> {
    fn new(connection: &'c Connection, job: JobId) -> Result<Self, StoreError> {
        // No attempt, no chunk, no code.
        let change = |at: usize| {
            let [
                index,
                profile,
                kind,
                id,
                before,
                wanted,
                place,
                state,
                reason,
                hash,
            ] = std::array::from_fn(|value| at + value);
            format!(
                "(?1, ?{index}, ?{profile}, ?{kind}, ?{id}, ?{before}, ?{wanted}, ?{place}, ?{state}, 0, NULL, NULL, \
                 ?{reason}, ?{hash})"
            )
        };
        let live = |at: usize| format!("(?{at}, ?{}, ?{}, ?1)", at + 1, at + 2);
        Ok(Self {
            next: 0,
            change: RowInserter::new(
                connection,
                &format!("INSERT INTO change ({}) VALUES", row::CHANGE_COLUMNS),
                10,
                job,
                change,
            )?,
            occupy: RowInserter::new(
                connection,
                "INSERT INTO live (profile, kind, id, job) VALUES",
                3,
                job,
                live,
            )?,
            occupied: connection
                .prepare("SELECT 1 FROM live WHERE profile = ?1 AND kind = ?2 AND id = ?3")?,
        })
    }

    /// Inserts rows, first all into one table, then all into the other: each table is then written where it was written
    /// last.
    fn insert_batch(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let Self {
            next,
            change,
            occupy,
            occupied,
        } = self;
        change.insert(&batch.rows, |statement, at, row| {
            statement.raw_bind_parameter(at, *next)?;
            statement.raw_bind_parameter(at + 1, row.profile)?;
            statement.raw_bind_parameter(at + 2, row.kind)?;
            statement.raw_bind_parameter(at + 3, batch.id(row))?;
            statement.raw_bind_parameter(at + 4, row.before)?;
            statement.raw_bind_parameter(at + 5, row.wanted)?;
            statement.raw_bind_parameter(at + 6, row.storage_target)?;
            statement.raw_bind_parameter(at + 7, row::state_number(row.state))?;
            statement.raw_bind_parameter(at + 8, row.reason.map(<&str>::from))?;
            statement.raw_bind_parameter(at + 9, &row.hash[..])?;
            *next += 1;
            Ok(())
        })?;
        let (free, open): (Vec<&ChangeValues>, Vec<&ChangeValues>) =
            batch.rows.iter().partition(|row| row.state.is_final());
        occupy
            .insert(&open, |statement, at, row| {
                statement.raw_bind_parameter(at, row.profile)?;
                statement.raw_bind_parameter(at + 1, row.kind)?;
                statement.raw_bind_parameter(at + 2, batch.id(row))
            })
            .map_err(stale_plan)?;
        let kept = free.iter().filter(|row| row.state == ChangeState::Local);
        for row in kept {
            // A leak that another job may still change must not be hidden by this one.
            if occupied.exists(params![row.profile, row.kind, batch.id(row)])? {
                return Err(JournalError::StalePlan.into());
            }
        }
        Ok(())
    }
}

/// Returns the profiles that the keys of a plan name, with their row numbers. A key may name a profile that takes no
/// part: such a target is skipped and listed.
fn accounts<'a>(connection: &Connection, plan: &'a Plan) -> Result<Vec<Account<'a>>, StoreError> {
    let mut accounts: Vec<Account<'a>> = Vec::with_capacity(plan.shares.len());
    let bound: HashMap<&ProfileName, &ProfileBinding> = plan
        .shares
        .iter()
        .map(|share| (&share.binding.name, &share.binding))
        .collect();
    let keys = plan.eligible.iter().map(|planned| &planned.key);
    for key in keys.chain(plan.skipped.iter().map(|skipped| &skipped.key)) {
        let name = &key.profile;
        // Most keys have the profile of the key before.
        if accounts.iter().rev().any(|account| account.name == name) {
            continue;
        }
        let unbound;
        let binding = if let Some(binding) = bound.get(name) {
            *binding
        } else {
            unbound = ProfileBinding {
                name: name.clone(),
                provider: ProviderId::new(""),
                origin: String::new(),
                team: String::new(),
            };
            &unbound
        };
        accounts.push(Account {
            name,
            id: profile(connection, binding)?,
            prefix: row::prefix(Some(binding)),
        });
    }
    Ok(accounts)
}
