//! The rows: one vector a member, numbers instead of texts, each as wide as it must be: about fifty bytes a row.

mod upsert;

pub(super) use upsert::Upserted;

use super::{
    ProfileSlot, RowId,
    growth::reserve,
    hash::HashKeys,
    index::Index,
    interner::{Arena, NO_VALUE},
    packed_column::PackedColumn,
    uuid::{format_uuid, parse_uuid},
};
use crate::entity::{
    leak::{PasswordState, Risk, RiskLevel},
    status::Status,
};
use std::{borrow::Cow, collections::HashMap, hash::BuildHasher};

const UNPACKED_ID: u8 = 1;
const GONE: u8 = 1 << 1;
const DAMAGED: u8 = 1 << 2;
const LOCAL: u8 = 1 << 3;
const PASSWORD_SHIFT: u8 = 4;
const PASSWORD_BITS: u8 = 0b11;
const DISPUTED: u8 = 1 << 6;
/// An odd id that is a UUID: its sixteen bytes are all there is of it.
const DASHED: u8 = 1 << 7;
/// The provider's status lies in the low half of its byte, what to act on in the high one.
const EFFECTIVE_SHIFT: u8 = 4;
const REMOTE_BITS: u8 = 0b1111;

/// Everything about a row but its identity, in numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct RowValues {
    pub(super) login: u32,
    pub(super) url: u32,
    pub(super) domain: u32,
    pub(super) machine: u32,
    pub(super) class: u32,
    pub(super) status_word: u32,
    pub(super) email_domain: u32,
    pub(super) url_domain: u32,
    pub(super) seen: u32,
    pub(super) added: u32,
    pub(super) risk: u32,
    pub(super) breach: u32,
    pub(super) credential: u32,
    pub(super) status: u8,
    pub(super) password: u8,
    pub(super) damaged: bool,
}

/// The numbers of a row, in the order of [`Columns::number_columns`].
const MEMBERS: [fn(&RowValues) -> u32; 13] = [
    |cells| cells.login,
    |cells| cells.url,
    |cells| cells.domain,
    |cells| cells.machine,
    |cells| cells.class,
    |cells| cells.status_word,
    |cells| cells.email_domain,
    |cells| cells.url_domain,
    |cells| cells.seen,
    |cells| cells.added,
    |cells| cells.risk,
    |cells| cells.breach,
    |cells| cells.credential,
];

/// An id of 32 lower-case hexadecimal digits or a UUID as its 16 bytes; any other is kept as text (upper case is another
/// id).
enum PackedId<'a> {
    Hex([u8; 16]),
    Dashed([u8; 16]),
    Unpacked(&'a [u8]),
}

/// By byte, the value of a digit; [`NO_DIGIT`] for all others.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

const NO_DIGIT: u8 = u8::MAX;

fn pack_id(id: &[u8]) -> PackedId<'_> {
    let Ok(text) = <&[u8; 32]>::try_from(id) else {
        return parse_uuid(id).map_or(PackedId::Unpacked(id), PackedId::Dashed);
    };
    let mut bytes = [0; 16];
    // All are looked at, whatever the first ones are: that is one question less for each.
    let mut seen = 0;
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let (high, low) = (DIGITS[pair[0] as usize], DIGITS[pair[1] as usize]);
        seen |= high | low;
        *byte = high << 4 | low;
    }
    if seen == NO_DIGIT {
        PackedId::Unpacked(id)
    } else {
        PackedId::Hex(bytes)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    ids: Vec<[u8; 16]>,
    flags: Vec<u8>,
    statuses: Vec<u8>,
    slots: PackedColumn,
    passes: PackedColumn,
    logins: PackedColumn,
    urls: PackedColumn,
    domains: PackedColumn,
    machines: PackedColumn,
    classes: PackedColumn,
    status_words: PackedColumn,
    email_domains: PackedColumn,
    url_domains: PackedColumn,
    seen: PackedColumn,
    added: PackedColumn,
    risks: PackedColumn,
    breaches: PackedColumn,
    credentials: PackedColumn,
    unpacked_ids: Arena,
    /// How many ids are not of the packed form.
    unpacked_count: usize,
    distinct_risks: Vec<Risk>,
    risk_numbers: HashMap<(RiskLevel, Option<u64>), u32>,
    index: Index,
    hasher: HashKeys,
}

