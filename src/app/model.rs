//! The whole state of the console. Only `update` changes it; `draw` borrows it.

mod panes;

pub use panes::{
    Chip, FilterState, GroupRef, GroupRows, GroupsPane, JobsPane, LeaksPane, Pane, Whole,
};

use super::{
    columns::Columns,
    job::{JobError, RunningJob},
    memory::Memory,
    natives::Natives,
    notice::Notices,
    overlay::Overlay,
    paging::Paging,
    prompt::Prompt,
    related::RelatedGroups,
    views::Views,
};
use crate::{
    config::{Policy, keymap::Keymap},
    entity::{
        claim::Words,
        domain::Domain,
        error::{JournalError, ProviderError},
        job::JobState,
        key::{EntityKey, JobId, ProfileName},
        profile::{Budget, Profile},
        secret::Secret,
        status::Status,
    },
    filter::Filter,
    table::{GroupId, GroupKind, GroupRow, Handle, Marks, Slot, Table},
};
use crossterm::event::KeyEvent;
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

/// What the journal lets this console do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalState {
    /// Write.
    Writer,
    /// Watch: somebody else writes.
    Watcher {
        /// Who.
        holder: String,
    },
    /// Read.
    ReadOnly {
        /// Why.
        why: String,
    },
}

/// A profile and everything that came from it.
#[derive(Clone, Debug)]
pub struct ProfileState {
    /// What it is.
    pub profile: Profile,
    /// Its number in the table.
    pub slot: Slot,
    /// How far its leaks are read.
    pub paging: Paging,
    /// How far the users and connections are read that it lists itself.
    pub natives: Natives,
    /// Its watched domains, once they came.
    pub domains: Option<Vec<Domain>>,
    /// Which request asks for them.
    pub domains_request: Option<crate::entity::key::RequestId>,
    /// Why they did not come.
    pub domains_error: Option<ProviderError>,
    /// Its request budget.
    pub budget: Budget,
}

/// A secret that is on the screen for a moment.
#[derive(Clone, Debug)]
pub struct Reveal {
    /// Whose.
    pub leak: Handle,
    /// The secret; `None` while it is being asked for.
    pub secret: Option<Secret>,
    /// When it is masked again.
    pub until: Duration,
}

/// What follows the cursor once it rests.
#[derive(Clone, Debug, Default)]
pub struct Rest {
    /// When the cursor will have rested long enough.
    pub due: Option<Duration>,
    /// What the detail shows.
    pub subject: Option<Subject>,
    /// The connections of the leak that it shows.
    pub connections: Vec<(GroupRef, GroupRow)>,
}

/// What a detail can be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A leak.
    Leak(Handle),
    /// A domain, user, machine or resource.
    Group(GroupKind, GroupId),
    /// A job.
    Job(JobId),
}

/// A key sequence that has begun.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sequence {
    /// The keys so far.
    pub keys: Vec<KeyEvent>,
    /// When the first was pressed.
    pub since: Duration,
}

/// Where the operator was, for history.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The focused pane.
    pub focus: Pane,
    /// The drill-down.
    pub scope: Vec<Chip>,
    /// The leaks pane's filter.
    pub filter: Filter,
    /// By what the leaks were gathered.
    pub grouping: Option<GroupKind>,
}

