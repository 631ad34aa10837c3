//! A line that is being typed: a filter, a pattern, a command, a file's name, a search in help. While it is open no
//! key but its own means anything.

use super::{
    check::SecretInput,
    command::Command,
    evidence, filter_line,
    model::{Context, FeatureUpdate},
    notice::Severity,
    palette::{self, Candidate},
    paste, plan,
    prompt::{Prompt, PromptKind},
};
use crate::entity::key::JobId;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::backend::crossterm::EventHandler;

/// What a key in a line leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// The text is the same one.
    Same,
    /// The text is another one.
    Edited,
    /// The line is closed, and what was comes back.
    Cancelled,
    /// The line is done.
    Submitted,
}

/// Whether a key needs what the palette's line could become.
pub(super) fn needs_candidates(key: KeyEvent) -> bool {
    matches!(key.code, KeyCode::Tab | KeyCode::Up | KeyCode::Down)
}

/// A key was typed into the line. `offered` is what the palette's line could become, for the keys that need it;
/// `open_job` is the job whose screen is on top.
pub(super) fn on_key(
    prompt: &mut Prompt,
    update: &mut FeatureUpdate<'_>,
    (offered, open_job): (&[Candidate], Option<JobId>),
    key: KeyEvent,
) -> Typed {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let edited = |is_edited| {
        if is_edited {
            Typed::Edited
        } else {
            Typed::Same
        }
    };
    match key.code {
        KeyCode::Esc => Typed::Cancelled,
        KeyCode::Char('c') if control => Typed::Cancelled,
        KeyCode::Enter => submitted(prompt, update.context),
        // A line feed, where a paste comes as if it were typed.
        KeyCode::Char('j') if control => submitted(prompt, update.context),
        KeyCode::Tab => edited(complete(prompt, update, (offered, open_job), 1)),
        KeyCode::BackTab => edited(complete(prompt, update, (offered, open_job), -1)),
        KeyCode::Up => edited(step(prompt, update.context, offered, -1)),
        KeyCode::Down => edited(step(prompt, update.context, offered, 1)),
        _ => edited(edit(prompt, key, control)),
    }
}

/// A key that edits the text. Returns true if the text is another one.
fn edit(prompt: &mut Prompt, key: KeyEvent, control: bool) -> bool {
    if let PromptKind::Secret { line, .. } = &mut prompt.kind {
        edit_secret(line, key);
        if line.is_truncated() {
            prompt.message = Some((Severity::Error, paste::SECRET_TOO_LONG.to_owned()));
        }
        return false;
    }
    if matches!(key.code, KeyCode::Char(_))
        && !control
        && prompt.input.value().len() >= paste::MAX_LINE_BYTES
    {
        prompt.message = Some((Severity::Error, paste::line_too_long()));
        return false;
    }
    let change = prompt.input.handle_event(&Event::Key(key));
    let is_edited = change.is_some_and(|change| change.value);
    if is_edited {
        prompt.completion = None;
        if let PromptKind::Palette { cursor, .. } = &mut prompt.kind {
            *cursor = 0;
        }
    }
    is_edited
}

/// `Tab` and `Shift-Tab`: the line becomes the next thing that it could be, or the last one. Returns true if a filter
/// or a pattern is another one.
fn complete(
    prompt: &mut Prompt,
    update: &mut FeatureUpdate<'_>,
    (offered, open_job): (&[Candidate], Option<JobId>),
    by: isize,
) -> bool {
    if by > 0 && paste::paste_into_secret(prompt, update, "\t") {
        return false;
    }
    let context = update.context;
    match &prompt.kind {
        PromptKind::Palette { .. } if by > 0 => palette::complete(prompt, offered),
        PromptKind::Evidence(before) if by > 0 => {
            // The bundle of evidence is about the other thing.
            let other = evidence::switch_subject(*before, prompt.input.value(), open_job, context);
            update.commands.extend(other.map(Command::Prompt));
        }
        PromptKind::Justification(word) => {
            let word = *word;
            plan::words::complete(prompt, word, &context.setup.reasons, by);
        }
        _ => return filter_line::complete(prompt, context, by),
    }
    false
}

/// `Up` and `Down`: another candidate of the palette, or a line that was typed before. Returns true if a filter is
/// another one.
fn step(prompt: &mut Prompt, context: Context<'_>, offered: &[Candidate], by: isize) -> bool {
    let history = &context.workspace.history;
    palette::step(prompt, offered, &history.commands, by);
    filter_line::history(prompt, &history.filters, -by)
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

/// `Enter`: the line is done, unless it is a filter that cannot be read. That stays open, for it is nearly right, and
/// `Esc` gives up; above it stands what is missing behind its end. Until `Enter` it said what may stand there.
fn submitted(prompt: &mut Prompt, context: Context<'_>) -> Typed {
    let PromptKind::Filter { pane, .. } = &prompt.kind else {
        return Typed::Submitted;
    };
    let state = context.workspace.filter(*pane);
    let Some(error) = state.and_then(|state| state.error.as_ref()) else {
        return Typed::Submitted;
    };
    if filter_line::is_unfinished(error, prompt.input.value()) {
        let words = format!("{}: {}", error.message, error.hint);
        prompt.message = Some((Severity::Error, words));
    }
    Typed::Same
}
