//! Groups of several kinds in one order, made in slices of what each kind has in order.

use super::group_sort::{GroupSort, GroupSortField, first_number};
use crate::table::{GroupId, GroupKind, GroupRow, Table};
use std::cmp::Ordering;

/// The groups of a kind.
pub type RowsOfKind = (GroupKind, Vec<GroupRow>);

/// Groups that are put into one order.
#[derive(Clone, Debug)]
pub struct GroupMerge {
    sort: GroupSort,
    lists: Vec<List>,
    merged: Vec<(GroupKind, GroupId)>,
}

#[derive(Clone, Debug)]
struct List {
    kind: GroupKind,
    rows: Vec<GroupRow>,
    /// The places of the rows in order.
    order: Vec<u32>,
    next: usize,
}

impl List {
    fn head(&self) -> Option<&GroupRow> {
        self.rows.get(*self.order.get(self.next)? as usize)
    }
}

impl GroupMerge {
    /// Nothing is to be merged yet.
    pub fn new(by: GroupSort) -> Self {
        Self {
            sort: by,
            lists: Vec::new(),
            merged: Vec::new(),
        }
    }

    /// Adds a kind: its groups, and their places in order.
    pub fn add(&mut self, kind: GroupKind, rows: Vec<GroupRow>, order: Vec<u32>) {
        self.lists.push(List {
            kind,
            rows,
            order,
            next: 0,
        });
    }

    /// Takes so many groups more; whether that was the last one. Of two alike the one whose kind was added first comes
    /// first.
    pub fn step(&mut self, table: &Table, some: usize) -> bool {
        let all = self
            .lists
            .iter()
            .map(|list| list.order.len())
            .sum::<usize>();
        self.merged.reserve_exact(all - self.merged.len());
        for _ in 0..some {
            let heads = self.lists.iter_mut().filter(|list| list.head().is_some());
            let first = heads.min_by(|one, two| self.sort.compare(table, one, two));
            let Some(list) = first else { return true };
            if let Some(row) = list.head() {
                self.merged.push((list.kind, row.group));
            }
            list.next += 1;
        }
        self.merged.len() == all
    }

    /// The order, and the groups of each kind.
    pub fn finish(self) -> (Vec<(GroupKind, GroupId)>, Vec<RowsOfKind>) {
        let rows = self.lists.into_iter().map(|list| (list.kind, list.rows));
        (self.merged, rows.collect())
    }
}

impl GroupSort {
    /// The order of the next groups of two kinds.
    fn compare(self, table: &Table, one: &List, two: &List) -> Ordering {
        let (Some(row), Some(other)) = (one.head(), two.head()) else {
            return Ordering::Equal;
        };
        if self.field != GroupSortField::Name {
            let number = |kind, row| first_number(table, kind, row, self);
            return number(one.kind, row).cmp(&number(two.kind, other));
        }
        let name = |kind, row: &GroupRow| table.folded_name(kind, row.group);
        let order = name(one.kind, row).cmp(&name(two.kind, other));
        if self.descending {
            order.reverse()
        } else {
            order
        }
    }
}
