//! Local statuses and accepted inexact mappings. A leak has at most one local status. A status that the provider
//! reports itself is never stored.

use super::{
    chain, notes,
    row::{self, ChangeRow},
    row_checksum::{self, RowChecksum},
    sql::{accounts, placeholders, version},
    store_error::StoreError,
};
use crate::{
    entity::{
        claim::{Justification, LastNote},
        job::{InexactMapping, NewJob, StorageTarget},
        key::{EntityKey, JobId, ProfileName, ProviderId},
        local_status::{ImportResult, LocalStatus, ProfileStatusCount},
        profile::ProfileBinding,
        status::Status,
    },
    journal::port::LocalStatusRecord,
};
use jiff::Timestamp;
use rusqlite::{
    Connection, OptionalExtension, Row, Statement, params, params_from_iter, types::Value,
};
use serde_json::json;
use std::collections::HashMap;

/// First schema with these tables; a journal that was not written since is older.
const MIN_SCHEMA: i64 = 2;

/// Columns of a local status; the hash is the last.
const COLUMNS: &str =
    "profile, provider, kind, id, status, remote_then, set_at, job, previous, hash";

/// Columns of an accepted mapping; the hash is the last.
pub(super) const MAPPING_COLUMNS: &str = "profile, provider, wanted, stored, job, hash";

impl LocalStatusRecord {
    /// Returns its note, as an event stores it.
    fn imported_note(&self) -> notes::ImportedNote {
        notes::ImportedNote {
            key: self.key.clone(),
            provider: self.provider.clone(),
            note: LastNote {
                justification: self.justification.clone(),
                author: None,
                noted_at: self.local.set_at,
                job: None,
            },
        }
    }

    /// Returns the values of [`COLUMNS`] with their hash.
    fn values(&self) -> Vec<Value> {
        let (key, local) = (&self.key, &self.local);
        let mut values = vec![
            Value::from(key.profile.as_str().to_owned()),
            Value::from(self.provider.as_str().to_owned()),
            Value::from(row::kind_number(key.kind)),
            Value::Blob(row::encode_id(key.id.as_bytes())),
            Value::from(local.status as i64),
            Value::from(local.remote_when_set.map(|status| status as i64)),
            Value::from(local.set_at.to_string()),
            Value::from(local.job.map(|id| id.0)),
            Value::from(self.previous.map(|status| status as i64)),
        ];
        let hash = row::hash(None, &values);
        values.push(Value::Blob(hash));
        values
    }

    /// Reads a row of [`COLUMNS`].
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let damaged = || StoreError::Damaged("a local status".to_owned());
        row::check(row, 9, None, damaged)?;
        let (key, provider) = row::read_key(row, damaged)?;
        let status = |at| -> Result<Option<Status>, StoreError> {
            Ok(row.get::<_, Option<u8>>(at)?.map(Status::from_u8))
        };
        Ok(Self {
            key,
            provider,
            local: LocalStatus {
                status: status(4)?.ok_or_else(damaged)?,
                remote_when_set: status(5)?,
                set_at: row.get::<_, String>(6)?.parse().map_err(|_| damaged())?,
                job: row.get::<_, Option<i64>>(7)?.map(JobId),
                by: None,
            },
            previous: status(8)?,
            justification: Justification::default(),
        })
    }
}

/// Returns every local status, by key.
pub(super) fn all(connection: &Connection) -> Result<Vec<LocalStatusRecord>, StoreError> {
    select(connection, "", params![])
}

/// Returns every local status by key, with the last note of its leak.
pub(super) fn all_with_justification(
    connection: &Connection,
    ended: &mut notes::EndedJobs,
) -> Result<Vec<LocalStatusRecord>, StoreError> {
    let mut kept = all(connection)?;
    let mut named: Vec<_> = kept
        .iter()
        .map(|kept| (kept.key.profile.as_str(), kept.provider.as_str()))
        .collect();
    named.sort_unstable();
    named.dedup();
    let mut words = HashMap::new();
    for account in named {
        for (key, noted) in notes::for_accounts(connection, &[account], ended)? {
            words.insert((key, ProviderId::new(account.1)), noted);
        }
    }
    for kept in &mut kept {
        if let Some(noted) = words.get(&(kept.key.clone(), kept.provider.clone())) {
            kept.justification = noted.justification.clone();
        }
    }
    Ok(kept)
}

