//! What this console knows of a job that it runs.

use super::tally::Tally;
use crate::{
    entity::{
        error::{JournalError, ProviderError},
        job::{
            Change, ChangeState, ChangeUpdate, Counts, JobCommand, JobRecord, JobState,
            PauseReason, Place,
        },
        key::{EntityKey, JobId, ProfileName},
        status::Status,
        transition::{self, ChangeEvent, Step},
    },
    table::Handle,
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
    pub(super) tally: Tally,
    /// So many of them, the first ones, are those that a plan of this console made, in the order of their keys.
    pub(super) planned: usize,
    /// The rows of those, where the plan had looked them up.
    pub(super) rows: Vec<Handle>,
    /// What the provider said of each when the plan was made: what is read back is compared with that, and not with
    /// what was kept here.
    pub remotes: Vec<Option<Status>>,
    /// Chunks that wait to be sent.
    pub queue: VecDeque<Chunk>,
    /// A chunk is being sent.
    pub sending: bool,
    /// Changes are being read back, or wait for it.
    pub reading: u32,
    /// How many readings of what was sent there were.
    pub stage: usize,
    /// When each was sent last.
    pub tried: BTreeMap<u32, Tried>,
    /// When the windows of what is read back are over, since the start.
    pub reads_until: Option<Duration>,
    /// Chunks in a row that never left.
    pub unsent: u32,
    /// Why it waits.
    pub paused: Option<(PauseReason, Option<jiff::Timestamp>)>,
    /// When a wait ends, since the start: no clock that is set moves it.
    pub wait_until: Option<Duration>,
    /// Waits that are not over; one that was replaced ends nothing.
    pub waits: u32,
    /// The operator holds it.
    pub held: bool,
    /// The operator gave up what was not sent: what it ends as.
    pub gives_up: Option<JobState>,
    /// What is unknown is read before anything else: it was taken up again.
    pub reads_first: bool,
    /// What waits is read before it is sent: the plan may be older than what others did.
    pub looks: bool,
    /// Waits in a row in which nothing could be asked.
    pub unasked: u32,
    /// Where it is given up, what was sent before and waits again is read first.
    pub looks_last: bool,
    /// When it was confirmed.
    pub confirmed_at: jiff::Timestamp,
    /// The plan's hash.
    pub plan_hash: String,
    /// What stopped it, if anything.
    pub error: Option<JobError>,
    /// It is being ended.
    pub ending: bool,
    /// When it was recorded, since the start.
    pub since: Duration,
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
pub struct Tried {
    /// The moment.
    pub at: Duration,
    /// How long ago it was, at that moment.
    pub age: Duration,
}

impl Tried {
    /// How long ago it is.
    pub(super) fn elapsed(self, now: Duration) -> Duration {
        now.saturating_sub(self.at).saturating_add(self.age)
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
    pub(super) fn again(
        record: JobRecord,
        before: impl Fn(&Change) -> Option<Status>,
        sizes: &BTreeMap<ProfileName, usize>,
        since: Duration,
    ) -> Self {
        let JobRecord { job, changes } = record;
        let job = Self {
            command: job.command,
            wanted: job.wanted,
            remotes: changes.iter().map(before).collect(),
            tally: Tally::of(&changes),
            changes,
            reads_first: true,
            looks: true,
            confirmed_at: job.created_at,
            plan_hash: job.plan_hash,
            ..Self::empty(job.id, since)
        };
        job.queued(sizes)
    }

    pub(super) fn empty(id: JobId, since: Duration) -> Self {
        Self {
            id,
            command: JobCommand::Set,
            wanted: Status::Unknown,
            changes: Vec::new(),
            tally: Tally::default(),
            planned: 0,
            rows: Vec::new(),
            remotes: Vec::new(),
            queue: VecDeque::new(),
            sending: false,
            reading: 0,
            stage: 0,
            tried: BTreeMap::new(),
            reads_until: None,
            unsent: 0,
            paused: None,
            wait_until: None,
            waits: 0,
            held: false,
            gives_up: None,
            reads_first: false,
            looks: false,
            unasked: 0,
            looks_last: true,
            confirmed_at: jiff::Timestamp::UNIX_EPOCH,
            plan_hash: String::new(),
            error: None,
            ending: false,
            since,
        }
    }

    /// With everything that was not sent in chunks.
    pub(super) fn queued(mut self, sizes: &BTreeMap<ProfileName, usize>) -> Self {
        let waits = self.in_state(ChangeState::Pending);
        self.enqueue(&waits, sizes);
        self
    }

    /// Puts changes into chunks, one account and one status each.
    pub(super) fn enqueue(&mut self, indexes: &[u32], sizes: &BTreeMap<ProfileName, usize>) {
        let mut groups: BTreeMap<(ProfileName, Status), Vec<u32>> = BTreeMap::new();
        let changes: Vec<&Change> = self.some(indexes).collect();
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
    pub(super) fn goes_again(&mut self, profile: ProfileName, indexes: &[u32]) {
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
    pub(super) fn happens(&mut self, index: u32, event: &ChangeEvent<'_>) {
        if let Some(change) = self.changes.get(index as usize) {
            let step = transition::step(change, event);
            self.takes(index, step);
        }
    }

    /// The job has ended: every open change gets its final state.
    pub(super) fn ended(&mut self) {
        if self.is_settled() {
            return;
        }
        for index in 0..self.changes.len() as u32 {
            self.happens(index, &ChangeEvent::JobEnded);
        }
    }

    /// One of its changes goes where a step says.
    fn takes(&mut self, index: u32, step: Step) {
        if let Some(change) = self.changes.get_mut(index as usize) {
            self.tally.take(change);
            change.apply(step);
            self.tally.put(change);
        }
    }

    /// Whether a leak is among those that it was planned to send.
    pub(super) fn has(&self, key: &EntityKey) -> bool {
        let planned = self.changes.get(..self.planned).unwrap_or_default();
        let found = planned.binary_search_by(|change| change.key.cmp(key));
        found
            .ok()
            .and_then(|at| planned.get(at))
            .is_some_and(|change| change.place != Place::Local)
    }

    /// The changes in a state.
    pub(super) fn in_state(&self, state: ChangeState) -> Vec<u32> {
        if self.tally.has(|known| known == state) {
            let changes = self.changes.iter().filter(|change| change.state() == state);
            return changes.map(|change| change.index).collect();
        }
        Vec::new()
    }

    /// Whether any change is in such a state.
    pub(super) fn has_any(&self, is: impl Fn(ChangeState) -> bool) -> bool {
        self.tally.has(is)
    }

    /// The accounts that it still asks something of.
    pub(super) fn profiles(&self) -> impl Iterator<Item = &ProfileName> {
        self.tally.accounts()
    }

    /// How many of its changes are open at an account.
    pub(super) fn open_at(&self, name: &ProfileName) -> u64 {
        self.tally.open_at(name)
    }

    /// Changes that were answered in a minute, and the seconds until all are, once that can be told.
    pub fn speed(&self, now: Duration) -> Option<(u64, u64)> {
        let open = self.counts().pending;
        let sent = self.tally.answered();
        let seconds = now.saturating_sub(self.since).as_secs();
        if sent == 0 || seconds == 0 || open == 0 {
            return None;
        }
        Some((sent * 60 / seconds, (open * seconds).div_ceil(sent)))
    }

    /// The whole seconds that a wait still takes.
    pub fn waits_for(&self, now: Duration) -> Option<u64> {
        let left = self.wait_until?.saturating_sub(now);
        Some(left.as_millis().div_ceil(1_000) as u64)
    }

    /// How its changes stand.
    pub fn counts(&self) -> Counts {
        self.tally.counts()
    }

    /// Whether every change has come to its end.
    pub fn is_settled(&self) -> bool {
        !self.has_any(|state| !state.is_final())
    }

    pub(super) fn apply(&mut self, updates: &[ChangeUpdate]) {
        for update in updates {
            self.takes(update.index, update.step.clone());
        }
    }

    /// A change as reading it back needs it: with what the provider itself said before.
    pub(super) fn as_sent(&self, change: &Change) -> Change {
        let remote = self.remotes.get(change.index as usize).copied().flatten();
        let mut sent = change.clone();
        sent.before = remote.or(change.before);
        sent
    }

    /// Whether it changes what we keep: by a status of our own, or by one of the provider's in its place.
    pub(in crate::app) fn touches_locals(&self) -> bool {
        self.changes
            .iter()
            .zip(&self.remotes)
            .any(|(change, remote)| change.place != Place::Remote || change.before != *remote)
    }

    /// Changes by their places.
    pub(super) fn some<'a>(&'a self, indexes: &'a [u32]) -> impl Iterator<Item = &'a Change> {
        indexes
            .iter()
            .filter_map(|index| self.changes.get(*index as usize))
    }
}
