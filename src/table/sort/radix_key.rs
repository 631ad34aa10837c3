//! What rows are compared by, as numbers of 64 bits one behind the other. Two rows are told apart by the first that
//! differs, and hardly any needs more than one or two of them: no text is compared, and nothing is kept for a row.

mod column;

use column::{DateColumn, TextColumn};

use super::{
    SortField, SortKey,
    buffer::SortBuffer,
    ranks::{rank, ranks, risk_rank, status_rank},
};
use crate::table::{
    RowId, Table,
    interner::NO_VALUE,
    prefix_key::{PREFIX_BYTES, prefix_key},
};

/// The keys of an order, made ready for a table.
#[derive(Clone, Debug)]
pub(super) struct RadixKeys {
    /// The last one is always the identity.
    parts: Vec<KeyPart>,
    /// The first part that the first number does not hold in full, or the one that it is filled by alone.
    after_first: KeyWord,
    /// Whether that part's first number is the first one.
    has_first: bool,
}

#[derive(Clone, Debug)]
struct KeyPart {
    value: Value,
    descending: bool,
    /// Below 2 to this power are its numbers. The largest one stands for nothing.
    bits: u32,
}

#[derive(Clone, Debug)]
enum Value {
    Status,
    Risk,
    /// When the row was found here.
    Found,
    /// What is told of it.
    News,
    Date(DateColumn),
    /// Dates of which there are few: by number, the place of the date among them.
    RankedDate(DateColumn, Vec<u32>),
    /// A column with few texts: by number, the place of the text among them.
    Ranked(TextColumn, Vec<u32>),
    /// Any other.
    Text(TextColumn),
    /// By profile, its place by name, and how many bits those take; none where ids are not all packed.
    Key(Vec<u16>, Option<u32>),
}

/// Which part, and which of its numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyWord {
    part: usize,
    chunk: usize,
}

/// Columns with no more texts than these are ranked first: that takes less than a moment.
const MAX_RANKED_TEXTS: usize = 8_192;
/// Every date that can be read, in seconds since the year -9999, is below 40 bits.
const DATE_BITS: u32 = 40;
const FIRST_DATE: i64 = 377_705_116_800;

impl KeyPart {
    fn new(table: &Table, key: SortKey) -> Self {
        let text = |column: TextColumn| {
            let strings = column.strings(table);
            if strings.len() <= MAX_RANKED_TEXTS {
                Value::Ranked(column, ranks(strings))
            } else {
                Value::Text(column)
            }
        };
        let value = match key.field {
            SortField::Status => Value::Status,
            SortField::Risk => Value::Risk,
            SortField::Seen => DateColumn::Seen.value(table),
            SortField::Added => DateColumn::Added.value(table),
            SortField::Found => Value::Found,
            SortField::News => Value::News,
            SortField::Login => text(TextColumn::Login),
            SortField::Domain => text(TextColumn::Domain),
            SortField::Url => text(TextColumn::Url),
            SortField::Host => text(TextColumn::Host),
            SortField::Country => text(TextColumn::Country),
            SortField::Key => identity_value(table),
        };
        Self::from_value(value, key.descending)
    }

    fn from_value(value: Value, descending: bool) -> Self {
        let bits = match &value {
            Value::Status | Value::News => 3,
            Value::Date(_) | Value::Found => DATE_BITS,
            Value::Ranked(_, ranks) | Value::RankedDate(_, ranks) => {
                (ranks.len() as u64 + 1).ilog2() + 1
            }
            Value::Risk | Value::Text(_) | Value::Key(..) => u64::BITS,
        };
        Self {
            value,
            descending,
            bits,
        }
    }

    fn digit(&self, table: &Table, chunk: usize, row: RowId) -> u64 {
        match &self.value {
            Value::Status => self.apply_direction(Some(status_rank(table.status(row)))),
            Value::Risk => self.apply_direction(table.columns.risk(row).map(risk_rank)),
            Value::Date(column) => self.apply_direction(self.date(column.seconds(table, row))),
            Value::Found => self.apply_direction(self.date(table.found_seconds(row))),
            Value::News => self.apply_direction(table.news_rank(row)),
            Value::RankedDate(column, ranks) => {
                self.apply_direction(rank(ranks, column.number(table, row)))
            }
            Value::Ranked(column, ranks) => {
                self.apply_direction(rank(ranks, column.number(table, row)))
            }
            Value::Text(column) => {
                let (strings, number) = (column.strings(table), column.number(table, row));
                self.apply_direction(if chunk == 0 {
                    strings.prefix_key(number)
                } else {
                    (number != NO_VALUE).then(|| prefix_key(&strings.folded(number), chunk))
                })
            }
            Value::Key(places, packed) => {
                let digit = key_digit(table, places, *packed, chunk, row);
                if self.descending { !digit } else { digit }
            }
        }
    }

