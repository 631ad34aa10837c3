//! What is being changed: the jobs of this run.

use crate::{
    app::job::{JobError, RunningJob},
    entity::{
        error::JournalError,
        job::JobState,
        key::{EntityKey, JobId},
    },
};
use std::collections::{BTreeSet, HashMap};

/// What is being changed. The list of the jobs of all runs is in [`super::JobsPane`].
#[derive(Clone, Debug)]
pub struct Jobs {
    /// Jobs under way, first in first.
    pub running: Vec<RunningJob>,
    /// Jobs that ended in this run and how: what a command without a console waits for.
    pub finished: Vec<JobId>,
    /// Jobs that could not be taken up again, and why: what a command without a console ends with.
    pub not_resumed: Vec<(JobId, JobError)>,
    /// The job that has ended here, until something else is looked at.
    pub just_finished: Option<JobId>,
    /// Jobs that the journal was asked for, so that they go on here.
    pub resuming: BTreeSet<JobId>,
    /// Jobs that ended in this run and whose lines are not in the audit log, and why.
    pub not_audited: Vec<(JobId, JournalError)>,
    /// Jobs that are taken up to be given up, and what they end as.
    pub discarding: HashMap<JobId, JobState>,
    /// The jobs of an earlier run were asked about.
    pub resume_prompted: bool,
    /// A job is recorded here and carried out by another process.
    pub detached: bool,
    /// Leaks in a job that has not ended.
    pub active_leaks: HashMap<EntityKey, JobId>,
    /// The operator asked to quit once the running jobs are done.
    pub quit_asked: bool,
}
