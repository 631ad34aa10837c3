//! A bulk action: [`Plan`] (what would happen), [`Job`] (a confirmed plan, durable), [`Change`] (one change to one
//! leak) and [`Outcome`] (what became of it).

use super::{
    key::{EntityKey, JobId, ProfileName, ProviderId},
    profile::ProfileBinding,
    status::Status,
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// What asked for the changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::EnumString, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum JobCommand {
    /// Set fixed.
    Fix,
    /// Set open, or new where the provider has no open.
    Reopen,
    /// Set any of the four.
    Set,
    /// Try again what failed.
    Retry,
    /// Take a job back.
    Undo,
    /// Take an undo back.
    Redo,
}

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
    /// What it shall become.
    pub wanted: Status,
    /// Kept by us, because the provider cannot.
    pub local: bool,
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
    /// Targets that the filter hides at the moment.
    pub hidden: usize,
    /// When it was made.
    pub made_at: jiff::Timestamp,
}

impl Plan {
    /// Eligible and skipped together.
    pub fn targets(&self) -> usize {
        self.eligible.len() + self.skipped.len()
    }

    /// Changes sent to providers.
    pub fn remote(&self) -> usize {
        self.eligible.iter().filter(|change| !change.local).count()
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

/// Where one change stands; the states of the journal.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::EnumString, strum::Display,
)]
#[strum(serialize_all = "snake_case")]
pub enum ChangeState {
    /// Not sent.
    Pending,
    /// Intent on disk, answer not recorded.
    Inflight,
    /// The provider said yes with the right count; not proven.
    Accepted,
    /// May or may not be applied.
    Unknown,
    /// Read back as wanted.
    Verified,
    /// Kept by us.
    Local,
    /// The provider refused this leak.
    Refused,
    /// Read back as something else after the provider said yes.
    Contradicted,
    /// A fresh read before sending showed another status than the plan.
    Drifted,
    /// Proven not applied, for the last time.
    Failed,
    /// Left alone by the plan.
    Skipped,
    /// Stopped before it was sent.
    Cancelled,
    /// Accepted or unknown when the job ended, and no read was possible.
    Unverifiable,
}

impl ChangeState {
    /// The word that the operator sees.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Pending | Self::Inflight => Outcome::Pending,
            Self::Accepted => Outcome::Accepted,
            Self::Unknown => Outcome::Unknown,
            Self::Verified => Outcome::Verified,
            Self::Local => Outcome::Local,
            Self::Refused | Self::Failed => Outcome::Failed,
            Self::Contradicted => Outcome::Contradicted,
            Self::Drifted => Outcome::Drifted,
            Self::Skipped => Outcome::Skipped,
            Self::Cancelled => Outcome::Cancelled,
            Self::Unverifiable => Outcome::Unverifiable,
        }
    }

    /// Whether nothing more can happen to it.
    pub fn is_final(self) -> bool {
        !matches!(
            self,
            Self::Pending | Self::Inflight | Self::Accepted | Self::Unknown
        )
    }
}

/// What became of a change.
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
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Outcome {
    /// Read back as wanted: the only one that counts as done at a provider.
    Verified,
    /// Kept by us.
    Local,
    /// Refused, or proven not applied.
    Failed,
    /// Read back as something else after the provider said yes.
    Contradicted,
    /// No read was possible.
    Unverifiable,
    /// Changed by someone else; left alone.
    Drifted,
    /// Left alone by the plan.
    Skipped,
    /// Stopped before it was sent.
    Cancelled,
    /// The provider said yes; not read back yet.
    Accepted,
    /// May or may not be applied; not read back yet.
    Unknown,
    /// Not sent yet.
    Pending,
}

/// How many changes have each outcome; they sum to the targets of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "each member is the outcome of its name")]
pub struct Counts {
    pub verified: u64,
    pub local: u64,
    pub failed: u64,
    pub contradicted: u64,
    pub unverifiable: u64,
    pub drifted: u64,
    pub skipped: u64,
    pub cancelled: u64,
    pub accepted: u64,
    pub unknown: u64,
    pub pending: u64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, outcome: Outcome) {
        *self.slot(outcome) += 1;
    }

    /// The number of one outcome.
    pub fn get(mut self, outcome: Outcome) -> u64 {
        *self.slot(outcome)
    }

    /// All together.
    pub fn sum(self) -> u64 {
        <Outcome as strum::IntoEnumIterator>::iter()
            .map(|outcome| self.get(outcome))
            .sum()
    }

    fn slot(&mut self, outcome: Outcome) -> &mut u64 {
        match outcome {
            Outcome::Verified => &mut self.verified,
            Outcome::Local => &mut self.local,
            Outcome::Failed => &mut self.failed,
            Outcome::Contradicted => &mut self.contradicted,
            Outcome::Unverifiable => &mut self.unverifiable,
            Outcome::Drifted => &mut self.drifted,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Cancelled => &mut self.cancelled,
            Outcome::Accepted => &mut self.accepted,
            Outcome::Unknown => &mut self.unknown,
            Outcome::Pending => &mut self.pending,
        }
    }
}

impl FromIterator<Outcome> for Counts {
    fn from_iter<T: IntoIterator<Item = Outcome>>(outcomes: T) -> Self {
        let mut counts = Self::default();
        outcomes.into_iter().for_each(|outcome| counts.add(outcome));
        counts
    }
}

