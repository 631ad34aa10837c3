//! What leaves for a file or a pipe: one writer a format, one row each in [`FORMATS`]. The JSON of every entity is in
//! [`json`], and answers on standard output are written by the same writers as files.

pub mod breach;
pub mod csv;
pub mod evidence;
pub mod file;
pub mod history;
pub mod json;
pub mod jsonl;
pub mod markdown;
pub mod members;

pub use file::{ExportError, write_new};

use crate::entity::{
    connection::Connection,
    domain::Domain,
    error::{JournalError, ProviderError},
    job::Job,
    key::{ProfileName, ProviderId},
    leak::Leak,
    raw_text::RawText,
    user::User,
};
use serde::Serialize;
use std::io;

/// One thing to write.
#[derive(Clone, Copy, Debug)]
pub enum Record<'a> {
    /// A leak.
    Leak(&'a Leak),
    /// A user.
    User(&'a User),
    /// A domain.
    Domain(&'a Domain),
    /// A connection.
    Connection(&'a Connection),
    /// A job, without its changes.
    Job(&'a Job),
}

/// What a list is of; it decides the columns of a table, also of an empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// Leaks.
    Leak,
    /// Users.
    User,
    /// Domains.
    Domain,
    /// Connections.
    Connection,
    /// Jobs.
    Job,
}

impl Record<'_> {
    /// What it is.
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Leak(_) => RecordKind::Leak,
            Self::User(_) => RecordKind::User,
            Self::Domain(_) => RecordKind::Domain,
            Self::Connection(_) => RecordKind::Connection,
            Self::Job(_) => RecordKind::Job,
        }
    }
}

/// What is known of a list when its last record was written.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// What the providers say there is, before local filtering; `None` when one does not say.
    pub total: Option<u64>,
    /// How many were loaded.
    pub loaded: u64,
    /// Everything that matches was read, or the limit was reached.
    pub complete: bool,
    /// The part of each profile.
    pub profiles: Vec<ProfileLoad>,
}

/// What one profile gave.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileLoad {
    /// Whose.
    pub profile: ProfileName,
    /// At which provider.
    pub provider: ProviderId,
    /// How many were loaded.
    pub loaded: u64,
    /// What the provider says there is.
    pub total: Option<u64>,
    /// How many rows came that could not be read.
    pub unreadable: u64,
    /// Watched domains that were not read.
    pub left_out: Vec<RawText>,
    /// Why it gave no more.
    pub error: Option<ErrorBody>,
}

/// An error as JSON has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    /// The kind's word.
    pub kind: &'static str,
    /// What went wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// On which profile, if on one.
    pub profile: Option<ProfileName>,
}

impl ErrorBody {
    /// A provider's error.
    pub fn from_provider(error: &ProviderError, profile: Option<ProfileName>) -> Self {
        Self {
            kind: error.kind(),
            message: error.to_string(),
            hint: error.hint().to_owned(),
            profile,
        }
    }

    /// The journal's error.
    pub fn from_journal(error: &JournalError) -> Self {
        Self {
            kind: error.kind(),
            message: error.to_string(),
            hint: error.hint().to_owned(),
            profile: None,
        }
    }
}

/// Takes records one by one; nothing is held back but what a buffer holds.
pub trait RecordWriter {
    /// Writes one record.
    fn write(&mut self, record: Record<'_>) -> io::Result<()>;

    /// Writes what follows the last one, and flushes.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

/// One format's row.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// As `--format` spells it.
    pub name: &'static str,
    /// What its files end in, without the dot.
    pub extension: &'static str,
    /// Starts writing a list.
    pub open:
        for<'w> fn(&'w mut dyn io::Write, RecordKind) -> io::Result<Box<dyn RecordWriter + 'w>>,
}

/// Every format that is built, one row each.
pub const FORMATS: &[Format] = &[csv::FORMAT, json::list::FORMAT, jsonl::FORMAT];

/// The row of a format.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
