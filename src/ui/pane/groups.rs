//! The domains, users and connections panes: groups of leaks.

use super::{Look, cell, empty, marker, progress, some_marked, title, titles};
use crate::{
    app::{
        grouping,
        model::{GroupRef, GroupsPane, Model, Pane},
        paging::grouped,
        view,
    },
    entity::status::Status,
    table::{GroupKind, GroupRow},
    ui::{
        column::{self, Column, Placed},
        frame, header, text,
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
        rank: 6,
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
        rank: 1,
    },
    Column {
        title: "from",
        least: header::SHORT_NAME as u16,
        weight: 0,
        rank: 1,
    },
];
const NAME: usize = 0;
const FORM: usize = 1;
const OPEN: usize = 2;
const FIXED: usize = 3;
const LEAKS: usize = 4;
const VERIFIED: usize = 5;
const SOURCES: usize = 6;
const FROM: usize = 7;

/// Columns of a pane below which a number of sources has no noun but `src`.
const ROOM_FOR_SOURCES: u16 = 60;

/// Columns that a connection's name wants: host names are long, and cut ones look alike. What it is says its name, so
/// that the form goes first.
const CONNECTION_NAME: u16 = 26;

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
        more(model, look, pane, groups, area.width)
    };
    let room = frame::pane(look, title(model, look, pane, more), focused, area, buffer);
    let inner = Rect {
        x: room.x + 2,
        width: room.width.saturating_sub(3),
        ..room
    };
    let (columns, placed) = columns(model, pane, inner.width);
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
    titles(
        look,
        &columns,
        &placed,
        &[OPEN, FIXED, LEAKS],
        inner,
        buffer,
    );
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

/// What the title says beside the pane's name.
fn more(model: &Model, look: &Look, pane: Pane, groups: &GroupsPane, width: u16) -> String {
    let by = model
        .leaks
        .grouping
        .as_ref()
        .filter(|_| pane == Pane::Leaks);
    let without = by
        .filter(|grouping| grouping.without > 0)
        .map(|grouping| format!("{} have none", grouped(grouping.without as u64)));
    let parts = [
        by.map(|grouping| format!("by {}", grouping::noun(grouping.kind)))
            .unwrap_or_default(),
        grouped(groups.list.order().len() as u64),
        // Rather nothing than half of it.
        without
            .filter(|_| width >= ROOM_FOR_SOURCES)
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

/// The columns as they are in so much room, and where those stand that a pane has.
fn columns(model: &Model, pane: Pane, width: u16) -> (Vec<Column>, Vec<Placed>) {
    let offered: &[usize] = match pane {
        // A domain is one profile's: two of the same name are told apart by it.
        Pane::Domains if several(model) => &[NAME, FROM, OPEN, FIXED, LEAKS, VERIFIED],
        Pane::Domains => &[NAME, OPEN, FIXED, LEAKS, VERIFIED],
        Pane::Users | Pane::Leaks if several(model) => &[NAME, SOURCES, OPEN, FIXED, LEAKS],
        Pane::Users | Pane::Leaks => &[NAME, OPEN, FIXED, LEAKS],
        Pane::Connections | Pane::Jobs => &[NAME, FORM, OPEN, LEAKS],
    };
    let mut columns = COLUMNS.to_vec();
    for (index, column) in columns.iter_mut().enumerate() {
        match index {
            NAME if pane == Pane::Connections => column.least = CONNECTION_NAME,
            SOURCES if width < ROOM_FOR_SOURCES => {
                (column.title, column.least) = ("src", 5);
            }
            _ => {}
        }
    }
    let chosen: Vec<Column> = offered.iter().map(|index| columns[*index]).collect();
    let placed = column::place(&chosen, width)
        .into_iter()
        .map(|place| Placed {
            index: offered[place.index],
            ..place
        })
        .collect();
    (columns, placed)
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
        NAME => name(model, look, (kind, group), width),
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
            let noun = match sources {
                _ if width < 9 => "src",
                1 => "source",
                _ => "sources",
            };
            Line::from(vec![text::own(format!("{sources} {noun}"), style)])
        }
        FROM => {
            let name = model.table.group_key(kind, group).profile;
            let name = header::short(model, name.as_str());
            Line::from(vec![text::own(name, styles.dim)])
        }
        _ => Line::default(),
    }
}

/// What a group is called. Two credentials of a person differ in their last letters alone, so these are never cut.
pub fn name(model: &Model, look: &Look, (kind, group): GroupRef, width: usize) -> Line<'static> {
    let styles = &look.styles;
    let name = model.table.group_name(kind, group);
    let parts = name
        .windows(SEPARATOR.len())
        .rposition(|window| window == SEPARATOR)
        .filter(|_| kind == GroupKind::Credential)
        .and_then(|at| Some((name.get(..at)?, name.get(at + SEPARATOR.len()..)?)));
    let Some((login, end)) = parts else {
        return text::fit(&name, width, styles.text, styles.escape);
    };
    let end = text::fit(end, width, styles.dim, styles.escape);
    let room = width.saturating_sub(end.width() + 3);
    let mut line = text::fit(login, room, styles.text, styles.escape);
    line.push_span(text::own(
        format!(" {} ", look.glyphs.separator),
        styles.dim,
    ));
    line.spans.extend(end.spans);
    line
}

/// What the table puts between a login and the print of its password.
const SEPARATOR: &[u8] = " · ".as_bytes();

/// Whether there is more than one profile that something may be from.
fn several(model: &Model) -> bool {
    model.profiles.len() > 1
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
        GroupKind::Source => "source",
        GroupKind::Country => "country",
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
