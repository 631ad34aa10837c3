//! Jobs: each write is one call of the server, which holds the job's row from the comparison of the token to the commit.

use super::{TeamStore, audit::lines, first};
use crate::{
    entity::{
        error::JournalError,
        job::{
            Change, ChangeState, ChangeUpdate, Job, JobCommand, JobRecord, JobState, NewJob,
            PauseReason, StorageTarget,
        },
        key::{EntityKey, JobId},
        profile::ProfileBinding,
        status::Status,
    },
    journal::{
        audit::AuditRecord,
        encoding,
        port::{AuditStore, ChunkAnswer, HandoverStore as _, JobStore},
        postgres::{
            call::LONG,
            groups,
            plan::{self, Stage},
            refusal::CallError,
            row::{self, CHANGE_COLUMNS, JOB_COLUMNS, get},
        },
        record,
    },
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};
use tokio_postgres::types::Type;

impl JobStore for TeamStore {
    fn record_job(
        &mut self,
        new: &NewJob,
        attempt: Option<&AuditRecord>,
    ) -> Result<JobId, JournalError> {
        let recorded = self.record_plan(new, attempt);
        match (&recorded, attempt) {
            (Ok(id), _) => {
                self.held.insert(
                    *id,
                    super::Held {
                        token: 1,
                        taken: None,
                    },
                );
                self.point_words(*id);
                // What a colleague did to a status that is kept here may have drifted: it is read again.
                self.all_is_news |= new.plan.local() > 0;
            }
            // A plan that is refused has its lines too; the error says already what cannot be written.
            (Err(error @ JournalError::StalePlan), Some(line)) => {
                let failed = record::failed_attempt(line, error);
                self.audit(&[line.clone(), failed]).ok();
            }
            (Err(_), _) => {}
        }
        recorded
    }

    fn record_intent(&mut self, job: JobId, indexes: &[u32]) -> Result<u32, JournalError> {
        let start = Instant::now();
        let token = self.token(job)?;
        let idx = numbers(indexes)?;
        let rows = self.write(
            Some(job),
            "intent",
            "SELECT @.chunk_intent($1::uuid, $2, $3, $4, $5)",
            &[
                (&job.0, Type::INT8),
                (&token, Type::INT4),
                (&idx, Type::INT4_ARRAY),
            ],
        )?;
        for index in indexes {
            self.sent.insert((job, *index), start);
        }
        u32::try_from(first::<i32>(&rows, 0)?).map_err(|_| row::damaged("a chunk"))
    }

