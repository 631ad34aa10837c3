//! Stealers' logs: which machines there are in a tree of files, and what is known of each. Rules N1 to N7, M1 to M5, S1 to
//! S12.

mod date;
mod family;
mod folder;
mod machine;
mod names;
mod system;

pub(super) use folder::facts_of_name;
pub(super) use machine::{Role, Tree};
pub(super) use names::Kind;
pub(super) use system::read as read_system;
