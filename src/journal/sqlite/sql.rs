//! What statements on every table have in common.

use super::store_error::{StoreError, is_conflict};
use crate::entity::{error::JournalError, profile::ProfileBinding};
use rusqlite::{Connection, params};

/// `?1, ?2, …`
pub(super) fn placeholders(count: usize) -> String {
    (1..=count)
        .map(|place| format!("?{place}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Names and providers, each pair once: origin and team do not count here.
pub(super) fn accounts(profiles: &[ProfileBinding]) -> Vec<(&str, &str)> {
    let mut accounts: Vec<_> = profiles
        .iter()
        .map(|profile| (profile.name.as_str(), profile.provider.as_str()))
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

/// Which schema a file has; 0 when nothing was ever made in it.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// The row number of a profile, made where it is new.
pub(super) fn profile(
    connection: &Connection,
    binding: &ProfileBinding,
) -> Result<i64, StoreError> {
    let values = params![
        binding.name.as_str(),
        binding.provider.as_str(),
        binding.origin,
        binding.team
    ];
    connection.execute(
        "INSERT INTO profile (name, provider, origin, team) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        values,
    )?;
    Ok(connection.query_row(
        "SELECT id FROM profile WHERE name = ?1 AND provider = ?2 AND origin = ?3 AND team = ?4",
        values,
        |row| row.get(0),
    )?)
}

/// The error of a statement of a plan: a leak that another job occupies makes the plan stale.
pub(super) fn stale_plan(error: rusqlite::Error) -> StoreError {
    if is_conflict(&error) {
        JournalError::StalePlan.into()
    } else {
        error.into()
    }
}
