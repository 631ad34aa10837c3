//! The audit log: a file of lines beside the database, with the head in the database. Also which ended jobs have their
//! lines in it: if a program ends, or a disk is full, between the end of a job and its lines, the next writer appends
//! them.

use super::SqliteStore;
use crate::{
    entity::{error::JournalError, hash_chain, key::JobId},
    journal::{
        audit::{self, AuditHead, AuditLog, AuditRecord},
        location,
        port::AuditStore,
        sqlite::{chain, read, store_error::StoreError},
    },
};
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::json;
use std::{collections::BTreeSet, path::Path, time::Duration};

/// Event of a job whose lines are in the log.
const AUDITED_EVENT: &str = "told";

/// Number of attempts to read a log that agrees with its head, and the time between two.
const READ_ATTEMPTS: u32 = 10;
const READ_RETRY_PAUSE: Duration = Duration::from_millis(30);

impl SqliteStore {
    /// Commits the head of a complete line that has none, and removes an incomplete line.
    pub(super) fn recover_audit(&mut self) -> Result<(), JournalError> {
        let path = self.directory.audit();
        let Some(head) = self.read(|transaction| chain::head(transaction, "audit"))? else {
            return Ok(());
        };
        match audit::recover(&path, &head)? {
            Some(head) => self.commit(|transaction| chain::set_head(transaction, "audit", &head)),
            None => Ok(()),
        }
    }

    fn mark_audited(&mut self, jobs: &[JobId]) -> Result<(), JournalError> {
        let now = (self.now)();
        self.commit(|transaction| {
            for job in jobs {
                chain::append(transaction, now, Some(*job), AUDITED_EVENT, &json!({}))?;
            }
            Ok(())
        })
    }
}

impl AuditStore for SqliteStore {
    fn audit(&mut self, records: &[AuditRecord]) -> Result<(), JournalError> {
        self.check_writable()?;
        let (path, who, now) = (self.directory.audit(), self.operator.clone(), (self.now)());
        let Some(connection) = &self.connection else {
            return Err(self.closed_error());
        };
        let path_of_database = self.directory.database();
        let head = chain::head(connection, "audit")
            .map_err(|fault| fault.into_reported(&path_of_database))?;
        self.faults
            .on_append()
            .map_err(|error| location::io_error(&path, "write", &error))?;
        // A line without a committed head comes first.
        let head = audit::recover(&path, &head)?.unwrap_or(head);
        // The line comes first: a head without its line would make an honest log look cut. A line without its head is
        // repaired at the next start.
        let head = audit::append(&path, records, &who, now, &head)?;
        self.commit_at("audit", |transaction| {
            chain::set_head(transaction, "audit", &head)
        })
    }

    fn audit_head(&mut self) -> Result<AuditHead, JournalError> {
        let head = self.read(|transaction| chain::head(transaction, "audit"))?;
        Ok(head.map_or_else(AuditHead::default, |head| AuditHead {
            count: head.count,
            hash: blake3::Hash::from_bytes(head.hash).to_hex().to_string(),
        }))
    }

    fn audit_log(&mut self) -> Result<AuditLog, JournalError> {
        let mut tries = 0;
        loop {
            let head = self.audit_head()?;
            let bytes = audit::bytes(&self.directory.audit())?;
            let log = AuditLog { bytes, head };
            tries += 1;
            // Another console appends a line before it commits the head.
            if !log.has_uncommitted_tail() || tries == READ_ATTEMPTS {
                return Ok(log);
            }
            std::thread::sleep(READ_RETRY_PAUSE);
        }
    }

    fn is_audit_log(&self, path: &Path) -> bool {
        let same = |path: &Path| std::fs::canonicalize(path).ok();
        same(path).is_some_and(|path| same(&self.directory.audit()) == Some(path))
    }

    /// Appends the lines of an ended job and commits, with the new head, that they are there.
    fn audit_job(&mut self, job: JobId, records: &[AuditRecord]) -> Result<(), JournalError> {
        self.audit(records)?;
        self.mark_audited(&[job])
    }

    /// Returns ended jobs without lines in the log, oldest first. Lines that were written just before a crash are found
    /// in the log itself, so that none is written twice.
    fn unaudited_jobs(&mut self) -> Result<Vec<JobId>, JournalError> {
        let jobs = self.read(|transaction| {
            let audited = audited_jobs(transaction)?;
            let ended = read::jobs(transaction)?
                .into_iter()
                .filter(|row| row.job.state.is_final())
                .map(|row| row.job.id);
            Ok(ended
                .filter(|id| !audited.contains(id))
                .collect::<BTreeSet<_>>())
        })?;
        let jobs = jobs.unwrap_or_default();
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let there = jobs_in_log(&audit::bytes(&self.directory.audit())?);
        let (known, untold): (Vec<JobId>, Vec<JobId>) =
            jobs.into_iter().partition(|id| there.contains(id));
        if !known.is_empty() {
            self.mark_audited(&known)?;
        }
        Ok(untold)
    }
}

fn audited_jobs(connection: &Connection) -> Result<BTreeSet<JobId>, StoreError> {
    let mut statement =
        connection.prepare("SELECT DISTINCT job FROM event WHERE what = ?1 AND job IS NOT NULL")?;
    let rows = statement.query_map([AUDITED_EVENT], |row| row.get(0).map(JobId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns the jobs that have one line per change. All lines of a job are written at once.
fn jobs_in_log(bytes: &[u8]) -> BTreeSet<JobId> {
    #[derive(Deserialize)]
    struct Members<'a> {
        job: Option<i64>,
        #[serde(borrow)]
        action: std::borrow::Cow<'a, str>,
    }
    let commands = ["fix", "reopen", "set", "retry", "undo", "redo"];
    let lines = bytes.split(|byte| *byte == b'\n');
    lines
        .filter(|line| hash_chain::parse(line).is_some())
        .filter_map(|line| serde_json::from_slice::<Members<'_>>(line).ok())
        .filter(|members| commands.contains(&&*members.action))
        .filter_map(|members| members.job.map(JobId))
        .collect()
}
