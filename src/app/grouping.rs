//! The leaks pane as groups: its leaks, filtered as they are, gathered by what they have in common. A group stands for
//! its leaks: marking it marks them, and a plan lists them.

use super::{
    model::{Context, GroupRef, GroupsPane, WorkspaceUpdate},
    view::{Making, build_groups, update_detail_now},
};
use crate::{
    app::model::{Grouping, SORT_BY_LEAKS},
    table::{GroupId, GroupKind},
};
use std::collections::HashMap;

/// Gathers the leaks by something, or shows them one by one again.
pub fn set(update: &mut WorkspaceUpdate<'_>, kind: Option<GroupKind>) {
    update.workspace.leaks.range_mark = None;
    update.workspace.reveal = None;
    if update
        .workspace
        .leaks
        .grouping
        .as_ref()
        .map(|grouping| grouping.kind)
        == kind
    {
        return;
    }
    update.workspace.leaks.grouping = kind.map(|kind| Grouping {
        kind,
        pane: GroupsPane::with_sort(SORT_BY_LEAKS),
        ungrouped_count: 0,
    });
    refresh(update);
    update_detail_now(update);
}

/// Makes the groups again from the rows of the leaks pane: at once where that is quick, else in slices.
pub fn refresh(update: &mut WorkspaceUpdate<'_>) {
    let Some(grouping) = &update.workspace.leaks.grouping else {
        return;
    };
    let leaks = update.workspace.leaks.list.order().into();
    let making = Making::for_grouping(leaks, grouping.kind, grouping.pane.sort);
    build_groups(update, making);
}

/// How many marked leaks each of these groups has: nothing is known of a group that is not asked for.
pub fn marked_counts(context: Context<'_>, groups: &[GroupRef]) -> HashMap<GroupRef, u32> {
    let mut counts: HashMap<GroupRef, u32> = HashMap::with_capacity(groups.len());
    if context.workspace.marks.is_empty() {
        return counts;
    }
    let mut kinds: Vec<GroupKind> = groups.iter().map(|(kind, _)| *kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let asked: std::collections::HashSet<GroupId> = groups
            .iter()
            .filter(|(other, _)| *other == kind)
            .map(|(_, group)| *group)
            .collect();
        for row in context
            .workspace
            .marks
            .iter()
            .filter(|row| !context.data.table.is_gone(*row))
        {
            if let Some(group) = context
                .data
                .table
                .group(row, kind)
                .filter(|it| asked.contains(it))
            {
                *counts.entry((kind, group)).or_default() += 1;
            }
        }
    }
    counts
}
