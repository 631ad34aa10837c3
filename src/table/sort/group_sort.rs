//! Orders of groups, made in slices: by the key, then by name, then by what tells groups of one name apart; never by
//! arrival.

use super::partition::{Partitioned, Partitioning};
use crate::table::{
    GroupKind, GroupRow, Table,
    prefix_key::{PREFIX_BYTES, prefix_key},
};

/// What groups are sorted by.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, strum::EnumString, strum::Display, strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
pub enum GroupSortField {
    /// What it is called.
    Name,
    /// How many leaks it has.
    Leaks,
    /// How many of them need work.
    Unresolved,
    /// The latest date of its leaks.
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

/// An order of groups in the making.
#[derive(Clone, Debug)]
pub struct IncrementalGroupSort {
    kind: GroupKind,
    sort: GroupSort,
    /// Places among the groups.
    order: Vec<u32>,
    /// Parts of the order that are alike so far.
    work: Vec<GroupRun>,
    /// The part that is worked at, where it has many groups.
    large_run: Option<(GroupRun, LargeRun)>,
    digits: Vec<(u64, u32)>,
}

/// Groups that are alike so far.
#[derive(Clone, Copy, Debug)]
struct GroupRun {
    start: usize,
    end: usize,
    /// The number that tells them apart next: 0 is the key, then come those of the name.
    level: usize,
}

/// A part of many groups: it is cast into small ones, which are then sorted one by one.
#[derive(Clone, Debug)]
enum LargeRun {
    Partitioning(Partitioning<u32>),
    Partitioned(Partitioned<u32>, usize),
}

/// So many groups are sorted at once.
const MAX_DIRECT_SORT_GROUPS: usize = 4_096;

impl IncrementalGroupSort {
    /// Begins to sort so many groups.
    pub fn new(kind: GroupKind, groups: usize, by: GroupSort) -> Self {
        let all = GroupRun {
            start: 0,
            end: groups,
            level: usize::from(by.field == GroupSortField::Name),
        };
        Self {
            kind,
            sort: by,
            order: (0..groups as u32).collect(),
            work: vec![all],
            large_run: None,
            digits: Vec::new(),
        }
    }

    /// Looks at about so many groups, which are the same every time; whether all are in order now.
    pub fn step(&mut self, table: &Table, groups: &[GroupRow], some: usize) -> bool {
        let mut left = some;
        loop {
            if left == 0 {
                return false;
            }
            let done = match (self.large_run.take(), self.work.pop()) {
                (None, None) => return true,
                (None, Some(part)) if part.end - part.start <= MAX_DIRECT_SORT_GROUPS => {
                    let things = &self.order[part.start..part.end];
                    let digit = |at: &u32| (self.number(table, groups, *at, part.level), *at);
                    let digits: Vec<_> = things.iter().map(digit).collect();
                    self.digits.clear();
                    self.digits.extend(digits);
                    self.finish_run(table, groups, part.start, part.level);
                    part.end - part.start
                }
                (None, Some(part)) => {
                    let things = self.order[part.start..part.end].to_vec();
                    let casting =
                        Partitioning::new(things, |at| self.number(table, groups, at, part.level));
                    self.large_run = Some((part, LargeRun::Partitioning(casting)));
                    MAX_DIRECT_SORT_GROUPS
                }
                (Some((part, large)), work) => {
                    self.work.extend(work);
                    let (done, large) = self.advance(table, groups, part, large, left);
                    self.large_run = large.map(|large| (part, large));
                    done
                }
            };
            left = left.saturating_sub(done.max(1));
        }
    }

    /// Goes on with a part of many groups; how many were looked at, and what is left to do.
    fn advance(
        &mut self,
        table: &Table,
        groups: &[GroupRow],
        part: GroupRun,
        large: LargeRun,
        some: usize,
    ) -> (usize, Option<LargeRun>) {
        match large {
            LargeRun::Partitioning(mut casting) => {
                let next = casting.next_unnumbered(some);
                if next.is_empty() {
                    let placed = casting.distribute(some);
                    let large = placed.map_or_else(
                        || LargeRun::Partitioning(casting),
                        |cast| LargeRun::Partitioned(cast, 0),
                    );
                    return (part.end - part.start, Some(large));
                }
                let number = |at: &u32| self.number(table, groups, *at, part.level);
                let numbers: Vec<u64> = next.iter().map(number).collect();
                casting.add_numbers(&numbers);
                (numbers.len(), Some(LargeRun::Partitioning(casting)))
            }
            LargeRun::Partitioned(cast, next) if next < cast.bucket_count() => {
                let places = cast.bucket_range(next);
                let numbers = cast.numbers[places.clone()].iter().copied();
                self.digits.clear();
                self.digits
                    .extend(numbers.zip(cast.things[places.clone()].iter().copied()));
                self.finish_run(table, groups, part.start + places.start, part.level);
                (places.len(), Some(LargeRun::Partitioned(cast, next + 1)))
            }
            LargeRun::Partitioned(..) => (0, None),
        }
    }

