//! The port of the journal: what a store does, one small trait a noun. [`Store`] is their sum.
//!
//! A store is synchronous: the journal's thread owns it and asks it for one thing after the other. It is object-safe:
//! [`Journal`](super::Journal) does not know which one it has. It decides nothing: what a write means stands in
//! [`record`](super::record), and every store must pass the suite in `tests/it/journal`.

mod access;
mod audit;
mod claims;
mod handover;
mod installation;
mod jobs;
mod notes;
mod statuses;
mod team;

pub use access::{Access, AccessStore, JournalOptions, OpenMode, Operator, SharedAccess};
pub use audit::AuditStore;
pub use claims::ClaimStore;
pub use handover::HandoverStore;
pub use installation::InstallationStore;
pub use jobs::{ChunkAnswer, JobStore};
pub use notes::NoteStore;
pub use statuses::{LocalStatusRecord, LocalStatusStore, Move};
pub use team::{News, TeamOptions, TeamTls};

use crate::entity::error::JournalError;

/// Everything that a journal needs of where it lies. Dropping it closes it: files are closed and the writer's place is
/// free.
pub trait Store:
    JobStore
    + LocalStatusStore
    + ClaimStore
    + NoteStore
    + AuditStore
    + AccessStore
    + HandoverStore
    + InstallationStore
{
}

impl<S> Store for S where
    S: JobStore
        + LocalStatusStore
        + ClaimStore
        + NoteStore
        + AuditStore
        + AccessStore
        + HandoverStore
        + InstallationStore
{
}

/// A kind of store, one row of [`STORES`](super::STORES).
#[derive(Debug)]
pub struct StoreKind {
    /// Its name, for tests and messages.
    pub name: &'static str,
    /// Opens it. That another console writes, or that it can only be read, is no error: see [`AccessStore::access`].
    pub open: fn(JournalOptions) -> Result<Box<dyn Store>, JournalError>,
}
