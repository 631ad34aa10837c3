//! Who opens a journal, what it may do then, and what other consoles have changed in it.

use super::super::{fault_injection, location::FileSystem};
use crate::entity::{changes::JournalChanges, error::JournalError};
use jiff::Timestamp;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

/// What the journal is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// To record: takes the writer's lock, or watches where another has it.
    Write,
    /// To look: takes no lock and makes no file; a journal that is not there reads as empty.
    Read,
}

/// Who is at work, for the lock and the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Operator {
    /// Login name.
    pub user: String,
    /// Host name.
    pub host: String,
    /// Terminal, empty if none.
    pub tty: String,
    /// Process id.
    pub pid: String,
}

/// How to open the journal.
#[derive(Clone, Debug)]
pub struct JournalOptions {
    /// The state directory; absolute. Made, closed to others, when it is not there.
    pub directory: PathBuf,
    /// To record or to look.
    pub mode: OpenMode,
    /// Who is at work.
    pub who: Operator,
    /// The clock.
    pub now: fn() -> Timestamp,
    /// A limit on the database's size in pages of 4 KiB, for tests of a full disk.
    pub max_pages: Option<u32>,
    /// What the directory lies on, for tests; asked of the system if `None`.
    pub file_system: Option<FileSystem>,
    /// A disaster to rehearse, for tests; a release build takes no notice.
    pub inject_fault: Option<String>,
    /// What its thread does first, and those that it starts have from it.
    pub thread_init: fn(),
}

impl JournalOptions {
    /// The options of a real run.
    pub fn new(directory: PathBuf, mode: OpenMode, who: Operator) -> Self {
        Self {
            directory,
            mode,
            who,
            now: fault_injection::now,
            max_pages: None,
            file_system: None,
            inject_fault: None,
            thread_init: || {},
        }
    }
}

/// What this journal may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// It records.
    Writer,
    /// Another console records; this one looks.
    Follower {
        /// User, host, process and since when.
        holder: String,
    },
    /// It looks only.
    ReadOnly {
        /// Why, in words.
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

    /// Returns who is at work and what time it is, as the audit log has them.
    fn operator(&self) -> (Operator, Timestamp);
}