    fn record_answer(
        &mut self,
        job: JobId,
        answer: &ChunkAnswer,
        attempt: Option<&AuditRecord>,
    ) -> Result<(), JournalError> {
        let token = self.token(job)?;
        let lines = lines(attempt)?;
        let groups = self.groups(job, &answer.updates)?;
        let chunk = i32::try_from(answer.chunk).unwrap_or_default();
        let status = answer.status.map(i32::from);
        self.write(
            Some(job),
            "answer",
            "SELECT @.chunk_answer($1::uuid, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                (&job.0, Type::INT8),
                (&token, Type::INT4),
                (&chunk, Type::INT4),
                (&answer.class, Type::TEXT),
                (&status, Type::INT4),
                (&groups, Type::JSONB),
                (&lines, Type::TEXT_ARRAY),
            ],
        )?;
        let now = Instant::now();
        for update in &answer.updates {
            self.sent.insert((job, update.index), now);
        }
        Ok(())
    }

    fn record_read_backs(
        &mut self,
        job: JobId,
        updates: &[ChangeUpdate],
        reads: u64,
        attempt: Option<&AuditRecord>,
    ) -> Result<(), JournalError> {
        let token = self.token(job)?;
        let lines = lines(attempt)?;
        let groups = self.groups(job, updates)?;
        let reads = reads.cast_signed();
        self.write_within(
            LONG,
            Some(job),
            "readings",
            "SELECT @.job_readings($1::uuid, $2, $3, $4, $5, $6, $7)",
            &[
                (&job.0, Type::INT8),
                (&token, Type::INT4),
                (&groups, Type::JSONB),
                (&reads, Type::INT8),
                (&lines, Type::TEXT_ARRAY),
            ],
        )?;
        Ok(())
    }

    fn record_cancelled(
        &mut self,
        job: JobId,
        indexes: &[u32],
        attempt: Option<&AuditRecord>,
    ) -> Result<(), JournalError> {
        let changes = self.some(job, indexes)?;
        let updates: Vec<_> = changes.iter().map(record::cancellation).collect();
        self.record_read_backs(job, &updates, 0, attempt)
    }

    fn record_state(
        &mut self,
        job: JobId,
        state: JobState,
        paused: Option<(PauseReason, Option<Timestamp>)>,
        attempt: Option<&AuditRecord>,
    ) -> Result<(), JournalError> {
        if let Some(attempt) = attempt {
            self.audit(std::slice::from_ref(attempt))?;
        }
        let token = match self.token(job) {
            Ok(token) => token,
            // The end that it has is no news.
            Err(_) if self.job(job)?.job.state == state && state.is_final() => return Ok(()),
            Err(error) => return Err(error),
        };
        let (word, why) = (state.to_string(), paused.map(|(why, _)| why.to_string()));
        let until = paused.and_then(|(_, until)| until);
        self.write_within(
            LONG,
            Some(job),
            "state",
            "SELECT @.job_state($1::uuid, $2, $3, $4, $5, $6, $7)",
            &[
                (&job.0, Type::INT8),
                (&token, Type::INT4),
                (&word, Type::TEXT),
                (&why, Type::TEXT),
                (&until, Type::TIMESTAMPTZ),
            ],
        )?;
        if state.is_final() {
            self.sent.retain(|(id, _), _| *id != job);
        }
        Ok(())
    }

    fn jobs(&mut self) -> Result<Vec<Job>, JournalError> {
        let mut shares = self.shares(None)?;
        let mut holdings = self.holdings_of(None)?;
        let rows = self.read(
            &format!("SELECT {JOB_COLUMNS} FROM @.job ORDER BY id DESC"),
            &[],
        )?;
        rows.iter()
            .map(|row| {
                let id = JobId(get(row, 0)?);
                let job = row::job(row, shares.remove(&id).unwrap_or_default())?;
                Ok(self.told(job, holdings.remove(&id)))
            })
            .collect()
    }

    fn job(&mut self, id: JobId) -> Result<JobRecord, JournalError> {
        let profiles = self.shares(Some(id))?.remove(&id).unwrap_or_default();
        let rows = self.read(
            &format!("SELECT {JOB_COLUMNS} FROM @.job WHERE id = $1"),
            &[(&id.0, Type::INT8)],
        )?;
        let row = rows.first().ok_or(JournalError::NoJob(id.0))?;
        let job = row::job(row, profiles)?;
        let holding = self.holdings_of(Some(id))?.remove(&id);
        let rows = self.read(
            &format!("SELECT {CHANGE_COLUMNS} FROM @.change WHERE job = $1 ORDER BY idx"),
            &[(&id.0, Type::INT8)],
        )?;
        let changes = rows
            .iter()
            .map(|row| row::change(row, &self.accounts))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(JobRecord {
            job: self.told(job, holding),
            changes,
        })
    }

    /// Counts on this console's own clock. What another console sent is as old as the take-over, less the time in which
    /// it may still arrive.
    fn pending_ages(&mut self, id: JobId) -> Result<BTreeMap<u32, Duration>, JournalError> {
        let rows = self.read(
            "SELECT idx FROM @.change WHERE job = $1 AND state BETWEEN 1 AND 3 ORDER BY idx",
            &[(&id.0, Type::INT8)],
        )?;
        let taken = self.held.get(&id).and_then(|held| held.taken);
        let since_taken = taken.map_or(Duration::ZERO, |(at, wait)| {
            at.elapsed().saturating_sub(wait)
        });
        rows.iter()
            .map(|row| {
                let index =
                    u32::try_from(get::<i32>(row, 0)?).map_err(|_| row::damaged("a change"))?;
                let own = self.sent.get(&(id, index)).map(Instant::elapsed);
                Ok((index, own.unwrap_or(since_taken)))
            })
            .collect()
    }

    fn verified_at(&mut self, id: JobId) -> Result<BTreeMap<u32, Timestamp>, JournalError> {
        self.verified_times(id)
    }

    fn active_leaks(&mut self) -> Result<Vec<(EntityKey, JobId)>, JournalError> {
        self.leaks_of_jobs()
    }
}

