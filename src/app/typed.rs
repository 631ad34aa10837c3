//! What the terminal sends that is no action: keys outside the keymap, lines that are typed, pasted text, the mouse, and
//! another size; and the ways to leave.

use super::{
    check,
    command::{Command, Open},
    effect::{Effect, LoopEffect, NotesEffect},
    evidence, filter_line, help, job, layout, mark_sets, marks,
    model::{Model, Split, WorkspaceSplit},
    mouse,
    notice::Severity,
    output,
    overlay::{self, Overlay, update::plan_on_top_mut},
    palette::{self, Submitted},
    paste, plan,
    prompt::{Prompt, PromptKind},
    search, tools,
    typing::{self, Typed},
    view,
};
use crate::{
    entity::{
        claim::MAX_JUSTIFICATION_CHARS,
        key::{EntityKey, ProviderId},
        number::group_digits,
    },
    filter,
};
use crossterm::event::{KeyCode, KeyEvent, MouseEvent};
use std::{path::PathBuf, time::Duration};

pub(super) fn extend_sequence(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if model.sequence.keys.is_empty() {
        model.sequence.started_at = model.now.since_start;
    }
    model.sequence.keys.push(key);
    Vec::new()
}

pub(super) fn end_sequence(model: &mut Model) -> Vec<Effect> {
    let now = model.now.since_start;
    model.sequence.keys.clear();
    model.notices.acknowledge(now);
    Vec::new()
}

/// A key that is no action was typed: into the line, or as an answer to what is on top.
pub(super) fn on_key_typed(model: &mut Model, key: KeyEvent, read: Duration) -> Vec<Effect> {
    if model.prompt.is_some() {
        return on_line_key(model, key);
    }
    let is_enter = key.code == KeyCode::Enter;
    match model.overlay() {
        // Does the action under the cursor of the help where help was opened, above whatever it explains.
        Some(overlay) if is_enter && overlay.is_help() => {
            if let Some(action) = help::chosen(model) {
                model.overlays.pop();
                model.commands.push(Command::Act(action));
            }
            Vec::new()
        }
        Some(_) => overlay::on_key(model.split_workspace(), key, read),
        // The exit code that tells the program to start the demo.
        None if model.data.first_run && key.code == KeyCode::Char('d') => {
            vec![Effect::Loop(LoopEffect::Quit(EXIT_START_DEMO))]
        }
        None => Vec::new(),
    }
}

/// What the first-run screen ends with when the demo was asked for: no process ends with it.
pub const EXIT_START_DEMO: u8 = 250;

/// A key was typed into the line.
fn on_line_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let offered = if typing::needs_candidates(key) {
        palette::offered(model)
    } else {
        Vec::new()
    };
    let Split {
        overlays,
        prompt: Some(prompt),
        mut update,
        ..
    } = model.split()
    else {
        return Vec::new();
    };
    prompt.message = None;
    let open_job = job::shown::top_job(overlays);
    let typed = typing::on_key(prompt, &mut update, (&offered, open_job), key);
    let mut effects = Vec::new();
    match typed {
        Typed::Same => {}
        Typed::Edited => on_edited(model),
        Typed::Cancelled => cancel(model),
        Typed::Submitted => effects = submit(model),
    }
    let Split {
        prompt,
        memory,
        update,
        ..
    } = model.split();
    if let Some(prompt) = prompt {
        filter_line::explain(prompt, update.context);
        plan::words::remember(prompt, &mut memory.draft);
    }
    effects
}

/// The text of the line is another one now.
fn on_edited(model: &mut Model) {
    let Some(prompt) = &mut model.prompt else {
        return;
    };
    let text = prompt.input.value().to_owned();
    prompt.error = None;
    match prompt.kind.clone() {
        PromptKind::Filter { pane, .. } => {
            search::set_filter_text(&mut model.workspace_update(), pane, &text);
        }
        PromptKind::MarkPattern | PromptKind::UnmarkPattern => {
            let error = filter::parse(&text, &model.setup.sources).err();
            if let Some(prompt) = &mut model.prompt {
                prompt.error = error;
            }
        }
        PromptKind::HelpSearch => {
            search_help(model, text);
        }
        PromptKind::Palette { .. }
        | PromptKind::Export
        | PromptKind::Pipe
        | PromptKind::RunCommand(_)
        | PromptKind::TakeOver(..)
        | PromptKind::Justification(_)
        | PromptKind::Note(_)
        | PromptKind::Evidence(_)
        | PromptKind::Secret { .. } => {}
    }
}

