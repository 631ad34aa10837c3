//! A line that is being typed: a filter, a pattern, a command, a file's name, a search in help. While it is open no
//! key but its own means anything.

use super::{check::SecretInput, model::Pane, notice::Severity, plan::word::JustificationField};
use crate::{
    entity::{
        key::{EntityKey, JobId, ProviderId},
        lookup::LookupKind,
    },
    filter::{Filter, FilterError},
};
use tui_input::Input;

/// What the line is for.
#[derive(Clone, Debug, PartialEq)]
pub enum PromptKind {
    /// Narrows a pane as it is typed; holds the filter that `Esc` brings back.
    Filter {
        /// Which pane.
        pane: Pane,
        /// What was in force before.
        previous: Filter,
        /// How far back in the history; 0 is the line being typed.
        back: usize,
    },
    /// Marks what matches.
    MarkPattern,
    /// Unmarks what matches.
    UnmarkPattern,
    /// A command.
    Palette {
        /// How far back in the history; 0 is the line being typed.
        history_index: usize,
        /// The candidate that is chosen, by its place.
        cursor: usize,
    },
    /// A file to export to.
    Export,
    /// Why a plan is made.
    Justification(JustificationField),
    /// A note on these leaks.
    Note(Vec<(EntityKey, ProviderId)>),
    /// A directory for a bundle of evidence: of a job, else of the leaks.
    Evidence(Option<JobId>),
    /// A program for the leaks.
    Pipe,
    /// Whether a program of the operator's own shall run: which, by its place in the configuration.
    RunCommand(usize),
    /// Whether a job of a team shall be taken over: which, and whether a console that is alive runs it.
    TakeOver(JobId, bool),
    /// Narrows the help.
    HelpSearch,
    /// A secret to look up, which is not shown.
    Secret {
        /// What kind of secret.
        kind: LookupKind,
        /// What was typed so far.
        line: SecretInput,
    },
}

/// A line that is being typed.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What for.
    pub kind: PromptKind,
    /// The line.
    pub input: Input,
    /// What is wrong with it.
    pub error: Option<FilterError>,
    /// What to know of the last thing that was typed or pasted: that it was refused, or taken in another form.
    pub message: Option<(Severity, String)>,
    /// What it is about, where that has to be said.
    pub description: Option<String>,
    /// What `Tab` makes it about, where there is something else.
    pub tab_alternative: Option<&'static str>,
    /// What `Tab` completes the line to, while it goes round.
    pub completion: Option<Completion>,
}

/// What a line can be completed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What stands before the word that is completed.
    pub before: String,
    /// The words it can become.
    pub words: Vec<String>,
    /// Which of them stands there now.
    pub at: usize,
}

impl Prompt {
    /// An empty line, or one with a text to change.
    pub fn new(kind: PromptKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            input: Input::new(text.into()),
            error: None,
            message: None,
            description: None,
            tab_alternative: None,
            completion: None,
        }
    }

    /// What stands before the line.
    pub fn label(&self) -> &'static str {
        match self.kind {
            PromptKind::Filter { .. } | PromptKind::HelpSearch => "/",
            PromptKind::MarkPattern => "mark: ",
            PromptKind::UnmarkPattern => "unmark: ",
            PromptKind::Palette { .. } => ":",
            PromptKind::Export => "export to: ",
            PromptKind::Pipe => "| ",
            PromptKind::RunCommand(_) => "y runs it: ",
            PromptKind::TakeOver(_, true) => "type take: ",
            PromptKind::TakeOver(_, false) => "y takes it over: ",
            PromptKind::Justification(word) => word.label(),
            PromptKind::Note(_) => "note: ",
            PromptKind::Evidence(_) => "evidence to: ",
            PromptKind::Secret { kind, .. } => match kind {
                LookupKind::Card => "card number, hidden: ",
                LookupKind::Ssn => "last four digits, hidden: ",
                LookupKind::Password | LookupKind::Email | LookupKind::Domain => {
                    "password, hidden: "
                }
            },
        }
    }
}
