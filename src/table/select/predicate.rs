//! What a filter comes to for a table: tests of numbers, row by row or all rows at once.

use super::{key_term::KeyTerm, text_cache::TextTerm};
use crate::{
    entity::{leak::RiskLevel, news::KINDS, seen::EventKind},
    filter::{Age, DateRanges, Field, RiskSet, StatusSet, Values},
    table::{Marks, RowId, Table, columns::Columns, dates::Dates, interner::NO_VALUE},
};
use fixedbitset::FixedBitSet;

const BITS: usize = usize::BITS as usize;

/// A part of a filter or a scope made ready for a table. Parts of *all* and *any* lie in the order in which they are
/// tried: the cheap ones first.
#[derive(Clone, Debug)]
pub(super) enum Predicate {
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    Status(StatusSet),
    Risk(RiskSet),
    Slots(FixedBitSet),
    /// The row's own number in a column, for one group of them.
    Number(Member, u32),
    Is(IsTerm),
    Column(Column),
    Dates(DateColumn),
    /// When the row was found here.
    Found(DateTest),
    Marked,
    /// What the journal keeps beside the row's status.
    Annotation(Field, Values),
    Key(KeyTerm),
    /// Texts that are looked at when a row asks for them.
    Text(Box<TextTerm>),
}

impl Predicate {
    /// What is never so.
    pub(super) fn never() -> Self {
        Self::Any(Vec::new())
    }

    /// Roughly how long it takes, for the order in which parts are tried.
    pub(super) fn cost(&self) -> u32 {
        match self {
            Self::Status(_) | Self::Slots(_) | Self::Marked => 1,
            Self::Risk(_) | Self::Number(..) | Self::Is(_) | Self::Found(_) => 2,
            Self::Column(_) | Self::Dates(_) => 3,
            Self::Not(part) => part.cost(),
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::cost).sum(),
            Self::Annotation(..) => 20,
            Self::Key(_) => 30,
            Self::Text(_) => 100,
        }
    }

    /// All of these, the cheap ones first; what is one part alone is that.
    pub(super) fn all(parts: Vec<Predicate>) -> Self {
        join(parts, Self::All)
    }

    /// Any of these, the cheap ones first.
    pub(super) fn any(parts: Vec<Predicate>) -> Self {
        join(parts, Self::Any)
    }
}

fn join(mut parts: Vec<Predicate>, all: fn(Vec<Predicate>) -> Predicate) -> Predicate {
    parts.sort_by_key(Predicate::cost);
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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of the language"
)]
pub(super) struct IsTerm {
    pub(super) local: bool,
    pub(super) remote: bool,
    pub(super) disputed: bool,
    pub(super) news: bool,
    pub(super) unread: bool,
    /// One of these kinds is told of it, by [`KINDS`].
    pub(super) told: [bool; KINDS.len()],
}

impl IsTerm {
    /// Whether something of what is asked for is told of a row.
    fn is_told(&self, table: &Table, row: RowId) -> bool {
        let is_kind = |kind: EventKind| {
            let at = KINDS.iter().position(|known| *known == kind);
            at.is_some_and(|at| self.told[at])
        };
        self.told.contains(&true) && table.news(row).is_some_and(|news| is_kind(news.kind))
            || self.news && table.fresh_news(row).is_some()
            || self.unread && table.is_unread(row)
    }
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
    pub(super) fn number(self, columns: &Columns, row: RowId) -> u32 {
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
    pub(super) includes_missing: bool,
}

impl Column {
    fn matches(&self, number: u32) -> bool {
        let at = number as usize;
        match self.hits.as_slice().get(at / BITS) {
            Some(word) => word >> (at % BITS) & 1 == 1,
            // The number for "none" is beyond every bitmap.
            None => self.includes_missing && number == NO_VALUE,
        }
    }

    fn is_empty(&self) -> bool {
        !self.includes_missing && self.hits.is_clear()
    }
}

/// Which dates pass.
#[derive(Clone, Debug)]
pub(super) enum DateTest {
    Ranges(DateRanges),
    /// With the moment that ages are counted to.
    Age(Age, Option<i64>),
}

impl DateTest {
    pub(super) fn matches(&self, seconds: i64) -> bool {
        match self {
            Self::Ranges(moments) => moments.contains(seconds),
            Self::Age(age, now) => age.matches(Some(seconds), *now),
        }
    }

    /// Whether a row without a date passes.
    pub(super) fn matches_missing(&self) -> bool {
        matches!(self, Self::Ranges(moments) if moments.missing)
    }
}

/// Dates that pass.
#[derive(Clone, Debug)]
pub(super) struct DateColumn {
    pub(super) member: Member,
    pub(super) test: DateTest,
    /// Of the texts that are no plain times, those that pass.
    pub(super) texts: FixedBitSet,
}

impl DateColumn {
    fn matches(&self, number: u32) -> bool {
        if number == NO_VALUE {
            return self.test.matches_missing();
        }
        match Dates::plain_seconds(number) {
            Some(seconds) => self.test.matches(seconds),
            None => self.texts.contains(number as usize),
        }
    }
}

/// The rows among some for which something holds.
pub(super) fn pick(among: &FixedBitSet, holds: impl Fn(RowId) -> bool) -> FixedBitSet {
    let mut found = FixedBitSet::with_capacity(among.len());
    let words = among.as_slice().iter().zip(found.as_mut_slice());
    for (at, (word, found)) in words.enumerate() {
        let first = (at * BITS) as u32;
        let mut hits = 0;
        if *word == usize::MAX {
            for bit in 0..usize::BITS {
                hits |= usize::from(holds(RowId(first + bit))) << bit;
            }
        } else {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                hits |= usize::from(holds(RowId(first + bit))) << bit;
            }
        }
        *found = hits;
    }
    found
}

