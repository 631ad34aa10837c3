//! Reads key tables: the built-in one, and what the operator changes of it. Whatever does not fit is reported with its
//! place, and the binding that was there stays.

use super::{BindingTable, Context, Keymap};
use crate::{
    action::Action,
    config::{
        chord::{Chord, parse_sequence, sequence_text},
        problem::{Problem, ProblemScope, printable},
        suggest::{suggest, suggestion},
        toml_reader::{TomlReader, Value, members},
    },
};
use crossterm::event::KeyCode;
use indexmap::{IndexMap, IndexSet};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};
use strum::IntoEnumIterator;
use toml::{Spanned, de::DeTable};

const BUILTIN: &str = include_str!("../../../assets/keymap.toml");

/// The built-in keys, and what is wrong with them (nothing: a test sees to it).
pub(super) fn builtin() -> (Keymap, Vec<Problem>) {
    let mut reader = TomlReader::new(None, BUILTIN);
    let mut keymap = Keymap::default();
    if let Some(table) = reader.parse() {
        keymap = apply_tables(&mut reader, table.get_ref(), keymap);
    }
    (keymap, reader.into_problems())
}

/// Sets of keys that come with the program: a name, and what it changes of the built-in keys.
pub const PRESETS: &[(&str, &str)] = &[
    ("default", ""),
    ("k9s", include_str!("../../../assets/keymaps/k9s.toml")),
    ("mutt", include_str!("../../../assets/keymaps/mutt.toml")),
    ("emacs", include_str!("../../../assets/keymaps/emacs.toml")),
];

/// The built-in keys as a preset changes them, and what is wrong with that (nothing: a test sees to it). `None` where
/// no preset has that name.
pub(super) fn preset(name: &str) -> Option<(Keymap, Vec<Problem>)> {
    let (_, text) = PRESETS.iter().find(|(known, _)| *known == name)?;
    let (keymap, _) = builtin();
    let mut reader = TomlReader::new(None, text);
    let keymap = match reader.parse() {
        Some(table) => apply_tables(&mut reader, table.get_ref(), keymap),
        None => keymap,
    };
    Some((keymap, reader.into_problems()))
}

/// The keymap that a file's tables change: the one given, or the preset that they name.
fn begun(reader: &mut TomlReader<'_>, tables: &DeTable<'_>, keymap: Keymap) -> Keymap {
    let Some((_, span, value)) = members(tables).find(|(name, ..)| *name == "preset") else {
        return keymap;
    };
    let found = value.get_ref().as_str().and_then(preset);
    if let Some((preset, _)) = found {
        return preset;
    }
    let names: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
    reader.report(
        &ProblemScope::Keymap,
        span,
        "keymap: preset names no keys that come with the program".to_owned(),
        format!("one of: {}", names.join(", ")),
    );
    keymap
}

/// Changes `keymap` by the tables of one file.
pub(in crate::config) fn apply_tables(
    reader: &mut TomlReader<'_>,
    tables: &DeTable<'_>,
    keymap: Keymap,
) -> Keymap {
    let keymap = begun(reader, tables, keymap);
    let mut changes = KeymapEditor {
        reader,
        keymap,
        file_bindings: IndexMap::new(),
        index: BindingIndex::default(),
    };
    let mut known = Vec::new();
    for (name, span, value) in members(tables) {
        if name == "preset" {
            // It was read before everything else.
            continue;
        }
        let Some(entries) = value.get_ref().as_table() else {
            let hint = "write [keymap.leaks], then one \"key\" = \"action\" a line";
            changes.report(span, "keys stand in a table of their context", hint);
            continue;
        };
        if name == "menus" {
            changes.read_menus(entries);
        } else if let Ok(context) = name.parse::<Context>() {
            known.push((context, entries));
        } else {
            let names: Vec<&str> = Context::iter().map(<&str>::from).collect();
            let close = suggest(name, names.iter().copied());
            let hint = suggestion(&close, || format!("the contexts are {}", names.join(", ")));
            changes.report(span, &format!("unknown context {}", printable(name)), &hint);
        }
    }
    // What is taken away goes first: a menu's key is free once the menu is unbound, wherever the lines stand.
    for (context, entries) in &known {
        changes.unbind(*context, entries);
    }
    changes.index = BindingIndex::from_keymap(&changes.keymap);
    // The plan comes last: its keys are compared with those that open one.
    known.sort_by_key(|(context, _)| *context == Context::Plan);
    for (context, entries) in known {
        changes.bind(context, entries);
    }
    changes.report_shadows();
    changes.keymap
}

