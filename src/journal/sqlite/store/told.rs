//! Which jobs that have ended have their lines in the audit log: a program that dies, or a disk that fills up, between a
//! job's end and its lines leaves them to the next one that writes.

use super::Store;
use crate::{
    entity::{error::JournalError, key::JobId, sealed},
    journal::{
        AuditRecord, audit,
        sqlite::{chain, fault::Fault, read},
    },
};
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;

/// What the chain of events calls it.
const TOLD: &str = "told";

impl Store {
    /// Appends the lines of a job that has ended and commits, with the log's new head, that they are there.
    pub(in crate::journal) fn tell_of(
        &mut self,
        job: JobId,
        records: &[AuditRecord],
    ) -> Result<(), JournalError> {
        self.audit(records)?;
        self.mark_told(&[job])
    }

    /// The jobs that have ended and whose lines are not in the log, the oldest first. Lines that were written just before
    /// a death are found in the log itself: none is written twice.
    pub(in crate::journal) fn untold(&mut self) -> Result<Vec<JobId>, JournalError> {
        let jobs = self.read(|transaction| {
            let told = told(transaction)?;
            let ended = read::jobs(transaction)?
                .into_iter()
                .filter(|row| row.job.state.is_final())
                .map(|row| row.job.id);
            Ok(ended
                .filter(|id| !told.contains(id))
                .collect::<BTreeSet<_>>())
        })?;
        let jobs = jobs.unwrap_or_default();
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let there = in_log(&audit::bytes(&self.place.audit())?);
        let (known, untold): (Vec<JobId>, Vec<JobId>) =
            jobs.into_iter().partition(|id| there.contains(id));
        if !known.is_empty() {
            self.mark_told(&known)?;
        }
        Ok(untold)
    }

    fn mark_told(&mut self, jobs: &[JobId]) -> Result<(), JournalError> {
        let now = (self.now)();
        self.commit(|transaction| {
            for job in jobs {
                chain::append(transaction, now, Some(*job), TOLD, &json!({}))?;
            }
            Ok(())
        })
    }
}

fn told(connection: &Connection) -> Result<BTreeSet<JobId>, Fault> {
    let mut statement =
        connection.prepare("SELECT DISTINCT job FROM event WHERE what = ?1 AND job IS NOT NULL")?;
    let rows = statement.query_map([TOLD], |row| row.get(0).map(JobId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The jobs that have a line a change: each names its leak, and how that was before. All lines of a job are written at
/// once.
fn in_log(bytes: &[u8]) -> BTreeSet<JobId> {
    #[derive(Deserialize)]
    struct Members<'a> {
        job: Option<i64>,
        #[serde(borrow)]
        action: std::borrow::Cow<'a, str>,
    }
    let commands = ["fix", "reopen", "set", "retry", "undo", "redo"];
    let lines = bytes.split(|byte| *byte == b'\n');
    lines
        .filter(|line| sealed::parse(line).is_some())
        .filter_map(|line| serde_json::from_slice::<Members<'_>>(line).ok())
        .filter(|members| commands.contains(&&*members.action))
        .filter_map(|members| members.job.map(JobId))
        .collect()
}
