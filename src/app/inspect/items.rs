//! What the record of a group shows, item by item.

use super::{
    Inspected, MAX_HISTORIES, connected_groups,
    state::{Act, Acts},
};
use crate::{
    app::{
        facts::{self, Fact},
        model::{Context, GroupRef},
        record,
    },
    entity::{
        number::group_digits,
        tree,
        visible::{Visible, escape},
    },
    table::RowId,
};
use std::fmt::Write as _;

/// Related groups that are listed at most, by kind those with most leaks in common.
const MAX_RELATED: usize = 24;

/// A part of the record.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// The title of a section.
    Heading(String),
    /// A fact.
    Fact(Fact),
    /// A group that is related to it, and the leaks that they have in common.
    Group(GroupRef, u32),
    /// One of its leaks.
    Leak(RowId),
    /// An act of the history, by its number.
    Act(usize),
    /// A member of what a provider adds: its name and its value.
    Member(Visible, Visible),
    /// A line of the tree of files.
    File(Visible),
    /// Words in place of what is not there.
    Words(String),
}

impl Item {
    /// Returns true if the cursor can rest on it.
    pub fn is_selectable(&self) -> bool {
        !matches!(self, Self::Heading(_) | Self::Words(_))
    }
}

/// Everything that the record of a group shows, in order; the tree of files with or without lines of boxes.
pub fn items(context: Context<'_>, record: &Inspected, ascii: bool) -> Vec<Item> {
    let (kind, group) = record.group;
    let facts = facts::of(context, record.group).into_iter();
    let mut items: Vec<Item> = facts.map(Item::Fact).collect();
    let related = connected_groups(context, record.group);
    if !related.is_empty() {
        // A domain has a thousand machines: the leaks and the history below them are to be found all the same.
        let count = group_digits(related.len() as u64);
        items.push(Item::Heading(if related.len() > MAX_RELATED {
            format!("related ({MAX_RELATED} of {count})")
        } else {
            format!("related ({count})")
        }));
        let related = related.into_iter().take(MAX_RELATED);
        items.extend(related.map(|(group, leaks)| Item::Group(group, leaks)));
    }
    let rows = context.data.table.group_rows(kind, group);
    let all = rows.len();
    if let Some((heading, rows)) = record::listed(context, rows, "leaks") {
        items.push(Item::Heading(heading));
        items.extend(rows.into_iter().map(Item::Leak));
    }
    if all > 0 {
        items.push(Item::Heading(if all > MAX_HISTORIES {
            format!("history of the {MAX_HISTORIES} newest")
        } else {
            "history".to_owned()
        }));
        items.extend(acts(&record.history));
    }
    items.extend(archives(context, record, ascii));
    items
}

fn acts(history: &Acts) -> Vec<Item> {
    match history {
        Acts::Loading => vec![Item::Words("reading the journal".to_owned())],
        Acts::Failed(why) => vec![Item::Words(format!("cannot be read: {why}"))],
        Acts::Known(acts) if acts.is_empty() => {
            let words = "nothing was done with these leaks here";
            vec![Item::Words(words.to_owned())]
        }
        Acts::Known(acts) => (0..acts.len()).map(Item::Act).collect(),
    }
}

/// What providers add of their own: members of a machine, and the files of a stealer's archive.
fn archives(context: Context<'_>, record: &Inspected, ascii: bool) -> Vec<Item> {
    let (kind, group) = record.group;
    let mut items = Vec::new();
    for native in context.data.table.listed_entities(kind, group) {
        let Some(connection) = native.connection() else {
            continue;
        };
        if connection.metadata.is_none() && connection.tree.is_none() {
            continue;
        }
        let profile = native.key().profile;
        let title = context.data.profile(&profile).map_or_else(
            || profile.to_string(),
            |state| format!("{} ({profile})", state.profile.provider_title),
        );
        items.push(Item::Heading(title));
        if let Some(metadata) = &connection.metadata {
            items.extend(members(metadata.as_bytes()));
        }
        if let Some(paths) = &connection.tree {
            let lines = tree::render_lines(paths, ascii);
            items.extend(lines.into_iter().map(Item::File));
        }
    }
    items
}

/// The members of a JSON object; anything else as it is.
fn members(json: &[u8]) -> Vec<Item> {
    let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(json) else {
        return vec![Item::File(escape(json))];
    };
    let members = members.iter().map(|(name, value)| {
        let value = match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Item::Member(escape(name.as_bytes()), escape(value.as_bytes()))
    });
    members.collect()
}

/// An act in one line, with the number of leaks where it is several.
pub fn act(act: &Act) -> String {
    let mut line = record::act(&act.entry);
    if act.leaks.len() > 1 {
        // Writing to a string cannot fail.
        let _ = write!(line, "  {} leaks", group_digits(act.leaks.len() as u64));
    }
    line
}

/// The text of the item under the cursor, printable, and what it is called.
pub(in crate::app) fn copied(
    context: Context<'_>,
    record: &Inspected,
) -> Option<(String, &'static str)> {
    let table = &context.data.table;
    let printable = |bytes: &[u8]| escape(bytes).as_str().to_owned();
    let (kind, group) = record.group;
    match items(context, record, false).get(record.cursor)? {
        Item::Fact(fact) => Some(match fact {
            Fact::Name => (printable(&table.group_name(kind, group)), "name"),
            Fact::Text(label, bytes) | Fact::Time(label, bytes) => (printable(bytes), *label),
            Fact::Words(label, words) => (words.clone(), *label),
            Fact::Counts(label, counts) => {
                let counts = counts.iter();
                let words: Vec<String> = counts
                    .map(|(count, name)| format!("{count} {}", printable(name)))
                    .collect();
                (words.join(", "), *label)
            }
        }),
        Item::Group((kind, group), _) => {
            Some((printable(&table.group_name(*kind, *group)), "name"))
        }
        Item::Leak(leak) => Some((printable(table.key(*leak).to_string().as_bytes()), "key")),
        Item::Act(at) => match &record.history {
            Acts::Known(acts) => {
                let line = act(acts.get(*at)?);
                Some((printable(line.as_bytes()), "entry"))
            }
            Acts::Loading | Acts::Failed(_) => None,
        },
        Item::Member(_, value) => Some((value.as_str().to_owned(), "value")),
        Item::File(line) => Some((line.as_str().to_owned(), "line")),
        Item::Heading(_) | Item::Words(_) => None,
    }
}
