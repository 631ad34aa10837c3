//! What an installation remembers of leaks: a mark for each, how it stood when it was last read, and the events that
//! readings found. Nothing here can be turned back into an id, a login or a URL.

use super::{
    fingerprint::FingerprintKey,
    key::{Kind, ProfileName, ProviderId},
    leak::RiskLevel,
    status::Status,
};
use std::fmt;
use zeroize::Zeroize;

mod packed;
pub use packed::PackedRead;

/// The key that marks are made with. It is derived from the installation's key for this use alone; its bytes are zeroed
/// on drop.
#[derive(Clone)]
pub struct MarkKey([u8; 32]);

impl MarkKey {
    /// The key of an installation's marks.
    pub fn of(installation: &FingerprintKey) -> Self {
        Self(installation.derived("stanch marks of leaks seen, v1"))
    }

    /// Returns the mark of a thing at a provider. Each part goes in with its length.
    pub fn mark(&self, provider: &ProviderId, kind: Kind, id: &[u8]) -> Mark {
        let kind = kind.to_string();
        Mark(self.hash(&[provider.as_str().as_bytes(), kind.as_bytes(), id]))
    }

    /// Returns what tells this key from another one.
    pub fn check(&self) -> u64 {
        self.hash(&[b"key check"])
    }

    /// Returns what tells one secret from another within this installation.
    pub fn secret(&self, secret: &[u8]) -> u64 {
        self.hash(&[b"secret", secret])
    }

    /// Returns the id of an event: the same through every repetition, another one in every installation.
    pub fn event(&self, epoch: &[u8], seq: u64) -> EventId {
        EventId(self.hash(&[b"event", epoch, &seq.to_le_bytes()]))
    }

    /// Returns the id of a message, as 32 hexadecimal digits, of parts that name it.
    pub fn message(&self, parts: &[&[u8]]) -> String {
        let one = self.hash(&[&[b"message 1".as_slice()], parts].concat());
        let two = self.hash(&[&[b"message 2".as_slice()], parts].concat());
        format!("{one:016x}{two:016x}")
    }

    fn hash(&self, parts: &[&[u8]]) -> u64 {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        u64::from_le_bytes(bytes)
    }
}

impl Drop for MarkKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for MarkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MarkKey")
    }
}

/// What stands for one leak: 64 bits of a keyed hash of its provider and id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(pub u64);

impl Mark {
    /// The last one.
    pub const MAX: Self = Self(u64::MAX);
}

/// The id of an event, for people and programs that must recognise a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u64);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// An account as the memory knows it. Its address is no part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// The profile's name.
    pub profile: ProfileName,
    /// Its provider.
    pub provider: ProviderId,
    /// The team, empty if none.
    pub team: String,
}

impl From<&super::profile::ProfileBinding> for Account {
    fn from(binding: &super::profile::ProfileBinding) -> Self {
        Self {
            profile: binding.name.clone(),
            provider: binding.provider.clone(),
            team: binding.team.clone(),
        }
    }
}

/// How a leak stood when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a bit of what is stored"
)]
pub struct SeenState {
    /// The provider's status.
    pub remote: Status,
    /// The status to act on.
    pub status: Status,
    /// The provider's risk.
    pub risk: Option<RiskLevel>,
    /// A status kept here that the provider contradicts.
    pub disputed: bool,
    /// It was there in the first whole reading.
    pub baseline: bool,
    /// It was read before there was a whole reading.
    pub tentative: bool,
    /// It is not listed any more.
    pub gone: bool,
    /// The last whole reading did not have it.
    pub missed: bool,
}

const DISPUTED: u32 = 1 << 9;
const BASELINE: u32 = 1 << 10;
const TENTATIVE: u32 = 1 << 11;
const GONE: u32 = 1 << 12;
const MISSED: u32 = 1 << 13;

impl SeenState {
    /// The bits of a number that say that a leak is of the first whole reading, or was read before it.
    pub const OF_FIRST_READINGS: u32 = BASELINE | TENTATIVE;

