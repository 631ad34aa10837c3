//! What is wrong with a configuration: where, what, and what to do. A problem never ends the program by itself, and
//! it never quotes a value, which may be a key.

use serde::Serialize;
use std::{
    fmt::{self, Write as _},
    path::PathBuf,
};

/// What a problem is about, so that its consequence can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemScope {
    /// The file as a whole: it cannot be read, or is not TOML.
    File,
    /// A table that no configuration has.
    Unknown,
    /// One profile, by the name that stands in the file. It is left out unless the member is only unknown.
    Profile(String),
    /// `[policy]`: what is wrong there counts as its strictest value.
    Policy,
    /// `[clipboard]`.
    Clipboard,
    /// `[console]`.
    Console,
    /// `[commands]`.
    Command,
    /// `[theme]`.
    Theme,
    /// `[keymap]`: the built-in binding stays.
    Keymap,
    /// `[store]`: nothing that needs a journal runs while it is wrong.
    Store,
    /// `[watch]`, `[watches]`, `[notify]`, `[hooks]`, `[webhooks]`, `[report]`: nothing is watched while it is wrong.
    Watch,
    /// `--profile` names something that is not there, or is wrong.
    Selection,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What it is about.
    #[serde(skip)]
    pub scope: ProblemScope,
    /// The file; `None` for a problem of the command line.
    pub file: Option<PathBuf>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Problem {
    /// `FILE:LINE:COLUMN`, as far as known; empty for the command line.
    pub fn location(&self) -> String {
        let mut place = self
            .file
            .as_ref()
            .map(|file| printable(&file.to_string_lossy()))
            .unwrap_or_default();
        for number in [self.line, self.column].into_iter().flatten() {
            let _ = write!(place, ":{number}");
        }
        place
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.location();
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}\n  hint: {}", self.message, self.hint)
    }
}

/// A name from a file as it may be shown.
pub(super) fn printable(name: &str) -> String {
    crate::entity::visible::escape(name.as_bytes())
        .as_str()
        .to_owned()
}
