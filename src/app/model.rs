//! The whole state of the console. Only `update` changes it; `draw` borrows it.

mod access;
mod context;
mod data;
mod history;
mod jobs;
pub mod now;
mod panes;
mod plan;
mod setup;
mod workspace;

pub use access::{Access, JournalAccess};
pub use context::{Context, DataUpdate, FeatureUpdate, JobsUpdate, KeyHints, WorkspaceUpdate};
pub use data::{Data, ProfileState, RelatedGroups, Requests};
pub use history::{History, MAX_LINES};
pub use jobs::Jobs;
pub use panes::{
    FilterState, FullOrder, GroupRef, GroupRows, Grouping, GroupsPane, IncrementalSearch, JobsPane,
    LeaksPane, Pane, SORT_BY_LEAKS, SORT_BY_OPEN, ScopeItem, kind_for_pane, kinds_for_pane,
    newest_first,
};
pub use plan::Plan;
pub use setup::{Sequence, Setup};
pub use workspace::{DetailDelay, DetailSubject, Location, Reveal, Workspace};

use super::{
    changed_files::Files,
    claims::Claims,
    columns::Columns,
    command::Command,
    memory::SessionState,
    mouse::Mouse,
    natives::ListedProgress,
    news::NewsDesk,
    notice::Notices,
    overlay::{
        Overlay, PlanOverlay,
        update::{OverlayUpdate, keys, plan_on_top, plan_on_top_mut},
    },
    paging::Paging,
    prompt::Prompt,
    refresh::AutoRefresh,
    views::Views,
};
use crate::{
    entity::{
        key::ProfileName,
        profile::{Profile, RateBudget},
    },
    table::{Marks, ProfileSlot, Table},
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

/// The states of features, borrowed one beside the other.
#[derive(Debug)]
pub struct Split<'a> {
    /// What lies above the panes, topmost last.
    pub overlays: &'a mut Vec<Overlay>,
    /// A line that is being typed.
    pub prompt: &'a mut Option<Prompt>,
    /// Saved views.
    pub views: &'a mut Views,
    /// What comes back at the next start.
    pub memory: &'a mut SessionState,
    /// When claims are looked at again.
    pub claims: &'a mut Claims,
    /// When the terminal is asked to forget a copied secret.
    pub clear_clipboard: &'a mut Option<Duration>,
    /// When everything is read again by itself.
    pub refresh: &'a mut AutoRefresh,
    /// The step of the tour, while it is done.
    pub tour: &'a mut Option<usize>,
    /// The mouse, where it is on.
    pub mouse: &'a mut Mouse,
    /// Everything else.
    pub update: FeatureUpdate<'a>,
}

/// What is shown, borrowed to be changed beside the states that go with it.
#[derive(Debug)]
pub struct WorkspaceSplit<'a> {
    /// What lies above the panes, topmost last.
    pub overlays: &'a mut Vec<Overlay>,
    /// Saved views.
    pub views: &'a mut Views,
    /// What comes back at the next start.
    pub memory: &'a mut SessionState,
    /// The mouse, where it is on.
    pub mouse: &'a mut Mouse,
    /// What is shown.
    pub update: WorkspaceUpdate<'a>,
}

/// Everything.
#[derive(Clone, Debug)]
pub struct Model {
    /// What never changes.
    pub setup: Setup,
    /// What is known.
    pub data: Data,
    /// What is being changed.
    pub jobs: Jobs,
    /// What is shown.
    pub workspace: Workspace,
    /// Whether this console may write.
    pub access: Access,
    /// The plan that is being made or was confirmed.
    pub plan: Plan,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Numbers for requests.
    pub requests: Requests,
    /// Saved views.
    pub views: Views,
    /// What comes back at the next start.
    pub session: SessionState,
    /// What lies above, topmost last.
    pub overlays: Vec<Overlay>,
    /// A line that is being typed.
    pub prompt: Option<Prompt>,
    /// A key sequence that has begun.
    pub sequence: Sequence,
    /// Lines for the operator.
    pub notices: Notices,
    /// What parts of the console want of each other, until the end of the update.
    pub commands: Vec<Command>,
    /// When claims are renewed and read again.
    pub claims: Claims,
    /// The beat at which what counts by itself was drawn last.
    pub redraw_tick: u32,
    /// When the terminal is asked to forget a copied secret.
    pub clear_clipboard_at: Option<Duration>,
    /// When everything is read again by itself.
    pub refresh: AutoRefresh,
    /// The step of the tour, while it is done.
    pub tour: Option<usize>,
    /// When lists began to fail, by profile.
    pub failing: BTreeMap<ProfileName, Timestamp>,
    /// The mouse, where it is on.
    pub mouse: Mouse,
    /// When the operator was last asked whether marks may be lost.
    pub asked_about_marks: Option<Duration>,
    /// When Ctrl-C was last pressed at the top.
    pub ctrl_c_pressed_at: Option<Duration>,
    /// What is new since the operator left.
    pub news: NewsDesk,
    /// What was sent to the terminal.
    pub traffic: super::sent::TrafficStats,
    /// The moment of the last update.
    pub now: super::message::Moment,
}

