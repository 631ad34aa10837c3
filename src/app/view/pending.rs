//! Groups that are being made for a pane, and how far they are.

use crate::{
    app::model::{GroupRef, Pane},
    filter::Filter,
    table::{
        Gathering, GroupId, GroupKind, GroupMerging, GroupRow, GroupSort, GroupSorting, Handle,
        RowsOfKind,
    },
};
use std::{collections::HashSet, sync::Arc};

/// Groups that are being made for a pane.
#[derive(Clone, Debug)]
pub struct Making {
    pub(in crate::app) pane: Pane,
    /// The leaks that are counted.
    pub(in crate::app) leaks: Arc<[Handle]>,
    pub(in crate::app) sort: GroupSort,
    pub(in crate::app) choice: Choice,
    /// Kinds that are not begun, the last one first.
    pub(in crate::app) kinds: Vec<GroupKind>,
    /// The kind that is being made, and how far.
    pub(in crate::app) current: Option<(GroupKind, Stage)>,
    /// The kinds that are made.
    pub(in crate::app) merging: GroupMerging,
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
pub(in crate::app) struct Choice {
    /// By their own members.
    pub(in crate::app) own: Filter,
    /// With a leak among these.
    pub(in crate::app) with_leak: Option<Vec<Handle>>,
    /// Those of one leak.
    pub(in crate::app) of_leak: Option<Handle>,
}

/// How far a kind is.
#[derive(Clone, Debug)]
pub(in crate::app) enum Stage {
    /// So many leaks are counted.
    Counting(Gathering, usize),
    /// All leaks are counted.
    Listing(Gathering),
    /// So many groups were looked at, and those that were chosen.
    Choosing {
        keep: Option<HashSet<GroupId>>,
        rows: Vec<GroupRow>,
        next: usize,
        chosen: Vec<GroupRow>,
    },
    Sorting(Vec<GroupRow>, Box<GroupSorting>),
}
