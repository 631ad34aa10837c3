//! I/O that `update` asks for, in the imperative: plain data that owns its inputs, never a closure.

use crate::entity::{
    claim::ClaimAct,
    evidence::Evidence,
    job::{Change, JobCommand, JobState, NewJob, PauseReason},
    key::{EntityKey, JobId, Kind, ProfileName, ProviderId, RequestId},
    leak::Leak,
    lookup::Lookup,
    page::{PageCursor, PageToken},
    profile::ProfileBinding,
    query::LeakQuery,
    secret::Secret,
    status::Status,
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// What the audit log is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditNote {
    /// Whose data.
    pub profile: Option<ProfileName>,
    /// What was done: `reveal`, `copy`, `export`, `plan`, ….
    pub action: &'static str,
    /// To which leaks.
    pub keys: Vec<EntityKey>,
    /// `asked`, `done`, `refused: …`.
    pub outcome: String,
    /// Anything else worth a line; never a value of a secret.
    pub detail: Option<String>,
}

/// One piece of I/O.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask for one page of leaks.
    FetchPage {
        /// Which request it belongs to.
        request: RequestId,
        /// Whose.
        profile: ProfileName,
        /// What to ask for.
        query: Arc<LeakQuery>,
        /// Which page.
        page: PageToken,
        /// What leads to it; `None` where its number does.
        cursor: Option<PageCursor>,
    },
    /// Ask for the watched domains.
    FetchDomains {
        /// Which request it belongs to.
        request: RequestId,
        /// Whose.
        profile: ProfileName,
    },
    /// Ask for one page of the users or connections that a provider lists itself.
    FetchNatives {
        /// Which request it belongs to.
        request: RequestId,
        /// Whose.
        profile: ProfileName,
        /// Users or connections.
        kind: Kind,
        /// Which page.
        page: PageToken,
    },
    /// Ask what belongs to one leak, user or connection.
    FetchRelated(EntityKey),
    /// Look something up.
    Lookup {
        /// Which request it belongs to.
        request: RequestId,
        /// Whom to ask.
        profile: ProfileName,
        /// What; it may be a secret.
        lookup: Box<Lookup>,
    },
    /// Call off everything that belongs to a request.
    CancelRequest(RequestId),
    /// Commit a confirmed plan.
    RecordJob(Box<NewJob>),
    /// Commit the intent, send one chunk, commit the answer.
    SendChunk {
        /// Of which job.
        job: JobId,
        /// To whom.
        profile: ProfileName,
        /// The changes, as they stand.
        changes: Vec<Change>,
        /// The status to set.
        wanted: Status,
    },
    /// Wait, read changes back, commit what was read.
    ReadBack {
        /// Of which job.
        job: JobId,
        /// From whom.
        profile: ProfileName,
        /// The changes, as they stand.
        changes: Vec<Change>,
        /// The status that was set.
        wanted: Status,
        /// How long to wait first.
        after: Duration,
        /// No later reading follows: what cannot be read is unverifiable.
        last: bool,
        /// The window of every one of them is over then: what still reads as before was not applied.
        over: bool,
        /// The confirmation is young enough to send what reads as before once more.
        holds: bool,
    },
    /// Read changes that were not sent yet, commit what somebody else has changed since.
    LookBefore {
        /// Of which job.
        job: JobId,
        /// From whom.
        profile: ProfileName,
        /// The changes, as they stand.
        changes: Vec<Change>,
        /// What most of them should read as.
        expected: Status,
    },
    /// Commit that changes which were not sent will not be.
    CancelChanges {
        /// Of which job.
        job: JobId,
        /// Which.
        indexes: Vec<u32>,
    },
    /// Take up a job that this console does not run: commit that what was under way is unknown, and read it.
    ResumeJob(JobId),
    /// Read a job and how its leaks stand now, for a retry, an undo or a redo of it.
    Survey {
        /// Which job.
        job: JobId,
        /// Which of the three.
        command: JobCommand,
    },
    /// Wait, for a job.
    WaitForJob {
        /// Which.
        job: JobId,
        /// How long.
        wait: Duration,
    },
    /// Commit a job's state.
    RecordState {
        /// Which job.
        job: JobId,
        /// Which state.
        state: JobState,
        /// Why it waits, and until when if that is known.
        paused: Option<(PauseReason, Option<jiff::Timestamp>)>,
    },
    /// Read all jobs.
    LoadJobs,
    /// Read one job with its changes.
    LoadJob(JobId),
    /// Read which leaks are in a job that has not ended.
    LoadLiveKeys,
    /// Read the statuses that we keep for these profiles.
    LoadLocals(Vec<ProfileBinding>),
    /// Claim leaks, take them over or give them back.
    Claim {
        /// Which, with their providers.
        leaks: Vec<(EntityKey, ProviderId)>,
        /// What of it.
        act: ClaimAct,
    },
    /// Put the end of our claims off.
    RenewClaims,
    /// Ask whether somebody else has written the journal, and whether the writer's place is free.
    Watch,
    /// Write an audit line, then ask for a secret.
    Reveal {
        /// Of which leak.
        key: EntityKey,
        /// For the clipboard, not for the screen.
        copy: bool,
    },
    /// Put text on the clipboard.
    Copy {
        /// The text; it may be a revealed secret.
        text: Secret,
        /// What it is: `id`, `user`, …; never a value.
        what: &'static str,
    },
    /// Ask the terminal to forget what was copied.
    ClearClipboard,
    /// Write leaks to a new file.
    Export {
        /// Where.
        path: PathBuf,
        /// The leaks.
        leaks: Arc<Vec<Leak>>,
    },
    /// Read a job for a bundle of evidence.
    LoadEvidence {
        /// Which.
        job: JobId,
        /// Where the bundle shall lie.
        path: PathBuf,
    },
    /// Write a bundle of evidence.
    WriteEvidence {
        /// Where.
        path: PathBuf,
        /// What it is about.
        evidence: Arc<Evidence>,
    },
    /// Read a file of keys.
    ReadMarks(PathBuf),
    /// Write a file of keys.
    WriteMarks {
        /// Where.
        path: PathBuf,
        /// The keys, one a line.
        keys: Vec<EntityKey>,
    },
    /// Read the file of views.
    LoadViews,
    /// Write the file of views anew.
    KeepViews {
        /// What it says.
        text: String,
        /// The file that is there could not be read: it is kept beside.
        aside: bool,
    },
    /// Write views to a new file.
    ExportViews {
        /// Where.
        path: PathBuf,
        /// What it says.
        text: String,
        /// How many there are.
        count: usize,
    },
    /// Read views from a file.
    ImportViews(PathBuf),
    /// Write down where this console stands.
    KeepSession(String),
    /// Write an audit line.
    Audit(Box<AuditNote>),
    /// Send bytes to the terminal, between frames.
    WriteTerminal(Secret),
    /// Suspend to the shell.
    Suspend,
    /// Draw everything again.
    Redraw,
    /// End, with this exit code.
    Quit(u8),
}
