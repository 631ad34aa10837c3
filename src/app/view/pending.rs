//! Groups that are being made for a pane, and how far they are.

use crate::{
    app::model::{GroupRef, Pane},
    filter::Filter,
    table::{
        GroupCounting, GroupId, GroupKind, GroupMerge, GroupRow, GroupSort, IncrementalGroupSort,
        RowId, RowsOfKind,
    },
};
use std::{collections::HashSet, sync::Arc};

/// Groups that are being made for a pane.
#[derive(Clone, Debug)]
pub struct Making {
    pub(in crate::app) pane: Pane,
    /// The leaks that are counted.
    pub(in crate::app) leaks: Arc<[RowId]>,
    pub(in crate::app) sort: GroupSort,
    pub(in crate::app) choice: GroupChoice,
    /// Kinds that are not begun, the last one first.
    pub(in crate::app) kinds: Vec<GroupKind>,
    /// The kind that is being made, and how far.
    pub(in crate::app) current: Option<(GroupKind, Stage)>,
    /// The kinds that are made.
    pub(in crate::app) merge: GroupMerge,
}

/// Groups that are made.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// In order.
    pub order: Vec<GroupRef>,
    /// What is known of each.
    pub rows: Vec<RowsOfKind>,
}

/// Which groups are shown.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct GroupChoice {
    /// By their own members.
    pub(in crate::app) group_filter: Filter,
    /// With a leak among these.
    pub(in crate::app) matching_leaks: Option<Vec<RowId>>,
    /// Those of one leak.
    pub(in crate::app) single_leak: Option<RowId>,
}

/// How far a kind is.
#[derive(Clone, Debug)]
pub(in crate::app) enum Stage {
    /// So many leaks are counted.
    Counting(GroupCounting, usize),
    /// All leaks are counted.
    Listing(GroupCounting),
    /// So many groups were looked at, and those that were chosen.
    Filtering {
        keep: Option<HashSet<GroupId>>,
        rows: Vec<GroupRow>,
        next: usize,
        chosen: Vec<GroupRow>,
    },
    Sorting(Vec<GroupRow>, Box<IncrementalGroupSort>),
}