struct KeymapEditor<'r, 'a> {
    reader: &'r mut TomlReader<'a>,
    keymap: Keymap,
    /// What this file has bound so far, and where.
    file_bindings: IndexMap<(Context, Vec<Chord>), Range<usize>>,
    /// What a binding is compared with.
    index: BindingIndex,
}

impl KeymapEditor<'_, '_> {
    fn report(&mut self, span: Range<usize>, message: &str, hint: &str) {
        self.reader.report(
            &ProblemScope::Keymap,
            span,
            format!("keymap: {message}"),
            hint.to_owned(),
        );
    }

    fn table_mut(&mut self, context: Context) -> &mut BindingTable {
        self.keymap.tables.entry(context).or_default()
    }

    fn read_menus(&mut self, entries: &DeTable<'_>) {
        for (keys, span, title) in members(entries) {
            match (
                parse_sequence(keys),
                crate::config::toml_reader::parse_string(title.get_ref()),
            ) {
                (Ok(keys), Some(title)) => {
                    self.keymap.menus.insert(keys, title);
                }
                _ => self.report(span, "a menu's name", "write \"o\" = \"sort\""),
            }
        }
    }

    fn read_sequence(&mut self, keys: &str, span: Range<usize>) -> Option<Vec<Chord>> {
        match parse_sequence(keys) {
            Ok(sequence) => Some(sequence),
            Err(error) => {
                let message = format!("{}: {}", printable(keys), error.message);
                self.report(span, &message, &error.hint);
                None
            }
        }
    }

    fn unbind(&mut self, context: Context, entries: &DeTable<'_>) {
        let mut gone = IndexSet::new();
        for (name, span, value) in members(entries) {
            if value.get_ref().as_str() == Some("none")
                && let Some(keys) = self.read_sequence(name, span)
            {
                gone.insert(keys);
            }
        }
        let table = self.table_mut(context);
        table.retain(|bound, _| !prefixes(bound).any(|beginning| gone.contains(beginning)));
        table.extend(gone.into_iter().map(|keys| (keys, None)));
    }

    fn bind(&mut self, context: Context, entries: &DeTable<'_>) {
        for (name, span, value) in members(entries) {
            if let Some(list) = value.get_ref().as_array() {
                let Some(action) = self.parse_action(name, span) else {
                    continue;
                };
                let before = self.file_bindings.len();
                for key in list {
                    self.bind_value(context, key, action);
                }
                // Exactly these keys, so that the built-in ones go; unless none of these could be bound.
                if self.file_bindings.len() > before || list.is_empty() {
                    let given = &self.file_bindings;
                    let table = self.keymap.tables.entry(context).or_default();
                    let all = table.len();
                    table.retain(|keys, bound| {
                        *bound != Some(action) || given.contains_key(&(context, keys.clone()))
                    });
                    if table.len() < all {
                        self.index = BindingIndex::from_keymap(&self.keymap);
                    }
                }
            } else if let Some(action) = value.get_ref().as_str() {
                if action != "none"
                    && let Some(keys) = self.read_sequence(name, span.clone())
                    && let Some(action) = self.parse_action(action, value.span())
                {
                    self.bind_one(context, keys, action, span);
                }
            } else {
                let hint = "write \"f\" = \"mark-fixed\", or mark-fixed = [\"f\", \"x\"]";
                self.report(value.span(), "a key is bound to an action's name", hint);
            }
        }
    }

