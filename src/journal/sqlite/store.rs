//! The state of the embedded store: the connection, the lock, and what may be done with them. Its children are the traits
//! of the port, one file a noun.

mod access;
mod audit;
mod claims;
mod jobs;
mod notes;
mod statuses;

use super::{
    fault_injector::FaultInjector,
    lock::{self, LockResult},
    notes::EndedJobs,
    read,
    row::{JobRow, number},
    schema::{self, OpenResult},
    store_error::StoreError,
    verify, write,
};
use crate::{
    entity::{error::JournalError, job::Job, key::JobId},
    journal::{
        location::{self, StateDirectory},
        port::{Access, JournalOptions, OpenMode, Operator, SharedAccess},
    },
};
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::{
    collections::HashMap,
    fs::File,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The embedded store.
pub(super) struct SqliteStore {
    directory: StateDirectory,
    access: SharedAccess,
    connection: Option<Connection>,
    now: fn() -> Timestamp,
    operator: Operator,
    /// Time of commits that no row holds yet: a commit cannot store its own duration.
    commit_times: HashMap<JobId, Duration>,
    /// Version of the data at the last question, as the database counts it.
    data_version: Option<i64>,
    /// True if the writer's lock was free at the last question.
    lock_was_free: bool,
    /// Injected faults, if any.
    faults: FaultInjector,
    /// Notes of ended jobs.
    ended_jobs: EndedJobs,
    /// The writer's lock. Dropped after the connection: fields are dropped in order.
    lock: Option<File>,
}

impl SqliteStore {
    /// Opens the store for writing or reading.
    pub(super) fn open(options: JournalOptions) -> Result<Self, JournalError> {
        let place = StateDirectory::new(options.directory)?;
        let mut store = Self {
            directory: place,
            access: Arc::new(Mutex::new(Access::ReadOnly {
                why: "it was opened for reading".to_owned(),
            })),
            connection: None,
            now: options.now,
            operator: options.operator,
            commit_times: HashMap::new(),
            data_version: None,
            lock_was_free: false,
            faults: FaultInjector::new(options.inject_fault, options.max_pages),
            ended_jobs: EndedJobs::new(),
            lock: None,
        };
        if options.mode == OpenMode::Read {
            store.directory.exists()?;
            return Ok(store);
        }
        let system = options.file_system.or_else(|| store.faults.file_system());
        if let Some(why) = store.directory.network_refusal(system) {
            store.set_access(Access::ReadOnly { why });
            store.directory.exists()?;
            return Ok(store);
        }
        store.directory.prepare()?;
        store.acquire_lock()?;
        Ok(store)
    }

    /// Acquires the writer's lock, or begins to follow the writer.
    fn acquire_lock(&mut self) -> Result<(), JournalError> {
        match lock::try_acquire(&self.directory.lock(), &self.operator, (self.now)())? {
            LockResult::Held { holder } => self.set_access(Access::Follower { holder }),
            LockResult::Acquired(lock) => {
                // Closed first: two connections of one process would share their file locks.
                self.connection = None;
                self.data_version = None;
                match schema::open_to_write(&self.directory, &mut self.faults, verify::verify)? {
                    OpenResult::Writable(connection) => {
                        self.connection = Some(connection);
                        self.lock = Some(lock);
                        self.set_access(Access::Writer);
                        self.recover_audit()?;
                    }
                    OpenResult::ReadOnly { connection, why } => {
                        self.connection = connection;
                        self.set_access(Access::ReadOnly { why });
                    }
                }
            }
        }
        Ok(())
    }

    /// Runs one transaction about one job: reads and verifies its row, applies `work`, and stores the row with the time
    /// of its commits.
    fn record<T>(
        &mut self,
        id: JobId,
        step: &str,
        work: impl FnOnce(&Transaction<'_>, &mut JobRow, Timestamp) -> Result<T, StoreError>,
    ) -> Result<T, JournalError> {
        let start = Instant::now();
        let now = (self.now)();
        let spent = self.commit_times.get(&id).copied().unwrap_or_default();
        let answer = self.commit_at(step, |transaction| {
            let mut row = read::job(transaction, id)?;
            let answer = work(transaction, &mut row, now)?;
            row.journal_us += micros(spent);
            write::store(transaction, &row)?;
            Ok(answer)
        })?;
        self.commit_times.insert(id, start.elapsed());
        Ok(answer)
    }

    fn commit<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, JournalError> {
        self.commit_at("other", work)
    }

    /// Runs one transaction. `step` is its name for fault injection.
    fn commit_at<T>(
        &mut self,
        step: &str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, JournalError> {
        self.check_writable()?;
        let (place, faults) = (&self.directory, &mut self.faults);
        let Some(connection) = &mut self.connection else {
            return Err(self.closed_error());
        };
        let done = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)
            .and_then(|transaction| {
                faults.on_begin(step, &transaction)?;
                let answer = work(&transaction)?;
                faults.on_commit(step, &transaction, place)?;
                transaction.commit()?;
                Ok(answer)
            })
            .and_then(|answer| {
                faults.on_committed(step, connection, place)?;
                Ok(answer)
            });
        done.map_err(|fault| self.report(fault))
    }

    /// Runs one short transaction that only reads; `None` if there is no journal yet.
    fn read<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, JournalError> {
        if self.connection.is_none() {
            // The writer may create it later; the next question finds it.
            self.connection = schema::connect_to_read(&self.directory.database())
                .map_err(|fault| self.report(fault))?;
            if self.connection.is_none() {
                schema::check_not_missing(&self.directory)?;
            }
        }
        let faults = &mut self.faults;
        let Some(connection) = &mut self.connection else {
            return Ok(None);
        };
        let done = faults
            .on_read()
            .and_then(|()| Ok(connection.transaction()?))
            .and_then(|transaction| work(&transaction));
        done.map(Some).map_err(|fault| self.report(fault))
    }

    fn check_writable(&self) -> Result<(), JournalError> {
        let access = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        match &*access {
            Access::Writer => Ok(()),
            Access::Follower { holder } => Err(JournalError::Locked {
                holder: holder.clone(),
            }),
            Access::ReadOnly { why } => Err(JournalError::ReadOnly { why: why.clone() }),
        }
    }

    /// Reports an error. After damage, nothing is written any more.
    fn report(&self, fault: StoreError) -> JournalError {
        let path = self.directory.database();
        if let Some(why) = fault.damage(&path) {
            self.set_access(Access::ReadOnly { why });
        }
        fault.into_reported(&path)
    }

    fn set_access(&self, access: Access) {
        *self.access.lock().unwrap_or_else(PoisonError::into_inner) = access;
    }

    fn closed_error(&self) -> JournalError {
        JournalError::Io {
            why: format!(
                "{} is not open",
                location::printable_path(&self.directory.database())
            ),
        }
    }

    fn add_commit_time(&self, row: &JobRow, mut job: Job) -> Job {
        let spent = self
            .commit_times
            .get(&row.job.id)
            .copied()
            .unwrap_or_default();
        job.timing.journal_ms = (row.journal_us + micros(spent)).cast_unsigned() / 1000;
        job
    }
}

fn micros(time: Duration) -> i64 {
    number(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}
