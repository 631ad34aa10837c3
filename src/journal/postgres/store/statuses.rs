//! Statuses that the team keeps, and the inexact mappings that were accepted.

use super::{TeamStore, first};
use crate::{
    entity::{
        claim::Justification,
        error::JournalError,
        job::InexactMapping,
        key::{EntityKey, JobId},
        local_status::{ImportResult, LocalStatus, MoveResult, ProfileStatusCount},
        profile::ProfileBinding,
        status::Status,
    },
    journal::{
        port::{LocalStatusRecord, LocalStatusStore, Move, NoteStore},
        postgres::{
            call::LONG,
            row::{self, damaged, get, key_at, status},
        },
    },
};
use serde_json::json;
use std::collections::HashMap;
use tokio_postgres::{Row, types::Type};

/// Columns of a status: account, kind, id, status, `remote_then`, `set_at`, job, previous, and the login that set it.
const COLUMNS: &str = "l.account, l.kind, l.id, l.status, l.remote_then, l.set_at, l.job, l.previous, c.role \
     FROM @.local_status AS l LEFT JOIN @.console AS c ON c.id = l.console";

impl TeamStore {
    fn local_at(
        &self,
        row: &Row,
    ) -> Result<(EntityKey, LocalStatus, Option<Status>), JournalError> {
        let local = LocalStatus {
            status: status(row, 3)?.ok_or_else(|| damaged("a local status"))?,
            remote_when_set: status(row, 4)?,
            set_at: get(row, 5)?,
            job: get::<Option<i64>>(row, 6)?.map(JobId),
            by: get::<Option<&str>>(row, 8)?.map(row::role),
        };
        Ok((key_at(row, 0, &self.accounts)?, local, status(row, 7)?))
    }
}

impl LocalStatusStore for TeamStore {
    fn local_statuses(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<(EntityKey, LocalStatus)>, JournalError> {
        let numbers = self.numbers(profiles)?;
        // What is written after this is not known to a plan that rests on these statuses.
        self.read_at = self.head()?;
        let rows = self.read(
            &format!("SELECT {COLUMNS} WHERE l.account = ANY ($1) AND l.status IS NOT NULL ORDER BY l.account, l.kind, l.id"),
            &[(&numbers, Type::INT4_ARRAY)],
        )?;
        rows.iter()
            .map(|row| self.local_at(row).map(|(key, local, _)| (key, local)))
            .collect()
    }

    fn all_local_statuses(&mut self) -> Result<Vec<LocalStatusRecord>, JournalError> {
        self.know_accounts(|_| false)?;
        let bindings: Vec<ProfileBinding> = self
            .accounts
            .values()
            .map(|account| ProfileBinding {
                name: account.profile.clone(),
                provider: account.provider.clone(),
                origin: account.origin.clone(),
                team: account.team.clone(),
            })
            .collect();
        let notes: HashMap<_, _> = self.last_notes(&bindings)?.into_iter().collect();
        let rows = self.read(&format!("SELECT {COLUMNS} WHERE l.status IS NOT NULL"), &[])?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let (key, local, previous) = self.local_at(row)?;
            let account = self.accounts.get(&get(row, 0)?);
            all.push(LocalStatusRecord {
                provider: account
                    .ok_or_else(|| damaged("an account"))?
                    .provider
                    .clone(),
                justification: notes
                    .get(&key)
                    .map_or_else(Justification::default, |noted| noted.justification.clone()),
                key,
                local,
                previous,
            });
        }
        all.sort_by(|one, other| (&one.key, &one.provider).cmp(&(&other.key, &other.provider)));
        Ok(all)
    }

    fn local_status_counts(&mut self) -> Result<Vec<ProfileStatusCount>, JournalError> {
        self.know_accounts(|_| false)?;
        let rows = self.read(
            "SELECT account, count(*) FROM @.local_status WHERE status IS NOT NULL GROUP BY account",
            &[],
        )?;
        let mut under = Vec::new();
        for row in &rows {
            let account = self.accounts.get(&get(row, 0)?);
            let account = account.ok_or_else(|| damaged("an account"))?;
            // A colleague's account that this console does not use is nothing that was left behind.
            let connected = self.options.origins.is_empty()
                || self
                    .options
                    .origins
                    .iter()
                    .any(|binding| binding.name == account.profile);
            if connected {
                under.push(ProfileStatusCount {
                    profile: account.profile.clone(),
                    provider: account.provider.clone(),
                    statuses: get::<i64>(row, 1)?.cast_unsigned(),
                });
            }
        }
        under.sort_by(|one, other| {
            (&one.profile, &one.provider).cmp(&(&other.profile, &other.provider))
        });
        Ok(under)
    }

    fn plan_move(&mut self, _: &Move) -> Result<MoveResult, JournalError> {
        Err(no_move())
    }

    fn move_profile_data(&mut self, _: &Move) -> Result<MoveResult, JournalError> {
        Err(no_move())
    }

    fn import_statuses(
        &mut self,
        statuses: &[LocalStatusRecord],
    ) -> Result<ImportResult, JournalError> {
        self.may_write()?;
        let leaks: Vec<_> = statuses
            .iter()
            .map(|one| (one.key.clone(), one.provider.clone()))
            .collect();
        let columns = self.columns(&leaks)?;
        let rows: serde_json::Value = statuses
            .iter()
            .enumerate()
            .map(|(at, one)| {
                let id: String = columns.id[at].iter().map(|byte| format!("{byte:02x}")).collect();
                let words = (!one.justification.is_empty()).then(|| {
                    json!({"reason": one.justification.reason, "note": one.justification.note, "ticket": one.justification.ticket})
                });
                json!({
                    "account": columns.account[at], "kind": columns.kind[at], "id": id,
                    "status": one.local.status as u8, "remote": one.local.remote_when_set.map(|status| status as u8),
                    "set_at": one.local.set_at.to_string(), "previous": one.previous.map(|status| status as u8),
                    "words": words,
                })
            })
            .collect();
        let rows = self.write_within(
            LONG,
            None,
            "statuses",
            "SELECT @.statuses_import($1::uuid, $2, $3)",
            &[(&rows, Type::JSONB)],
        )?;
        let counts: serde_json::Value = first(&rows, 0)?;
        let count = |name: &str| {
            counts
                .get(name)
                .and_then(serde_json::Value::as_u64)
                .unwrap_or_default()
        };
        Ok(ImportResult {
            imported: count("imported"),
            unchanged: count("unchanged"),
            older: count("older"),
        })
    }

    fn accepted_mappings(
        &mut self,
        profiles: &[ProfileBinding],
    ) -> Result<Vec<InexactMapping>, JournalError> {
        let numbers = self.numbers(profiles)?;
        let rows = self.read(
            "SELECT account, wanted, stored FROM @.lossy WHERE account = ANY ($1) ORDER BY account, wanted, stored",
            &[(&numbers, Type::INT4_ARRAY)],
        )?;
        let wrong = || row::damaged("a confirmed mapping of statuses");
        rows.iter()
            .map(|row| {
                let account = self.accounts.get(&get(row, 0)?).ok_or_else(wrong)?;
                Ok(InexactMapping {
                    profile: account.profile.clone(),
                    wanted: status(row, 1)?.ok_or_else(wrong)?,
                    stored: status(row, 2)?.ok_or_else(wrong)?,
                    is_confirmed: true,
                })
            })
            .collect()
    }
}

fn no_move() -> JournalError {
    JournalError::Refused {
        why: "the team store keeps statuses by account: write account = \"OLD\" into the profile, and nothing has to be moved".to_owned(),
    }
}
