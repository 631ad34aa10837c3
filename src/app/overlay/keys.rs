//! What a key can do while something lies above the panes: the same for what is done, what is offered and what help says.

use super::Overlay;
use crate::{
    action::{Action, Focus, OverlayPolicy},
    config::keymap,
};

/// A plan of many leaks wants its number.
const NUMBER_KEYS: &[(&str, &str)] = &[
    ("0-9", "Type the number that the plan asks for."),
    ("backspace", "Delete its last digit."),
    ("enter", "Say what is missing; it never applies the plan."),
];
const MARK_ALL_KEYS: &[(&str, &str)] = &[
    ("w", "Wait: load the rest, then mark all."),
    ("y", "Mark only what is loaded."),
    ("n q esc", "Mark nothing."),
];
const QUIT_KEYS: &[(&str, &str)] = &[
    ("w", "Wait for the end of the job, then quit."),
    (
        "y",
        "Quit now: what is under way is recorded, the rest stays unsent.",
    ),
    ("n q esc", "Stay."),
];
const RESUME_KEYS: &[(&str, &str)] = &[
    ("r", "Read what was under way, then resume."),
    ("d", "Read what was under way, and cancel the rest."),
    ("n q esc", "Leave the jobs as they are."),
];
const DELETE_VIEW_KEYS: &[(&str, &str)] = &[("y", "Delete the view."), ("n q esc", "Keep it.")];
const SEARCH_KEYS: &[(&str, &str)] = &[("/", "Search the help.")];

const INSPECT_HINTS: &[Action] = &[
    Action::Help,
    Action::CopyField,
    Action::Choose,
    Action::Back,
];
const RECORD_HINTS: &[Action] = &[
    Action::Help,
    Action::CopyField,
    Action::Reveal,
    Action::AddNote,
    Action::Choose,
    Action::Back,
];
const JOB_HINTS: &[Action] = &[
    Action::Help,
    Action::JobPause,
    Action::JobCancel,
    Action::JobRetry,
    Action::JobUndo,
    Action::JobRedo,
    Action::Evidence,
    Action::ShowError,
    Action::FocusJobs,
    Action::Back,
    Action::Down,
    Action::Up,
];
const VIEWS_HINTS: &[Action] = &[
    Action::Choose,
    Action::Remove,
    Action::MoveUp,
    Action::MoveDown,
    Action::Back,
];
const COLUMNS_HINTS: &[Action] = &[
    Action::ToggleColumn,
    Action::Narrower,
    Action::Wider,
    Action::MoveUp,
    Action::MoveDown,
    Action::RestoreColumns,
    Action::Back,
];
const FACETS_HINTS: &[Action] = &[
    Action::Choose,
    Action::Down,
    Action::Up,
    Action::NextPane,
    Action::Back,
];

