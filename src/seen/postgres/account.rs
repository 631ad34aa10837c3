//! Accounts as the team knows them: by their name there, with the version that a reading is judged by.

use super::row::get;
use crate::{
    entity::{
        key::{ProfileName, ProviderId},
        profile::ProfileBinding,
        seen::{Account, AccountState},
    },
    journal::TeamOptions,
    seen::SeenError,
};
use serde_json::{Value, json};
use tokio_postgres::Row;

/// Columns of an account, as [`of_row`] reads them.
pub(super) const COLUMNS: &str = "id, name, provider, team, baseline_at, baseline_leaks, probe, last_scan, last_whole, failures, \
     blind_since, blind_told, version";

/// What profiles are called in the team.
#[derive(Clone, Debug)]
pub(super) struct Names {
    accounts: Vec<(ProfileName, String)>,
    origins: Vec<ProfileBinding>,
}

impl Names {
    /// The names of these options.
    pub(super) fn of(options: &TeamOptions) -> Self {
        Self {
            accounts: options.accounts.clone(),
            origins: options.origins.clone(),
        }
    }

    /// A profile's name in the team.
    pub(super) fn there(&self, profile: &str) -> String {
        let known = self
            .accounts
            .iter()
            .find(|(own, _)| own.as_str() == profile);
        known.map_or_else(|| profile.to_owned(), |(_, name)| name.clone())
    }

    /// The name here of what the team calls so; nothing where it is none that a profile can have.
    fn here(&self, name: &str) -> Option<ProfileName> {
        let known = self.accounts.iter().find(|(_, there)| there == name);
        match known {
            Some((own, _)) => Some(own.clone()),
            None => ProfileName::new(name).ok(),
        }
    }

    /// Where an account is, empty where that is not known.
    pub(super) fn origin(&self, account: &Account) -> String {
        let known = self.origins.iter().find(|one| one.name == account.profile);
        known.map_or_else(String::new, |one| one.origin.clone())
    }
}

/// An account and what a write must know of it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) id: i32,
    pub(super) state: AccountState,
    pub(super) blind_told: Option<i64>,
    pub(super) version: i64,
}

impl Known {
    /// One of which nothing is remembered.
    pub(super) fn new(account: &Account) -> Self {
        Self {
            id: 0,
            state: AccountState {
                account: account.clone(),
                baseline_at: None,
                baseline_leaks: 0,
                probe: None,
                last_scan: None,
                last_whole: None,
                failures: 0,
                blind_since: None,
            },
            blind_told: None,
            version: 0,
        }
    }

    /// As the server takes it.
    pub(super) fn to_json(&self) -> Value {
        let hex = |bytes: &Vec<u8>| -> String {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect()
        };
        json!({
            "baseline_at": self.state.baseline_at,
            "baseline_leaks": self.state.baseline_leaks,
            "probe": self.state.probe.as_ref().map(hex),
            "last_scan": self.state.last_scan,
            "last_whole": self.state.last_whole,
            "failures": self.state.failures,
            "blind_since": self.state.blind_since,
            "blind_told": self.blind_told,
        })
    }
}

/// A row; nothing where its name is none that a profile can have.
pub(super) fn of_row(row: &Row, names: &Names) -> Result<Option<Known>, SeenError> {
    let (name, provider): (&str, &str) = (get(row, 1)?, get(row, 2)?);
    let Some(profile) = names.here(name) else {
        return Ok(None);
    };
    let state = AccountState {
        account: Account {
            profile,
            provider: ProviderId::new(provider),
            team: get(row, 3)?,
        },
        baseline_at: get(row, 4)?,
        baseline_leaks: get::<i64>(row, 5)?.cast_unsigned(),
        probe: get(row, 6)?,
        last_scan: get(row, 7)?,
        last_whole: get(row, 8)?,
        failures: get::<i32>(row, 9)?.cast_unsigned(),
        blind_since: get(row, 10)?,
    };
    Ok(Some(Known {
        id: get(row, 0)?,
        state,
        blind_told: get(row, 11)?,
        version: get(row, 12)?,
    }))
}