/// What the console is told at its start and never changes.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Keys.
    pub keymap: Keymap,
    /// What is allowed.
    pub policy: Policy,
    /// Where files of this session go by default, for prompts.
    pub directory: std::path::PathBuf,
    /// Words on the first line: a banner such as `DEMO`.
    pub banner: Option<String>,
    /// The zone in which dates are shown.
    pub zone: jiff::tz::TimeZone,
    /// The global options that the copied command line repeats, such as `--config FILE`.
    pub command_prefix: Vec<String>,
    /// Whether the program is used without a console.
    pub headless: bool,
    /// The ids of the providers that there are: what a filter may ask for with `source:`.
    pub sources: Vec<&'static str>,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, none excludes another"
)]
/// Everything.
#[derive(Clone, Debug)]
pub struct Model {
    /// What never changes.
    pub setup: Setup,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The leaks.
    pub table: Table,
    /// What is marked.
    pub marks: Marks,
    /// What was marked before it was cleared.
    pub last_marks: Marks,
    /// Named sets of marks, of this session.
    pub named_marks: HashMap<String, Marks>,
    /// What providers say belongs to what.
    pub related: RelatedGroups,
    /// The accounts.
    pub profiles: Vec<ProfileState>,
    /// The focused pane.
    pub focus: Pane,
    /// The focused pane has the whole screen.
    pub zoomed: bool,
    /// The detail is shown.
    pub detail: bool,
    /// The drill-down.
    pub scope: Vec<Chip>,
    /// Places before this one.
    pub past: Vec<Place>,
    /// Places after this one.
    pub future: Vec<Place>,
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
    /// Saved views.
    pub views: Views,
    /// What comes back at the next start.
    pub memory: Memory,
    /// What lies above, topmost last.
    pub overlays: Vec<Overlay>,
    /// A line that is being typed.
    pub prompt: Option<Prompt>,
    /// Lines typed in the palette, newest last.
    pub palette_history: Vec<String>,
    /// A key sequence that has begun.
    pub sequence: Sequence,
    /// Lines for the operator.
    pub notices: Notices,
    /// The operator forbade writes in this console.
    pub write_lock: bool,
    /// What the journal lets us do.
    pub journal: JournalState,
    /// A secret that is on the screen.
    pub reveal: Option<Reveal>,
    /// What follows the cursor.
    pub rest: Rest,
    /// Jobs under way, first in first.
    pub running: Vec<RunningJob>,
    /// Jobs that ended in this run and how: what a command without a console waits for.
    pub ended: Vec<JobId>,
    /// Jobs that could not be taken up again, and why: what a command without a console ends with.
    pub not_resumed: Vec<(JobId, JobError)>,
    /// The job that has ended here, until something else is looked at.
    pub just_ended: Option<JobId>,
    /// Jobs that the journal was asked for, so that they go on here.
    pub taking_up: BTreeSet<JobId>,
    /// Jobs that ended in this run and whose lines are not in the audit log, and why.
    pub not_told: Vec<(JobId, JournalError)>,
    /// Jobs that are taken up to be given up, and what they end as.
    pub giving_up: HashMap<JobId, JobState>,
    /// The jobs of an earlier run were asked about.
    pub asked_to_resume: bool,
    /// A job is recorded here and carried out by another process.
    pub detached: bool,
    /// Leaks in a job that has not ended.
    pub live_keys: HashMap<EntityKey, JobId>,
    /// A plan of many leaks that is being made.
    pub planning: Option<Box<super::plan::Making>>,
    /// The plan that was confirmed last, by its hash, and the rows of its changes: its job need not look for them.
    pub planned: Option<(String, Vec<Handle>)>,
    /// Why the plan that is confirmed next is made.
    pub words: Words,
    /// Statuses that a profile stores as another one, and that the operator has said yes to: wanted, stored.
    pub lossy: BTreeSet<(ProfileName, Status, Status)>,
    /// How many statuses we keep.
    pub locals: usize,
    /// When claims are renewed and read again.
    pub claims_due: Option<Duration>,
    /// When the journal is asked whether somebody else has written it.
    pub watch_due: Option<Duration>,
    /// The views are older than the table, and are made again at this moment.
    pub views_due: Option<Duration>,
    /// The beat at which what counts by itself was drawn last.
    pub beat: u32,
    /// When the terminal is asked to forget a copied secret.
    pub clear_clipboard: Option<Duration>,
    /// Everything is marked once it is loaded.
    pub mark_when_loaded: bool,
    /// Panes of groups that are made again one a turn, the last first.
    pub stale_groups: Vec<Pane>,
    /// Groups that are being made in turns, one pane after the other.
    pub making: Vec<super::view::Making>,
    /// When the groups were last made.
    pub groups_made: Duration,
    /// Asked to quit while a job runs.
    pub quit_asked: bool,
    /// When Ctrl-C was last pressed at the top.
    pub interrupted: Option<Duration>,
    /// The last request's number.
    pub last_request: u64,
    /// No profile is configured: the first-run screen.
    pub first_run: bool,
    /// What was sent to the terminal.
    pub sent: super::sent::Sent,
    /// The moment of the last update.
    pub now: super::message::Now,
}

