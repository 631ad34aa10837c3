//! What this console knows of a job that it runs.

use super::tally::ChangeCounts;
use crate::{
    entity::{
        error::{JournalError, ProviderError},
        job::{
            Change, ChangeState, ChangeUpdate, JobCommand, JobRecord, JobState, OutcomeCounts,
            PauseReason, StorageTarget,
        },
        key::{EntityKey, JobId, ProfileName},
        status::Status,
        transition::{self, ChangeEvent, Step},
    },
    table::RowId,
};
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    time::Duration,
};

/// A job that this console runs.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, none excludes another"
)]
#[derive(Clone, Debug, PartialEq)]
pub struct RunningJob {
    /// Its number.
    pub id: JobId,
    /// What asked for it.
    pub command: JobCommand,
    /// The status that was asked for.
    pub wanted: Status,
    /// Its changes, eligible ones first. A step moves them, which counts.
    pub changes: Vec<Change>,
    /// How they stand, in numbers.
    pub(super) change_counts: ChangeCounts,
    /// So many of them, the first ones, are those that a plan of this console made, in the order of their keys.
    pub(super) planned_count: usize,
    /// The rows of those, where the plan had looked them up.
    pub(super) rows: Vec<RowId>,
    /// What the provider said of each when the plan was made: what is read back is compared with that, and not with
    /// what was kept here.
    pub remote_statuses: Vec<Option<Status>>,
    /// Chunks that wait to be sent.
    pub queue: VecDeque<Chunk>,
    /// A chunk is being sent.
    pub sending: bool,
    /// Changes are being read back, or wait for it.
    pub pending_reads: u32,
    /// How many readings of what was sent there were.
    pub read_count: usize,
    /// When each was sent last.
    pub last_sent: BTreeMap<u32, SentAt>,
    /// When the windows of what is read back are over, since the start.
    pub verification_end: Option<Duration>,
    /// Chunks in a row that never left.
    pub unsent_attempts: u32,
    /// Why it waits.
    pub paused: Option<(PauseReason, Option<jiff::Timestamp>)>,
    /// When a wait ends, since the start: no clock that is set moves it.
    pub wait_until: Option<Duration>,
    /// Waits that are not over; one that was replaced ends nothing.
    pub pending_timers: u32,
    /// The operator holds it.
    pub paused_by_operator: bool,
    /// The operator gave up what was not sent: what it ends as.
    pub discard_as: Option<JobState>,
    /// What is unknown is read before anything else: it was taken up again.
    pub verify_first: bool,
    /// What waits is read before it is sent: the plan may be older than what others did.
    pub precheck: bool,
    /// Waits in a row in which nothing could be asked.
    pub read_retries: u32,
    /// Where it is given up, what was sent before and waits again is read first.
    pub precheck_on_discard: bool,
    /// When it was confirmed.
    pub confirmed_at: jiff::Timestamp,
    /// The plan's hash.
    pub plan_hash: String,
    /// What stopped it, if anything.
    pub error: Option<JobError>,
    /// It is being ended.
    pub ending: bool,
    /// When it was recorded, since the start.
    pub started_at: Duration,
}

/// What stopped a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobError {
    /// A provider.
    Provider(ProfileName, ProviderError),
    /// The journal.
    Journal(JournalError),
    /// It was confirmed too long ago to go on without being asked.
    Confirm,
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(profile, error) => write!(f, "{profile} {error}"),
            Self::Journal(error) => error.fmt(f),
            Self::Confirm => {
                f.write_str("it was confirmed more than a day ago, or the clock was set back since")
            }
        }
    }
}

impl JobError {
    /// What the operator can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Provider(_, error) => error.hint(),
            Self::Journal(error) => error.hint(),
            Self::Confirm => "p in the jobs, or stanch jobs resume, asks again and resumes",
        }
    }
}

/// When a change was sent last: a moment since the start, and how long ago at least it was then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentAt {
    /// The moment.
    pub recorded_at: Duration,
    /// How long ago it was, at that moment.
    pub min_age: Duration,
}

impl SentAt {
    /// How long ago it is.
    pub(super) fn elapsed(self, now: Duration) -> Duration {
        now.saturating_sub(self.recorded_at)
            .saturating_add(self.min_age)
    }
}

