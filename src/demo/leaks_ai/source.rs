//! Where a row's leak comes from: the shared people and machines, and what this system adds to them.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::super::SystemName;
use super::super::leak::{Class, Leak};
use super::super::population::{LeakSplit, SharedPopulation};
use super::super::word_lists::MONITORED_DOMAINS;
use super::ids::{Id, Ids};
use super::stamp::Stamp;
use super::{Level, State};

/// A domain that is no longer watched; what its company's oldest leaks were filed under once.
const ARCHIVED_DOMAIN: &str = "northlake.example.net";

/// Monitored domains, the archived one last.
pub(super) const DOMAIN_COUNT: usize = MONITORED_DOMAINS.len() + 1;

/// Addresses without a name, and their ports.
const PORTS: [u16; 4] = [8_443, 8_080, 3_000, 2_083];

/// Apps for telephones.
const APPS: [&str; 4] = [
    "com.example.northlake.mobile",
    "com.example.brightfield.shop",
    "org.example.harborbank.pay",
    "net.example.quillworks.reader",
];

/// The rows.
#[derive(Clone, Debug)]
pub(super) struct Source {
    population: SharedPopulation,
    pub(super) ids: Ids,
    today: String,
}

impl Source {
    pub(super) fn new(seed: u64, shares: LeakSplit, today: Date, hostile: bool) -> Self {
        Self {
            population: SharedPopulation::new(SystemName::LeaksAi, seed, shares, today, hostile),
            ids: Ids::new(seed),
            today: today.to_string(),
        }
    }

    /// Rows at the start.
    pub(super) fn rows(&self) -> u32 {
        self.population.rows()
    }

    /// A number that depends on the row and `salt` alone.
    pub(super) fn hash_u64(&self, row: u32, salt: u64) -> u64 {
        self.population.hash_u64(row, salt)
    }

    /// Computes a row. What is shared with ProjectDiscovery stays as it is there; of the others some were used at an
    /// address without a name or in an app, and some logins are no mail addresses.
    pub(super) fn fill(&self, row: u32, leak: &mut Leak) {
        self.population.fill(row, leak);
        if self.population.shared_with(row).is_some() {
            return;
        }
        let lot = self.hash_u64(row, 10);
        match lot % 15 {
            0 => {
                let port = PORTS[(lot >> 8) as usize % PORTS.len()];
                leak.url.clear();
                let _ = write!(
                    leak.url,
                    "http://198.51.100.{}:{port}/login",
                    (lot >> 16 & 7) + 1
                );
            }
            1 => {
                let app = APPS[(lot >> 8) as usize % APPS.len()];
                leak.url.clear();
                let _ = write!(leak.url, "android://{:012x}@{app}/", lot >> 16);
            }
            _ => {}
        }
        if matches!(leak.class, Class::Vendor | Class::Customer)
            && self.hash_u64(row, 11).is_multiple_of(10)
            && let Some(at) = leak.username.find('@')
        {
            leak.username.truncate(at);
        }
    }

    /// The risk, from 0 to 10.
    pub(super) fn risk(&self, row: u32, leak: &Leak) -> u8 {
        let (least, span) = match leak.class {
            Class::Organization => (4, 7),
            Class::Vendor => (2, 6),
            Class::Customer => (0, 6),
            Class::Personal => (0, 3),
        };
        least + (self.hash_u64(row, 12) % span) as u8
    }

    /// Whether the password is shown.
    pub(super) fn is_clear(&self, row: u32) -> bool {
        self.hash_u64(row, 13) % 100 < 60
    }

    /// The triage state at the start; what comes in later is new.
    pub(super) fn state(&self, row: u32) -> State {
        if row >= self.rows() {
            return State::New;
        }
        State::from_hash(self.hash_u64(row, 14))
    }

    /// When the provider took it in; what is put in later comes last.
    pub(super) fn added(&self, row: u32, leak: &Leak) -> Stamp {
        if row >= self.rows() {
            return Stamp::from_day(&self.today, 86_399, row % 1_000);
        }
        // The last second of a day is left to what is put in later.
        let time = Stamp::from_time(&leak.fetched_at, (self.hash_u64(row, 15) % 1_000) as u32);
        time.min(Stamp::from_day(&self.today, 86_398, 999))
    }

    /// The day of the log, where it is told.
    pub(super) fn first_seen(&self, row: u32, leak: &Leak) -> Option<Stamp> {
        let told = !self.hash_u64(row, 16).is_multiple_of(15);
        told.then(|| Stamp::from_day(&leak.log_date, 0, 0))
    }

    /// The monitored domains that a leak is filed under, a bit for each.
    pub(super) fn domains(&self, row: u32, leak: &Leak) -> u16 {
        let place = MONITORED_DOMAINS
            .iter()
            .position(|watched| watched.name == leak.domain);
        // Whose domain is not watched is filed under the largest.
        let place = place.unwrap_or_default();
        let archived = place == 0 && row < self.rows() / 3;
        1 << place | u16::from(archived) << MONITORED_DOMAINS.len()
    }

    /// A monitored domain: its id, its name, and whether it is archived.
    pub(super) fn domain(&self, place: usize) -> (Id, &'static str, bool) {
        let name = MONITORED_DOMAINS
            .get(place)
            .map_or(ARCHIVED_DOMAIN, |watched| watched.name);
        (
            self.ids.id_by_name(4, name),
            name,
            place >= MONITORED_DOMAINS.len(),
        )
    }
}

/// The level of a risk. The scale is our own: the vendor's is not published, but 5 is medium there.
pub(super) fn level(risk: u8) -> Level {
    match risk {
        0 => Level::None,
        1..=3 => Level::Low,
        4..=6 => Level::Medium,
        _ => Level::High,
    }
}
