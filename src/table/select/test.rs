//! What a filter comes to for a table: tests of numbers, row by row or all rows at once.

use super::{key::Keys, memo::Words};
use crate::{
    entity::leak::RiskLevel,
    filter::{Age, Field, Moments, RiskSet, StatusSet, Values},
    table::{Handle, Marks, Table, columns::Columns, dates::Dates, strings::NONE},
};
use fixedbitset::FixedBitSet;

const BITS: usize = usize::BITS as usize;

/// A part of a filter or a scope made ready for a table. Parts of *all* and *any* lie in the order in which they are
/// tried: the cheap ones first.
#[derive(Clone, Debug)]
pub(super) enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Status(StatusSet),
    Risk(RiskSet),
    Slots(FixedBitSet),
    /// The row's own number in a column, for one group of them.
    Number(Member, u32),
    Is(Marked),
    /// Under which domain of its profile the row is filed.
    Column(Column),
    Dates(DateColumn),
    Marked,
    /// What the journal keeps beside the row's status.
    Kept(Field, Values),
    Key(Keys),
    /// Texts that are looked at when a row asks for them.
    Words(Box<Words>),
}

impl Test {
    /// What is never so.
    pub(super) fn nothing() -> Self {
        Self::Any(Vec::new())
    }

    /// Roughly how long it takes, for the order in which parts are tried.
    pub(super) fn cost(&self) -> u32 {
        match self {
            Self::Status(_) | Self::Slots(_) | Self::Marked => 1,
            Self::Risk(_) | Self::Number(..) | Self::Is(_) => 2,
            Self::Column(_) | Self::Dates(_) => 3,
            Self::Not(part) => part.cost(),
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::cost).sum(),
            Self::Kept(..) => 20,
            Self::Key(_) => 30,
            Self::Words(_) => 100,
        }
    }

    /// All of these, the cheap ones first; what is one part alone is that.
    pub(super) fn all(parts: Vec<Test>) -> Self {
        joined(parts, Self::All)
    }

    /// Any of these, the cheap ones first.
    pub(super) fn any(parts: Vec<Test>) -> Self {
        joined(parts, Self::Any)
    }
}

fn joined(mut parts: Vec<Test>, all: fn(Vec<Test>) -> Test) -> Test {
    parts.sort_by_key(Test::cost);
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            all(parts)
        }
    }
}

/// What a row may be said to be; any of those named.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marked {
    pub(super) local: bool,
    pub(super) remote: bool,
    pub(super) disputed: bool,
}

/// A column of numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Member {
    Login,
    Url,
    Domain,
    Machine,
    Class,
    Breach,
    Credential,
    Seen,
    Added,
}

impl Member {
    pub(super) fn of(self, columns: &Columns, row: Handle) -> u32 {
        match self {
            Self::Login => columns.login(row),
            Self::Url => columns.url(row),
            Self::Domain => columns.domain(row),
            Self::Machine => columns.machine(row),
            Self::Class => columns.class(row),
            Self::Breach => columns.breach(row),
            Self::Credential => columns.credential(row),
            Self::Seen => columns.seen(row),
            Self::Added => columns.added(row),
        }
    }

    /// The rows among some whose number passes. One loop a column, so that each reads straight on.
    fn pick(
        self,
        columns: &Columns,
        among: &FixedBitSet,
        takes: impl Fn(u32) -> bool,
    ) -> FixedBitSet {
        match self {
            Self::Login => pick(among, |row| takes(columns.login(row))),
            Self::Url => pick(among, |row| takes(columns.url(row))),
            Self::Domain => pick(among, |row| takes(columns.domain(row))),
            Self::Machine => pick(among, |row| takes(columns.machine(row))),
            Self::Class => pick(among, |row| takes(columns.class(row))),
            Self::Breach => pick(among, |row| takes(columns.breach(row))),
            Self::Credential => pick(among, |row| takes(columns.credential(row))),
            Self::Seen => pick(among, |row| takes(columns.seen(row))),
            Self::Added => pick(among, |row| takes(columns.added(row))),
        }
    }
}

/// Numbers of one column that pass.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) member: Member,
    pub(super) hits: FixedBitSet,
    /// Whether a row without a value passes.
    pub(super) none: bool,
}

impl Column {
    fn takes(&self, number: u32) -> bool {
        let at = number as usize;
        match self.hits.as_slice().get(at / BITS) {
            Some(word) => word >> (at % BITS) & 1 == 1,
            // The number for "none" is beyond every bitmap.
            None => self.none && number == NONE,
        }
    }

    fn is_empty(&self) -> bool {
        !self.none && self.hits.is_clear()
    }
}

/// Which dates pass.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Moments(Moments),
    /// With the moment that ages are counted to.
    Age(Age, Option<i64>),
}

impl Wanted {
    pub(super) fn takes(&self, seconds: i64) -> bool {
        match self {
            Self::Moments(moments) => moments.contains(seconds),
            Self::Age(age, now) => age.holds(Some(seconds), *now),
        }
    }

    /// Whether a row without a date passes.
    pub(super) fn takes_none(&self) -> bool {
        matches!(self, Self::Moments(moments) if moments.missing)
    }
}

