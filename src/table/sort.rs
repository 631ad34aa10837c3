//! Orders of rows. Whatever the keys are, each row gets one packed number; only ties look at identities.

use super::{
    Handle, Table,
    strings::{NONE, Strings},
};
use crate::entity::{leak::RiskLevel, status::Status};
use std::cmp::Ordering;

/// What leaks are sorted by.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, strum::EnumString, strum::Display, strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
pub enum SortField {
    /// The provider's date of the leak.
    Seen,
    /// When it came into the provider's store.
    Added,
    /// The login.
    Login,
    /// The domain that it is filed under.
    Domain,
    /// The URL.
    Url,
    /// The status: new, investigating, open, unknown, fixed, false positive.
    Status,
    /// The machine's host name.
    Host,
    /// The machine's country.
    Country,
    /// The provider's risk, then its score.
    Risk,
    /// The key.
    Key,
}

/// A sort key and its direction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SortKey {
    /// By what.
    pub field: SortField,
    /// Largest first. Rows without a value come last in both directions.
    pub descending: bool,
}

/// A column's value to sort by; `None` sorts last.
type Rank = Option<u64>;

impl Table {
    /// Sorts rows: by the keys, then by profile and id, never by arrival. Text is compared in lower case, byte by
    /// byte.
    pub fn sort(&self, rows: &mut [Handle], keys: &[SortKey]) {
        let mut packed: Vec<(u128, Handle)> = rows.iter().map(|&row| (0, row)).collect();
        // The bits that the numbers take so far.
        let mut used = 0;
        for (at, key) in keys.iter().enumerate() {
            if key.field == SortField::Key {
                // Identities differ: no later key has a say.
                let earlier = |(one, _): &(u128, Handle), (two, _): &(u128, Handle)| one.cmp(two);
                packed.sort_unstable_by(|one, two| {
                    let order = self.compare_keys(one.1, two.1);
                    let order = if key.descending {
                        order.reverse()
                    } else {
                        order
                    };
                    earlier(one, two).then(order)
                });
                return put_back(rows, &packed);
            }
            let ranks = self.ranks(rows, key.field);
            used = append(&mut packed, &ranks, key.descending, used);
            // The next may take 65 bits: make room where there would be none.
            if used > 60 && at + 1 < keys.len() {
                used = condense(&mut packed);
            }
        }
        self.break_ties(&mut packed, used);
        packed.sort_unstable_by(|(one, one_row), (two, two_row)| {
            one.cmp(two)
                .then_with(|| self.compare_keys(*one_row, *two_row))
        });
        put_back(rows, &packed);
    }

    /// Puts the beginning of each row's key behind its number, where there is room: most ties end there, without a
    /// look at the identities, which lie all over the memory.
    fn break_ties(&self, packed: &mut [(u128, Handle)], used: u32) {
        // 8 bits for the profile's place by name, 54 of the id.
        let room = used + 62 <= u128::BITS && self.profiles.len() <= 256;
        if !room || packed.iter().any(|(_, row)| self.columns.is_odd(*row)) {
            return;
        }
        let place = |slot: usize| {
            let name = &self.profiles[slot].0;
            self.profiles
                .iter()
                .filter(|(other, _)| other < name)
                .count() as u64
        };
        let places: Vec<u64> = (0..self.profiles.len()).map(place).collect();
        for (number, row) in packed {
            let id = self.columns.packed_id(*row);
            let begin = id
                .iter()
                .take(8)
                .fold(0_u64, |begin, byte| begin << 8 | u64::from(*byte));
            let tie = places[self.slot(*row).0 as usize] << 54 | begin >> 10;
            *number = *number << 62 | u128::from(tie);
        }
    }

    /// The order of two rows' keys: by profile, then by id.
    pub(super) fn compare_keys(&self, one: Handle, two: Handle) -> Ordering {
        let (slot, other) = (self.slot(one), self.slot(two));
        let profiles = if slot == other {
            Ordering::Equal
        } else {
            let name = |slot: super::Slot| &self.profiles[slot.0 as usize].0;
            name(slot).cmp(name(other))
        };
        profiles.then_with(|| {
            let columns = &self.columns;
            if columns.is_odd(one) || columns.is_odd(two) {
                columns.id(one).cmp(&columns.id(two))
            } else {
                columns.packed_id(one).cmp(columns.packed_id(two))
            }
        })
    }

