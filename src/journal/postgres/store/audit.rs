//! The audit log: lines that the server numbers, dates and seals.

use super::{TeamStore, first};
use crate::{
    entity::{
        error::JournalError,
        hash_chain::{Head, hex},
        key::JobId,
    },
    journal::{
        audit::{self, AuditHead, AuditLog, AuditRecord},
        port::AuditStore,
        postgres::{call::LONG, row::get},
    },
};
use std::path::Path;
use tokio_postgres::types::Type;

/// The most lines that the server takes at once.
const BATCH: usize = 1_000;

impl TeamStore {
    fn append(&mut self, job: Option<JobId>, records: &[AuditRecord]) -> Result<(), JournalError> {
        let lines: Vec<String> = records
            .iter()
            .map(audit::members)
            .collect::<Result<_, _>>()?;
        let job = job.map(|id| id.0);
        self.write_within(
            LONG,
            job.map(JobId),
            "audit",
            "SELECT @.audit_append($1::uuid, $2, $3, $4)",
            &[(&lines, Type::TEXT_ARRAY), (&job, Type::INT8)],
        )?;
        Ok(())
    }
}

/// The lines of an attempt, for the call that it belongs to.
pub(super) fn lines(attempt: Option<&AuditRecord>) -> Result<Vec<String>, JournalError> {
    attempt.into_iter().map(audit::members).collect()
}

impl AuditStore for TeamStore {
    fn audit(&mut self, records: &[AuditRecord]) -> Result<(), JournalError> {
        for batch in records.chunks(BATCH) {
            self.append(None, batch)?;
        }
        Ok(())
    }

    /// Goes on after the lines that are there already.
    fn audit_job(&mut self, job: JobId, records: &[AuditRecord]) -> Result<(), JournalError> {
        let rows = self.read(
            "SELECT told FROM @.job WHERE id = $1",
            &[(&job.0, Type::INT8)],
        )?;
        if rows.is_empty() {
            return Err(JournalError::NoJob(job.0));
        }
        let told = usize::try_from(first::<i32>(&rows, 0)?).unwrap_or_default();
        for batch in records.get(told..).unwrap_or_default().chunks(BATCH) {
            self.append(Some(job), batch)?;
        }
        Ok(())
    }

    /// Those that this console recorded, and those of others that ended a minute ago.
    fn unaudited_jobs(&mut self) -> Result<Vec<JobId>, JournalError> {
        let console = self.console;
        let rows = self.read(
            "SELECT j.id FROM @.job AS j JOIN @.console AS c ON c.id = j.author WHERE j.ended_at IS NOT NULL AND j.source IS NULL \
             AND j.told < (SELECT sum(x) FROM unnest(j.counts) AS x) \
             AND (j.author IS NOT DISTINCT FROM $1 OR c.gone_at IS NOT NULL OR j.ended_at < clock_timestamp() - interval '1 minute') ORDER BY j.id",
            &[(&console, Type::INT4)],
        )?;
        rows.iter().map(|row| get(row, 0).map(JobId)).collect()
    }

    fn audit_head(&mut self) -> Result<AuditHead, JournalError> {
        let rows = self.read(
            "SELECT seq, hash FROM @.audit ORDER BY seq DESC LIMIT 1",
            &[],
        )?;
        let Some(row) = rows.first() else {
            return Ok(Head::default());
        };
        let hash: Vec<u8> = get(row, 1)?;
        let hash: [u8; 32] = hash.try_into().unwrap_or_default();
        Ok(Head {
            count: get::<i64>(row, 0)?.cast_unsigned(),
            hash: hex(&hash),
        })
    }

    fn audit_log(&mut self) -> Result<AuditLog, JournalError> {
        let head = self.audit_head()?;
        let mut bytes = Vec::new();
        let mut last = 0_i64;
        loop {
            let upto = head.count.cast_signed();
            let rows = self.read(
                "SELECT seq, body FROM @.audit WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT 1000",
                &[(&last, Type::INT8), (&upto, Type::INT8)],
            )?;
            for row in &rows {
                last = get(row, 0)?;
                bytes.extend_from_slice(get::<&str>(row, 1)?.as_bytes());
                bytes.push(b'\n');
            }
            if rows.is_empty() {
                return Ok(AuditLog { bytes, head });
            }
        }
    }

    fn is_audit_log(&self, _: &Path) -> bool {
        false
    }
}
