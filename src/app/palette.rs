//! The command palette: every action by its name, and a few commands that take an argument.

use super::{
    availability, check,
    command::Command,
    effect::{Effect, OutputEffect},
    marks,
    model::{Model, Split},
    notice::Severity,
    overlay::Overlay,
    prompt::{Prompt, PromptKind},
    scope, search,
};
use crate::action::{Action, Focus};
use std::path::PathBuf;
use strum::IntoEnumIterator;
use tui_input::Input;

/// Commands beside the actions: name, argument, help.
pub const COMMANDS: &[(&str, &str, &str)] = &[
    (
        "marks",
        "",
        "Say how many leaks are marked, hidden and gone.",
    ),
    (
        "marks save",
        "NAME",
        "Keep the marks under a name for this session.",
    ),
    ("marks load", "NAME", "Mark what was kept under a name."),
    ("marks read", "FILE", "Mark the keys of a file, one a line."),
    (
        "marks write",
        "FILE",
        "Write the keys of the marks to a new file.",
    ),
    (
        "check email",
        "ADDRESS",
        "Ask what is known to be leaked of an address.",
    ),
    (
        "check domain",
        "NAME",
        "Ask what is known to be leaked of a domain.",
    ),
    (
        "check password",
        "",
        "Ask whether a password was leaked: hidden, five characters of its hash leave.",
    ),
    (
        "check card",
        "",
        "Ask whether a card number was leaked: typed hidden.",
    ),
    (
        "check ssn",
        "",
        "Ask about the last four digits of a number: typed hidden.",
    ),
    (
        "profile",
        "NAME",
        "Show what one profile has; without a name, say which there are.",
    ),
    ("profile all", "", "Show what all profiles have."),
    ("view", "NAME", "Show a saved view."),
    (
        "view save",
        "NAME",
        "Keep filter, sort, grouping and columns under a name.",
    ),
    ("view list", "", "List the saved views."),
    ("view delete", "NAME", "Delete a saved view."),
    (
        "view export",
        "FILE",
        "Write the saved views to a new file (TOML).",
    ),
    (
        "view import",
        "FILE",
        "Take in the views of such a file that are not here yet.",
    ),
    (
        "sort",
        "KEYS",
        "Sort by keys such as status -seen; a minus turns one round.",
    ),
    ("tour", "", "Walk through the console in a minute."),
];

/// A line that can be completed: what to type, and what it does.
pub fn candidates(model: &Model, text: &str) -> Vec<(String, &'static str)> {
    let text = text.trim_start().to_lowercase();
    let commands = COMMANDS
        .iter()
        .map(|(name, _, help)| ((*name).to_owned(), *help));
    let actions = Action::iter()
        .filter(|action| {
            !is_elsewhere_only(*action) && availability::is_offered(model.context(), *action)
        })
        .map(|action| (action.to_string(), action.help()));
    let profiles = model.data.profiles.iter().map(|state| {
        let name = format!("profile {}", state.profile.binding.name);
        (name, "Show what this profile has.")
    });
    let views = model.views.saved.iter().map(|view| {
        let name = format!("view {}", view.name);
        (name, "Show this saved view.")
    });
    let all: Vec<_> = commands
        .chain(profiles)
        .chain(views)
        .chain(actions)
        .collect();
    let starts: Vec<_> = all
        .iter()
        .filter(|(name, _)| name.starts_with(&text))
        .cloned()
        .collect();
    let holds = all.into_iter().filter(|(name, help)| {
        !name.starts_with(&text) && (name.contains(&text) || help.to_lowercase().contains(&text))
    });
    starts.into_iter().chain(holds).collect()
}

/// Whether an action means nothing in the panes, where the palette is opened, or is a key of the palette itself.
fn is_elsewhere_only(action: Action) -> bool {
    matches!(action.requirement().focus, Focus::Plan | Focus::List)
        || matches!(action, Action::Interrupt | Action::Palette)
}

/// Tab: the line becomes the first that it could be.
pub fn complete(model: &mut Model) {
    let Some(prompt) = &model.prompt else { return };
    if !matches!(prompt.kind, PromptKind::Palette { .. }) {
        return;
    }
    let first = candidates(model, prompt.input.value()).into_iter().next();
    if let (Some((text, _)), Some(prompt)) = (first, &mut model.prompt) {
        prompt.input = Input::new(text);
    }
}

/// Up and down: lines typed before.
pub fn history(model: &mut Model, by: isize) {
    let lines = &model.palette_history;
    let Some(Prompt {
        kind: PromptKind::Palette { back },
        input,
        ..
    }) = &mut model.prompt
    else {
        return;
    };
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

/// What follows the first word, blanks and all.
fn rest_of(line: &str) -> &str {
    line.split_once(char::is_whitespace)
        .map_or("", |(_, rest)| rest)
}

/// Runs a line.
pub fn run(model: &mut Model, line: &str) -> Vec<Effect> {
    if line.is_empty() {
        return Vec::new();
    }
    let now = model.now.since_start;
    if !check::holds_secret(line) {
        model.palette_history.retain(|other| other != line);
        model.palette_history.push(line.to_owned());
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
        (Some("marks"), None, _) => marks::say(&mut model.workspace_update()),
        (Some("marks"), Some("save"), name) if !name.is_empty() => {
            let text = format!("{} marks kept as {name}", model.workspace.marks.len());
            model
                .workspace
                .named_marks
                .insert(name.to_owned(), model.workspace.marks.clone());
            model.notices.push(Severity::Info, text, None, now);
        }
        (Some("marks"), Some("load"), name) if !name.is_empty() => {
            match model.workspace.named_marks.get(name).cloned() {
                Some(kept) => marks::replace(&mut model.workspace_update(), kept),
                None => model.notices.push(
                    Severity::Error,
                    "no marks are kept under that name",
                    Some(":marks save NAME keeps them".into()),
                    now,
                ),
            }
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
            let value = rest_of(rest_of(line).trim_start()).trim();
            return check::command(&mut model.overlay_update(), kind, value);
        }
        (Some("profile"), name, "") => return scope::command(&mut model.workspace_update(), name),
        (Some("view"), _, _) => {
            let Split {
                views, mut update, ..
            } = model.split();
            return views.command(&mut update, rest_of(line));
        }
        (Some("sort"), _, _) => search::command(&mut model.workspace_update(), rest_of(line)),
        (Some("tour"), None, _) => model.overlays.push(Overlay::Tour { card: 0 }),
        (Some("q" | "quit"), None, _) => model.commands.push(Command::Act(Action::Quit)),
        _ => {
            let hint = match crate::config::nearest::nearest(
                line,
                COMMANDS
                    .iter()
                    .map(|(name, _, _)| *name)
                    .chain(Action::iter().map(Into::into)),
            )
            .first()
            {
                Some(near) => format!("did you mean :{near}?"),
                None => "Tab completes; ? lists the keys".into(),
            };
            model
                .notices
                .push(Severity::Error, "there is no such command", Some(hint), now);
        }
    }
    Vec::new()
}
