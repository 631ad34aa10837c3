//! The key table as Markdown, made from the keymap and the help of the actions: what stands in the guide between
//! [`BEGIN`] and [`END`].

use super::keymap::{Context, Keymap};
use crate::action::{Action, Category};
use std::fmt::Write as _;
use strum::IntoEnumIterator;

/// The line before the table.
pub const BEGIN: &str = "<!-- keys -->";
/// The line after the table.
pub const END: &str = "<!-- /keys -->";

/// Every action that has a key, by chapter.
pub fn markdown(keymap: &Keymap) -> String {
    let mut out = String::from("| Keys | |\n|---|---|\n");
    for category in Category::iter() {
        let rows: Vec<(String, Action)> = Action::iter()
            .filter(|action| action.category() == category)
            .map(|action| (key_text(keymap, action), action))
            .filter(|(keys, _)| !keys.is_empty())
            .collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(out, "| **{category}** | |");
        for (keys, action) in rows {
            let _ = writeln!(out, "| {keys} | {} |", action.help());
        }
    }
    out
}

/// Every action's keys as plain lines: for a terminal.
pub fn key_lines(keymap: &Keymap) -> Vec<(Category, Vec<String>, Action)> {
    Action::iter()
        .map(|action| (action.category(), all_keys(keymap, action), action))
        .collect()
}

fn all_keys(keymap: &Keymap, action: Action) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for (keys, _) in Context::iter()
        .flat_map(|context| keymap.bindings(context))
        .filter(|(_, bound)| *bound == action)
    {
        if !all.contains(&keys) {
            all.push(keys);
        }
    }
    all
}

fn key_text(keymap: &Keymap, action: Action) -> String {
    let keys: Vec<String> = all_keys(keymap, action)
        .into_iter()
        .map(|keys| format!("`{}`", keys.replace('|', "\\|")))
        .collect();
    keys.join(" ")
}