    /// The first digits of rows, one step for all of them after the other: where the next one lies does not depend on
    /// this one, and the processor reads many at once.
    fn digits(&self, table: &Table, rows: &[RowId], mut put: impl FnMut(usize, u64)) {
        let each = rows.iter().copied().enumerate();
        match &self.value {
            Value::Status => each.for_each(|(at, row)| {
                put(
                    at,
                    self.apply_direction(Some(status_rank(table.status(row)))),
                );
            }),
            Value::Date(column) => each.for_each(|(at, row)| {
                put(
                    at,
                    self.apply_direction(self.date(column.seconds(table, row))),
                );
            }),
            Value::RankedDate(column, ranks) => {
                self.ranked(ranks, &column.numbers(table, rows), put);
            }
            Value::Ranked(column, ranks) => {
                self.ranked(ranks, &column.numbers(table, rows), put);
            }
            Value::Text(column) => {
                let beginnings = column
                    .strings(table)
                    .prefix_keys(&column.numbers(table, rows));
                let of =
                    |beginning| self.apply_direction(Some(beginning).filter(|some| *some != 0));
                let digits = beginnings.into_iter().map(of).enumerate();
                digits.for_each(|(at, digit)| put(at, digit));
            }
            // One profile, as most have: the first half of the id.
            Value::Key(_, Some(0)) if !self.descending => {
                let half = |row| (u128::from_be_bytes(*table.columns.packed_id(row)) >> 64) as u64;
                each.for_each(|(at, row)| put(at, half(row)));
            }
            Value::Risk | Value::Found | Value::News | Value::Key(..) => {
                each.for_each(|(at, row)| put(at, self.digit(table, 0, row)));
            }
        }
    }

    /// The digits of numbers by their ranks.
    fn ranked(&self, ranks: &[u32], numbers: &[u32], mut put: impl FnMut(usize, u64)) {
        for (at, number) in numbers.iter().enumerate() {
            put(at, self.apply_direction(rank(ranks, *number)));
        }
    }

    fn missing_value(&self) -> u64 {
        u64::MAX >> (u64::BITS - self.bits)
    }

    fn apply_direction(&self, value: Option<u64>) -> u64 {
        match value {
            None => self.missing_value(),
            Some(value) if self.descending => self.missing_value() - 1 - value,
            Some(value) => value,
        }
    }

    fn date(&self, seconds: Option<i64>) -> Option<u64> {
        let since = seconds?.checked_add(FIRST_DATE)?;
        u64::try_from(since)
            .ok()
            .filter(|since| *since < self.missing_value())
    }
}

impl RadixKeys {
    pub(super) fn new(table: &Table, keys: &[SortKey]) -> Self {
        let end = keys.iter().position(|key| key.field == SortField::Key);
        // Identities differ: no later key has a say.
        let keys = &keys[..end.map_or(keys.len(), |end| end + 1)];
        let mut parts: Vec<KeyPart> = keys.iter().map(|key| KeyPart::new(table, *key)).collect();
        if end.is_none() {
            parts.push(KeyPart::from_value(identity_value(table), false));
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
            after_first: KeyWord {
                part: part - usize::from(has_first),
                chunk: 0,
            },
            has_first,
        }
    }