impl Jobs {
    /// Nothing runs, and nothing has ended.
    fn none() -> Self {
        Self {
            running: Vec::new(),
            finished: Vec::new(),
            not_resumed: Vec::new(),
            just_finished: None,
            resuming: BTreeSet::new(),
            not_audited: Vec::new(),
            discarding: HashMap::new(),
            resume_prompted: false,
            detached: false,
            active_leaks: HashMap::new(),
            quit_asked: false,
        }
    }
}

impl Model {
    /// A console that has read nothing yet.
    pub fn new(
        setup: Setup,
        profiles: Vec<Profile>,
        journal: JournalAccess,
        now: super::message::Moment,
    ) -> Self {
        let mut table = Table::new();
        let first_run = profiles.is_empty();
        let profiles = profiles
            .into_iter()
            .map(|profile| ProfileState {
                slot: register_profile(&mut table, &profile),
                paging: Paging::default(),
                listed: ListedProgress::default(),
                domains: None,
                domains_request: None,
                domains_error: None,
                files: Files::default(),
                budget: RateBudget {
                    limit: profile.rpm,
                    ..RateBudget::default()
                },
                profile,
            })
            .collect();
        Self {
            setup,
            data: Data {
                digest: None,
                table,
                related: RelatedGroups::new(),
                profiles,
                accepted_mappings: BTreeSet::new(),
                local_status_count: 0,
                first_run,
            },
            jobs: Jobs::none(),
            workspace: Workspace {
                focus: Pane::Leaks,
                zoomed: false,
                detail_visible: true,
                scope: Vec::new(),
                history_back: Vec::new(),
                history_forward: Vec::new(),
                domains: GroupsPane::with_sort(SORT_BY_OPEN),
                users: GroupsPane::with_sort(SORT_BY_OPEN),
                leaks: LeaksPane {
                    sort: newest_first(),
                    ..LeaksPane::default()
                },
                connections: GroupsPane::with_sort(SORT_BY_OPEN),
                jobs: JobsPane::default(),
                columns: Columns::default(),
                column: None,
                marks: Marks::default(),
                last_marks: Marks::default(),
                mark_sets: Vec::new(),
                saved_marks: Marks::default(),
                history: History::default(),
                detail_delay: DetailDelay::default(),
                refresh_due: None,
                pending_groups: Vec::new(),
                groups_builders: Vec::new(),
                groups_built_at: Duration::ZERO,
                mark_when_loaded: false,
                reveal: None,
                detail_scroll: None,
                leaks_changed: false,
            },
            access: Access {
                journal,
                write_lock: false,
                poll_due: None,
                team: None,
            },
            plan: Plan::default(),
            size: (80, 24),
            requests: Requests::default(),
            views: Views::default(),
            session: SessionState::default(),
            overlays: Vec::new(),
            prompt: None,
            sequence: Sequence::default(),
            notices: Notices::default(),
            commands: Vec::new(),
            claims: Claims::default(),
            redraw_tick: 0,
            clear_clipboard_at: None,
            refresh: AutoRefresh::default(),
            tour: None,
            failing: BTreeMap::new(),
            mouse: Mouse::default(),
            asked_about_marks: None,
            ctrl_c_pressed_at: None,
            news: NewsDesk::default(),
            traffic: super::sent::TrafficStats::default(),
            now,
        }
    }

