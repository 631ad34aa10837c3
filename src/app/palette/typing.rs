//! Keys in the palette's line: which candidate is chosen, how it completes, and lines that were run before.

use super::{
    candidates::{Candidate, candidates, fits_by_name},
    commands::COMMANDS,
    run::run,
};
use crate::app::{
    effect::Effect,
    model::Model,
    prompt::{Prompt, PromptKind},
};
use tui_input::Input;

/// The candidate under the cursor.
fn chosen(model: &Model) -> Option<Candidate> {
    let prompt = model.prompt.as_ref()?;
    let PromptKind::Palette { cursor, .. } = prompt.kind else {
        return None;
    };
    let found = candidates(model, prompt.input.value());
    let at = cursor.min(found.len().saturating_sub(1));
    found.into_iter().nth(at)
}

/// `Tab`: the line becomes the candidate under the cursor.
pub(in crate::app) fn complete(model: &mut Model) {
    let Some(candidate) = chosen(model) else {
        return;
    };
    if let Some(prompt) = &mut model.prompt {
        prompt.input = Input::new(line_of(&candidate));
        prompt.kind = PromptKind::Palette {
            history_index: 0,
            cursor: 0,
        };
    }
}

/// A candidate as a line to go on with: with a blank where it takes an argument.
fn line_of(candidate: &Candidate) -> String {
    let blank = if candidate.is_whole() { "" } else { " " };
    format!("{}{blank}", candidate.line)
}

/// `Down` and `Up`: the cursor among the candidates; above the first of them lie the lines that were run before.
pub(in crate::app) fn step(model: &mut Model, by: isize) {
    let Some(Prompt {
        kind: PromptKind::Palette {
            history_index: back,
            cursor,
        },
        input,
        ..
    }) = &model.prompt
    else {
        return;
    };
    let (back, cursor) = (*back, *cursor);
    if back > 0 || (by < 0 && cursor == 0) {
        return history(model, -by);
    }
    let count = candidates(model, input.value()).len();
    if let Some(Prompt {
        kind: PromptKind::Palette { cursor, .. },
        ..
    }) = &mut model.prompt
    {
        *cursor = cursor
            .saturating_add_signed(by)
            .min(count.saturating_sub(1));
    }
}

/// Lines run before, further back or nearer.
fn history(model: &mut Model, by: isize) {
    let lines = &model.workspace.history.commands;
    let Some(Prompt {
        kind: PromptKind::Palette {
            history_index: back,
            cursor,
        },
        input,
        ..
    }) = &mut model.prompt
    else {
        return;
    };
    *cursor = 0;
    *back = back.saturating_add_signed(by).min(lines.len());
    *input = Input::new(
        lines
            .len()
            .checked_sub(*back)
            .and_then(|at| lines.get(at))
            .cloned()
            .unwrap_or_default(),
    );
}

/// `Enter`: the candidate that the cursor was moved to; else the line where that is a command, and else the candidate
/// whose name fits best. One that takes an argument asks for it.
pub(in crate::app) fn submit(model: &mut Model, line: &str, cursor: usize) -> Vec<Effect> {
    // The candidates are those of the line as it stands, a blank at its end included.
    let found = candidates(model, line);
    let typed = line.trim();
    // A command with its argument is meant as it is: its nearest neighbour may delete something else.
    let is_command = |line: &str| {
        let mut commands = COMMANDS
            .iter()
            .filter(|(_, argument, _)| !argument.is_empty());
        let with_argument = commands.any(|(name, ..)| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(' '))
        });
        with_argument || found.iter().any(|candidate| candidate.line == line)
    };
    let known = matches!(typed, "q" | "quit") || is_command(typed);
    let chosen = match (typed.is_empty(), cursor) {
        (true, 0) => return Vec::new(),
        (_, 1..) => found.get(cursor.min(found.len().saturating_sub(1))),
        (false, 0) if known => None,
        (false, 0) => found.first().filter(|candidate| {
            // What merely has the word in its help was not meant.
            fits_by_name(typed, candidate)
        }),
    };
    match chosen {
        None => run(model, typed),
        Some(candidate) if candidate.is_whole() => {
            let line = candidate.line.clone();
            run(model, &line)
        }
        Some(candidate) => {
            let line = line_of(candidate);
            model.prompt = Some(Prompt::new(
                PromptKind::Palette {
                    history_index: 0,
                    cursor: 0,
                },
                line,
            ));
            Vec::new()
        }
    }
}
