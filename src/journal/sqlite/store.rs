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
    schema::{self, Opened},
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

/// Everything that the thread owns.
pub(super) struct SqliteStore {
    place: StateDirectory,
    access: SharedAccess,
    connection: Option<Connection>,
    now: fn() -> Timestamp,
    who: Operator,
    /// Time spent on commits that no row holds yet: a commit cannot record how long it takes itself.
    spent: HashMap<JobId, Duration>,
    /// How often others had written when that was last asked.
    seen: Option<i64>,
    /// The writer's place was free at the last look.
    free: bool,
    /// A disaster that is tried, if any.
    faults: FaultInjector,
    /// Words and leaks of jobs that have ended.
    ended: EndedJobs,
    /// Held until the connection is closed: fields are dropped in order.
    lock: Option<File>,
}

impl SqliteStore {
    /// Opens what there is to open.
    pub(super) fn open(options: JournalOptions) -> Result<Self, JournalError> {
        let place = StateDirectory::new(options.directory)?;
        let mut store = Self {
            place,
            access: Arc::new(Mutex::new(Access::ReadOnly {
                why: "it was opened for reading".to_owned(),
            })),
            connection: None,
            now: options.now,
            who: options.who,
            spent: HashMap::new(),
            seen: None,
            free: false,
            faults: FaultInjector::new(options.inject_fault, options.max_pages),
            ended: EndedJobs::new(),
            lock: None,
        };
        if options.mode == OpenMode::Read {
            store.place.exists()?;
            return Ok(store);
        }
        let system = options.file_system.or_else(|| store.faults.file_system());
        if let Some(why) = store.place.network(system) {
            store.set_access(Access::ReadOnly { why });
            store.place.exists()?;
            return Ok(store);
        }
        store.place.prepare()?;
        store.take_lock()?;
        Ok(store)
    }

    /// Takes the writer's place if nobody has it, and begins to watch if somebody does.
    fn take_lock(&mut self) -> Result<(), JournalError> {
        match lock::try_acquire(&self.place.lock(), &self.who, (self.now)())? {
            LockResult::Held { holder } => self.set_access(Access::Follower { holder }),
            LockResult::Acquired(lock) => {
                // Closed first: two connections of one process would share its locks on the file.
                self.connection = None;
                self.seen = None;
                match schema::open_to_write(&self.place, &mut self.faults, verify::verify)? {
                    Opened::Whole(connection) => {
                        self.connection = Some(connection);
                        self.lock = Some(lock);
                        self.set_access(Access::Writer);
                        self.recover_audit()?;
                    }
                    Opened::LookOnly { connection, why } => {
                        self.connection = connection;
                        self.set_access(Access::ReadOnly { why });
                    }
                }
            }
        }
        Ok(())
    }

    /// One transaction about one job: its row is read, checked, changed by `work` and written with the time that its
    /// commits took so far.
    fn record<T>(
        &mut self,
        id: JobId,
        step: &str,
        work: impl FnOnce(&Transaction<'_>, &mut JobRow, Timestamp) -> Result<T, StoreError>,
    ) -> Result<T, JournalError> {
        let start = Instant::now();
        let now = (self.now)();
        let spent = self.spent.get(&id).copied().unwrap_or_default();
        let answer = self.commit_at(step, |transaction| {
            let mut row = read::job(transaction, id)?;
            let answer = work(transaction, &mut row, now)?;
            row.journal_us += micros(spent);
            write::store(transaction, &row)?;
            Ok(answer)
        })?;
        self.spent.insert(id, start.elapsed());
        Ok(answer)
    }

    fn commit<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, JournalError> {
        self.commit_at("other", work)
    }

    /// One transaction; `step` is its name in a rehearsal.
    fn commit_at<T>(
        &mut self,
        step: &str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, JournalError> {
        self.may_write()?;
        let (place, faults) = (&self.place, &mut self.faults);
        let Some(connection) = &mut self.connection else {
            return Err(self.closed());
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

    /// One short transaction that only reads; `None` where there is no journal yet.
    fn read<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, JournalError> {
        if self.connection.is_none() {
            // One that is made later, by the console that is watched, is found by the next look.
            self.connection = schema::connect_to_read(&self.place.database())
                .map_err(|fault| self.report(fault))?;
            if self.connection.is_none() {
                schema::nothing_is_missing(&self.place)?;
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

    fn may_write(&self) -> Result<(), JournalError> {
        let access = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        match &*access {
            Access::Writer => Ok(()),
            Access::Follower { holder } => Err(JournalError::Locked {
                holder: holder.clone(),
            }),
            Access::ReadOnly { why } => Err(JournalError::ReadOnly { why: why.clone() }),
        }
    }

    /// Puts a fault in words; once damage was seen nothing is written any more.
    fn report(&self, fault: StoreError) -> JournalError {
        let path = self.place.database();
        if let Some(why) = fault.damage(&path) {
            self.set_access(Access::ReadOnly { why });
        }
        fault.into_reported(&path)
    }

    fn set_access(&self, access: Access) {
        *self.access.lock().unwrap_or_else(PoisonError::into_inner) = access;
    }

    fn closed(&self) -> JournalError {
        JournalError::Io {
            why: format!("{} is not open", location::shown(&self.place.database())),
        }
    }

    fn timed(&self, row: &JobRow, mut job: Job) -> Job {
        let spent = self.spent.get(&row.job.id).copied().unwrap_or_default();
        job.timing.journal_ms = (row.journal_us + micros(spent)).cast_unsigned() / 1000;
        job
    }
}

fn micros(time: Duration) -> i64 {
    number(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}
