//! Groups in the making: their leaks are counted, then they are chosen, then put in order, a portion a turn. A key never
//! waits for more than one portion.

use super::{
    super::{
        model::{Context, Pane, ScopeItem},
        related,
    },
    pending::{GroupChoice, Stage},
};
use crate::{
    app::{
        model::{kind_for_pane, kinds_for_pane},
        view::{Made, Making},
    },
    table::{
        GroupCounting, GroupKind, GroupMerge, GroupRow, GroupSort, IncrementalGroupSort, RowId,
        Table,
    },
};
use std::sync::Arc;

/// A filter on a group's own members takes about so many times as long as to count a leak.
const MEMBER_FILTER_COST: usize = 8;

impl Making {
    /// The groups of a pane, of leaks that are in its scope.
    pub(super) fn for_pane(context: Context<'_>, pane: Pane, leaks: Arc<[RowId]>) -> Option<Self> {
        let groups = context.workspace.groups(pane)?;
        let filter = groups.filter.filter.with_now(context.now.wall);
        let (own, of_leaks) = filter.split_by_target(kind_for_pane(pane));
        let with_leak = (!of_leaks.is_empty()).then(|| {
            let scope = context.workspace.scope_groups();
            let (table, marks) = (&context.data.table, &context.workspace.marks);
            table.select(&of_leaks, &scope, Some(&leaks), marks)
        });
        let of_leak = context.workspace.scope.iter().find_map(|chip| match chip {
            ScopeItem::Leak(handle) => Some(*handle),
            ScopeItem::Group(..) => None,
        });
        let mut kinds = kinds_for_pane(pane);
        kinds.reverse();
        let choice = GroupChoice {
            group_filter: own,
            matching_leaks: with_leak,
            single_leak: of_leak.filter(|_| pane == Pane::Connections),
        };
        Some(Self::new(pane, leaks, groups.sort, choice, kinds))
    }

    /// The leaks of the view, gathered by a kind.
    pub(in crate::app) fn for_grouping(
        leaks: Arc<[RowId]>,
        kind: GroupKind,
        sort: GroupSort,
    ) -> Self {
        Self::new(Pane::Leaks, leaks, sort, GroupChoice::default(), vec![kind])
    }

    fn new(
        pane: Pane,
        leaks: Arc<[RowId]>,
        sort: GroupSort,
        choice: GroupChoice,
        kinds: Vec<GroupKind>,
    ) -> Self {
        Self {
            pane,
            leaks,
            sort,
            choice,
            kinds,
            current: None,
            merge: GroupMerge::new(sort),
        }
    }

    /// For which pane.
    pub(in crate::app) fn pane(&self) -> Pane {
        self.pane
    }

    /// How many leaks are counted.
    pub(super) fn leak_count(&self) -> usize {
        self.leaks.len()
    }

    /// Goes on by about so many leaks or groups; all groups, once they are made.
    pub(in crate::app) fn step(&mut self, context: Context<'_>, some: usize) -> Option<Made> {
        let mut left = some;
        while left > 0 {
            let Some((kind, stage)) = self.current.take() else {
                let Some(kind) = self.kinds.pop() else {
                    return self.merge(&context.data.table, left);
                };
                let gathering = GroupCounting::new(&context.data.table, kind);
                self.current = Some((kind, Stage::Counting(gathering, 0)));
                continue;
            };
            self.current = self
                .advance(context, kind, stage, &mut left)
                .map(|stage| (kind, stage));
        }
        None
    }

    /// Takes one stage further; the next one, or none where that was the last of the kind.
    fn advance(
        &mut self,
        context: Context<'_>,
        kind: GroupKind,
        stage: Stage,
        left: &mut usize,
    ) -> Option<Stage> {
        let table = &context.data.table;
        match stage {
            Stage::Counting(mut gathering, from) => {
                let to = from.saturating_add(*left).min(self.leaks.len());
                gathering.count(table, self.leaks[from..to].iter().copied());
                *left -= to - from;
                if to < self.leaks.len() {
                    return Some(Stage::Counting(gathering, to));
                }
                if self.pane == Pane::Leaks {
                    gathering.add_sources(table);
                } else {
                    gathering.add_listed_groups(table, &context.workspace.scope_groups());
                }
                Some(Stage::Listing(gathering))
            }
            Stage::Listing(mut gathering) => {
                let rows = gathering.scan_groups(*left);
                *left = left.saturating_sub(rows.as_ref().map_or(*left, Vec::len));
                Some(match rows {
                    None => Stage::Listing(gathering),
                    Some(rows) => self.start_filtering(context, kind, rows),
                })
            }
            Stage::Filtering {
                keep,
                rows,
                next,
                mut chosen,
            } => {
                // To look at a group's own members takes longer than to count a leak.
                let cost = if self.choice.group_filter.is_empty() {
                    1
                } else {
                    MEMBER_FILTER_COST
                };
                let to = next.saturating_add((*left / cost).max(1)).min(rows.len());
                let related = related::groups(context, kind);
                chosen.extend(rows[next..to].iter().filter(|row| {
                    let group = row.group;
                    keep.as_ref().is_none_or(|keep| keep.contains(&group))
                        && self.choice.single_leak.is_none_or(|leak| {
                            table.group(leak, kind) == Some(group)
                                || related.contains(&(kind, group))
                        })
                        && (self.choice.group_filter.is_empty()
                            || table.group_matches(kind, row, &self.choice.group_filter))
                }));
                *left = left.saturating_sub((to - next).saturating_mul(cost));
                if to < rows.len() {
                    return Some(Stage::Filtering {
                        keep,
                        rows,
                        next: to,
                        chosen,
                    });
                }
                Some(self.start_sorting(kind, chosen))
            }
            Stage::Sorting(rows, mut sorting) => {
                if !sorting.step(table, &rows, *left) {
                    *left = 0;
                    return Some(Stage::Sorting(rows, sorting));
                }
                // Something was done, were it only that there is nothing.
                *left = left.saturating_sub(1);
                self.merge.add(kind, rows, sorting.into_order());
                None
            }
        }
    }

    fn start_filtering(
        &self,
        context: Context<'_>,
        kind: GroupKind,
        mut rows: Vec<GroupRow>,
    ) -> Stage {
        let table = &context.data.table;
        if self.pane == Pane::Leaks {
            return self.start_sorting(kind, rows);
        }
        rows.extend(related::rows(context, kind, &rows));
        let keep = self.choice.matching_leaks.as_ref().map(|leaks| {
            let of = |leak: &RowId| table.group(*leak, kind);
            leaks.iter().filter_map(of).collect()
        });
        if keep.is_none()
            && self.choice.single_leak.is_none()
            && self.choice.group_filter.is_empty()
        {
            return self.start_sorting(kind, rows);
        }
        Stage::Filtering {
            keep,
            rows,
            next: 0,
            chosen: Vec::new(),
        }
    }

    fn start_sorting(&self, kind: GroupKind, rows: Vec<GroupRow>) -> Stage {
        let sorting = IncrementalGroupSort::new(kind, rows.len(), self.sort);
        Stage::Sorting(rows, Box::new(sorting))
    }

    /// Puts the groups of all kinds into one order.
    fn merge(&mut self, table: &Table, some: usize) -> Option<Made> {
        if !self.merge.step(table, some) {
            return None;
        }
        let merged = std::mem::replace(&mut self.merge, GroupMerge::new(self.sort));
        let (order, rows) = merged.finish();
        Some(Made { order, rows })
    }
}
