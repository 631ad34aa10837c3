//! What rows are compared by, as numbers of 64 bits one behind the other. Two rows are told apart by the first that
//! differs, and hardly any needs more than one or two of them: no text is compared, and nothing is kept for a row.

use super::{SortField, SortKey};
use crate::{
    entity::{leak::Risk, status::Status},
    table::{
        Handle, Table,
        columns::Columns,
        group::Machine,
        strings::{NONE, Strings},
    },
};

/// The keys of an order, made ready for a table.
#[derive(Clone, Debug)]
pub(super) struct Digits {
    /// The last one is always the identity.
    parts: Vec<Part>,
    /// The first part that the first number does not hold in full, or the one that it is filled by alone.
    after_first: Level,
    /// Whether that part's first number is the first one.
    has_first: bool,
}

#[derive(Clone, Debug)]
struct Part {
    value: Value,
    descending: bool,
    /// Below 2 to this power are its numbers. The largest one stands for nothing.
    bits: u32,
}

#[derive(Clone, Debug)]
enum Value {
    Status,
    Risk,
    Seen,
    Added,
    /// A column with few texts: by number, the place of the text among them.
    Ranked(TextColumn, Vec<u32>),
    /// Any other: by number, the first number of the text.
    Text(TextColumn, Vec<u64>),
    /// By profile, its place by name; and whether all ids are packed.
    Key(Vec<u16>, bool),
}

#[derive(Clone, Copy, Debug)]
enum TextColumn {
    Login,
    Domain,
    Url,
    Host,
    Country,
}

/// Which part, and which of its numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    part: usize,
    chunk: usize,
}

/// Columns with no more texts than these are ranked first: that takes less than a moment.
const RANKED: usize = 8_192;
/// A number of text holds so many bytes, and then how many of them there are.
pub(super) const BYTES: usize = 7;
/// Every date that can be read, in seconds since the year -9999, is below 40 bits.
const DATE_BITS: u32 = 40;
const FIRST_DATE: i64 = 377_705_116_800;

impl TextColumn {
    fn strings(self, table: &Table) -> &Strings {
        match self {
            Self::Login => &table.logins,
            Self::Domain => &table.domains,
            Self::Url => &table.urls,
            Self::Host => &table.hostnames,
            Self::Country => &table.countries,
        }
    }

    fn number(self, table: &Table, row: Handle) -> u32 {
        let columns: &Columns = &table.columns;
        let machine = |member: fn(&Machine) -> u32| {
            let machine = table.groups.machine(columns.machine(row));
            machine.map_or(NONE, member)
        };
        match self {
            Self::Login => columns.login(row),
            Self::Domain => columns.domain(row),
            Self::Url => columns.url(row),
            Self::Host => machine(|machine| machine.hostname),
            Self::Country => machine(|machine| machine.country),
        }
    }
}

impl Part {
    fn new(table: &Table, key: SortKey) -> Self {
        let text = |column: TextColumn| {
            let strings = column.strings(table);
            if strings.len() <= RANKED {
                Value::Ranked(column, ranks(strings))
            } else {
                Value::Text(column, beginnings(strings))
            }
        };
        let value = match key.field {
            SortField::Status => Value::Status,
            SortField::Risk => Value::Risk,
            SortField::Seen => Value::Seen,
            SortField::Added => Value::Added,
            SortField::Login => text(TextColumn::Login),
            SortField::Domain => text(TextColumn::Domain),
            SortField::Url => text(TextColumn::Url),
            SortField::Host => text(TextColumn::Host),
            SortField::Country => text(TextColumn::Country),
            SortField::Key => identity(table),
        };
        Self::of(value, key.descending)
    }

    fn of(value: Value, descending: bool) -> Self {
        let bits = match &value {
            Value::Status => 3,
            Value::Seen | Value::Added => DATE_BITS,
            Value::Ranked(_, ranks) => (ranks.len() as u64 + 1).ilog2() + 1,
            Value::Risk | Value::Text(..) | Value::Key(..) => u64::BITS,
        };
        Self {
            value,
            descending,
            bits,
        }
    }

