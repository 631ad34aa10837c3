//! The core: `update` takes the model, a fact and the moment, changes the model and answers with the I/O it wants.
//! It does none itself, and nothing else changes the model. Start with [`update`]; one line per message.

mod act;
pub mod availability;
pub mod cells;
pub mod changed_files;
pub mod check;
pub mod claims;
pub mod columns;
pub mod command;
pub mod cursor;
mod detail;
pub mod digest;
pub mod domains;
pub mod effect;
pub mod evidence;
pub mod facets;
pub mod facts;
pub mod filter_line;
pub mod follow;
pub mod grouping;
mod handoff;
pub mod help;
pub mod input;
pub mod inspect;
pub mod job;
pub mod layout;
pub mod list;
pub mod local;
mod mark_sets;
pub mod marks;
pub mod memory;
pub mod message;
pub mod model;
pub mod mouse;
pub mod natives;
pub mod navigate;
pub mod news;
pub mod notice;
pub mod output;
pub mod overlay;
pub mod pace;
pub mod paging;
pub mod palette;
pub mod paste;
pub mod permission;
pub mod plan;
pub mod prompt;
mod propagate;
pub mod record;
pub mod refresh;
mod refusal;
pub mod related;
pub mod scope;
pub mod search;
pub mod searching;
pub mod sent;
pub mod targets;
pub mod tools;
pub mod tour;
mod typed;
mod typing;
pub mod view;
pub mod views;
pub mod wake;
mod watch;

pub use act::act;
use effect::{Effect, JobEffect, LoopEffect};
use message::{FilesTold, Message, Moment};
use model::{Model, Split};
use notice::Severity;
use overlay::Overlay;
pub use propagate::run_line;
use std::{path::Path, time::Duration};
pub use typed::EXIT_START_DEMO;
use zeroize::Zeroize;

/// What `update` answers: the I/O it wants, and whether the screen may look different now.
#[derive(Debug, Default, PartialEq)]
pub struct Updated {
    /// The I/O, in order.
    pub effects: Vec<Effect>,
    /// Whether to draw.
    pub redraw: bool,
}

/// The first effects: read everything.
pub fn start(model: &mut Model) -> Vec<Effect> {
    model.access.begin(model.now.since_start);
    let mut effects = vec![
        local::load(model.context()),
        Effect::Jobs(JobEffect::LoadActiveLeaks),
        Effect::Jobs(JobEffect::LoadJobs),
    ];
    if model.mouse.on {
        effects.push(Effect::Loop(LoopEffect::Mouse(true)));
    }
    effects.extend(news::start(&model.news, model.context()));
    effects.extend(paging::start_all(
        &mut model.data_update(),
        &std::sync::Arc::default(),
    ));
    effects
}

/// The transition.
pub fn update(model: &mut Model, message: Message, now: Moment) -> Updated {
    model.now = now;
    model.traffic.set_cause(&message);
    let dirty = match &message {
        Message::TimerFired => {
            let dirty = wake::on_tick(model);
            let mut effects = wake::due_effects(model);
            let is_busy = refresh::is_busy(model);
            if refresh::is_due(&mut model.refresh, now.since_start, is_busy) {
                effects.extend(act::refresh(model, true));
            }
            effects.extend(propagate::run(model));
            let is_read = propagate::settle(model);
            return Updated {
                effects,
                redraw: dirty || is_read,
            };
        }
        Message::FrameDrawn
        | Message::ClaimsRenewed(Ok(_))
        | Message::ViewsSaved(Ok(()))
        | Message::SessionSaved(Ok(())) => false,
        Message::AccessPolled(Ok(found)) => {
            found.changes.any()
                || found.journal != model.access.journal
                || found.team != model.access.team
        }
        // A budget that nobody set is not on the screen.
        Message::BudgetChanged { profile, budget } => {
            let before = model
                .data
                .profile(profile)
                .map(|state| (state.budget.wait_until, state.budget.part));
            budget.limit.is_some() || before != Some((budget.wait_until, budget.part))
        }
        Message::Looked(result) => news::shows(&model.news, result),
        Message::PagePartLoaded { page, .. } => page.index == 0,
        Message::PageLoaded { page, .. } => page.index == 0 || !model.data.is_loading(),
        Message::ListedLoaded { result: Ok(_), .. } => view::shows_listed_immediately(model),
        Message::FilesTold { told, .. } => matches!(told, FilesTold::Report(_)),
        _ => true,
    };
    // A job's progress is drawn by the tick, four times a second; what ends or stops it at once.
    let progress = matches!(
        message,
        Message::ChunkAnswered { .. }
            | Message::ReadBackRecorded { .. }
            | Message::PrecheckRecorded { .. }
            | Message::JobTimerFired(_)
    );
    let is_work = matches!(
        message,
        Message::ActionRequested { .. } | Message::KeyTyped { .. }
    );
    let before = job_snapshot(model);
    let (was_loading, made) = (model.data.is_loading(), model.workspace.leaks.built_from);
    let mut effects = dispatch(model, message);
    effects.extend(propagate::run(model));
    let is_read = propagate::settle(model);
    view::sort_visible(&mut model.workspace_update());
    if is_work {
        model.news.touched(now.since_start);
        let Split { memory, update, .. } = model.split();
        memory.touch(update.context);
    }
    let Split {
        overlays,
        prompt,
        tour,
        mut update,
        ..
    } = model.split();
    tour::follow(tour, (overlays, prompt.as_ref()), &mut update);
    if was_loading && !model.data.is_loading() {
        refresh::on_read(&mut model.refresh, now);
    }
    let dirty = if progress {
        job_snapshot(model) != before
    } else {
        dirty
    };
    Updated {
        redraw: dirty
            || is_read
            || was_loading != model.data.is_loading()
            || made != model.workspace.leaks.built_from,
        effects,
    }
}

