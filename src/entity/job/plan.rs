//! Plan of a bulk action before its confirmation: frozen keys, skipped targets with their reason, and the hash that
//! identifies the plan.

use super::JobCommand;
use crate::entity::{
    capability::Reach,
    key::{EntityKey, JobId, ProfileName},
    profile::ProfileBinding,
    status::Status,
};
use serde::Serialize;

/// Reason why a plan skips a target.
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
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SkipCode {
    /// The leak already has the wanted status.
    Already,
    /// The id does not have the format that the provider accepts.
    BadId,
    /// No leak has that key.
    NotFound,
    /// The leak is no longer at the provider.
    Gone,
    /// A rule of the configuration forbids it: read-only profile, plain HTTP.
    NotAllowed,
    /// The provider cannot store the wanted status.
    Unsupported,
    /// The leak is in a job that has not ended.
    InJob,
    /// The status is no longer the one that the job set.
    Drifted,
    /// The leak is already closed with another status than the requested one.
    Closed,
}

impl SkipCode {
    /// Returns the reason as text.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Already => "already has that status",
            Self::BadId => "its id is not one that the provider accepts",
            Self::NotFound => "nothing has that key",
            Self::Gone => "no longer at the provider",
            Self::NotAllowed => "the profile is read-only",
            Self::Unsupported => "the provider cannot store that status",
            Self::InJob => "in a job that has not ended",
            Self::Drifted => "changed by others since",
            Self::Closed => "closed already, as something else",
        }
    }

    /// Returns true if a job that takes another one back and skips a leak for this reason is incomplete. That is so for
    /// every reason but one: the leak already has the wanted status.
    pub fn is_incomplete_revert(self) -> bool {
        self != Self::Already
    }
}

/// One change of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedChange {
    /// Key of the leak.
    pub key: EntityKey,
    /// Status when the plan was made.
    pub before: Status,
    /// Status to be stored.
    pub wanted: Status,
    /// Where the status is stored.
    pub storage_target: StorageTarget,
    /// Status at the provider; `None` if it has none.
    pub remote_status: Option<Status>,
}

/// Where the status of a change is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StorageTarget {
    /// At the provider only.
    Remote,
    /// In the journal only: the provider cannot store the status, or already has it.
    Local,
    /// The provider stores the nearest status that it has. The journal stores the requested one after the read-back.
    Both,
}

/// A status that a provider stores as another one; the operator must accept that once for each profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InexactMapping {
    /// Name of the profile.
    pub profile: ProfileName,
    /// The requested status.
    pub wanted: Status,
    /// The status that the provider stores.
    pub stored: Status,
    /// True if the operator has accepted the mapping before.
    pub is_confirmed: bool,
}

/// One target that a plan skips.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Key of the leak.
    pub key: EntityKey,
    /// Status when the plan was made; `None` if no leak has that key.
    pub before: Option<Status>,
    /// Reason as a code.
    pub code: SkipCode,
    /// Reason as text.
    pub reason: String,
}

/// Part of a plan that belongs to one profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileShare {
    /// The profile.
    pub binding: ProfileBinding,
    /// Number of changes that are sent to the provider.
    pub remote: usize,
    /// Number of changes that are stored in the journal only.
    pub local: usize,
    /// Number of leaks per request.
    pub bulk_size: u32,
    /// The widest reach of the changes that are sent.
    pub reach: Reach,
}

/// Plan of a bulk action. Keys, statuses and profiles do not change after it was built.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// BLAKE3, hex; see [`plan_hash`].
    pub hash: String,
    /// The command that asked for it.
    pub command: JobCommand,
    /// The requested status.
    pub wanted: Status,
    /// Shares of the profiles, by name.
    pub shares: Vec<ProfileShare>,
    /// Eligible targets, by key.
    pub eligible: Vec<PlannedChange>,
    /// Skipped targets, by key.
    pub skipped: Vec<Skipped>,
    /// Number of write requests.
    pub requests: u64,
    /// Expected number of read-back requests.
    pub reads: u64,
    /// Expected duration at the rate limits of the profiles, in seconds; `None` if unknown.
    pub eta_seconds: Option<u64>,
    /// Inexact mappings of the profiles.
    pub inexact_mappings: Vec<InexactMapping>,
    /// Number of targets that the filter hides.
    pub hidden: usize,
    /// Time when it was built.
    pub built_at: jiff::Timestamp,
    /// The job that it retries, undoes or redoes; `None` for a plan of its own.
    pub source_job: Option<JobId>,
}

