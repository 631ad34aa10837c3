//! A selection in steps, for filters that take too long for one key: rows are looked at in the order of the view, so
//! that the first screen is there first.

use super::{Reach, Sight, test::Test};
use crate::{
    filter::Filter,
    table::{GroupId, GroupKind, Handle, Marks, Table},
};
use std::{fmt, sync::Arc};

/// A selection that is under way. Good for one generation of the table and one set of marks.
#[derive(Clone)]
pub struct Selection {
    test: Test,
    order: Arc<[Handle]>,
    next: usize,
    hits: Vec<Handle>,
    generation: u64,
}

/// What is looked for may be a leaked name.
impl fmt::Debug for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Selection({} of {} rows)", self.next, self.order.len())
    }
}

impl Table {
    /// Begins to select, from rows in an order that the hits keep.
    pub fn selection(
        &self,
        filter: &Filter,
        scope: &[(GroupKind, GroupId)],
        order: Arc<[Handle]>,
    ) -> Selection {
        let few = order.len() < self.rows() / super::FEW;
        let reach = if few { Reach::Few } else { Reach::Steps };
        Selection {
            test: self.compile(filter, scope, reach),
            order,
            next: 0,
            hits: Vec::new(),
            generation: self.leaks_generation(),
        }
    }
}

impl Selection {
    /// Looks at more rows, as many as a budget allows: about one for a row, more where its texts must be looked at.
    /// Whether that was the last.
    pub fn step(&mut self, table: &Table, marks: &Marks, budget: usize) -> bool {
        let sight = Sight { table, marks };
        let mut spent = 0;
        while let Some(&row) = self.order.get(self.next) {
            if spent >= budget {
                return false;
            }
            spent += 1;
            self.next += 1;
            if table.is_shown(row, marks) && sight.passes(&mut self.test, row, &mut spent) {
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
    pub fn is_of(&self, table: &Table) -> bool {
        self.generation == table.leaks_generation()
    }

    /// The hits so far, in order.
    pub fn hits(&self) -> &[Handle] {
        &self.hits
    }

    /// All hits, once the last step is done.
    pub fn into_hits(self) -> Vec<Handle> {
        self.hits
    }
}
