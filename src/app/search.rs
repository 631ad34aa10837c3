//! Filters as they are typed, and sorts.

use super::{
    columns::Column,
    grouping,
    model::{Pane, WorkspaceUpdate},
    notice::Severity,
    view,
};
use crate::{
    action::Action,
    filter,
    table::{GroupSort, GroupSortField, SortField, SortKey},
};
use strum::IntoEnumIterator;

/// The filter's text changed: a valid text is in force at once, an invalid one leaves the last result.
pub fn set_filter_text(update: &mut WorkspaceUpdate<'_>, pane: Pane, text: &str) {
    match filter::parse(text, &update.setup.sources) {
        Ok(filter) => {
            let Some(state) = update.workspace.filter_mut(pane) else {
                return;
            };
            let narrowed = filter.refines(&state.filter);
            state.error = None;
            state.filter = filter;
            match pane {
                // Marked leaks that are gone are shown only in the whole: narrowing inside the old hits keeps them.
                Pane::Leaks => view::refresh_leaks(update, narrowed),
                Pane::Domains | Pane::Users | Pane::Connections => {
                    view::refresh_groups(update, pane);
                }
                Pane::Jobs => {}
            }
            view::on_cursor_moved(update);
        }
        Err(error) => {
            if let Some(state) = update.workspace.filter_mut(pane) {
                state.error = Some(error);
            }
        }
    }
}

/// A sort key was pressed: the focused pane is sorted by it; the same again reverses it.
pub fn sort(update: &mut WorkspaceUpdate<'_>, action: Action) {
    let pane = update.workspace.focus;
    let done = match pane {
        Pane::Leaks if update.workspace.leaks.grouping.is_none() => {
            leak_field(action).map(|field| {
                let first = update.workspace.leaks.sort.first();
                let same = first.filter(|key| key.field == field);
                let descending = same.map_or(begins_descending(field), |key| !key.descending);
                set_sort(update, vec![SortKey { field, descending }]);
            })
        }
        Pane::Domains | Pane::Users | Pane::Connections | Pane::Leaks => {
            group_field(action).map(|field| {
                if let Some(groups) = update.workspace.groups_mut(pane) {
                    let same = groups.sort.field == field;
                    groups.sort = GroupSort {
                        field,
                        descending: if same {
                            !groups.sort.descending
                        } else {
                            field != GroupSortField::Name
                        },
                    };
                }
                rebuild(update, pane);
            })
        }
        Pane::Jobs => None,
    };
    if done.is_none() {
        let now = update.now.since_start;
        let text = format!("the {pane} are not sorted by that");
        update.notices.push(Severity::Info, text, None, now);
    }
    view::on_cursor_moved(update);
}

/// There are never more keys than these; nobody sees what a fifth one does.
const MAX_SORT_KEYS: usize = 4;

/// Sorts what is alike by another key; one that is there already is turned round.
pub fn add_sort_key(update: &mut WorkspaceUpdate<'_>, action: Action) {
    let Some(field) = secondary_sort_field(action) else {
        return;
    };
    let mut keys = update.workspace.leaks.sort.clone();
    let full = keys.len() >= MAX_SORT_KEYS;
    match keys.iter_mut().find(|key| key.field == field) {
        Some(key) => key.descending = !key.descending,
        None if full => {
            let now = update.now.since_start;
            let text = "four sort keys are the most: o and a small letter begins anew";
            update.notices.push(Severity::Info, text, None, now);
            return;
        }
        None => keys.push(SortKey {
            field,
            descending: begins_descending(field),
        }),
    }
    set_sort(update, keys);
    view::on_cursor_moved(update);
}

/// `:sort` and the words of `--sort`.
pub(super) fn command(update: &mut WorkspaceUpdate<'_>, words: &str) {
    let now = update.now.since_start;
    if update.workspace.focus != Pane::Leaks || update.workspace.leaks.grouping.is_some() {
        let text = "sorts the leaks one by one: 3, g0";
        update.notices.push(Severity::Info, text, None, now);
        return;
    }
    let keys: Option<Vec<SortKey>> = words
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .map(parse_sort_key)
        .collect();
    if let Some(keys) = keys.filter(|keys| (1..=MAX_SORT_KEYS).contains(&keys.len())) {
        set_sort(update, keys);
        return;
    }
    let names: Vec<String> = SortField::iter().map(|field| field.to_string()).collect();
    let hint = format!("one to four of {}; a minus turns round", names.join(", "));
    let text = "these are no sort keys";
    update.notices.push(Severity::Error, text, Some(hint), now);
}

