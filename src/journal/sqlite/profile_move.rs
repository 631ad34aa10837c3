//! Moves all data of one profile name to another name of the same provider: local statuses, notes and accepted
//! mappings.

use super::{
    chain, leak_event,
    local::{self, LocalStatusWriter, MAPPING_COLUMNS, insert_mapping, read_mapping},
    notes::{self, ImportedNote},
    row_checksum::RowChecksum,
    store_error::StoreError,
};
use crate::{
    entity::{
        claim::LastNote,
        job::InexactMapping,
        key::{EntityKey, JobId},
        local_status::MoveResult,
    },
    journal::port::{LocalStatusRecord, Move},
};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::json;
use std::collections::HashMap;

/// Data to be moved.
struct MoveData {
    statuses: Vec<LocalStatusRecord>,
    notes: Vec<ImportedNote>,
    mappings: Vec<(InexactMapping, JobId)>,
    counts: MoveResult,
}

impl Move {
    fn rename_key(&self, key: &EntityKey) -> EntityKey {
        EntityKey {
            profile: self.to.clone(),
            ..key.clone()
        }
    }

    fn find(
        &self,
        connection: &Connection,
        ended: &mut notes::EndedJobs,
    ) -> Result<MoveData, StoreError> {
        let (from, to) = (self.from.as_str(), self.to.as_str());
        let provider = self.provider.as_str();
        let of = |name: &str| {
            let which = "WHERE profile = ?1 AND provider = ?2";
            local::select(connection, which, params![name, provider])
        };
        let there: HashMap<EntityKey, LocalStatusRecord> = of(to)?
            .into_iter()
            .map(|kept| (kept.key.clone(), kept))
            .collect();
        let statuses = of(from)?;
        let mut counts = MoveResult::default();
        for kept in &statuses {
            match there.get(&self.rename_key(&kept.key)) {
                None => counts.statuses += 1,
                Some(other) if other.local.set_at < kept.local.set_at => {
                    counts.statuses += 1;
                    counts.replaced += 1;
                }
                Some(_) => counts.older += 1,
            }
        }
        let known: HashMap<_, _> = notes::for_accounts(connection, &[(to, provider)], ended)?
            .into_iter()
            .collect();
        // Notes that are older than those of the target stay where they are.
        let newer = |key: &EntityKey, noted: &LastNote| {
            let known = known.get(&self.rename_key(key));
            known.is_none_or(|known| known.noted_at < noted.noted_at)
        };
        let words: Vec<_> = notes::for_accounts(connection, &[(from, provider)], ended)?
            .into_iter()
            .filter(|(key, noted)| newer(key, noted))
            .map(|(key, noted)| ImportedNote {
                key: self.rename_key(&key),
                provider: self.provider.clone(),
                note: LastNote {
                    job: None,
                    ..LastNote::clone(&noted)
                },
            })
            .collect();
        counts.words = words.len() as u64;
        let mut mappings = Vec::new();
        let mut statement = connection.prepare(&format!(
            "SELECT {MAPPING_COLUMNS} FROM lossy WHERE profile = ?1 AND provider = ?2"
        ))?;
        let mut rows = statement.query(params![from, provider])?;
        while let Some(row) = rows.next()? {
            mappings.push((read_mapping(row)?, JobId(row.get(4)?)));
        }
        counts.mappings = mappings.len() as u64;
        counts.events = leak_event::count(connection, self)?;
        Ok(MoveData {
            statuses,
            notes: words,
            mappings,
            counts,
        })
    }
}

/// Returns what a move would do.
pub(super) fn plan(
    connection: &Connection,
    wish: &Move,
    ended: &mut notes::EndedJobs,
) -> Result<MoveResult, StoreError> {
    Ok(wish.find(connection, ended)?.counts)
}

/// Moves all data. If both names have a status of a leak, the newer one stays.
pub(super) fn perform(
    connection: &Connection,
    wish: &Move,
    ended: &mut notes::EndedJobs,
    now: Timestamp,
) -> Result<MoveResult, StoreError> {
    let found = wish.find(connection, ended)?;
    let mut writer = LocalStatusWriter::new(connection)?;
    for kept in found.statuses {
        let key = wish.rename_key(&kept.key);
        let other = writer.get(&key, &wish.provider)?;
        if other.is_none_or(|other| other.local.set_at < kept.local.set_at) {
            writer.upsert(&LocalStatusRecord {
                key,
                ..kept.clone()
            })?;
        }
        writer.remove(&kept.key, &wish.provider)?;
    }
    writer.finish(connection)?;
    let mut checksum = RowChecksum::for_table("lossy");
    for (lossy, job) in &found.mappings {
        let renamed = InexactMapping {
            profile: wish.to.clone(),
            ..lossy.clone()
        };
        insert_mapping(connection, &mut checksum, &renamed, &wish.provider, *job)?;
        let hash: Vec<u8> = connection.query_row(
            "DELETE FROM lossy WHERE profile = ?1 AND provider = ?2 AND wanted = ?3 AND stored = ?4 RETURNING hash",
            params![
                wish.from.as_str(),
                wish.provider.as_str(),
                lossy.wanted as i64,
                lossy.stored as i64
            ],
            |row| row.get(0),
        )?;
        checksum.remove(&hash);
    }
    checksum.store(connection)?;
    leak_event::rename(connection, wish)?;
    let words: Vec<_> = found.notes.iter().map(ImportedNote::to_json).collect();
    let event = json!({
        "from": wish.from, "to": wish.to, "provider": wish.provider, "counts": found.counts, "words": words,
    });
    chain::append(connection, now, None, "moved", &event)?;
    Ok(found.counts)
}