    /// One rank a row, in the order of the rows.
    fn ranks(&self, rows: &[Handle], field: SortField) -> Vec<Rank> {
        let columns = &self.columns;
        // Signed seconds in the order of unsigned numbers.
        let date = |seconds: Option<i64>| seconds.map(|s| s.cast_unsigned() ^ 1 << 63);
        let text = |strings: &Strings, number: &dyn Fn(Handle) -> u32| {
            text_ranks(
                strings,
                &rows.iter().map(|&row| number(row)).collect::<Vec<_>>(),
            )
        };
        let machine = |row, member: fn(&super::group::Machine) -> u32| {
            self.groups
                .machine(columns.machine(row))
                .map_or(NONE, member)
        };
        match field {
            SortField::Seen => rows
                .iter()
                .map(|&row| date(self.seen_seconds(row)))
                .collect(),
            SortField::Added => rows
                .iter()
                .map(|&row| date(self.added_seconds(row)))
                .collect(),
            SortField::Status => rows
                .iter()
                .map(|&row| Some(status_rank(self.status(row))))
                .collect(),
            SortField::Risk => rows
                .iter()
                .map(|&row| {
                    columns.risk(row).map(|risk| {
                        let score = risk.score.map_or(0, |score| ordered(score) >> 2);
                        level_rank(risk.level) << 62 | score
                    })
                })
                .collect(),
            SortField::Login => text(&self.logins, &|row| columns.login(row)),
            SortField::Domain => text(&self.domains, &|row| columns.domain(row)),
            SortField::Url => text(&self.urls, &|row| columns.url(row)),
            SortField::Host => text(&self.hostnames, &|row| machine(row, |m| m.hostname)),
            SortField::Country => text(&self.countries, &|row| machine(row, |m| m.country)),
            SortField::Key => vec![None; rows.len()],
        }
    }
}

fn put_back(rows: &mut [Handle], sorted: &[(u128, Handle)]) {
    for (place, &(_, row)) in rows.iter_mut().zip(sorted) {
        *place = row;
    }
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

fn level_rank(level: RiskLevel) -> u64 {
    level as u64
}

/// A number's bits in the order of the numbers.
fn ordered(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits >> 63 == 0 {
        bits | 1 << 63
    } else {
        !bits
    }
}

/// The rank of each number's text among the texts that occur; texts that fold alike rank alike, blank ones last.
fn text_ranks(strings: &Strings, numbers: &[u32]) -> Vec<Rank> {
    let mut distinct: Vec<u32> = numbers.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.retain(|&number| number != NONE && !strings.folded(number).is_empty());
    // The first eight bytes decide most comparisons without a look at the arena.
    let mut keyed: Vec<(u64, u32)> = distinct
        .iter()
        .map(|&number| (first_bytes(&strings.folded(number)), number))
        .collect();
    keyed.sort_unstable_by(|(one_key, one), (two_key, two)| {
        one_key
            .cmp(two_key)
            .then_with(|| strings.folded(*one).cmp(&strings.folded(*two)))
    });
    let mut rank_of = vec![None; strings.len()];
    let mut rank = 0;
    let mut before: Option<u32> = None;
    for &(_, number) in &keyed {
        if before.is_some_and(|before| strings.folded(before) != strings.folded(number)) {
            rank += 1;
        }
        rank_of[number as usize] = Some(rank);
        before = Some(number);
    }
    numbers
        .iter()
        .map(|&number| rank_of.get(number as usize).copied().flatten())
        .collect()
}

fn first_bytes(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = text.len().min(8);
    bytes[..length].copy_from_slice(&text[..length]);
    u64::from_be_bytes(bytes)
}

/// Puts ranks behind the numbers so far, in as few bits as they need; the bits in use then.
fn append(packed: &mut [(u128, Handle)], ranks: &[Rank], descending: bool, used: u32) -> u32 {
    let present = || ranks.iter().copied().flatten();
    let (Some(least), Some(most)) = (present().min(), present().max()) else {
        return used;
    };
    let span = most - least;
    // One number more than the span, for what has no rank.
    let bits = 128 - (u128::from(span) + 1).leading_zeros();
    for ((number, _), rank) in packed.iter_mut().zip(ranks) {
        let rank = match rank {
            Some(rank) if descending => u128::from(most - rank),
            Some(rank) => u128::from(rank - least),
            None => u128::from(span) + 1,
        };
        *number = *number << bits | rank;
    }
    used + bits
}

/// Replaces the numbers by their ranks; the bits in use then.
fn condense(packed: &mut [(u128, Handle)]) -> u32 {
    let mut distinct: Vec<u128> = packed.iter().map(|&(number, _)| number).collect();
    distinct.sort_unstable();
    distinct.dedup();
    for (number, _) in packed.iter_mut() {
        *number = distinct.partition_point(|known| known < number) as u128;
    }
    32
}
