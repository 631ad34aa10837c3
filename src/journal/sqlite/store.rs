//! The journal's thread's own state: the connection, the lock, and what may be done with them.

mod audited;
mod kept;
mod told;

use super::{
    claim,
    fault::Fault,
    local,
    lock::{self, Taken},
    noted, plan, read,
    rehearsal::Rehearsal,
    row::{JobRow, number},
    schema::{self, Opened},
    sent, sql, verify, write,
};
use crate::{
    entity::{
        claim::{Claim, ClaimAct, Claimed, Noted},
        error::JournalError,
        fingerprint::FingerprintKey,
        job::{ChangeUpdate, Job, JobRecord, JobState, NewJob, PauseReason},
        key::{EntityKey, JobId, ProviderId},
        profile::ProfileBinding,
    },
    journal::{
        Access, OpenMode, Options, SharedAccess, Who, installation,
        place::{self, Place},
    },
};
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Everything that the thread owns.
pub(in crate::journal) struct Store {
    place: Place,
    access: SharedAccess,
    connection: Option<Connection>,
    now: fn() -> Timestamp,
    who: Who,
    /// Time spent on commits that no row holds yet: a commit cannot record how long it takes itself.
    spent: HashMap<JobId, Duration>,
    /// How often others had written when that was last asked.
    seen: Option<i64>,
    /// The writer's place was free at the last look.
    free: bool,
    /// A disaster that is tried, if any.
    rehearsal: Rehearsal,
    /// Words and leaks of jobs that have ended.
    ended: noted::Ended,
    /// Held until the connection is closed: fields are dropped in order.
    lock: Option<File>,
}

/// So often an audit log is read that does not agree with its head, and so long is waited in between.
const SETTLING: u32 = 10;
const SETTLE: Duration = Duration::from_millis(30);