/// Returns the number of local statuses by profile name.
pub(super) fn count_by_profile(
    connection: &Connection,
) -> Result<Vec<ProfileStatusCount>, StoreError> {
    let mut under = Vec::new();
    if version(connection)? < MIN_SCHEMA {
        return Ok(under);
    }
    let mut statement = connection.prepare(
        "SELECT profile, provider, count(*) FROM local_status GROUP BY profile, provider ORDER BY profile, provider",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        under.push(ProfileStatusCount {
            profile: row::parse_profile_name(&row.get::<_, String>(0)?)?,
            provider: ProviderId::new(&row.get::<_, String>(1)?),
            statuses: row.get::<_, i64>(2)?.cast_unsigned(),
        });
    }
    Ok(under)
}

/// Returns the local statuses of some profiles, by profile and key.
pub(super) fn for_profiles(
    connection: &Connection,
    profiles: &[ProfileBinding],
) -> Result<Vec<LocalStatusRecord>, StoreError> {
    let mut kept = Vec::new();
    if row_checksum::exists(connection)? {
        row_checksum::verify_table(connection, "local_status")?;
    }
    for (name, provider) in accounts(profiles) {
        kept.extend(select(
            connection,
            "WHERE profile = ?1 AND provider = ?2",
            params![name, provider],
        )?);
    }
    Ok(kept)
}

pub(super) fn select(
    connection: &Connection,
    which: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<LocalStatusRecord>, StoreError> {
    let mut kept = Vec::new();
    if version(connection)? < MIN_SCHEMA {
        return Ok(kept);
    }
    let mut statement = connection.prepare(&format!(
        "SELECT {COLUMNS} FROM local_status {which} ORDER BY profile, provider, kind, id"
    ))?;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        kept.push(LocalStatusRecord::read(row)?);
    }
    Ok(kept)
}

/// Returns the accepted mappings of these profiles.
pub(super) fn accepted_mappings(
    connection: &Connection,
    profiles: &[ProfileBinding],
) -> Result<Vec<InexactMapping>, StoreError> {
    let mut confirmed = Vec::new();
    if version(connection)? < MIN_SCHEMA {
        return Ok(confirmed);
    }
    let mut statement = connection.prepare(&format!(
        "SELECT {MAPPING_COLUMNS} FROM lossy WHERE profile = ?1 AND provider = ?2 ORDER BY wanted, stored"
    ))?;
    for (name, provider) in accounts(profiles) {
        let mut rows = statement.query(params![name, provider])?;
        while let Some(row) = rows.next()? {
            confirmed.push(read_mapping(row)?);
        }
    }
    Ok(confirmed)
}

pub(super) fn read_mapping(row: &Row<'_>) -> Result<InexactMapping, StoreError> {
    row::check(row, 5, None, || {
        StoreError::Damaged("a confirmed mapping of statuses".to_owned())
    })?;
    Ok(InexactMapping {
        profile: row::parse_profile_name(&row.get::<_, String>(0)?)?,
        wanted: Status::from_u8(row.get(2)?),
        stored: Status::from_u8(row.get(3)?),
        is_confirmed: true,
    })
}