    fn bind_value(&mut self, context: Context, key: &Value<'_>, action: Action) {
        let span = Spanned::span(key);
        match key.get_ref().as_str() {
            Some(text) => {
                if let Some(keys) = self.read_sequence(text, span.clone()) {
                    self.bind_one(context, keys, action, span);
                }
            }
            None => self.report(span, "a key is a text", "write it in quotes: \"f\""),
        }
    }

    fn parse_action(&mut self, name: &str, span: Range<usize>) -> Option<Action> {
        if let Ok(action) = name.parse() {
            return Some(action);
        }
        let names: Vec<&str> = if self.reader.is_list_full(&ProblemScope::Keymap) {
            Vec::new()
        } else {
            Action::iter().map(<&str>::from).collect()
        };
        let hint = suggestion(&suggest(name, names), || {
            "stanch keys lists the actions; none unbinds a key".to_owned()
        });
        self.report(span, &format!("unknown action {}", printable(name)), &hint);
        None
    }

    fn bind_one(&mut self, context: Context, keys: Vec<Chord>, action: Action, span: Range<usize>) {
        let text = sequence_text(&keys);
        if self.file_bindings.contains_key(&(context, keys.clone())) {
            let message = format!("{text} is bound twice in {context}");
            self.report(span, &message, "keep one of the two; the first one counts");
        } else if let Some((message, hint)) = self.refusal(context, &keys, action) {
            self.report(span, &format!("{text}: {message}"), &hint);
        } else {
            self.file_bindings.insert((context, keys.clone()), span);
            self.index.add(context, &keys, action);
            self.table_mut(context).insert(keys, Some(action));
        }
    }

    /// Says which keys of this file hide another action, or are hidden: they count all the same. Who binds a key in
    /// both contexts means it, and is not told.
    fn report_shadows(&mut self) {
        let shadows: Vec<_> = self
            .file_bindings
            .iter()
            .filter_map(|((context, keys), span)| {
                Some((span.clone(), self.find_shadow(*context, keys)?))
            })
            .collect();
        for (span, (message, hint)) in shadows {
            self.report(span, &message, &hint);
        }
    }

    fn find_shadow(&self, context: Context, keys: &[Chord]) -> Option<(String, String)> {
        let bound = |context: Context| self.keymap.tables.get(&context)?.get(keys).copied()?;
        let own = bound(context)?;
        let text = sequence_text(keys);
        let others = Context::iter().filter(|other| {
            *other != context && !self.file_bindings.contains_key(&(*other, keys.to_vec()))
        });
        for other in others {
            let Some(action) = bound(other).filter(|action| *action != own) else {
                continue;
            };
            let hint = format!("take another key, or bind {text} in [keymap.{other}] too");
            if context.chain().contains(&other) {
                return Some((
                    format!("{text} hides {action} of {other} in {context}"),
                    hint,
                ));
            }
            // The column cursor is put on for its keys: that they come first then hides nothing.
            if other != Context::CellCursor && other.chain().contains(&context) {
                return Some((format!("{text} is hidden by {action} of {other}"), hint));
            }
        }
        None
    }

    /// Why a binding cannot be, and what to do.
    fn refusal(
        &self,
        context: Context,
        keys: &[Chord],
        action: Action,
    ) -> Option<(String, String)> {
        if let Some((other, bound)) = self.find_overlap(context, keys) {
            let (message, free) = if bound.len() > keys.len() {
                ("is already the beginning of", sequence_text(keys))
            } else {
                (
                    "begins with a key that is already bound:",
                    sequence_text(bound),
                )
            };
            return Some((
                format!("{message} {} in {other}", sequence_text(bound)),
                format!(
                    "take another key, or free it first: \"{free}\" = \"none\" in [keymap.{other}]"
                ),
            ));
        }
        let last = keys.last();
        if context == Context::Plan {
            let typed = last.is_some_and(|key| {
                *key == Chord::plain(KeyCode::Backspace)
                    || key.character().is_some_and(|c| c.is_ascii_digit())
            });
            if typed {
                return Some((
                    "digits and backspace type a plan's number".into(),
                    "take another key".into(),
                ));
            }
            if action == Action::PlanApply && last == Some(&Chord::plain(KeyCode::Enter)) {
                return Some((
                    "enter never applies a plan".into(),
                    "take another key".into(),
                ));
            }
        }
        let clash = |lasts: &HashSet<Chord>| last.is_some_and(|last| lasts.contains(last));
        let same = (action == Action::PlanApply && clash(&self.index.open_plan))
            || (opens_plan(action) && clash(&self.index.apply_plan));
        same.then(|| {
            (
                "the key that opens a plan cannot be the key that applies it".into(),
                "take another key for one of the two".into(),
            )
        })
    }

