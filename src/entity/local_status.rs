//! A status that we keep, because the provider cannot: what it is, and what the provider said when it was set.

use super::{
    key::{JobId, ProfileName, ProviderId},
    role::Role,
    status::Status,
};
use jiff::Timestamp;

/// A local status of one leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalStatus {
    /// What to act on.
    pub status: Status,
    /// What the provider's word meant when this was set; `None` where it has no status.
    pub remote_when_set: Option<Status>,
    /// When it was set.
    pub set_at: Timestamp,
    /// The job that set it; `None` for an imported one.
    pub job: Option<JobId>,
    /// The login of a team that set it; `None` in the journal of one host.
    pub by: Option<Role>,
}

impl LocalStatus {
    /// Whether what the provider says now contradicts this: it has changed its word since, to one that means something
    /// else.
    pub fn is_disputed(&self, remote_now: Option<Status>) -> bool {
        remote_now.is_some()
            && remote_now != self.remote_when_set
            && remote_now != Some(self.status)
    }

    /// What to act on, and whether that is disputed. What came from a file rests on what that says of the provider:
    /// where the provider itself says something else, that counts.
    pub fn effective(&self, remote_now: Option<Status>) -> (Status, bool) {
        let disputed = self.is_disputed(remote_now);
        let provider = remote_now.filter(|_| disputed && self.job.is_none());
        (provider.unwrap_or(self.status), disputed)
    }
}

/// Statuses that are kept under one name for leaks of one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileStatusCount {
    /// The profile's name.
    pub profile: ProfileName,
    /// The provider.
    pub provider: ProviderId,
    /// How many.
    pub statuses: u64,
}

impl std::fmt::Display for ProfileStatusCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (count, profile, provider) = (self.statuses, &self.profile, &self.provider);
        let (statuses, are) = if count == 1 {
            ("status", "is")
        } else {
            ("statuses", "are")
        };
        write!(
            f,
            "{count} {statuses} {are} kept for {profile} ({provider}), which is no configured profile: {} not shown",
            if count == 1 { "it is" } else { "they are" }
        )
    }
}

/// What can be done about statuses of a profile that is no longer configured.
pub const MOVE_HINT: &str = "stanch statuses move OLD NEW takes them along to another name; stanch statuses export writes them to a file";

/// What is taken from one profile's name to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize)]
pub struct MoveResult {
    /// Statuses that are kept under the new name then.
    pub statuses: u64,
    /// Of these, in place of an older one that was kept there.
    pub replaced: u64,
    /// Statuses that go, because a newer one is kept under the new name.
    pub older: u64,
    /// Leaks whose last words come along.
    pub words: u64,
    /// Mappings that were said yes to.
    pub mappings: u64,
    /// Notes, claims and releases in the histories of leaks.
    pub events: u64,
}

impl MoveResult {
    /// Whether nothing is kept under the old name.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// What became of statuses that were read from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize)]
pub struct ImportResult {
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
            remote_when_set: Some(Status::New),
            set_at: Timestamp::UNIX_EPOCH,
            job: None,
            by: None,
        };
        assert!(!local.is_disputed(Some(Status::New)));
        assert!(!local.is_disputed(Some(Status::FalsePositive)));
        assert!(!local.is_disputed(None));
        assert!(local.is_disputed(Some(Status::Fixed)));
    }
}