/// What of a job's progress has to be seen at once.
fn job_snapshot(model: &Model) -> (usize, usize, Option<Duration>) {
    let waiting = model
        .jobs
        .running
        .iter()
        .filter(|job| job.paused.is_some())
        .count();
    (
        model.jobs.running.len(),
        waiting,
        model.notices.current().map(|notice| notice.posted_at),
    )
}

fn dispatch(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::ActionRequested {
            action,
            read_at: read,
        } => act(model, action, read),
        Message::SequenceExtended(key) => typed::extend_sequence(model, key),
        Message::SequenceCleared => typed::end_sequence(model),
        Message::KeyTyped { key, read_at: read } => typed::on_key_typed(model, key, read),
        Message::MouseUsed(event) => typed::on_mouse(model, event),
        Message::CommandAsked(at) => {
            model.sequence.keys.clear();
            propagate::start_command(model, at)
        }
        Message::TextPasted(mut text) => {
            let effects = typed::on_pasted(model, &text);
            // It may be what a hidden line took.
            text.zeroize();
            effects
        }
        Message::TerminalResized { columns, rows } => typed::on_resized(model, columns, rows),
        Message::FocusChanged(has) => typed::on_focus_changed(model, has),
        Message::FrameDrawn => typed::on_frame_drawn(model),
        Message::JobRecorded { job, result } => {
            let recorded = result
                .is_ok()
                .then(|| plan::words::on_recorded(&mut model.session.draft, &mut model.plan));
            let planned = recorded.flatten();
            job::on_recorded(&mut model.jobs_update(), *job, planned, result)
        }
        message @ (Message::ChunkAnswered { .. }
        | Message::ReadBackRecorded { .. }
        | Message::PrecheckRecorded { .. }
        | Message::ChangesCancelled { .. }
        | Message::JobResumed { .. }
        | Message::JobTimerFired(_)
        | Message::PauseAsked { .. }
        | Message::JobStateRecorded { .. }) => job::on_message(&mut model.jobs_update(), message),
        Message::FollowUpTargetsLoaded { result, .. } => {
            follow::on_targets_loaded(&mut model.overlay_update(), result)
        }
        Message::JobsLoaded(result) => {
            if job::on_jobs_loaded(&mut model.workspace_update(), result) {
                job::prompt_resume(&mut model.jobs_update());
            }
            Vec::new()
        }
        Message::JobLoaded(result) => job::shown::on_loaded(&mut model.overlay_update(), result),
        Message::ActiveLeaksLoaded(result) => {
            job::on_live_keys(&mut model.jobs_update(), result);
            Vec::new()
        }
        Message::TimerFired | Message::AuditLineWritten(Ok(())) => Vec::new(),
        Message::QuitRequested(code) => vec![Effect::Loop(LoopEffect::Quit(code))],
        Message::TaskPanicked => {
            let now = model.now.since_start;
            let text = "a part of the program failed; this is a bug";
            let hint = Some("see the log: --log FILE".into());
            model.notices.push(Severity::Error, text, hint, now);
            Vec::new()
        }
        message => dispatch_data(model, message),
    }
}

