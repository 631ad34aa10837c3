//! Orders of groups, made in turns: by the key, then by name, then by what tells groups of one name apart; never by
//! arrival.

use super::digits::{BYTES, bytes_from};
use crate::table::{GroupKind, GroupRow, Table};

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
pub struct GroupSorting {
    kind: GroupKind,
    by: GroupSort,
    /// Places among the groups.
    order: Vec<u32>,
    /// Parts of the order that are alike so far, and the number that tells them apart next: 0 is the key, then come
    /// those of the name.
    work: Vec<(usize, usize, usize)>,
    /// The numbers of the part that is worked at.
    digits: Vec<(u64, u32)>,
}

impl GroupSorting {
    /// Begins to sort so many groups.
    pub fn new(kind: GroupKind, groups: usize, by: GroupSort) -> Self {
        Self {
            kind,
            by,
            order: (0..groups as u32).collect(),
            work: vec![(0, groups, 0)],
            digits: Vec::new(),
        }
    }

    /// Looks at about so many groups, which are the same every time; whether all are in order now.
    pub fn step(&mut self, table: &Table, groups: &[GroupRow], some: usize) -> bool {
        let mut left = some;
        while let Some(&(start, end, level)) = self.work.last() {
            if left == 0 {
                return false;
            }
            let begun = self.digits.len();
            let next = (start + begun).saturating_add(left).min(end);
            for &at in &self.order[start + begun..next] {
                let digit = groups
                    .get(at as usize)
                    .map_or(0, |row| self.digit(table, row, level));
                self.digits.push((digit, at));
            }
            left -= next - start - begun;
            if next == end {
                self.work.pop();
                self.settle(table, groups, start, level);
            }
        }
        true
    }

    /// The numbers of a part are all there.
    fn settle(&mut self, table: &Table, groups: &[GroupRow], start: usize, level: usize) {
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
                if row.is_some_and(|row| self.goes_on(table, row, level)) {
                    self.work.push((from, to, level + 1));
                } else {
                    self.tell_apart(table, groups, from..to);
                }
            }
            from = to;
        }
        digits.clear();
        self.digits = digits;
    }

    fn digit(&self, table: &Table, row: &GroupRow, level: usize) -> u64 {
        let directed = |value: u64| {
            if self.by.descending {
                u64::MAX - value
            } else {
                value
            }
        };
        match (level.checked_sub(1), self.by.field) {
            (Some(chunk), field) => {
                let digit = bytes_from(&table.folded_name(self.kind, row.group), chunk);
                let backwards = field == GroupSortField::Name && self.by.descending;
                if backwards { !digit } else { digit }
            }
            (None, GroupSortField::Name) => 0,
            (None, GroupSortField::Leaks) => directed(u64::from(row.total())),
            (None, GroupSortField::Unresolved) => directed(u64::from(row.unresolved())),
            // Groups without a date come last in both directions.
            (None, GroupSortField::Seen) => {
                let seconds = table.group_seconds(self.kind, row);
                seconds.map_or(u64::MAX, |seconds| {
                    directed(seconds.cast_unsigned() ^ 1 << 63)
                })
            }
        }
    }

    /// Whether a name that is alike so far is longer than that.
    fn goes_on(&self, table: &Table, row: &GroupRow, level: usize) -> bool {
        level == 0 || table.folded_name(self.kind, row.group).len() > BYTES * level
    }

    /// Groups of one name.
    fn tell_apart(&mut self, table: &Table, groups: &[GroupRow], alike: std::ops::Range<usize>) {
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

/// Sorts groups.
pub fn sort_groups(table: &Table, kind: GroupKind, rows: &mut [GroupRow], by: GroupSort) {
    let mut sorting = GroupSorting::new(kind, rows.len(), by);
    sorting.step(table, rows, usize::MAX);
    let order = sorting.into_order();
    let sorted: Vec<GroupRow> = order
        .iter()
        .filter_map(|at| rows.get(*at as usize).copied())
        .collect();
    rows.copy_from_slice(&sorted);
}
