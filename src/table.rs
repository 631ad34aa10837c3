//! The leak table: stub of the signatures.
#![expect(
    unused_variables,
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "stub"
)]

use crate::{
    entity::{
        connection::Connection,
        domain::Domain,
        key::{EntityKey, Kind, ProfileName, ProviderId, RemoteId},
        leak::{FIELDS, Leak, LeakBatch, LeakField, LeakRef, PasswordState},
        status::Status,
        text::Text,
        user::User,
    },
    filter::Filter,
};
use std::borrow::Cow;

/// A row's number, the same for the whole session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Handle(pub u32);
/// A profile's number in the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Slot(pub u16);
/// What leaks are grouped by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum GroupKind {
    /// The domain that they are filed under, of one profile.
    Domain,
    /// The login.
    User,
    /// The infected machine.
    Endpoint,
    /// The host of the URL.
    Resource,
}
/// A group's number within its kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct GroupId(pub u32);
/// What taking in a page did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ingested {
    /// New keys.
    pub added: usize,
    /// Known keys whose row changed.
    pub updated: usize,
    /// Known keys whose row is the same.
    pub unchanged: usize,
    /// Keys that this pass had brought before (they count above too).
    pub repeated: usize,
}
/// One group of some rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupRow {
    /// Which.
    pub group: GroupId,
    /// Its rows.
    pub total: u32,
    /// Those that still need work.
    pub unresolved: u32,
    /// By [`Status`] number.
    pub by_status: [u32; 6],
    /// How many providers report it.
    pub sources: u32,
    /// The row with the earliest date, if any has one.
    pub first: Option<Handle>,
    /// The row with the latest date.
    pub last: Option<Handle>,
}
/// What leaks are sorted by.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, strum::EnumString, strum::Display, strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
#[expect(missing_docs, reason = "stub")]
pub enum SortField {
    Seen,
    Added,
    Login,
    Domain,
    Url,
    Status,
    Host,
    Country,
    Risk,
    Key,
}
/// A sort key and its direction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SortKey {
    /// By what.
    pub field: SortField,
    /// Largest first.
    pub descending: bool,
}
/// What groups are sorted by.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, strum::EnumString, strum::Display, strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
#[expect(missing_docs, reason = "stub")]
pub enum GroupSortField {
    Name,
    Leaks,
    Unresolved,
    Seen,
}
/// A sort key for groups and its direction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct GroupSort {
    /// By what.
    pub field: GroupSortField,
    /// Largest first.
    pub descending: bool,
}
/// Marked rows, as a bitmap over handles.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Marks {
    bits: fixedbitset::FixedBitSet,
    len: usize,
}
impl Marks {
    /// Whether the row is marked.
    pub fn contains(&self, h: Handle) -> bool {
        self.bits.contains(h.0 as usize)
    }
    /// Marks a row; whether it was not.
    pub fn insert(&mut self, h: Handle) -> bool {
        self.bits.grow(h.0 as usize + 1);
        let new = !self.bits.put(h.0 as usize);
        self.len += usize::from(new);
        new
    }
    /// Unmarks a row; whether it was marked.
    pub fn remove(&mut self, h: Handle) -> bool {
        let was = self.contains(h);
        if was {
            self.bits.set(h.0 as usize, false);
            self.len -= 1;
        }
        was
    }
    /// Turns a mark over; whether the row is marked now.
    pub fn toggle(&mut self, h: Handle) -> bool {
        !self.remove(h) && self.insert(h)
    }
    /// How many rows are marked.
    pub fn len(&self) -> usize {
        self.len
    }
    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// The marked rows, by handle.
    pub fn iter(&self) -> impl Iterator<Item = Handle> + '_ {
        self.bits.ones().map(|at| Handle(at as u32))
    }
    /// Unmarks all.
    pub fn clear(&mut self) {
        self.bits.clear();
        self.len = 0;
    }
}
impl Extend<Handle> for Marks {
    fn extend<T: IntoIterator<Item = Handle>>(&mut self, rows: T) {
        for h in rows {
            self.insert(h);
        }
    }
}
/// The leaks of the session.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Table {
    profiles: Vec<(ProfileName, ProviderId)>,
}
#[expect(missing_docs, reason = "stub")]
impl Table {
    pub fn new() -> Table {
        Table::default()
    }
    pub fn add_profile(&mut self, name: ProfileName, provider: ProviderId) -> Slot {
        self.profiles.push((name, provider));
        Slot((self.profiles.len() - 1) as u16)
    }
    pub fn profiles(&self) -> &[(ProfileName, ProviderId)] {
        &self.profiles
    }
    pub fn generation(&self) -> u64 {
        0
    }
    #[expect(clippy::len_without_is_empty, reason = "stub")]
    pub fn len(&self) -> usize {
        0
    }
    pub fn rows(&self) -> usize {
        0
    }
    pub fn begin_pass(&mut self, slot: Slot) -> u32 {
        0
    }
    pub fn ingest(&mut self, slot: Slot, pass: u32, batch: &LeakBatch) -> Ingested {
        Ingested::default()
    }
    pub fn end_pass(&mut self, slot: Slot, pass: u32) -> usize {
        0
    }
    pub fn find(&self, key: &EntityKey) -> Option<Handle> {
        None
    }
    pub fn find_id(&self, slot: Slot, id: &[u8]) -> Option<Handle> {
        None
    }
    pub fn key(&self, h: Handle) -> EntityKey {
        EntityKey::leak(self.profiles[0].0.clone(), RemoteId::from(""))
    }
    pub fn slot(&self, h: Handle) -> Slot {
        Slot(0)
    }
    /// Its `Id` member is absent: packed ids have no text to borrow; see [`Table::key`] and [`Table::text`].
    pub fn row(&self, h: Handle) -> LeakRef<'_> {
        LeakRef {
            fields: [None; FIELDS],
            status: Status::Unknown,
            password: PasswordState::None,
            risk: None,
            damaged: false,
        }
    }
    pub fn leak(&self, h: Handle) -> Leak {
        Leak::from_row(self.key(h), self.profiles[0].1.clone(), &self.row(h))
    }
    pub fn status(&self, h: Handle) -> Status {
        Status::Unknown
    }
    pub fn set_status(&mut self, h: Handle, status: Status, word: &[u8]) {}
    pub fn is_gone(&self, h: Handle) -> bool {
        true
    }
    pub fn text(&self, h: Handle, field: LeakField) -> Cow<'_, [u8]> {
        Cow::Borrowed(b"")
    }
    pub fn group(&self, h: Handle, kind: GroupKind) -> Option<GroupId> {
        None
    }
    pub fn groups(&self, kind: GroupKind) -> usize {
        0
    }
    pub fn group_name(&self, kind: GroupKind, g: GroupId) -> &[u8] {
        b""
    }
    pub fn group_key(&self, kind: GroupKind, g: GroupId) -> EntityKey {
        EntityKey {
            profile: self.profiles[0].0.clone(),
            kind: Kind::User,
            id: RemoteId::from(""),
        }
    }
    pub fn find_group(&self, kind: GroupKind, key: &EntityKey) -> Option<GroupId> {
        None
    }
    pub fn group_rows(&self, kind: GroupKind, g: GroupId) -> Vec<Handle> {
        Vec::new()
    }
    pub fn aggregate(
        &self,
        kind: GroupKind,
        rows: impl IntoIterator<Item = Handle>,
    ) -> Vec<GroupRow> {
        Vec::new()
    }
    pub fn user(&self, g: GroupId) -> User {
        User {
            key: self.group_key(GroupKind::User, g),
            provider: self.profiles[0].1.clone(),
            login: Text::default(),
            identity_type: None,
            risk: None,
            first_seen: None,
            leaks: crate::entity::domain::LeakCounts::default(),
            sources: 0,
            connections: None,
        }
    }
    pub fn domain(&self, g: GroupId) -> Domain {
        Domain {
            key: self.group_key(GroupKind::Domain, g),
            provider: self.profiles[0].1.clone(),
            name: Text::default(),
            verified: None,
            archived: None,
            leaks: None,
        }
    }
    pub fn connection(&self, kind: GroupKind, g: GroupId) -> Connection {
        Connection {
            key: self.group_key(kind, g),
            provider: self.profiles[0].1.clone(),
            form: crate::entity::connection::Form::Endpoint,
            name: Text::default(),
            resource_type: None,
            date: None,
            leaks: None,
            device: None,
            country: None,
        }
    }
    pub fn select(
        &self,
        filter: &Filter,
        scope: &[(GroupKind, GroupId)],
        within: Option<&[Handle]>,
        marks: &Marks,
    ) -> Vec<Handle> {
        Vec::new()
    }
    pub fn sort(&self, rows: &mut [Handle], keys: &[SortKey]) {}
}
/// Sorts groups: by the key, then by name and number.
pub fn sort_groups(table: &Table, kind: GroupKind, rows: &mut [GroupRow], by: GroupSort) {}
