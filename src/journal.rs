//! The journal: every job, what was sent for it and what came of it, on disk before it happens; and the audit log.
//!
//! [`Journal`] is the port: no other room knows that there is a database. Behind it one thread owns the connection
//! ([`sqlite`]), takes requests in order and answers each once. One console writes, the others watch (`lock`); what is
//! on disk is closed to everyone else ([`place`]) and every row says by its hash that it is whole.

pub mod audit;
mod installation;
mod place;
pub(crate) mod rehearsal;
mod sqlite;

pub use audit::{
    AuditFault, AuditHead, AuditLog, AuditOrigin, AuditRecord, AuditTarget, AuditVerdict,
    verify_audit, verify_copy,
};
pub use installation::fingerprint_key;
pub use place::FileSystem;
pub use sqlite::{KeptStatus, Move};

use crate::entity::{
    claim::{Claim, ClaimAct, Claimed, Noted},
    error::JournalError,
    fingerprint::FingerprintKey,
    job::{ChangeUpdate, Job, JobRecord, JobState, Lossy, NewJob, PauseReason},
    key::{EntityKey, JobId, ProviderId},
    local::{Imported, KeptUnder, LocalStatus, Moved},
    profile::ProfileBinding,
};
use jiff::Timestamp;
use sqlite::store::Store;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::Duration,
};
use tokio::sync::oneshot;

/// What the journal is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// To record: takes the writer's lock, or watches where another has it.
    Write,
    /// To look: takes no lock and makes no file; a journal that is not there reads as empty.
    Read,
}

/// Who is at work, for the lock and the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Who {
    /// Login name.
    pub user: String,
    /// Host name.
    pub host: String,
    /// Terminal, empty if none.
    pub tty: String,
    /// Process id.
    pub pid: String,
}

/// How to open the journal.
#[derive(Clone, Debug)]
pub struct Options {
    /// The state directory; absolute. Made, closed to others, when it is not there.
    pub directory: PathBuf,
    /// To record or to look.
    pub mode: OpenMode,
    /// Who is at work.
    pub who: Who,
    /// The clock.
    pub now: fn() -> Timestamp,
    /// A limit on the database's size in pages of 4 KiB, for tests of a full disk.
    pub max_pages: Option<u32>,
    /// What the directory lies on, for tests; asked of the system if `None`.
    pub file_system: Option<FileSystem>,
    /// A disaster to rehearse, for tests; a release build takes no notice.
    pub rehearse: Option<String>,
    /// What its thread does first, and those that it starts have from it.
    pub on_thread: fn(),
}

impl Options {
    /// The options of a real run.
    pub fn new(directory: PathBuf, mode: OpenMode, who: Who) -> Self {
        Self {
            directory,
            mode,
            who,
            now: rehearsal::now,
            max_pages: None,
            file_system: None,
            rehearse: None,
            on_thread: || {},
        }
    }
}

/// What this journal may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// It records.
    Writer,
    /// Another console records; this one looks.
    Watcher {
        /// User, host, process and since when.
        holder: String,
    },
    /// It looks only.
    ReadOnly {
        /// Why, in words.
        why: String,
    },
}

/// The journal's handle; clones share one thread and one connection.
#[derive(Clone)]
pub struct Journal {
    requests: mpsc::Sender<Request>,
    access: SharedAccess,
}

enum Request {
    Work(Box<dyn FnOnce(&mut Store) + Send>),
    Close(oneshot::Sender<()>),
}

type SharedAccess = Arc<Mutex<Access>>;