    /// The numbers of some groups are all there, and those of the groups before and behind them are others.
    fn finish_run(&mut self, table: &Table, groups: &[GroupRow], start: usize, level: usize) {
        let mut digits = std::mem::take(&mut self.digits);
        digits.sort_unstable();
        let mut from = start;
        for alike in digits.chunk_by(|(one, _), (two, _)| one == two) {
            let to = from + alike.len();
            for (place, (_, at)) in self.order[from..to].iter_mut().zip(alike) {
                *place = *at;
            }
            if alike.len() > 1 {
                let row = alike.first().and_then(|(_, at)| groups.get(*at as usize));
                if row.is_some_and(|row| self.has_more(table, row, level)) {
                    self.work.push(GroupRun {
                        start: from,
                        end: to,
                        level: level + 1,
                    });
                } else {
                    self.break_ties(table, groups, from..to);
                }
            }
            from = to;
        }
        digits.clear();
        self.digits = digits;
    }

    fn number(&self, table: &Table, groups: &[GroupRow], at: u32, level: usize) -> u64 {
        let row = groups.get(at as usize);
        row.map_or(0, |row| self.digit(table, row, level))
    }

    fn digit(&self, table: &Table, row: &GroupRow, level: usize) -> u64 {
        let Some(chunk) = level.checked_sub(1) else {
            return first_number(table, self.kind, row, self.sort);
        };
        let digit = prefix_key(&table.folded_name(self.kind, row.group), chunk);
        let backwards = self.sort.field == GroupSortField::Name && self.sort.descending;
        if backwards { !digit } else { digit }
    }

    /// Whether a name that is alike so far is longer than that.
    fn has_more(&self, table: &Table, row: &GroupRow, level: usize) -> bool {
        level == 0 || table.folded_name(self.kind, row.group).len() > PREFIX_BYTES * level
    }

    /// Groups of one name.
    fn break_ties(&mut self, table: &Table, groups: &[GroupRow], alike: std::ops::Range<usize>) {
        self.order[alike].sort_by_cached_key(|at| {
            groups.get(*at as usize).map(|row| {
                let key = table.group_key(self.kind, row.group);
                (key.id.clone(), key)
            })
        });
    }

    /// The places of the groups, in order.
    pub fn into_order(self) -> Vec<u32> {
        self.order
    }
}

/// What groups are sorted by, as a number; not by name.
pub(super) fn first_number(table: &Table, kind: GroupKind, row: &GroupRow, by: GroupSort) -> u64 {
    let directed = |value: u64| {
        if by.descending {
            u64::MAX - value
        } else {
            value
        }
    };
    match by.field {
        GroupSortField::Name => 0,
        GroupSortField::Leaks => directed(u64::from(row.total())),
        GroupSortField::Unresolved => directed(u64::from(row.unresolved())),
        // Groups without a date come last in both directions.
        GroupSortField::Seen => {
            let seconds = table.group_seconds(kind, row);
            seconds.map_or(u64::MAX, |seconds| {
                directed(seconds.cast_unsigned() ^ 1 << 63)
            })
        }
    }
}

/// Sorts groups.
pub fn sort_groups(table: &Table, kind: GroupKind, rows: &mut [GroupRow], by: GroupSort) {
    let mut sorting = IncrementalGroupSort::new(kind, rows.len(), by);
    sorting.step(table, rows, usize::MAX);
    let order = sorting.into_order();
    let sorted: Vec<GroupRow> = order
        .iter()
        .filter_map(|at| rows.get(*at as usize).copied())
        .collect();
    rows.copy_from_slice(&sorted);
}
