//! The domains, users and connections panes: groups of leaks.

use super::parts::{
    bar, cell, column_titles, draw_empty, draw_partial_marker, draw_titles, marker, progress, title,
};
use crate::{
    action::Action,
    app::{
        columns::{self, Column, place::ColumnLayout},
        cursor, domains, grouping,
        model::{Context, GroupRef, GroupsPane, Pane, ScopeItem},
        view,
    },
    entity::{leak::LeakField, number::group_digits, status::Status},
    table::{GroupId, GroupRow, RowId},
    ui::{
        Look, frame, header, text,
        value::{form_label, group_name, listed},
    },
};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};
use unicode_width::UnicodeWidthStr as _;

/// Draws one of them.
pub fn draw(context: Context<'_>, look: &Look, pane: Pane, area: Rect, buffer: &mut Buffer) {
    let focused = context.workspace.focus == pane;
    let Some(groups) = context.workspace.groups(pane) else {
        return;
    };
    // Beside the leaks, the connections are those of the leak under the cursor; with the focus, all of the scope.
    let follows = view::shows_connections_of_leak(context, pane);
    let of_leak = pane == Pane::Connections
        && context
            .workspace
            .scope
            .iter()
            .any(|chip| matches!(chip, ScopeItem::Leak(_)));
    let more = if follows || of_leak {
        of_leak_words(context, look, focused)
    } else {
        title_suffix(context, look, pane, groups, area.width)
    };
    let room = frame::pane(
        look,
        title(context, look, pane, more),
        focused,
        area,
        buffer,
    );
    let inner = Rect {
        x: room.x + 2,
        width: room.width.saturating_sub(3),
        ..room
    };
    let placed = columns::layout_columns(context, pane, inner.width);
    let rows: Vec<(GroupRef, Option<&GroupRow>)> = if follows {
        context
            .workspace
            .detail_delay
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
        draw_empty(
            context,
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
    draw_titles(look, column_titles(&placed), inner, buffer);
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
    let marked = grouping::marked_counts(context, &shown);
    for (row, (group, counts)) in rows.into_iter().enumerate() {
        let row = row as u16;
        let cursor = !follows && groups.list.cursor() == Some(group);
        let in_group = marked.get(&group).copied().unwrap_or(0);
        let all = in_group > 0 && counts.is_some_and(|counts| in_group >= counts.total());
        marker(look, cursor, focused, all, row, below, buffer);
        if in_group > 0 && !all {
            draw_partial_marker(look, row, below, buffer);
        }
        for (column, place) in &placed {
            cell(
                &value(context, look, group, counts, *column, place),
                place,
                cells,
                row,
                buffer,
            );
        }
        if focused && cursor {
            bar(look, row, below, buffer);
        }
    }
}

/// What the title of the connections of a leak says: that they are, and where the others are.
fn of_leak_words(context: Context<'_>, look: &Look, focused: bool) -> String {
    let all = context.keys.first(Action::FocusConnections);
    match all.filter(|_| focused) {
        Some(key) => format!("of this leak {} {key} all ", look.glyphs.separator),
        None => "of this leak ".to_owned(),
    }
}

/// What the title says beside the pane's name.
fn title_suffix(
    context: Context<'_>,
    look: &Look,
    pane: Pane,
    groups: &GroupsPane,
    width: u16,
) -> String {
    let by = context
        .workspace
        .leaks
        .grouping
        .as_ref()
        .filter(|_| pane == Pane::Leaks);
    let without = by
        .filter(|grouping| grouping.ungrouped_count > 0)
        .map(|grouping| {
            format!(
                "{} have none",
                group_digits(grouping.ungrouped_count as u64)
            )
        });
    let parts = [
        by.map(|grouping| format!("by {}", cursor::noun(grouping.kind)))
            .unwrap_or_default(),
        if context.workspace.is_building_groups(pane) && !context.data.is_loading() {
            format!("counting{}", look.glyphs.ellipsis)
        } else {
            group_digits(groups.list.order().len() as u64)
        },
        // Rather nothing than half of it.
        without
            .filter(|_| width >= columns::MIN_WIDTH_FOR_UNGROUPED)
            .unwrap_or_default(),
        progress(context),
        filter_text(context, pane),
    ];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(&format!(" {} ", look.glyphs.separator))
        + " "
}

fn filter_text(context: Context<'_>, pane: Pane) -> String {
    context
        .workspace
        .filter(pane)
        .filter(|state| !state.filter.is_empty())
        .map_or_else(String::new, |_| "filtered".to_owned())
}

fn value(
    context: Context<'_>,
    look: &Look,
    (kind, group): GroupRef,
    row: Option<&GroupRow>,
    column: Column,
    place: &ColumnLayout,
) -> Line<'static> {
    let (styles, width) = (&look.styles, usize::from(place.width));
    let count =
        |number: u32, style| Line::from(vec![text::number(u64::from(number), width, style)]);
    let open = row.map_or(0, GroupRow::unresolved);
    match column {
        Column::Name => group_name(context, look, (kind, group), width),
        Column::Form => Line::from(vec![text::literal(form_label(kind), styles.dim)]),
        Column::Open => count(open, if open > 0 { styles.warn } else { styles.dim }),
        Column::Fixed => count(
            row.map_or(0, |row| row.by_status[Status::Fixed as usize]),
            styles.ok,
        ),
        Column::Leaks => count(row.map_or(0, GroupRow::total), styles.text),
        Column::Verified => verification_line(context, look, group),
        Column::Sources => {
            let sources = row.map_or(0, |row| row.sources);
            let style = if sources > 1 {
                styles.accent
            } else {
                styles.dim
            };
            let noun = if sources == 1 { "source" } else { "sources" };
            Line::from(vec![text::from_ui(format!("{sources} {noun}"), style)])
        }
        Column::From => from(context, look, group, row, width),
        Column::First => date_line(context, look, row.and_then(GroupRow::first), width),
        Column::Last => date_line(context, look, row.and_then(GroupRow::last), width),
        _ => Line::default(),
    }
}

/// The date of a leak of the group.
fn date_line(
    context: Context<'_>,
    look: &Look,
    leak: Option<RowId>,
    width: usize,
) -> Line<'static> {
    let Some(leak) = leak else {
        return Line::default();
    };
    let seen = context.data.table.text(leak, LeakField::FirstSeen);
    listed(context, look, &seen, width)
}

