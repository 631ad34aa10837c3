//! Options of a team store, and what wakes a console that uses one.

use crate::entity::{
    fingerprint::FingerprintKey, key::ProfileName, profile::ProfileBinding, secret::Secret,
    team::TeamState,
};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TeamTls {
    /// TLS 1.2 or newer; certificate and name are verified.
    #[default]
    Verify,
    /// None: a socket, or a loopback address.
    Off,
}

/// Options of a team store. Nothing in it was read from a variable that other programs set.
#[derive(Clone, Debug)]
pub struct TeamOptions {
    /// Where it is, without a password.
    pub url: String,
    /// Password; `None` for a client certificate, or a socket whose server knows its peers.
    pub password: Option<Secret>,
    /// How the connection is protected.
    pub tls: TeamTls,
    /// Certificate authority, PEM; `None` for the platform's.
    pub ca_file: Option<PathBuf>,
    /// Client certificate, PEM, with its key.
    pub client: Option<(PathBuf, Secret)>,
    /// Schema in the database.
    pub schema: String,
    /// A direct way for news where `url` is a pooler.
    pub listen_url: Option<String>,
    /// False: never listen, only ask.
    pub listen: bool,
    /// How often to ask where listening does not work.
    pub poll: Duration,
    /// How long a call is tried again before it fails.
    pub patience: Duration,
    /// The team's key for fingerprints; `None` for a key of this installation.
    pub fingerprint: Option<FingerprintKey>,
    /// Names of accounts in the team, for profiles that are called otherwise.
    pub accounts: Vec<(ProfileName, String)>,
    /// The profiles of this console, to pin an account that is new to the team.
    pub origins: Vec<ProfileBinding>,
}

/// What wakes a console, shared by the feed and all handles.
#[derive(Clone, Debug, Default)]
pub struct News {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    notify: Notify,
    state: Mutex<TeamState>,
}

impl News {
    /// Waits until something may have happened, at most for `limit`.
    pub async fn wait(&self, limit: Duration) {
        tokio::time::timeout(limit, self.inner.notify.notified())
            .await
            .ok();
    }

    /// Wakes who waits, or the next one who does.
    #[cfg(feature = "postgres")]
    pub(in crate::journal) fn wake(&self) {
        self.inner.notify.notify_one();
    }

    /// Returns the team as it was last seen.
    pub fn state(&self) -> TeamState {
        let state = self.inner.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is known of the team; returns true if that made a difference.
    #[cfg(feature = "postgres")]
    pub(in crate::journal) fn update(&self, change: impl FnOnce(&mut TeamState)) -> bool {
        let state = self.inner.state.lock();
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        let before = state.clone();
        change(&mut state);
        *state != before
    }
}