/// The help on top lists only lines with this text, with the cursor on the first that does something.
pub(super) fn search_help(model: &mut Model, text: String) {
    if let Some(help) = model.overlays.last_mut() {
        help.set_search(text);
    }
    let first = help::first(model);
    if let Some(help) = model.overlays.last_mut() {
        help.set_help_cursor(first);
    }
}

/// Closes the line and brings back what was.
pub(super) fn cancel(model: &mut Model) {
    let Some(prompt) = model.prompt.take() else {
        return;
    };
    match prompt.kind {
        PromptKind::Filter { pane, previous, .. } => {
            let text = previous.text().to_owned();
            search::set_filter_text(&mut model.workspace_update(), pane, &text);
        }
        PromptKind::HelpSearch => {
            if let Some(help) = model.overlays.last_mut() {
                help.set_search(String::new());
            }
        }
        PromptKind::MarkPattern
        | PromptKind::UnmarkPattern
        | PromptKind::Palette { .. }
        | PromptKind::Export
        | PromptKind::Pipe
        | PromptKind::RunCommand(_)
        | PromptKind::TakeOver(..)
        | PromptKind::Justification(_)
        | PromptKind::Note(_)
        | PromptKind::Evidence(_)
        | PromptKind::Secret { .. } => {}
    }
    view::on_cursor_moved(&mut model.workspace_update());
}

fn submit(model: &mut Model) -> Vec<Effect> {
    let Some(prompt) = model.prompt.take() else {
        return Vec::new();
    };
    let text = prompt.input.value().trim().to_owned();
    let now = model.now.since_start;
    if !matches!(
        prompt.kind,
        PromptKind::Filter { .. } | PromptKind::HelpSearch
    ) {
        view::finish_search(&mut model.workspace_update());
    }
    match prompt.kind {
        // The pane was narrowed with every key; what follows the cursor comes now.
        PromptKind::Filter { .. } => {
            model.workspace.history.remember_filter(&text);
            view::update_detail_now(&mut model.workspace_update());
        }
        kind @ (PromptKind::MarkPattern | PromptKind::UnmarkPattern) => {
            match filter::parse(&text, &model.setup.sources) {
                Ok(filter) if !filter.is_empty() => {
                    marks::mark_matching(
                        &mut model.workspace_update(),
                        &filter,
                        kind == PromptKind::MarkPattern,
                    );
                }
                Ok(_) => {}
                Err(error) => {
                    model
                        .notices
                        .push(Severity::Error, error.message, Some(error.hint), now);
                }
            }
        }
        PromptKind::Palette { cursor, .. } => {
            let line = prompt.input.value();
            match palette::submit(&palette::candidates(model, line), line, cursor) {
                Submitted::Nothing => {}
                Submitted::Run(line) => model.commands.push(Command::RunLine(line)),
                Submitted::Continue(line) => model.prompt = Some(palette::prompt(line)),
            }
        }
        PromptKind::Justification(word) => {
            plan::words::on_submitted(&mut model.overlay_update(), word, &text);
        }
        PromptKind::Export | PromptKind::Evidence(_) | PromptKind::Note(_) if text.is_empty() => {}
        PromptKind::Note(leaks) => return note(model, leaks, text),
        PromptKind::Evidence(job) => {
            return evidence::write(model.context(), PathBuf::from(text), job);
        }
        PromptKind::Pipe => return tools::pipe(&mut model.split().update, &text),
        PromptKind::RunCommand(at) => {
            return tools::answered(&mut model.split().update, at, &text);
        }
        PromptKind::TakeOver(id, alive) => {
            return job::take_over::answered(&mut model.jobs_update(), (id, alive), &text);
        }
        PromptKind::Export => return output::export(model.context(), PathBuf::from(text)),
        PromptKind::Secret { kind, line } => {
            return check::on_secret_entered(&mut model.overlay_update(), kind, &line);
        }
        PromptKind::HelpSearch => {}
    }
    Vec::new()
}

/// The text of a note was typed. One that is too long stays in its line.
fn note(model: &mut Model, leaks: Vec<(EntityKey, ProviderId)>, text: String) -> Vec<Effect> {
    if text.chars().count() > MAX_JUSTIFICATION_CHARS {
        let mut prompt = Prompt::new(PromptKind::Note(leaks), text);
        let longest = group_digits(MAX_JUSTIFICATION_CHARS as u64);
        let told = format!("a note has at most {longest} characters");
        prompt.message = Some((Severity::Error, told));
        model.prompt = Some(prompt);
        return Vec::new();
    }
    vec![Effect::Notes(NotesEffect::AddNote { leaks, text })]
}

