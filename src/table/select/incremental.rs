//! A selection in steps, for filters that take too long for one key: rows are looked at in the order of the view, so
//! that the first screen is there first.

use super::{EvalContext, Strategy, predicate::Predicate};
use crate::{
    filter::Filter,
    table::{GroupId, GroupKind, Marks, RowId, Table},
};
use std::{fmt, sync::Arc};

/// A selection that is under way. Good for one generation of the table and one set of marks.
#[derive(Clone)]
pub struct IncrementalSelection {
    predicate: Predicate,
    order: Arc<[RowId]>,
    next: usize,
    hits: Vec<RowId>,
    generation: u64,
}

/// What is looked for may be a leaked name.
impl fmt::Debug for IncrementalSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Selection({} of {} rows)", self.next, self.order.len())
    }
}

impl Table {
    /// Begins to select, from rows in an order that the hits keep.
    pub fn begin_selection(
        &self,
        filter: &Filter,
        scope: &[(GroupKind, GroupId)],
        order: Arc<[RowId]>,
    ) -> IncrementalSelection {
        let few = order.len() < self.row_id_count() / super::LAZY_ROW_DIVISOR;
        let reach = if few {
            Strategy::Lazy
        } else {
            Strategy::Incremental
        };
        IncrementalSelection {
            predicate: self.compile(filter, scope, reach),
            order,
            next: 0,
            hits: Vec::new(),
            generation: self.leaks_generation(),
        }
    }
}

impl IncrementalSelection {
    /// Looks at more rows, as many as a budget allows: about one for a row, more where its texts must be looked at.
    /// Whether that was the last.
    pub fn step(&mut self, table: &Table, marks: &Marks, budget: usize) -> bool {
        let sight = EvalContext { table, marks };
        let mut spent = 0;
        while let Some(&row) = self.order.get(self.next) {
            if spent >= budget {
                return false;
            }
            spent += 1;
            self.next += 1;
            if table.is_shown(row, marks) && sight.matches(&mut self.predicate, row, &mut spent) {
                self.hits.push(row);
            }
        }
        true
    }

    /// The table's generation that it was begun on.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether it is of the table as it is.
    pub fn is_current_for(&self, table: &Table) -> bool {
        self.generation == table.leaks_generation()
    }

    /// The hits so far, in order.
    pub fn hits(&self) -> &[RowId] {
        &self.hits
    }

    /// All hits, once the last step is done.
    pub fn into_hits(self) -> Vec<RowId> {
        self.hits
    }
}
