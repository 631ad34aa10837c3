//! Context → keys → [`Action`]. The built-in table is `assets/keymap.toml`; the operator's `[keymap.…]` tables change
//! it key by key. Reading them is in `keymap/read.rs`.

mod editor;

pub use editor::PRESETS;
pub(super) use editor::apply_tables;

use super::chord::{Chord, sequence_text};
use crate::action::Action;
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// Where a key is pressed. The caller of [`Keymap::lookup`] names the contexts in force, the innermost first.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::Display,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "lowercase")]
pub enum Context {
    /// Everywhere.
    Global,
    /// In every pane.
    List,
    /// In the domains.
    Domains,
    /// In the users.
    Users,
    /// In the leaks.
    Leaks,
    /// In the leaks, while the column cursor is on.
    #[strum(serialize = "cell")]
    CellCursor,
    /// In the connections.
    Connections,
    /// In the jobs.
    Jobs,
    /// While a plan is shown.
    Plan,
    /// While help, a report or an error is shown.
    Overlay,
    /// In the list of saved views.
    Views,
    /// In the editor of columns.
    Columns,
    /// In the picture of what leaks have in common.
    Facets,
    /// In the record of a leak.
    Record,
}

impl Context {
    /// This context and those around it, the innermost first: what to hand to [`Keymap::lookup`].
    pub fn chain(self) -> &'static [Context] {
        use Context::{
            CellCursor, Columns, Connections, Domains, Facets, Global, Jobs, Leaks, List, Overlay,
            Plan, Record, Users, Views,
        };
        match self {
            Global => &[Global],
            List => &[List, Global],
            Domains => &[Domains, List, Global],
            Users => &[Users, List, Global],
            Leaks => &[Leaks, List, Global],
            CellCursor => &[CellCursor, Leaks, List, Global],
            Connections => &[Connections, List, Global],
            Jobs => &[Jobs, List, Global],
            Plan => &[Plan, Global],
            Overlay => &[Overlay, Global],
            Views => &[Views, Overlay, Global],
            Columns => &[Columns, Overlay, Global],
            Facets => &[Facets, Overlay, Global],
            Record => &[Record, Overlay, Global],
        }
    }
}

/// What keys pressed so far mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyMatch {
    /// This action.
    Action(Action),
    /// The beginning of these: the keys that are still missing, and what they do. [`Keymap::menu_title`] names it.
    Prefix(Vec<(String, Action)>),
    /// Nothing.
    None,
}

/// Keys to what they do; `None` where the operator said that they do nothing, whatever an outer context says.
type BindingTable = IndexMap<Vec<Chord>, Option<Action>>;

/// Every binding of every context.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Keymap {
    tables: BTreeMap<Context, BindingTable>,
    menus: IndexMap<Vec<Chord>, String>,
}

impl Keymap {
    /// The keys as they are without any configuration.
    pub fn builtin() -> Self {
        editor::builtin().0
    }

    /// What the keys pressed so far mean; `contexts` are those in force, the innermost first.
    pub fn lookup(&self, contexts: &[Context], pressed: &[Chord]) -> KeyMatch {
        if pressed.is_empty() {
            return KeyMatch::None;
        }
        let mut menu: Vec<(&[Chord], Action)> = Vec::new();
        for (keys, action) in self.reachable(contexts, pressed) {
            if keys == pressed {
                // What stands further in wins: a menu hides an action, as an action hides a menu.
                if menu.is_empty() {
                    return KeyMatch::Action(action);
                }
            } else {
                menu.push((&keys[pressed.len()..], action));
            }
        }
        if menu.is_empty() {
            return KeyMatch::None;
        }
        KeyMatch::Prefix(
            menu.into_iter()
                .map(|(rest, action)| (sequence_text(rest), action))
                .collect(),
        )
    }

    /// The keys that ask for an action, as they are shown and bound; empty where none does.
    pub fn keys_for(&self, contexts: &[Context], action: Action) -> Vec<String> {
        let all = self.reachable(contexts, &[]);
        let found = all
            .iter()
            .enumerate()
            .filter(|(at, (keys, bound))| *bound == action && !is_shadowed(keys, &all[..*at]));
        found.map(|(_, (keys, _))| sequence_text(keys)).collect()
    }

    /// The first keys of each of these actions, in their order; the bindings are gone through once for all of them,
    /// for this is asked with every frame.
    pub fn first_keys(&self, contexts: &[Context], actions: &[Action]) -> Vec<Option<String>> {
        let all = self.reachable(contexts, &[]);
        let first = |action: &Action| {
            let mut found = all.iter().enumerate();
            let found = found
                .find(|(at, (keys, bound))| bound == action && !is_shadowed(keys, &all[..*at]));
            found.map(|(_, (keys, _))| sequence_text(keys))
        };
        actions.iter().map(first).collect()
    }

    /// Everything that can be asked for with a key where these contexts are in force: for help and hints.
    pub fn effective(&self, contexts: &[Context]) -> Vec<(String, Action)> {
        let all = self.reachable(contexts, &[]);
        all.iter()
            .enumerate()
            .filter(|(at, (keys, _))| !is_shadowed(keys, &all[..*at]))
            .map(|(_, (keys, action))| (sequence_text(keys), *action))
            .collect()
    }

    /// One context's own bindings, in the order of the file.
    pub fn bindings(&self, context: Context) -> impl Iterator<Item = (String, Action)> + '_ {
        self.table(context)
            .filter_map(|(keys, action)| Some((sequence_text(keys), (*action)?)))
    }

    /// What the menu behind these keys is called, if it has a name.
    pub fn menu_title(&self, pressed: &[Chord]) -> Option<&str> {
        self.menus.get(pressed).map(String::as_str)
    }

    fn table(&self, context: Context) -> impl Iterator<Item = (&Vec<Chord>, &Option<Action>)> {
        self.tables.get(&context).into_iter().flatten()
    }

    /// The bindings of the contexts that begin with these keys, the innermost first, without those that an inner one
    /// replaces or takes away.
    fn reachable(&self, contexts: &[Context], pressed: &[Chord]) -> Vec<(&[Chord], Action)> {
        let mut found: Vec<(&[Chord], Action)> = Vec::new();
        let mut removed: Vec<&[Chord]> = Vec::new();
        let mut inner: Vec<&BindingTable> = Vec::new();
        for context in contexts {
            for (keys, action) in self.table(*context) {
                let Some(action) = action.filter(|_| keys.starts_with(pressed)) else {
                    continue;
                };
                // An inner binding that was taken away itself was so by what takes this one away too.
                let hidden = removed.iter().any(|gone| keys.starts_with(gone))
                    || inner
                        .iter()
                        .any(|inner| inner.get(keys).is_some_and(Option::is_some));
                if !hidden {
                    found.push((keys, action));
                }
            }
            removed.extend(
                self.table(*context)
                    .filter(|(_, action)| action.is_none())
                    .map(|(keys, _)| &keys[..]),
            );
            inner.extend(self.tables.get(context));
        }
        found
    }
}

/// Whether inner bindings hide these keys: what begins with them, and what they begin with.
fn is_shadowed(keys: &[Chord], inner: &[(&[Chord], Action)]) -> bool {
    inner
        .iter()
        .any(|(inner, _)| inner.starts_with(keys) || keys.starts_with(inner))
}