    /// The first number of a row: as much of the keys as fits.
    pub(super) fn first_word(&self, table: &Table, row: RowId) -> u64 {
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
    pub(super) fn first_words(&self, table: &Table, rows: &[RowId], numbers: &mut Vec<u64>) {
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
    pub(super) fn sort(&self, table: &Table, rows: &mut [RowId], scratch: &mut SortBuffer<RowId>) {
        let firsts: Vec<u64> = rows
            .iter()
            .map(|&row| self.first_word(table, row))
            .collect();
        self.sort_with(table, rows, &firsts, scratch);
    }

    /// The same of rows whose first numbers are known.
    pub(super) fn sort_with(
        &self,
        table: &Table,
        rows: &mut [RowId],
        firsts: &[u64],
        scratch: &mut SortBuffer<RowId>,
    ) {
        let mut work = Vec::new();
        let sorted = scratch.sort(firsts.iter().copied().zip(rows.iter().copied()));
        self.write_back(table, rows, 0, sorted, None, &mut work);
        while let Some((start, end, level)) = work.pop() {
            let KeyWord { part, chunk } = level;
            let (digits, run) = (&self.parts[part], &mut rows[start..end]);
            let digit = |&row: &RowId| (digits.digit(table, chunk, row), row);
            let sorted = scratch.sort(run.iter().map(digit));
            self.write_back(table, run, start, sorted, Some(level), &mut work);
        }
    }

    /// Puts rows back that are sorted by the numbers of a level; what is equal is to be told apart by the next one.
    fn write_back(
        &self,
        table: &Table,
        run: &mut [RowId],
        start: usize,
        sorted: &[(u64, RowId)],
        level: Option<KeyWord>,
        work: &mut Vec<(usize, usize, KeyWord)>,
    ) {
        for (place, (_, row)) in run.iter_mut().zip(sorted) {
            *place = *row;
        }
        let mut from = start;
        for equal in sorted.chunk_by(|(one, _), (two, _)| one == two) {
            let to = from + equal.len();
            if equal.len() > 1
                && let Some(next) = self.next_word(table, level, equal)
            {
                work.push((from, to, next));
            }
            from = to;
        }
    }

    /// Where rows are told apart that are equal so far.
    fn next_word(
        &self,
        table: &Table,
        level: Option<KeyWord>,
        equal: &[(u64, RowId)],
    ) -> Option<KeyWord> {
        let KeyWord { part, chunk } = match level {
            None if !self.has_first => return Some(self.after_first),
            None => self.after_first,
            Some(level) => level,
        };
        let (_, row) = *equal.first()?;
        let goes_on = match &self.parts.get(part)?.value {
            Value::Text(column) => {
                let number = column.number(table, row);
                let same = |(_, other): &(u64, RowId)| column.number(table, *other) == number;
                number != NO_VALUE
                    && column.strings(table).folded(number).len() > PREFIX_BYTES * (chunk + 1)
                    && !equal.iter().all(same)
            }
            Value::Key(_, Some(bits)) => chunk < if *bits > 0 { 2 } else { 1 },
            Value::Key(_, None) => table.columns.id(row).len() > PREFIX_BYTES * chunk,
            _ => false,
        };
        let next = if goes_on {
            KeyWord {
                part,
                chunk: chunk + 1,
            }
        } else {
            KeyWord {
                part: part + 1,
                chunk: 0,
            }
        };
        (next.part < self.parts.len()).then_some(next)
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

fn identity_value(table: &Table) -> Value {
    let name = |slot: usize| &table.profiles[slot].0;
    let place = |slot: usize| {
        let others = 0..table.profiles.len();
        others.filter(|&other| name(other) < name(slot)).count() as u16
    };
    let places = (0..table.profiles.len()).map(place).collect();
    let last = table.profiles.len().saturating_sub(1);
    let bits = usize::BITS - last.leading_zeros();
    Value::Key(places, table.columns.all_packed().then_some(bits))
}

/// By profile, then by id as a text; packed ids are in the order of their digits.
fn key_digit(table: &Table, places: &[u16], packed: Option<u32>, chunk: usize, row: RowId) -> u64 {
    let columns = &table.columns;
    let place = || u64::from(places.get(table.slot(row).0 as usize).copied().unwrap_or(0));
    let Some(bits) = packed else {
        return match chunk.checked_sub(1) {
            None => place(),
            Some(chunk) => prefix_key(&columns.id(row), chunk),
        };
    };
    let id = u128::from_be_bytes(*columns.packed_id(row));
    match (chunk, bits) {
        (0, 0) => (id >> 64) as u64,
        (0, _) => place() << (u64::BITS - bits) | (id >> (64 + bits)) as u64,
        (1, _) => (id >> bits) as u64,
        (_, _) => id as u64 & ((1 << bits) - 1),
    }
}
