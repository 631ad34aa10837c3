//! Which console runs which job.

use super::TeamStore;
use crate::{
    entity::{
        error::JournalError,
        job::Job,
        key::JobId,
        team::{Colleague, Holding, TeamState},
    },
    journal::{
        port::{HandoverStore, News},
        postgres::{feed, refusal::server_text, row::get},
    },
};
use std::{collections::BTreeMap, time::Duration};
use tokio_postgres::types::Type;

impl HandoverStore for TeamStore {
    fn take_job(&mut self, job: JobId, force: bool) -> Result<(), JournalError> {
        self.take(job, force)?;
        Ok(())
    }

    fn settling(&self, job: JobId) -> Duration {
        let taken = self.held.get(&job).and_then(|held| held.taken);
        taken.map_or(Duration::ZERO, |(at, wait)| {
            wait.saturating_sub(at.elapsed())
        })
    }

    fn confirm_job(&mut self, job: JobId) -> Result<(), JournalError> {
        let token = self.token(job)?;
        self.write(
            Some(job),
            "confirm",
            "SELECT @.job_confirm($1::uuid, $2, $3, $4)",
            &[(&job.0, Type::INT8), (&token, Type::INT4)],
        )?;
        Ok(())
    }

    fn ask_pause(&mut self, job: JobId) -> Result<bool, JournalError> {
        self.write(
            Some(job),
            "ask",
            "SELECT @.job_ask($1::uuid, $2, $3, 'pause')",
            &[(&job.0, Type::INT8)],
        )?;
        Ok(true)
    }

    fn asked_to_pause(&mut self) -> Result<Vec<JobId>, JournalError> {
        let Some(console) = self.console else {
            return Ok(Vec::new());
        };
        let rows = self.read(
            "SELECT id FROM @.job WHERE ended_at IS NULL AND holder = $1 AND asked = 'pause' AND asked_by <> $1",
            &[(&console, Type::INT4)],
        )?;
        rows.iter().map(|row| get(row, 0).map(JobId)).collect()
    }

    fn holdings(&mut self) -> Result<BTreeMap<JobId, Holding>, JournalError> {
        self.holdings_of(None)
    }

    fn send_limit(&self) -> Option<Duration> {
        self.identity.as_ref().map(|identity| identity.send)
    }

    fn news(&self) -> Option<News> {
        self.news.clone()
    }

    fn team(&self) -> Option<TeamState> {
        self.news.as_ref().map(News::state)
    }
}

impl TeamStore {
    /// A job with the time that the store took for it here, and whose it is.
    pub(super) fn told(&self, mut job: Job, holding: Option<Holding>) -> Job {
        let spent = self.spent.get(&job.id).copied().unwrap_or_default();
        job.timing.journal_ms = spent.as_millis() as u64;
        job.holding = holding.map(Box::new);
        job
    }

    /// Whose one job is, or each.
    pub(super) fn holdings_of(
        &mut self,
        job: Option<JobId>,
    ) -> Result<BTreeMap<JobId, Holding>, JournalError> {
        self.connected()?;
        let lease = self
            .identity
            .as_ref()
            .map_or(Duration::ZERO, |identity| identity.lease);
        let seats: BTreeMap<i32, Colleague> =
            feed::consoles(&mut self.caller, lease, self.console, true)?
                .into_iter()
                .map(|seat| (seat.id, seat))
                .collect();
        let id = job.map(|id| id.0);
        let rows = self.read(
            "SELECT j.id, j.author, j.holder, j.token, a.role || '@' || a.host, \
             CASE WHEN j.state = 'paused' AND j.paused IS NULL THEN \
             (SELECT coalesce(max(role) FILTER (WHERE what = 'asked'), max(role) FILTER (WHERE what = 'state')) FROM \
             (SELECT role, what FROM @.event AS e WHERE e.job = j.id AND e.what IN ('asked', 'state', 'taken') ORDER BY seq DESC LIMIT 2) AS last) \
             END FROM @.job AS j \
             LEFT JOIN @.console AS a ON a.id = j.asked_by WHERE $1::bigint IS NULL OR j.id = $1",
            &[(&id, Type::INT8)],
        )?;
        let role = self
            .identity
            .as_ref()
            .map(|identity| server_text(&identity.role));
        rows.iter()
            .map(|row| {
                let holder: Option<i32> = get(row, 2)?;
                let asked: Option<String> = get(row, 4)?;
                let by = seats.get(&get(row, 1)?).cloned().unwrap_or_default();
                let holding = Holding {
                    mine: role.as_ref().is_some_and(|role| *role == by.role),
                    by,
                    runs_at: holder.and_then(|id| seats.get(&id).cloned()),
                    token: get(row, 3)?,
                    asked_by: asked.map(|by| server_text(&by)),
                    paused_by: get::<Option<String>>(row, 5)?.map(|by| server_text(&by)),
                };
                Ok((JobId(get(row, 0)?), holding))
            })
            .collect()
    }
}
