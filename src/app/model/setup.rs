//! Settings of a run, and the keys of a sequence that has begun.

use crate::config::{Policy, commands::UserCommand, console::Times, keymap::Keymap};
use crossterm::event::KeyEvent;
use std::time::Duration;

/// What the console is told at its start and never changes.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Keys.
    pub keymap: Keymap,
    /// What is allowed.
    pub policy: Policy,
    /// How moments are shown in lists.
    pub times: Times,
    /// Reasons that are offered where a change wants one.
    pub reasons: Vec<String>,
    /// Programs of the operator's own.
    pub commands: Vec<UserCommand>,
    /// Where files of this session go by default, for prompts.
    pub directory: std::path::PathBuf,
    /// Words on the first line: a banner such as `DEMO`.
    pub banner: Option<String>,
    /// The zone in which dates are shown.
    pub zone: jiff::tz::TimeZone,
    /// The global options that the copied command line repeats, such as `--config FILE`.
    pub command_prefix: Vec<String>,
    /// This program and its global options, for a command that the console runs in a process of its own; `None` where
    /// there is no such process.
    pub own_program: Option<Vec<String>>,
    /// Whether the program is used without a console.
    pub headless: bool,
    /// The ids of the providers that there are: what a filter may ask for with `source:`.
    pub sources: Vec<&'static str>,
}

/// A key sequence that has begun.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sequence {
    /// The keys so far.
    pub keys: Vec<KeyEvent>,
    /// When the first was pressed.
    pub started_at: Duration,
}
