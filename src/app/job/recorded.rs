//! What a job begins with. It is made of the plan where that was recorded, not where keys are handled: of a hundred
//! thousand changes they would have to wait for it.

use super::{running::RunningJob, tally::Tally};
use crate::entity::{
    job::{Change, NewJob, Place},
    key::JobId,
};
use std::time::Duration;

/// A plan that the journal was asked to record, with the job that comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The plan without its leaks: those are the job's.
    pub(super) new: NewJob,
    job: RunningJob,
}

impl From<NewJob> for Recorded {
    fn from(new: NewJob) -> Self {
        Self::of(new)
    }
}

impl Recorded {
    /// The changes of a plan: what is kept here is settled, the rest waits in chunks.
    pub fn of(mut new: NewJob) -> Self {
        let plan = &mut new.plan;
        let targets = plan.targets();
        let (mut changes, mut remotes) = (Vec::with_capacity(targets), Vec::with_capacity(targets));
        let planned = plan.eligible.len();
        for planned in std::mem::take(&mut plan.eligible) {
            remotes.push(planned.remote);
            changes.push(Change::planned(
                changes.len() as u32,
                planned.key,
                Some(planned.before),
                planned.wanted,
                planned.place,
                None,
            ));
        }
        for skipped in std::mem::take(&mut plan.skipped) {
            remotes.push(skipped.before);
            changes.push(Change::planned(
                changes.len() as u32,
                skipped.key,
                skipped.before,
                plan.wanted,
                Place::Remote,
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
            tally: Tally::of(&changes),
            planned,
            changes,
            remotes,
            confirmed_at: new.confirmed_at,
            plan_hash: plan.hash.clone(),
            ..RunningJob::empty(JobId(0), Duration::ZERO)
        };
        let job = job.queued(&sizes);
        Self { new, job }
    }

    /// Whether it was said why, or for which ticket.
    pub(in crate::app) fn says_why(&self) -> bool {
        let words = [&self.new.reason, &self.new.note, &self.new.ticket];
        words.into_iter().any(Option::is_some)
    }

    /// The job, which has this number in the journal.
    pub(super) fn begin(self, id: JobId, since: Duration) -> RunningJob {
        RunningJob {
            id,
            since,
            ..self.job
        }
    }
}
