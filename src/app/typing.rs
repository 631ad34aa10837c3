//! A line that is being typed: a filter, a pattern, a command, a file's name, a search in help. While it is open no
//! key but its own means anything.

use super::{
    check::{self, SecretInput},
    command::Command,
    effect::{Effect, NotesEffect},
    evidence, filter_line, job, marks,
    model::Model,
    notice::Severity,
    output, palette, paste,
    plan::{self},
    prompt::{Prompt, PromptKind},
    search, tools, view,
};
use crate::{
    entity::{
        claim::MAX_JUSTIFICATION_CHARS,
        key::{EntityKey, ProviderId},
        number::group_digits,
    },
    filter::{self},
};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use std::path::PathBuf;
use tui_input::backend::crossterm::EventHandler;

/// A key was typed into the line.
pub(super) fn on_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if let Some(prompt) = &mut model.prompt {
        prompt.message = None;
    }
    let effects = handle(model, key, control);
    filter_line::explain(model);
    plan::words::remember(model);
    effects
}

fn handle(model: &mut Model, key: KeyEvent, control: bool) -> Vec<Effect> {
    match key.code {
        KeyCode::Esc => cancel(model),
        KeyCode::Char('c') if control => cancel(model),
        KeyCode::Enter => return submit(model),
        // A line feed, where a paste comes as if it were typed.
        KeyCode::Char('j') if control => return submit(model),
        KeyCode::Tab if paste::paste_into_secret(model, "\t") => {}
        KeyCode::Tab => {
            palette::complete(model);
            turn_evidence(model);
            complete_filter(model, 1);
            plan::words::complete(&mut model.overlay_update(), 1);
        }
        KeyCode::BackTab => {
            complete_filter(model, -1);
            plan::words::complete(&mut model.overlay_update(), -1);
        }
        KeyCode::Up => {
            palette::step(model, -1);
            earlier_filter(model, 1);
        }
        KeyCode::Down => {
            palette::step(model, 1);
            earlier_filter(model, -1);
        }
        _ => {
            let Some(prompt) = &mut model.prompt else {
                return Vec::new();
            };
            if let PromptKind::Secret { line, .. } = &mut prompt.kind {
                edit_secret(line, key);
                if line.is_truncated() {
                    prompt.message = Some((Severity::Error, paste::SECRET_TOO_LONG.to_owned()));
                }
                return Vec::new();
            }
            if matches!(key.code, KeyCode::Char(_))
                && !control
                && prompt.input.value().len() >= paste::MAX_LINE_BYTES
            {
                prompt.message = Some((Severity::Error, paste::line_too_long()));
                return Vec::new();
            }
            if prompt
                .input
                .handle_event(&Event::Key(key))
                .is_some_and(|change| change.value)
            {
                prompt.completion = None;
                if let PromptKind::Palette { cursor, .. } = &mut prompt.kind {
                    *cursor = 0;
                }
                on_edited(model);
            }
        }
    }
    Vec::new()
}

fn complete_filter(model: &mut Model, by: isize) {
    if filter_line::complete(model, by) {
        on_edited(model);
    }
}

fn earlier_filter(model: &mut Model, by: isize) {
    if filter_line::history(model, by) {
        on_edited(model);
    }
}

/// `Tab`: the bundle of evidence is about the other thing.
fn turn_evidence(model: &mut Model) {
    let Some(Prompt {
        kind: PromptKind::Evidence(before),
        input,
        ..
    }) = &model.prompt
    else {
        return;
    };
    let open_job = job::shown::top_job(model);
    let other = evidence::switch_subject(*before, input.value(), open_job, model.context());
    model.commands.extend(other.map(Command::Prompt));
}

/// A key that is typed into a line that is not shown: at its end only, for there is no cursor to see.
fn edit_secret(line: &mut SecretInput, key: KeyEvent) {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Backspace => line.pop(),
        KeyCode::Char('h') if control => line.pop(),
        KeyCode::Char('u' | 'w') if control => line.clear(),
        KeyCode::Char(c) if !control && !key.modifiers.contains(KeyModifiers::ALT) => {
            line.push(c);
        }
        _ => {}
    }
}

/// The text of the line is another one now.
pub(super) fn on_edited(model: &mut Model) {
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
            if let Some(super::overlay::Overlay::Help { search, .. }) = model.overlays.last_mut() {
                *search = text;
            }
            let first = super::help::first(model);
            if let Some(super::overlay::Overlay::Help { scroll, .. }) = model.overlays.last_mut() {
                *scroll = first;
            }
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

/// Closes the line and brings back what was.
pub(super) fn cancel(model: &mut Model) {
    let Some(prompt) = model.prompt.take() else {
        return;
    };
    match prompt.kind {
        PromptKind::Filter {
            pane,
            previous: before,
            ..
        } => {
            let text = before.text().to_owned();
            search::set_filter_text(&mut model.workspace_update(), pane, &text);
        }
        PromptKind::HelpSearch => {
            if let Some(super::overlay::Overlay::Help { search, .. }) = model.overlays.last_mut() {
                search.clear();
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

/// Whether the line is a filter that cannot be read: it stays open, for it is nearly right, and `Esc` gives up.
fn has_filter_error(model: &Model) -> bool {
    let Some(PromptKind::Filter { pane, .. }) = model.prompt.as_ref().map(|prompt| &prompt.kind)
    else {
        return false;
    };
    model
        .workspace
        .filter(*pane)
        .is_some_and(|state| state.error.is_some())
}

/// Says above a filter what is missing behind its end: until `Enter` it said what may stand there.
fn say_unfinished(model: &mut Model) {
    let Some(prompt) = &mut model.prompt else {
        return;
    };
    let PromptKind::Filter { pane, .. } = &prompt.kind else {
        return;
    };
    let error = model.workspace.filter(*pane);
    let error = error.and_then(|state| state.error.as_ref());
    if let Some(error) = error
        && filter_line::is_unfinished(error, prompt.input.value())
    {
        let words = format!("{}: {}", error.message, error.hint);
        prompt.message = Some((Severity::Error, words));
    }
}

fn submit(model: &mut Model) -> Vec<Effect> {
    if has_filter_error(model) {
        say_unfinished(model);
        return Vec::new();
    }
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
            return palette::submit(model, prompt.input.value(), cursor);
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
