//! The plan that is being made or was confirmed.

use crate::{
    app::plan::Making,
    entity::{claim::Words, job::JobCommand, status::Status},
    table::Handle,
};

/// The plan that is being made or was confirmed. What is shown of it is an overlay.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// A plan of many leaks that is being made.
    pub planning: Option<Box<Making>>,
    /// The plan that was confirmed last, by its hash, and the rows of its changes: its job need not look for them.
    pub planned: Option<(String, Vec<Handle>)>,
    /// Why the plan that is confirmed next is made.
    pub words: Words,
    /// The change that was planned last: `.` does it again.
    pub last: Option<(JobCommand, Status)>,
}
