//! What we changed ourselves: the last settled change of each leak, and the leaks whose change is not settled yet. A
//! reading must not take either for news.

use crate::{
    entity::{
        error::JournalError,
        job::{ChangeState, JobRecord},
        key::{EntityKey, ProfileName},
        status::Status,
    },
    journal::Journal,
};
use std::collections::HashMap;

/// Changes of ours since a moment.
#[derive(Debug, Default)]
pub struct Own {
    /// By leak, the status that was set last and when; seconds since 1970.
    pub settled: HashMap<EntityKey, (Status, i64)>,
    /// Leaks of jobs that have not ended.
    pub running: Vec<EntityKey>,
}

/// Reads them of jobs that ended at or after a moment.
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
    // The last one that ended counts.
    jobs.sort_by_key(|job| (job.ended_at, job.id));
    for job in jobs {
        let concerned = job.profiles.iter().any(|of| profiles.contains(&of.name));
        let is_old = job.ended_at.is_some_and(|ended| ended.as_second() < since);
        if !concerned || is_old {
            continue;
        }
        let record = journal.job(job.id).await?;
        take(&mut own, record);
    }
    Ok(own)
}

fn take(own: &mut Own, record: JobRecord) {
    let ended = record.job.ended_at.map(jiff::Timestamp::as_second);
    for change in record.changes {
        match (ended, change.state()) {
            (Some(at), ChangeState::Verified | ChangeState::Local) => {
                own.settled.insert(change.key, (change.wanted, at));
            }
            (Some(_), _) | (None, ChangeState::Skipped | ChangeState::Drifted) => {}
            (None, _) => own.running.push(change.key),
        }
    }
}
