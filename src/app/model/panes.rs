//! The five lists and what each holds.

use crate::{
    app::list::List,
    entity::{
        job::Job,
        key::{EntityKey, JobId, Kind},
    },
    filter::{Filter, FilterError},
    table::{
        GroupId, GroupKind, GroupRow, GroupSort, GroupSortField, IncrementalSelection,
        IncrementalSort, Marks, RowId, RowsOfKind, SortField, SortKey,
    },
};
use std::sync::Arc;

/// The five lists.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    strum::EnumIter,
    strum::EnumString,
    strum::Display,
)]
#[strum(serialize_all = "lowercase")]
pub enum Pane {
    /// Verified domains, and domains that leaks are filed under.
    Domains,
    /// People, by login.
    Users,
    /// Leaks.
    Leaks,
    /// Infected machines and resources.
    Connections,
    /// Bulk jobs.
    Jobs,
}

/// A row of a group pane.
pub type GroupRef = (GroupKind, GroupId);

/// One step of the drill-down, shown as a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeItem {
    /// Leaks of this domain, user, machine or resource.
    Group(GroupKind, GroupId),
    /// The connections of this leak.
    Leak(RowId),
}

/// A pane's filter: the last valid one, and what is wrong with the text if it is not valid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilterState {
    /// What is in force.
    pub filter: Filter,
    /// What is wrong with the text that was typed since.
    pub error: Option<FilterError>,
}

/// Every row in an order.
#[derive(Clone, Debug)]
pub struct FullOrder {
    /// The table's generation that it was made from.
    pub built_from: u64,
    /// The order.
    pub sort: Vec<SortKey>,
    /// The rows, gone ones too.
    pub rows: Arc<[RowId]>,
}

/// The leaks pane.
#[derive(Clone, Debug, Default)]
pub struct LeaksPane {
    /// The rows, in order.
    pub list: List<RowId>,
    /// The same rows as a set: what is marked in it is counted and changed without a look at each.
    pub visible_rows: Marks,
    /// Its filter.
    pub filter: FilterState,
    /// Its sort, most important key first.
    pub sort: Vec<SortKey>,
    /// The sort that the rows are in, or are being put in.
    pub effective_sort: Vec<SortKey>,
    /// Show marked leaks only.
    pub marked_only: bool,
    /// The table's generation that the rows were made from.
    pub built_from: u64,
    /// The rows are in their parts, and those parts that nobody has looked at are not in order yet.
    pub pending_sort: Option<IncrementalSort>,
    /// An order that will replace this one, and the generation that it is made from.
    pub next_order: Option<(IncrementalSort, u64)>,
    /// The leak that the cursor goes to once it is there.
    pub restore_cursor: Option<EntityKey>,
    /// All rows in the order of the sort, as long as that holds: a filter keeps it and need not sort.
    pub full_order: Option<FullOrder>,
    /// A search that is under way: the rows are those before, or the first of the new ones.
    pub pending_search: Option<IncrementalSearch>,
    /// How many leaks the filter leaves out only because they have no value to compare.
    pub missing_value_count: usize,
    /// Gathered by something, or one by one.
    pub grouping: Option<Grouping>,
    /// A range that is being marked or unmarked: where it began, and whether it marks.
    pub range_mark: Option<(RowId, bool)>,
}

/// What is known of groups, by kind, found by binary search: there may be hundreds of thousands.
#[derive(Clone, Debug, Default)]
pub struct GroupRows(Vec<RowsOfKind>);

impl GroupRows {
    /// What is known of one.
    pub fn get(&self, (kind, group): &GroupRef) -> Option<&GroupRow> {
        let (_, rows) = self.0.iter().find(|(other, _)| other == kind)?;
        let found = rows.binary_search_by_key(group, |row| row.group);
        found.ok().and_then(|at| rows.get(at))
    }

    /// What is known of each, by kind and group.
    pub fn values(&self) -> impl Iterator<Item = &GroupRow> {
        self.0.iter().flat_map(|(_, rows)| rows)
    }
}

impl From<Vec<RowsOfKind>> for GroupRows {
    fn from(mut kinds: Vec<RowsOfKind>) -> Self {
        kinds.sort_unstable_by_key(|(kind, _)| *kind);
        for (_, rows) in &mut kinds {
            // Nearly always they are.
            if !rows.is_sorted_by_key(|row| row.group) {
                rows.sort_unstable_by_key(|row| row.group);
            }
            rows.shrink_to_fit();
        }
        Self(kinds)
    }
}

/// The domains, users or connections pane.
#[derive(Clone, Debug)]
pub struct GroupsPane {
    /// The rows, in order.
    pub list: List<GroupRef>,
    /// What is known of each.
    pub rows: GroupRows,
    /// Its filter.
    pub filter: FilterState,
    /// Its sort.
    pub sort: GroupSort,
}

/// The jobs pane.
#[derive(Clone, Debug, Default)]
pub struct JobsPane {
    /// The rows, newest first.
    pub list: List<JobId>,
    /// What is known of each.
    pub jobs: Vec<Job>,
    /// Why they cannot be read.
    pub error: Option<String>,
}

impl GroupsPane {
    pub(in crate::app) fn with_sort(sort: GroupSort) -> Self {
        Self {
            list: List::default(),
            rows: GroupRows::default(),
            filter: FilterState::default(),
            sort,
        }
    }
}

/// By what the leaks are gathered, and the groups.
#[derive(Clone, Debug)]
pub struct Grouping {
    /// By what.
    pub kind: GroupKind,
    /// The groups.
    pub pane: GroupsPane,
    /// Leaks of the view that have no such value.
    pub ungrouped_count: usize,
}

/// A search that is under way.
#[derive(Clone, Debug)]
pub struct IncrementalSearch {
    pub(in crate::app) selection: IncrementalSelection,
    /// The cursor before, and the one that the first screen got, once that is shown.
    pub(in crate::app) cursors: Option<(Option<RowId>, Option<RowId>)>,
}

/// The kinds of group that a pane shows.
pub fn kinds_for_pane(pane: Pane) -> Vec<GroupKind> {
    match pane {
        Pane::Domains => vec![GroupKind::Domain],
        Pane::Users => vec![GroupKind::User],
        Pane::Connections => vec![
            GroupKind::Endpoint,
            GroupKind::Resource,
            GroupKind::Breach,
            GroupKind::Paste,
        ],
        Pane::Leaks | Pane::Jobs => Vec::new(),
    }
}

/// The noun of a pane.
pub fn kind_for_pane(pane: Pane) -> Kind {
    match pane {
        Pane::Domains => Kind::Domain,
        Pane::Users => Kind::User,
        Pane::Connections => Kind::Connection,
        Pane::Leaks | Pane::Jobs => Kind::Leak,
    }
}

/// Most work first.
pub const SORT_BY_OPEN: GroupSort = GroupSort {
    field: GroupSortField::Unresolved,
    descending: true,
};

/// Most leaks first.
pub const SORT_BY_LEAKS: GroupSort = GroupSort {
    field: GroupSortField::Leaks,
    descending: true,
};

/// Newest leak first.
pub fn newest_first() -> Vec<SortKey> {
    vec![SortKey {
        field: SortField::Seen,
        descending: true,
    }]
}