macro_rules! readers {
    ($($(#[$doc:meta])* $name:ident: $column:ident),* $(,)?) => {
        $($(#[$doc])* pub(super) fn $name(&self, row: RowId) -> u32 {
            self.$column.get(row.0 as usize)
        })*
    };
}

macro_rules! whole {
    ($($column:ident),* $(,)?) => {
        $(pub(super) fn $column(&self) -> &PackedColumn {
            &self.$column
        })*
    };
}

impl Columns {
    readers! {
        login: logins,
        url: urls,
        domain: domains,
        machine: machines,
        class: classes,
        word: status_words,
        email_domain: email_domains,
        url_domain: url_domains,
        seen: seen,
        added: added,
        pass: passes,
        breach: breaches,
        credential: credentials,
    }

    whole! { logins, urls, domains, machines, breaches, credentials }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The numbers of the dates of leaks, and of those when they came to the provider.
    pub(super) fn dates(&self) -> (&PackedColumn, &PackedColumn) {
        (&self.seen, &self.added)
    }

    pub(super) fn slot(&self, row: RowId) -> ProfileSlot {
        ProfileSlot(self.slots.get(row.0 as usize) as u16)
    }

    /// Makes room for so many rows in all.
    pub(super) fn reserve(&mut self, rows: usize) {
        reserve(&mut self.ids, rows);
        reserve(&mut self.flags, rows);
        reserve(&mut self.statuses, rows);
        self.slots.reserve(rows);
        self.passes.reserve(rows);
        for column in self.number_columns() {
            column.reserve(rows);
        }
        self.index.reserve(rows);
    }

    /// Whether every id is of the packed form.
    pub(super) fn all_packed(&self) -> bool {
        self.unpacked_count == 0
    }

    /// What to act on.
    pub(super) fn status(&self, row: RowId) -> Status {
        Status::from_u8(self.statuses[row.0 as usize] >> EFFECTIVE_SHIFT)
    }

    /// What the provider says.
    pub(super) fn remote_status(&self, row: RowId) -> Status {
        Status::from_u8(self.statuses[row.0 as usize] & REMOTE_BITS)
    }

    pub(super) fn is_local(&self, row: RowId) -> bool {
        self.flags[row.0 as usize] & LOCAL != 0
    }

    pub(super) fn is_disputed(&self, row: RowId) -> bool {
        self.flags[row.0 as usize] & DISPUTED != 0
    }

    /// Lays a local status over the provider's, with whether the provider disputes it, or takes it away; whether
    /// that changed anything.
    pub(super) fn set_local(&mut self, row: RowId, local: Option<(Status, bool)>) -> bool {
        let at = row.0 as usize;
        let before = (self.flags[at], self.statuses[at]);
        let remote = self.statuses[at] & REMOTE_BITS;
        let (effective, bits) = match local {
            Some((status, false)) => (status as u8, LOCAL),
            Some((status, true)) => (status as u8, LOCAL | DISPUTED),
            None => (remote, 0),
        };
        self.flags[at] = self.flags[at] & !(LOCAL | DISPUTED) | bits;
        self.statuses[at] = effective << EFFECTIVE_SHIFT | remote;
        before != (self.flags[at], self.statuses[at])
    }

    /// Writes the provider's status below a local one, if there is one.
    fn set_remote_status(&mut self, row: RowId, remote: u8) {
        let at = row.0 as usize;
        let effective = if self.is_local(row) {
            self.statuses[at] >> EFFECTIVE_SHIFT
        } else {
            remote
        };
        self.statuses[at] = effective << EFFECTIVE_SHIFT | remote;
    }

    pub(super) fn password(&self, row: RowId) -> PasswordState {
        PasswordState::from_u8(self.password_bits(row))
    }

    fn password_bits(&self, row: RowId) -> u8 {
        self.flags[row.0 as usize] >> PASSWORD_SHIFT & PASSWORD_BITS
    }

    pub(super) fn is_gone(&self, row: RowId) -> bool {
        self.flags[row.0 as usize] & GONE != 0
    }

    pub(super) fn is_damaged(&self, row: RowId) -> bool {
        self.flags[row.0 as usize] & DAMAGED != 0
    }

    pub(super) fn risk(&self, row: RowId) -> Option<Risk> {
        self.risk_by_number(self.risks.get(row.0 as usize))
    }

    pub(super) fn risk_by_number(&self, number: u32) -> Option<Risk> {
        self.distinct_risks.get(number as usize).copied()
    }

    pub(super) fn intern_risk(&mut self, risk: Option<Risk>) -> u32 {
        let Some(risk) = risk else {
            return NO_VALUE;
        };
        let distinct = &mut self.distinct_risks;
        *self
            .risk_numbers
            .entry((risk.level, risk.score.map(f64::to_bits)))
            .or_insert_with(|| {
                distinct.push(risk);
                (distinct.len() - 1) as u32
            })
    }

    pub(super) fn is_unpacked(&self, row: RowId) -> bool {
        self.flags[row.0 as usize] & UNPACKED_ID != 0
    }

    /// The packed form of an id that is not odd.
    pub(super) fn packed_id(&self, row: RowId) -> &[u8; 16] {
        &self.ids[row.0 as usize]
    }

    fn unpacked_id(&self, row: RowId) -> &[u8] {
        let [a, b, c, d, ..] = self.ids[row.0 as usize];
        self.unpacked_ids.get(u32::from_le_bytes([a, b, c, d]))
    }

    fn is_dashed(&self, row: RowId) -> bool {
        self.flags[row.0 as usize] & DASHED != 0
    }

    pub(super) fn id(&self, row: RowId) -> Cow<'_, [u8]> {
        if self.is_dashed(row) {
            return format_uuid(self.packed_id(row)).into();
        }
        if self.is_unpacked(row) {
            return self.unpacked_id(row).into();
        }
        let mut text = Vec::with_capacity(32);
        for byte in self.packed_id(row) {
            for digit in [byte >> 4, byte & 15] {
                text.push(digit + if digit < 10 { b'0' } else { b'a' - 10 });
            }
        }
        text.into()
    }

    fn hash(&self, slot: u16, id: &PackedId<'_>) -> u64 {
        match id {
            PackedId::Hex(bytes) | PackedId::Dashed(bytes) => {
                self.hasher.hash_text(bytes) ^ u64::from(slot) << 32
            }
            PackedId::Unpacked(text) => self.hasher.hash_one((slot, text)),
        }
    }

    fn find_packed(&self, slot: ProfileSlot, id: &PackedId<'_>, hash: u64) -> Option<RowId> {
        let same = |row: u32| {
            self.slot(RowId(row)) == slot
                && match id {
                    PackedId::Hex(bytes) => {
                        !self.is_unpacked(RowId(row)) && self.ids[row as usize] == *bytes
                    }
                    PackedId::Dashed(bytes) => {
                        self.is_dashed(RowId(row)) && self.ids[row as usize] == *bytes
                    }
                    PackedId::Unpacked(text) => {
                        self.is_unpacked(RowId(row))
                            && !self.is_dashed(RowId(row))
                            && self.unpacked_id(RowId(row)) == *text
                    }
                }
        };
        self.index.find(hash, same).map(RowId)
    }

    pub(super) fn find(&self, slot: ProfileSlot, id: &[u8]) -> Option<RowId> {
        let id = pack_id(id);
        self.find_packed(slot, &id, self.hash(slot.0, &id))
    }

    /// The columns of numbers, in the order of [`MEMBERS`].
    fn number_columns(&mut self) -> [&mut PackedColumn; 13] {
        [
            &mut self.logins,
            &mut self.urls,
            &mut self.domains,
            &mut self.machines,
            &mut self.classes,
            &mut self.status_words,
            &mut self.email_domains,
            &mut self.url_domains,
            &mut self.seen,
            &mut self.added,
            &mut self.risks,
            &mut self.breaches,
            &mut self.credentials,
        ]
    }

    pub(super) fn row_values(&self, row: RowId) -> RowValues {
        let at = row.0 as usize;
        RowValues {
            login: self.login(row),
            url: self.url(row),
            domain: self.domain(row),
            machine: self.machine(row),
            class: self.class(row),
            status_word: self.word(row),
            email_domain: self.email_domain(row),
            url_domain: self.url_domain(row),
            seen: self.seen(row),
            added: self.added(row),
            risk: self.risks.get(at),
            breach: self.breach(row),
            credential: self.credential(row),
            status: self.statuses[at] & REMOTE_BITS,
            password: self.password_bits(row),
            damaged: self.is_damaged(row),
        }
    }

    fn write(&mut self, row: RowId, cells: &RowValues) {
        for (column, member) in self.number_columns().into_iter().zip(MEMBERS) {
            column.set(row.0 as usize, member(cells));
        }
        self.write_flags(row, cells);
    }

    fn write_flags(&mut self, row: RowId, cells: &RowValues) {
        let at = row.0 as usize;
        self.set_remote_status(row, cells.status);
        let kept = self.flags[at] & (UNPACKED_ID | DASHED | GONE | LOCAL | DISPUTED);
        let damaged = if cells.damaged { DAMAGED } else { 0 };
        self.flags[at] = kept | damaged | cells.password << PASSWORD_SHIFT;
    }

    /// What the provider says, and its word for it; whether that changed anything.
    pub(super) fn set_status(&mut self, row: RowId, status: Status, word: u32) -> bool {
        let at = row.0 as usize;
        let changed = self.remote_status(row) != status || self.status_words.get(at) != word;
        self.set_remote_status(row, status as u8);
        self.status_words.set(at, word);
        changed
    }

    /// Whether that changed anything.
    pub(super) fn set_gone(&mut self, row: RowId, gone: bool) -> bool {
        let flags = &mut self.flags[row.0 as usize];
        let changed = (*flags & GONE != 0) != gone;
        *flags = *flags & !GONE | if gone { GONE } else { 0 };
        changed
    }

    pub(super) fn row_ids(&self) -> impl Iterator<Item = RowId> + use<> {
        (0..self.len() as u32).map(RowId)
    }
}
