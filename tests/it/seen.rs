//! What was seen: what every store must do, what a reading means, and what is on disk.

#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

mod conformance;
mod judging;
#[cfg(feature = "postgres")]
mod team;

use stanch::{
    entity::{
        fingerprint::FingerprintKey,
        key::{Kind, ProfileName, ProviderId},
        leak::RiskLevel,
        seen::{Account, Event, EventKind, LeakRead, Mark, MarkKey, OwnChange, PackedRead, Scan},
        status::Status,
    },
    seen::{Failed, STORES, SeenError, SeenOptions, Store, StoreKind, Waiting},
};
use std::path::Path;

fn marks(byte: u8) -> MarkKey {
    MarkKey::of(&FingerprintKey::new([byte; 32]))
}

fn account(name: &str) -> Account {
    Account {
        profile: ProfileName::new(name).unwrap(),
        provider: ProviderId::new("projectdiscovery"),
        team: String::new(),
    }
}

fn options(directory: &Path, key: u8) -> SeenOptions {
    SeenOptions {
        directory: directory.join("state"),
        marks: marks(key),
        now: || 1_000,
        thread_init: || {},
        max_pages: None,
        team: None,
        seat: String::new(),
    }
}

/// A place for the memory, in one kind of store.
struct Room {
    kind: &'static StoreKind,
    home: tempfile::TempDir,
    /// The database of a team store.
    #[cfg(feature = "postgres")]
    database: Option<crate::support::postgres::Database>,
}

impl Room {
    /// One on this host.
    fn own() -> Self {
        Self {
            kind: &STORES[0],
            home: tempfile::tempdir().unwrap(),
            #[cfg(feature = "postgres")]
            database: None,
        }
    }

    /// One in a team's store, where the server's programs are installed.
    #[cfg(feature = "postgres")]
    fn team() -> Option<Self> {
        let cluster = crate::support::postgres::cluster()?;
        Some(Self {
            kind: STORES.iter().find(|kind| kind.name == "team")?,
            database: Some(cluster.database()),
            ..Self::own()
        })
    }

    #[cfg(not(feature = "postgres"))]
    fn team() -> Option<Self> {
        None
    }

    /// One in each kind of store: what every store must do is tested on all of them.
    fn every() -> impl Iterator<Item = Self> {
        std::iter::once(Self::own()).chain(Self::team())
    }

    /// How it is opened with a key, on a host of this name.
    fn options(&self, key: u8, host: &str) -> SeenOptions {
        SeenOptions {
            seat: host.to_owned(),
            #[cfg(feature = "postgres")]
            team: self
                .database
                .as_ref()
                .map(|database| database.options("ana")),
            ..options(self.home.path(), key)
        }
    }

    fn open(&self) -> Box<dyn Store> {
        (self.kind.open)(&self.options(1, "soc1")).unwrap()
    }
}

/// A leak as it reads.
fn leak(id: u64, remote: Status) -> LeakRead {
    LeakRead {
        mark: marks(1).mark(
            &ProviderId::new("projectdiscovery"),
            Kind::Leak,
            &id.to_le_bytes(),
        ),
        remote,
        status: remote,
        risk: None,
        disputed: false,
        again: false,
        added: None,
        doubtful: false,
        unconfirmed: false,
    }
}

/// A whole reading at a moment.
fn scan(at: i64, leaks: Vec<LeakRead>) -> Scan {
    let leaks = leaks.into_iter().map(|leak| PackedRead::new(&leak, 0));
    let mut leaks: Vec<PackedRead> = leaks.collect();
    PackedRead::sort(&mut leaks);
    Scan {
        account: account("acme"),
        began: at,
        ended: at,
        whole: true,
        answered: true,
        requests: 1,
        total: Some(leaks.len() as u64),
        leaks,
        own: Vec::new(),
        probe: Some(vec![1]),
        since: None,
        gone_after: 10,
        settle: 60,
        storm: 500,
    }
}

fn kinds(events: &[Event]) -> Vec<EventKind> {
    events.iter().map(|event| event.what.kind).collect()
}
