//! Keys in the palette's line: which candidate is chosen, how it completes, and lines that were run before.

use super::{
    candidates::{Candidate, candidates, fits_by_name},
    commands::COMMANDS,
};
use crate::app::{
    model::Model,
    prompt::{Prompt, PromptKind},
};
use tui_input::Input;

/// What the line of the palette could become; nothing where another line is typed.
pub(in crate::app) fn offered(model: &Model) -> Vec<Candidate> {
    match &model.prompt {
        Some(Prompt {
            kind: PromptKind::Palette { .. },
            input,
            ..
        }) => candidates(model, input.value()),
        _ => Vec::new(),
    }
}

/// `Tab`: the line becomes the candidate under the cursor.
pub(in crate::app) fn complete(prompt: &mut Prompt, found: &[Candidate]) {
    let PromptKind::Palette { cursor, .. } = prompt.kind else {
        return;
    };
    if let Some(candidate) = found.get(cursor.min(found.len().saturating_sub(1))) {
        *prompt = self::prompt(line_of(candidate));
    }
}

/// The palette's line with this text.
pub(in crate::app) fn prompt(text: impl Into<String>) -> Prompt {
    let kind = PromptKind::Palette {
        history_index: 0,
        cursor: 0,
    };
    Prompt::new(kind, text)
}

/// A candidate as a line to go on with: with a blank where it takes an argument.
fn line_of(candidate: &Candidate) -> String {
    let blank = if candidate.is_whole() { "" } else { " " };
    format!("{}{blank}", candidate.line)
}

/// `Down` and `Up`: the cursor among the candidates; above the first of them lie the lines that were run before.
pub(in crate::app) fn step(prompt: &mut Prompt, found: &[Candidate], lines: &[String], by: isize) {
    let PromptKind::Palette {
        history_index,
        cursor,
    } = &mut prompt.kind
    else {
        return;
    };
    if *history_index > 0 || (by < 0 && *cursor == 0) {
        // Lines run before, further back or nearer.
        *cursor = 0;
        *history_index = history_index.saturating_add_signed(-by).min(lines.len());
        let at = lines.len().checked_sub(*history_index);
        let line = at.and_then(|at| lines.get(at));
        prompt.input = Input::new(line.cloned().unwrap_or_default());
    } else {
        let last = found.len().saturating_sub(1);
        *cursor = cursor.saturating_add_signed(by).min(last);
    }
}

/// What `Enter` leads to.
pub(in crate::app) enum Submitted {
    /// Nothing.
    Nothing,
    /// This line is run.
    Run(String),
    /// The line becomes this one, which takes an argument.
    Continue(String),
}

/// `Enter`: the candidate that the cursor was moved to; else the line where that is a command, and else the candidate
/// whose name fits best. One that takes an argument asks for it.
pub(in crate::app) fn submit(found: &[Candidate], typed: &str, cursor: usize) -> Submitted {
    // The candidates are those of the line as it stands, a blank at its end included.
    let typed = typed.trim();
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
        (true, 0) => return Submitted::Nothing,
        (_, 1..) => found.get(cursor.min(found.len().saturating_sub(1))),
        (false, 0) if known => None,
        (false, 0) => found.first().filter(|candidate| {
            // What merely has the word in its help was not meant.
            fits_by_name(typed, candidate)
        }),
    };
    match chosen {
        None => Submitted::Run(typed.to_owned()),
        Some(candidate) if candidate.is_whole() => Submitted::Run(candidate.line.clone()),
        Some(candidate) => Submitted::Continue(line_of(candidate)),
    }
}
