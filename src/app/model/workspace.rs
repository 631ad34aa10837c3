//! What is shown: the panes, what is marked, and what follows the cursor.

use super::{FilterState, GroupRef, GroupsPane, History, JobsPane, LeaksPane, Pane, ScopeItem};
use crate::{
    app::{
        columns::{Column, Columns, VisibleColumn},
        view::Making,
    },
    entity::{key::JobId, secret::Secret},
    filter::Filter,
    table::{GroupId, GroupKind, GroupRow, Marks, ProfileSlot, RowId, SortKey},
};
use std::time::Duration;

/// What is shown.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Workspace {
    /// The focused pane.
    pub focus: Pane,
    /// The focused pane has the whole screen.
    pub zoomed: bool,
    /// The detail is shown.
    pub detail_visible: bool,
    /// First line of the detail that is shown, while the detail has the focus.
    pub detail_scroll: Option<usize>,
    /// The drill-down.
    pub scope: Vec<ScopeItem>,
    /// Places before this one.
    pub history_back: Vec<Location>,
    /// Places after this one.
    pub history_forward: Vec<Location>,
    /// Verified domains, and domains that leaks are filed under.
    pub domains: GroupsPane,
    /// People.
    pub users: GroupsPane,
    /// Leaks.
    pub leaks: LeaksPane,
    /// Machines and resources.
    pub connections: GroupsPane,
    /// Jobs.
    pub jobs: JobsPane,
    /// The columns of the panes.
    pub columns: Columns,
    /// The column cursor of the leaks, where it is on.
    pub column: Option<Column>,
    /// What is marked.
    pub marks: Marks,
    /// What was marked before it was cleared.
    pub last_marks: Marks,
    /// Named sets of marks, which the state directory keeps, and how many leaks each has.
    pub mark_sets: Vec<(String, usize)>,
    /// What was marked when a set was last saved or loaded.
    pub saved_marks: Marks,
    /// Lines that were typed before.
    pub history: History,
    /// What follows the cursor.
    pub detail_delay: DetailDelay,
    /// The views are older than the table, and are made again at this moment.
    pub refresh_due: Option<Duration>,
    /// Panes of groups that are made again one a turn, the last first.
    pub pending_groups: Vec<Pane>,
    /// Groups that are being made in slices, one pane after the other.
    pub groups_builders: Vec<Making>,
    /// When the groups were last made.
    pub groups_built_at: Duration,
    /// Everything is marked once it is loaded.
    pub mark_when_loaded: bool,
    /// A secret that is on the screen.
    pub reveal: Option<Reveal>,
    /// True if the leaks in view are others than before this update. What is drawn from them is then built again.
    pub leaks_changed: bool,
}

impl Workspace {
    /// Returns a pane of groups. The leaks pane is one while leaks are grouped, the jobs pane never is.
    pub fn groups(&self, pane: Pane) -> Option<&GroupsPane> {
        match pane {
            Pane::Domains => Some(&self.domains),
            Pane::Users => Some(&self.users),
            Pane::Connections => Some(&self.connections),
            Pane::Leaks => self.leaks.grouping.as_ref().map(|grouping| &grouping.pane),
            Pane::Jobs => None,
        }
    }

    pub(crate) fn groups_mut(&mut self, pane: Pane) -> Option<&mut GroupsPane> {
        match pane {
            Pane::Domains => Some(&mut self.domains),
            Pane::Users => Some(&mut self.users),
            Pane::Connections => Some(&mut self.connections),
            Pane::Leaks => {
                let grouping = self.leaks.grouping.as_mut();
                grouping.map(|grouping| &mut grouping.pane)
            }
            Pane::Jobs => None,
        }
    }

    /// Returns the filter of a pane. Jobs have none.
    pub fn filter(&self, pane: Pane) -> Option<&FilterState> {
        match pane {
            Pane::Leaks => Some(&self.leaks.filter),
            Pane::Domains | Pane::Users | Pane::Connections | Pane::Jobs => {
                self.groups(pane).map(|groups| &groups.filter)
            }
        }
    }

    pub(crate) fn filter_mut(&mut self, pane: Pane) -> Option<&mut FilterState> {
        match pane {
            Pane::Leaks => Some(&mut self.leaks.filter),
            Pane::Domains | Pane::Users | Pane::Connections | Pane::Jobs => {
                self.groups_mut(pane).map(|groups| &mut groups.filter)
            }
        }
    }

    /// Returns true while the groups of a pane are being built, or are to be built as soon as the pane is on the screen.
    /// The pane shows the previous ones until then.
    pub fn is_building_groups(&self, pane: Pane) -> bool {
        let mut builders = self.groups_builders.iter();
        self.pending_groups.contains(&pane) || builders.any(|making| making.pane() == pane)
    }

    /// Returns the groups that the drill-down narrows the panes to.
    pub fn scope_groups(&self) -> Vec<(GroupKind, GroupId)> {
        let groups = self.scope.iter().filter_map(|chip| match chip {
            ScopeItem::Group(kind, group) => Some((*kind, *group)),
            ScopeItem::Leak(_) => None,
        });
        groups.collect()
    }

    /// Returns true if the scope takes in what a profile has.
    pub fn includes_profile(&self, slot: ProfileSlot) -> bool {
        self.scope.iter().all(|chip| match chip {
            ScopeItem::Group(GroupKind::Profile, profile) => profile.0 == u32::from(slot.0),
            ScopeItem::Group(..) | ScopeItem::Leak(_) => true,
        })
    }

    /// Returns the number of marked leaks that the leaks pane does not show.
    pub fn hidden_marks(&self) -> usize {
        self.marks.len() - self.marks.intersection_len(&self.leaks.visible_rows)
    }
}

/// What follows the cursor once it rests.
#[derive(Clone, Debug, Default)]
pub struct DetailDelay {
    /// When the cursor will have rested long enough.
    pub due: Option<Duration>,
    /// What the detail shows.
    pub subject: Option<DetailSubject>,
    /// The connections of the leak that it shows.
    pub connections: Vec<(GroupRef, GroupRow)>,
}

/// What a detail can be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DetailSubject {
    /// A leak.
    Leak(RowId),
    /// A domain, user, machine or resource.
    Group(GroupKind, GroupId),
    /// A job.
    Job(JobId),
}

/// Where the operator was, for history.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// The focused pane.
    pub focus: Pane,
    /// The drill-down.
    pub scope: Vec<ScopeItem>,
    /// The leaks pane's filter.
    pub filter: Filter,
    /// By what the leaks were gathered.
    pub grouping: Option<GroupKind>,
    /// Sort and columns of the leaks, where the way on changed them only for a look.
    pub arranged: Option<(Vec<SortKey>, Option<Vec<VisibleColumn>>)>,
}

/// A secret that is on the screen for a moment.
#[derive(Clone, Debug)]
pub struct Reveal {
    /// Whose.
    pub leak: RowId,
    /// The secret; `None` while it is being asked for.
    pub secret: Option<Secret>,
    /// When it is masked again.
    pub masked_at: Duration,
}
