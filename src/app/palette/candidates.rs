//! What the palette's line could become: commands, actions, names of profiles, views and sets of marks.

use super::commands::COMMANDS;
use crate::{
    action::{Action, Focus},
    app::{availability, input, model::Model},
};
use std::collections::HashMap;
use strum::IntoEnumIterator as _;

/// A line that the palette offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What to run, or the beginning of it where it takes an argument.
    pub line: String,
    /// What it takes, such as `NAME`; empty for nothing.
    pub argument: &'static str,
    /// What it does.
    pub help: &'static str,
    /// Its keys.
    pub keys: String,
    /// Why it cannot be done now.
    pub unavailable: Option<String>,
}

impl Candidate {
    fn new(line: impl Into<String>, argument: &'static str, help: &'static str) -> Self {
        Self {
            line: line.into(),
            argument,
            help,
            keys: String::new(),
            unavailable: None,
        }
    }

    /// Whether it runs as it stands.
    pub fn is_whole(&self) -> bool {
        self.argument.is_empty() || self.line == "profile"
    }
}

/// What a line could become, the likeliest first: by how well the name fits, then by how recently it was run. Without a
/// line, everything.
pub fn candidates(model: &Model, text: &str) -> Vec<Candidate> {
    let text = text.trim_start().to_lowercase();
    let history = &model.workspace.history.commands;
    let recent: HashMap<&str, usize> = history
        .iter()
        .enumerate()
        .map(|(at, line)| (&line[..], at + 1))
        .collect();
    let mut found: Vec<(Fit, usize, Candidate)> = everything(model)
        .into_iter()
        .filter_map(|candidate| {
            let fit = fit(&text, &candidate)?;
            let run = recent.get(&candidate.line[..]).copied().unwrap_or(0);
            Some((fit, run, candidate))
        })
        .collect();
    // Sorts that keep what is alike in its order: commands before actions, each in the order of its list.
    found.sort_by(|one, two| one.0.cmp(&two.0).then(two.1.cmp(&one.1)));
    found
        .into_iter()
        .map(|(_, _, candidate)| candidate)
        .collect()
}

/// How well a candidate fits, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// Its name begins so.
    Begins,
    /// A word of its name begins so.
    Word,
    /// Its name has that.
    Holds,
    /// Its name has these letters in this order, over so many characters.
    Letters(usize),
    /// Its help has that.
    Help,
}

/// What the command does that a line begins with, where more than that is typed: an argument that nothing completes.
pub fn begun(text: &str) -> Option<&'static str> {
    let text = text.trim_start().to_lowercase();
    let commands = COMMANDS.iter().filter(|(name, argument, _)| {
        let rest = text.strip_prefix(*name);
        !argument.is_empty() && rest.is_some_and(|rest| rest.starts_with(' '))
    });
    let longest = commands.max_by_key(|(name, ..)| name.len());
    longest.map(|(_, _, help)| *help)
}

/// Whether a line fits the name of a candidate, not its help alone.
pub(super) fn fits_by_name(text: &str, candidate: &Candidate) -> bool {
    let fit = fit(&text.trim_start().to_lowercase(), candidate);
    fit.is_some_and(|fit| fit < Fit::Help)
}

fn fit(text: &str, candidate: &Candidate) -> Option<Fit> {
    let name = &candidate.line;
    if name.starts_with(text) {
        return Some(Fit::Begins);
    }
    let mut words = name.split([' ', '-']);
    if words.any(|word| word.starts_with(text)) {
        return Some(Fit::Word);
    }
    if name.contains(text) {
        return Some(Fit::Holds);
    }
    letters(text, name).map(Fit::Letters).or_else(|| {
        candidate
            .help
            .to_lowercase()
            .contains(text)
            .then_some(Fit::Help)
    })
}

/// Over how many characters of a name the letters of a text lie in their order; `None` where they do not. The first
/// letter begins a word: else nearly every name would fit.
fn letters(text: &str, name: &str) -> Option<usize> {
    let wanted: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let name: Vec<char> = name.chars().collect();
    let first = *wanted.first()?;
    let begins = |at: usize| at == 0 || matches!(name[at - 1], ' ' | '-');
    (0..name.len())
        .filter(|at| name[*at] == first && begins(*at))
        .filter_map(|start| {
            let mut at = start;
            for letter in wanted.get(1..)? {
                at += 1 + name.get(at + 1..)?.iter().position(|c| c == letter)?;
            }
            Some(at - start)
        })
        .min()
}

fn everything(model: &Model) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = COMMANDS
        .iter()
        .map(|(name, argument, help)| Candidate::new(*name, argument, help))
        .collect();
    found.extend(model.data.profiles.iter().map(|state| {
        let name = format!("profile {}", state.profile.binding.name);
        Candidate::new(name, "", "Show what this profile has.")
    }));
    found.extend(model.views.all().map(|view| {
        let name = format!("view {}", view.name);
        Candidate::new(name, "", "Show this saved view.")
    }));
    found.extend(model.workspace.mark_sets.iter().flat_map(|(name, _)| {
        [
            ("load", "Mark what was kept under this name."),
            ("keep", "Keep only those marks that this set has, too."),
            ("delete", "Delete this set of marks."),
        ]
        .map(|(verb, help)| Candidate::new(format!("marks {verb} {name}"), "", help))
    }));
    found.extend(model.setup.commands.iter().map(|command| Candidate {
        keys: command.keys_text(),
        ..Candidate::new(
            format!("run {}", command.name),
            "",
            "Run this program on the marked leaks.",
        )
    }));
    found.extend(["on", "off"].map(|word| {
        let help = if word == "on" {
            "Let the wheel scroll, a click choose and sort, a drag mark."
        } else {
            "Leave the mouse to the terminal."
        };
        Candidate::new(format!("mouse {word}"), "", help)
    }));
    found.extend(sort_keys());
    let bound = model.setup.keymap.effective(input::contexts(model));
    let actions = Action::iter().filter(|action| {
        !is_elsewhere_only(*action) && availability::is_offered(model.context(), *action)
    });
    found.extend(actions.map(|action| {
        let keys: Vec<&str> = bound
            .iter()
            .filter(|(_, other)| *other == action)
            .map(|(keys, _)| &keys[..])
            .collect();
        Candidate {
            keys: keys.join(" "),
            unavailable: availability::availability(model, action).err(),
            ..Candidate::new(action.to_string(), "", action.help())
        }
    }));
    found
}

/// Sort keys, as arguments of `:sort`.
fn sort_keys() -> impl Iterator<Item = Candidate> {
    crate::table::SortField::iter().flat_map(|field| {
        ["", "-"].map(|minus| {
            let help = if minus.is_empty() {
                "Sort by this, the least first."
            } else {
                "Sort by this, the greatest first."
            };
            Candidate::new(format!("sort {minus}{field}"), "", help)
        })
    })
}

/// Whether an action means nothing in the panes, where the palette is opened, or is a key of the palette itself.
fn is_elsewhere_only(action: Action) -> bool {
    matches!(action.requirement().focus, Focus::Plan | Focus::List)
        || matches!(action, Action::Interrupt | Action::Palette)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_fit_from_the_beginning_of_a_word() {
        assert_eq!(letters("mfx", "mark-fixed"), Some(7));
        assert_eq!(letters("fx", "mark-fixed"), Some(2));
        assert_eq!(letters("arkf", "mark-fixed"), None);
        assert_eq!(letters("xf", "mark-fixed"), None);
    }
}
