//! What a bulk action would do, before anyone said yes: frozen keys, what is left alone and why, and the hash that names it.

use super::JobCommand;
use crate::entity::{
    key::{EntityKey, JobId, ProfileName},
    profile::ProfileBinding,
    status::Status,
};
use serde::Serialize;

/// Why a plan leaves a target alone.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    strum::EnumString,
    strum::Display,
    strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SkipCode {
    /// It already has the wanted status.
    Already,
    /// Its id cannot be sent.
    BadId,
    /// Nothing has that key.
    NotFound,
    /// It was there and is no longer.
    Gone,
    /// A rule forbids it: read-only, plain http.
    NotAllowed,
    /// The provider cannot store the wanted status.
    Unsupported,
    /// It is in a job that has not ended.
    InJob,
    /// It no longer reads as the job left it.
    Drifted,
}

impl SkipCode {
    /// The reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Already => "already has that status",
            Self::BadId => "its id is not one that the provider accepts",
            Self::NotFound => "nothing has that key",
            Self::Gone => "no longer at the provider",
            Self::NotAllowed => "the profile is read-only",
            Self::Unsupported => "the provider cannot store that status",
            Self::InJob => "in a job that has not ended",
            Self::Drifted => "changed by someone else since",
        }
    }
}

/// One change that a plan would make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedChange {
    /// Which leak.
    pub key: EntityKey,
    /// Its status when the plan was made.
    pub before: Status,
    /// What it shall become where it is stored: at the provider, or with us.
    pub wanted: Status,
    /// Where that is.
    pub place: Place,
    /// What the provider's own word means now; `None` where it has no status.
    pub remote: Option<Status>,
}

/// Where a change is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// At the provider alone.
    Remote,
    /// With us alone, because the provider cannot, or says it already.
    Local,
    /// The provider stores the nearest that it has; what was asked for is kept by us, once that was read back.
    Both,
}

/// A status that a provider stores as another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lossy {
    /// Whose.
    pub profile: ProfileName,
    /// What was asked for.
    pub wanted: Status,
    /// What it stores.
    pub stored: Status,
    /// Whether the operator has confirmed this before.
    pub confirmed: bool,
}

/// One target that a plan leaves alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Which leak.
    pub key: EntityKey,
    /// Its status when the plan was made; `None` where nothing has that key.
    pub before: Option<Status>,
    /// Why.
    pub code: SkipCode,
    /// Why, in words.
    pub reason: String,
}

/// What one profile contributes to a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanShare {
    /// Whose.
    pub binding: ProfileBinding,
    /// Changes sent to the provider.
    pub remote: usize,
    /// Changes kept by us.
    pub local: usize,
    /// Leaks a request.
    pub bulk_size: u32,
}

/// What a bulk action would do. Frozen: keys, statuses and profiles do not change after it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// BLAKE3, hex; see [`plan_hash`].
    pub hash: String,
    /// What asked for it.
    pub command: JobCommand,
    /// The status that was asked for.
    pub wanted: Status,
    /// The profiles, by name.
    pub shares: Vec<PlanShare>,
    /// The changes, by key.
    pub eligible: Vec<PlannedChange>,
    /// The targets left alone, by key.
    pub skipped: Vec<Skipped>,
    /// Write requests.
    pub requests: u64,
    /// Read requests that reading back is expected to take.
    pub reads: u64,
    /// How long it is expected to take at the profiles' rates, in seconds.
    pub eta_seconds: Option<u64>,
    /// Statuses that a provider stores as another one.
    pub lossy: Vec<Lossy>,
    /// Targets that the filter hides at the moment.
    pub hidden: usize,
    /// When it was made.
    pub made_at: jiff::Timestamp,
    /// The job that it retries, undoes or redoes.
    pub of: Option<JobId>,
}

impl Plan {
    /// Eligible and skipped together.
    pub fn targets(&self) -> usize {
        self.eligible.len() + self.skipped.len()
    }

    /// Changes sent to providers.
    pub fn remote(&self) -> usize {
        self.eligible
            .iter()
            .filter(|change| change.place != Place::Local)
            .count()
    }

    /// Changes kept by us.
    pub fn local(&self) -> usize {
        self.eligible.len() - self.remote()
    }
}

/// The hash that names a plan: BLAKE3, hex, over the profiles (name, origin, team), the wanted status and the sorted
/// lines `key prior-status` of all targets. The order of targets, the rate, the time and the reason do not matter.
pub fn plan_hash<'a>(
    profiles: impl IntoIterator<Item = &'a ProfileBinding>,
    wanted: Status,
    targets: impl IntoIterator<Item = (String, Option<Status>)>,
) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut profiles: Vec<_> = profiles.into_iter().collect();
    profiles.sort();
    profiles.dedup();
    for profile in profiles {
        // Lengths first: no name can be made to look like another's end.
        for part in [profile.name.as_str(), &profile.origin, &profile.team] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
    }
    hasher.update(b"\0");
    hasher.update(wanted.to_string().as_bytes());
    hasher.update(b"\n");
    let mut lines: Vec<String> = targets
        .into_iter()
        .map(|(key, before)| {
            before.map_or_else(
                || format!("{key} -\n"),
                |before| format!("{key} {before}\n"),
            )
        })
        .collect();
    lines.sort_unstable();
    lines.dedup();
    for line in lines {
        hasher.update(line.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::key::{ProfileName, ProviderId};

    fn binding(name: &str, team: &str) -> ProfileBinding {
        ProfileBinding {
            name: ProfileName::new(name).unwrap(),
            provider: ProviderId::new("projectdiscovery"),
            origin: "http://127.0.0.1:1".into(),
            team: team.into(),
        }
    }

    #[test]
    fn a_plan_hash_does_not_know_the_order_of_its_targets_but_all_else() {
        let [a, b] = [
            ("p:leak:a".to_owned(), Some(Status::Open)),
            ("p:leak:b".to_owned(), Some(Status::Fixed)),
        ];
        let hash = |binding: &ProfileBinding, wanted, targets: Vec<_>| {
            plan_hash([binding], wanted, targets)
        };
        let base = hash(&binding("p", ""), Status::Fixed, vec![a.clone(), b.clone()]);
        assert_eq!(
            base,
            hash(
                &binding("p", ""),
                Status::Fixed,
                vec![b.clone(), a.clone(), a.clone()]
            )
        );
        assert_ne!(
            base,
            hash(
                &binding("p", "t"),
                Status::Fixed,
                vec![a.clone(), b.clone()]
            )
        );
        assert_ne!(
            base,
            hash(&binding("p", ""), Status::Open, vec![a.clone(), b.clone()])
        );
        assert_ne!(
            base,
            hash(&binding("p", ""), Status::Fixed, vec![a.clone()])
        );
        assert_ne!(
            base,
            hash(
                &binding("p", ""),
                Status::Fixed,
                vec![(a.0, Some(Status::Unknown)), b]
            )
        );
        assert_eq!(base.len(), 64);
    }
}