/// Dates that pass.
#[derive(Clone, Debug)]
pub(super) struct DateColumn {
    pub(super) member: Member,
    pub(super) wanted: Wanted,
    /// Of the texts that are no plain times, those that pass.
    pub(super) texts: FixedBitSet,
}

impl DateColumn {
    fn takes(&self, number: u32) -> bool {
        if number == NONE {
            return self.wanted.takes_none();
        }
        match Dates::plain_seconds(number) {
            Some(seconds) => self.wanted.takes(seconds),
            None => self.texts.contains(number as usize),
        }
    }
}

/// The rows among some for which something holds.
pub(super) fn pick(among: &FixedBitSet, holds: impl Fn(Handle) -> bool) -> FixedBitSet {
    let mut found = FixedBitSet::with_capacity(among.len());
    let words = among.as_slice().iter().zip(found.as_mut_slice());
    for (at, (word, found)) in words.enumerate() {
        let first = (at * BITS) as u32;
        let mut hits = 0;
        if *word == usize::MAX {
            for bit in 0..usize::BITS {
                hits |= usize::from(holds(Handle(first + bit))) << bit;
            }
        } else {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                hits |= usize::from(holds(Handle(first + bit))) << bit;
            }
        }
        *found = hits;
    }
    found
}

/// What tests look at.
#[derive(Clone, Copy)]
pub(super) struct Sight<'t> {
    pub(super) table: &'t Table,
    pub(super) marks: &'t Marks,
}

impl Sight<'_> {
    /// The rows among some that pass.
    pub(super) fn all(self, test: &Test, among: &FixedBitSet) -> FixedBitSet {
        let (table, columns) = (self.table, &self.table.columns);
        match test {
            Test::All(parts) => {
                let mut left = among.clone();
                for part in parts {
                    if left.is_clear() {
                        break;
                    }
                    left = self.all(part, &left);
                }
                left
            }
            Test::Any(parts) => {
                let mut found = FixedBitSet::with_capacity(among.len());
                let mut left = among.clone();
                for part in parts {
                    let more = self.all(part, &left);
                    left.difference_with(&more);
                    found.union_with(&more);
                }
                found
            }
            Test::Not(part) => {
                let mut left = among.clone();
                left.difference_with(&self.all(part, among));
                left
            }
            Test::Status(set) => pick(among, |row| set.contains(table.status(row))),
            Test::Risk(set) => pick(among, |row| set.contains(self.risk(row))),
            Test::Column(column) if column.is_empty() => FixedBitSet::with_capacity(among.len()),
            Test::Column(column) => column
                .member
                .pick(columns, among, |number| column.takes(number)),
            Test::Dates(dates) => dates
                .member
                .pick(columns, among, |number| dates.takes(number)),
            Test::Number(member, wanted) => member.pick(columns, among, |number| number == *wanted),
            Test::Marked => pick(among, |row| self.marks.contains(row)),
            Test::Slots(_) | Test::Is(_) | Test::Kept(..) | Test::Key(_) => {
                pick(among, |row| self.holds(test, row))
            }
            // Made for few rows: here the memory of what was looked at is of no use to anyone.
            Test::Words(words) => pick(among, |row| words.hold(table, row)),
        }
    }

    /// Whether one row passes. Adds to `spent` what looking at texts took.
    pub(super) fn passes(self, test: &mut Test, row: Handle, spent: &mut usize) -> bool {
        match test {
            Test::All(parts) => parts.iter_mut().all(|part| self.passes(part, row, spent)),
            Test::Any(parts) => parts.iter_mut().any(|part| self.passes(part, row, spent)),
            Test::Not(part) => !self.passes(part, row, spent),
            Test::Words(words) => words.hold_and_note(self.table, row, spent),
            other => self.holds(other, row),
        }
    }

    /// The same of a test that is not made of others.
    fn holds(self, test: &Test, row: Handle) -> bool {
        let (table, columns) = (self.table, &self.table.columns);
        match test {
            Test::Status(set) => set.contains(table.status(row)),
            Test::Risk(set) => set.contains(self.risk(row)),
            Test::Slots(slots) => slots.contains(table.slot(row).0 as usize),
            Test::Number(member, wanted) => member.of(columns, row) == *wanted,
            Test::Is(wanted) => {
                let local = table.is_local(row);
                wanted.local && local
                    || wanted.remote && !local
                    || wanted.disputed && table.is_disputed(row)
            }
            Test::Column(column) => column.takes(column.member.of(columns, row)),
            Test::Dates(dates) => dates.takes(dates.member.of(columns, row)),
            Test::Marked => self.marks.contains(row),
            Test::Kept(field, values) => table.passes_kept(*field, values, row),
            Test::Key(keys) => keys.take(columns, row),
            Test::Words(words) => words.hold(table, row),
            Test::All(parts) => parts.iter().all(|part| self.holds(part, row)),
            Test::Any(parts) => parts.iter().any(|part| self.holds(part, row)),
            Test::Not(part) => !self.holds(part, row),
        }
    }

    fn risk(self, row: Handle) -> Option<RiskLevel> {
        self.table.columns.risk(row).map(|risk| risk.level)
    }
}
