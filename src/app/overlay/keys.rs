//! What a key can do while something lies above the panes: the same for what is done, what is offered and what help says.

use super::Overlay;
use crate::action::Action;

/// A plan of many leaks wants its number.
const NUMBER: &[(&str, &str)] = &[
    ("0-9", "Type the number that the plan asks for."),
    ("backspace", "Delete its last digit."),
    ("enter", "Say what is missing; it never applies the plan."),
];
const MARK_ALL: &[(&str, &str)] = &[
    ("w", "Wait: load the rest, then mark all."),
    ("y", "Mark only what is loaded."),
    ("n q esc", "Mark nothing."),
];
const LEAVE: &[(&str, &str)] = &[
    ("w", "Wait for the end of the job, then quit."),
    (
        "y",
        "Quit now: what is under way is recorded, the rest stays unsent.",
    ),
    ("n q esc", "Stay."),
];
const RESUME: &[(&str, &str)] = &[
    ("r", "Read what was under way, then go on."),
    ("d", "Read what was under way, and give up the rest."),
    ("n q esc", "Leave the jobs as they are."),
];
const REMOVE: &[(&str, &str)] = &[("y", "Delete the view."), ("n q esc", "Keep it.")];
const SEARCH: &[(&str, &str)] = &[("/", "Search the help.")];

impl Overlay {
    /// Its name, for the heading of its help.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Help { .. } => "help",
            Self::Plan(_) | Self::Planning { .. } => "plan",
            Self::Job { .. } => "job",
            Self::Errors { .. } => "messages",
            Self::Bytes { .. } => "bytes",
            Self::Tour { .. } => "tour",
            Self::MarkAll { .. } => "mark all",
            Self::Inspect { .. } => "inspect",
            Self::Check(_) => "check",
            Self::Views { .. } => "views",
            Self::Columns(_) => "columns",
            Self::Facets(_) => "facets",
            Self::Leave => "quit",
            Self::Resume { .. } => "unfinished jobs",
        }
    }

    /// Whether it waits for one of its own answers, and takes no other key.
    pub fn asks(&self) -> bool {
        matches!(
            self,
            Self::MarkAll { .. }
                | Self::Leave
                | Self::Resume { .. }
                | Self::Views { asks: true, .. }
        )
    }

    /// Keys that are no matter of the keymap, and what they do.
    pub fn answers(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Plan(plan) if plan.number.is_some() => NUMBER,
            Self::MarkAll { .. } => MARK_ALL,
            Self::Leave => LEAVE,
            Self::Resume { .. } => RESUME,
            Self::Views { asks: true, .. } => REMOVE,
            Self::Help { .. } => SEARCH,
            _ => &[],
        }
    }

    /// Whether an action does something while this is on top.
    pub fn takes(&self, action: Action) -> bool {
        let everywhere = matches!(
            action,
            Action::Help | Action::Interrupt | Action::Suspend | Action::Redraw
        );
        if everywhere || self.asks() {
            return everywhere;
        }
        match action {
            Action::Back | Action::Quit | Action::MaskAll | Action::ToggleWriteLock => true,
            Action::Bytes => !matches!(self, Self::Bytes { .. }),
            Action::ShowError => !matches!(self, Self::Errors { .. }),
            Action::Down
            | Action::Up
            | Action::Top
            | Action::Bottom
            | Action::HalfPageDown
            | Action::HalfPageUp
            | Action::PageDown
            | Action::PageUp => !matches!(self, Self::Planning { .. }),
            Action::PlanCancel => matches!(self, Self::Plan(_) | Self::Planning { .. }),
            Action::PlanApply
            | Action::PlanVisibleOnly
            | Action::PlanIncludeClosed
            | Action::PlanAcceptLossy
            | Action::PlanReason
            | Action::PlanNote
            | Action::PlanTicket => matches!(self, Self::Plan(_)),
            Action::JobPause
            | Action::JobCancel
            | Action::JobRetry
            | Action::JobUndo
            | Action::JobRedo
            | Action::Evidence
            | Action::FocusJobs => matches!(self, Self::Job { .. }),
            Action::Choose => {
                matches!(
                    self,
                    Self::Views { .. } | Self::Columns(_) | Self::Facets(_)
                )
            }
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
