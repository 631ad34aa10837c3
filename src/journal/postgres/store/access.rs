//! What this console may do, and what others have written.

use super::TeamStore;
use crate::{
    entity::{error::JournalError, fingerprint::FingerprintKey, journal_changes::JournalChanges},
    journal::{
        installation,
        port::{Access, AccessStore, InstallationStore, OpenMode, Operator, SharedAccess},
        postgres::{check, row::get},
    },
};
use jiff::Timestamp;
use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

/// What an event of this kind changes.
fn changed_by(what: &str) -> JournalChanges {
    let none = JournalChanges::NONE;
    match what {
        "recorded" => JournalChanges::ALL,
        // Who comes and goes changes which jobs nobody runs.
        "intent" | "taken" | "confirmed" | "asked" | "hello" | "bye" => {
            JournalChanges { jobs: true, ..none }
        }
        "answer" | "readings" => JournalChanges {
            jobs: true,
            statuses: true,
            ..none
        },
        "state" => JournalChanges {
            jobs: true,
            active_leaks: true,
            notes: true,
            ..none
        },
        "claims" => JournalChanges {
            claims: true,
            ..none
        },
        "statuses" | "imported" => JournalChanges {
            statuses: true,
            notes: true,
            ..none
        },
        "words" | "note" => JournalChanges {
            notes: true,
            ..none
        },
        _ => none,
    }
}

fn both(one: JournalChanges, other: JournalChanges) -> JournalChanges {
    JournalChanges {
        jobs: one.jobs || other.jobs,
        active_leaks: one.active_leaks || other.active_leaks,
        statuses: one.statuses || other.statuses,
        claims: one.claims || other.claims,
        notes: one.notes || other.notes,
    }
}

impl AccessStore for TeamStore {
    fn access(&self) -> SharedAccess {
        Arc::clone(&self.access)
    }

    /// Every event is verified as it comes.
    fn changes_since(&mut self) -> Result<JournalChanges, JournalError> {
        let begun = self.identity.is_some();
        self.connected()?;
        if !begun && let Some(feed) = &self.feed {
            feed.introduce(self.key.clone(), self.console);
        }
        let store = self
            .identity
            .as_ref()
            .map(|identity| identity.store.clone());
        let (own, mut changes) = (self.console, JournalChanges::NONE);
        let mut lag = None;
        // It is asked again when the feed has the store back; nobody who leaves waits for this.
        self.caller.set_patience(Duration::ZERO);
        let seen = check::events(
            &mut self.caller,
            self.seen.clone(),
            &store.unwrap_or_default(),
            |event| {
                if event.console.is_none() || event.console != own {
                    changes = both(changes, changed_by(&event.what));
                    // The oldest comes first.
                    lag.get_or_insert(event.age);
                }
            },
        );
        self.caller.set_patience(self.options.patience);
        match seen {
            Ok(seen) => {
                if let Some(news) = &self.news {
                    // What happened before the first look was late for nobody.
                    let lag = lag.filter(|_| !self.all_is_news);
                    news.update(|state| {
                        state.seen = seen.seq;
                        state.lag_ms = lag.map_or(state.lag_ms, |lag| lag.as_millis() as u64);
                    });
                }
                self.seen = Some(seen);
            }
            Err(error) => {
                self.note(&error);
                return Err(error);
            }
        }
        if std::mem::take(&mut self.all_is_news) {
            return Ok(JournalChanges::ALL);
        }
        Ok(changes)
    }

    fn has_writer(&self) -> Result<bool, JournalError> {
        // Everybody may write at the same time.
        let access = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(*access == Access::Writer)
    }

    fn verify(&mut self) -> Result<(), JournalError> {
        self.connected()?;
        let found = check::all(&mut self.caller, false)?;
        match found.problems.first() {
            None => Ok(()),
            Some(problem) => Err(JournalError::ReadOnly {
                why: format!("{}: {}", problem.what, problem.detail),
            }),
        }
    }

    fn operator(&self) -> (Operator, Timestamp) {
        (self.who.clone(), (self.now)())
    }
}

impl InstallationStore for TeamStore {
    /// The team's key where it is configured, and it is the one that the store was made with; else that of this
    /// installation.
    fn fingerprint_key(&mut self) -> Result<FingerprintKey, JournalError> {
        if let Some(key) = self.options.fingerprint.clone() {
            let check = self
                .identity
                .as_ref()
                .and_then(|identity| identity.fingerprint_check.clone());
            return match check {
                Some(check) if check != key.check() => Err(JournalError::Misconfigured {
                    why: "store.fingerprint_key is not the key of this team".to_owned(),
                }),
                Some(_) | None => Ok(key),
            };
        }
        if self.mode == OpenMode::Write {
            self.place.prepare()?;
            installation::read_or_create(&self.place)
        } else {
            installation::read_or_random(&self.place)
        }
    }
}

impl TeamStore {
    /// Number of the newest event.
    pub(super) fn head(&mut self) -> Result<i64, JournalError> {
        let rows = self.read("SELECT coalesce(max(seq), 0) FROM @.event", &[])?;
        rows.first().map_or(Ok(0), |row| get(row, 0))
    }
}