    /// A binding that is in force together with `keys` and begins with them, or they with it.
    fn find_overlap(&self, context: Context, keys: &[Chord]) -> Option<(Context, &Vec<Chord>)> {
        let together = |other: &Context| {
            Context::iter()
                .any(|inner| inner.chain().contains(&context) && inner.chain().contains(other))
        };
        let own = self.keymap.tables.get(&context);
        self.keymap
            .tables
            .iter()
            .filter(|(other, _)| together(other))
            .find_map(|(other, table)| {
                // An outer binding that this context has taken away is not in the way.
                let inside = context != *other && context.chain().contains(other);
                let removed = |bound: &[Chord]| {
                    inside
                        && own.is_some_and(|own| {
                            prefixes(bound).any(|gone| matches!(own.get(gone), Some(None)))
                        })
                };
                let in_force = |bound: &[Chord]| {
                    table
                        .get_key_value(bound)
                        .filter(|(bound, action)| action.is_some() && !removed(bound))
                        .map(|(bound, _)| bound)
                };
                let shorter = prefixes(&keys[..keys.len() - 1]).find_map(in_force);
                let longer = || {
                    let longer = self.index.longer.get(other)?.get(keys)?;
                    longer.iter().find_map(|bound| in_force(bound))
                };
                Some((*other, shorter.or_else(longer)?))
            })
    }
}

/// What keys begin with, the shortest first and they themselves last.
fn prefixes(keys: &[Chord]) -> impl Iterator<Item = &[Chord]> {
    (1..=keys.len()).filter_map(|length| keys.get(..length))
}

fn opens_plan(action: Action) -> bool {
    matches!(action, Action::MarkFixed | Action::Reopen)
}

/// The bindings by what a new one must not meet: a file of many lines is not gone through once for each of them.
#[derive(Default)]
struct BindingIndex {
    /// Of each context: keys, and the bindings that begin with them and are longer.
    longer: HashMap<Context, HashMap<Vec<Chord>, Vec<Vec<Chord>>>>,
    /// The last keys of the bindings that apply a plan.
    apply_plan: HashSet<Chord>,
    /// The last keys of the bindings that open one.
    open_plan: HashSet<Chord>,
}

impl BindingIndex {
    fn from_keymap(keymap: &Keymap) -> Self {
        let mut index = Self::default();
        for (context, table) in &keymap.tables {
            for (keys, action) in table {
                if let Some(action) = action {
                    index.add(*context, keys, *action);
                }
            }
        }
        index
    }

    fn add(&mut self, context: Context, keys: &[Chord], action: Action) {
        let Some((last, before)) = keys.split_last() else {
            return;
        };
        for beginning in prefixes(before) {
            let longer = self.longer.entry(context).or_default();
            longer
                .entry(beginning.to_vec())
                .or_default()
                .push(keys.to_vec());
        }
        if action == Action::PlanApply {
            self.apply_plan.insert(*last);
        }
        if opens_plan(action) {
            self.open_plan.insert(*last);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_built_in_keys_have_no_problem() {
        assert_eq!(super::builtin().1, []);
    }

    #[test]
    fn no_preset_has_a_problem_and_each_changes_something() {
        for (name, _) in super::PRESETS {
            let (keymap, problems) = super::preset(name).unwrap();
            assert_eq!(problems, [], "{name}");
            let is_builtin = keymap == super::builtin().0;
            assert_eq!(is_builtin, *name == "default", "{name}");
        }
        assert!(super::preset("vi").is_none());
    }
}
