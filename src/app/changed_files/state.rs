//! The files of a profile: what a reading of them found, and when they are looked at.

use crate::entity::files::ImportReport;
use std::{sync::Arc, time::Duration};

/// The files of a profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Files {
    /// When they are looked at next, since the start.
    pub due: Option<Duration>,
    /// What their last reading found.
    pub report: Option<Arc<ImportReport>>,
}
