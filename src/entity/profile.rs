//! A configured account as the rooms that know nothing of configuration see it: plain values.

use super::{
    capability::Capabilities,
    files::{FileProgress, FileSettings},
    fingerprint::FingerprintKey,
    key::{ProfileName, ProviderId},
    option::OptionValues,
};
use std::{path::PathBuf, time::Duration};

/// What a provider's adapter needs to know to work for one profile. The key is not here: it is handed over once, as a secret.
#[derive(Clone, Debug, PartialEq)]
pub struct AdapterSettings {
    /// The profile's name.
    pub name: ProfileName,
    /// Which registry row.
    pub provider: ProviderId,
    /// Scheme, host, port and path prefix.
    pub base_url: String,
    /// `X-Team-Id`.
    pub team_id: Option<String>,
    /// The settings that providers declare.
    pub options: OptionValues,
    /// Requests in any minute, if set.
    pub rpm: Option<u32>,
    /// Rows in a page, if set.
    pub page_size: Option<u32>,
    /// Changes in a request, if set.
    pub bulk_size: Option<u32>,
    /// When an accepted change is read back, counted from the answer.
    pub verify: Vec<Duration>,
    /// The profile allows plain http beyond loopback.
    pub allow_insecure_http: bool,
    /// This run allows plain http beyond loopback.
    pub insecure_http_flag: bool,
    /// A private certificate authority, PEM.
    pub ca_file: Option<PathBuf>,
    /// A proxy's URL.
    pub proxy: Option<String>,
    /// No writes.
    pub read_only: bool,
    /// The word on every frame.
    pub environment: String,
    /// Short name of the source in lists, if set.
    pub short: Option<String>,
    /// Attribution in place of the provider's own, for data that is somebody else's.
    pub attribution: Option<String>,
    /// Where its leaks are, if they are in files.
    pub files: FileSettings,
    /// The state directory, where processes that use one key keep count of their requests together.
    pub state: Option<PathBuf>,
    /// The installation's key: what a secret that comes in clear becomes.
    pub fingerprint: FingerprintKey,
}

/// What of a profile goes into a plan's hash, a job and the header.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileBinding {
    /// The profile's name.
    pub name: ProfileName,
    /// Its provider.
    pub provider: ProviderId,
    /// Scheme, host and port.
    pub origin: String,
    /// The team, empty if none.
    pub team: String,
}

/// A profile as the console knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Identity for plans.
    pub binding: ProfileBinding,
    /// How a person calls the provider: `ProjectDiscovery`.
    pub provider_title: String,
    /// The word on every frame.
    pub environment: String,
    /// No writes on this profile.
    pub read_only: bool,
    /// Plain http beyond loopback: a banner, no bulk write, no password.
    pub insecure: bool,
    /// What it can do.
    pub capabilities: Capabilities,
    /// When an accepted change is read back.
    pub verify: Vec<Duration>,
    /// Requests in any minute, where known.
    pub rpm: Option<u32>,
    /// Short name of the source in lists; `None` leaves it to the console.
    pub short: Option<String>,
    /// Attribution that must be shown with its data.
    pub attribution: Option<String>,
}

impl RateBudget {
    /// Requests that are left at a moment, where the number is limited.
    pub fn remaining(&self, now: jiff::Timestamp) -> Option<u32> {
        let used = if self.free_at.is_none_or(|free| now >= free) {
            0
        } else {
            self.used
        };
        self.limit.map(|limit| limit.saturating_sub(used))
    }

    /// Until when requests are held up, where they are at a moment.
    pub fn held_up(&self, now: jiff::Timestamp) -> Option<jiff::Timestamp> {
        self.wait_until.filter(|until| *until > now)
    }

    /// The part whose own limit holds it up longer than all requests are.
    pub fn held_up_part(&self, now: jiff::Timestamp) -> Option<PartLimit> {
        let whole = self.held_up(now);
        self.part.filter(|part| {
            part.wait_until > now && whole.is_none_or(|until| part.wait_until > until)
        })
    }
}

/// What the transport knows of a profile's request budget, for the header and the estimate of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RateBudget {
    /// Requests allowed in any 61 seconds, where known.
    pub limit: Option<u32>,
    /// Requests sent in the last 61 seconds, when this was written.
    pub used: u32,
    /// When the last of them leaves the window; all are free again then.
    pub free_at: Option<jiff::Timestamp>,
    /// No request before this moment: a 429, or the window is full.
    pub wait_until: Option<jiff::Timestamp>,
    /// Answers so far that asked for patience, and requests that got none in time: the provider bears no more.
    pub throttle_signals: u64,
    /// How far a reading of files is, while there is one.
    pub reading: Option<FileProgress>,
    /// The limit of a part of its operations, where that part is held up by a limit of its own.
    pub part: Option<PartLimit>,
}

/// A part of a provider's operations that its own limit holds up, while the others go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartLimit {
    /// What they are about.
    pub name: &'static str,
    /// None of them goes out before this moment.
    pub wait_until: jiff::Timestamp,
}

/// Where a key comes from. Never an argument, never the configuration itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// The first line that a command prints.
    Command(Vec<String>),
    /// The first line of a file that only its owner can read.
    File(PathBuf),
    /// An environment variable; `/proc` shows it to the same user, so it comes with a notice.
    Env(String),
    /// The platform's key store, by entry name (cargo feature `keyring`).
    Keyring(String),
}
