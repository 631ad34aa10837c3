//! What a bulk action is about: the marked leaks, else what the cursor stands for.

use super::model::{Context, GroupsPane, Pane};
use crate::{
    app::cursor,
    entity::{key::EntityKey, number::group_digits},
    table::{ProfileSlot, RowId},
};
use std::collections::BTreeSet;

/// A target of a plan: a leak that is loaded, or a key that nothing has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A row of the table.
    Row(RowId),
    /// A key that was asked for and is not loaded.
    Missing(EntityKey),
}

/// The targets of a bulk action: the marked leaks; with none marked, the leaks behind the cursor of the focused pane.
/// The second member says so in words.
pub fn targets(context: Context<'_>) -> (Vec<RowId>, String) {
    if !context.workspace.marks.is_empty() {
        let handles: Vec<_> = context.workspace.marks.iter().collect();
        let words = format!(
            "{} marked {}",
            group_digits(handles.len() as u64),
            leaks(handles.len())
        );
        return (handles, words);
    }
    match context.workspace.focus {
        Pane::Leaks if context.workspace.leaks.grouping.is_some() => {
            let Some((kind, group)) = cursor::selected_view(context) else {
                return (Vec::new(), String::new());
            };
            let handles = cursor::leaks_in_group(context, (kind, group));
            let noun = cursor::noun(kind);
            let words = of_group(context, &handles, noun);
            (handles, words)
        }
        Pane::Leaks => (
            context.workspace.leaks.list.cursor().into_iter().collect(),
            "the leak under the cursor".into(),
        ),
        pane @ (Pane::Domains | Pane::Users | Pane::Connections) => {
            let Some((kind, group)) = context
                .workspace
                .groups(pane)
                .and_then(|groups| groups.list.cursor())
            else {
                return (Vec::new(), String::new());
            };
            let mut scope = context.workspace.scope_groups();
            scope.push((kind, group));
            let handles = context.data.table.select(
                &crate::filter::Filter::default(),
                &scope,
                None,
                &context.workspace.marks,
            );
            let words = of_group(context, &handles, cursor::noun(kind));
            (handles, words)
        }
        Pane::Jobs => (Vec::new(), String::new()),
    }
}

/// Whether a bulk action finds anything to act on. This is asked with every frame, and gathers no leaks for it.
pub fn has_targets(context: Context<'_>) -> bool {
    if !context.workspace.marks.is_empty() {
        return true;
    }
    let of_group = |pane: &GroupsPane| {
        let row = pane.list.cursor().and_then(|group| pane.rows.get(&group));
        row.is_some_and(|row| row.total() > 0)
    };
    match context.workspace.focus {
        Pane::Leaks => match &context.workspace.leaks.grouping {
            Some(grouping) => of_group(&grouping.pane),
            None => context.workspace.leaks.list.cursor().is_some(),
        },
        pane @ (Pane::Domains | Pane::Users | Pane::Connections) => {
            context.workspace.groups(pane).is_some_and(of_group)
        }
        Pane::Jobs => false,
    }
}

/// What the leaks of a group are called. A group is over all profiles, and an operator who sees one row is told so.
fn of_group(context: Context<'_>, handles: &[RowId], noun: &str) -> String {
    let profiles: BTreeSet<ProfileSlot> = handles
        .iter()
        .map(|row| context.data.table.slot(*row))
        .collect();
    let count = handles.len();
    let over = match profiles.len() {
        0 | 1 => String::new(),
        several => format!(", over {several} profiles"),
    };
    format!(
        "the {} {} of the {noun} under the cursor{over}",
        group_digits(count as u64),
        leaks(count)
    )
}

fn leaks(count: usize) -> &'static str {
    if count == 1 { "leak" } else { "leaks" }
}
