//! Carries out the commands that an update led to, in order.

use super::{
    act::act,
    columns,
    command::{Ask, Command, Open, Refresh},
    effect::{Effect, JobEffect, LoopEffect},
    facets,
    inspect::Inspected,
    job::{self, RunningJob},
    local,
    model::{Model, Split},
    navigate, news,
    overlay::Overlay,
    paging, plan,
    prompt::{Prompt, PromptKind},
    record::{self, History, Record},
    related, search, view,
};
use crate::entity::{
    job::{Change, ChangeOutcome, JobState},
    number::group_digits,
};
use std::sync::Arc;

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

/// What follows every update, whatever it was: lists that fail are noted, what is drawn from the leaks in view is built
/// again, what of the news is under the cursor is read. Whether the last of these changes the screen.
pub(super) fn settle(model: &mut Model) -> bool {
    note_failures(model);
    follow_leaks(model);
    let (subject, is_moved) = (
        model.workspace.detail_delay.subject,
        model.workspace.leaks.list.is_moved(),
    );
    let (desk, mut update) = model.split_news();
    if !desk.is_on() {
        return false;
    }
    let is_read = news::follow_cursor(&mut update, subject, is_moved);
    news::count(desk, &update.data.table);
    is_read
}

/// Since when each profile's list fails.
fn note_failures(model: &mut Model) {
    let now = model.now.wall;
    for state in &model.data.profiles {
        let name = &state.profile.binding.name;
        let fails = state.paging.error.is_some() || state.domains_error.is_some();
        if fails {
            model.failing.entry(name.clone()).or_insert(now);
        } else {
            model.failing.remove(name);
        }
    }
}

/// What is drawn from the leaks in view follows them.
fn follow_leaks(model: &mut Model) {
    if !std::mem::take(&mut model.workspace.leaks_changed) {
        return;
    }
    let Split {
        overlays, update, ..
    } = model.split();
    for overlay in overlays {
        if let Overlay::Facets(picture) = overlay {
            facets::rebuild(update.context, picture);
        }
    }
}

fn run_one(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Act(action) => {
            let read = model.now.since_start;
            return act(model, action, read);
        }
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
            for overlay in overlays {
                if let Overlay::Plan(plan) = overlay {
                    plan.summary.claim_holders = plan::digest::claimed(update.context, &plan.plan);
                }
            }
            claims.schedule(update.context);
        }
        Command::AcceptMappings(mappings) => {
            local::accept_mappings(&mut model.data_update(), mappings);
        }
        Command::LoadAnnotations => return vec![local::load(model.context())],
        Command::LoadAll => {
            return paging::start_all(&mut model.data_update(), &Arc::default());
        }
        Command::LoadRelated(chip) => {
            return related::fetch_related(&mut model.data_update(), chip);
        }
        Command::Open(what) => open(model, what),
        Command::Prompt(line) => ask(model, line),
        Command::SetFilter(pane, text) => {
            search::set_filter_text(&mut model.workspace_update(), pane, &text);
        }
        Command::ShowView(view) => {
            if view.is_since_left() {
                model.news.opened();
            }
            navigate::show_view(&mut model.workspace_update(), *view);
        }
        Command::Reconfirm(id) => plan::reconfirm(&mut model.overlay_update(), id),
        Command::ConfirmedAgain(id) => {
            return job::on_reconfirmed(&mut model.jobs_update(), id);
        }
        Command::PauseAsked(id) => return job::pause_asked(&mut model.jobs_update(), id),
        Command::StoreIsBack => return job::store_is_back(&mut model.jobs_update()),
        Command::ReloadOpenJobs => return job::shown::reload(model),
        Command::LeaksRead(profile) => {
            news::on_read(&mut model.news, profile, model.now.since_start);
        }
        Command::JobEnded(job, state) => return job_ended(model, &job, state),
    }
    Vec::new()
}

fn refresh(model: &mut Model, how: Refresh) {
    let update = &mut model.workspace_update();
    match how {
        Refresh::Now => view::refresh(update),
        Refresh::Soon { at_once } => view::refresh_soon(update, at_once),
        Refresh::InSlices => view::refresh_in_slices(update),
        Refresh::Listed => view::refresh_listed(update),
        Refresh::ListedSoon => view::refresh_listed_soon(update),
        Refresh::Groups(pane) => view::refresh_groups(update, pane),
    }
}

