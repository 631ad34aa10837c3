//! Takes the embedded journal of one host into the store of the team: its ended jobs, local statuses and audit log.

use super::{
    API,
    call::{Caller, LONG, Value as Bound},
    plan::random_uuid,
    row::get,
};
use crate::{
    entity::{
        error::JournalError,
        job::{ChangeOutcome, JobRecord},
        key::{ProfileName, ProviderId},
        local_status,
        profile::ProfileBinding,
    },
    journal::{
        audit::AuditLog,
        encoding,
        port::{Access, JournalOptions, LocalStatusRecord, OpenMode, Operator, Store},
        sqlite,
    },
};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, path::PathBuf, sync::PoisonError};
use strum::IntoEnumIterator;
use tokio_postgres::types::Type;

/// Lines of an audit log that are kept in one row.
const LINES: usize = 1_000;

/// What was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Name of the source: the SHA-256 of its first event, hex.
    pub source: String,
    /// Jobs.
    pub jobs: u64,
    /// Changes of these jobs.
    pub changes: u64,
    /// Local statuses.
    pub statuses: local_status::ImportResult,
    /// Lines of its audit log.
    pub audit: u64,
    /// It was taken in before.
    pub already: bool,
}

/// An embedded journal, as it is read for its way into a team's.
struct Source {
    name: Vec<u8>,
    jobs: Vec<JobRecord>,
    statuses: Vec<LocalStatusRecord>,
    log: AuditLog,
}

impl Source {
    /// Reads and verifies a journal that nobody writes.
    fn read(directory: PathBuf, who: Operator) -> Result<Self, JournalError> {
        if !directory.join("journal.db").exists() {
            return Err(JournalError::Refused {
                why: "there is no embedded journal in that directory".to_owned(),
            });
        }
        let options = JournalOptions::new(directory, OpenMode::Write, who);
        let mut store: Box<dyn Store> = (sqlite::STORE.open)(options)?;
        let access = store.access();
        let access = access
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match access {
            Access::Writer => {}
            Access::Follower { holder } => return Err(JournalError::Locked { holder }),
            Access::ReadOnly { why } => return Err(JournalError::ReadOnly { why }),
        }
        store.verify()?;
        let mut jobs = Vec::new();
        for job in store.jobs()?.iter().rev() {
            if !job.state.is_final() {
                return Err(JournalError::Refused {
                    why: format!(
                        "job {} of that journal has not ended: resume or discard it first",
                        job.id
                    ),
                });
            }
            jobs.push(store.job(job.id)?);
        }
        let log = store.audit_log()?;
        let verdict = log.report();
        if let Some((line, fault)) = verdict.first_bad {
            return Err(JournalError::ReadOnly {
                why: format!("the audit log of that journal is damaged in line {line}: {fault}"),
            });
        }
        let first = store.first_event()?.unwrap_or_default();
        Ok(Self {
            name: Sha256::digest(&first).to_vec(),
            jobs,
            statuses: store.all_local_statuses()?,
            log,
        })
    }

    /// The accounts that its jobs and statuses name.
    fn bindings(&self) -> Vec<ProfileBinding> {
        let mut all: Vec<ProfileBinding> = Vec::new();
        for binding in self.jobs.iter().flat_map(|record| &record.job.profiles) {
            if !all
                .iter()
                .any(|known| known.name == binding.name && known.provider == binding.provider)
            {
                all.push(binding.clone());
            }
        }
        let kept = self
            .statuses
            .iter()
            .map(|one| (&one.key.profile, one.provider.clone()));
        let named = self
            .jobs
            .iter()
            .flat_map(|record| &record.changes)
            .map(|change| (&change.key.profile, ProviderId::new("")));
        for (name, provider) in kept.chain(named) {
            let known = |binding: &ProfileBinding| {
                binding.name == *name
                    && (provider.as_str().is_empty() || binding.provider == provider)
            };
            if !all.iter().any(known) {
                all.push(ProfileBinding {
                    name: name.clone(),
                    provider,
                    origin: String::new(),
                    team: String::new(),
                });
            }
        }
        all
    }
}

/// A store that a journal is taken into.
pub(super) struct Importer<'a>(pub(super) &'a mut Caller);