impl TeamStore {
    fn record_plan(
        &mut self,
        new: &NewJob,
        attempt: Option<&AuditRecord>,
    ) -> Result<JobId, JournalError> {
        self.may_write()?;
        let lines = lines(attempt)?;
        let mut accounts = HashMap::new();
        for binding in plan::bindings(new) {
            let number = self.account_for_writing(&binding)?;
            accounts.insert(binding.name, number);
        }
        let header = plan::header(new, &accounts, self.read_at);
        let stage = Stage::of(new, &accounts);
        let targets = i32::try_from(stage.len()).unwrap_or(i32::MAX);
        // A server that crashed has lost the stage: it is filled again.
        let mut tries = 0;
        loop {
            let batch = plan::random_uuid()?;
            let sent = stage.send(&mut self.caller, &batch);
            sent.map_err(|error: CallError| error.into_journal(None))?;
            let recorded = self.write_within(
                LONG,
                None,
                "record",
                "SELECT @.job_record($1::uuid, $2, $3, $4::text::uuid, $5, $6)",
                &[
                    (&header, Type::JSONB),
                    (&batch, Type::TEXT),
                    (&targets, Type::INT4),
                    (&lines, Type::TEXT_ARRAY),
                ],
            );
            tries += 1;
            match recorded {
                Err(JournalError::Io { why }) if why.contains("ST010") && tries < 3 => {}
                recorded => return Ok(JobId(first(&recorded?, 0)?)),
            }
        }
    }

    /// Points the leaks of a job to its words. Where that breaks off, the next console that reads notes goes by the job.
    fn point_words(&mut self, id: JobId) {
        let mut from = 0_i32;
        loop {
            let rows = self.write_within(
                LONG,
                Some(id),
                "words",
                "SELECT @.job_words($1::uuid, $2, $3, $4)",
                &[(&id.0, Type::INT8), (&from, Type::INT4)],
            );
            match rows.and_then(|rows| first::<i32>(&rows, 0)) {
                Ok(next) if next > from => from = next,
                Ok(_) | Err(_) => return,
            }
        }
    }

    /// The token of a job; one that this console does not hold is taken, where no console runs it. One that was taken over
    /// from this console comes back by [`Self::take`] alone: what this console knows of its changes is out of date.
    pub(super) fn token(&mut self, job: JobId) -> Result<i32, JournalError> {
        if let Some(held) = self.held.get(&job) {
            return Ok(held.token);
        }
        if let Some(by) = self.taken_over.get(&job) {
            return Err(JournalError::TakenOver { by: by.clone() });
        }
        self.take(job, false)
    }

    /// Makes this console the holder.
    pub(super) fn take(&mut self, job: JobId, force: bool) -> Result<i32, JournalError> {
        let rows = self.write(
            Some(job),
            "take",
            "SELECT @.job_take($1::uuid, $2, $3, $4)",
            &[(&job.0, Type::INT8), (&force, Type::BOOL)],
        )?;
        let token: i32 = first(&rows, 0)?;
        self.taken_over.remove(&job);
        if self.held.get(&job).is_some_and(|held| held.token == token) {
            return Ok(token);
        }
        // What a holder left without an answer may still arrive, however often the job was given back since.
        let rows = self.read(
            "SELECT coalesce((SELECT detail::jsonb->>'from' IS NOT NULL FROM @.event WHERE job = $1 AND what = 'taken' ORDER BY seq DESC LIMIT 1), false) \
             OR EXISTS (SELECT 1 FROM @.change AS h JOIN @.chunk AS c ON c.job = h.job AND c.chunk = h.chunk WHERE h.job = $1 AND h.state IN (3) AND c.class = 'lost')",
            &[(&job.0, Type::INT8)],
        )?;
        let may_arrive: bool = first(&rows, 0)?;
        let send = self.send_limit().unwrap_or_default();
        let wait =
            if may_arrive && !crate::journal::fault_injection::is_mutant_active("hasty_taker") {
                send * 2 + Duration::from_secs(2)
            } else {
                Duration::ZERO
            };
        self.sent.retain(|(id, _), _| *id != job);
        self.held.insert(
            job,
            super::Held {
                token,
                taken: Some((Instant::now(), wait)),
            },
        );
        Ok(token)
    }