/// Reads every row of both tables, so that damage is found before anything is written.
pub(super) fn verify(connection: &Connection) -> Result<(), StoreError> {
    all(connection)?;
    let mut statement = connection.prepare(&format!("SELECT {MAPPING_COLUMNS} FROM lossy"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        read_mapping(row)?;
    }
    Ok(())
}

/// Stores what a plan sets at once: the local statuses and the mappings that were accepted with it.
pub(super) fn record_plan(
    connection: &Connection,
    new: &NewJob,
    job: JobId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let plan = &new.plan;
    let binding = |name: &ProfileName| {
        plan.shares
            .iter()
            .map(|share| &share.binding)
            .find(|binding| binding.name == *name)
            .ok_or_else(|| {
                StoreError::order_violation(format!("job {job}: {name} takes no part in it"))
            })
    };
    let mut writer = LocalStatusWriter::new(connection)?;
    let local = plan
        .eligible
        .iter()
        .filter(|planned| planned.storage_target == StorageTarget::Local);
    for planned in local {
        let kept = LocalStatusRecord {
            key: planned.key.clone(),
            provider: binding(&planned.key.profile)?.provider.clone(),
            local: LocalStatus {
                status: planned.wanted,
                remote_when_set: planned.remote_status,
                set_at: now,
                job: Some(job),
                by: None,
            },
            previous: Some(planned.before),
            justification: Justification::default(),
        };
        writer.upsert(&kept)?;
    }
    writer.finish(connection)?;
    let mut checksum = RowChecksum::for_table("lossy");
    for lossy in &plan.inexact_mappings {
        let provider = &binding(&lossy.profile)?.provider;
        insert_mapping(connection, &mut checksum, lossy, provider, job)?;
    }
    checksum.store(connection)
}

/// Inserts a mapping that was accepted with a job. If the mapping exists, the first job stays. Returns true if it was
/// inserted.
pub(super) fn insert_mapping(
    connection: &Connection,
    checksum: &mut RowChecksum,
    lossy: &InexactMapping,
    provider: &ProviderId,
    job: JobId,
) -> Result<bool, StoreError> {
    let mut values = vec![
        Value::from(lossy.profile.as_str().to_owned()),
        Value::from(provider.as_str().to_owned()),
        Value::from(lossy.wanted as i64),
        Value::from(lossy.stored as i64),
        Value::from(job.0),
    ];
    let hash = row::hash(None, &values);
    values.push(Value::Blob(hash.clone()));
    let put = connection.execute(
        &format!(
            "INSERT INTO lossy ({MAPPING_COLUMNS}) VALUES ({}) ON CONFLICT DO NOTHING",
            placeholders(values.len())
        ),
        params_from_iter(values),
    )?;
    if put > 0 {
        checksum.add(&hash);
    }
    Ok(put > 0)
}

/// Imports statuses from a file; of each leak the newest stays.
pub(super) fn import(
    connection: &Connection,
    statuses: &[LocalStatusRecord],
    now: Timestamp,
) -> Result<ImportResult, StoreError> {
    let mut writer = LocalStatusWriter::new(connection)?;
    let mut counts = ImportResult::default();
    let mut words = Vec::new();
    let mut says = |new: &LocalStatusRecord| {
        if !new.justification.is_empty() {
            words.push(new.imported_note().to_json());
        }
    };
    for new in statuses {
        let Some(old) = writer.get(&new.key, &new.provider)? else {
            counts.imported += 1;
            says(new);
            writer.upsert(new)?;
            continue;
        };
        if new.local.set_at > old.local.set_at {
            counts.imported += 1;
            says(new);
            let previous = Some(old.local.status);
            writer.upsert(&LocalStatusRecord {
                previous,
                ..new.clone()
            })?;
        } else if new.local.set_at == old.local.set_at
            && new.local.status == old.local.status
            && new.local.remote_when_set == old.local.remote_when_set
        {
            counts.unchanged += 1;
        } else {
            counts.older += 1;
        }
    }
    writer.finish(connection)?;
    let mut event = json!(counts);
    if !words.is_empty() {
        event["words"] = words.into();
    }
    chain::append(connection, now, None, "imported", &event)?;
    Ok(counts)
}

/// Prepared statements that change local statuses, for many rows.
pub(super) struct LocalStatusWriter<'c> {
    checksum: RowChecksum,
    get: Statement<'c>,
    insert: Statement<'c>,
    remove: Statement<'c>,
}

