//! `stanch help`: the pages of the guide on a terminal, and the help of commands.

mod render;

use super::{
    context::CommandContext,
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption},
};
use crate::{
    config::suggest::suggest,
    entity::visible::escape,
    export::json,
    guide::{self, PAGES, Page},
};
use clap::CommandFactory as _;
use serde::Serialize;
use std::{fmt::Write as _, io::IsTerminal as _};

/// Lines are not longer, however wide the terminal is: longer ones are hard to read.
const WIDEST: usize = 100;
/// Nor shorter.
const NARROWEST: usize = 30;
/// The columns of what is no terminal.
const USUAL: usize = 80;

/// `stanch help`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// A topic of the guide, or the words of a command; none lists the topics.
    #[arg(value_name = "TOPIC")]
    pub topic: Vec<String>,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

#[derive(Serialize)]
struct Topic<'a> {
    topic: &'a str,
    about: &'a str,
    /// Markdown; of a topic that was asked for.
    text: Option<&'a str>,
}

impl<'a> Topic<'a> {
    fn of(page: &'a Page, text: Option<&'a str>) -> Self {
        Self {
            topic: page.name,
            about: page.about,
            text,
        }
    }
}

/// Prints a page, the help of a command, or the list of topics.
pub fn run(session: &mut CommandContext, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let format = arguments.format.format;
    if arguments.topic.is_empty() {
        list(session, format);
        return Ok(ExitCode::Done);
    }
    let name = arguments.topic.join("-").to_lowercase();
    if let Some(page) = guide::page(&name) {
        match format {
            Format::Json => {
                let topic = Topic::of(page, Some(page.text));
                session.output.json(&json::answer("help", topic));
            }
            Format::Table => {
                let text = render::render(page.text, columns(session), session.output.ascii);
                session.output.text(&text);
            }
        }
        return Ok(ExitCode::Done);
    }
    let Some(text) = of_command(&arguments.topic) else {
        return Err(unknown(&arguments.topic));
    };
    match format {
        Format::Json => {
            let topic = Topic {
                topic: &arguments.topic.join(" "),
                about: "a command",
                text: Some(&text),
            };
            session.output.json(&json::answer("help", topic));
        }
        Format::Table => session.output.text(&text),
    }
    Ok(ExitCode::Done)
}

fn list(session: &mut CommandContext, format: Format) {
    if format == Format::Json {
        let topics: Vec<_> = PAGES.iter().map(|page| Topic::of(page, None)).collect();
        session.output.json(&json::answer("help", topics));
        return;
    }
    let mut text = String::from(
        "stanch help TOPIC shows a page of the guide, stanch help COMMAND a command.\n\n",
    );
    for page in PAGES {
        let _ = writeln!(text, "  {:16} {}", page.name, page.about);
    }
    session.output.text(&text);
}

/// The columns that a page may take.
fn columns(session: &CommandContext) -> usize {
    let named = session
        .environment
        .get("COLUMNS")
        .and_then(|columns| columns.to_str()?.parse::<usize>().ok());
    let terminal = || {
        let shown = session.environment.is_process_environment() && std::io::stdout().is_terminal();
        let size = shown.then(|| rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok());
        size.flatten().map(|size| usize::from(size.ws_col))
    };
    named
        .or_else(terminal)
        .filter(|columns| *columns > 0)
        .unwrap_or(USUAL)
        .clamp(NARROWEST, WIDEST)
}

/// The help of a command by its words, if there is such a command.
fn of_command(words: &[String]) -> Option<String> {
    let mut command = super::Arguments::command();
    command.build();
    let mut found = &mut command;
    for word in words {
        found = found.find_subcommand_mut(word)?;
    }
    Some(found.render_long_help().to_string())
}

fn unknown(words: &[String]) -> Failure {
    let given = words.join(" ");
    let command = super::Arguments::command();
    let commands = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(clap::Command::get_name);
    let close = suggest(&given, PAGES.iter().map(|page| page.name).chain(commands));
    let hint = if close.is_empty() {
        "stanch help lists the topics, stanch --help the commands".to_owned()
    } else {
        format!("did you mean {}?", close.join(" or "))
    };
    let given = escape(given.as_bytes());
    let message = format!("there is no help on {}", given.as_str());
    Failure::new(FailureKind::Usage, message, hint)
}