impl Store {
    /// Opens what there is to open.
    pub(in crate::journal) fn open(options: Options) -> Result<Self, JournalError> {
        let place = Place::new(options.directory)?;
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
            rehearsal: Rehearsal::of(options.rehearse, options.max_pages),
            ended: noted::Ended::new(),
            lock: None,
        };
        if options.mode == OpenMode::Read {
            store.place.exists()?;
            return Ok(store);
        }
        let system = options
            .file_system
            .or_else(|| store.rehearsal.file_system());
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
        match lock::take(&self.place.lock(), &self.who, (self.now)())? {
            Taken::Theirs { holder } => self.set_access(Access::Watcher { holder }),
            Taken::Ours(lock) => {
                // Closed first: two connections of one process would share its locks on the file.
                self.connection = None;
                self.seen = None;
                match schema::open_to_write(&self.place, &mut self.rehearsal, verify::verify)? {
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

    /// Whether others have written since. A watcher takes the writer's place when that was free at two looks in a row: a
    /// command that hands its job to another process gives it away for a moment only.
    pub(in crate::journal) fn watch(&mut self) -> Result<bool, JournalError> {
        let watches = matches!(
            *self.access.lock().unwrap_or_else(PoisonError::into_inner),
            Access::Watcher { .. }
        );
        if watches {
            let holder = lock::look(&self.place.lock())?;
            let was_free = std::mem::replace(&mut self.free, holder.is_none());
            match holder {
                Some(holder) => self.set_access(Access::Watcher { holder }),
                None if was_free => self.take_lock()?,
                None => {}
            }
        }
        let version = self.read(|transaction| {
            Ok(transaction.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0))?)
        })?;
        let before = std::mem::replace(&mut self.seen, version);
        Ok(version.is_some() && version != before)
    }

    /// Whether anybody has the writer's place: this one, or another. Nobody can where there is no journal yet.
    pub(in crate::journal) fn is_written(&self) -> Result<bool, JournalError> {
        if self.lock.is_some() {
            return Ok(true);
        }
        let path = self.place.lock();
        if place::file(&path)?.is_none() {
            return Ok(false);
        }
        Ok(lock::look(&path)?.is_some())
    }

    pub(in crate::journal) fn claim(
        &mut self,
        leaks: &[(EntityKey, ProviderId)],
        act: ClaimAct,
    ) -> Result<Claimed, JournalError> {
        let (who, now) = (self.who.clone(), (self.now)());
        self.commit(|transaction| claim::act(transaction, leaks, act, &who, now))
    }

    /// Reads everything there is and compares it with its hashes, its counts and the chain.
    pub(in crate::journal) fn verify(&mut self) -> Result<(), JournalError> {
        self.read(|transaction| verify::verify_all(transaction))?;
        Ok(())
    }

    pub(in crate::journal) fn renew_claims(&mut self) -> Result<u64, JournalError> {
        let (who, now) = (self.who.clone(), (self.now)());
        self.commit(|transaction| claim::renew(transaction, &who, now))
    }

    pub(in crate::journal) fn claims(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Claim)>, JournalError> {
        let (who, now) = (self.who.clone(), (self.now)());
        let claims = self.read(|transaction| claim::of(transaction, profiles, &who, now))?;
        Ok(claims.unwrap_or_default())
    }

    pub(in crate::journal) fn noted(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, Arc<Noted>)>, JournalError> {
        let mut ended = std::mem::take(&mut self.ended);
        let accounts = sql::accounts(profiles);
        let noted = self.read(|transaction| noted::of(transaction, &accounts, &mut ended));
        self.ended = ended;
        Ok(noted?.unwrap_or_default())
    }

    pub(in crate::journal) fn access(&self) -> SharedAccess {
        Arc::clone(&self.access)
    }

    pub(in crate::journal) fn record_job(&mut self, new: &NewJob) -> Result<JobId, JournalError> {
        let start = Instant::now();
        let (who, now) = (self.who.clone(), (self.now)());
        let id = self.commit_at("plan", |transaction| plan::job(transaction, new, &who, now))?;
        *self.spent.entry(id).or_default() += start.elapsed();
        Ok(id)
    }

    pub(in crate::journal) fn record_intent(
        &mut self,
        job: JobId,
        indexes: &[u32],
    ) -> Result<u32, JournalError> {
        self.record(job, "intent", |transaction, row, now| {
            write::intent(transaction, row, indexes, now)
        })
    }

    pub(in crate::journal) fn record_answer(
        &mut self,
        job: JobId,
        chunk: u32,
        class: &str,
        status: Option<u16>,
        updates: &[ChangeUpdate],
    ) -> Result<(), JournalError> {
        self.record(job, "answer", |transaction, row, now| {
            write::answer(transaction, row, (chunk, class, status), updates, now)
        })
    }

    pub(in crate::journal) fn record_readings(
        &mut self,
        job: JobId,
        updates: &[ChangeUpdate],
        reads: u64,
    ) -> Result<(), JournalError> {
        self.record(job, "readings", |transaction, row, now| {
            write::readings(transaction, row, updates, reads, now)
        })
    }

    pub(in crate::journal) fn record_cancelled(
        &mut self,
        job: JobId,
        indexes: &[u32],
    ) -> Result<(), JournalError> {
        self.record(job, "readings", |transaction, row, now| {
            write::cancelled(transaction, row, indexes, now)
        })
    }

    pub(in crate::journal) fn record_state(
        &mut self,
        job: JobId,
        state: JobState,
        paused: Option<(PauseReason, Option<Timestamp>)>,
    ) -> Result<(), JournalError> {
        self.record(job, "state", |transaction, row, now| {
            write::state(transaction, row, state, paused, now)
        })
    }

    pub(in crate::journal) fn jobs(&mut self) -> Result<Vec<Job>, JournalError> {
        let rows = self.read(|transaction| read::jobs(transaction))?;
        Ok(rows
            .unwrap_or_default()
            .into_iter()
            .map(|row| self.timed(&row, row.job.clone()))
            .collect())
    }

    pub(in crate::journal) fn job(&mut self, id: JobId) -> Result<JobRecord, JournalError> {
        let (row, mut record) = self
            .read(|transaction| read::record(transaction, id))?
            .ok_or(JournalError::NoJob(id.0))?;
        record.job = self.timed(&row, record.job);
        Ok(record)
    }

    pub(in crate::journal) fn ages(
        &mut self,
        id: JobId,
    ) -> Result<BTreeMap<u32, Duration>, JournalError> {
        let now = sent::Moment::of((self.now)());
        Ok(self
            .read(|transaction| sent::ages(transaction, id, &now))?
            .unwrap_or_default())
    }

    pub(in crate::journal) fn live_keys(
        &mut self,
    ) -> Result<Vec<(EntityKey, JobId)>, JournalError> {
        Ok(self
            .read(|transaction| read::live_keys(transaction))?
            .unwrap_or_default())
    }

    pub(in crate::journal) fn fingerprint_key(&mut self) -> Result<FingerprintKey, JournalError> {
        if self.may_write().is_ok() {
            installation::read_or_make(&self.place)
        } else {
            installation::read_or_pass(&self.place)
        }
    }

    pub(in crate::journal) fn who(&self) -> (Who, Timestamp) {
        (self.who.clone(), (self.now)())
    }

    /// One transaction about one job: its row is read, checked, changed by `work` and written with the time that its
    /// commits took so far.
    fn record<T>(
        &mut self,
        id: JobId,
        step: &str,
        work: impl FnOnce(&Transaction<'_>, &mut JobRow, Timestamp) -> Result<T, Fault>,
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
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, JournalError> {
        self.commit_at("other", work)
    }

    /// One transaction; `step` is its name in a rehearsal.
    fn commit_at<T>(
        &mut self,
        step: &str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, JournalError> {
        self.may_write()?;
        let (place, rehearsal) = (&self.place, &mut self.rehearsal);
        let Some(connection) = &mut self.connection else {
            return Err(self.closed());
        };
        let done = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(Fault::from)
            .and_then(|transaction| {
                rehearsal.begins(step, &transaction)?;
                let answer = work(&transaction)?;
                rehearsal.commits(step, &transaction, place)?;
                transaction.commit()?;
                Ok(answer)
            })
            .and_then(|answer| {
                rehearsal.committed(step, connection, place)?;
                Ok(answer)
            });
        done.map_err(|fault| self.tell(fault))
    }

    /// One short transaction that only reads; `None` where there is no journal yet.
    fn read<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, JournalError> {
        if self.connection.is_none() {
            // One that is made later, by the console that is watched, is found by the next look.
            self.connection = schema::connect_to_read(&self.place.database())
                .map_err(|fault| self.tell(fault))?;
            if self.connection.is_none() {
                schema::nothing_is_missing(&self.place)?;
            }
        }
        let rehearsal = &mut self.rehearsal;
        let Some(connection) = &mut self.connection else {
            return Ok(None);
        };
        let done = rehearsal
            .reads()
            .and_then(|()| Ok(connection.transaction()?))
            .and_then(|transaction| work(&transaction));
        done.map(Some).map_err(|fault| self.tell(fault))
    }

    fn may_write(&self) -> Result<(), JournalError> {
        let access = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        match &*access {
            Access::Writer => Ok(()),
            Access::Watcher { holder } => Err(JournalError::Locked {
                holder: holder.clone(),
            }),
            Access::ReadOnly { why } => Err(JournalError::ReadOnly { why: why.clone() }),
        }
    }

    /// Puts a fault in words; once damage was seen nothing is written any more.
    fn tell(&self, fault: Fault) -> JournalError {
        let path = self.place.database();
        if let Some(why) = fault.damage(&path) {
            self.set_access(Access::ReadOnly { why });
        }
        fault.told(&path)
    }

    fn set_access(&self, access: Access) {
        *self.access.lock().unwrap_or_else(PoisonError::into_inner) = access;
    }

    fn closed(&self) -> JournalError {
        JournalError::Io {
            why: format!("{} is not open", place::shown(&self.place.database())),
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