    /// The profiles of one job, or of all.
    fn shares(
        &mut self,
        id: Option<JobId>,
    ) -> Result<HashMap<JobId, Vec<ProfileBinding>>, JournalError> {
        self.know_accounts(|_| false)?;
        let id = id.map(|id| id.0);
        let rows = self.read(
            "SELECT job, account, origin, team FROM @.share WHERE $1::bigint IS NULL OR job = $1 ORDER BY job, place",
            &[(&id, Type::INT8)],
        )?;
        let mut shares: HashMap<JobId, Vec<ProfileBinding>> = HashMap::new();
        for row in &rows {
            let account = self.accounts.get(&get(row, 1)?);
            let account = account.ok_or_else(|| row::damaged("a job"))?;
            shares
                .entry(JobId(get(row, 0)?))
                .or_default()
                .push(ProfileBinding {
                    name: account.profile.clone(),
                    provider: account.provider.clone(),
                    origin: get(row, 2)?,
                    team: get(row, 3)?,
                });
        }
        Ok(shares)
    }

    /// Some changes of a job.
    fn some(&mut self, id: JobId, indexes: &[u32]) -> Result<Vec<Change>, JournalError> {
        self.know_accounts(|_| false)?;
        let idx = numbers(indexes)?;
        let rows = self.read(
            &format!("SELECT {CHANGE_COLUMNS} FROM @.change WHERE job = $1 AND idx = ANY ($2) ORDER BY idx"),
            &[(&id.0, Type::INT8), (&idx, Type::INT4_ARRAY)],
        )?;
        rows.iter()
            .map(|row| row::change(row, &self.accounts))
            .collect()
    }

    /// Updates as the server takes them, with the statuses that are kept here once a change of both places is verified.
    fn groups(
        &mut self,
        job: JobId,
        updates: &[ChangeUpdate],
    ) -> Result<serde_json::Value, JournalError> {
        let verified: Vec<u32> = updates
            .iter()
            .filter(|update| update.state() == ChangeState::Verified)
            .map(|update| update.index)
            .collect();
        let mut kept = BTreeMap::new();
        if !verified.is_empty() {
            let place = i16::try_from(encoding::storage_target_number(StorageTarget::Both))
                .unwrap_or_default();
            let idx = numbers(&verified)?;
            let rows = self.read(
                "SELECT idx, account, kind, id FROM @.change WHERE job = $1 AND idx = ANY ($2) AND place = $3",
                &[(&job.0, Type::INT8), (&idx, Type::INT4_ARRAY), (&place, Type::INT2)],
            )?;
            for row in &rows {
                let index =
                    u32::try_from(get::<i32>(row, 0)?).map_err(|_| row::damaged("a change"))?;
                let leak = (get(row, 1)?, get(row, 2)?, get::<Vec<u8>>(row, 3)?);
                kept.insert(index, self.requested(job, &leak)?);
            }
        }
        Ok(groups::of(updates, &kept))
    }

    /// The status that was asked for a leak: that of the job or, if the job takes another one back, the status that the
    /// other job had found.
    fn requested(
        &mut self,
        job: JobId,
        leak: &(i32, i16, Vec<u8>),
    ) -> Result<Status, JournalError> {
        let mut id = job.0;
        let mut wanted = None;
        // Every job of a chain is older than the one before.
        loop {
            let rows = self.read(
                "SELECT command, wanted, coalesce(undoes, redoes, retries) FROM @.job WHERE id = $1",
                &[(&id, Type::INT8)],
            )?;
            let row = rows.first().ok_or(JournalError::NoJob(id))?;
            let command: JobCommand = row::word(get(row, 0)?, "a job")?;
            let own = row::status(row, 1)?.ok_or_else(|| row::damaged("a job"))?;
            wanted = wanted.or(Some(own));
            let Some(older) = get::<Option<i64>>(row, 2)? else {
                return Ok(own);
            };
            if command != JobCommand::Retry {
                let rows = self.read(
                    "SELECT before FROM @.change WHERE job = $1 AND account = $2 AND kind = $3 AND id = $4",
                    &[
                        (&older, Type::INT8),
                        (&leak.0, Type::INT4),
                        (&leak.1, Type::INT2),
                        (&leak.2, Type::BYTEA),
                    ],
                )?;
                let before = match rows.first() {
                    Some(row) => row::status(row, 0)?,
                    None => None,
                };
                return Ok(before.unwrap_or(own));
            }
            id = older;
        }
    }
}

fn numbers(indexes: &[u32]) -> Result<Vec<i32>, JournalError> {
    indexes
        .iter()
        .map(|index| {
            i32::try_from(*index).map_err(|_| record::order_violation(format!("no change {index}")))
        })
        .collect()
}