impl Plan {
    /// Returns the number of eligible and skipped targets.
    pub fn targets(&self) -> usize {
        self.eligible.len() + self.skipped.len()
    }

    /// Returns the number of changes that are sent to providers.
    pub fn remote(&self) -> usize {
        self.eligible
            .iter()
            .filter(|change| change.storage_target != StorageTarget::Local)
            .count()
    }

    /// Returns the number of changes that are stored in the journal only.
    pub fn local(&self) -> usize {
        self.eligible.len() - self.remote()
    }

    /// Returns true if the plan takes a job back and skips a leak that does not have its old status. Its job then ends
    /// with exceptions.
    pub fn is_incomplete_revert(&self) -> bool {
        self.command.is_revert()
            && self
                .skipped
                .iter()
                .any(|left| left.code.is_incomplete_revert())
    }
}

/// Returns the hash that identifies a plan: BLAKE3 in hex over the profiles (name, origin, team), the wanted status and
/// the sorted lines `key prior-status` of all targets. It does not depend on the order of targets, the rate, the time or
/// the reason.
pub fn plan_hash<'a>(
    profiles: impl IntoIterator<Item = &'a ProfileBinding>,
    wanted: Status,
    targets: impl IntoIterator<Item = (String, Option<Status>)>,
) -> String {
    let mut lines: Vec<String> = targets
        .into_iter()
        .map(|(key, before)| format!("{key} {}\n", status_word(before)))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    let mut hasher = header_hasher(profiles, wanted);
    for line in lines {
        hasher.update(line.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// Returns the word of a status in a line.
fn status_word(before: Option<Status>) -> &'static str {
    before.map_or("-", <&str>::from)
}

/// Returns what is hashed before the lines.
fn header_hasher<'a>(
    profiles: impl IntoIterator<Item = &'a ProfileBinding>,
    wanted: Status,
) -> blake3::Hasher {
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
    hasher
}

/// Collects the lines of a plan's hash without one allocation per target. The result is that of [`plan_hash`]. Each target
/// is pushed once; targets in order cost no sort.
#[derive(Clone, Debug, Default)]
pub struct PlanHashInput {
    bytes: Vec<u8>,
    /// Where each account begins, by its name and a colon: they need not come in the order of these.
    accounts: Vec<(String, usize)>,
    /// Where the last line begins, and whether one was smaller than the one before.
    last: usize,
    unsorted: bool,
}

impl PlanHashInput {
    /// Reserves capacity for `lines` more lines.
    pub fn reserve(&mut self, lines: usize) {
        self.bytes
            .reserve(lines.saturating_mul(ESTIMATED_LINE_BYTES));
    }

    /// Adds a target. All targets of a profile must be added in a row.
    pub fn push(&mut self, key: &EntityKey, before: Option<Status>) {
        let start = self.bytes.len();
        let name = key.profile.as_str();
        let same = self
            .accounts
            .last()
            .is_some_and(|(last, _)| last.strip_suffix(':') == Some(name));
        if !same {
            self.accounts.push((format!("{name}:"), start));
        }
        key.write_to(&mut self.bytes);
        self.bytes.push(b' ');
        self.bytes.extend_from_slice(status_word(before).as_bytes());
        self.bytes.push(b'\n');
        let (head, line) = self.bytes.split_at(start);
        self.unsorted |= same && head.get(self.last..).is_some_and(|last| last > line);
        self.last = start;
    }

    /// Returns the hasher of the sorted lines.
    pub fn into_hasher<'a>(
        self,
        profiles: impl IntoIterator<Item = &'a ProfileBinding>,
        wanted: Status,
    ) -> PlanHasher {
        let hasher = header_hasher(profiles, wanted);
        let mut accounts = self.accounts;
        let ends: Vec<usize> = accounts.iter().skip(1).map(|(_, start)| *start).collect();
        let mut parts: Vec<(String, std::ops::Range<usize>)> = accounts
            .drain(..)
            .zip(ends.into_iter().chain([self.bytes.len()]))
            .map(|((name, start), end)| (name, start..end))
            .collect();
        parts.sort_by(|(one, _), (two, _)| one.cmp(two));
        let twice = parts.windows(2).any(|pair| match pair {
            [(one, _), (two, _)] => one == two,
            _ => false,
        });
        let (bytes, parts) = if self.unsorted || twice {
            let mut lines: Vec<&[u8]> = self.bytes.split_inclusive(|byte| *byte == b'\n').collect();
            lines.sort();
            lines.dedup();
            let bytes = lines.concat();
            let all = 0..bytes.len();
            (bytes, vec![all])
        } else {
            let parts = parts.into_iter().map(|(_, part)| part).collect();
            (self.bytes, parts)
        };
        PlanHasher {
            hasher,
            bytes,
            parts,
        }
    }
}