/// What providers and the journal brought.
fn dispatch_data(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        message @ (Message::PagePartLoaded { .. } | Message::PageLoaded { .. }) => {
            let mut effects = paging::on_message(&mut model.data_update(), message);
            effects.extend(propagate::run(model));
            marks::on_page(&mut model.workspace_update());
            effects
        }
        Message::DomainsLoaded {
            request,
            profile,
            result,
        } => {
            domains::on_loaded(&mut model.data_update(), request, &profile, result);
            Vec::new()
        }
        Message::ListedLoaded {
            request,
            profile,
            kind,
            result,
        } => natives::on_page(&mut model.data_update(), request, &profile, kind, result),
        Message::FilesTold { profile, told } => {
            let is_busy = refresh::is_busy(model);
            changed_files::on_told(&mut model.data_update(), is_busy, &profile, told)
        }
        Message::RelatedLoaded { key, result } => {
            related::on_related_loaded(&mut model.data_update(), &key, result)
        }
        Message::LookupAnswered {
            request,
            profile,
            answers,
        } => check::on_answered(&mut model.overlay_update(), request, &profile, answers),
        Message::BudgetChanged { profile, budget } => {
            domains::on_budget(&mut model.data_update(), &profile, *budget);
            Vec::new()
        }
        Message::LocalRecordsLoaded(result) => {
            local::on_loaded(&mut model.data_update(), result);
            model.news.on_statuses();
            Vec::new()
        }
        Message::ClaimsChanged { operation, result } => {
            claims::on_claimed(&mut model.split().update, operation, result)
        }
        Message::ClaimsRenewed(result) => claims::on_renewed(&mut model.split().update, result),
        Message::HistoryLoaded { key, result } => {
            let Split {
                overlays, update, ..
            } = model.split();
            let records = overlays.iter_mut().filter_map(Overlay::record_mut);
            record::on_history(records, update.context, &key, result);
            Vec::new()
        }
        Message::HistoriesLoaded { group, result } => {
            let overlays = model.overlays.iter_mut();
            let records = overlays.filter_map(Overlay::inspected_mut);
            inspect::on_histories(records, group, &result);
            Vec::new()
        }
        Message::NoteAdded { leaks, result } => {
            record::on_noted(&mut model.split().update, leaks, result);
            let context = model.context();
            let shown = model.overlays.iter().filter_map(Overlay::record);
            let mut effects = record::reload(shown, context);
            effects.push(local::load(context));
            effects
        }
        Message::AccessPolled(result) => {
            let Model {
                access,
                notices,
                commands,
                now,
                ..
            } = model;
            access.on_watched(now.since_start, notices, commands, result)
        }
        Message::NewsLoaded(result) => {
            let (desk, mut update) = model.split_news();
            news::on_loaded(desk, &mut update, result);
            Vec::new()
        }
        Message::ReadingJudged { profile, result } => {
            let (desk, mut update) = model.split_news();
            news::on_judged(desk, &mut update, &profile, result)
        }
        Message::Looked(result) => {
            let (desk, mut update) = model.split_news();
            news::on_looked(desk, &mut update, result);
            Vec::new()
        }
        Message::NewsMoved { is_undone, result } => {
            let (desk, mut update) = model.split_news();
            news::on_moved(desk, &mut update, is_undone, result);
            Vec::new()
        }
        message => dispatch_output(model, message),
    }
}

/// What became of files and copies.
fn dispatch_output(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::SecretRevealed { key, copy, result } => {
            output::on_revealed(&mut model.workspace_update(), &key, copy, result)
        }
        Message::TextCopied { bytes, result } => {
            let Split {
                clear_clipboard,
                mut update,
                ..
            } = model.split();
            output::on_copied(clear_clipboard, &mut update, bytes, result)
        }
        Message::LeaksExported {
            path,
            audited,
            result,
        } => {
            output::on_exported(&mut model.split().update, &path, audited, result);
            Vec::new()
        }
        told @ (Message::EvidenceLoaded { .. } | Message::EvidenceWritten { .. }) => {
            evidence::on_message(&mut model.split().update, told)
        }
        Message::MarksRead { result, .. } => {
            match result {
                Ok(given) => marks::on_read(&mut model.workspace_update(), given),
                Err(why) => report(model, Err(why), "no marks were read"),
            }
            Vec::new()
        }
        Message::MarksWritten { path, result } => {
            report(
                model,
                written(&path, "keys", result),
                "no marks were written",
            );
            Vec::new()
        }
        Message::ToolEnded { name, result } => {
            tools::on_ended(&mut model.split().update, &name, result);
            Vec::new()
        }
        Message::MarkSetSaved { name, result } => {
            mark_sets::on_saved(&mut model.workspace_update(), name, result);
            Vec::new()
        }
        Message::MarkSetDeleted { name, result } => {
            mark_sets::on_deleted(&mut model.workspace_update(), &name, result);
            Vec::new()
        }
        Message::MarkSetLoaded { keep, result, .. } => {
            mark_sets::on_loaded(&mut model.workspace_update(), keep, result);
            Vec::new()
        }
        Message::ViewsExported { path, result } => {
            report(
                model,
                written(&path, "views", result),
                "no views were written",
            );
            Vec::new()
        }
        message @ (Message::ViewsLoaded { .. }
        | Message::ViewsSaved(_)
        | Message::ViewsImported(_)) => {
            let Split {
                views, mut update, ..
            } = model.split();
            match message {
                Message::ViewsLoaded { path, result } => {
                    views.take_in(&mut update, &path.display().to_string(), result);
                    Vec::new()
                }
                Message::ViewsSaved(result) => views.on_kept(&mut update, result),
                Message::ViewsImported(result) => views.on_import(&mut update, result),
                _ => Vec::new(),
            }
        }
        Message::SessionSaved(result) => {
            memory::on_saved(&mut model.split().update, result);
            Vec::new()
        }
        Message::AuditLineWritten(Err(error)) => {
            let failed = "the audit log was not written";
            report(model, Err(error.to_string()), failed);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn report(model: &mut Model, result: Result<String, String>, failed: &str) {
    let now = model.now.since_start;
    model.notices.report(result, failed, now);
}

fn written(path: &Path, what: &str, result: Result<usize, String>) -> Result<String, String> {
    result.map(|count| format!("{count} {what} written to {}", path.display()))
}