    /// As a number for a store.
    pub fn pack(self) -> u32 {
        let flag = |is: bool, bit: u32| if is { bit } else { 0 };
        let risk = self.risk.map_or(0, |risk| risk as u32 + 1);
        self.remote as u32
            | (self.status as u32) << 3
            | risk << 6
            | flag(self.disputed, DISPUTED)
            | flag(self.baseline, BASELINE)
            | flag(self.tentative, TENTATIVE)
            | flag(self.gone, GONE)
            | flag(self.missed, MISSED)
    }

    /// From the number in a store.
    pub fn unpack(number: u32) -> Self {
        let three = |at: u32| (number >> at & 0b111) as u8;
        Self {
            remote: Status::from_u8(three(0)),
            status: Status::from_u8(three(3)),
            risk: match three(6) {
                1 => Some(RiskLevel::None),
                2 => Some(RiskLevel::Low),
                3 => Some(RiskLevel::Medium),
                4 => Some(RiskLevel::High),
                _ => None,
            },
            disputed: number & DISPUTED != 0,
            baseline: number & BASELINE != 0,
            tentative: number & TENTATIVE != 0,
            gone: number & GONE != 0,
            missed: number & MISSED != 0,
        }
    }

    /// Whether it is listed and needs work.
    pub fn is_open(self) -> bool {
        !self.gone && self.status.is_unresolved()
    }
}

/// What the memory holds of one leak. Times are in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenLeak {
    /// Its mark.
    pub mark: Mark,
    /// The reading that had it first.
    pub found: i64,
    /// The last whole reading that did not have it.
    pub before: Option<i64>,
    /// How it stood last.
    pub state: SeenState,
    /// When that began.
    pub since: i64,
}

/// What a difference between two readings is, in the order in which they are told.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::Display,
    strum::EnumString,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
#[repr(u8)]
pub enum EventKind {
    /// Fixed before, unresolved now, and not by us.
    Regressed = 1,
    /// The provider has come to contradict a status kept here.
    Disputed = 2,
    /// New, with login and password of a leak that reads as fixed.
    Again = 3,
    /// Not seen before.
    New = 4,
    /// It came into a watch's filter because its status or risk changed.
    Entered = 5,
    /// Status or risk changed otherwise.
    Changed = 6,
    /// It was gone and is listed again.
    Back = 7,
    /// It is not listed any more.
    Gone = 8,
    /// We changed it. Never told; a report counts it.
    Own = 9,
    /// An account was read whole for the first time.
    Baseline = 10,
    /// An account cannot be read.
    Blind = 11,
    /// It can be read again.
    Sighted = 12,
    /// What was remembered was lost.
    Reset = 13,
}

impl EventKind {
    /// The kinds that a watch tells where nothing else is said.
    pub const TOLD: &'static [Self] = &[
        Self::Regressed,
        Self::Disputed,
        Self::Again,
        Self::New,
        Self::Entered,
    ];

    /// From the number in a store.
    pub fn from_number(number: u8) -> Option<Self> {
        <Self as strum::IntoEnumIterator>::iter().find(|kind| *kind as u8 == number)
    }

    /// Whether it is of one leak.
    pub fn is_of_leak(self) -> bool {
        self < Self::Baseline
    }

    /// Whether it is of the account and told whatever kinds were asked for.
    pub fn is_operational(self) -> bool {
        self >= Self::Baseline
    }

    /// Its word in our own output.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// An event as a store keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// The leak; nothing for an event of the account.
    pub mark: Mark,
    /// What it is.
    pub kind: EventKind,
    /// How the leak stood before; of a new one, as it is now.
    pub before: SeenState,
    /// How it stands now.
    pub after: SeenState,
    /// When we learnt of it.
    pub at: i64,
    /// It was added before the first whole reading.
    pub older: bool,
    /// A second reading agreed, or none was needed.
    pub confirmed: bool,
    /// One of very many.
    pub storm: bool,
    /// A number that belongs to it: the leaks of a baseline, the seconds of blindness, the number of our own change.
    pub count: u64,
}

/// An event with its place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its position; cursors hold one.
    pub seq: u64,
    /// Its id.
    pub id: EventId,
    /// The account; none where it is of the memory itself.
    pub account: Option<Account>,
    /// What it says.
    pub what: NewEvent,
}

/// A state of which nothing is known.
pub const UNKNOWN: SeenState = SeenState {
    remote: Status::Unknown,
    status: Status::Unknown,
    risk: None,
    disputed: false,
    baseline: false,
    tentative: false,
    gone: false,
    missed: false,
};

