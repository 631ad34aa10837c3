//! Programs of the operator's own: `|` and a line, or a command of `[commands]` by its keys or by `:run NAME`. They take
//! the marked leaks, or the one under the cursor, as JSON Lines without secrets.

use super::{
    effect::{Effect, ToolEffect},
    message::ToolEnd,
    model::{Context, FeatureUpdate},
    notice::Severity,
    prompt::{Prompt, PromptKind},
    targets,
};
use crate::{
    app::permission,
    config::commands::UserCommand,
    entity::{leak::Leak, number::group_digits, visible::escape},
};
use std::sync::Arc;

/// What a program will be run on, in words.
fn about(context: Context<'_>) -> (usize, String) {
    let (rows, words) = targets::targets(context);
    let words = if rows.len() == 1 {
        "this leak".to_owned()
    } else {
        words
    };
    (rows.len(), words)
}

/// Opens the line for `|`.
pub(super) fn open_pipe(context: Context<'_>) -> Prompt {
    let (_, words) = about(context);
    let mut prompt = Prompt::new(PromptKind::Pipe, "");
    prompt.description = Some(format!(
        "{words} as JSON Lines, without secrets, to a program (no shell)"
    ));
    prompt
}

/// Divides a line into words: at blanks that are not in quotes.
///
/// # Errors
/// A quote has no end.
pub fn words(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"') | None, '\\') => {
                word.get_or_insert_default()
                    .extend(characters.next().or(Some('\\')));
            }
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote has no end");
    }
    words.extend(word);
    Ok(words)
}

/// The line behind `|` was typed.
pub(super) fn pipe(update: &mut FeatureUpdate<'_>, line: &str) -> Vec<Effect> {
    let words = match words(line) {
        Ok(words) if !words.is_empty() => words,
        Ok(_) => return Vec::new(),
        Err(why) => {
            update.notify(Severity::Error, why, None);
            return Vec::new();
        }
    };
    let leaks = leaks(update.context);
    vec![Effect::Tools(ToolEffect::Run {
        name: "pipe".to_owned(),
        words,
        leaks,
        audited: false,
    })]
}

fn leaks(context: Context<'_>) -> Arc<Vec<Leak>> {
    let (rows, _) = targets::targets(context);
    let rows = rows.iter().map(|row| context.data.table.leak(*row));
    Arc::new(rows.collect())
}

/// A command was asked for: run, or asked about first.
pub(super) fn start(update: &mut FeatureUpdate<'_>, at: usize) -> (Option<Prompt>, Vec<Effect>) {
    let context = update.context;
    let Some(command) = context.setup.commands.get(at) else {
        return (None, Vec::new());
    };
    if let Some(why) = refused(context) {
        update.notify(Severity::Error, why, None);
        return (None, Vec::new());
    }
    let (count, words) = about(context);
    if count == 0 {
        let why = "no leak is marked or under the cursor";
        update.notify(Severity::Info, why, None);
        return (None, Vec::new());
    }
    if !command.confirm {
        return (None, run(context, command));
    }
    let mut prompt = Prompt::new(PromptKind::RunCommand(at), "");
    prompt.description = Some(format!(
        "run {} ({}) on {words}?",
        command.name,
        shown(command)
    ));
    (Some(prompt), Vec::new())
}

/// Why no command may run now: what it does elsewhere is a change, and it has to stand in the audit log.
fn refused(context: Context<'_>) -> Option<String> {
    if context.access.write_lock {
        return Some("writes are locked in this console: % unlocks them".to_owned());
    }
    permission::journal_unwritable(context)
}

/// The answer to the question was typed.
pub(super) fn answered(update: &mut FeatureUpdate<'_>, at: usize, answer: &str) -> Vec<Effect> {
    let context = update.context;
    match context.setup.commands.get(at) {
        Some(command) if matches!(answer, "y" | "yes") => run(context, command),
        _ => {
            update.notify(Severity::Info, "nothing was run", None);
            Vec::new()
        }
    }
}

fn run(context: Context<'_>, command: &UserCommand) -> Vec<Effect> {
    vec![Effect::Tools(ToolEffect::Run {
        name: command.name.clone(),
        words: command.command.clone(),
        leaks: leaks(context),
        audited: true,
    })]
}

/// The program of a command, as it is shown.
fn shown(command: &UserCommand) -> String {
    escape(command.command.join(" ").as_bytes())
        .as_str()
        .to_owned()
}

/// A program has ended, or was not run.
pub(super) fn on_ended(
    update: &mut FeatureUpdate<'_>,
    name: &str,
    result: Result<Box<ToolEnd>, String>,
) {
    let end = match result {
        Ok(end) => end,
        Err(why) => {
            update.notify(Severity::Error, format!("{name}: {why}"), None);
            return;
        }
    };
    let how = match end.code {
        Some(code) => format!("{name} ended with {code}"),
        None => format!("{name} was ended by a signal"),
    };
    let severity = if end.code == Some(0) {
        Severity::Info
    } else {
        Severity::Error
    };
    // One that succeeded and printed nothing may have said where its result is.
    let is_silent = end.out.trim_ascii().is_empty();
    let said = if end.code == Some(0) && !is_silent || end.err.is_empty() {
        &end.out
    } else {
        &end.err
    };
    let mut lines = said
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty());
    let first = lines.next().map(|line| escape(line).as_str().to_owned());
    let more = lines.count();
    let text = match (first, more) {
        (None, _) => how,
        (Some(first), 0) => format!("{how}: {first}"),
        (Some(first), 1) => format!("{how}: {first} (1 more line)"),
        (Some(first), more) => format!("{how}: {first} ({} more lines)", group_digits(more as u64)),
    };
    update.notify(severity, text, None);
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_line_is_divided_at_blanks_outside_of_quotes() {
        let of = |line: &str| words(line).unwrap();
        assert_eq!(of("jq -r .login"), ["jq", "-r", ".login"]);
        assert_eq!(of("  sh -c 'sort | uniq' "), ["sh", "-c", "sort | uniq"]);
        assert_eq!(of("a \"b c\"d '' \\ e"), ["a", "b cd", "", " e"]);
        assert!(of("").is_empty());
        assert!(words("a 'b").is_err());
    }
}