    fn digit(&self, table: &Table, chunk: usize, row: Handle) -> u64 {
        match &self.value {
            Value::Status => self.directed(Some(status_rank(table.status(row)))),
            Value::Risk => self.directed(table.columns.risk(row).map(risk_rank)),
            Value::Seen => self.directed(self.date(table.seen_seconds(row))),
            Value::Added => self.directed(self.date(table.added_seconds(row))),
            Value::Ranked(column, ranks) => self.directed(rank(ranks, column.number(table, row))),
            Value::Text(column, beginnings) => {
                let number = column.number(table, row);
                self.directed(if chunk == 0 {
                    beginning(beginnings, number)
                } else {
                    (number != NONE)
                        .then(|| bytes_from(&column.strings(table).folded(number), chunk))
                })
            }
            Value::Key(places, packed) => {
                let digit = key_digit(table, places, *packed, chunk, row);
                if self.descending { !digit } else { digit }
            }
        }
    }

    /// The first digits of rows, one column from row to row: where the next one lies does not depend on this one, and
    /// the processor reads several at once.
    fn digits(&self, table: &Table, rows: &[Handle], mut put: impl FnMut(usize, u64)) {
        let rows = rows.iter().copied().enumerate();
        match &self.value {
            Value::Status => {
                rows.for_each(|(at, row)| {
                    put(at, self.directed(Some(status_rank(table.status(row)))));
                });
            }
            Value::Seen => {
                rows.for_each(|(at, row)| {
                    put(at, self.directed(self.date(table.seen_seconds(row))));
                });
            }
            Value::Ranked(column, ranks) => {
                let of = |row| self.directed(rank(ranks, column.number(table, row)));
                rows.for_each(|(at, row)| put(at, of(row)));
            }
            Value::Text(column, beginnings) => {
                let of = |row| self.directed(beginning(beginnings, column.number(table, row)));
                rows.for_each(|(at, row)| put(at, of(row)));
            }
            Value::Risk | Value::Added | Value::Key(..) => {
                rows.for_each(|(at, row)| put(at, self.digit(table, 0, row)));
            }
        }
    }

    fn nothing(&self) -> u64 {
        u64::MAX >> (u64::BITS - self.bits)
    }

    fn directed(&self, value: Option<u64>) -> u64 {
        match value {
            None => self.nothing(),
            Some(value) if self.descending => self.nothing() - 1 - value,
            Some(value) => value,
        }
    }

    fn date(&self, seconds: Option<i64>) -> Option<u64> {
        let since = seconds?.checked_add(FIRST_DATE)?;
        u64::try_from(since)
            .ok()
            .filter(|since| *since < self.nothing())
    }
}

fn rank(ranks: &[u32], number: u32) -> Option<u64> {
    let rank = ranks.get(number as usize).copied();
    rank.filter(|rank| *rank != NONE).map(u64::from)
}

fn beginning(beginnings: &[u64], number: u32) -> Option<u64> {
    let digit = beginnings.get(number as usize).copied();
    digit.filter(|digit| *digit != 0)
}

impl Digits {
    pub(super) fn new(table: &Table, keys: &[SortKey]) -> Self {
        let end = keys.iter().position(|key| key.field == SortField::Key);
        // Identities differ: no later key has a say.
        let keys = &keys[..end.map_or(keys.len(), |end| end + 1)];
        let mut parts: Vec<Part> = keys.iter().map(|key| Part::new(table, *key)).collect();
        if end.is_none() {
            parts.push(Part::of(identity(table), false));
        }
        let mut room = u64::BITS;
        let mut part = 0;
        while let Some(bits) = parts
            .get(part)
            .map(|part| part.bits)
            .filter(|bits| *bits <= room)
        {
            room -= bits;
            part += 1;
        }
        // One that has all of the room may go on behind its first number.
        let has_first = part == 1 && room == 0;
        Self {
            parts,
            after_first: Level {
                part: part - usize::from(has_first),
                chunk: 0,
            },
            has_first,
        }
    }

