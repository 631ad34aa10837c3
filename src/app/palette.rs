//! The command palette: every action by its name, and a few commands that take an argument.

mod candidates;
mod commands;
mod line;
mod typing;

pub use candidates::{Candidate, begun, candidates};
pub use commands::COMMANDS;
pub(super) use line::{Line, parse, suggestion};
pub(super) use typing::{Submitted, complete, offered, prompt, step, submit};
