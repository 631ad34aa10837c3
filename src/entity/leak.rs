//! One leaked credential: as a borrowed row ([`LeakRef`]), as an owned thing ([`Leak`]), and as a page of them
//! ([`LeakBatch`]) that the leak table takes in without a tree of strings in between.

use super::{
    breach::Breach,
    claim::{Claim, Noted},
    fingerprint::Fingerprint,
    key::EntityKey,
    status::{Status, StatusSource},
    text::Text,
};
use serde::Serialize;
use std::sync::Arc;
use strum::VariantArray as _;

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

/// How grave the provider says it is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    strum::EnumString,
    strum::Display,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum RiskLevel {
    /// The provider says there is none.
    None,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

/// A provider's risk: level, and its own score where it gives one (its own scale).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Risk {
    /// The level.
    pub level: RiskLevel,
    /// The provider's own number, if any.
    pub score: Option<f64>,
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
pub const FIELDS: usize = <LeakField as strum::EnumCount>::COUNT;

/// A leak row, borrowed from a batch or from the table. Absent members are `None`, empty ones are empty.
#[derive(Clone, Copy, Debug)]
pub struct LeakRef<'a> {
    /// The text members, by [`LeakField`].
    pub fields: [Option<&'a [u8]>; FIELDS],
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

/// One page of leaks: one arena of bytes and fixed-size rows that point into it.
///
/// What repeats from row to row lies in it once, so that whoever takes the page in has to look up each such text once
/// a page instead of once a row: [`LeakBatch::numbered`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeakBatch {
    arena: Vec<u8>,
    texts: Vec<BatchText>,
    rows: Vec<BatchRow>,
    /// Texts that may come again, at the places of their hashes.
    known: Vec<Known>,
}

/// The number of a text and a part of its hash, so that others are passed by without a look at them.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Known {
    tag: u32,
    number: u32,
}

/// Where a text lies, and which member it is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct BatchText {
    start: u32,
    len: u32,
    field: LeakField,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct BatchRow {
    texts: [u32; FIELDS],
    status: Status,
    password: PasswordState,
    risk: Option<Risk>,
    credential: Option<Fingerprint>,
    damaged: bool,
}

const ABSENT: u32 = u32::MAX;

const FREE: Known = Known {
    tag: 0,
    number: ABSENT,
};

/// Places that a text is looked for at. One that is not found there is kept once more: repeats cost room, and nobody
/// can make a page expensive by texts whose hashes collide.
const PROBES: usize = 8;

impl LeakField {
    /// Whether rows of one page tend to have the same text here.
    fn repeats(self) -> bool {
        match self {
            Self::Url
            | Self::Domain
            | Self::Class
            | Self::RemoteStatus
            | Self::FirstSeen
            | Self::Country
            | Self::Ip
            | Self::Os
            | Self::EmailDomain
            | Self::UrlDomain
            | Self::Breach => true,
            Self::Id
            | Self::Login
            | Self::AddedAt
            | Self::Hostname
            | Self::HardwareId
            | Self::MalwarePath => false,
        }
    }
}

impl LeakBatch {
    /// An empty page with room for `rows` rows.
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            arena: Vec::with_capacity(rows * 192),
            texts: Vec::with_capacity(rows * 8),
            rows: Vec::with_capacity(rows),
            known: vec![FREE; (rows * 2).next_power_of_two()],
        }
    }

    /// Adds a row.
    pub fn push(&mut self, leak: &LeakRef<'_>) {
        let mut texts = [ABSENT; FIELDS];
        for (field, (text, value)) in LeakField::VARIANTS
            .iter()
            .zip(texts.iter_mut().zip(&leak.fields))
        {
            if let Some(value) = value {
                *text = self.keep(*field, value);
            }
        }
        self.rows.push(BatchRow {
            texts,
            status: leak.status,
            password: leak.password,
            risk: leak.risk,
            credential: leak.credential,
            damaged: leak.damaged,
        });
    }

    /// The number of a text, which is kept if it is not known to be here.
    #[inline]
    fn keep(&mut self, field: LeakField, value: &[u8]) -> u32 {
        let number = self.texts.len() as u32;
        if field.repeats() && !self.known.is_empty() {
            let hash = hash(field, value);
            let tag = (hash >> 32) as u32;
            let mask = self.known.len() - 1;
            for probe in 0..PROBES {
                let at = (hash as usize + probe) & mask;
                let known = self.known[at];
                if known.number == ABSENT {
                    self.known[at] = Known { tag, number };
                    break;
                }
                if known.tag != tag {
                    continue;
                }
                let text = self.texts[known.number as usize];
                if text.field == field && self.text(text) == value {
                    return known.number;
                }
            }
        }
        self.texts.push(BatchText {
            start: self.arena.len() as u32,
            len: value.len() as u32,
            field,
        });
        self.arena.extend_from_slice(value);
        number
    }

    fn text(&self, text: BatchText) -> &[u8] {
        &self.arena[text.start as usize..text.start as usize + text.len as usize]
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many texts there are: their numbers are below this.
    pub fn texts(&self) -> usize {
        self.texts.len()
    }

    /// The rows, in the provider's order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = LeakRef<'_>> + DoubleEndedIterator + '_ {
        self.rows.iter().map(|row| self.row(row))
    }

    /// The rows with the numbers of their texts, by [`LeakField`]. Where a number comes again it stands for the same
    /// text of the same member; what is absent has a number that no text has.
    pub fn numbered(&self) -> impl ExactSizeIterator<Item = (LeakRef<'_>, &[u32; FIELDS])> + '_ {
        self.rows.iter().map(|row| (self.row(row), &row.texts))
    }

    fn row(&self, row: &BatchRow) -> LeakRef<'_> {
        LeakRef {
            fields: row
                .texts
                .map(|number| self.texts.get(number as usize).map(|text| self.text(*text))),
            status: row.status,
            password: row.password,
            risk: row.risk,
            credential: row.credential,
            damaged: row.damaged,
        }
    }
}

