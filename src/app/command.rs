//! What one part of the console wants of another, as data: the parts know the panes, the overlays and each other by
//! these alone. [`run`] carries them out, in order.

use super::{
    effect::{Effect, JobEffect, LoopEffect},
    job::{self, RunningJob},
    local,
    model::{Chip, Model, Pane, Split},
    navigate,
    overlay::Overlay,
    paging, plan,
    prompt::Prompt,
    related, view,
    views::View,
};
use crate::{
    entity::{
        job::{Change, InexactMapping, JobState, Outcome},
        key::JobId,
        status::Status,
        text::Text,
    },
    table::Handle,
};
use std::sync::Arc;

/// One wish.
#[derive(Clone, Debug)]
pub enum Command {
    /// Build panes again.
    Refresh(Refresh),
    /// Show statuses that were read from a provider in their rows, with the provider's word.
    ShowStatuses(Vec<(Handle, Status, Text)>),
    /// What the journal keeps beside the leaks was read again.
    AnnotationsChanged,
    /// The operator accepted that a provider stores a status as another one.
    AcceptMappings(Vec<InexactMapping>),
    /// Read what the journal keeps beside the leaks.
    LoadAnnotations,
    /// Read the lists of all profiles.
    LoadAll,
    /// Ask the providers what belongs to a leak or a group.
    LoadRelated(Chip),
    /// Show an overlay above everything else.
    Open(Overlay),
    /// Let the operator type a line.
    Prompt(Box<Prompt>),
    /// Show the leaks as a view says.
    ShowView(Box<View>),
    /// Ask the operator to confirm a job once more.
    Reconfirm(JobId),
    /// Let a job go on that was confirmed once more.
    ConfirmedAgain(JobId),
    /// Read the jobs again whose screens are open.
    ReloadOpenJobs,
    /// A job of this console has ended in this state.
    JobEnded(Box<RunningJob>, JobState),
}

/// How panes are built again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Now.
    Now,
    /// Soon, with whatever else changes until then; at once where that is asked for and there are few rows.
    Soon {
        /// Whether few rows are built at once.
        at_once: bool,
    },
    /// In time slices where there are many rows.
    InSlices,
    /// The groups that providers list, for a list has come to its end.
    Listed,
    /// The same, soon, for more of a list has come.
    ListedSoon,
    /// The groups of one pane.
    Groups(Pane),
}

/// Commands may lead to commands, but not for ever.
const MAX_ROUNDS: usize = 32;

/// Carries out what waits, and what comes of that.
pub(super) fn run(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let commands = std::mem::take(&mut model.commands);
        if commands.is_empty() {
            break;
        }
        for command in commands {
            effects.extend(run_one(model, command));
        }
    }
    debug_assert!(model.commands.is_empty(), "commands without an end");
    effects
}

fn run_one(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Refresh(how) => refresh(model, how),
        Command::ShowStatuses(read) => {
            let rows = read.iter();
            let rows = rows.map(|(row, status, word)| (*row, *status, word.as_bytes()));
            model.data.table.set_statuses(rows);
            refresh(model, Refresh::Soon { at_once: true });
        }
        Command::AnnotationsChanged => {
            let Split {
                overlays,
                claims,
                update,
                ..
            } = model.split();
            plan::digest::claims_changed(overlays, update.context);
            claims.schedule(update.context);
        }
        Command::AcceptMappings(mappings) => {
            local::said_yes(&mut model.data_update(), mappings);
        }
        Command::LoadAnnotations => return vec![local::load(model.context())],
        Command::LoadAll => {
            return paging::start_all(&mut model.data_update(), &Arc::default());
        }
        Command::LoadRelated(chip) => return related::ask(&mut model.data_update(), chip),
        Command::Open(overlay) => model.overlays.push(overlay),
        Command::Prompt(prompt) => model.prompt = Some(*prompt),
        Command::ShowView(view) => navigate::show_view(&mut model.workspace_update(), *view),
        Command::Reconfirm(id) => job::control::ask_again(&mut model.overlay_update(), id),
        Command::ConfirmedAgain(id) => {
            return job::confirmed_again(&mut model.jobs_update(), id);
        }
        Command::ReloadOpenJobs => return job::shown::reload(model),
        Command::JobEnded(job, state) => return job_ended(model, &job, state),
    }
    Vec::new()
}

fn refresh(model: &mut Model, how: Refresh) {
    let update = &mut model.workspace_update();
    match how {
        Refresh::Now => view::refresh(update),
        Refresh::Soon { at_once } => view::refresh_soon(update, at_once),
        Refresh::InSlices => view::refresh_in_turns(update),
        Refresh::Listed => view::refresh_listed(update),
        Refresh::ListedSoon => view::refresh_listed_soon(update),
        Refresh::Groups(pane) => view::refresh_groups(update, pane),
    }
}

/// Shows how a job ended: in the list of jobs, on its screen and in the rows; the leaks that it changed lose their
/// marks.
fn job_ended(model: &mut Model, job: &RunningJob, state: JobState) -> Vec<Effect> {
    let (overlays, mut update) = model.split_overlays();
    job::shown::ended(overlays, &mut update, job, state);
    if !model.workspace.marks.is_empty() {
        let done = |change: &&Change| {
            matches!(change.state().outcome(), Outcome::Verified | Outcome::Local)
        };
        for change in job.changes.iter().filter(done) {
            if let Some(row) = job::row_of(&model.data.table, job, change) {
                model.workspace.marks.remove(row);
            }
        }
    }
    let headless = model.setup.headless;
    refresh(
        model,
        if headless {
            Refresh::Now
        } else {
            Refresh::Soon { at_once: true }
        },
    );
    let mut effects = vec![Effect::Jobs(JobEffect::LoadJobs)];
    if job.touches_locals() {
        effects.push(local::load(model.context()));
    }
    if headless {
        return effects;
    }
    // A report of clean work does not cover the screen; one with exceptions must be seen.
    if state != JobState::Done {
        job::shown::report(&mut model.overlay_update(), job.id);
    }
    // One that another job took back says so.
    effects.extend(job::shown::reload(model));
    if job::shown::on_top(model) == Some(job.id) {
        // The screen says it already, and its keys are wanted now.
        model.notices.hide();
    }
    effects.extend(job::all_go_on(&mut model.jobs_update()));
    let stopped = || model.jobs.running.iter().all(|job| job.error.is_some());
    if model.jobs.quit_asked && state == JobState::Done && stopped() {
        effects.push(Effect::Loop(LoopEffect::Quit(0)));
    }
    effects
}