fn set_sort(update: &mut WorkspaceUpdate<'_>, keys: Vec<SortKey>) {
    update.workspace.leaks.sort = keys;
    view::refresh_leaks(update, false);
}

/// Dates and risks begin with what needs work first.
fn begins_descending(field: SortField) -> bool {
    matches!(
        field,
        SortField::Seen | SortField::Added | SortField::Found | SortField::Risk
    )
}

/// A sort key as the command line and files spell it: `-seen`.
pub fn format_sort_key(key: SortKey) -> String {
    let minus = if key.descending { "-" } else { "" };
    format!("{minus}{}", key.field)
}

/// The sort key of such a word.
pub fn parse_sort_key(word: &str) -> Option<SortKey> {
    let name = word.strip_prefix('-');
    Some(SortKey {
        field: name.unwrap_or(word).parse().ok()?,
        descending: name.is_some(),
    })
}

/// Turns the focused pane's sort round.
pub fn reverse(update: &mut WorkspaceUpdate<'_>) {
    let pane = update.workspace.focus;
    match pane {
        Pane::Leaks if update.workspace.leaks.grouping.is_none() => {
            for key in &mut update.workspace.leaks.sort {
                key.descending = !key.descending;
            }
            view::refresh_leaks(update, false);
        }
        Pane::Domains | Pane::Users | Pane::Connections | Pane::Leaks => {
            if let Some(groups) = update.workspace.groups_mut(pane) {
                groups.sort.descending = !groups.sort.descending;
            }
            rebuild(update, pane);
        }
        Pane::Jobs => {}
    }
    view::on_cursor_moved(update);
}

fn rebuild(update: &mut WorkspaceUpdate<'_>, pane: Pane) {
    if pane == Pane::Leaks {
        grouping::refresh(update);
    } else {
        view::refresh_groups(update, pane);
    }
}

fn leak_field(action: Action) -> Option<SortField> {
    let fields = [
        (Action::SortSeen, SortField::Seen),
        (Action::SortAdded, SortField::Added),
        (Action::SortLogin, SortField::Login),
        (Action::SortDomain, SortField::Domain),
        (Action::SortUrl, SortField::Url),
        (Action::SortStatus, SortField::Status),
        (Action::SortHost, SortField::Host),
        (Action::SortCountry, SortField::Country),
        (Action::SortRisk, SortField::Risk),
    ];
    fields
        .into_iter()
        .find(|(other, _)| *other == action)
        .map(|(_, field)| field)
}

fn secondary_sort_field(action: Action) -> Option<SortField> {
    let fields = [
        (Action::ThenSeen, SortField::Seen),
        (Action::ThenAdded, SortField::Added),
        (Action::ThenLogin, SortField::Login),
        (Action::ThenDomain, SortField::Domain),
        (Action::ThenUrl, SortField::Url),
        (Action::ThenStatus, SortField::Status),
        (Action::ThenHost, SortField::Host),
        (Action::ThenCountry, SortField::Country),
        (Action::ThenRisk, SortField::Risk),
    ];
    fields
        .into_iter()
        .find(|(other, _)| *other == action)
        .map(|(_, field)| field)
}

fn group_field(action: Action) -> Option<GroupSortField> {
    let fields = [
        (Action::SortLogin, GroupSortField::Name),
        (Action::SortLeaks, GroupSortField::Leaks),
        (Action::SortStatus, GroupSortField::Unresolved),
        (Action::SortSeen, GroupSortField::Seen),
    ];
    fields
        .into_iter()
        .find(|(other, _)| *other == action)
        .map(|(_, field)| field)
}

/// A sort in words, for the pane's title: `by status▲ leaked▼`, each as its column is called.
pub fn format_sort(keys: &[SortKey], ascending: &str, descending: &str) -> String {
    let words: Vec<String> = keys
        .iter()
        .map(|key| {
            let sign = if key.descending {
                descending
            } else {
                ascending
            };
            format!("{}{sign}", Column::from_sort_field(key.field).title())
        })
        .collect();
    if words.is_empty() {
        return String::new();
    }
    format!("by {}", words.join(" "))
}