/// A quick hash of a member's text, eight bytes at a time; the last eight may overlap those before.
fn hash(field: LeakField, value: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |sum: u64, word: u64| {
        let product = u128::from(sum ^ word) * u128::from(FACTOR);
        product as u64 ^ (product >> 64) as u64
    };
    let (words, _) = value.as_chunks();
    let sum = words
        .iter()
        .fold(mix(value.len() as u64, !(field as u64)), |sum, word| {
            mix(sum, u64::from_le_bytes(*word))
        });
    mix(mix(sum, last(value)), FACTOR)
}

/// The last bytes of a text: eight of them, or all.
fn last(value: &[u8]) -> u64 {
    let four = |bytes: Option<&[u8; 4]>| bytes.map(|bytes| u64::from(u32::from_le_bytes(*bytes)));
    if let Some(word) = value.last_chunk() {
        u64::from_le_bytes(*word)
    } else if let (Some(first), Some(last)) = (four(value.first_chunk()), four(value.last_chunk()))
    {
        first << 32 | last
    } else {
        value
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte))
    }
}

/// The infected machine that a leak came from; absent members are `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Default)]
pub struct Device {
    /// Host name.
    pub hostname: Option<Text>,
    /// Address.
    pub ip: Option<Text>,
    /// Operating system.
    pub os: Option<Text>,
    /// Hardware id.
    pub hardware_id: Option<Text>,
    /// Where the malware lay.
    pub malware_path: Option<Text>,
}

/// A leak by itself: for the detail, for `show` and for a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Leak {
    /// Identity.
    pub key: EntityKey,
    /// Its provider.
    pub provider: super::key::ProviderId,
    /// The watched domain that it is filed under.
    pub domain: Option<Text>,
    /// The login name.
    pub login: Option<Text>,
    /// Where the login was typed.
    pub url: Option<Text>,
    /// What to act on.
    pub status: Status,
    /// Who keeps that status.
    pub status_source: StatusSource,
    /// The provider's own word.
    pub remote_status: Option<Text>,
    /// The provider says otherwise than the local status.
    pub disputed: bool,
    /// The provider's risk.
    pub risk: Option<Risk>,
    /// The provider's class.
    pub class: Option<Text>,
    /// The provider's date of the leak, as it came.
    pub first_seen: Option<Text>,
    /// When it came into the provider's store, as it came.
    pub added_at: Option<Text>,
    /// The machine's country.
    pub country: Option<Text>,
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
    pub noted: Option<Arc<Noted>>,
    /// Members came in a wrong type or twice.
    pub damaged: bool,
}

impl Leak {
    /// An owned copy of a row.
    pub fn from_row(key: EntityKey, provider: super::key::ProviderId, row: &LeakRef<'_>) -> Self {
        let own = |field| row.get(field).map(Text::from);
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
            noted: None,
            damaged: row.damaged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leak<'a>(texts: &[(LeakField, &'a [u8])]) -> LeakRef<'a> {
        let mut fields = [None; FIELDS];
        for (field, text) in texts {
            fields[*field as usize] = Some(*text);
        }
        LeakRef {
            fields,
            status: Status::Open,
            password: PasswordState::Hidden,
            risk: None,
            credential: None,
            damaged: false,
        }
    }

    #[test]
    fn what_repeats_lies_in_a_page_once_and_reads_back_as_it_was() {
        let rows: Vec<Vec<(LeakField, Vec<u8>)>> = (0..2_000_u32)
            .map(|row| {
                vec![
                    (LeakField::Id, row.to_string().into_bytes()),
                    (LeakField::Os, format!("system {}", row % 7).into_bytes()),
                    (
                        LeakField::Country,
                        format!("system {}", row % 5).into_bytes(),
                    ),
                    (
                        LeakField::Url,
                        format!("https://{row}.example").into_bytes(),
                    ),
                ]
            })
            .collect();
        for room in [0, 1, 100, 2_000] {
            let mut batch = match room {
                0 => LeakBatch::default(),
                room => LeakBatch::with_capacity(room),
            };
            for row in &rows {
                let texts: Vec<_> = row
                    .iter()
                    .map(|(field, text)| (*field, &text[..]))
                    .collect();
                batch.push(&leak(&texts));
            }
            assert_eq!(batch.len(), rows.len());
            for (row, (read, numbers)) in rows.iter().zip(batch.numbered()) {
                for (field, text) in row {
                    assert_eq!(read.get(*field), Some(&text[..]));
                    assert!((numbers[*field as usize] as usize) < batch.texts());
                }
                assert_eq!(read.get(LeakField::Login), None);
                assert!(numbers[LeakField::Login as usize] as usize >= batch.texts());
            }
            if room == 2_000 {
                assert_eq!(batch.texts(), 2_000 + 7 + 5 + 2_000);
            }
        }
    }

    #[test]
    fn one_number_is_one_text_of_one_member() {
        let mut batch = LeakBatch::with_capacity(4);
        let both = [
            (LeakField::Domain, &b"a.example"[..]),
            (LeakField::UrlDomain, b"a.example"),
        ];
        batch.push(&leak(&both));
        batch.push(&leak(&both));
        let numbers: Vec<_> = batch.numbered().map(|(_, numbers)| *numbers).collect();
        assert_eq!(numbers[0], numbers[1]);
        let [domain, url] =
            [LeakField::Domain, LeakField::UrlDomain].map(|field| numbers[0][field as usize]);
        assert_ne!(domain, url);
    }
}