    /// Borrows the shared state for reading.
    pub fn context(&self) -> Context<'_> {
        Context {
            now: self.now,
            size: self.size,
            setup: &self.setup,
            data: &self.data,
            jobs: &self.jobs,
            workspace: &self.workspace,
            access: &self.access,
            keys: keys(&self.setup, &self.overlays, &self.workspace),
        }
    }

    /// Borrows what is shown to change it, and everything else for reading.
    pub fn workspace_update(&mut self) -> WorkspaceUpdate<'_> {
        self.split_workspace().update
    }

    /// Borrows the states of features to change them, and the shared state for reading.
    pub fn split(&mut self) -> Split<'_> {
        let keys = keys(&self.setup, &self.overlays, &self.workspace);
        Split {
            overlays: &mut self.overlays,
            prompt: &mut self.prompt,
            views: &mut self.views,
            memory: &mut self.session,
            claims: &mut self.claims,
            clear_clipboard: &mut self.clear_clipboard_at,
            refresh: &mut self.refresh,
            tour: &mut self.tour,
            mouse: &mut self.mouse,
            update: FeatureUpdate {
                context: Context {
                    now: self.now,
                    size: self.size,
                    setup: &self.setup,
                    data: &self.data,
                    jobs: &self.jobs,
                    workspace: &self.workspace,
                    access: &self.access,
                    keys,
                },
                notices: &mut self.notices,
                commands: &mut self.commands,
            },
        }
    }

    /// Borrows what is shown to change it, with what lies above it and what goes with it.
    pub fn split_workspace(&mut self) -> WorkspaceSplit<'_> {
        let keys = keys(&self.setup, &self.overlays, &self.workspace);
        let update = WorkspaceUpdate {
            workspace: &mut self.workspace,
            notices: &mut self.notices,
            commands: &mut self.commands,
            now: self.now,
            size: self.size,
            setup: &self.setup,
            data: &self.data,
            jobs: &self.jobs,
            access: &self.access,
            keys,
        };
        WorkspaceSplit {
            overlays: &mut self.overlays,
            views: &mut self.views,
            memory: &mut self.session,
            mouse: &mut self.mouse,
            update,
        }
    }

    /// Borrows what is known to change it.
    pub fn data_update(&mut self) -> DataUpdate<'_> {
        self.split_news().1
    }

    /// Borrows the news and what is known, to change both.
    pub fn split_news(&mut self) -> (&mut NewsDesk, DataUpdate<'_>) {
        let update = DataUpdate {
            data: &mut self.data,
            notices: &mut self.notices,
            commands: &mut self.commands,
            requests: &mut self.requests,
            now: self.now,
            setup: &self.setup,
        };
        (&mut self.news, update)
    }

    /// Borrows what lies above the panes to change it, and the shared state for reading.
    pub fn overlay_update(&mut self) -> OverlayUpdate<'_> {
        OverlayUpdate {
            overlays: &mut self.overlays,
            prompt: &mut self.prompt,
            plan: &mut self.plan,
            requests: &mut self.requests,
            notices: &mut self.notices,
            commands: &mut self.commands,
            now: self.now,
            size: self.size,
            setup: &self.setup,
            data: &self.data,
            jobs: &self.jobs,
            workspace: &self.workspace,
            access: &self.access,
        }
    }

    /// Borrows what is being changed to change it, and everything else for reading.
    pub fn jobs_update(&mut self) -> JobsUpdate<'_> {
        JobsUpdate {
            jobs: &mut self.jobs,
            notices: &mut self.notices,
            commands: &mut self.commands,
            now: self.now,
            size: self.size,
            setup: &self.setup,
            data: &self.data,
            workspace: &self.workspace,
            access: &self.access,
            keys: keys(&self.setup, &self.overlays, &self.workspace),
        }
    }
}

/// A profile's number in the table, which knows whose data it is.
fn register_profile(table: &mut Table, profile: &Profile) -> ProfileSlot {
    let binding = &profile.binding;
    let slot = table.add_profile(binding.name.clone(), binding.provider.clone());
    table.set_attribution(slot, profile.attribution.clone());
    slot
}

impl Model {
    /// The topmost overlay.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlays.last()
    }

    /// What lies above the panes below the help: what the help is about.
    pub fn overlay_below_help(&self) -> Option<&Overlay> {
        let mut overlays = self.overlays.iter().rev();
        overlays.find(|overlay| !overlay.is_help())
    }

    /// The plan on top, if a plan is on top.
    pub fn plan(&self) -> Option<&PlanOverlay> {
        plan_on_top(&self.overlays)
    }

    pub(crate) fn plan_mut(&mut self) -> Option<&mut PlanOverlay> {
        plan_on_top_mut(&mut self.overlays)
    }

    /// Whether the runtime shall say when the next frame has left.
    pub fn awaits_frame(&self) -> bool {
        self.overlay().is_some_and(Overlay::awaits_frame)
    }
}
