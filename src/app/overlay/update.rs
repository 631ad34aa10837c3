//! What lies above the panes, borrowed to be changed; which keys work with it.

use super::{Overlay, PlanOverlay};
use crate::{
    app::{
        command::Command,
        model::{
            Access, Context, Data, Jobs, KeyHints, Pane, Plan, Requests, Setup, Workspace,
            now::Moment,
        },
        notice::Notices,
        prompt::Prompt,
    },
    config::keymap,
};

/// What lies above the panes, to be changed: overlays, the line that is typed, and the plan that they show.
#[derive(Debug)]
pub struct OverlayUpdate<'a> {
    /// What lies above the panes, topmost last.
    pub overlays: &'a mut Vec<Overlay>,
    /// A line that is being typed.
    pub prompt: &'a mut Option<Prompt>,
    /// The plan that is being made or was confirmed.
    pub plan: &'a mut Plan,
    /// Numbers for requests.
    pub requests: &'a mut Requests,
    /// Lines for the operator.
    pub notices: &'a mut Notices,
    /// What other parts have to do because of it.
    pub commands: &'a mut Vec<Command>,
    /// The moment of the current update.
    pub now: Moment,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Settings that never change while the console runs.
    pub setup: &'a Setup,
    /// What is known.
    pub data: &'a Data,
    /// What is being changed.
    pub jobs: &'a Jobs,
    /// What is shown.
    pub workspace: &'a Workspace,
    /// Whether this console may write.
    pub access: &'a Access,
}

impl OverlayUpdate<'_> {
    /// Borrows the shared state for reading.
    pub fn context(&self) -> Context<'_> {
        Context {
            now: self.now,
            size: self.size,
            setup: self.setup,
            data: self.data,
            jobs: self.jobs,
            workspace: self.workspace,
            access: self.access,
            keys: keys(self.setup, self.overlays, self.workspace),
        }
    }

    /// The topmost overlay.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlays.last()
    }

    /// The plan on top, if a plan is on top.
    pub fn plan(&self) -> Option<&PlanOverlay> {
        plan_on_top(self.overlays)
    }

    /// The same, to change it.
    pub fn plan_mut(&mut self) -> Option<&mut PlanOverlay> {
        plan_on_top_mut(self.overlays)
    }
}

/// The plan on top, if a plan is on top.
pub(in crate::app) fn plan_on_top(overlays: &[Overlay]) -> Option<&PlanOverlay> {
    overlays.last().and_then(Overlay::plan)
}

/// The same, to change it.
pub(in crate::app) fn plan_on_top_mut(overlays: &mut [Overlay]) -> Option<&mut PlanOverlay> {
    overlays.last_mut().and_then(Overlay::plan_mut)
}

/// The keys that work with these overlays above the panes.
pub(in crate::app) fn keys<'a>(
    setup: &'a Setup,
    overlays: &[Overlay],
    workspace: &Workspace,
) -> KeyHints<'a> {
    KeyHints {
        keymap: &setup.keymap,
        contexts: keymap_contexts(workspace, overlays.last()),
        is_covered: !overlays.is_empty(),
    }
}

/// The contexts of the keymap that apply, innermost first, with this overlay on top.
pub(in crate::app) fn keymap_contexts(
    workspace: &Workspace,
    overlay: Option<&Overlay>,
) -> &'static [keymap::Context] {
    match overlay {
        Some(overlay) => overlay.keymap_context().chain(),
        None => match workspace.focus {
            Pane::Leaks if workspace.column.is_some() && workspace.leaks.grouping.is_none() => {
                keymap::Context::CellCursor.chain()
            }
            Pane::Domains => keymap::Context::Domains.chain(),
            Pane::Users => keymap::Context::Users.chain(),
            Pane::Leaks => keymap::Context::Leaks.chain(),
            Pane::Connections => keymap::Context::Connections.chain(),
            Pane::Jobs => keymap::Context::Jobs.chain(),
        },
    }
}