    /// The first number of a row: as much of the keys as fits.
    pub(super) fn first(&self, table: &Table, row: Handle) -> u64 {
        let (mut number, mut room) = (0, u64::BITS);
        for part in &self.parts {
            number = with_digit(number, room, part.digit(table, 0, row), part.bits);
            room = room.saturating_sub(part.bits);
            if room == 0 {
                break;
            }
        }
        number
    }

    /// The same of many rows.
    pub(super) fn firsts(&self, table: &Table, rows: &[Handle], numbers: &mut Vec<u64>) {
        numbers.clear();
        numbers.resize(rows.len(), 0);
        let mut room = u64::BITS;
        for part in &self.parts {
            part.digits(table, rows, |at, digit| {
                numbers[at] = with_digit(numbers[at], room, digit, part.bits);
            });
            room = room.saturating_sub(part.bits);
            if room == 0 {
                break;
            }
        }
    }

    /// Sorts rows.
    pub(super) fn sort(
        &self,
        table: &Table,
        rows: &mut [Handle],
        scratch: &mut Vec<(u64, Handle)>,
    ) {
        let digit = |level: Option<Level>, row: Handle| match level {
            None => self.first(table, row),
            Some(Level { part, chunk }) => self.parts[part].digit(table, chunk, row),
        };
        let next = |level, equal: &[_]| self.next(table, level, equal).map(Some);
        sort_by_digits(rows, scratch, None, digit, next, |_| {});
    }

    /// Where rows are told apart that are equal so far.
    fn next(&self, table: &Table, level: Option<Level>, equal: &[(u64, Handle)]) -> Option<Level> {
        let Level { part, chunk } = match level {
            None if !self.has_first => return Some(self.after_first),
            None => self.after_first,
            Some(level) => level,
        };
        let (_, row) = *equal.first()?;
        let goes_on = match &self.parts.get(part)?.value {
            Value::Text(column, _) => {
                let number = column.number(table, row);
                let same = |(_, other): &(u64, Handle)| column.number(table, *other) == number;
                number != NONE
                    && column.strings(table).folded(number).len() > BYTES * (chunk + 1)
                    && !equal.iter().all(same)
            }
            Value::Key(_, true) => chunk < 2,
            Value::Key(_, false) => table.columns.id(row).len() > BYTES * chunk,
            _ => false,
        };
        let next = if goes_on {
            Level {
                part,
                chunk: chunk + 1,
            }
        } else {
            Level {
                part: part + 1,
                chunk: 0,
            }
        };
        (next.part < self.parts.len()).then_some(next)
    }
}

/// Sorts by numbers of a first level; what is equal then by those of the level that is next for it. Where there is no
/// next one, `last` decides.
fn sort_by_digits<T: Copy, L: Copy>(
    rows: &mut [T],
    scratch: &mut Vec<(u64, T)>,
    first: L,
    digit: impl Fn(L, T) -> u64,
    next: impl Fn(L, &[(u64, T)]) -> Option<L>,
    last: impl Fn(&mut [T]),
) {
    let mut work: Vec<(usize, usize, L)> = vec![(0, rows.len(), first)];
    while let Some((start, end, level)) = work.pop() {
        let run = &mut rows[start..end];
        scratch.clear();
        scratch.extend(run.iter().map(|&row| (digit(level, row), row)));
        scratch.sort_unstable_by_key(|(digit, _)| *digit);
        for (place, (_, row)) in run.iter_mut().zip(scratch.iter()) {
            *place = *row;
        }
        let mut from = 0;
        for equal in scratch.chunk_by(|(one, _), (two, _)| one == two) {
            let to = from + equal.len();
            if equal.len() > 1 {
                match next(level, equal) {
                    Some(next) => work.push((start + from, start + to, next)),
                    None => last(&mut run[from..to]),
                }
            }
            from = to;
        }
    }
}