impl<'c> LocalStatusWriter<'c> {
    pub(super) fn new(connection: &'c Connection) -> Result<Self, StoreError> {
        const KEY_CONDITION: &str =
            "FROM local_status WHERE profile = ?1 AND provider = ?2 AND kind = ?3 AND id = ?4";
        Ok(Self {
            checksum: RowChecksum::for_table("local_status"),
            get: connection.prepare(&format!("SELECT {COLUMNS} {KEY_CONDITION}"))?,
            insert: connection.prepare(&format!(
                "INSERT OR REPLACE INTO local_status ({COLUMNS}) VALUES ({})",
                placeholders(10)
            ))?,
            remove: connection.prepare(&format!("DELETE {KEY_CONDITION}"))?,
        })
    }

    /// Updates the local status of a leak after its change was verified.
    pub(super) fn apply_verified(
        &mut self,
        binding: &ProfileBinding,
        wanted: Status,
        row: &ChangeRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let change = &row.change;
        match change.storage_target {
            // The plan set it when it was recorded.
            StorageTarget::Local => Ok(()),
            // The status of the provider counts again.
            StorageTarget::Remote => self.remove(&change.key, &binding.provider),
            StorageTarget::Both => self.upsert(&LocalStatusRecord {
                key: change.key.clone(),
                provider: binding.provider.clone(),
                local: LocalStatus {
                    status: wanted,
                    remote_when_set: Some(change.wanted),
                    set_at: now,
                    job: Some(row.job),
                    by: None,
                },
                previous: change.before,
                justification: Justification::default(),
            }),
        }
    }

    /// Stores a status in place of the present one. A status that equals the provider's own, and `Unknown`, remove it
    /// instead.
    pub(super) fn upsert(&mut self, kept: &LocalStatusRecord) -> Result<(), StoreError> {
        let status = kept.local.status;
        if status == Status::Unknown || Some(status) == kept.local.remote_when_set {
            return self.remove(&kept.key, &kept.provider);
        }
        self.remove_from_checksum(&kept.key, &kept.provider)?;
        let values = kept.values();
        if let Some(Value::Blob(hash)) = values.last() {
            self.checksum.add(hash);
        }
        self.insert.execute(params_from_iter(values))?;
        Ok(())
    }

    pub(super) fn remove(
        &mut self,
        key: &EntityKey,
        provider: &ProviderId,
    ) -> Result<(), StoreError> {
        if self.remove_from_checksum(key, provider)? {
            self.remove.execute(row_key(key, provider))?;
        }
        Ok(())
    }

    /// Removes the present row, if there is one, from the checksum.
    fn remove_from_checksum(
        &mut self,
        key: &EntityKey,
        provider: &ProviderId,
    ) -> Result<bool, StoreError> {
        let old = self.get(key, provider)?;
        if let Some(Value::Blob(hash)) = old.as_ref().and_then(|old| old.values().pop()) {
            self.checksum.remove(&hash);
        }
        Ok(old.is_some())
    }

    /// Stores the new checksum. Without this call the table looks damaged.
    pub(super) fn finish(mut self, connection: &Connection) -> Result<(), StoreError> {
        self.checksum.store(connection)
    }

    pub(super) fn get(
        &mut self,
        key: &EntityKey,
        provider: &ProviderId,
    ) -> Result<Option<LocalStatusRecord>, StoreError> {
        self.get
            .query_row(row_key(key, provider), |row| {
                Ok(LocalStatusRecord::read(row))
            })
            .optional()?
            .transpose()
    }
}

fn row_key<'a>(key: &'a EntityKey, provider: &'a ProviderId) -> (&'a str, &'a str, i64, Vec<u8>) {
    let EntityKey { profile, kind, id } = key;
    (
        profile.as_str(),
        provider.as_str(),
        row::kind_number(*kind),
        row::encode_id(id.as_bytes()),
    )
}
