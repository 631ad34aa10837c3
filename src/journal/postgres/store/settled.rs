//! What the store says of changes beside their rows: which leaks are being changed, and when changes were verified.

use super::TeamStore;
use crate::{
    entity::{
        error::JournalError,
        key::{EntityKey, JobId},
    },
    journal::{
        postgres::row::{self, get, key_at},
        verified,
    },
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use tokio_postgres::types::Type;

impl TeamStore {
    /// The leaks of jobs that have not ended, with the job.
    pub(super) fn leaks_of_jobs(&mut self) -> Result<Vec<(EntityKey, JobId)>, JournalError> {
        self.know_accounts(|_| false)?;
        let rows = self.read(
            "SELECT account, kind, id, job FROM @.live ORDER BY job, account, kind, id",
            &[],
        )?;
        rows.iter()
            .map(|row| Ok((key_at(row, 0, &self.accounts)?, JobId(get(row, 3)?))))
            .collect()
    }

    /// When changes of a job were verified, by index.
    pub(super) fn verified_times(
        &mut self,
        job: JobId,
    ) -> Result<BTreeMap<u32, Timestamp>, JournalError> {
        let rows = self.read(
            "SELECT at, detail FROM @.event WHERE job = $1 AND what IN ('answer', 'readings') ORDER BY seq",
            &[(&job.0, Type::INT8)],
        )?;
        let events = rows.iter().map(|row| {
            let detail: &str = get(row, 1)?;
            let detail = serde_json::from_str(detail).map_err(|_| row::damaged("an event"))?;
            Ok((get(row, 0)?, detail))
        });
        let events: Result<Vec<_>, JournalError> = events.collect();
        Ok(verified::times(events?))
    }
}
