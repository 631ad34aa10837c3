//! Named sets of marks: `:marks save`, `load`, `keep` and `delete`. The state directory keeps them, and other consoles and
//! commands see them. What is shown of them here are their names; the keys are read when a set is asked for.

use super::{
    effect::{Effect, MarksEffect},
    marks,
    model::{Context, WorkspaceUpdate},
    notice::Severity,
};
use crate::{
    app::permission,
    entity::{key::EntityKey, mark_set::check_name, number::group_digits},
    table::Marks,
};

/// Marks that are not saved are asked about before the console ends where there are more than these.
const ASK_ABOVE: usize = 10;

/// What `:marks` does with a named set, where the words say that.
pub(super) fn command(
    update: &mut WorkspaceUpdate<'_>,
    verb: &str,
    name: &str,
) -> Option<Vec<Effect>> {
    if name.is_empty() {
        return None;
    }
    let name = name.to_owned();
    let effect = match verb {
        "save" => {
            if let Some(why) = refused(update.context(), &name) {
                tell(update, Severity::Error, why);
                return Some(Vec::new());
            }
            let rows = update.workspace.marks.iter();
            let keys = rows.map(|row| update.data.table.key(row)).collect();
            MarksEffect::SaveSet { name, keys }
        }
        "delete" => {
            if let Some(why) = permission::journal_unwritable(update.context()) {
                tell(update, Severity::Error, why);
                return Some(Vec::new());
            }
            MarksEffect::DeleteSet(name)
        }
        "load" | "keep" => MarksEffect::LoadSet {
            name,
            keep: verb == "keep",
        },
        _ => return None,
    };
    Some(vec![Effect::Marks(effect)])
}

/// Why the marks cannot be saved under a name.
fn refused(context: Context<'_>, name: &str) -> Option<String> {
    if let Err(why) = check_name(name) {
        return Some(why.to_owned());
    }
    if context.workspace.marks.is_empty() {
        return Some("nothing is marked".to_owned());
    }
    permission::journal_unwritable(context)
}

fn tell(update: &mut WorkspaceUpdate<'_>, severity: Severity, text: impl Into<String>) {
    let now = update.now.since_start;
    update.notices.push(severity, text, None, now);
}

/// A set was saved, or was not.
pub(super) fn on_saved(
    update: &mut WorkspaceUpdate<'_>,
    name: String,
    result: Result<usize, String>,
) {
    match result {
        Ok(count) => {
            let text = format!("{} marks saved as {name}", group_digits(count as u64));
            update.workspace.saved_marks = update.workspace.marks.clone();
            let sets = &mut update.workspace.mark_sets;
            sets.retain(|(other, _)| *other != name);
            sets.push((name, count));
            sets.sort();
            // A warning that marks are not saved is out of date now.
            update.notices.hide();
            tell(update, Severity::Info, text);
        }
        Err(why) => tell(
            update,
            Severity::Error,
            format!("the marks were not saved: {why}"),
        ),
    }
}

/// A set was deleted, or was not.
pub(super) fn on_deleted(
    update: &mut WorkspaceUpdate<'_>,
    name: &str,
    result: Result<bool, String>,
) {
    match result {
        Ok(true) => {
            update
                .workspace
                .mark_sets
                .retain(|(other, _)| other != name);
            tell(
                update,
                Severity::Info,
                format!("the set of marks {name} is deleted"),
            );
        }
        Ok(false) => no_set(update),
        Err(why) => tell(
            update,
            Severity::Error,
            format!("the set of marks was not deleted: {why}"),
        ),
    }
}

fn no_set(update: &mut WorkspaceUpdate<'_>) {
    let now = update.now.since_start;
    let names: Vec<&str> = update
        .workspace
        .mark_sets
        .iter()
        .map(|(name, _)| &name[..])
        .collect();
    let hint = if names.is_empty() {
        ":marks save NAME keeps them".to_owned()
    } else {
        format!("there are: {}", names.join(", "))
    };
    let text = "no marks are kept under that name";
    update.notices.push(Severity::Error, text, Some(hint), now);
}

/// The keys of a set were read: it takes the place of the marks, or narrows them. `gm` brings the old ones back.
pub(super) fn on_loaded(
    update: &mut WorkspaceUpdate<'_>,
    keep: bool,
    result: Result<Option<Vec<EntityKey>>, String>,
) {
    let keys = match result {
        Ok(Some(keys)) => keys,
        Ok(None) => return no_set(update),
        Err(why) => {
            let text = format!("the marks were not read: {why}");
            return tell(update, Severity::Error, text);
        }
    };
    let all = keys.len();
    let mut found = Marks::default();
    let rows: Vec<_> = keys
        .iter()
        .filter_map(|key| update.data.table.find(key))
        .collect();
    let missing = all - rows.len();
    for row in rows {
        if !keep || update.workspace.marks.contains(row) {
            found.insert(row);
        }
    }
    marks::replace(update, found);
    if !keep {
        update.workspace.saved_marks = update.workspace.marks.clone();
    }
    if missing > 0 {
        let text = format!(
            "{} leaks of the set are not loaded or are gone: they are not marked",
            group_digits(missing as u64)
        );
        tell(update, Severity::Warning, text);
    }
}

/// Which sets there are, in words.
pub(super) fn listed(context: Context<'_>) -> Option<String> {
    let sets = &context.workspace.mark_sets;
    let words: Vec<String> = sets
        .iter()
        .map(|(name, count)| format!("{name} ({})", group_digits(*count as u64)))
        .collect();
    (!words.is_empty()).then(|| format!("saved sets: {}", words.join(", ")))
}

/// How many marks the end of the console would lose, where that has to be asked.
pub(super) fn unsaved(context: Context<'_>) -> Option<usize> {
    let marks = &context.workspace.marks;
    let saved = marks.len() == marks.intersection_len(&context.workspace.saved_marks);
    (marks.len() > ASK_ABOVE && !saved).then(|| marks.len())
}
