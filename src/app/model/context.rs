//! The shared state as features and drawing read it.

use super::{Access, Data, Jobs, Setup, Workspace};
use crate::app::message::Now;

/// Borrows of the shared state. Whoever has one can read everything that is known, changed and shown, and change none
/// of it.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The moment of the current update.
    pub now: Now,
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
