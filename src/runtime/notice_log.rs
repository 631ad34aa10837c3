//! Notices in the log.

use crate::app::{model::Model, notice::Severity};
use std::time::Duration;

/// What the operator is told is in the log too, once; notices hold no value of a leak.
pub(super) fn log_notice(model: &Model, before: Option<Duration>) {
    let Some(notice) = model
        .notices
        .newest_first()
        .next()
        .filter(|notice| Some(notice.posted_at) != before)
    else {
        return;
    };
    match notice.severity {
        Severity::Info => tracing::info!(text = notice.text, "notice"),
        Severity::Warning => tracing::warn!(text = notice.text, "notice"),
        Severity::Error => tracing::error!(text = notice.text, "notice"),
    }
}
