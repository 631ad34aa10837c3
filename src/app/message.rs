//! Facts given to `update`, in the past tense. Each effect's task ends by sending exactly one; what
//! comes of a page before that is only a part of it.

use super::{
    job::RecordedPlan,
    model::{GroupRef, JournalAccess},
    news::{Judged, Looked, NewsCursor, NewsError},
};
use crate::{
    action::Action,
    app::job::targets::{FollowUpError, FollowUpTargets},
    entity::{
        claim::{Claim, ClaimOperation, ClaimResult, LastNote},
        connection::Related,
        domain::Domain,
        error::{JournalError, ProviderError},
        files::ImportReport,
        history::HistoryEntry,
        id_file::IdEntry,
        job::{ChangeUpdate, InexactMapping, Job, JobCommand, JobRecord, JobState, PauseReason},
        journal_changes::JournalChanges,
        key::{EntityKey, JobId, Kind, ProfileName, RequestId},
        local_status::LocalStatus,
        lookup::LookupAnswer,
        page::{FileChange, LeakPage, NativePage, PageRequest},
        profile::RateBudget,
        raw_text::RawText,
        secret::Secret,
        status::Status,
        team::Team,
    },
};
use crossterm::event::KeyEvent;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

pub use super::model::now::Moment;

/// The steps of a chunk's changes after its answer, and the error that the answer was, if it was one.
pub type ChunkResult = (Vec<ChangeUpdate>, Option<ProviderError>);

/// How many requests a read-back took, and what changed, with the provider's word where one was read.
pub type ReadBackResult = (u64, Vec<(ChangeUpdate, Option<(Status, RawText)>)>);

/// What the journal keeps beside its jobs.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LocalRecords {
    /// The statuses that we keep, by leak.
    pub statuses: Vec<(EntityKey, LocalStatus)>,
    /// Statuses that a profile stores as another one, and that the operator has said yes to.
    pub accepted_mappings: Vec<InexactMapping>,
    /// Who has taken which leak on.
    pub claims: Vec<(EntityKey, Claim)>,
    /// The last words that were left with leaks.
    pub last_notes: Vec<(EntityKey, Arc<LastNote>)>,
}

/// What asking whether somebody has written came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessPoll {
    /// What was written.
    pub changes: JournalChanges,
    /// What the journal lets us do now.
    pub journal: JournalAccess,
    /// The team, where the journal is a team's.
    pub team: Option<Box<Team>>,
}

/// A job that was taken up again, as the journal has it.
#[derive(Clone, Debug, PartialEq)]
pub struct ResumedJob {
    /// The job; what was under way is unknown.
    pub record: JobRecord,
    /// How long ago at least each of these changes was sent. One that is missing counts as sent now.
    pub min_ages: BTreeMap<u32, Duration>,
    /// The statuses that we keep for its profiles.
    pub local_statuses: Vec<(EntityKey, LocalStatus)>,
}

/// How a program of the operator's own ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolEnd {
    /// Its exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// The beginning of what it printed.
    pub out: Vec<u8>,
    /// The beginning of what it printed as errors.
    pub err: Vec<u8>,
}

/// What came of the files that a profile's leaks are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesTold {
    /// Whether they have changed.
    Looked(Result<FileChange, ProviderError>),
    /// What the last reading found.
    Report(Result<Box<ImportReport>, ProviderError>),
}

