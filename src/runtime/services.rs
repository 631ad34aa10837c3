//! What effects are carried out with: providers, journal, files. One file and one function a kind of effect, each ends in
//! one message.

mod access;
mod audit;
mod claims;
mod data;
mod evidence;
mod follow_up;
mod jobs;
mod lookup;
mod marks;
mod news;
mod notes;
mod output;
mod reveal;
mod rounds;
mod sending;
mod session;
mod tools;
mod views;

pub use audit::{journal_state, local_records, team};

use super::{hangup::PendingWrites, seen_memory::SeenMemory};
use crate::{
    clipboard::{ClipboardTarget, Multiplexer},
    entity::{
        error::ProviderError,
        job::{Change, ChangeState},
        key::ProfileName,
    },
    journal::{AuditOrigin, Journal},
    provider::Provider,
};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

/// Everything that effects need.
pub struct Services {
    /// The accounts.
    pub providers: HashMap<ProfileName, Arc<dyn Provider>>,
    /// The journal.
    pub journal: Journal,
    /// How a copy travels.
    pub clipboard: ClipboardTarget,
    /// What stands between this program and the terminal.
    pub multiplexer: Multiplexer,
    /// Where copies that are too long for the terminal go.
    pub state_directory: PathBuf,
    /// Requests that change something, for the end after a hang-up.
    pub writes: PendingWrites,
    /// The memory of what was seen, where there is one.
    pub seen: Option<Arc<SeenMemory>>,
    /// Console or command, for the audit log.
    pub origin: AuditOrigin,
    /// What others have written was asked for, and the answer not waited for.
    pub missed_news: AtomicBool,
}

impl Services {
    fn provider(&self, profile: &ProfileName) -> Result<&Arc<dyn Provider>, ProviderError> {
        self.providers
            .get(profile)
            .ok_or_else(|| ProviderError::Unsupported {
                why: "the profile is not connected".into(),
            })
    }
}

/// How long a console that ends waits for a write in flight.
pub const FINAL_WRITE_TIMEOUT: Duration = Duration::from_secs(12);

/// Whether a change still waits for its end in a job of this process.
pub fn is_open(change: &Change) -> bool {
    !matches!(change.state(), ChangeState::Pending) && !change.state().is_final()
}
