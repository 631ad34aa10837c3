//! The shared state as features and drawing read it.

use super::{Access, Data, Jobs, Requests, Setup, Workspace, now::Moment};
use crate::{
    action::Action,
    app::{
        command::{Command, Refresh},
        notice::{Notices, Severity},
    },
    config::keymap::{self, Keymap},
};

/// Borrows of the shared state. Whoever has one can read everything that is known, changed and shown, and change none
/// of it.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
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
    /// The keys that work now.
    pub keys: KeyHints<'a>,
}

/// The keys that work now, for texts that name one.
#[derive(Clone, Copy, Debug)]
pub struct KeyHints<'a> {
    /// All keys.
    pub keymap: &'a Keymap,
    /// The contexts that apply, innermost first.
    pub contexts: &'static [keymap::Context],
    /// True while an overlay covers the panes.
    pub is_covered: bool,
}

impl KeyHints<'_> {
    /// Returns the first key of an action in the contexts that apply.
    pub fn first(self, action: Action) -> Option<String> {
        let keys = self.keymap.keys_for(self.contexts, action);
        keys.into_iter().next()
    }
}

/// What is shown, to be changed, with what that may depend on.
#[derive(Debug)]
pub struct WorkspaceUpdate<'a> {
    /// What is shown.
    pub workspace: &'a mut Workspace,
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
    /// Whether this console may write.
    pub access: &'a Access,
    /// The keys that work now.
    pub keys: KeyHints<'a>,
}

impl WorkspaceUpdate<'_> {
    /// Borrows the same for a feature that only reads what is shown.
    pub fn feature(&mut self) -> FeatureUpdate<'_> {
        FeatureUpdate {
            context: Context {
                now: self.now,
                size: self.size,
                setup: self.setup,
                data: self.data,
                jobs: self.jobs,
                workspace: self.workspace,
                access: self.access,
                keys: self.keys,
            },
            notices: self.notices,
            commands: self.commands,
        }
    }
}

/// What is known, to be changed, with what that may depend on.
#[derive(Debug)]
pub struct DataUpdate<'a> {
    /// What is known.
    pub data: &'a mut Data,
    /// Lines for the operator.
    pub notices: &'a mut Notices,
    /// What other parts have to do because of it.
    pub commands: &'a mut Vec<Command>,
    /// Numbers for requests.
    pub requests: &'a mut Requests,
    /// The moment of the current update.
    pub now: Moment,
    /// Settings that never change while the console runs.
    pub setup: &'a Setup,
}

impl DataUpdate<'_> {
    /// Asks for panes to be built again.
    pub fn refresh(&mut self, how: Refresh) {
        self.commands.push(Command::Refresh(how));
    }
}

/// What is being changed, with what that may depend on.
#[derive(Debug)]
pub struct JobsUpdate<'a> {
    /// What is being changed.
    pub jobs: &'a mut Jobs,
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
    /// What is shown.
    pub workspace: &'a Workspace,
    /// Whether this console may write.
    pub access: &'a Access,
    /// The keys that work now.
    pub keys: KeyHints<'a>,
}

/// What a feature with a state of its own works with.
#[derive(Debug)]
pub struct FeatureUpdate<'a> {
    /// The shared state.
    pub context: Context<'a>,
    /// Lines for the operator.
    pub notices: &'a mut Notices,
    /// What other parts have to do because of it.
    pub commands: &'a mut Vec<Command>,
}

impl FeatureUpdate<'_> {
    /// Shows the operator a line.
    pub fn notify(&mut self, severity: Severity, text: impl Into<String>, hint: Option<String>) {
        let now = self.context.now.since_start;
        self.notices.push(severity, text, hint, now);
    }

    /// Tells the operator how something ended; what failed begins with `failed`.
    pub fn report(&mut self, result: Result<String, String>, failed: &str) {
        let now = self.context.now.since_start;
        self.notices.report(result, failed, now);
    }
}

/// A borrow of one state reads like the model does.
macro_rules! reads_everything {
    ($($update:ident)*) => {$(
        impl $update<'_> {
            /// Borrows everything for reading.
            pub fn context(&self) -> Context<'_> {
                Context {
                    now: self.now,
                    size: self.size,
                    setup: self.setup,
                    data: self.data,
                    jobs: self.jobs,
                    workspace: self.workspace,
                    access: self.access,
                    keys: self.keys,
                }
            }
        }
    )*};
}

reads_everything!(WorkspaceUpdate JobsUpdate);
