//! The plan that is being made or was confirmed.

use crate::{
    app::plan::PlanBuilder,
    entity::{claim::Justification, job::JobCommand, status::Status},
    table::RowId,
};

/// The plan that is being made or was confirmed. What is shown of it is an overlay.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// A plan of many leaks that is being made.
    pub plan_builder: Option<Box<PlanBuilder>>,
    /// The plan that was confirmed last, by its hash, and the rows of its changes: its job need not look for them.
    pub confirmed_rows: Option<(String, Vec<RowId>)>,
    /// Why the plan that is confirmed next is made.
    pub justification: Justification,
    /// The change that was planned last: `.` does it again.
    pub last: Option<(JobCommand, Status)>,
}