/// What a few requests tell of an account: equal answers mean that nothing has come or changed in number.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Probe {
    /// The numbers, in the provider's own order.
    pub counts: Vec<u64>,
    /// The marks of the newest rows, where the provider lists by date of arrival.
    pub newest: Vec<Mark>,
    /// The requests that it took.
    pub requests: u32,
}

impl Probe {
    /// As bytes for a store; the number of requests is left out.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = (self.counts.len() as u64).to_le_bytes().to_vec();
        for number in self
            .counts
            .iter()
            .copied()
            .chain(self.newest.iter().map(|mark| mark.0))
        {
            bytes.extend(number.to_le_bytes());
        }
        bytes
    }
}

/// How one leak reads in a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own of one row"
)]
pub struct LeakRead {
    /// Its mark.
    pub mark: Mark,
    /// The provider's status.
    pub remote: Status,
    /// The status to act on.
    pub status: Status,
    /// The provider's risk.
    pub risk: Option<RiskLevel>,
    /// A status kept here that the provider contradicts.
    pub disputed: bool,
    /// Its login and password are those of a leak that reads as fixed.
    pub again: bool,
    /// When it was added at the provider, else its date; seconds since 1970.
    pub added: Option<i64>,
    /// It is there, and how it reads is no evidence: a change of ours is not settled, or a second reading disagreed.
    pub doubtful: bool,
    /// A second reading was not made.
    pub unconfirmed: bool,
}

/// The last change that we made to a leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnChange {
    /// The leak.
    pub mark: Mark,
    /// The status to act on since.
    pub status: Status,
    /// What the provider stores since; nothing where the status is kept here alone.
    pub remote: Option<Status>,
    /// When the journal committed that it is settled; seconds since 1970.
    pub at: i64,
    /// What tells the job that made it from every other one. The memory keeps it with the event of the change, so that
    /// each change counts once, however many share its second.
    pub number: u64,
}

impl OwnChange {
    /// Whether a reading that began at a moment may not show the change yet. `settle` is how long the provider may
    /// take, in seconds. Moments are whole seconds, so a reading of the last second is not late enough.
    pub fn may_be_unseen(&self, began: i64, settle: i64) -> bool {
        self.at.saturating_add(settle) >= began
    }

    /// How a leak stands that stood otherwise before the change.
    #[must_use]
    pub fn applied_to(&self, state: SeenState) -> SeenState {
        SeenState {
            remote: self.remote.unwrap_or(state.remote),
            status: self.status,
            ..state
        }
    }
}

/// One reading of one account.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// Whose.
    pub account: Account,
    /// When it began, seconds since 1970.
    pub began: i64,
    /// When it ended.
    pub ended: i64,
    /// Everything was read: what is not there is absent.
    pub whole: bool,
    /// Every page was answered.
    pub answered: bool,
    /// The requests that it took.
    pub requests: u64,
    /// What the provider says there is.
    pub total: Option<u64>,
    /// The leaks, sorted by mark, each once.
    pub leaks: Vec<PackedRead>,
    /// Our own changes, sorted by mark, each leak once.
    pub own: Vec<OwnChange>,
    /// The probe from before it, as bytes.
    pub probe: Option<Vec<u8>>,
    /// Leaks of a first reading that were added since then are told all the same.
    pub since: Option<i64>,
    /// So long after a first miss a second one makes a leak gone, in seconds.
    pub gone_after: i64,
    /// So long a change of ours may take to be seen, in seconds.
    pub settle: i64,
    /// More events than this are a storm.
    pub storm: usize,
}

/// What is remembered of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountState {
    /// Which.
    pub account: Account,
    /// When its first whole reading ended; none where there was none.
    pub baseline_at: Option<i64>,
    /// How many leaks that had.
    pub baseline_leaks: u64,
    /// The probe from before the last whole scan.
    pub probe: Option<Vec<u8>>,
    /// When the last scan that was judged began.
    pub last_scan: Option<i64>,
    /// When it was last known whole: the end of a whole scan, or a quiet probe.
    pub last_whole: Option<i64>,
    /// Failed rounds in a row.
    pub failures: u32,
    /// Since when it cannot be read, where that was told.
    pub blind_since: Option<i64>,
}