impl Journal {
    /// Opens the journal on a thread of its own. That another console records, or that it can only be read, is no
    /// error: see [`Journal::access`].
    ///
    /// # Errors
    /// `Io` when the directory or a file is not ours alone, `Full` when there is no room to make it.
    pub async fn open(options: Options) -> Result<Self, JournalError> {
        let (requests, inbox) = mpsc::channel();
        let (opened, answer) = oneshot::channel();
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || run(options, &inbox, opened))
            .map_err(|_| JournalError::Io {
                why: "its thread cannot be started".to_owned(),
            })?;
        let access = answer.await.map_err(|_| ended())??;
        Ok(Self { requests, access })
    }

    /// What this journal may do; it becomes less when damage is found.
    pub fn access(&self) -> Access {
        self.access
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Records a confirmed plan as a job, everything or nothing. What is kept here alone is kept with it, and so are the
    /// lossy mappings that were confirmed; a job with nothing else in it has ended then.
    ///
    /// # Errors
    /// `StalePlan` when this plan was recorded before, or when one of its leaks came into another job since.
    pub async fn record_job(&self, job: impl Into<Arc<NewJob>>) -> Result<JobId, JournalError> {
        let job = job.into();
        self.ask(move |store| store.record_job(&job)).await
    }

    /// Records that these changes are about to be sent, in one request; answers the number of that chunk. Each must
    /// be pending.
    pub async fn record_intent(&self, job: JobId, indexes: Vec<u32>) -> Result<u32, JournalError> {
        self.ask(move |store| store.record_intent(job, &indexes))
            .await
    }

    /// Records what the answer to a chunk proves: its class in a word, its HTTP status, and where its changes stand
    /// now. A change that goes back to pending is one try poorer: nothing was applied.
    pub async fn record_answer(
        &self,
        job: JobId,
        chunk: u32,
        class: &'static str,
        status: Option<u16>,
        updates: Vec<ChangeUpdate>,
    ) -> Result<(), JournalError> {
        self.ask(move |store| store.record_answer(job, chunk, class, status, &updates))
            .await
    }

    /// Records what reading back showed, and how many requests it took. A change that is verified by it sets or removes
    /// what is kept of its leak, at once.
    pub async fn record_readings(
        &self,
        job: JobId,
        updates: Vec<ChangeUpdate>,
        reads: u64,
    ) -> Result<(), JournalError> {
        self.ask(move |store| store.record_readings(job, &updates, reads))
            .await
    }

    /// Records that changes which were not sent are called off.
    pub async fn record_cancelled(
        &self,
        job: JobId,
        indexes: Vec<u32>,
    ) -> Result<(), JournalError> {
        self.ask(move |store| store.record_cancelled(job, &indexes))
            .await
    }

    /// Records where a job stands. When it ends, what was never sent is cancelled and what was sent and not proven is
    /// unverifiable, so that its numbers are final too, and its leaks are free for other jobs.
    pub async fn record_state(
        &self,
        job: JobId,
        state: JobState,
        paused: Option<(PauseReason, Option<Timestamp>)>,
    ) -> Result<(), JournalError> {
        self.ask(move |store| store.record_state(job, state, paused))
            .await
    }

    /// Every job, newest first.
    pub async fn jobs(&self) -> Result<Vec<Job>, JournalError> {
        self.ask(Store::jobs).await
    }

    /// One job with its changes.
    pub async fn job(&self, id: JobId) -> Result<JobRecord, JournalError> {
        self.ask(move |store| store.job(id)).await
    }

    /// How long ago at least each change of a job was sent that was sent and has not settled: what a provider may still
    /// apply. After a reboot, or where the clock was set back, that is no time at all.
    pub async fn ages(&self, job: JobId) -> Result<BTreeMap<u32, Duration>, JournalError> {
        self.ask(move |store| store.ages(job)).await
    }

    /// The leaks of jobs that have not ended, with the job.
    pub async fn live_keys(&self) -> Result<Vec<(EntityKey, JobId)>, JournalError> {
        self.ask(Store::live_keys).await
    }

    /// The statuses that are kept for leaks of these profiles, by name and provider.
    pub async fn local_statuses(
        &self,
        profiles: Vec<ProfileBinding>,
    ) -> Result<Vec<(EntityKey, LocalStatus)>, JournalError> {
        self.ask(move |store| store.local_statuses(&profiles)).await
    }

    /// How many statuses are kept under which name.
    pub async fn kept_under(&self) -> Result<Vec<KeptUnder>, JournalError> {
        self.ask(Store::kept_under).await
    }

    /// What moving what is kept to another name would do.
    pub async fn plan_move(&self, wish: Move) -> Result<Moved, JournalError> {
        self.ask(move |store| store.plan_move(&wish)).await
    }

    /// Moves what is kept to another name, everything or nothing.
    pub async fn move_kept(&self, wish: Move) -> Result<Moved, JournalError> {
        self.ask(move |store| store.move_kept(&wish)).await
    }

    /// Every status that is kept, with whose it is and the words that were left with its leak, by key.
    pub async fn kept_statuses(&self) -> Result<Vec<KeptStatus>, JournalError> {
        self.ask(Store::kept_statuses).await
    }

    /// Takes in statuses from a file, everything or nothing; of each leak the one that was set last stays.
    pub async fn import_statuses(
        &self,
        statuses: Vec<KeptStatus>,
    ) -> Result<Imported, JournalError> {
        self.ask(move |store| store.import_statuses(&statuses))
            .await
    }

    /// The lossy mappings of these profiles that were confirmed with a job.
    pub async fn confirmed_lossy(
        &self,
        profiles: Vec<ProfileBinding>,
    ) -> Result<Vec<Lossy>, JournalError> {
        self.ask(move |store| store.confirmed_lossy(&profiles))
            .await
    }

    /// Claims leaks for this console, takes them over or gives them back, all at once.
    pub async fn claim(
        &self,
        leaks: Vec<(EntityKey, ProviderId)>,
        act: ClaimAct,
    ) -> Result<Claimed, JournalError> {
        self.ask(move |store| store.claim(&leaks, act)).await
    }

    /// Puts the end of this console's claims off; answers how many it has.
    pub async fn renew_claims(&self) -> Result<u64, JournalError> {
        self.ask(Store::renew_claims).await
    }

    /// The claims that hold on leaks of these profiles, by name and provider.
    pub async fn claims(
        &self,
        profiles: Vec<ProfileBinding>,
    ) -> Result<Vec<(EntityKey, Claim)>, JournalError> {
        self.ask(move |store| store.claims(&profiles)).await
    }

    /// The last words that were left with leaks of these profiles.
    pub async fn noted(
        &self,
        profiles: Vec<ProfileBinding>,
    ) -> Result<Vec<(EntityKey, Arc<Noted>)>, JournalError> {
        self.ask(move |store| store.noted(&profiles)).await
    }

    /// Whether somebody has written since this was last asked; the first time, yes. Costs one page. A console that
    /// watches takes the writer's place when that has ended: [`Journal::access`] says so.
    pub async fn watch(&self) -> Result<bool, JournalError> {
        self.ask(Store::watch).await
    }

    /// The installation's key for fingerprints. Who records makes it where it is missing; who looks gets one for this
    /// run then.
    pub async fn fingerprint_key(&self) -> Result<FingerprintKey, JournalError> {
        self.ask(Store::fingerprint_key).await
    }

    /// Appends one record to the audit log and commits the log's new head.
    pub async fn audit(&self, record: AuditRecord) -> Result<(), JournalError> {
        self.audit_all(vec![record]).await
    }

    /// Appends records to the audit log, all with one write, and commits the log's new head.
    pub async fn audit_all(&self, records: Vec<AuditRecord>) -> Result<(), JournalError> {
        self.ask(move |store| store.audit(&records)).await
    }

    /// Appends the lines of a job that has ended to the audit log, and commits that they are there.
    pub async fn tell(&self, job: JobId, records: Vec<AuditRecord>) -> Result<(), JournalError> {
        self.ask(move |store| store.tell_of(job, &records)).await
    }

    /// The jobs that have ended without their lines in the audit log, the oldest first.
    pub async fn untold(&self) -> Result<Vec<JobId>, JournalError> {
        self.ask(Store::untold).await
    }

    /// Reads everything and compares it with its hashes, its counts and the chain of events: what was changed behind
    /// this program's back is found whichever job it is in.
    pub async fn verify(&self) -> Result<(), JournalError> {
        self.ask(Store::verify).await
    }

    /// Whether anybody writes this journal at the moment.
    pub async fn is_written(&self) -> Result<bool, JournalError> {
        self.ask(|store| store.is_written()).await
    }

    /// Where the audit log ends, for [`verify_audit`].
    pub async fn audit_head(&self) -> Result<AuditHead, JournalError> {
        self.ask(Store::audit_head).await
    }

    /// The audit log with its head, of one moment as far as another console lets it be.
    pub async fn audit_log(&self) -> Result<AuditLog, JournalError> {
        self.ask(Store::audit_log).await
    }

    /// Who is at work and what time it is, as the audit log has them.
    pub async fn who(&self) -> Result<(Who, Timestamp), JournalError> {
        self.ask(|store| Ok(store.who())).await
    }

    /// Whether a file is the audit log itself, by its place.
    pub async fn is_audit_log(&self, path: PathBuf) -> Result<bool, JournalError> {
        self.ask(move |store| Ok(store.is_audit_log(&path))).await
    }

    /// Finishes what was asked, closes the files and gives the lock back. Other clones get an error from then on.
    pub async fn close(self) {
        let (done, answer) = oneshot::channel();
        if self.requests.send(Request::Close(done)).is_ok() {
            // A thread that ended by itself has closed everything too.
            answer.await.ok();
        }
    }

    /// The request runs to its end even if the caller stops waiting.
    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let (done, answer) = oneshot::channel();
        self.requests
            .send(Request::Work(Box::new(move |store| {
                // Nobody waits any more: the work is done all the same.
                done.send(work(store)).ok();
            })))
            .map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

fn run(
    options: Options,
    inbox: &mpsc::Receiver<Request>,
    opened: oneshot::Sender<Result<SharedAccess, JournalError>>,
) {
    (options.on_thread)();
    let mut store = match Store::open(options) {
        Ok(store) => {
            if opened.send(Ok(store.access())).is_err() {
                return;
            }
            store
        }
        Err(error) => {
            opened.send(Err(error)).ok();
            return;
        }
    };
    while let Ok(request) = inbox.recv() {
        match request {
            Request::Work(work) => work(&mut store),
            Request::Close(done) => {
                drop(store);
                done.send(()).ok();
                return;
            }
        }
    }
}

fn ended() -> JournalError {
    JournalError::Io {
        why: "it was closed".to_owned(),
    }
}
