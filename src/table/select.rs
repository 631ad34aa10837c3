//! Filters on the whole table: texts are searched once each, rows are then tests of numbers.
//!
//! A filter is [made ready](compile) for the table as a tree of [tests](mod@predicate). Over all rows each test gives a bitmap, and
//! *and*, *or* and *not* are those of bitmaps. Of few rows each is tested by itself, and only the texts that they have
//! are looked at. What takes long is an [`IncrementalSelection`] that is made in steps.

mod compile;
mod incremental;
mod key_term;
mod predicate;
mod text_cache;

pub use incremental::IncrementalSelection;

use super::{GroupId, GroupKind, Marks, RowId, Table};
use crate::filter::Filter;
use compile::Strategy;
use fixedbitset::FixedBitSet;
use predicate::EvalContext;

/// So many times fewer rows than the table has are few: their texts are then looked at in less time than all texts are.
const LAZY_ROW_DIVISOR: usize = 64;

impl Table {
    /// The rows that a filter and a scope take; gone ones only where they are marked. `within` is what to look at, in
    /// the order that the answer keeps: the previous hits, when [`Filter::refines`] says that they suffice, the scope is
    /// no wider and the generation is the same. Without it the answer is by handle.
    pub fn select(
        &self,
        filter: &Filter,
        scope: &[(GroupKind, GroupId)],
        within: Option<&[RowId]>,
        marks: &Marks,
    ) -> Vec<RowId> {
        let sight = EvalContext { table: self, marks };
        match within {
            Some(rows) if rows.len() < self.row_id_count() / LAZY_ROW_DIVISOR => {
                let mut test = self.compile(filter, scope, Strategy::Lazy);
                let shown = |row: &RowId| self.is_shown(*row, marks);
                let rows = rows.iter().copied().filter(shown);
                rows.filter(|row| sight.matches(&mut test, *row, &mut 0))
                    .collect()
            }
            Some(rows) => {
                let mut among = FixedBitSet::with_capacity(self.row_id_count());
                among.extend(rows.iter().map(|row| row.0 as usize));
                let hits = self.hits(filter, scope, marks, among);
                let hit = |row: &RowId| hits.contains(row.0 as usize);
                rows.iter().copied().filter(hit).collect()
            }
            None if self.gone == 0 && filter.is_empty() && scope.is_empty() => {
                self.columns.row_ids().collect()
            }
            None => {
                let mut all = FixedBitSet::with_capacity(self.row_id_count());
                all.insert_range(..);
                let hits = self.hits(filter, scope, marks, all);
                let mut rows = Vec::with_capacity(hits.count_ones(..));
                rows.extend(hits.ones().map(|at| RowId(at as u32)));
                rows
            }
        }
    }

    /// The same among some rows, as bitmaps over handles.
    fn hits(
        &self,
        filter: &Filter,
        scope: &[(GroupKind, GroupId)],
        marks: &Marks,
        among: FixedBitSet,
    ) -> FixedBitSet {
        let mut shown = among;
        if self.gone > 0 {
            shown = predicate::pick(&shown, |row| self.is_shown(row, marks));
        }
        if filter.is_empty() && scope.is_empty() {
            return shown;
        }
        let test = self.compile(filter, scope, Strategy::Full);
        EvalContext { table: self, marks }.select(&test, &shown)
    }

    fn is_shown(&self, row: RowId, marks: &Marks) -> bool {
        !self.is_gone(row) || marks.contains(row)
    }
}