/// A number with the next digit behind it: all of it, or as much as there is room for.
fn with_digit(number: u64, room: u32, digit: u64, bits: u32) -> u64 {
    match room {
        u64::BITS if bits >= room => digit,
        _ if bits >= room => number << room | digit >> (bits - room),
        _ => number << bits | digit,
    }
}

fn identity(table: &Table) -> Value {
    let name = |slot: usize| &table.profiles[slot].0;
    let place = |slot: usize| {
        let others = 0..table.profiles.len();
        others.filter(|&other| name(other) < name(slot)).count() as u16
    };
    let places = (0..table.profiles.len()).map(place).collect();
    Value::Key(places, table.columns.all_packed())
}

/// By profile, then by id as a text; packed ids are in the order of their digits.
fn key_digit(table: &Table, places: &[u16], packed: bool, chunk: usize, row: Handle) -> u64 {
    let columns = &table.columns;
    let place = || u64::from(places.get(table.slot(row).0 as usize).copied().unwrap_or(0));
    if !packed {
        return match chunk.checked_sub(1) {
            None => place(),
            Some(chunk) => bytes_from(&columns.id(row), chunk),
        };
    }
    let id = u128::from_be_bytes(*columns.packed_id(row));
    match chunk {
        0 => place() << 48 | (id >> 80) as u64,
        1 => (id >> 16) as u64,
        _ => id as u64 & 0xffff,
    }
}

/// Seven bytes of a text and how many of them there are, 8 where more follow: a text comes before all that begin with
/// it, whatever bytes it has.
pub(super) fn bytes_from(text: &[u8], chunk: usize) -> u64 {
    let rest = text.get(chunk * BYTES..).unwrap_or_default();
    let mut bytes = [0; 8];
    let length = rest.len().min(BYTES);
    bytes[..length].copy_from_slice(&rest[..length]);
    bytes[BYTES] = rest.len().min(BYTES + 1) as u8;
    u64::from_be_bytes(bytes)
}

/// By number, the first number of each text in lower case.
fn beginnings(strings: &Strings) -> Vec<u64> {
    let numbers = 0..strings.len() as u32;
    numbers
        .map(|number| bytes_from(&strings.folded(number), 0))
        .collect()
}

/// By number, the place of each text in lower case among them; [`NONE`] for an empty one.
fn ranks(strings: &Strings) -> Vec<u32> {
    let mut ranks = vec![NONE; strings.len()];
    let numbers = 0..strings.len() as u32;
    let mut texts: Vec<_> = numbers
        .map(|number| (strings.folded(number), number))
        .filter(|(text, _)| !text.is_empty())
        .collect();
    texts.sort_unstable();
    let alike = texts.chunk_by(|(one, _), (two, _)| one == two);
    for (rank, texts) in alike.enumerate() {
        for (_, number) in texts {
            ranks[*number as usize] = rank as u32;
        }
    }
    ranks
}

/// What needs work first, what is done last.
fn status_rank(status: Status) -> u64 {
    match status {
        Status::New => 0,
        Status::Investigating => 1,
        Status::Open => 2,
        Status::Unknown => 3,
        Status::Fixed => 4,
        Status::FalsePositive => 5,
    }
}

/// The level, then the score's bits in the order of the numbers. The largest number is left to what has no risk.
fn risk_rank(risk: Risk) -> u64 {
    let score = risk.score.map_or(0, |score| {
        let bits = score.to_bits();
        let ordered = if bits >> 63 == 0 {
            bits | 1 << 63
        } else {
            !bits
        };
        ordered >> 3
    });
    (risk.level as u64) << 61 | score
}
