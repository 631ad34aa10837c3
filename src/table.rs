//! The leak table: what makes a million rows feel like a hundred.
//!
//! Rows are columns of numbers ([`columns`]); every text is interned ([`strings`]), in lower case too, so that a
//! search runs over distinct values and a filter is a test of numbers; machines are interned whole. A row keeps its
//! [`Handle`] for the session, one to one with its key. A view is an order of handles, marks are a bitmap over them.
//! Beside the rows it keeps what they alone do not tell: local statuses ([`local`]), claims and last words ([`kept`]),
//! what breaches are ([`breach`]), and the users and connections that providers list themselves ([`native`]).

mod aggregate;
mod beginning;
mod breach;
mod columns;
mod credential;
mod dates;
mod facets;
mod group;
mod growth;
mod hash;
mod index;
mod ingest;
mod kept;
mod keys;
mod local;
mod marks;
mod native;
mod numbers;
mod own;
mod ranked;
mod resource;
mod select;
mod sort;
mod strings;
mod tally;
mod uuid;

pub use facets::{FACET_VALUES, Facets};
pub use group::{GroupId, GroupKind};
pub use ingest::Ingested;
pub use marks::Marks;
pub use native::{NATIVE_KINDS, Native};
pub use select::Selection;
pub use sort::{
    GroupMerging, GroupSort, GroupSortField, GroupSorting, RowsOfKind, SortField, SortKey, Sorting,
    sort_groups,
};
pub use tally::{Gathering, GroupRow};

use crate::entity::{
    fingerprint::Fingerprint,
    key::{EntityKey, Kind, ProfileName, ProviderId, RemoteId},
    leak::{FIELDS, Leak, LeakField, LeakRef, StatusBy},
    placeholder::is_country,
    status::Status,
    text::Text,
};
use breach::Breaches;
use columns::Columns;
use credential::Credentials;
use dates::Dates;
use group::Groups;
use kept::Kept;
use local::Locals;
use native::Natives;
use std::borrow::Cow;
use strings::Strings;
use strum::IntoEnumIterator;

/// A row's number, the same for the whole session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Handle(pub u32);

/// A profile's number in the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Slot(pub u16);

/// The leaks of the session.
///
/// A handle, slot or group that another table gave out is a mistake of the caller's; where it is out of range the
/// table panics, as a slice does.
#[derive(Clone, Debug)]
pub struct Table {
    profiles: Vec<(ProfileName, ProviderId)>,
    /// By profile, the number of its latest pass.
    passes: Vec<u32>,
    /// By profile, the number of its provider.
    providers: Vec<u8>,
    generation: u64,
    /// The same of what providers list themselves.
    listed: u64,
    gone: usize,
    columns: Columns,
    urls: Strings,
    logins: Strings,
    domains: Strings,
    machine_texts: Strings,
    hostnames: Strings,
    countries: Strings,
    classes: Strings,
    /// Status words.
    words: Strings,
    /// Hosts of URLs, the two derived domains, and ids of machines that providers list.
    names: Strings,
    dates: Dates,
    groups: Groups,
    credentials: Credentials,
    breaches: Breaches,
    locals: Locals,
    kept: Kept,
    natives: Natives,
}

