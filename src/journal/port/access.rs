//! Access to a journal: who opens it, what it may do then, and what other consoles have changed in it.

use super::{
    super::{fault_injection, location::FileSystem},
    TeamOptions,
};
use crate::entity::{error::JournalError, journal_changes::JournalChanges};
use jiff::Timestamp;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

/// Purpose of opening the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// For writing: acquires the writer's lock, or follows the console that has it.
    Write,
    /// For reading: takes no lock and creates no file. A missing journal reads as empty.
    Read,
}

/// The operator, for the lock and the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Operator {
    /// Login name.
    pub user: String,
    /// Host name.
    pub host: String,
    /// Terminal; empty if there is none.
    pub tty: String,
    /// Process id.
    pub pid: String,
}

/// Options of a journal.
#[derive(Clone, Debug)]
pub struct JournalOptions {
    /// State directory, as an absolute path. Created with mode 0700 if it is missing.
    pub directory: PathBuf,
    /// Writing or reading.
    pub mode: OpenMode,
    /// The operator.
    pub operator: Operator,
    /// The clock.
    pub now: fn() -> Timestamp,
    /// Limit of the database size in pages of 4 KiB, for tests of a full disk.
    pub max_pages: Option<u32>,
    /// File system of the directory, for tests; `None` asks the system.
    pub file_system: Option<FileSystem>,
    /// Fault to inject, for tests; a release build ignores it.
    pub inject_fault: Option<String>,
    /// The team store; `None` for the embedded one.
    pub team: Option<TeamOptions>,
    /// Called first on the journal's thread; threads that it starts inherit the effect.
    pub thread_init: fn(),
}

impl JournalOptions {
    /// Returns the options of a real run.
    pub fn new(directory: PathBuf, mode: OpenMode, who: Operator) -> Self {
        Self {
            directory,
            mode,
            operator: who,
            now: fault_injection::now,
            max_pages: None,
            file_system: None,
            inject_fault: None,
            team: None,
            thread_init: || {},
        }
    }
}

/// What this journal may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// It writes.
    Writer,
    /// Another console writes; this one follows.
    Follower {
        /// User, host, process and start time of the writer.
        holder: String,
    },
    /// It can only be read.
    ReadOnly {
        /// Reason, as text.
        why: String,
    },
}

/// What a journal may do, shared by its store and its handles: it becomes less when damage is found.
pub type SharedAccess = Arc<Mutex<Access>>;

/// The role of this console in a store, and what others have written.
pub trait AccessStore {
    /// Returns what this journal may do, for all handles to read.
    fn access(&self) -> SharedAccess;

    /// Returns what others have written since this was last asked; the first time, everything. A console that follows
    /// takes the writer's place when that is free: [`AccessStore::access`] says so.
    ///
    /// # Errors
    /// `Io` if the store cannot be read.
    fn changes_since(&mut self) -> Result<JournalChanges, JournalError>;

    /// Returns true if some console writes at the moment, this one or another.
    ///
    /// # Errors
    /// `Io` if that cannot be told.
    fn has_writer(&self) -> Result<bool, JournalError>;

    /// Reads everything and compares it with its hashes, its counts and the chain of events.
    ///
    /// # Errors
    /// `ReadOnly` if something is not as it was written.
    fn verify(&mut self) -> Result<(), JournalError>;

    /// Returns the operator and the time, as the audit log stores them.
    fn operator(&self) -> (Operator, Timestamp);
}
