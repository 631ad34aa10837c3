//! The domains, users and connections panes: groups of leaks.

use super::{Look, cell, empty, marker, progress, some_marked, title, titles};
use crate::{
    app::{
        grouping,
        model::{GroupRef, Model, Pane},
        paging::grouped,
        view,
    },
    entity::status::Status,
    table::{GroupKind, GroupRow},
    ui::{
        column::{self, Column, Placed},
        frame, text,
    },
};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

const COLUMNS: &[Column] = &[
    Column {
        title: "name",
        least: 14,
        weight: 4,
        rank: 0,
    },
    Column {
        title: "form",
        least: 8,
        weight: 0,
        rank: 3,
    },
    Column {
        title: "open",
        least: 7,
        weight: 0,
        rank: 1,
    },
    Column {
        title: "fixed",
        least: 7,
        weight: 0,
        rank: 4,
    },
    Column {
        title: "leaks",
        least: 7,
        weight: 0,
        rank: 2,
    },
    Column {
        title: "verified",
        least: 8,
        weight: 0,
        rank: 5,
    },
    Column {
        title: "sources",
        least: 9,
        weight: 0,
        rank: 3,
    },
];
const NAME: usize = 0;
const FORM: usize = 1;
const OPEN: usize = 2;
const FIXED: usize = 3;
const LEAKS: usize = 4;
const VERIFIED: usize = 5;
const SOURCES: usize = 6;

/// Draws one of them.
pub fn draw(model: &Model, look: &Look, pane: Pane, area: Rect, buffer: &mut Buffer) {
    let focused = model.focus == pane;
    let Some(groups) = model.groups(pane) else {
        return;
    };
    // Beside the leaks, the connections are those of the leak under the cursor; with the focus, all of the scope.
    let follows = pane == Pane::Connections && !focused && !model.rest.connections.is_empty();
    let more = if follows {
        "of this leak ".to_owned()
    } else {
        heading(model, look, pane, groups.list.order().len())
    };
    let room = frame::pane(look, title(model, look, pane, more), focused, area, buffer);
    let offered: Vec<usize> = match pane {
        Pane::Domains => vec![NAME, OPEN, FIXED, LEAKS, VERIFIED],
        Pane::Users | Pane::Leaks => vec![NAME, SOURCES, OPEN, FIXED, LEAKS],
        Pane::Connections | Pane::Jobs => vec![NAME, FORM, OPEN, LEAKS],
    };
    let inner = Rect {
        x: room.x + 2,
        width: room.width.saturating_sub(3),
        ..room
    };
    let chosen: Vec<Column> = offered.iter().map(|index| COLUMNS[*index]).collect();
    let placed: Vec<Placed> = column::place(&chosen, inner.width)
        .into_iter()
        .map(|place| Placed {
            index: offered[place.index],
            ..place
        })
        .collect();
    let rows: Vec<(GroupRef, Option<&GroupRow>)> = if follows {
        model
            .rest
            .connections
            .iter()
            .map(|(group, row)| (*group, Some(row)))
            .collect()
    } else {
        groups
            .list
            .window(usize::from(room.height.saturating_sub(1)))
            .iter()
            .map(|group| (*group, groups.rows.get(group)))
            .collect()
    };
    if rows.is_empty() {
        empty(
            model,
            look,
            pane,
            Rect {
                width: inner.width.saturating_sub(1),
                ..inner
            },
            buffer,
        );
        return;
    }
    titles(look, COLUMNS, &placed, &[OPEN, FIXED, LEAKS], inner, buffer);
    let below = Rect {
        y: room.y + 1,
        height: room.height.saturating_sub(1),
        ..room
    };
    let cells = Rect {
        x: inner.x,
        width: inner.width,
        ..below
    };
    let shown: Vec<GroupRef> = rows.iter().map(|(group, _)| *group).collect();
    let marked = grouping::marked(model, &shown);
    for (row, (group, counts)) in rows.into_iter().enumerate() {
        let row = row as u16;
        let cursor = !follows && groups.list.cursor() == Some(group);
        let in_group = marked.get(&group).copied().unwrap_or(0);
        let all = in_group > 0 && counts.is_some_and(|counts| in_group >= counts.total);
        marker(look, cursor, focused, all, row, below, buffer);
        if in_group > 0 && !all {
            some_marked(look, row, below, buffer);
        }
        for place in &placed {
            cell(
                &value(model, look, group, counts, place),
                place,
                cells,
                row,
                buffer,
            );
        }
    }
}

