//! What a bulk action would do, before anyone said yes: frozen keys, what is left alone and why, and the hash that names it.

use super::JobCommand;
use crate::entity::{
    capability::Reach,
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
    strum::IntoStaticStr,
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
    /// It is closed already, as something else than was asked for.
    Closed,
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
            Self::Closed => "closed already, as something else",
        }
    }

    /// Whether what takes a job back and leaves a leak alone for this reason has left something behind: everything but
    /// a leak that already is as it shall become.
    pub fn leaves_behind(self) -> bool {
        self != Self::Already
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
    /// The widest reach of the changes that are sent.
    pub reach: Reach,
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

    /// Whether this takes a job back and leaves a leak alone that is not as it was: then it does not end as done.
    pub fn leaves_behind(&self) -> bool {
        self.command.takes_back() && self.skipped.iter().any(|left| left.code.leaves_behind())
    }
}

/// The hash that names a plan: BLAKE3, hex, over the profiles (name, origin, team), the wanted status and the sorted
/// lines `key prior-status` of all targets. The order of targets, the rate, the time and the reason do not matter.
pub fn plan_hash<'a>(
    profiles: impl IntoIterator<Item = &'a ProfileBinding>,
    wanted: Status,
    targets: impl IntoIterator<Item = (String, Option<Status>)>,
) -> String {
    let mut lines: Vec<String> = targets
        .into_iter()
        .map(|(key, before)| format!("{key} {}\n", word(before)))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    let mut hasher = headed(profiles, wanted);
    for line in lines {
        hasher.update(line.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// A status in a line.
fn word(before: Option<Status>) -> &'static str {
    before.map_or("-", <&str>::from)
}

/// What comes before the lines.
fn headed<'a>(
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

/// The lines of a plan's hash, of any number of targets, each given once and hardly ever out of order: the same as
/// [`plan_hash`] without a text for each.
#[derive(Clone, Debug, Default)]
pub struct PlanLines {
    bytes: Vec<u8>,
    /// Where each account begins, by its name and a colon: they need not come in the order of these.
    accounts: Vec<(String, usize)>,
    /// Where the last line begins, and whether one was smaller than the one before.
    last: usize,
    unsorted: bool,
}

impl PlanLines {
    /// Makes room for so many lines more.
    pub fn reserve(&mut self, lines: usize) {
        self.bytes.reserve(lines.saturating_mul(LINE));
    }

    /// Adds a target. Those of one account come one after the other.
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
        key.spell(&mut self.bytes);
        self.bytes.push(b' ');
        self.bytes.extend_from_slice(word(before).as_bytes());
        self.bytes.push(b'\n');
        let (head, line) = self.bytes.split_at(start);
        self.unsorted |= same && head.get(self.last..).is_some_and(|last| last > line);
        self.last = start;
    }

    /// The lines in order, ready to be hashed.
    pub fn hashing<'a>(
        self,
        profiles: impl IntoIterator<Item = &'a ProfileBinding>,
        wanted: Status,
    ) -> PlanHashing {
        let hasher = headed(profiles, wanted);
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
        PlanHashing {
            hasher,
            bytes,
            parts,
        }
    }
}

/// Bytes of a line, about.
const LINE: usize = 64;

/// The hash of a plan in the making: a large one takes longer than a key may wait.
#[derive(Clone, Debug)]
pub struct PlanHashing {
    hasher: blake3::Hasher,
    bytes: Vec<u8>,
    /// What is left of them.
    parts: Vec<std::ops::Range<usize>>,
}

impl PlanHashing {
    /// Takes in so many bytes more; the hash, once it has all of them.
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
            EntityKey::leak(
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
            let mut lines = PlanLines::default();
            for (key, before) in targets {
                lines.push(key, *before);
            }
            let texts = targets
                .iter()
                .map(|(key, before)| (key.to_string(), *before));
            let expected = plan_hash(&bindings, Status::Fixed, texts);
            for some in [1, 7, usize::MAX] {
                let mut hashing = lines.clone().hashing(&bindings, Status::Fixed);
                let hash = std::iter::repeat_with(|| hashing.step(some))
                    .flatten()
                    .next();
                assert_eq!(hash.as_ref(), Some(&expected), "{some}");
            }
        }
    }
}
