//! What the help lists: the keymap in force and the actions' own words.

use super::{availability, input, model::Model, overlay::Overlay};
use crate::{
    action::{Action, Category},
    filter::LANGUAGE,
};
use strum::IntoEnumIterator;

/// A line of help: a chapter, keys and what they do, and why it cannot be done now, or a form of the filter language.
pub enum Entry {
    /// The chapter of the filter language.
    Language,
    /// The chapter of the keys that are no matter of the keymap.
    Answers,
    /// What can be written in a filter, and what it takes; or such a key, and what it does.
    Form(&'static str, &'static str),
    /// A chapter.
    Chapter(Category),
    /// Keys, what they do, and why not now.
    Keys(String, Action, Option<String>),
}

/// What help lists, narrowed by a search.
pub fn entries(model: &Model, search: &str) -> Vec<Entry> {
    let contexts = input::contexts_below_help(model);
    let above = model.below_help();
    let bound = model.setup.keymap.effective(contexts);
    let search = search.to_lowercase();
    let mut entries = answers(above, &search);
    for category in Category::iter() {
        let mut chapter = Vec::new();
        for action in Action::iter().filter(|action| {
            let does = above.is_none_or(|overlay| overlay.takes(*action));
            action.category() == category && does && availability::is_offered(model, *action)
        }) {
            let keys: Vec<_> = bound
                .iter()
                .filter(|(_, other)| *other == action)
                .map(|(keys, _)| keys.clone())
                .collect();
            let name = action.to_string();
            let hit = search.is_empty()
                || name.contains(&search)
                || action.help().to_lowercase().contains(&search)
                || keys.iter().any(|key| key.to_lowercase().contains(&search));
            if keys.is_empty() || !hit {
                continue;
            }
            chapter.push(Entry::Keys(
                keys.join(" "),
                action,
                availability::under(model, above, action).err(),
            ));
        }
        if !chapter.is_empty() {
            entries.push(Entry::Chapter(category));
            entries.append(&mut chapter);
        }
    }
    // Above the panes no filter is typed.
    if above.is_none() {
        entries.extend(language(&search));
    }
    entries
}

/// The keys of an overlay that are no matter of the keymap.
fn answers(above: Option<&Overlay>, search: &str) -> Vec<Entry> {
    let answers = above.map_or(&[][..], Overlay::answers);
    let hits = answers.iter().filter(|(keys, what)| {
        search.is_empty() || keys.contains(search) || what.to_lowercase().contains(search)
    });
    let mut entries: Vec<Entry> = hits.map(|(keys, what)| Entry::Form(keys, what)).collect();
    if !entries.is_empty() {
        entries.insert(0, Entry::Answers);
    }
    entries
}

fn language(search: &str) -> Vec<Entry> {
    let hits = LANGUAGE.iter().filter(|(form, what)| {
        search.is_empty()
            || "filter".contains(search)
            || form.to_lowercase().contains(search)
            || what.to_lowercase().contains(search)
    });
    let mut entries: Vec<Entry> = hits.map(|(form, what)| Entry::Form(form, what)).collect();
    if !entries.is_empty() {
        entries.insert(0, Entry::Language);
    }
    entries
}