impl Model {
    /// A console that has read nothing yet.
    pub fn new(
        setup: Setup,
        profiles: Vec<Profile>,
        journal: JournalState,
        now: super::message::Now,
    ) -> Self {
        let mut table = Table::new();
        let first_run = profiles.is_empty();
        let profiles = profiles
            .into_iter()
            .map(|profile| ProfileState {
                slot: with_profile(&mut table, &profile),
                paging: Paging::default(),
                natives: Natives::default(),
                domains: None,
                domains_request: None,
                domains_error: None,
                budget: Budget {
                    limit: profile.rpm,
                    ..Budget::default()
                },
                profile,
            })
            .collect();
        Self {
            setup,
            size: (80, 24),
            table,
            marks: Marks::default(),
            last_marks: Marks::default(),
            named_marks: HashMap::new(),
            related: RelatedGroups::new(),
            profiles,
            focus: Pane::Leaks,
            zoomed: false,
            detail: true,
            scope: Vec::new(),
            past: Vec::new(),
            future: Vec::new(),
            domains: GroupsPane::sorted(super::search::BY_OPEN),
            users: GroupsPane::sorted(super::search::BY_OPEN),
            leaks: LeaksPane {
                sort: super::search::newest_first(),
                ..LeaksPane::default()
            },
            connections: GroupsPane::sorted(super::search::BY_OPEN),
            jobs: JobsPane::default(),
            columns: Columns::default(),
            views: Views::default(),
            memory: Memory::default(),
            overlays: Vec::new(),
            prompt: None,
            palette_history: Vec::new(),
            sequence: Sequence::default(),
            notices: Notices::default(),
            write_lock: false,
            journal,
            reveal: None,
            rest: Rest::default(),
            running: Vec::new(),
            ended: Vec::new(),
            not_resumed: Vec::new(),
            just_ended: None,
            taking_up: BTreeSet::new(),
            not_told: Vec::new(),
            giving_up: HashMap::new(),
            asked_to_resume: false,
            detached: false,
            live_keys: HashMap::new(),
            planning: None,
            planned: None,
            words: Words::default(),
            lossy: BTreeSet::new(),
            locals: 0,
            claims_due: None,
            watch_due: None,
            views_due: None,
            beat: 0,
            clear_clipboard: None,
            mark_when_loaded: false,
            stale_groups: Vec::new(),
            making: Vec::new(),
            groups_made: Duration::ZERO,
            quit_asked: false,
            interrupted: None,
            last_request: 0,
            first_run,
            sent: super::sent::Sent::default(),
            now,
        }
    }

    /// A profile by name.
    pub fn profile(&self, name: &ProfileName) -> Option<&ProfileState> {
        self.profiles
            .iter()
            .find(|state| state.profile.binding.name == *name)
    }

    pub(crate) fn profile_mut(&mut self, name: &ProfileName) -> Option<&mut ProfileState> {
        self.profiles
            .iter_mut()
            .find(|state| state.profile.binding.name == *name)
    }

    /// The profile of a row.
    pub fn profile_of(&self, handle: Handle) -> Option<&ProfileState> {
        let slot = self.table.slot(handle);
        self.profiles.iter().find(|state| state.slot == slot)
    }

    /// A group pane; the leaks are one while they are gathered, the jobs never.
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
            Pane::Leaks => self
                .leaks
                .grouping
                .as_mut()
                .map(|grouping| &mut grouping.pane),
            Pane::Jobs => None,
        }
    }

    /// The filter of a pane.
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

    /// Whether everything that the profiles have is loaded.
    pub fn complete(&self) -> bool {
        self.profiles.iter().all(|state| state.paging.is_complete())
    }

    /// Whether the groups of a pane are being made: what it shows is what it showed before.
    pub fn is_making(&self, pane: Pane) -> bool {
        self.making.iter().any(|making| making.pane() == pane)
    }

    /// Whether any list is still coming.
    pub fn loading(&self) -> bool {
        self.profiles.iter().any(|state| state.paging.is_loading())
    }

    /// The groups of the drill-down.
    pub fn scope_groups(&self) -> Vec<(GroupKind, GroupId)> {
        self.scope
            .iter()
            .filter_map(|chip| match chip {
                Chip::Group(kind, group) => Some((*kind, *group)),
                Chip::Leak(_) => None,
            })
            .collect()
    }

    /// How many marked leaks the leaks pane does not show.
    pub fn hidden_marks(&self) -> usize {
        self.marks.len() - self.marks.common(&self.leaks.shown)
    }

    pub(crate) fn next_request(&mut self) -> crate::entity::key::RequestId {
        self.last_request += 1;
        crate::entity::key::RequestId(self.last_request)
    }
}

/// A profile's number in the table, which knows whose data it is.
fn with_profile(table: &mut Table, profile: &Profile) -> Slot {
    let binding = &profile.binding;
    let slot = table.add_profile(binding.name.clone(), binding.provider.clone());
    table.set_attribution(slot, profile.attribution.clone());
    slot
}
