//! What we changed ourselves: the last settled change of each leak, and the leaks whose change is not settled yet. A
//! reading must not take either for news.

use crate::{
    entity::{
        error::JournalError,
        job::{ChangeState, Job, JobRecord, StorageTarget},
        key::{EntityKey, ProfileName},
        seen::{Mark, OwnChange},
        status::Status,
    },
    journal::Journal,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// A change of ours that is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The status to act on since.
    pub status: Status,
    /// What the provider stores since; nothing where the status is kept here alone.
    pub remote: Option<Status>,
    /// When the journal committed that; seconds since 1970.
    pub at: i64,
    /// What tells its job from every other one.
    pub number: u64,
}

impl Settled {
    /// Returns the change as the memory takes it.
    pub fn of_mark(self, mark: Mark) -> OwnChange {
        OwnChange {
            mark,
            status: self.status,
            remote: self.remote,
            at: self.at,
            number: self.number,
        }
    }
}

/// Changes of ours since a moment.
#[derive(Debug, Default)]
pub struct Own {
    /// The last one of each leak.
    pub settled: HashMap<EntityKey, Settled>,
    /// Leaks of jobs that have not ended, whose change is not settled.
    pub running: Vec<EntityKey>,
}

/// Reads them of jobs that have not ended before a moment.
///
/// # Errors
/// The journal cannot be read.
pub async fn changes(
    journal: &Journal,
    profiles: &[ProfileName],
    since: i64,
) -> Result<Own, JournalError> {
    let mut own = Own::default();
    let mut jobs = journal.jobs().await?;
    jobs.sort_by_key(|job| job.id);
    for job in jobs {
        let concerned = job.profiles.iter().any(|of| profiles.contains(&of.name));
        let is_old = job.ended_at.is_some_and(|ended| ended.as_second() < since);
        if !concerned || is_old {
            continue;
        }
        let record = journal.job(job.id).await?;
        let verified = journal.verified_at(job.id).await?;
        take(&mut own, record, &verified);
    }
    Ok(own)
}

fn take(own: &mut Own, record: JobRecord, verified: &BTreeMap<u32, Timestamp>) {
    let (number, job) = (number(&record.job), &record.job);
    for change in record.changes {
        let state = change.state();
        if !matches!(state, ChangeState::Verified | ChangeState::Local) {
            if !state.is_final() && job.ended_at.is_none() {
                own.running.push(change.key);
            }
            continue;
        }
        let kept_here = state == ChangeState::Local;
        let at = match verified.get(&change.index) {
            Some(at) => *at,
            None if kept_here => job.created_at,
            None => job.ended_at.unwrap_or(job.created_at),
        };
        // The provider has another word for such a status, and we keep the status itself.
        let is_kept_too = change.storage_target == StorageTarget::Both;
        let settled = Settled {
            status: if is_kept_too {
                job.wanted
            } else {
                change.wanted
            },
            remote: (!kept_here).then_some(change.wanted),
            at: at.as_second(),
            number,
        };
        let last = own.settled.entry(change.key).or_insert(settled);
        // Of one second the later job counts.
        if last.at <= settled.at {
            *last = settled;
        }
    }
}

/// What tells a job from every other one, also from those of another journal in the same place: no part of it ever
/// changes.
fn number(job: &Job) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&job.id.0.to_le_bytes());
    hasher.update(job.plan_hash.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    // Nothing stands for an event that has no number.
    u64::from_le_bytes(bytes).max(1)
}
