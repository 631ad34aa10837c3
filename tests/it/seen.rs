//! What was seen: what every store must do, what a reading means, and what is on disk.

#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

mod conformance;
mod judging;

use stanch::{
    entity::{
        fingerprint::FingerprintKey,
        key::{Kind, ProfileName, ProviderId},
        leak::RiskLevel,
        seen::{Account, Event, EventKind, LeakRead, Mark, MarkKey, OwnChange, Scan},
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
    }
}

fn open(kind: &StoreKind, directory: &Path) -> Box<dyn Store> {
    (kind.open)(&options(directory, 1)).unwrap()
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
fn scan(at: i64, mut leaks: Vec<LeakRead>) -> Scan {
    leaks.sort_by_key(|leak| leak.mark);
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
