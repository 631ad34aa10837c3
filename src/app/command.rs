//! What one part of the console wants of another, as data: the parts know the panes, the overlays and each other by
//! these alone.

use super::{
    model::{GroupRef, Pane, ScopeItem},
    views::View,
};
use crate::{
    action::Action,
    app::job::RunningJob,
    entity::{
        job::{InexactMapping, JobState},
        key::{JobId, ProfileName},
        raw_text::RawText,
        status::Status,
    },
    table::RowId,
};

/// One wish.
#[derive(Clone, Debug)]
pub enum Command {
    /// Do what an action asks for.
    Act(Action),
    /// Build panes again.
    Refresh(Refresh),
    /// Show statuses that were read from a provider in their rows, with the provider's word.
    ShowStatuses(Vec<(RowId, Status, RawText)>),
    /// What the journal keeps beside the leaks was read again.
    AnnotationsChanged,
    /// The operator accepted that a provider stores a status as another one.
    AcceptMappings(Vec<InexactMapping>),
    /// Read what the journal keeps beside the leaks.
    LoadAnnotations,
    /// Read the lists of all profiles.
    LoadAll,
    /// Ask the providers what belongs to a leak or a group.
    LoadRelated(ScopeItem),
    /// Show an overlay above everything else.
    Open(Open),
    /// Run a line of the palette.
    RunLine(String),
    /// Let the operator type a line.
    Prompt(Ask),
    /// Filter a pane.
    SetFilter(Pane, String),
    /// Show the leaks as a view says.
    ShowView(Box<View>),
    /// Ask the operator to confirm a job once more.
    Reconfirm(JobId),
    /// Leave the console when the last job has ended, or do not leave it.
    QuitWhenDone(bool),
    /// Let jobs of an earlier run go on, or discard them.
    ResumeJobs {
        /// Which, the oldest first.
        jobs: Vec<JobId>,
        /// Cancel what of them was not sent.
        discard: bool,
    },
    /// Leave the jobs of an earlier run as they are.
    DismissResume,
    /// Let a job go on that was confirmed once more.
    ConfirmedAgain(JobId),
    /// Pause a job of this console: a colleague asked for it.
    PauseAsked(JobId),
    /// Let jobs go on that stopped because a team's store was gone.
    StoreIsBack,
    /// Read the jobs again whose screens are open.
    ReloadOpenJobs,
    /// The list of a profile's leaks was read to its end.
    LeaksRead(ProfileName),
    /// A job of this console has ended in this state.
    JobEnded(Box<RunningJob>, JobState),
}

/// How panes are built again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Now.
    Now,
    /// Soon, with whatever else changes until then; at once where that is asked for and there are few rows.
    Soon {
        /// Whether few rows are built at once.
        at_once: bool,
    },
    /// In time slices where there are many rows.
    InSlices,
    /// The groups that providers list, for a list has come to its end.
    Listed,
    /// The same, soon, for more of a list has come.
    ListedSoon,
    /// The groups of one pane.
    Groups(Pane),
}

/// What is shown above everything else.
#[derive(Clone, Debug)]
pub enum Open {
    /// Whether all leaks shall be marked although so many are not loaded.
    MarkAll {
        /// Leaks that are not loaded.
        not_loaded: u64,
    },
    /// Everything that is known of a group.
    Inspect(GroupRef),
    /// The record of a leak.
    Record(RowId),
    /// The values that the leaks in view have in common.
    Facets,
    /// The editor of the focused pane's columns.
    Columns,
    /// All saved views, with this one under the cursor.
    Views {
        /// Its number.
        cursor: usize,
    },
    /// One job.
    Job(JobId),
    /// Whether jobs of an earlier run shall go on.
    Resume(Vec<JobId>),
    /// The notices in full.
    Notices,
    /// What was sent to the terminal.
    Traffic,
    /// What is no leak in the files that were read.
    Rejects,
    /// The team.
    Team,
    /// The tour on cards.
    Tour,
    /// Whether the console is left while a job runs.
    Quit,
}

/// A line that the operator is asked to type.
#[derive(Clone, Debug)]
pub enum Ask {
    /// The filter of the focused pane.
    Filter,
    /// A search in the help.
    HelpSearch,
    /// A file for the export, with this suggestion.
    Export(String),
    /// A note on these leaks.
    Note(Vec<RowId>),
    /// Whether a job of a team shall be taken over.
    TakeOver {
        /// Which.
        job: JobId,
        /// Whose it is, in words.
        about: String,
        /// A console that is alive runs it.
        alive: bool,
    },
    /// A directory for the evidence of a job, or of the leaks, with this suggestion.
    Evidence {
        /// The job; `None` for leaks.
        job: Option<JobId>,
        /// The suggestion.
        path: String,
        /// What it is about.
        about: String,
        /// What else it could be about.
        other: Option<&'static str>,
    },
}
