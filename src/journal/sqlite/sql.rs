//! Parts that the statements of several tables share.

use super::store_error::{StoreError, is_conflict};
use crate::entity::{error::JournalError, profile::ProfileBinding};
use rusqlite::{Connection, params};

/// Returns `?1, ?2, …`.
pub(super) fn placeholders(count: usize) -> String {
    (1..=count)
        .map(|place| format!("?{place}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Returns names and providers, each pair once. Origin and team do not matter here.
pub(super) fn accounts(profiles: &[ProfileBinding]) -> Vec<(&str, &str)> {
    let mut accounts: Vec<_> = profiles
        .iter()
        .map(|profile| (profile.name.as_str(), profile.provider.as_str()))
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

/// Returns the schema of a file; 0 if it has none yet.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Returns the row number of a profile, and inserts the profile if it is new.
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

/// Converts the error of an insert: a leak that another job occupies makes the plan stale.
pub(super) fn stale_plan(error: rusqlite::Error) -> StoreError {
    if is_conflict(&error) {
        JournalError::StalePlan.into()
    } else {
        error.into()
    }
}