/// Changes that go out in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// To whom.
    pub profile: ProfileName,
    /// Which changes.
    pub indexes: Vec<u32>,
}

impl RunningJob {
    /// A job that was taken up again. `before` is what the provider itself said of a leak when the plan was made.
    pub(super) fn resume_from(
        record: JobRecord,
        before: impl Fn(&Change) -> Option<Status>,
        sizes: &BTreeMap<ProfileName, usize>,
        since: Duration,
    ) -> Self {
        let JobRecord { job, changes } = record;
        let job = Self {
            command: job.command,
            wanted: job.wanted,
            remote_statuses: changes.iter().map(before).collect(),
            change_counts: ChangeCounts::from_changes(&changes),
            changes,
            verify_first: true,
            precheck: true,
            confirmed_at: job.created_at,
            plan_hash: job.plan_hash,
            ..Self::empty(job.id, since)
        };
        job.with_pending_queued(sizes)
    }

    pub(super) fn empty(id: JobId, since: Duration) -> Self {
        Self {
            id,
            command: JobCommand::Set,
            wanted: Status::Unknown,
            changes: Vec::new(),
            change_counts: ChangeCounts::default(),
            planned_count: 0,
            rows: Vec::new(),
            remote_statuses: Vec::new(),
            queue: VecDeque::new(),
            sending: false,
            pending_reads: 0,
            read_count: 0,
            last_sent: BTreeMap::new(),
            verification_end: None,
            unsent_attempts: 0,
            paused: None,
            wait_until: None,
            pending_timers: 0,
            paused_by_operator: false,
            discard_as: None,
            verify_first: false,
            precheck: false,
            read_retries: 0,
            precheck_on_discard: true,
            confirmed_at: jiff::Timestamp::UNIX_EPOCH,
            plan_hash: String::new(),
            error: None,
            ending: false,
            started_at: since,
        }
    }

    /// With everything that was not sent in chunks.
    pub(super) fn with_pending_queued(mut self, sizes: &BTreeMap<ProfileName, usize>) -> Self {
        let waits = self.indexes_in_state(ChangeState::Pending);
        self.enqueue(&waits, sizes);
        self
    }

    /// Puts changes into chunks, one account and one status each.
    pub(super) fn enqueue(&mut self, indexes: &[u32], sizes: &BTreeMap<ProfileName, usize>) {
        let mut groups: BTreeMap<(ProfileName, Status), Vec<u32>> = BTreeMap::new();
        let changes: Vec<&Change> = self.changes_at(indexes).collect();
        // Most have the account and the status of the one before.
        let alike = |one: &&Change, two: &&Change| {
            one.wanted == two.wanted && one.key.profile == two.key.profile
        };
        for run in changes.chunk_by(alike) {
            if let Some(first) = run.first() {
                groups
                    .entry((first.key.profile.clone(), first.wanted))
                    .or_default()
                    .extend(run.iter().map(|change| change.index));
            }
        }
        for ((profile, _), indexes) in groups {
            let size = sizes.get(&profile).copied().unwrap_or(1);
            for chunk in indexes.chunks(size) {
                self.queue.push_back(Chunk {
                    profile: profile.clone(),
                    indexes: chunk.to_vec(),
                });
            }
        }
    }

    /// A chunk that was not applied goes out again, before the others.
    pub(super) fn requeue(&mut self, profile: ProfileName, indexes: &[u32]) {
        self.queue.push_front(Chunk {
            profile,
            indexes: indexes.to_vec(),
        });
    }

    /// Puts a chunk that was refused as a whole back into the queue as two halves, behind the others.
    pub(super) fn split(&mut self, profile: &ProfileName, indexes: &[u32]) {
        let (left, right) = indexes.split_at(indexes.len().div_ceil(2));
        for half in [left, right].into_iter().filter(|half| !half.is_empty()) {
            self.queue.push_back(Chunk {
                profile: profile.clone(),
                indexes: half.to_vec(),
            });
        }
    }

