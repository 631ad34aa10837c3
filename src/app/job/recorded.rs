//! What a job begins with. It is made of the plan where that was recorded, not where keys are handled: of a hundred
//! thousand changes they would have to wait for it.

use super::{running::RunningJob, tally::ChangeCounts};
use crate::entity::{
    job::{Change, NewJob, StorageTarget},
    key::JobId,
};
use std::time::Duration;

/// A plan that the journal was asked to record, with the job that comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedPlan {
    /// The plan without its leaks: those are the job's.
    pub(super) new_job: NewJob,
    job: RunningJob,
}

impl From<NewJob> for RecordedPlan {
    fn from(new: NewJob) -> Self {
        Self::new(new)
    }
}

impl RecordedPlan {
    /// The changes of a plan: what is kept here is settled, the rest waits in chunks.
    pub fn new(mut new: NewJob) -> Self {
        let plan = &mut new.plan;
        let targets = plan.targets();
        let (mut changes, mut remotes) = (Vec::with_capacity(targets), Vec::with_capacity(targets));
        let planned = plan.eligible.len();
        for planned in std::mem::take(&mut plan.eligible) {
            remotes.push(planned.remote_status);
            changes.push(Change::from_plan(
                changes.len() as u32,
                planned.key,
                Some(planned.before),
                planned.wanted,
                planned.storage_target,
                None,
            ));
        }
        for skipped in std::mem::take(&mut plan.skipped) {
            remotes.push(skipped.before);
            changes.push(Change::from_plan(
                changes.len() as u32,
                skipped.key,
                skipped.before,
                plan.wanted,
                StorageTarget::Remote,
                Some(skipped.code),
            ));
        }
        let sizes = plan
            .shares
            .iter()
            .map(|share| (share.binding.name.clone(), share.bulk_size.max(1) as usize))
            .collect();
        // Its number and its time are given when it begins.
        let job = RunningJob {
            command: plan.command,
            wanted: plan.wanted,
            change_counts: ChangeCounts::from_changes(&changes),
            planned_count: planned,
            changes,
            remote_statuses: remotes,
            confirmed_at: new.confirmed_at,
            plan_hash: plan.hash.clone(),
            ..RunningJob::empty(JobId(0), Duration::ZERO)
        };
        let job = job.with_pending_queued(&sizes);
        Self { new_job: new, job }
    }

    /// Whether it was said why, or for which ticket.
    pub(in crate::app) fn has_justification(&self) -> bool {
        let words = [
            &self.new_job.reason,
            &self.new_job.note,
            &self.new_job.ticket,
        ];
        words.into_iter().any(Option::is_some)
    }

    /// The job, which has this number in the journal.
    pub(super) fn into_job(self, id: JobId, since: Duration) -> RunningJob {
        RunningJob {
            id,
            started_at: since,
            ..self.job
        }
    }
}
