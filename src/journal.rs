//! The journal: every job, what was sent for it and what came of it, on disk before it happens; and the audit log.
//!
//! [`Journal`] is the handle: one thread owns the store, takes requests in order and answers each once. What a store does
//! is stated in [`port`], noun by noun; what a write means, in [`record`]; each kind of store is a row of [`STORES`] and a
//! folder of its own. No other module knows which one it is. One console writes, the others follow; what is on disk is
//! closed to everyone else ([`location`]).

pub mod audit;
mod encoding;
pub(crate) mod fault_injection;
mod history;
mod installation;
mod location;
pub mod port;
#[cfg(feature = "postgres")]
mod postgres;
mod record;
mod sqlite;
mod verified;

pub use audit::{
    AuditFault, AuditHead, AuditLog, AuditOrigin, AuditRecord, AuditTarget, AuditVerdict,
    verify_audit, verify_copy,
};
pub use installation::{fingerprint_key, has_key};
pub use location::{FileSystem, own_file};
pub use port::{
    Access, ChunkAnswer, JournalOptions, LocalStatusRecord, Move, News, OpenMode, Operator,
    StoreKind, TeamOptions, TeamTls,
};
#[cfg(feature = "postgres")]
pub use postgres::{admin as team_store, line as team_line};

use crate::entity::{
    claim::{Claim, ClaimOperation, ClaimResult, LastNote},
    error::JournalError,
    fingerprint::FingerprintKey,
    history::{HistoryEntry, Note},
    job::{ChangeUpdate, InexactMapping, Job, JobRecord, JobState, NewJob, PauseReason},
    journal_changes::JournalChanges,
    key::{EntityKey, JobId, ProviderId},
    local_status::{ImportResult, LocalStatus, MoveResult, ProfileStatusCount},
    profile::ProfileBinding,
    team::Holding,
};
use jiff::Timestamp;
use port::{SharedAccess, Store};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, PoisonError, mpsc},
    time::Duration,
};
use tokio::sync::oneshot;

/// Every kind of store. `tests/it/journal` runs over each.
pub const STORES: &[StoreKind] = &[
    sqlite::STORE,
    #[cfg(feature = "postgres")]
    postgres::STORE,
];

/// Handle of the journal; clones share one thread and one store.
#[derive(Clone)]
pub struct Journal {
    requests: mpsc::Sender<Request>,
    access: SharedAccess,
    news: Option<News>,
}

/// What handles of a journal share with its thread.
type Opened = (SharedAccess, Option<News>);

/// What the thread of the journal does with its store.
type Work = Box<dyn FnOnce(&mut dyn Store) + Send>;

enum Request {
    Work(Work),
    Close(oneshot::Sender<()>),
}

impl Journal {
    /// Opens the journal of this host on a thread of its own. That another console writes, or that it can only be read,
    /// is no error: see [`Journal::access`].
    ///
    /// # Errors
    /// `Io` if others can reach the directory or a file, `Full` if there is no room to make it.
    pub async fn open(options: JournalOptions) -> Result<Self, JournalError> {
        #[cfg(feature = "postgres")]
        if options.team.is_some() {
            return Self::open_in(&postgres::STORE, options).await;
        }
        Self::open_in(&sqlite::STORE, options).await
    }

