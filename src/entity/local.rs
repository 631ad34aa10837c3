//! A status that we keep, because the provider cannot: what it is, and what the provider said when it was set.

use super::{key::JobId, status::Status};
use jiff::Timestamp;

/// A local status of one leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalStatus {
    /// What to act on.
    pub status: Status,
    /// What the provider's word meant when this was set; `None` where it has no status.
    pub remote_then: Option<Status>,
    /// When it was set.
    pub set_at: Timestamp,
    /// The job that set it; `None` for an imported one.
    pub job: Option<JobId>,
}

impl LocalStatus {
    /// Whether what the provider says now contradicts this: it has changed its word since, to one that means something
    /// else.
    pub fn is_disputed(&self, remote_now: Option<Status>) -> bool {
        remote_now.is_some() && remote_now != self.remote_then && remote_now != Some(self.status)
    }
}

/// What became of statuses that were read from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize)]
pub struct Imported {
    /// New, or newer than the one that was there.
    pub imported: u64,
    /// The same as the one that was there.
    pub unchanged: u64,
    /// Older than the one that was there: left out.
    pub older: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_disputes_only_by_saying_something_new_and_different() {
        let local = LocalStatus {
            status: Status::FalsePositive,
            remote_then: Some(Status::New),
            set_at: Timestamp::UNIX_EPOCH,
            job: None,
        };
        assert!(!local.is_disputed(Some(Status::New)));
        assert!(!local.is_disputed(Some(Status::FalsePositive)));
        assert!(!local.is_disputed(None));
        assert!(local.is_disputed(Some(Status::Fixed)));
    }
}
