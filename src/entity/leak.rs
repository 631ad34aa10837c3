//! One leaked credential: as a borrowed row ([`LeakRef`]), as an owned thing ([`Leak`]), and as a page of them
//! ([`LeakBatch`]) that the leak table takes in without a tree of strings in between.

mod batch;

pub use super::risk::{Risk, RiskLevel};
pub use batch::{BatchPart, BatchRow, LeakBatch};

use super::{
    breach::Breach,
    claim::{Claim, LastNote},
    files::Origin,
    fingerprint::Fingerprint,
    key::{EntityKey, JobId},
    raw_text::RawText,
    role::Role,
    status::{Status, StatusSource},
};
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// What is known of the secret itself; the secret never stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum PasswordState {
    /// The provider has it; a reveal asks for it.
    Hidden = 0,
    /// The provider has it and will not show it.
    MaskedByProvider = 1,
    /// It is there and has no characters.
    Empty = 2,
    /// The provider sent none.
    None = 3,
}

impl PasswordState {
    /// From its number in a packed column.
    pub fn from_u8(number: u8) -> Self {
        match number {
            0 => Self::Hidden,
            1 => Self::MaskedByProvider,
            2 => Self::Empty,
            _ => Self::None,
        }
    }
}

/// The text members of a leak row, in the order of a batch's columns.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumIter, strum::EnumCount, strum::VariantArray,
)]
#[repr(u8)]
pub enum LeakField {
    /// The provider's id.
    Id,
    /// The login name, often an e-mail address.
    Login,
    /// Where the login was typed.
    Url,
    /// The watched domain that the leak is filed under.
    Domain,
    /// The provider's class: employee, customer, personal, ….
    Class,
    /// The provider's own status word.
    RemoteStatus,
    /// The provider's date of the leak, as it came: a date or a time.
    FirstSeen,
    /// When it came into the provider's store, as it came.
    AddedAt,
    /// The machine's country.
    Country,
    /// The machine's host name.
    Hostname,
    /// The machine's address.
    Ip,
    /// The machine's operating system.
    Os,
    /// The machine's hardware id.
    HardwareId,
    /// Where the malware lay.
    MalwarePath,
    /// The domain of the login's address.
    EmailDomain,
    /// The domain of the URL.
    UrlDomain,
    /// The name of the breach that it is from.
    Breach,
}

/// How many text members a leak row has.
pub const FIELD_COUNT: usize = <LeakField as strum::EnumCount>::COUNT;

/// A leak row, borrowed from a batch or from the table. Absent members are `None`, empty ones are empty.
#[derive(Clone, Copy, Debug)]
pub struct LeakRef<'a> {
    /// The text members, by [`LeakField`].
    pub fields: [Option<&'a [u8]>; FIELD_COUNT],
    /// What to act on.
    pub status: Status,
    /// What is known of the secret.
    pub password: PasswordState,
    /// The provider's risk, where it has one.
    pub risk: Option<Risk>,
    /// What stands for login and secret, where the secret came in clear.
    pub credential: Option<Fingerprint>,
    /// Members came in a wrong type or twice; what could be read is here.
    pub damaged: bool,
}

impl<'a> LeakRef<'a> {
    /// A text member, if the provider sent one.
    pub fn get(&self, field: LeakField) -> Option<&'a [u8]> {
        self.fields[field as usize]
    }

    /// A text member, empty where the provider sent none.
    pub fn text(&self, field: LeakField) -> &'a [u8] {
        self.get(field).unwrap_or_default()
    }
}

/// The infected machine that a leak came from; absent members are `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Default)]
pub struct Device {
    /// Host name.
    pub hostname: Option<RawText>,
    /// Address.
    pub ip: Option<RawText>,
    /// Operating system.
    pub os: Option<RawText>,
    /// Hardware id.
    pub hardware_id: Option<RawText>,
    /// Where the malware lay.
    pub malware_path: Option<RawText>,
}

/// Who set a status that a team keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StatusBy {
    /// Login at the store of the team.
    pub role: Role,
    /// When.
    pub at: Timestamp,
    /// With which job; `None` where it came in from a file.
    pub job: Option<JobId>,
}

/// A leak by itself: for the detail, for `show` and for a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Leak {
    /// Identity.
    pub key: EntityKey,
    /// Its provider.
    pub provider: super::key::ProviderId,
    /// The watched domain that it is filed under.
    pub domain: Option<RawText>,
    /// The login name.
    pub login: Option<RawText>,
    /// Where the login was typed.
    pub url: Option<RawText>,
    /// What to act on.
    pub status: Status,
    /// Who keeps that status.
    pub status_source: StatusSource,
    /// Which login of a team set a status that is kept for the team; `None` for any other.
    pub status_by: Option<StatusBy>,
    /// The provider's own word.
    pub remote_status: Option<RawText>,
    /// The provider says otherwise than the local status.
    pub disputed: bool,
    /// The provider's risk.
    pub risk: Option<Risk>,
    /// The provider's class.
    pub class: Option<RawText>,
    /// The provider's date of the leak, as it came.
    pub first_seen: Option<RawText>,
    /// When it came into the provider's store, as it came.
    pub added_at: Option<RawText>,
    /// The machine's country.
    pub country: Option<RawText>,
    /// The machine, where anything is known of it.
    pub device: Option<Device>,
    /// What is known of the secret.
    pub password: PasswordState,
    /// How many sources report it.
    pub sources: u32,
    /// Keys of its connections; only filled for `show`.
    pub connections: Option<Vec<EntityKey>>,
    /// The breach that it is from.
    pub breach: Option<Breach>,
    /// Whose data it is, where that must be said.
    pub attribution: Option<String>,
    /// Who has taken it on.
    pub claim: Option<Claim>,
    /// The last words that were left with it.
    pub last_note: Option<Arc<LastNote>>,
    /// When it was found here, where that was not at the first whole reading.
    pub found: Option<RawText>,
    /// What is told of it, in the words of `is:`; empty where nothing is.
    pub news: Vec<&'static str>,
    /// The place in a file that it was read from; only filled for `show`.
    pub origin: Option<Box<Origin>>,
    /// Members came in a wrong type or twice.
    pub damaged: bool,
}

impl Leak {
    /// An owned copy of a row.
    pub fn from_row(key: EntityKey, provider: super::key::ProviderId, row: &LeakRef<'_>) -> Self {
        let own = |field| row.get(field).map(RawText::from);
        let device = Device {
            hostname: own(LeakField::Hostname),
            ip: own(LeakField::Ip),
            os: own(LeakField::Os),
            hardware_id: own(LeakField::HardwareId),
            malware_path: own(LeakField::MalwarePath),
        };
        Self {
            key,
            provider,
            domain: own(LeakField::Domain),
            login: own(LeakField::Login),
            url: own(LeakField::Url),
            status: row.status,
            status_source: StatusSource::Remote,
            status_by: None,
            remote_status: own(LeakField::RemoteStatus),
            disputed: false,
            risk: row.risk,
            class: own(LeakField::Class),
            first_seen: own(LeakField::FirstSeen),
            added_at: own(LeakField::AddedAt),
            country: own(LeakField::Country),
            device: (device != Device::default()).then_some(device),
            password: row.password,
            sources: 1,
            connections: None,
            breach: own(LeakField::Breach).map(|name| Breach {
                name,
                ..Breach::default()
            }),
            attribution: None,
            claim: None,
            last_note: None,
            found: None,
            news: Vec::new(),
            origin: None,
            damaged: row.damaged,
        }
    }
}