    /// Opens a journal in a store of this kind.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub async fn open_in(
        store: &'static StoreKind,
        options: JournalOptions,
    ) -> Result<Self, JournalError> {
        let (requests, inbox) = mpsc::channel();
        let (opened, answer) = oneshot::channel();
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || run(store, options, &inbox, opened))
            .map_err(|_| JournalError::Io {
                why: "its thread cannot be started".to_owned(),
            })?;
        let (access, news) = answer.await.map_err(|_| closed_error())??;
        Ok(Self {
            requests,
            access,
            news,
        })
    }

    /// Returns what this journal may do. It becomes less when damage is found.
    pub fn access(&self) -> Access {
        self.access
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Records a confirmed plan as a job: [`port::JobStore::record_job`].
    pub async fn record_job(
        &self,
        job: impl Into<Arc<NewJob>>,
        attempt: Option<AuditRecord>,
    ) -> Result<JobId, JournalError> {
        let job = job.into();
        self.request(move |store| store.record_job(&job, attempt.as_ref()))
            .await
    }

    /// Records that changes are about to be sent: [`port::JobStore::record_intent`].
    pub async fn record_intent(&self, job: JobId, indexes: Vec<u32>) -> Result<u32, JournalError> {
        self.request(move |store| store.record_intent(job, &indexes))
            .await
    }

    /// Records what the answer to a chunk proves: [`port::JobStore::record_answer`].
    pub async fn record_answer(
        &self,
        job: JobId,
        answer: ChunkAnswer,
        attempt: Option<AuditRecord>,
    ) -> Result<(), JournalError> {
        self.request(move |store| store.record_answer(job, &answer, attempt.as_ref()))
            .await
    }

    /// Records what reading changes showed: [`port::JobStore::record_read_backs`].
    pub async fn record_read_backs(
        &self,
        job: JobId,
        updates: Vec<ChangeUpdate>,
        reads: u64,
        attempt: Option<AuditRecord>,
    ) -> Result<(), JournalError> {
        self.request(move |store| store.record_read_backs(job, &updates, reads, attempt.as_ref()))
            .await
    }

    /// Records that changes which were not sent are cancelled: [`port::JobStore::record_cancelled`].
    pub async fn record_cancelled(
        &self,
        job: JobId,
        indexes: Vec<u32>,
        attempt: Option<AuditRecord>,
    ) -> Result<(), JournalError> {
        self.request(move |store| store.record_cancelled(job, &indexes, attempt.as_ref()))
            .await
    }

    /// Records where a job stands: [`port::JobStore::record_state`].
    pub async fn record_state(
        &self,
        job: JobId,
        state: JobState,
        paused: Option<(PauseReason, Option<Timestamp>)>,
        attempt: Option<AuditRecord>,
    ) -> Result<(), JournalError> {
        self.request(move |store| store.record_state(job, state, paused, attempt.as_ref()))
            .await
    }

    /// Returns every job, newest first.
    pub async fn jobs(&self) -> Result<Vec<Job>, JournalError> {
        self.request(|store| store.jobs()).await
    }

    /// Returns one job with its changes.
    pub async fn job(&self, id: JobId) -> Result<JobRecord, JournalError> {
        self.request(move |store| store.job(id)).await
    }

    /// Returns how long ago at least each change was sent that may still be applied. After a reboot, or if the clock
    /// was set back, that is zero.
    pub async fn pending_ages(&self, job: JobId) -> Result<BTreeMap<u32, Duration>, JournalError> {
        self.request(move |store| store.pending_ages(job)).await
    }

    /// Returns the leaks of jobs that have not ended, with their job.
    pub async fn active_leaks(&self) -> Result<Vec<(EntityKey, JobId)>, JournalError> {
        self.request(|store| store.active_leaks()).await
    }

    /// Returns the local statuses of these profiles, by name and provider.
    pub async fn local_statuses(
        &self,
        profiles: Vec<ProfileBinding>,
    ) -> Result<Vec<(EntityKey, LocalStatus)>, JournalError> {
        self.request(move |store| store.local_statuses(&profiles))
            .await
    }

    /// Returns the number of local statuses by profile name.
    pub async fn local_status_counts(&self) -> Result<Vec<ProfileStatusCount>, JournalError> {
        self.request(|store| store.local_status_counts()).await
    }

    /// Returns what moving all data to another profile name would do.
    pub async fn plan_move(&self, wish: Move) -> Result<MoveResult, JournalError> {
        self.request(move |store| store.plan_move(&wish)).await
    }

    /// Moves all data to another profile name, everything or nothing.
    pub async fn move_profile_data(&self, wish: Move) -> Result<MoveResult, JournalError> {
        self.request(move |store| store.move_profile_data(&wish))
            .await
    }

    /// Returns every local status, by key, with its provider and the last note of its leak.
    pub async fn all_local_statuses(&self) -> Result<Vec<LocalStatusRecord>, JournalError> {
        self.request(|store| store.all_local_statuses()).await
    }

    /// Imports statuses from a file, everything or nothing; of each leak the newest stays.
    pub async fn import_statuses(
        &self,
        statuses: Vec<LocalStatusRecord>,
    ) -> Result<ImportResult, JournalError> {
        self.request(move |store| store.import_statuses(&statuses))
            .await
    }

    /// Returns the inexact mappings of these profiles that were accepted with a job.
    pub async fn accepted_mappings(
        &self,
        profiles: Vec<ProfileBinding>,
    ) -> Result<Vec<InexactMapping>, JournalError> {
        self.request(move |store| store.accepted_mappings(&profiles))
            .await
    }

    /// Claims leaks for this console, takes them over or releases them, all at once.
    pub async fn claim(
        &self,
        leaks: Vec<(EntityKey, ProviderId)>,
        act: ClaimOperation,
    ) -> Result<ClaimResult, JournalError> {
        self.request(move |store| store.claim(&leaks, act)).await
    }

    /// Extends the claims of this console, and returns their number.
    pub async fn renew_claims(&self) -> Result<u64, JournalError> {
        self.request(|store| store.renew_claims()).await
    }

    /// Returns the claims on leaks of these profiles, by name and provider.
    pub async fn claims(
        &self,
        profiles: Vec<ProfileBinding>,
    ) -> Result<Vec<(EntityKey, Claim)>, JournalError> {
        self.request(move |store| store.claims(&profiles)).await
    }

    /// Returns the last notes of leaks of these profiles.
    pub async fn last_notes(
        &self,
        profiles: Vec<ProfileBinding>,
    ) -> Result<Vec<(EntityKey, Arc<LastNote>)>, JournalError> {
        self.request(move |store| store.last_notes(&profiles)).await
    }

    /// Adds the same note to leaks, all or none.
    pub async fn add_note(
        &self,
        leaks: Vec<(EntityKey, ProviderId)>,
        text: String,
    ) -> Result<Note, JournalError> {
        self.request(move |store| store.add_note(&leaks, &text))
            .await
    }

    /// Returns every note on leaks of these profiles, oldest first.
    pub async fn notes(
        &self,
        profiles: Vec<ProfileBinding>,
    ) -> Result<Vec<(EntityKey, Note)>, JournalError> {
        self.request(move |store| store.notes(&profiles)).await
    }

    /// Returns the history of a leak, oldest first: what its store knows, and what else the audit log has of it.
    pub async fn history(
        &self,
        leak: EntityKey,
        provider: ProviderId,
    ) -> Result<Vec<HistoryEntry>, JournalError> {
        self.request(move |store| history::whole(store, &leak, &provider))
            .await
    }

    /// Returns what was done with several leaks, oldest first, each act with its leak. The audit log is read once.
    pub async fn histories(
        &self,
        leaks: Vec<(EntityKey, ProviderId)>,
    ) -> Result<Vec<(EntityKey, HistoryEntry)>, JournalError> {
        self.request(move |store| history::of_several(store, &leaks))
            .await
    }

    /// Returns what others have written since the last call: [`port::AccessStore::changes_since`].
    pub async fn changes_since(&self) -> Result<JournalChanges, JournalError> {
        self.request(|store| store.changes_since()).await
    }

    /// Makes this console the holder of a job: [`port::HandoverStore::take_job`].
    pub async fn take_job(&self, job: JobId, force: bool) -> Result<(), JournalError> {
        self.request(move |store| store.take_job(job, force)).await
    }

    /// Returns how long what the former holder sent may still arrive: [`port::HandoverStore::settling`].
    pub async fn settling(&self, job: JobId) -> Result<Duration, JournalError> {
        self.request(move |store| Ok(store.settling(job))).await
    }

    /// Confirms a job anew: [`port::HandoverStore::confirm_job`].
    pub async fn confirm_job(&self, job: JobId) -> Result<(), JournalError> {
        self.request(move |store| store.confirm_job(job)).await
    }

    /// Asks the console that runs a job to pause it: [`port::HandoverStore::ask_pause`].
    pub async fn ask_pause(&self, job: JobId) -> Result<bool, JournalError> {
        self.request(move |store| store.ask_pause(job)).await
    }

    /// Returns the jobs of this console that a colleague asked to pause.
    pub async fn asked_to_pause(&self) -> Result<Vec<JobId>, JournalError> {
        self.request(|store| store.asked_to_pause()).await
    }

    /// Returns whose each job is; empty for an embedded store.
    pub async fn holdings(&self) -> Result<BTreeMap<JobId, Holding>, JournalError> {
        self.request(|store| store.holdings()).await
    }

    /// Returns the whole time that a write request may take: [`port::HandoverStore::send_limit`].
    pub async fn send_limit(&self) -> Result<Option<Duration>, JournalError> {
        self.request(|store| Ok(store.send_limit())).await
    }

    /// Returns what wakes a console when colleagues have written; `None` for an embedded store.
    pub fn news(&self) -> Option<News> {
        self.news.clone()
    }

    /// Returns the installation's key for fingerprints. The writer creates it; a reader without one gets a random key
    /// for its run.
    pub async fn fingerprint_key(&self) -> Result<FingerprintKey, JournalError> {
        self.request(|store| store.fingerprint_key()).await
    }

    /// Appends one record to the audit log and commits the log's new head.
    pub async fn audit(&self, record: AuditRecord) -> Result<(), JournalError> {
        self.audit_all(vec![record]).await
    }

    /// Appends records to the audit log, all with one write, and commits the log's new head.
    pub async fn audit_all(&self, records: Vec<AuditRecord>) -> Result<(), JournalError> {
        self.request(move |store| store.audit(&records)).await
    }

    /// Appends the lines of an ended job to the audit log, and commits that they are there.
    pub async fn audit_job(
        &self,
        job: JobId,
        records: Vec<AuditRecord>,
    ) -> Result<(), JournalError> {
        self.request(move |store| store.audit_job(job, &records))
            .await
    }

    /// Returns the ended jobs without lines in the audit log, oldest first.
    pub async fn unaudited_jobs(&self) -> Result<Vec<JobId>, JournalError> {
        self.request(|store| store.unaudited_jobs()).await
    }

    /// Verifies everything against its hashes, its counts and the event chain. Damage is found in any job.
    pub async fn verify(&self) -> Result<(), JournalError> {
        self.request(|store| store.verify()).await
    }

    /// Returns true if a console writes this journal at the moment.
    pub async fn has_writer(&self) -> Result<bool, JournalError> {
        self.request(|store| store.has_writer()).await
    }

    /// Returns the head of the audit log, for [`verify_audit`].
    pub async fn audit_head(&self) -> Result<AuditHead, JournalError> {
        self.request(|store| store.audit_head()).await
    }

    /// Returns the audit log with its head.
    pub async fn audit_log(&self) -> Result<AuditLog, JournalError> {
        self.request(|store| store.audit_log()).await
    }

    /// Returns the operator and the time, as the audit log stores them.
    pub async fn operator(&self) -> Result<(Operator, Timestamp), JournalError> {
        self.request(|store| Ok(store.operator())).await
    }

    /// Returns true if a path is the audit log itself.
    pub async fn is_audit_log(&self, path: PathBuf) -> Result<bool, JournalError> {
        self.request(move |store| Ok(store.is_audit_log(&path)))
            .await
    }

    /// Finishes all requests, closes the files and releases the lock. Other clones get an error from then on.
    pub async fn close(self) {
        let (done, answer) = oneshot::channel();
        if self.requests.send(Request::Close(done)).is_ok() {
            // A thread that has ended has closed everything too.
            answer.await.ok();
        }
    }

    /// The request is finished even if the caller stops waiting.
    async fn request<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Store) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let (done, answer) = oneshot::channel();
        self.requests
            .send(Request::Work(Box::new(move |store| {
                // The caller may have gone; the work is done.
                done.send(work(store)).ok();
            })))
            .map_err(|_| closed_error())?;
        answer.await.map_err(|_| closed_error())?
    }
}

fn run(
    kind: &StoreKind,
    options: JournalOptions,
    inbox: &mpsc::Receiver<Request>,
    opened: oneshot::Sender<Result<Opened, JournalError>>,
) {
    (options.thread_init)();
    let mut store = match (kind.open)(options) {
        Ok(store) => {
            if opened.send(Ok((store.access(), store.news()))).is_err() {
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
            Request::Work(work) => work(&mut *store),
            Request::Close(done) => {
                drop(store);
                done.send(()).ok();
                return;
            }
        }
    }
}

fn closed_error() -> JournalError {
    JournalError::Io {
        why: "it was closed".to_owned(),
    }
}
