//! The leak table: what makes a million rows feel like a hundred.
//!
//! Rows are columns of numbers ([`columns`]); every text is interned ([`interner`]), in lower case too, so that a
//! search runs over distinct values and a filter is a test of numbers; machines are interned whole. A row keeps its
//! [`RowId`] for the session, one to one with its key. A view is an order of handles, marks are a bitmap over them.
//! Beside the rows it keeps what they alone do not tell: local statuses ([`local_status`]), claims and last words ([`annotations`]),
//! what is new of them ([`news`]), what breaches are ([`breach`]), and the users and connections that providers list themselves ([`listed`]).

mod aggregate;
mod annotations;
mod breach;
mod columns;
mod credential;
mod dates;
mod entity_key;
mod facets;
mod group;
mod group_counts;
mod group_filter;
mod growth;
mod hash;
mod index;
mod ingest;
mod interner;
mod listed;
mod local_status;
mod marks;
mod news;
mod packed_column;
mod prefix_key;
mod rank_set;
mod resource;
mod select;
mod sort;
mod uuid;

pub use facets::{Facets, MAX_FACET_VALUES};
pub use group::{GroupId, GroupKind};
pub use group_counts::{GroupCounting, GroupRow};
pub use ingest::Ingested;
pub use listed::{LISTED_KINDS, ListedEntity};
pub use marks::Marks;
pub use select::IncrementalSelection;
pub use sort::{
    GroupMerge, GroupSort, GroupSortField, IncrementalGroupSort, IncrementalSort, RowsOfKind,
    SortField, SortKey, sort_groups,
};

use crate::entity::{
    fingerprint::Fingerprint,
    key::{EntityKey, Kind, ProfileName, ProviderId, RemoteId},
    leak::{FIELD_COUNT, Leak, LeakField, LeakRef, RiskLevel, StatusBy},
    placeholder::is_country,
    raw_text::RawText,
    status::Status,
};
use annotations::Annotations;
use breach::Breaches;
use columns::Columns;
use credential::Credentials;
use dates::Dates;
use group::Groups;
use interner::Interner;
use listed::ListedEntities;
use local_status::LocalStatuses;
use news::Newsroom;
use std::borrow::Cow;
use strum::IntoEnumIterator;

/// A row's number, the same for the whole session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct RowId(pub u32);

/// A profile's number in the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ProfileSlot(pub u16);

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
    listed_generation: u64,
    gone: usize,
    columns: Columns,
    urls: Interner,
    logins: Interner,
    domains: Interner,
    machine_texts: Interner,
    hostnames: Interner,
    countries: Interner,
    classes: Interner,
    /// Status words.
    status_words: Interner,
    /// Hosts of URLs, the two derived domains, and ids of machines that providers list.
    names: Interner,
    dates: Dates,
    groups: Groups,
    credentials: Credentials,
    breaches: Breaches,
    local_statuses: LocalStatuses,
    annotations: Annotations,
    listed_entities: ListedEntities,
    newsroom: Newsroom,
}