/// What tests look at.
#[derive(Clone, Copy)]
pub(super) struct EvalContext<'t> {
    pub(super) table: &'t Table,
    pub(super) marks: &'t Marks,
}

impl EvalContext<'_> {
    /// The rows among some that pass.
    pub(super) fn select(self, test: &Predicate, among: &FixedBitSet) -> FixedBitSet {
        let (table, columns) = (self.table, &self.table.columns);
        match test {
            Predicate::All(parts) => {
                let mut left = among.clone();
                for part in parts {
                    if left.is_clear() {
                        break;
                    }
                    left = self.select(part, &left);
                }
                left
            }
            Predicate::Any(parts) => {
                let mut found = FixedBitSet::with_capacity(among.len());
                let mut left = among.clone();
                for part in parts {
                    let more = self.select(part, &left);
                    left.difference_with(&more);
                    found.union_with(&more);
                }
                found
            }
            Predicate::Not(part) => {
                let mut left = among.clone();
                left.difference_with(&self.select(part, among));
                left
            }
            Predicate::Status(set) => pick(among, |row| set.contains(table.status(row))),
            Predicate::Risk(set) => pick(among, |row| set.contains(self.risk(row))),
            Predicate::Column(column) if column.is_empty() => {
                FixedBitSet::with_capacity(among.len())
            }
            Predicate::Column(column) => column
                .member
                .pick(columns, among, |number| column.matches(number)),
            Predicate::Dates(dates) => dates
                .member
                .pick(columns, among, |number| dates.matches(number)),
            Predicate::Number(member, wanted) => {
                member.pick(columns, among, |number| number == *wanted)
            }
            Predicate::Marked => pick(among, |row| self.marks.contains(row)),
            Predicate::Slots(_)
            | Predicate::Is(_)
            | Predicate::Found(_)
            | Predicate::Annotation(..)
            | Predicate::Key(_) => pick(among, |row| self.matches_leaf(test, row)),
            // Made for few rows: here the memory of what was looked at is of no use to anyone.
            Predicate::Text(words) => pick(among, |row| words.matches(table, row)),
        }
    }

    /// Whether one row passes. Adds to `spent` what looking at texts took.
    pub(super) fn matches(self, test: &mut Predicate, row: RowId, spent: &mut usize) -> bool {
        match test {
            Predicate::All(parts) => parts.iter_mut().all(|part| self.matches(part, row, spent)),
            Predicate::Any(parts) => parts.iter_mut().any(|part| self.matches(part, row, spent)),
            Predicate::Not(part) => !self.matches(part, row, spent),
            Predicate::Text(words) => words.matches_cached(self.table, row, spent),
            other => self.matches_leaf(other, row),
        }
    }

    /// The same of a test that is not made of others.
    fn matches_leaf(self, test: &Predicate, row: RowId) -> bool {
        let (table, columns) = (self.table, &self.table.columns);
        match test {
            Predicate::Status(set) => set.contains(table.status(row)),
            Predicate::Risk(set) => set.contains(self.risk(row)),
            Predicate::Slots(slots) => slots.contains(table.slot(row).0 as usize),
            Predicate::Number(member, wanted) => member.number(columns, row) == *wanted,
            Predicate::Is(wanted) => {
                let local = table.is_local(row);
                wanted.local && local
                    || wanted.remote && !local
                    || wanted.disputed && table.is_disputed(row)
                    || wanted.is_told(table, row)
            }
            Predicate::Column(column) => column.matches(column.member.number(columns, row)),
            Predicate::Dates(dates) => dates.matches(dates.member.number(columns, row)),
            Predicate::Found(wanted) => match table.found_seconds(row) {
                Some(seconds) => wanted.matches(seconds),
                None => wanted.matches_missing(),
            },
            Predicate::Marked => self.marks.contains(row),
            Predicate::Annotation(field, values) => table.matches_annotation(*field, values, row),
            Predicate::Key(keys) => keys.matches(columns, row),
            Predicate::Text(words) => words.matches(table, row),
            Predicate::All(parts) => parts.iter().all(|part| self.matches_leaf(part, row)),
            Predicate::Any(parts) => parts.iter().any(|part| self.matches_leaf(part, row)),
            Predicate::Not(part) => !self.matches_leaf(part, row),
        }
    }

    fn risk(self, row: RowId) -> Option<RiskLevel> {
        self.table.columns.risk(row).map(|risk| risk.level)
    }
}
