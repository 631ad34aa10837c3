//! What the help lists: the keymap in force and the actions' own words.

use super::{availability, input, model::Model, overlay::Overlay};
use crate::{
    action::{Action, Category},
    filter::SYNTAX,
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

/// No help is wider, its frame included.
pub const MAX_WIDTH: u16 = 96;

/// Columns of its frame and of the blanks inside.
const FRAME_COLUMNS: u16 = 4;

/// Below this many columns inside, what keys do begins closer to the edge.
const MIN_WIDE_COLUMNS: usize = 60;

/// What a line of help is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// The title of a chapter.
    Title,
    /// Something that can be done, or written.
    Available,
    /// Something that cannot be done now.
    Unavailable,
}

/// A line of help as it stands on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpLine {
    /// Keys or a form, with the blanks around them; a title; on a further line nothing but blanks.
    pub head: String,
    /// What they do, as much of it as this line has room for.
    pub text: String,
    /// How it is drawn.
    pub kind: LineKind,
    /// What `Enter` does on it.
    pub action: Option<Action>,
}

/// What help lists, as lines on a screen of so many columns. What does not fit on one goes on below it: nothing that a
/// key does is cut off.
pub fn lines(model: &Model, search: &str, columns: u16) -> Vec<HelpLine> {
    // The first column inside is the cursor's.
    let room = usize::from(columns.min(MAX_WIDTH).saturating_sub(FRAME_COLUMNS + 1));
    let wide = room >= MIN_WIDE_COLUMNS;
    let (keys_end, forms_end) = if wide { (19, 25) } else { (12, 12) };
    let mut lines = Vec::new();
    for entry in entries(model, search) {
        match entry {
            Entry::Chapter(category) => lines.push(title_line(&category.to_string())),
            Entry::Answers => lines.push(title_line("Answers")),
            Entry::Language => lines.push(title_line("Filter language")),
            Entry::Form(form, what) => {
                push_wrapped(
                    &mut lines,
                    form,
                    (what, LineKind::Available),
                    (forms_end, room),
                    None,
                );
            }
            Entry::Keys(keys, action, None) => {
                let what = (action.help(), LineKind::Available);
                push_wrapped(&mut lines, &keys, what, (keys_end, room), Some(action));
            }
            Entry::Keys(keys, action, Some(why)) => {
                let words = format!("{} Unavailable: {why}.", action.help());
                let what = (&words[..], LineKind::Unavailable);
                push_wrapped(&mut lines, &keys, what, (keys_end, room), Some(action));
            }
        }
    }
    lines
}

/// The action of the line under the cursor of the topmost help.
pub fn chosen(model: &Model) -> Option<Action> {
    let (search, scroll) = model.overlay()?.help_search()?;
    let lines = lines(model, search, model.size.0);
    lines.get(scroll.min(lines.len().saturating_sub(1)))?.action
}

/// Where the cursor of the topmost help begins: on the first line that does something.
pub(super) fn first(model: &Model) -> usize {
    let Some((search, _)) = model.overlay().and_then(Overlay::help_search) else {
        return 0;
    };
    let lines = lines(model, search, model.size.0);
    let first = lines.iter().position(|line| line.action.is_some());
    first.unwrap_or(0)
}

fn title_line(words: &str) -> HelpLine {
    HelpLine {
        head: words.to_owned(),
        text: String::new(),
        kind: LineKind::Title,
        action: None,
    }
}

/// Keys, and what they do from a column on: beside them where there is room, on as many lines as that takes.
fn push_wrapped(
    lines: &mut Vec<HelpLine>,
    keys: &str,
    (what, tone): (&str, LineKind),
    (column, room): (usize, usize),
    action: Option<Action>,
) {
    let mut head = format!("  {keys} ");
    let used = head.chars().count();
    if used > column {
        // So many keys have a line of their own.
        lines.push(HelpLine {
            head: std::mem::take(&mut head),
            text: String::new(),
            kind: tone,
            action,
        });
    }
    let mut words = String::new();
    for word in what.split(' ') {
        let length = column + words.chars().count() + 1 + word.chars().count();
        if !words.is_empty() && length > room {
            lines.push(HelpLine {
                head: format!("{:column$}", std::mem::take(&mut head)),
                text: std::mem::take(&mut words),
                kind: tone,
                action,
            });
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    lines.push(HelpLine {
        head: format!("{head:column$}"),
        text: words,
        kind: tone,
        action,
    });
}

/// What help lists, narrowed by a search.
pub fn entries(model: &Model, search: &str) -> Vec<Entry> {
    let contexts = input::contexts_below_help(model);
    let above = model.overlay_below_help();
    let bound = model.setup.keymap.effective(contexts);
    let search = search.to_lowercase();
    let mut entries = answer_entries(above, &search);
    let mut categories: Vec<Category> = Category::iter().collect();
    if above.is_some() {
        // What an overlay alone can do comes before what is the same everywhere.
        categories.sort_by_key(|category| match category {
            Category::Plan => 0,
            Category::Motion => 2,
            Category::Secrets => 3,
            Category::Program => 4,
            _ => 1,
        });
    }
    for category in categories {
        let mut chapter = Vec::new();
        for action in Action::iter().filter(|action| {
            let does = above.is_none_or(|overlay| overlay.accepts(*action));
            action.category() == category
                && does
                && availability::is_offered(model.context(), *action)
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
                availability::availability_with_overlay(model, above, action).err(),
            ));
        }
        if !chapter.is_empty() {
            entries.push(Entry::Chapter(category));
            entries.append(&mut chapter);
        }
    }
    // Above the panes no filter is typed.
    if above.is_none() {
        entries.extend(language_entries(&search));
    }
    entries
}

/// The keys of an overlay that are no matter of the keymap.
fn answer_entries(above: Option<&Overlay>, search: &str) -> Vec<Entry> {
    let answers = above.map_or(&[][..], Overlay::answer_keys);
    let hits = answers.iter().filter(|(keys, what)| {
        search.is_empty() || keys.contains(search) || what.to_lowercase().contains(search)
    });
    let mut entries: Vec<Entry> = hits.map(|(keys, what)| Entry::Form(keys, what)).collect();
    if !entries.is_empty() {
        entries.insert(0, Entry::Answers);
    }
    entries
}

fn language_entries(search: &str) -> Vec<Entry> {
    let hits = SYNTAX.iter().filter(|(form, what)| {
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