impl Overlay {
    /// Its name, for the heading of its help.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Help { .. } => "help",
            Self::Plan(_) | Self::PlanBuild { .. } => "plan",
            Self::Job { .. } => "job",
            Self::Notices { .. } => "messages",
            Self::Team { .. } => "team",
            Self::Traffic { .. } => "bytes",
            Self::Rejects { .. } => "rejects",
            Self::Tour { .. } => "tour",
            Self::MarkAll { .. } => "mark all",
            Self::Inspect(_) => "record",
            Self::Record(_) => "leak",
            Self::Lookup(_) => "check",
            Self::Views { .. } => "views",
            Self::Columns(_) => "columns",
            Self::Facets(_) => "facets",
            Self::Quit => "quit",
            Self::Resume { .. } => "unfinished jobs",
        }
    }

    /// The innermost context of the keymap that applies while it is on top.
    pub fn keymap_context(&self) -> keymap::Context {
        match self {
            Self::Plan(_) | Self::PlanBuild { .. } => keymap::Context::Plan,
            Self::Views { .. } => keymap::Context::Views,
            Self::Columns(_) => keymap::Context::Columns,
            Self::Facets(_) => keymap::Context::Facets,
            Self::Record(_) | Self::Inspect(_) => keymap::Context::Record,
            _ => keymap::Context::Overlay,
        }
    }

    /// The actions that the footer offers while it is on top.
    pub fn hints(&self) -> &'static [Action] {
        match self {
            Self::Help { .. }
            | Self::Notices { .. }
            | Self::Traffic { .. }
            | Self::Rejects { .. }
            | Self::Tour { .. }
            | Self::Lookup(_)
            | Self::Team { .. } => &[Action::Down, Action::Up, Action::Back],
            Self::Inspect(_) => INSPECT_HINTS,
            Self::Record(_) => RECORD_HINTS,
            Self::Views {
                confirming_delete: false,
                ..
            } => VIEWS_HINTS,
            Self::Columns(_) => COLUMNS_HINTS,
            Self::Facets(_) => FACETS_HINTS,
            Self::Job { .. } => JOB_HINTS,
            Self::Plan(_)
            | Self::PlanBuild { .. }
            | Self::MarkAll { .. }
            | Self::Views { .. }
            | Self::Quit
            | Self::Resume { .. } => &[],
        }
    }

    /// The word that the footer has for an action, where it is another one than elsewhere.
    pub fn label(&self, action: Action) -> Option<&'static str> {
        match (self, action) {
            (Self::Facets(_), Action::Choose) => Some("toggle filter"),
            (Self::Facets(_), Action::NextPane) => Some("next"),
            _ => None,
        }
    }

    /// Whether it waits for one of its own answers, and takes no other key.
    pub fn awaits_answer(&self) -> bool {
        matches!(
            self,
            Self::MarkAll { .. }
                | Self::Quit
                | Self::Resume { .. }
                | Self::Views {
                    confirming_delete: true,
                    ..
                }
        )
    }

    /// Keys that are no matter of the keymap, and what they do.
    pub fn answer_keys(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Plan(plan) if plan.required_number.is_some() => NUMBER_KEYS,
            Self::MarkAll { .. } => MARK_ALL_KEYS,
            Self::Quit => QUIT_KEYS,
            Self::Resume { .. } => RESUME_KEYS,
            Self::Views {
                confirming_delete: true,
                ..
            } => DELETE_VIEW_KEYS,
            Self::Help { .. } => SEARCH_KEYS,
            _ => &[],
        }
    }

    /// Whether it is what an action opens.
    pub fn is_opened_by(&self, action: Action) -> bool {
        matches!(
            (self, action),
            (Self::Traffic { .. }, Action::Bytes) | (Self::Notices { .. }, Action::ShowError)
        )
    }

    /// Whether an action does something while this is on top.
    pub fn accepts(&self, action: Action) -> bool {
        match action.requirement().overlay_policy {
            OverlayPolicy::Always => true,
            _ if self.awaits_answer() => false,
            OverlayPolicy::Overlays => !self.is_opened_by(action),
            OverlayPolicy::Motion => !matches!(self, Self::PlanBuild { .. }),
            OverlayPolicy::Never => self.accepts_pane_action(action),
        }
    }

    /// Whether it has a use of its own for an action of the panes, of jobs, plans or lists.
    fn accepts_pane_action(&self, action: Action) -> bool {
        match (self, action.requirement().focus) {
            (Self::Plan(_), Focus::Plan) | (Self::Job { .. }, Focus::Job) => return true,
            (Self::PlanBuild { .. }, Focus::Plan) => return action == Action::PlanCancel,
            _ => {}
        }
        match action {
            Action::Evidence | Action::FocusJobs => matches!(self, Self::Job { .. }),
            Action::Choose => {
                matches!(
                    self,
                    Self::Views { .. }
                        | Self::Columns(_)
                        | Self::Facets(_)
                        | Self::Record(_)
                        | Self::Inspect(_)
                )
            }
            Action::CopyField => matches!(self, Self::Record(_) | Self::Inspect(_)),
            Action::Reveal | Action::AddNote => matches!(self, Self::Record(_)),
            Action::Remove => matches!(self, Self::Views { .. }),
            Action::MoveDown | Action::MoveUp => {
                matches!(self, Self::Views { .. } | Self::Columns(_))
            }
            Action::ToggleColumn | Action::RestoreColumns | Action::Narrower | Action::Wider => {
                matches!(self, Self::Columns(_))
            }
            Action::NextPane | Action::PreviousPane | Action::PaneLeft | Action::PaneRight => {
                matches!(self, Self::Facets(_))
            }
            _ => false,
        }
    }
}