/// What stands beside the title of a list of groups.
fn heading(model: &Model, look: &Look, pane: Pane, groups: usize) -> String {
    let by = model
        .leaks
        .grouping
        .as_ref()
        .filter(|_| pane == Pane::Leaks);
    let parts = [
        by.map(|grouping| format!("by {}", grouping::noun(grouping.kind)))
            .unwrap_or_default(),
        grouped(groups as u64),
        by.filter(|grouping| grouping.without > 0)
            .map(|grouping| format!("{} have none", grouped(grouping.without as u64)))
            .unwrap_or_default(),
        progress(model),
        filter_words(model, pane),
    ];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(&format!(" {} ", look.glyphs.separator))
        + " "
}

fn filter_words(model: &Model, pane: Pane) -> String {
    model
        .filter(pane)
        .filter(|state| !state.filter.is_empty())
        .map_or_else(String::new, |_| "filtered".to_owned())
}

fn value(
    model: &Model,
    look: &Look,
    (kind, group): GroupRef,
    row: Option<&GroupRow>,
    place: &Placed,
) -> Line<'static> {
    let (styles, width) = (&look.styles, usize::from(place.width));
    let count =
        |number: u32, style| Line::from(vec![text::number(u64::from(number), width, style)]);
    let open = row.map_or(0, |row| row.unresolved);
    match place.index {
        NAME => text::fit(
            &model.table.group_name(kind, group),
            width,
            styles.text,
            styles.escape,
        ),
        FORM => Line::from(vec![text::literal(form(kind), styles.dim)]),
        OPEN => count(open, if open > 0 { styles.warn } else { styles.dim }),
        FIXED => count(
            row.map_or(0, |row| row.by_status[Status::Fixed as usize]),
            styles.ok,
        ),
        LEAKS => count(row.map_or(0, |row| row.total), styles.text),
        VERIFIED => verified(model, look, (kind, group)),
        SOURCES => {
            let sources = row.map_or(0, |row| row.sources);
            let style = if sources > 1 {
                styles.accent
            } else {
                styles.dim
            };
            let noun = if sources == 1 { "source" } else { "sources" };
            Line::from(vec![text::own(format!("{sources} {noun}"), style)])
        }
        _ => Line::default(),
    }
}

/// What a group is called by its form.
pub fn form(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Endpoint => "machine",
        GroupKind::Resource => "resource",
        GroupKind::Domain => "domain",
        GroupKind::User => "user",
        GroupKind::Breach => "breach",
        GroupKind::Credential => "credential",
        GroupKind::Profile => "profile",
        GroupKind::Paste => "paste",
    }
}

fn verified(model: &Model, look: &Look, (kind, group): GroupRef) -> Line<'static> {
    let key = model.table.group_key(kind, group);
    let Some(state) = model.profile(&key.profile) else {
        return Line::default();
    };
    let styles = &look.styles;
    match &state.domains {
        None if state.domains_error.is_some() => Line::from(vec![text::literal("?", styles.dim)]),
        None => Line::default(),
        Some(domains) => match domains
            .iter()
            .find(|domain| domain.key == key)
            .map(|domain| domain.verified)
        {
            Some(Some(true)) => Line::from(vec![
                text::literal(look.glyphs.verified, styles.ok),
                text::literal(" yes", styles.ok),
            ]),
            Some(_) | None => Line::from(vec![text::literal("no", styles.dim)]),
        },
    }
}

/// The noun of a pane's rows.
pub fn noun(pane: Pane) -> String {
    view::kind_of(pane).to_string()
}