/// Tables are equal when they have the same profiles and went through as many changes: a snapshot equals its source
/// until that changes. Not meant for tables that were filled apart.
impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.generation() == other.generation()
            && self.profiles == other.profiles
            && self.row_id_count() == other.row_id_count()
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
            listed_generation: 0,
            gone: 0,
            columns: Columns::default(),
            urls: Interner::default().with_hosts(),
            logins: Interner::default().with_hosts(),
            domains: Interner::default().with_hosts(),
            machine_texts: Interner::without_folding().with_hosts(),
            hostnames: Interner::default().with_hosts(),
            countries: Interner::default().with_informative_check(is_country),
            classes: Interner::without_folding(),
            status_words: Interner::without_folding(),
            names: Interner::without_folding(),
            dates: Dates::default(),
            groups: Groups::default(),
            credentials: Credentials::default(),
            breaches: Breaches::default(),
            local_statuses: LocalStatuses::default(),
            annotations: Annotations::default(),
            listed_entities: ListedEntities::new(),
            newsroom: Newsroom::default(),
        }
    }

    /// Adds a profile; a known one keeps its slot.
    pub fn add_profile(&mut self, name: ProfileName, provider: ProviderId) -> ProfileSlot {
        if let Some(at) = self.profiles.iter().position(|(known, _)| *known == name) {
            return ProfileSlot(at as u16);
        }
        let known = self.profiles.iter().position(|(_, id)| *id == provider);
        let number = known.map_or_else(
            || self.providers.iter().max().map_or(0, |most| most + 1),
            |at| self.providers[at],
        );
        self.providers.push(number);
        self.profiles.push((name, provider));
        self.passes.push(0);
        ProfileSlot((self.profiles.len() - 1) as u16)
    }

    /// The profiles, by slot.
    pub fn profiles(&self) -> &[(ProfileName, ProviderId)] {
        &self.profiles
    }

    /// A number that changes with every change of the content.
    pub fn generation(&self) -> u64 {
        self.generation + self.listed_generation
    }

    /// A number that changes with every change of the leaks: what is made of them alone holds as long as it.
    pub fn leaks_generation(&self) -> u64 {
        self.generation
    }

    /// Rows that are not gone.
    pub fn len(&self) -> usize {
        self.row_id_count() - self.gone
    }

    /// Whether there is no row that is not gone.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Handles given out: from 0 up to this, gone rows among them.
    pub fn row_id_count(&self) -> usize {
        self.columns.len()
    }

    /// The row of a leak's key.
    pub fn find(&self, key: &EntityKey) -> Option<RowId> {
        (key.kind == Kind::Leak)
            .then(|| self.find_slot(&key.profile))
            .flatten()
            .and_then(|slot| self.find_id(slot, key.id.as_bytes()))
    }

    /// The row of a key. The letters of an id in hexadecimal digits, a hash or a UUID, may have another case.
    pub fn find_in_any_case(&self, key: &EntityKey) -> Option<RowId> {
        let hexadecimal = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
        self.find(key).or_else(|| {
            let id = key.id.as_bytes();
            let spellings = id
                .iter()
                .all(hexadecimal)
                .then(|| [id.to_ascii_lowercase(), id.to_ascii_uppercase()])?;
            spellings
                .into_iter()
                .find_map(|id| self.find(&EntityKey::for_leak(key.profile.clone(), id[..].into())))
        })
    }

    /// The row of a provider's id at a profile, byte for byte.
    pub fn find_id(&self, slot: ProfileSlot, id: &[u8]) -> Option<RowId> {
        self.columns.find(slot, id)
    }

    fn find_slot(&self, profile: &ProfileName) -> Option<ProfileSlot> {
        self.profiles
            .iter()
            .position(|(name, _)| name == profile)
            .map(|at| ProfileSlot(at as u16))
    }

    /// The key of a row.
    pub fn key(&self, row: RowId) -> EntityKey {
        let id = RemoteId::from(&*self.columns.id(row));
        EntityKey::for_leak(self.row_profile(row).0.clone(), id)
    }

    /// The profile of a row.
    pub fn slot(&self, row: RowId) -> ProfileSlot {
        self.columns.slot(row)
    }

    fn row_profile(&self, row: RowId) -> &(ProfileName, ProviderId) {
        &self.profiles[self.slot(row).0 as usize]
    }

    /// A row, borrowed. Its id is absent here, and so are dates that are plain times, for what is packed has no text to
    /// borrow: see [`Table::key`] and [`Table::text`].
    pub fn row(&self, row: RowId) -> LeakRef<'_> {
        let mut fields = [None; FIELD_COUNT];
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

    /// The provider's risk of a row.
    pub fn risk(&self, row: RowId) -> Option<RiskLevel> {
        self.columns.risk(row).map(|risk| risk.level)
    }

    /// An owned copy of a row.
    pub fn leak(&self, row: RowId) -> Leak {
        let provider = self.row_profile(row).1.clone();
        let mut leak = Leak::from_row(self.key(row), provider, &self.row(row));
        let date = |number| self.dates.text(number).map(|text| RawText::from(&*text));
        leak.first_seen = date(self.columns.seen(row));
        leak.added_at = date(self.columns.added(row));
        leak.status_source = self.status_source(row);
        leak.status_by = self.local_status(row).and_then(|local| {
            Some(StatusBy {
                role: local.by?,
                at: local.set_at,
                job: local.job,
            })
        });
        leak.disputed = self.is_disputed(row);
        leak.claim = self.claim(row).cloned();
        leak.last_note = self.last_note(row).cloned();
        (leak.found, leak.news) = self.tell_news(row);
        if leak.breach.is_some() {
            leak.breach = self.row_breach(row);
        }
        // Also of a leak that no breach is known of: what a log says is of the same source.
        leak.attribution = self.attribution(self.slot(row)).map(str::to_owned);
        leak
    }

    /// What stands for login and secret of a row, where the secret came in clear.
    pub fn credential(&self, row: RowId) -> Option<Fingerprint> {
        self.credentials.get(self.columns.credential(row))
    }

    /// Records what the provider says of a row now: a status, and its word for it. A local status stays over it.
    pub fn set_status(&mut self, row: RowId, status: Status, word: &[u8]) {
        let word = self.status_words.intern(word);
        let changed = self.columns.set_status(row, status, word);
        let laid = self.has_local_statuses(self.slot(row)) && self.apply_local_status(row);
        self.generation += u64::from(changed || laid);
    }

    /// The same of many rows at once.
    pub fn set_statuses<'a>(
        &mut self,
        outcomes: impl IntoIterator<Item = (RowId, Status, &'a [u8])>,
    ) {
        let mut changed = false;
        // Most have the word of the one before.
        let mut last: Option<(&[u8], u32)> = None;
        let kept: Vec<bool> = (0..self.profiles.len())
            .map(|slot| self.has_local_statuses(ProfileSlot(slot as u16)))
            .collect();
        for (row, status, word) in outcomes {
            let number = match last {
                Some((known, number)) if known == word => number,
                _ => self.status_words.intern(word),
            };
            last = Some((word, number));
            changed |= self.columns.set_status(row, status, number);
            if kept[self.slot(row).0 as usize] {
                changed |= self.apply_local_status(row);
            }
        }
        self.generation += u64::from(changed);
    }

    /// Whether a complete pass over its profile did not bring it any more.
    pub fn is_gone(&self, row: RowId) -> bool {
        self.columns.is_gone(row)
    }

    /// A text member as it came; empty where the provider sent none.
    pub fn text(&self, row: RowId, field: LeakField) -> Cow<'_, [u8]> {
        match field {
            LeakField::Id => self.columns.id(row),
            LeakField::FirstSeen => self.dates.text(self.columns.seen(row)).unwrap_or_default(),
            LeakField::AddedAt => self.dates.text(self.columns.added(row)).unwrap_or_default(),
            field => Cow::Borrowed(self.field(row, field).unwrap_or_default()),
        }
    }

    fn field(&self, row: RowId, field: LeakField) -> Option<&[u8]> {
        let columns = &self.columns;
        let machine = || self.groups.machine(columns.machine(row));
        match field {
            LeakField::Id => None,
            LeakField::Breach => self.breaches.names.get(columns.breach(row)),
            LeakField::Login => self.logins.get(columns.login(row)),
            LeakField::Url => self.urls.get(columns.url(row)),
            LeakField::Domain => self.domains.get(columns.domain(row)),
            LeakField::Class => self.classes.get(columns.class(row)),
            LeakField::RemoteStatus => self.status_words.get(columns.word(row)),
            LeakField::EmailDomain => self.names.get(columns.email_domain(row)),
            LeakField::UrlDomain => self.names.get(columns.url_domain(row)),
            LeakField::FirstSeen => self.dates.stored_text(columns.seen(row)),
            LeakField::AddedAt => self.dates.stored_text(columns.added(row)),
            LeakField::Country => self.countries.get(machine()?.country),
            LeakField::Hostname => self.hostnames.get(machine()?.hostname),
            LeakField::Ip => self.machine_texts.get(machine()?.ip),
            LeakField::Os => self.machine_texts.get(machine()?.os),
            LeakField::HardwareId => self.machine_texts.get(machine()?.hardware_id),
            LeakField::MalwarePath => self.machine_texts.get(machine()?.malware_path),
        }
    }

    /// The date of a leak, in seconds since 1970.
    pub fn seen_seconds(&self, row: RowId) -> Option<i64> {
        self.dates.seconds(self.columns.seen(row))
    }

    /// When it came into the provider's store, in seconds since 1970.
    pub fn added_seconds(&self, row: RowId) -> Option<i64> {
        self.dates.seconds(self.columns.added(row))
    }
}