/// Shows how a job ended: in the list of jobs, on its screen and in the rows; the leaks that it changed lose their
/// marks.
fn job_ended(model: &mut Model, job: &RunningJob, state: JobState) -> Vec<Effect> {
    let (overlays, mut update) = model.split_overlays();
    job::shown::mark_ended(overlays, &mut update, job, state);
    if !model.workspace.marks.is_empty() {
        let done = |change: &&Change| {
            matches!(
                change.state().outcome(),
                ChangeOutcome::Verified | ChangeOutcome::Local
            )
        };
        for change in job.changes.iter().filter(done) {
            if let Some(row) = job::row_for_change(&model.data.table, job, change) {
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
    if job.changes_local_statuses() {
        effects.push(local::load(model.context()));
    }
    if headless {
        return effects;
    }
    // A report of clean work does not cover the screen; one with exceptions must be seen.
    if state != JobState::Done {
        job::shown::open_report(&mut model.overlay_update(), job.id);
    }
    // One that another job took back says so.
    effects.extend(job::shown::reload(model));
    if job::shown::top_job(model) == Some(job.id) {
        // The screen says it already, and its keys are wanted now.
        model.notices.hide();
    }
    effects.extend(job::advance_all(&mut model.jobs_update()));
    let stopped = || model.jobs.running.iter().all(|job| job.error.is_some());
    if model.jobs.quit_asked && state == JobState::Done && stopped() {
        effects.push(Effect::Loop(LoopEffect::Quit(0)));
    }
    effects
}

fn open(model: &mut Model, what: Open) {
    let overlay = match what {
        Open::MarkAll { missing } => Overlay::MarkAll {
            not_loaded: missing,
        },
        Open::Inspect(group) => Overlay::Inspect(Box::new(Inspected::new(group))),
        Open::Record(leak) => Overlay::Record(Box::new(Record {
            leak,
            cursor: 0,
            history: History::Loading,
        })),
        Open::Facets => Overlay::Facets(Box::new(facets::picture(model.context()))),
        Open::Columns => Overlay::Columns(Box::new(columns::edit::editor(model.context()))),
        Open::Views { cursor } => Overlay::Views {
            cursor,
            confirming_delete: false,
        },
        Open::Job(id) => Overlay::Job {
            id,
            record: None,
            finished: false,
            scroll: 0,
        },
        Open::Resume(jobs) => Overlay::Resume {
            jobs,
            drawn_at: None,
        },
    };
    model.overlays.push(overlay);
}

fn ask(model: &mut Model, line: Ask) {
    let prompt = match line {
        Ask::Filter => {
            let pane = model.workspace.focus;
            let Some(state) = model.workspace.filter(pane) else {
                return;
            };
            let before = state.filter.clone();
            let text = before.text().to_owned();
            Prompt::new(
                PromptKind::Filter {
                    pane,
                    previous: before,
                    back: 0,
                },
                text,
            )
        }
        Ask::Export(path) => Prompt::new(PromptKind::Export, path),
        Ask::Note(leaks) => {
            let context = model.context();
            let about = match &leaks[..] {
                [leak] => format!("on {}", record::in_words(context, *leak)),
                leaks => format!("on {} leaks", group_digits(leaks.len() as u64)),
            };
            let named: Vec<_> = leaks
                .into_iter()
                .filter_map(|leak| record::named(context, leak))
                .collect();
            let mut prompt = Prompt::new(PromptKind::Note(named), "");
            prompt.description = Some(about);
            prompt
        }
        Ask::TakeOver { job, about, alive } => {
            let mut prompt = Prompt::new(PromptKind::TakeOver(job, alive), "");
            prompt.description = Some(format!("job {job} {about}"));
            prompt
        }
        Ask::Evidence {
            job,
            path,
            about,
            other,
        } => {
            let mut prompt = Prompt::new(PromptKind::Evidence(job), path);
            prompt.description = Some(about);
            prompt.tab_alternative = other;
            prompt
        }
    };
    model.prompt = Some(prompt);
}
