//! From arguments to [`Arguments`]; what is wrong with them in the form of every other failure.

use super::{
    Arguments, Command,
    failure::{Failure, FailureKind},
    version,
};
use crate::entity::visible::escape;
use clap::{CommandFactory as _, FromArgMatches as _, error::ErrorKind};
use std::ffi::OsString;

/// Why nothing is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EarlyExit {
    /// Help or the version was asked for: this is the result.
    Show(String),
    /// The arguments are wrong.
    UsageError(Failure),
}

/// Reads the arguments, the first of which is the program's name.
pub fn parse(arguments: &[OsString]) -> Result<Arguments, EarlyExit> {
    let parsed = Arguments::command()
        .try_get_matches_from(arguments)
        .and_then(|matches| Arguments::from_arg_matches(&matches))
        .map_err(|error| match error.kind() {
            ErrorKind::DisplayVersion
                if leading_arguments(arguments).any(|option| option == "--verbose") =>
            {
                EarlyExit::Show(version::verbose())
            }
            _ => early_exit(&error),
        })?;
    if parsed.command.is_some() && parsed.console.filter.is_some() {
        return Err(usage_error(
            "--filter before a command is the console's",
            "put it behind the command",
        ));
    }
    if parsed.command.is_some() && !parsed.console.paths.is_empty() {
        return Err(usage_error(
            "a PATH before a command is the console's",
            "a command reads files with --from PATH; write a file of a command's name as ./NAME",
        ));
    }
    // clap keeps the options of one side of a command only, and would drop a profile without a word.
    if profile_option_count(arguments) != parsed.options.profiles.len() {
        return Err(usage_error(
            "--profile stands before and behind the command",
            "put all of them on one side",
        ));
    }
    if let Some(Command::Check(check)) = &parsed.command
        && let Some((message, hint)) = check.refusal()
    {
        return Err(usage_error(&message, &hint));
    }
    Ok(parsed)
}

fn usage_error(message: &str, hint: &str) -> EarlyExit {
    EarlyExit::UsageError(Failure::new(FailureKind::Usage, message, hint))
}

fn profile_option_count(arguments: &[OsString]) -> usize {
    leading_arguments(arguments)
        .filter(|argument| *argument == "--profile" || argument.starts_with("--profile="))
        .count()
}

/// The arguments in front of `--`.
fn leading_arguments(arguments: &[OsString]) -> impl Iterator<Item = &str> {
    arguments
        .iter()
        .map(|argument| argument.to_str().unwrap_or_default())
        .take_while(|argument| *argument != "--")
}

/// Whether errors are wanted as JSON: asked of the bare arguments, which may not even be right.
pub(super) fn wants_json(arguments: &[OsString]) -> bool {
    let mut before = "";
    leading_arguments(arguments).any(|argument| {
        let value = if before == "--format" {
            argument
        } else {
            argument.strip_prefix("--format=").unwrap_or_default()
        };
        before = argument;
        matches!(value, "json" | "jsonl")
    })
}

/// Whether CSV on standard output is to begin with a byte order mark: asked in the same way.
pub(super) fn wants_byte_order_mark(arguments: &[OsString]) -> bool {
    let mut before = "";
    leading_arguments(arguments).any(|argument| {
        let wanted = (before == "--bom" && argument == "yes") || argument == "--bom=yes";
        before = argument;
        wanted
    })
}

/// clap's words, in our form: what is wrong in one line, then what to do.
fn early_exit(error: &clap::Error) -> EarlyExit {
    let text = error.render().to_string();
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        return EarlyExit::Show(text);
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let commands = text
            .lines()
            .skip_while(|line| *line != "Commands:")
            .skip(1)
            .take_while(|line| !line.is_empty())
            .filter_map(|line| line.split_whitespace().next())
            .collect::<Vec<_>>()
            .join(", ");
        return usage_error("a command is missing here", &format!("one of: {commands}"));
    }
    let line = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        escape(words.join(" ").as_bytes()).as_str().to_owned()
    };
    let mut paragraphs = text.split("\n\n");
    let message = paragraphs
        .next()
        .map(|first| line(first.trim_start_matches("error: ")))
        .unwrap_or_default();
    let tip = paragraphs.find_map(|paragraph| paragraph.trim().strip_prefix("tip: ").map(line));
    let usage = text
        .lines()
        .find_map(|usage| usage.strip_prefix("Usage: "))
        .map(|usage| format!("usage: {}", line(usage)));
    let hint = tip.or(usage).unwrap_or_else(|| "stanch --help".to_owned());
    usage_error(&message, &hint)
}