/// Why a job waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::EnumString, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum PauseReason {
    /// Rate limited.
    Rate,
    /// The key was refused.
    Auth,
    /// The provider cannot be reached.
    Net,
    /// The disk is full.
    Disk,
    /// The journal cannot be read or written.
    Io,
    /// It has to be confirmed again.
    Confirm,
    /// The terminal went away.
    Hangup,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::EnumString, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum JobState {
    /// Confirmed and on disk; nothing sent.
    Planned,
    /// Under way.
    Running,
    /// Waiting.
    Paused,
    /// Every change verified, skipped or local.
    Done,
    /// Ended with something else among them.
    DoneWithExceptions,
    /// Stopped by the operator.
    Cancelled,
    /// Given up after an interruption.
    Discarded,
}

impl JobState {
    /// Whether nothing more can happen to it.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Done | Self::DoneWithExceptions | Self::Cancelled | Self::Discarded
        )
    }
}

/// What a job cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Timing {
    /// Making and recording the plan, in milliseconds.
    pub plan_ms: u64,
    /// All of the journal's commits of this job, in milliseconds.
    pub journal_ms: u64,
    /// Write requests sent.
    pub writes: u64,
    /// Read-back requests sent.
    pub reads: u64,
}

/// One change of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the job, from 0; targets left alone by the plan follow the others.
    pub index: u32,
    /// Which leak.
    pub key: EntityKey,
    /// Its status when the plan was made; `None` where nothing had that key.
    pub before: Option<Status>,
    /// What it shall become.
    pub wanted: Status,
    /// Where it stands.
    pub state: ChangeState,
    /// How often it was sent.
    pub attempts: u32,
    /// The HTTP status of a failed one.
    pub code: Option<u16>,
    /// Why, in words; the skip code's word where the plan left it alone.
    pub reason: Option<String>,
}

/// A plan that was confirmed, as the journal is asked to record it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// The plan, with everything that was shown.
    pub plan: Plan,
    /// Why, for whom: kept with the job.
    pub reason: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// A ticket's number.
    pub ticket: Option<String>,
    /// When it was confirmed.
    pub confirmed_at: jiff::Timestamp,
    /// How long making the plan took, in milliseconds.
    pub plan_ms: u64,
}

/// A job without its changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// Where it stands.
    pub state: JobState,
    /// Why it waits, and until when if that is known.
    pub paused: Option<(PauseReason, Option<jiff::Timestamp>)>,
    /// What asked for it.
    pub command: JobCommand,
    /// The status that was asked for.
    pub wanted: Status,
    /// The plan's hash.
    pub plan_hash: String,
    /// The profiles that it is bound to.
    pub profiles: Vec<ProfileBinding>,
    /// When it was confirmed.
    pub created_at: jiff::Timestamp,
    /// When its first intent was recorded.
    pub started_at: Option<jiff::Timestamp>,
    /// When it ended.
    pub ended_at: Option<jiff::Timestamp>,
    /// Why, for whom.
    pub reason: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// A ticket's number.
    pub ticket: Option<String>,
    /// The job whose failures this one tries again.
    pub retries: Option<JobId>,
    /// The job that this one takes back.
    pub undoes: Option<JobId>,
    /// The undo that this one takes back.
    pub redoes: Option<JobId>,
    /// The job that took this one back.
    pub undone_by: Option<JobId>,
    /// How its changes stand.
    pub counts: Counts,
    /// What it cost.
    pub timing: Timing,
}

/// A job with its changes.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRecord {
    /// The job.
    pub job: Job,
    /// Its changes, in the order of the plan, those left alone last.
    pub changes: Vec<Change>,
}

/// What happened to one change, for the journal to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeUpdate {
    /// Its place in the job.
    pub index: u32,
    /// Where it stands now.
    pub state: ChangeState,
    /// The HTTP status, if it failed with one.
    pub code: Option<u16>,
    /// Why, in words.
    pub reason: Option<String>,
}

/// Changes by profile and provider: what the plan overlay's first line says.
pub fn shares_by_provider(
    shares: &[PlanShare],
) -> BTreeMap<(ProviderId, ProfileName), (usize, usize)> {
    shares
        .iter()
        .map(|share| {
            (
                (share.binding.provider.clone(), share.binding.name.clone()),
                (share.remote, share.local),
            )
        })
        .collect()
}

/// The report line: always all numbers that are final, the others while there are any.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for outcome in <Outcome as strum::IntoEnumIterator>::iter() {
            let open = matches!(
                outcome,
                Outcome::Accepted | Outcome::Unknown | Outcome::Pending
            );
            let count = self.get(outcome);
            if open && count == 0 {
                continue;
            }
            if !first {
                f.write_str(" · ")?;
            }
            first = false;
            write!(f, "{count} {outcome}")?;
        }
        write!(f, " = {}", self.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_report_line_has_all_numbers_and_their_sum() {
        let mut counts: Counts = [Outcome::Verified, Outcome::Verified, Outcome::Failed]
            .into_iter()
            .collect();
        assert_eq!(
            counts.to_string(),
            "2 verified · 0 local · 1 failed · 0 contradicted · 0 unverifiable · 0 drifted · 0 skipped · 0 cancelled = 3"
        );
        counts.add(Outcome::Pending);
        assert!(counts.to_string().ends_with("0 cancelled · 1 pending = 4"));
    }
}