/// The profiles that have a domain by their short names, or how many sources that are where these have no room.
fn from(
    context: Context<'_>,
    look: &Look,
    domain: GroupId,
    row: Option<&GroupRow>,
    width: usize,
) -> Line<'static> {
    let profiles = context.data.profiles.iter();
    let having = profiles.filter(|state| context.data.table.has_domain(state.slot, domain));
    let names: Vec<String> = having
        .map(|state| header::short_profile_name(context, state.profile.binding.name.as_str()))
        .collect();
    let style = if names.len() > 1 {
        look.styles.accent
    } else {
        look.styles.dim
    };
    let words = names.join(" ");
    let sources = row.map_or(names.len(), |row| row.sources as usize);
    let words = if words.width() <= width || names.len() == 1 {
        words
    } else {
        format!("{sources} sources")
    };
    Line::from(vec![text::from_ui(words, style)])
}

fn verification_line(context: Context<'_>, look: &Look, domain: GroupId) -> Line<'static> {
    let watched = domains::watched(context, domain);
    let styles = &look.styles;
    match watched.verified {
        Some(true) => Line::from(vec![
            text::literal(look.glyphs.verified, styles.ok),
            text::literal(" yes", styles.ok),
        ]),
        // A list that did not come may have it.
        _ if watched.unread => Line::from(vec![text::literal("?", styles.dim)]),
        Some(false) => Line::from(vec![text::literal("no", styles.dim)]),
        None => Line::default(),
    }
}
