//! The command palette: every action by its name, and a few commands that take an argument.

mod candidates;
mod commands;
mod run;
mod typing;

pub use candidates::{Candidate, begun, candidates};
pub use commands::COMMANDS;
pub use run::run;
pub(super) use typing::{complete, step, submit};
