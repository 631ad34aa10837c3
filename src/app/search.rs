//! Filters as they are typed, and sorts.

use super::{
    grouping,
    model::{Model, Pane},
    notice::Severity,
    view,
};
use crate::{
    action::Action,
    filter,
    table::{GroupSort, GroupSortField, SortField, SortKey},
};

/// Most work first.
pub const BY_OPEN: GroupSort = GroupSort {
    field: GroupSortField::Unresolved,
    descending: true,
};

/// Most leaks first.
pub const BY_LEAKS: GroupSort = GroupSort {
    field: GroupSortField::Leaks,
    descending: true,
};

/// Newest leak first.
pub fn newest_first() -> Vec<SortKey> {
    vec![SortKey {
        field: SortField::Seen,
        descending: true,
    }]
}

/// The filter's text changed: a valid text is in force at once, an invalid one leaves the last result.
pub fn set_text(model: &mut Model, pane: Pane, text: &str) {
    match filter::parse(text) {
        Ok(filter) => {
            let Some(state) = model.filter_mut(pane) else {
                return;
            };
            let narrowed = filter.narrows(&state.filter);
            state.error = None;
            state.filter = filter;
            match pane {
                // Marked leaks that are gone are shown only in the whole: narrowing inside the old hits keeps them.
                Pane::Leaks => view::refresh_leaks(model, narrowed),
                Pane::Domains | Pane::Users | Pane::Connections => {
                    view::refresh_groups(model, pane);
                }
                Pane::Jobs => {}
            }
            view::moved(model);
        }
        Err(error) => {
            if let Some(state) = model.filter_mut(pane) {
                state.error = Some(error);
            }
        }
    }
}

/// A sort key was pressed: the focused pane is sorted by it; the same again reverses it.
pub fn sort(model: &mut Model, action: Action) {
    let now = model.now.since_start;
    let pane = model.focus;
    let done = match pane {
        Pane::Leaks if model.leaks.grouping.is_none() => leak_field(action).map(|field| {
            let same = model
                .leaks
                .sort
                .first()
                .is_some_and(|key| key.field == field);
            let descending = if same {
                !model.leaks.sort[0].descending
            } else {
                matches!(field, SortField::Seen | SortField::Added | SortField::Risk)
            };
            model.leaks.sort = vec![SortKey { field, descending }];
            view::refresh_leaks(model, false);
        }),
        Pane::Domains | Pane::Users | Pane::Connections | Pane::Leaks => {
            group_field(action).map(|field| {
                if let Some(groups) = model.groups_mut(pane) {
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
                remake(model, pane);
            })
        }
        Pane::Jobs => None,
    };
    if done.is_none() {
        model.notices.push(
            Severity::Info,
            format!("the {pane} are not sorted by that"),
            None,
            now,
        );
    }
    view::moved(model);
}

/// Turns the focused pane's sort round.
pub fn reverse(model: &mut Model) {
    let pane = model.focus;
    match pane {
        Pane::Leaks if model.leaks.grouping.is_none() => {
            if let Some(key) = model.leaks.sort.first_mut() {
                key.descending = !key.descending;
            }
            view::refresh_leaks(model, false);
        }
        Pane::Domains | Pane::Users | Pane::Connections | Pane::Leaks => {
            if let Some(groups) = model.groups_mut(pane) {
                groups.sort.descending = !groups.sort.descending;
            }
            remake(model, pane);
        }
        Pane::Jobs => {}
    }
    view::moved(model);
}

fn remake(model: &mut Model, pane: Pane) {
    if pane == Pane::Leaks {
        grouping::refresh(model);
    } else {
        view::refresh_groups(model, pane);
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

/// A sort in words, for the pane's title.
pub fn sort_words(keys: &[SortKey]) -> String {
    let word = |field| match field {
        SortField::Seen => "seen",
        SortField::Added => "added",
        SortField::Login => "login",
        SortField::Domain => "domain",
        SortField::Url => "url",
        SortField::Status => "status",
        SortField::Host => "host",
        SortField::Country => "country",
        SortField::Risk => "risk",
        SortField::Key => "key",
    };
    keys.first().map_or_else(String::new, |key| {
        format!(
            "by {}{}",
            word(key.field),
            if key.descending { ", last first" } else { "" }
        )
    })
}