pub(super) fn on_pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    let Split {
        overlays,
        prompt,
        mut update,
        ..
    } = model.split();
    // A line above the plan takes what is pasted; the plan itself never does.
    if let Some(prompt) = prompt {
        if paste::paste_into_prompt(prompt, &mut update, text) {
            on_edited(model);
        }
    } else if let Some(plan) = plan_on_top_mut(overlays) {
        plan.ignored_answers += 1;
    }
    Vec::new()
}

/// So long `q` is the answer to the question whether marks may be lost.
const STILL_ASKED: Duration = Duration::from_secs(10);

pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    if model.overlay().is_some() {
        return overlay::close(&mut model.overlays, &mut model.workspace);
    }
    if model
        .jobs
        .running
        .iter()
        .any(|job| job.error.is_none() && !job.paused_by_operator)
    {
        model.commands.push(Command::Open(Open::Quit));
        return Vec::new();
    }
    if let Some(count) = mark_sets::unsaved(model.context()) {
        let now = model.now.since_start;
        let asked = model.asked_about_marks.replace(now);
        // Asked a moment ago: the answer is yes.
        if asked.is_none_or(|before| now.saturating_sub(before) > STILL_ASKED) {
            let text = format!(
                "{} marks are not saved: q once more drops them",
                group_digits(count as u64)
            );
            let hint = Some(":marks save NAME keeps them".to_owned());
            model.notices.push(Severity::Warning, text, hint, now);
            return Vec::new();
        }
    }
    vec![Effect::Loop(LoopEffect::Quit(0))]
}

/// Ctrl-C: ends what lies above; at the top, twice within two seconds quits.
pub(super) fn interrupt(model: &mut Model) -> Vec<Effect> {
    let now = model.now.since_start;
    if model.overlay().is_some() {
        return overlay::close(&mut model.overlays, &mut model.workspace);
    }
    if model
        .ctrl_c_pressed_at
        .is_some_and(|before| now.saturating_sub(before) < Duration::from_secs(2))
    {
        return quit(model);
    }
    model.ctrl_c_pressed_at = Some(now);
    model
        .notices
        .push(Severity::Info, "Ctrl-C once more quits", None, now);
    Vec::new()
}

/// The mouse was used: the wheel scrolls what lies above the panes; else it acts on these.
pub(super) fn on_mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    if !model.mouse.on || model.prompt.is_some() || model.data.first_run {
        return Vec::new();
    }
    match (model.overlay(), mouse::event::wheel(event)) {
        (None, _) => {
            let WorkspaceSplit {
                mouse, mut update, ..
            } = model.split_workspace();
            return mouse::event::on_event(mouse, &mut update, event);
        }
        (Some(overlay), Some(by)) if !overlay.awaits_answer() => scroll_top(model, by),
        (Some(_), _) => {}
    }
    Vec::new()
}

/// The terminal has another size.
pub(super) fn on_resized(model: &mut Model, columns: u16, rows: u16) -> Vec<Effect> {
    model.size = (columns, rows);
    model.workspace.reveal = None;
    // A plan that left the screen has to be read again.
    let shown = layout::is_usable(model.size);
    if let Some(plan) = model.plan_mut().filter(|_| !shown) {
        plan.drawn_at = None;
    }
    view::clamp_cursors(&mut model.workspace_update());
    vec![Effect::Loop(LoopEffect::Redraw)]
}

/// The terminal got the focus or lost it: a password does not stay on a screen that nobody looks at.
pub(super) fn on_focus_changed(model: &mut Model, has: bool) -> Vec<Effect> {
    if !has {
        model.workspace.reveal = None;
    }
    Vec::new()
}

/// A frame is on the screen: what may only be answered once it was seen can be answered now.
pub(super) fn on_frame_drawn(model: &mut Model) -> Vec<Effect> {
    let now = model.now.since_start;
    let drawn_at = model.overlays.last_mut().and_then(Overlay::drawn_at_mut);
    if let Some(drawn_at) = drawn_at.filter(|_| layout::is_usable(model.size)) {
        drawn_at.get_or_insert(now);
    }
    Vec::new()
}

/// Scrolls what is on top by so many lines.
pub(super) fn scroll_top(model: &mut Model, by: isize) {
    let last = overlay::last(model);
    let Split {
        overlays, update, ..
    } = model.split();
    if let Some(overlay) = overlays.last_mut() {
        overlay::scroll(overlay, update.context, last, by);
    }
}
