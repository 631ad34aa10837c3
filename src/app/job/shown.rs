//! The screen of one job: it shows the job while that runs here, and what the journal says of it once that has been
//! read. When a job ends, what is on the screen is the state that it ended in, before the journal has answered again.

use super::RunningJob;
use crate::{
    app::{
        effect::{Effect, JobEffect},
        layout,
        model::{Context, Pane, WorkspaceUpdate},
        navigate,
        overlay::{Overlay, update::OverlayUpdate},
    },
    entity::{
        error::JournalError,
        job::{Job, JobRecord, JobState},
        key::JobId,
    },
};

/// What is known of a job beside what runs here: the record that the screen has read, or the line of the list of jobs
/// where only that knows the end.
pub fn known_job<'a>(
    context: Context<'a>,
    id: JobId,
    record: Option<&'a JobRecord>,
) -> Option<&'a Job> {
    let listed = || context.workspace.jobs.jobs.iter().find(|job| job.id == id);
    match record.map(|record| &record.job) {
        Some(job) if job.state.is_final() => Some(job),
        Some(job) => Some(listed().filter(|job| job.state.is_final()).unwrap_or(job)),
        None => listed(),
    }
}

/// The job whose screen is on top.
pub fn top_job(overlays: &[Overlay]) -> Option<JobId> {
    overlays.last().and_then(Overlay::job)
}

/// Asks the journal again for every job whose screen is open.
pub(in crate::app) fn reload(overlays: &[Overlay]) -> Vec<Effect> {
    let shown = overlays.iter().filter_map(Overlay::job);
    shown
        .map(|id| Effect::Jobs(JobEffect::LoadJob(id)))
        .collect()
}

/// A job has ended: its line and its screen say so at once, whatever the journal was read for before.
pub(in crate::app) fn mark_ended(
    overlays: &mut [Overlay],
    update: &mut WorkspaceUpdate<'_>,
    running: &RunningJob,
    state: JobState,
) {
    let wall = update.now.wall;
    let end = |job: &mut Job| {
        job.state = state;
        job.pause = None;
        job.ended_at.get_or_insert(wall);
        job.counts = running.counts();
    };
    let listed = update
        .workspace
        .jobs
        .jobs
        .iter_mut()
        .find(|job| job.id == running.id);
    if let Some(job) = listed {
        end(job);
    }
    for (id, record, is_finished) in overlays.iter_mut().filter_map(Overlay::job_mut) {
        if id != running.id {
            continue;
        }
        *is_finished = true;
        if let Some(record) = record {
            end(&mut record.job);
            record.changes.clone_from(&running.changes);
        }
    }
}

/// The report of a job that did not end as asked is shown, unless its screen is open already.
pub(in crate::app) fn open_report(update: &mut OverlayUpdate<'_>, id: JobId) {
    let mut open = update.overlays.iter().filter_map(Overlay::job);
    if !open.any(|open| open == id) {
        update.overlays.insert(0, Overlay::job_screen(id, true));
    }
}

/// The record of a job came.
pub(in crate::app) fn on_loaded(
    update: &mut OverlayUpdate<'_>,
    result: Result<Box<JobRecord>, JournalError>,
) -> Vec<Effect> {
    let loaded = match result {
        Ok(loaded) => loaded,
        Err(error) => {
            let now = update.now.since_start;
            let failed = "the job cannot be read";
            update.notices.report(Err(error.to_string()), failed, now);
            return Vec::new();
        }
    };
    let id = loaded.job.id;
    let mut effects = Vec::new();
    for (open, record, _) in update.overlays.iter_mut().filter_map(Overlay::job_mut) {
        if open != id {
            continue;
        }
        // An answer to a question from before the end: the end is known, and asked for once more.
        let ended = record
            .as_ref()
            .is_some_and(|record| record.job.state.is_final());
        if ended && !loaded.job.state.is_final() {
            effects = vec![Effect::Jobs(JobEffect::LoadJob(id))];
        } else {
            *record = Some(loaded.clone());
        }
    }
    effects
}

/// The list of jobs came. What has ended here stays ended, should the list be from before that.
pub(super) fn preserve_final_states(context: Context<'_>, jobs: &mut [Job]) {
    for job in jobs.iter_mut().filter(|job| !job.state.is_final()) {
        let known = context
            .workspace
            .jobs
            .jobs
            .iter()
            .find(|known| known.id == job.id);
        if let Some(known) = known.filter(|known| known.state.is_final()) {
            job.clone_from(known);
        }
    }
}

/// Closes the screens of jobs.
pub(in crate::app) fn close_all(overlays: &mut Vec<Overlay>) {
    overlays.retain(|overlay| overlay.job().is_none());
}

/// Gives the list of jobs the focus, with this one under the cursor.
pub(in crate::app) fn focus_jobs(update: &mut WorkspaceUpdate<'_>, id: JobId) -> Vec<Effect> {
    let effects = navigate::focus(update, Pane::Jobs);
    let height = layout::rows(update.context(), Pane::Jobs);
    update.workspace.jobs.list.set_cursor(id, height);
    effects
}