impl Importer<'_> {
    /// Takes a journal in; with `dry` only says what there is. A second time changes nothing.
    ///
    /// # Errors
    /// `Refused` while a job there has not ended; `Locked` while a console writes it; `Forbidden` if this login is not
    /// the owner's.
    pub(super) fn import(
        &mut self,
        directory: PathBuf,
        who: &Operator,
        dry: bool,
    ) -> Result<Imported, JournalError> {
        let source = Source::read(directory, who.clone())?;
        let known = self.ask_with(
            "SELECT EXISTS (SELECT 1 FROM @.job WHERE source = $1) OR EXISTS (SELECT 1 FROM @.audit_archive WHERE source = $1)",
            &[(&source.name, Type::BYTEA)],
        )?;
        let already = known
            .first()
            .is_some_and(|row| get(row, 0).unwrap_or(false));
        let mut imported = Imported {
            source: hex(&source.name),
            jobs: source.jobs.len() as u64,
            changes: source
                .jobs
                .iter()
                .map(|record| record.changes.len() as u64)
                .sum(),
            statuses: local_status::ImportResult {
                imported: source.statuses.len() as u64,
                ..local_status::ImportResult::default()
            },
            audit: source.log.head.count,
            already,
        };
        if dry {
            return Ok(imported);
        }
        let key = random_uuid()?;
        let version = env!("CARGO_PKG_VERSION");
        self.ask_with(
            "SELECT @.hello($1::uuid, $2, $3, $4, $5, $6, $7)",
            &[
                (&key, Type::TEXT),
                (&who.user, Type::TEXT),
                (&who.host, Type::TEXT),
                (&who.tty, Type::TEXT),
                (&who.pid, Type::TEXT),
                (&version, Type::TEXT),
                (&API, Type::INT4),
            ],
        )?;
        let done = self.take_in(&key, &source, already);
        self.ask_with("SELECT @.bye($1::uuid)", &[(&key, Type::TEXT)])
            .ok();
        imported.statuses = done?;
        Ok(imported)
    }

    fn take_in(
        &mut self,
        key: &str,
        source: &Source,
        already: bool,
    ) -> Result<local_status::ImportResult, JournalError> {
        let mut accounts: HashMap<(ProfileName, ProviderId), i32> = HashMap::new();
        for binding in source.bindings() {
            let number = self.0.next_number();
            let rows = self.ask_with(
                "SELECT @.account_of($1::uuid, $2, $3, $4, $5, $6)",
                &[
                    (&key, Type::TEXT),
                    (&number, Type::INT8),
                    (&binding.name.as_str(), Type::TEXT),
                    (&binding.provider.as_str(), Type::TEXT),
                    (&binding.origin, Type::TEXT),
                    (&binding.team, Type::TEXT),
                ],
            )?;
            let id = get(
                rows.first()
                    .ok_or_else(|| super::row::damaged("an answer"))?,
                0,
            )?;
            accounts.insert((binding.name, binding.provider), id);
        }
        for record in &source.jobs {
            let number = self.0.next_number();
            let (header, changes) = (header(record, &accounts), changes(record, &accounts));
            let rows = self.ask_with(
                "SELECT @.job_import($1::uuid, $2, $3, $4, $5)",
                &[
                    (&key, Type::TEXT),
                    (&number, Type::INT8),
                    (&source.name, Type::BYTEA),
                    (&header, Type::JSONB),
                    (&changes, Type::JSONB),
                ],
            )?;
            let id: i64 = get(
                rows.first()
                    .ok_or_else(|| super::row::damaged("an answer"))?,
                0,
            )?;
            let mut from = 0_i32;
            loop {
                let number = self.0.next_number();
                let rows = self.ask_with(
                    "SELECT @.job_words($1::uuid, $2, $3, $4)",
                    &[
                        (&key, Type::TEXT),
                        (&number, Type::INT8),
                        (&id, Type::INT8),
                        (&from, Type::INT4),
                    ],
                )?;
                match rows.first().map(|row| get::<i32>(row, 0)).transpose()? {
                    Some(next) if next > from => from = next,
                    Some(_) | None => break,
                }
            }
        }
        let number = self.0.next_number();
        let statuses = statuses(&source.statuses, &accounts);
        let rows = self.ask_with(
            "SELECT @.statuses_import($1::uuid, $2, $3)",
            &[
                (&key, Type::TEXT),
                (&number, Type::INT8),
                (&statuses, Type::JSONB),
            ],
        )?;
        let counts: Value = get(
            rows.first()
                .ok_or_else(|| super::row::damaged("an answer"))?,
            0,
        )?;
        let count = |name: &str| counts.get(name).and_then(Value::as_u64).unwrap_or_default();
        if !already {
            self.archive(key, source)?;
        }
        Ok(local_status::ImportResult {
            imported: count("imported"),
            unchanged: count("unchanged"),
            older: count("older"),
        })
    }

    /// Keeps the audit log as it is, and says in the team's own how many lines came.
    fn archive(&mut self, key: &str, source: &Source) -> Result<(), JournalError> {
        let lines: Vec<&[u8]> = source.log.lines().collect();
        for (at, part) in lines.chunks(LINES).enumerate() {
            let first = (at * LINES + 1) as i64;
            let body = String::from_utf8_lossy(&part.join(&b'\n')).into_owned();
            self.ask_with(
                "SELECT @.audit_import($1::uuid, $2, $3, $4)",
                &[
                    (&key, Type::TEXT),
                    (&source.name, Type::BYTEA),
                    (&first, Type::INT8),
                    (&body, Type::TEXT),
                ],
            )?;
        }
        let detail = format!(
            "{} records of source {}, ending in {}",
            source.log.head.count,
            hex(&source.name),
            source.log.head.hash
        );
        let line = json!({"from": "command", "action": "store_import", "outcome": "done", "detail": detail});
        let line = line.to_string();
        let inside = line
            .strip_prefix('{')
            .and_then(|line| line.strip_suffix('}'))
            .unwrap_or_default();
        let number = self.0.next_number();
        self.ask_with(
            "SELECT @.audit_append($1::uuid, $2, $3, NULL)",
            &[
                (&key, Type::TEXT),
                (&number, Type::INT8),
                (&vec![inside], Type::TEXT_ARRAY),
            ],
        )?;
        Ok(())
    }

    fn ask_with(
        &mut self,
        sql: &str,
        values: &[Bound<'_>],
    ) -> Result<Vec<tokio_postgres::Row>, JournalError> {
        let rows = self.0.query_within(LONG, "import", sql, values);
        rows.map_err(|error| error.into_journal(None))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The number of an account; a key that names a profile without a part in its job goes by the name alone.
fn number(
    accounts: &HashMap<(ProfileName, ProviderId), i32>,
    name: &ProfileName,
    provider: Option<&ProviderId>,
) -> i32 {
    let exact = provider.and_then(|provider| accounts.get(&(name.clone(), provider.clone())));
    let by_name = || {
        accounts
            .iter()
            .find(|((known, _), _)| known == name)
            .map(|(_, id)| id)
    };
    exact.or_else(by_name).copied().unwrap_or_default()
}

fn header(record: &JobRecord, accounts: &HashMap<(ProfileName, ProviderId), i32>) -> Value {
    let job = &record.job;
    let counts: Vec<u64> = ChangeOutcome::iter()
        .map(|outcome| job.counts.get(outcome))
        .collect();
    let shares: Vec<Value> = job
        .profiles
        .iter()
        .enumerate()
        .map(|(place, binding)| {
            json!({
                "place": place, "account": number(accounts, &binding.name, Some(&binding.provider)),
                "origin": binding.origin, "team": binding.team,
            })
        })
        .collect();
    let other = |id: Option<crate::entity::key::JobId>| id.map(|id| id.0);
    json!({
        "id": job.id.0, "state": job.state, "command": job.command, "wanted": job.wanted as u8, "plan_hash": job.plan_hash,
        "created_at": job.created_at.to_string(), "started_at": job.started_at.map(|at| at.to_string()),
        "ended_at": job.ended_at.unwrap_or(job.created_at).to_string(), "reason": job.reason, "note": job.note,
        "ticket": job.ticket, "counts": counts, "plan_ms": job.timing.plan_ms, "writes": job.timing.writes,
        "reads": job.timing.reads, "retries": other(job.retry_of), "undoes": other(job.undo_of), "redoes": other(job.redo_of),
        "shares": shares,
    })
}

fn changes(record: &JobRecord, accounts: &HashMap<(ProfileName, ProviderId), i32>) -> Value {
    let provider = |name: &ProfileName| {
        let bindings = record.job.profiles.iter();
        bindings
            .filter(|binding| binding.name == *name)
            .map(|binding| &binding.provider)
            .next()
    };
    record
        .changes
        .iter()
        .map(|change| {
            json!([
                change.index,
                number(accounts, &change.key.profile, provider(&change.key.profile)),
                encoding::kind_number(change.key.kind),
                hex(&encoding::encode_id(change.key.id.as_bytes())),
                change.before.map(|status| status as u8),
                change.wanted as u8,
                encoding::storage_target_number(change.storage_target),
                encoding::state_number(change.state()),
                change.attempts(),
                change.code(),
                change.reason(),
            ])
        })
        .collect()
}

fn statuses(
    records: &[LocalStatusRecord],
    accounts: &HashMap<(ProfileName, ProviderId), i32>,
) -> Value {
    records
        .iter()
        .map(|one| {
            let words = (!one.justification.is_empty()).then(|| {
                json!({"reason": one.justification.reason, "note": one.justification.note, "ticket": one.justification.ticket})
            });
            json!({
                "account": number(accounts, &one.key.profile, Some(&one.provider)),
                "kind": encoding::kind_number(one.key.kind), "id": hex(&encoding::encode_id(one.key.id.as_bytes())),
                "status": one.local.status as u8, "remote": one.local.remote_when_set.map(|status| status as u8),
                "set_at": one.local.set_at.to_string(), "previous": one.previous.map(|status| status as u8), "words": words,
            })
        })
        .collect()
}