/// Estimated length of a line, in bytes.
const ESTIMATED_LINE_BYTES: usize = 64;

/// Computes the hash of a plan in time slices: a large one takes longer than a key press may wait.
#[derive(Clone, Debug)]
pub struct PlanHasher {
    hasher: blake3::Hasher,
    bytes: Vec<u8>,
    /// Bytes that are not hashed yet.
    parts: Vec<std::ops::Range<usize>>,
}

impl PlanHasher {
    /// Hashes up to `some` bytes more. Returns the hash after the last byte.
    pub fn step(&mut self, some: usize) -> Option<String> {
        let mut left = some;
        for part in &mut self.parts {
            if left == 0 {
                return None;
            }
            let end = part.end.min(part.start.saturating_add(left));
            left -= end - part.start;
            self.hasher
                .update(self.bytes.get(part.start..end).unwrap_or_default());
            part.start = end;
            if part.start < part.end {
                return None;
            }
        }
        Some(self.hasher.finalize().to_hex().to_string())
    }
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

    #[test]
    fn line_by_line_the_hash_is_the_same() {
        let key = |name: &str, id: &[u8]| {
            EntityKey::for_leak(
                ProfileName::new(name).unwrap(),
                crate::entity::key::RemoteId::from(id),
            )
        };
        let bindings = [binding("a", ""), binding("a-b", "")];
        let sorted = [
            (key("a", b"1"), Some(Status::Open)),
            (key("a", b"12"), None),
            (key("a-b", b"1"), Some(Status::FalsePositive)),
        ];
        // A blank in an id turns the order of lines over; the last account comes once more.
        let odd = [
            (key("a", b"1"), Some(Status::Open)),
            (key("a", b"1 a%\xff"), Some(Status::New)),
            (key("a-b", b"2"), Some(Status::Fixed)),
            (key("a", b"0"), None),
        ];
        for targets in [&sorted[..], &odd, &[]] {
            let mut lines = PlanHashInput::default();
            for (key, before) in targets {
                lines.push(key, *before);
            }
            let texts = targets
                .iter()
                .map(|(key, before)| (key.to_string(), *before));
            let expected = plan_hash(&bindings, Status::Fixed, texts);
            for some in [1, 7, usize::MAX] {
                let mut hashing = lines.clone().into_hasher(&bindings, Status::Fixed);
                let hash = std::iter::repeat_with(|| hashing.step(some))
                    .flatten()
                    .next();
                assert_eq!(hash.as_ref(), Some(&expected), "{some}");
            }
        }
    }
}