/// Tables are equal when they have the same profiles and went through as many changes: a snapshot equals its source
/// until that changes. Not meant for tables that were filled apart.
impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.generation() == other.generation()
            && self.profiles == other.profiles
            && self.rows() == other.rows()
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl Table {
    /// An empty table.
    pub fn new() -> Table {
        Table {
            profiles: Vec::new(),
            passes: Vec::new(),
            providers: Vec::new(),
            generation: 0,
            listed: 0,
            gone: 0,
            columns: Columns::default(),
            urls: Strings::default().with_hosts(),
            logins: Strings::default().with_hosts(),
            domains: Strings::default().with_hosts(),
            machine_texts: Strings::as_they_came().with_hosts(),
            hostnames: Strings::default().with_hosts(),
            countries: Strings::default().told_by(is_country),
            classes: Strings::as_they_came(),
            words: Strings::as_they_came(),
            names: Strings::as_they_came(),
            dates: Dates::default(),
            groups: Groups::default(),
            credentials: Credentials::default(),
            breaches: Breaches::default(),
            locals: Locals::default(),
            kept: Kept::default(),
            natives: Natives::new(),
        }
    }

    /// Adds a profile; a known one keeps its slot.
    pub fn add_profile(&mut self, name: ProfileName, provider: ProviderId) -> Slot {
        if let Some(at) = self.profiles.iter().position(|(known, _)| *known == name) {
            return Slot(at as u16);
        }
        let known = self.profiles.iter().position(|(_, id)| *id == provider);
        let number = known.map_or_else(
            || self.providers.iter().max().map_or(0, |most| most + 1),
            |at| self.providers[at],
        );
        self.providers.push(number);
        self.profiles.push((name, provider));
        self.passes.push(0);
        Slot((self.profiles.len() - 1) as u16)
    }

    /// The profiles, by slot.
    pub fn profiles(&self) -> &[(ProfileName, ProviderId)] {
        &self.profiles
    }

    /// A number that changes with every change of the content.
    pub fn generation(&self) -> u64 {
        self.generation + self.listed
    }

    /// A number that changes with every change of the leaks: what is made of them alone holds as long as it.
    pub fn leaks_generation(&self) -> u64 {
        self.generation
    }

    /// Rows that are not gone.
    pub fn len(&self) -> usize {
        self.rows() - self.gone
    }

    /// Whether there is no row that is not gone.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Handles given out: from 0 up to this, gone rows among them.
    pub fn rows(&self) -> usize {
        self.columns.len()
    }

    /// The row of a leak's key.
    pub fn find(&self, key: &EntityKey) -> Option<Handle> {
        (key.kind == Kind::Leak)
            .then(|| self.slot_of(&key.profile))
            .flatten()
            .and_then(|slot| self.find_id(slot, key.id.as_bytes()))
    }

    /// The row of a key. The letters of an id in hexadecimal digits, a hash or a UUID, may have another case.
    pub fn find_in_any_case(&self, key: &EntityKey) -> Option<Handle> {
        let hexadecimal = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
        self.find(key).or_else(|| {
            let id = key.id.as_bytes();
            let spellings = id
                .iter()
                .all(hexadecimal)
                .then(|| [id.to_ascii_lowercase(), id.to_ascii_uppercase()])?;
            spellings
                .into_iter()
                .find_map(|id| self.find(&EntityKey::leak(key.profile.clone(), id[..].into())))
        })
    }

    /// The row of a provider's id at a profile, byte for byte.
    pub fn find_id(&self, slot: Slot, id: &[u8]) -> Option<Handle> {
        self.columns.find(slot, id)
    }

    fn slot_of(&self, profile: &ProfileName) -> Option<Slot> {
        self.profiles
            .iter()
            .position(|(name, _)| name == profile)
            .map(|at| Slot(at as u16))
    }

    /// The key of a row.
    pub fn key(&self, row: Handle) -> EntityKey {
        let id = RemoteId::from(&*self.columns.id(row));
        EntityKey::leak(self.profile_of(row).0.clone(), id)
    }

    /// The profile of a row.
    pub fn slot(&self, row: Handle) -> Slot {
        self.columns.slot(row)
    }

    fn profile_of(&self, row: Handle) -> &(ProfileName, ProviderId) {
        &self.profiles[self.slot(row).0 as usize]
    }

    /// A row, borrowed. Its id is absent here, and so are dates that are plain times, for what is packed has no text to
    /// borrow: see [`Table::key`] and [`Table::text`].
    pub fn row(&self, row: Handle) -> LeakRef<'_> {
        let mut fields = [None; FIELDS];
        for field in LeakField::iter() {
            fields[field as usize] = self.field(row, field);
        }
        LeakRef {
            fields,
            credential: self.credential(row),
            status: self.status(row),
            password: self.columns.password(row),
            risk: self.columns.risk(row),
            damaged: self.columns.is_damaged(row),
        }
    }

    /// An owned copy of a row.
    pub fn leak(&self, row: Handle) -> Leak {
        let provider = self.profile_of(row).1.clone();
        let mut leak = Leak::from_row(self.key(row), provider, &self.row(row));
        let date = |number| self.dates.text(number).map(|text| Text::from(&*text));
        leak.first_seen = date(self.columns.seen(row));
        leak.added_at = date(self.columns.added(row));
        leak.status_source = self.status_source(row);
        leak.status_by = self.local(row).and_then(|local| {
            Some(StatusBy {
                role: local.by?,
                at: local.set_at,
                job: local.job,
            })
        });
        leak.disputed = self.is_disputed(row);
        leak.claim = self.claim(row).cloned();
        leak.noted = self.noted(row).cloned();
        if leak.breach.is_some() {
            leak.breach = self.breach_of(row);
            leak.attribution = self.attribution(self.slot(row)).map(str::to_owned);
        }
        leak
    }

    /// What stands for login and secret of a row, where the secret came in clear.
    pub fn credential(&self, row: Handle) -> Option<Fingerprint> {
        self.credentials.get(self.columns.credential(row))
    }

    /// Records what the provider says of a row now: a status, and its word for it. A local status stays over it.
    pub fn set_status(&mut self, row: Handle, status: Status, word: &[u8]) {
        let word = self.words.intern(word);
        let changed = self.columns.set_status(row, status, word);
        let laid = self.has_locals(self.slot(row)) && self.overlay(row);
        self.generation += u64::from(changed || laid);
    }

    /// The same of many rows at once.
    pub fn set_statuses<'a>(
        &mut self,
        outcomes: impl IntoIterator<Item = (Handle, Status, &'a [u8])>,
    ) {
        let mut changed = false;
        // Most have the word of the one before.
        let mut last: Option<(&[u8], u32)> = None;
        let kept: Vec<bool> = (0..self.profiles.len())
            .map(|slot| self.has_locals(Slot(slot as u16)))
            .collect();
        for (row, status, word) in outcomes {
            let number = match last {
                Some((known, number)) if known == word => number,
                _ => self.words.intern(word),
            };
            last = Some((word, number));
            changed |= self.columns.set_status(row, status, number);
            if kept[self.slot(row).0 as usize] {
                changed |= self.overlay(row);
            }
        }
        self.generation += u64::from(changed);
    }

    /// Whether a complete pass over its profile did not bring it any more.
    pub fn is_gone(&self, row: Handle) -> bool {
        self.columns.is_gone(row)
    }

    /// A text member as it came; empty where the provider sent none.
    pub fn text(&self, row: Handle, field: LeakField) -> Cow<'_, [u8]> {
        match field {
            LeakField::Id => self.columns.id(row),
            LeakField::FirstSeen => self.dates.text(self.columns.seen(row)).unwrap_or_default(),
            LeakField::AddedAt => self.dates.text(self.columns.added(row)).unwrap_or_default(),
            field => Cow::Borrowed(self.field(row, field).unwrap_or_default()),
        }
    }

    fn field(&self, row: Handle, field: LeakField) -> Option<&[u8]> {
        let columns = &self.columns;
        let machine = || self.groups.machine(columns.machine(row));
        match field {
            LeakField::Id => None,
            LeakField::Breach => self.breaches.names.get(columns.breach(row)),
            LeakField::Login => self.logins.get(columns.login(row)),
            LeakField::Url => self.urls.get(columns.url(row)),
            LeakField::Domain => self.domains.get(columns.domain(row)),
            LeakField::Class => self.classes.get(columns.class(row)),
            LeakField::RemoteStatus => self.words.get(columns.word(row)),
            LeakField::EmailDomain => self.names.get(columns.email_domain(row)),
            LeakField::UrlDomain => self.names.get(columns.url_domain(row)),
            LeakField::FirstSeen => self.dates.kept(columns.seen(row)),
            LeakField::AddedAt => self.dates.kept(columns.added(row)),
            LeakField::Country => self.countries.get(machine()?.country),
            LeakField::Hostname => self.hostnames.get(machine()?.hostname),
            LeakField::Ip => self.machine_texts.get(machine()?.ip),
            LeakField::Os => self.machine_texts.get(machine()?.os),
            LeakField::HardwareId => self.machine_texts.get(machine()?.hardware_id),
            LeakField::MalwarePath => self.machine_texts.get(machine()?.malware_path),
        }
    }

    /// The date of a leak, in seconds since 1970.
    pub fn seen_seconds(&self, row: Handle) -> Option<i64> {
        self.dates.seconds(self.columns.seen(row))
    }

    /// When it came into the provider's store, in seconds since 1970.
    pub fn added_seconds(&self, row: Handle) -> Option<i64> {
        self.dates.seconds(self.columns.added(row))
    }
}