/// A fact. Large contents are boxed: a message stays small enough to be moved about freely.
#[derive(Debug)]
pub enum Message {
    /// A key asked for an action; `read` is when the key was read, since the start.
    ActionRequested {
        /// Which.
        action: Action,
        /// When its key was read.
        read_at: Duration,
    },
    /// A key began or continued a sequence such as `gg`.
    SequenceExtended(KeyEvent),
    /// A key ended a sequence that means nothing.
    SequenceCleared,
    /// A key was typed into a prompt, or into the plan's number.
    KeyTyped {
        /// The key.
        key: KeyEvent,
        /// When it was read.
        read_at: Duration,
    },
    /// Text was pasted.
    TextPasted(String),
    /// The terminal has another size now.
    TerminalResized {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
    },
    /// The terminal lost or got the focus.
    FocusChanged(bool),
    /// A wake-up that the model asked for.
    TimerFired,
    /// A frame that the model waited for has left.
    FrameDrawn,
    /// Some leaks of a page came, a part of it that is not the last: with the last one the page itself comes.
    PagePartLoaded {
        /// For which request.
        request: RequestId,
        /// Whose.
        profile: ProfileName,
        /// Of which page.
        page: PageRequest,
        /// All of it.
        leaks: Arc<LeakPage>,
        /// Which part.
        part: usize,
    },
    /// A page came.
    PageLoaded {
        /// For which request.
        request: RequestId,
        /// Whose.
        profile: ProfileName,
        /// Which page.
        page: PageRequest,
        /// What came.
        result: Result<Arc<LeakPage>, ProviderError>,
    },
    /// The watched domains came.
    DomainsLoaded {
        /// For which request.
        request: RequestId,
        /// Whose.
        profile: ProfileName,
        /// What came.
        result: Result<Vec<Domain>, ProviderError>,
    },
    /// A page of the users or connections that a provider lists itself came.
    ListedLoaded {
        /// For which request.
        request: RequestId,
        /// Whose.
        profile: ProfileName,
        /// Users or connections.
        kind: Kind,
        /// What came.
        result: Result<Box<NativePage>, ProviderError>,
    },
    /// What belongs to one leak, user or connection came.
    RelatedLoaded {
        /// To what.
        key: EntityKey,
        /// What came.
        result: Result<Box<Related>, ProviderError>,
    },
    /// Something of the files came that a profile's leaks are in.
    FilesTold {
        /// Whose.
        profile: ProfileName,
        /// What.
        told: FilesTold,
    },
    /// A profile answered a lookup.
    LookupAnswered {
        /// For which request.
        request: RequestId,
        /// Whose.
        profile: ProfileName,
        /// What came, one answer an operation.
        answers: Vec<LookupAnswer>,
    },
    /// A profile's request budget changed.
    BudgetChanged {
        /// Whose.
        profile: ProfileName,
        /// As it stands.
        budget: Box<RateBudget>,
    },
    /// A confirmed plan is on disk, or is not.
    JobRecorded {
        /// What comes of it.
        job: Box<RecordedPlan>,
        /// Its number.
        result: Result<JobId, JournalError>,
    },
    /// A chunk was sent, and its answer is on disk.
    ChunkAnswered {
        /// Of which job.
        job: JobId,
        /// The changes that it held.
        indexes: Vec<u32>,
        /// What came of it.
        result: Result<ChunkResult, JournalError>,
    },
    /// Changes were read back, and what was read is on disk.
    ReadBackRecorded {
        /// Of which job.
        job: JobId,
        /// The changes that were asked for.
        indexes: Vec<u32>,
        /// Their window was over.
        window_over: bool,
        /// Requests that it took, and what changed, with the provider's word where one was read.
        result: Result<ReadBackResult, JournalError>,
    },
    /// Changes were read before they were sent, and what was changed by others is on disk.
    PrecheckRecorded {
        /// Of which job.
        job: JobId,
        /// Whose.
        profile: ProfileName,
        /// Requests that it took, what changed, and why something could not be read.
        result: Result<(ReadBackResult, Option<ProviderError>), JournalError>,
    },
    /// Changes that were not sent are cancelled on disk.
    ChangesCancelled {
        /// Of which job.
        job: JobId,
        /// Which.
        indexes: Vec<u32>,
        /// Whether it could be written.
        result: Result<(), JournalError>,
    },
    /// A job was taken up again.
    JobResumed {
        /// Which.
        job: JobId,
        /// What the journal has of it.
        result: Result<Box<ResumedJob>, JournalError>,
    },
    /// A job was read, and how its leaks stand now.
    FollowUpTargetsLoaded {
        /// Which job.
        job: JobId,
        /// For what.
        command: JobCommand,
        /// What was found.
        result: Result<Box<FollowUpTargets>, FollowUpError>,
    },
    /// A wait of a job is over.
    JobTimerFired(JobId),
    /// A colleague's console was asked to pause a job.
    PauseAsked {
        /// Which job.
        job: JobId,
        /// Whether it could be asked.
        result: Result<bool, JournalError>,
    },
    /// A job's state is on disk.
    JobStateRecorded {
        /// Which job.
        job: JobId,
        /// Which state.
        state: JobState,
        /// Why it waits.
        paused: Option<PauseReason>,
        /// Whether it could be written.
        result: Result<(), JournalError>,
        /// Whether, at its end, its lines could be written to the audit log.
        audit_result: Result<(), JournalError>,
    },
    /// The jobs of the journal.
    JobsLoaded(Result<Vec<Job>, JournalError>),
    /// One job with its changes.
    JobLoaded(Result<Box<JobRecord>, JournalError>),
    /// The leaks that are in a job that has not ended.
    ActiveLeaksLoaded(Result<Vec<(EntityKey, JobId)>, JournalError>),
    /// The statuses that we keep.
    LocalRecordsLoaded(Result<Box<LocalRecords>, JournalError>),
    /// Claims are on disk, or are not.
    ClaimsChanged {
        /// What was asked for.
        operation: ClaimOperation,
        /// What came of it.
        result: Result<ClaimResult, JournalError>,
    },
    /// The history of a leak was read, oldest act first.
    HistoryLoaded {
        /// The leak.
        key: Box<EntityKey>,
        /// Its history.
        result: Result<Vec<HistoryEntry>, JournalError>,
    },
    /// What was done with the leaks of a group was read, oldest act first.
    HistoriesLoaded {
        /// The group.
        group: GroupRef,
        /// The acts, each with its leak.
        result: Result<Vec<(EntityKey, HistoryEntry)>, JournalError>,
    },
    /// A note was added to leaks.
    NoteAdded {
        /// Number of leaks.
        leaks: usize,
        /// Whether it is on disk and in the audit log.
        result: Result<(), JournalError>,
    },
    /// Our claims end later now, or do not.
    ClaimsRenewed(Result<u64, JournalError>),
    /// The memory of what was seen was opened, or cannot be.
    NewsLoaded(Result<NewsCursor, NewsError>),
    /// A reading was judged.
    ReadingJudged {
        /// Whose.
        profile: ProfileName,
        /// What came of it.
        result: Result<Box<Judged>, NewsError>,
    },
    /// Accounts were asked whether they are worth reading again.
    Looked(Result<Vec<Looked>, NewsError>),
    /// The operator's place in the news was moved, or was not.
    NewsMoved {
        /// It was moved back.
        is_undone: bool,
        /// Where it is.
        result: Result<NewsCursor, NewsError>,
    },
    /// The journal was asked whether somebody has written.
    AccessPolled(Result<AccessPoll, JournalError>),
    /// A secret came, after its audit line was written.
    SecretRevealed {
        /// Of which leak.
        key: EntityKey,
        /// Whether it is for the clipboard.
        copy: bool,
        /// The secret, or why not.
        result: Result<Secret, String>,
    },
    /// A copy is on its way: bytes for the terminal, if any, and what to tell the operator.
    TextCopied {
        /// What the terminal is sent; it may hold a revealed secret.
        bytes: Secret,
        /// What to say.
        result: Result<String, String>,
    },
    /// A file was written: how many leaks, and where.
    LeaksExported {
        /// Where.
        path: PathBuf,
        /// Whether it stands in the audit log.
        audited: bool,
        /// How many leaks, or why not.
        result: Result<usize, String>,
    },
    /// A job was read for a bundle of evidence.
    EvidenceLoaded {
        /// Where the bundle shall lie.
        path: PathBuf,
        /// The job with its changes.
        result: Result<Box<JobRecord>, JournalError>,
    },
    /// A bundle of evidence was written.
    EvidenceWritten {
        /// Where.
        path: PathBuf,
        /// Whether it stands in the audit log.
        audited: bool,
        /// How many leaks and the bundle's seal, or why not.
        result: Result<(usize, String), String>,
    },
    /// A file of keys was read.
    MarksRead {
        /// Which file.
        path: PathBuf,
        /// What its lines name.
        result: Result<Vec<IdEntry>, String>,
    },
    /// A file of keys was written.
    MarksWritten {
        /// Which file.
        path: PathBuf,
        /// How many keys.
        result: Result<usize, String>,
    },
    /// The mouse was used.
    MouseUsed(crossterm::event::MouseEvent),
    /// The keys of a program of the operator's own were pressed: which, by its place in the configuration.
    CommandAsked(usize),
    /// A program of the operator's own has ended, or was not run.
    ToolEnded {
        /// What it is called.
        name: String,
        /// How it ended.
        result: Result<Box<ToolEnd>, String>,
    },
    /// The marks were saved as a set, or were not.
    MarkSetSaved {
        /// Its name.
        name: String,
        /// How many leaks it has.
        result: Result<usize, String>,
    },
    /// A set of marks was deleted, or was not.
    MarkSetDeleted {
        /// Its name.
        name: String,
        /// Whether there was one.
        result: Result<bool, String>,
    },
    /// The keys of a set of marks were read.
    MarkSetLoaded {
        /// Its name.
        name: String,
        /// Only marks that are in it stay.
        keep: bool,
        /// The keys; `None` where there is no such set.
        result: Result<Option<Vec<EntityKey>>, String>,
    },
    /// The file of views was read, where there is one.
    ViewsLoaded {
        /// Which file.
        path: PathBuf,
        /// Its text.
        result: Result<Option<String>, String>,
    },
    /// The file of views was written, or was not.
    ViewsSaved(Result<(), String>),
    /// Views were written to a new file, or were not.
    ViewsExported {
        /// Which file.
        path: PathBuf,
        /// How many views.
        result: Result<usize, String>,
    },
    /// A file of views was read, or was not.
    ViewsImported(Result<String, String>),
    /// Where this console stands was written down, or was not.
    SessionSaved(Result<(), String>),
    /// An audit line was written, or was not.
    AuditLineWritten(Result<(), JournalError>),
    /// The system asked the program to end, with this exit code.
    QuitRequested(u8),
    /// A task met a bug. What it was for is told that it failed with a message of its own.
    TaskPanicked,
}
