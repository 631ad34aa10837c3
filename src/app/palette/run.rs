//! Runs a line of the palette.

use super::commands::COMMANDS;
use crate::action::Action;
use crate::app::{
    check,
    command::Command,
    effect::{Effect, OutputEffect},
    handoff, mark_sets, marks,
    model::{Model, Split},
    mouse, news,
    notice::Severity,
    overlay::Overlay,
    refresh, scope, search, tools, tour,
};
use std::path::PathBuf;
use strum::IntoEnumIterator;

/// What follows the first word, blanks and all.
fn argument(line: &str) -> &str {
    line.split_once(char::is_whitespace)
        .map_or("", |(_, rest)| rest)
}

/// Runs a line.
pub fn run(model: &mut Model, line: &str) -> Vec<Effect> {
    if line.is_empty() {
        return Vec::new();
    }
    let now = model.now.since_start;
    if !check::contains_secret(line) {
        model.workspace.history.remember_command(line);
    }
    if let Ok(action) = line.parse::<Action>() {
        model.commands.push(Command::Act(action));
        return Vec::new();
    }
    let mut words = line.split_whitespace();
    let command = (
        words.next(),
        words.next(),
        words.collect::<Vec<_>>().join(" "),
    );
    match (command.0, command.1, &command.2[..]) {
        (Some("marks"), None, _) => {
            marks::notify_marks(&mut model.workspace_update());
            if let Some(text) = mark_sets::listed(model.context()) {
                model.notices.push(Severity::Info, text, None, now);
            }
        }
        (Some("marks"), Some(verb @ ("save" | "load" | "keep" | "delete")), name) => {
            return match mark_sets::command(&mut model.workspace_update(), verb, name) {
                Some(effects) => effects,
                None => unknown(model, line),
            };
        }
        (Some("marks"), Some("read"), file) if !file.is_empty() => {
            return vec![Effect::Output(OutputEffect::ReadMarks(PathBuf::from(file)))];
        }
        (Some("marks"), Some("write"), file) if !file.is_empty() => {
            let keys = model
                .workspace
                .marks
                .iter()
                .map(|handle| model.data.table.key(handle))
                .collect();
            return vec![Effect::Output(OutputEffect::WriteMarks {
                path: PathBuf::from(file),
                keys,
            })];
        }
        (Some("check"), Some(kind), _) => {
            let value = argument(argument(line).trim_start()).trim();
            return check::command(&mut model.overlay_update(), kind, value);
        }
        (Some("profile"), name, "") => return scope::command(&mut model.workspace_update(), name),
        (Some("view"), _, _) => {
            let Split {
                views, mut update, ..
            } = model.split();
            return views.command(&mut update, argument(line));
        }
        (Some("sort"), _, _) => search::command(&mut model.workspace_update(), argument(line)),
        (Some("seen"), None, _) => model.commands.push(Command::Act(Action::NewsSeen)),
        (Some("seen"), Some("undo"), "") if model.news.is_on() => {
            return news::looked(&model.news, true).into_iter().collect();
        }
        (Some("watch"), word, "") if model.news.is_on() => {
            let (desk, mut update) = model.split_news();
            news::watch(desk, &mut update, word);
        }
        (Some("refresh"), Some(word), "") => refresh::command(model, word),
        (Some("mouse"), Some(word), "") => {
            return mouse::command(model, word).unwrap_or_else(|| unknown(model, line));
        }
        (Some("run"), Some(name), "") => return run_command(model, name, line),
        (Some("handoff"), _, _) => {
            return handoff::command(&mut model.split().update, argument(line).trim());
        }
        (Some("rejects"), None, _) => model.overlays.push(Overlay::Rejects { scroll: 0 }),
        (Some("team"), None, _) if model.access.team.is_some() => {
            model.overlays.push(Overlay::Team { scroll: 0 });
        }
        (Some("team"), None, _) => {
            let text = "the journal is this host's own: no team store is configured";
            let hint = Some("[store] in the configuration; :help teams".to_owned());
            model.notices.push(Severity::Info, text, hint, now);
        }
        (Some("tour"), None, _) if tour::can_be_done(model.context()) => {
            // Once more ends it.
            model.tour = model.tour.map_or(Some(0), |_| None);
        }
        (Some("tour"), None, _) => model.overlays.push(Overlay::Tour { card: 0 }),
        (Some("q" | "quit"), None, _) => model.commands.push(Command::Act(Action::Quit)),
        _ => return unknown(model, line),
    }
    Vec::new()
}

/// A program of the operator's own, by its name.
fn run_command(model: &mut Model, name: &str, line: &str) -> Vec<Effect> {
    let mut commands = model.setup.commands.iter();
    let Some(at) = commands.position(|command| command.name == name) else {
        return unknown(model, line);
    };
    let (prompt, effects) = tools::start(&mut model.split().update, at);
    if prompt.is_some() {
        model.prompt = prompt;
    }
    effects
}

/// There is no such command; the nearest one is named.
fn unknown(model: &mut Model, line: &str) -> Vec<Effect> {
    let names = COMMANDS.iter().map(|(name, _, _)| *name);
    let all = names.chain(Action::iter().map(Into::into));
    let hint = match crate::config::suggest::suggest(line, all).first() {
        Some(near) => format!("did you mean :{near}?"),
        None => "Tab completes; ? lists the keys".into(),
    };
    let (text, now) = ("there is no such command", model.now.since_start);
    model.notices.push(Severity::Error, text, Some(hint), now);
    Vec::new()
}