    /// Something happens to one of its changes.
    pub(super) fn update_change(&mut self, index: u32, event: &ChangeEvent<'_>) {
        if let Some(change) = self.changes.get(index as usize) {
            let step = transition::step(change, event);
            self.apply_step(index, step);
        }
    }

    /// The job has ended: every open change gets its final state.
    pub(super) fn finish_changes(&mut self) {
        if self.is_finished() {
            return;
        }
        for index in 0..self.changes.len() as u32 {
            self.update_change(index, &ChangeEvent::JobEnded);
        }
    }

    /// One of its changes goes where a step says.
    fn apply_step(&mut self, index: u32, step: Step) {
        if let Some(change) = self.changes.get_mut(index as usize) {
            self.change_counts.remove(change);
            change.apply(step);
            self.change_counts.add(change);
        }
    }

    /// Whether a leak is among those that it was planned to send.
    pub(super) fn contains_leak(&self, key: &EntityKey) -> bool {
        let planned = self.changes.get(..self.planned_count).unwrap_or_default();
        let found = planned.binary_search_by(|change| change.key.cmp(key));
        found
            .ok()
            .and_then(|at| planned.get(at))
            .is_some_and(|change| change.storage_target != StorageTarget::Local)
    }

    /// The changes in a state.
    pub(super) fn indexes_in_state(&self, state: ChangeState) -> Vec<u32> {
        if self.change_counts.has(|known| known == state) {
            let changes = self.changes.iter().filter(|change| change.state() == state);
            return changes.map(|change| change.index).collect();
        }
        Vec::new()
    }

    /// Whether any change is in such a state.
    pub(super) fn has_any(&self, is: impl Fn(ChangeState) -> bool) -> bool {
        self.change_counts.has(is)
    }

    /// The accounts that it still asks something of.
    pub(super) fn open_profiles(&self) -> impl Iterator<Item = &ProfileName> {
        self.change_counts.open_profiles()
    }

    /// How many of its changes are open at an account.
    pub(super) fn open_count(&self, name: &ProfileName) -> u64 {
        self.change_counts.open_count(name)
    }

    /// Changes that were answered in a minute, and the seconds until all are, once that can be told.
    pub fn speed(&self, now: Duration) -> Option<(u64, u64)> {
        let open = self.counts().pending;
        let sent = self.change_counts.answered_count();
        let seconds = now.saturating_sub(self.started_at).as_secs();
        if sent == 0 || seconds == 0 || open == 0 {
            return None;
        }
        Some((sent * 60 / seconds, (open * seconds).div_ceil(sent)))
    }

    /// The whole seconds that a wait still takes.
    pub fn remaining_wait(&self, now: Duration) -> Option<u64> {
        let left = self.wait_until?.saturating_sub(now);
        Some(left.as_millis().div_ceil(1_000) as u64)
    }

    /// How its changes stand.
    pub fn counts(&self) -> OutcomeCounts {
        self.change_counts.by_outcome()
    }

    /// Whether every change has come to its end.
    pub fn is_finished(&self) -> bool {
        !self.has_any(|state| !state.is_final())
    }

    pub(super) fn apply_updates(&mut self, updates: &[ChangeUpdate]) {
        for update in updates {
            self.apply_step(update.index, update.step.clone());
        }
    }

    /// A change as reading it back needs it: with what the provider itself said before.
    pub(super) fn for_read_back(&self, change: &Change) -> Change {
        let remote = self
            .remote_statuses
            .get(change.index as usize)
            .copied()
            .flatten();
        let mut sent = change.clone();
        sent.before = remote.or(change.before);
        sent
    }

    /// Whether it changes what we keep: by a status of our own, or by one of the provider's in its place.
    pub(in crate::app) fn changes_local_statuses(&self) -> bool {
        self.changes
            .iter()
            .zip(&self.remote_statuses)
            .any(|(change, remote)| {
                change.storage_target != StorageTarget::Remote || change.before != *remote
            })
    }

    /// Changes by their places.
    pub(super) fn changes_at<'a>(&'a self, indexes: &'a [u32]) -> impl Iterator<Item = &'a Change> {
        indexes
            .iter()
            .filter_map(|index| self.changes.get(*index as usize))
    }
}
