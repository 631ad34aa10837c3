//! Carries out the commands that an update led to, in order.

use super::{
    act::act,
    check,
    command::{Ask, Command, Open, Refresh},
    effect::{Effect, JobEffect, LoopEffect, OutputEffect},
    facets, handoff,
    job::{self, RunningJob},
    local, mark_sets, marks,
    model::{Model, Split, WorkspaceSplit},
    mouse, navigate, news,
    notice::Severity,
    overlay::Overlay,
    paging,
    palette::{self, Line},
    plan,
    prompt::{Prompt, PromptKind},
    record, related, scope, search, tools, tour, view,
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
    for picture in overlays.iter_mut().filter_map(Overlay::facets_mut) {
        facets::rebuild(update.context, picture);
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
            for plan in overlays.iter_mut().filter_map(Overlay::plan_mut) {
                plan.summary.claim_holders = plan::digest::claimed(update.context, &plan.plan);
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
        Command::Open(what) => {
            let overlay = Overlay::open(what, model.context());
            model.overlays.push(overlay);
        }
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
        Command::RunLine(line) => return run_palette_line(model, &line),
        Command::QuitWhenDone(when_done) => model.jobs.quit_asked = when_done,
        Command::ResumeJobs { jobs, discard } => {
            return job::resume_all(&mut model.jobs_update(), &jobs, discard);
        }
        Command::DismissResume => job::dismiss_resume(&mut model.jobs_update()),
        Command::Reconfirm(id) => plan::reconfirm(&mut model.overlay_update(), id),
        Command::ConfirmedAgain(id) => {
            return job::on_reconfirmed(&mut model.jobs_update(), id);
        }
        Command::PauseAsked(id) => return job::pause_asked(&mut model.jobs_update(), id),
        Command::StoreIsBack => return job::store_is_back(&mut model.jobs_update()),
        Command::ReloadOpenJobs => return job::shown::reload(&model.overlays),
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
    let WorkspaceSplit {
        overlays,
        mut update,
        ..
    } = model.split_workspace();
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
    effects.extend(job::shown::reload(&model.overlays));
    if job::shown::top_job(&model.overlays) == Some(job.id) {
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
        Ask::HelpSearch => Prompt::new(PromptKind::HelpSearch, ""),
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

/// Runs a line of the palette, and what comes of it.
pub fn run_line(model: &mut Model, line: &str) -> Vec<Effect> {
    model.commands.push(Command::RunLine(line.to_owned()));
    run(model)
}

fn run_palette_line(model: &mut Model, line: &str) -> Vec<Effect> {
    if line.is_empty() {
        return Vec::new();
    }
    if !check::contains_secret(line) {
        model.workspace.history.remember_command(line);
    }
    match palette::parse(line) {
        Line::Act(action) => model.commands.push(Command::Act(action)),
        Line::Marks => {
            marks::notify_marks(&mut model.workspace_update());
            if let Some(text) = mark_sets::listed(model.context()) {
                model.split().update.notify(Severity::Info, text, None);
            }
        }
        Line::MarkSet(verb, name) => {
            return mark_sets::command(&mut model.workspace_update(), verb, &name)
                .unwrap_or_else(|| unknown(model, line));
        }
        Line::ReadMarks(file) => {
            return vec![Effect::Output(OutputEffect::ReadMarks(file.into()))];
        }
        Line::WriteMarks(file) => {
            let rows = model.workspace.marks.iter();
            return vec![Effect::Output(OutputEffect::WriteMarks {
                path: file.into(),
                keys: rows.map(|row| model.data.table.key(row)).collect(),
            })];
        }
        Line::Check(kind, value) => {
            return check::command(&mut model.overlay_update(), kind, value);
        }
        Line::Profile(name) => return scope::command(&mut model.workspace_update(), name),
        Line::View(line) => {
            let Split {
                views, mut update, ..
            } = model.split();
            return views.command(&mut update, line);
        }
        Line::Sort(line) => search::command(&mut model.workspace_update(), line),
        Line::UndoSeen | Line::Watch(_) if !model.news.is_on() => return unknown(model, line),
        Line::UndoSeen => return news::looked(&model.news, true).into_iter().collect(),
        Line::Watch(word) => {
            let (desk, mut update) = model.split_news();
            news::watch(desk, &mut update, word);
        }
        Line::Refresh(word) => {
            let Split {
                refresh: auto,
                mut update,
                ..
            } = model.split();
            super::refresh::command(auto, &mut update, word);
        }
        Line::Mouse(word) => {
            let Split {
                mouse, mut update, ..
            } = model.split();
            return match mouse::command(mouse, &mut update, word) {
                Some(effect) => vec![effect],
                None => unknown(model, line),
            };
        }
        Line::Run(name) => {
            let mut commands = model.setup.commands.iter();
            return match commands.position(|command| command.name == name) {
                Some(at) => start_command(model, at),
                None => unknown(model, line),
            };
        }
        Line::Handoff(file) => return handoff::command(&mut model.split().update, file),
        Line::Rejects => model.commands.push(Command::Open(Open::Rejects)),
        Line::Team if model.access.team.is_some() => {
            model.commands.push(Command::Open(Open::Team));
        }
        Line::Team => {
            let text = "the journal is this host's own: no team store is configured";
            let hint = Some("[store] in the configuration; :help teams".to_owned());
            model.split().update.notify(Severity::Info, text, hint);
        }
        Line::Tour if tour::can_be_done(model.context()) => {
            // Once more ends it.
            model.tour = model.tour.map_or(Some(0), |_| None);
        }
        Line::Tour => model.commands.push(Command::Open(Open::Tour)),
        Line::Unknown => return unknown(model, line),
    }
    Vec::new()
}

/// Starts a program of the operator's own, by its place in the configuration; it may ask first.
pub(super) fn start_command(model: &mut Model, at: usize) -> Vec<Effect> {
    let (prompt, effects) = tools::start(&mut model.split().update, at);
    if prompt.is_some() {
        model.prompt = prompt;
    }
    effects
}

/// There is no such command; the nearest one is named.
fn unknown(model: &mut Model, line: &str) -> Vec<Effect> {
    let hint = Some(palette::suggestion(line));
    let mut split = model.split();
    split
        .update
        .notify(Severity::Error, "there is no such command", hint);
    Vec::new()
}
