//! The leaks pane.

use super::parts::{
    bar, cell, column_titles, draw_empty, draw_titles, leak_rows_area, marker, progress,
    sort_label, title,
};
use crate::{
    app::{
        claims,
        columns::{self, Column, place::ColumnLayout},
        model::{Context, Model, Pane},
        views,
    },
    entity::{leak::LeakField, number::group_digits, team::Team},
    table::RowId,
    ui::{
        Look, cells, chart, frame, header,
        redraw::UnchangedRows,
        text,
        value::{listed, news, risk, status_in},
    },
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::Line,
};

/// Draws it.
pub fn draw(model: &Model, look: &Look, area: Rect, kept: &UnchangedRows, buffer: &mut Buffer) {
    if model.workspace.leaks.grouping.is_some() {
        super::groups::draw(model.context(), look, Pane::Leaks, area, buffer);
        return;
    }
    let focused = model.workspace.focus == Pane::Leaks;
    let room = frame::pane(
        look,
        title(
            model.context(),
            look,
            Pane::Leaks,
            title_suffix(model, look),
        ),
        focused,
        area,
        buffer,
    );
    let list = &model.workspace.leaks.list;
    if list.order().is_empty() {
        if model.views.shows_since_left(model.context()) && !model.data.table.is_empty() {
            no_news(model, look, inset(room), buffer);
        } else {
            draw_empty(model.context(), look, Pane::Leaks, inset(room), buffer);
        }
        return;
    }
    let inner = Rect {
        x: room.x + 2,
        width: room.width.saturating_sub(3),
        ..room
    };
    let placed = columns::layout_columns(model.context(), Pane::Leaks, inner.width);
    draw_titles(look, column_titles(&placed), inner, buffer);
    let rows = leak_rows_area(area);
    let column = model.workspace.column.filter(|_| focused);
    let column = placed.iter().find(|(other, _)| Some(*other) == column);
    if let Some((_, place)) = column {
        let title = Rect::new(inner.x + place.x, inner.y, place.width, 1);
        buffer.set_style(title, look.styles.title.add_modifier(Modifier::REVERSED));
    }
    let cells = Rect {
        x: inner.x,
        width: inner.width,
        ..rows
    };
    let range: &[RowId] = match (model.workspace.leaks.range_mark, list.cursor()) {
        (Some((start, _)), Some(cursor)) => list.between(start, cursor),
        _ => &[],
    };
    for (row, handle) in list.window(usize::from(rows.height)).iter().enumerate() {
        let row = row as u16;
        if kept.contains(rows.y + row) {
            continue;
        }
        let in_range = range.contains(handle);
        let marked = model.workspace.marks.contains(*handle) != in_range
            || (in_range
                && model
                    .workspace
                    .leaks
                    .range_mark
                    .is_some_and(|(_, mark)| mark));
        marker(
            look,
            list.cursor() == Some(*handle),
            focused,
            marked,
            row,
            rows,
            buffer,
        );
        let is_unread = unread(model, look, *handle, marked, row, rows, buffer);
        for (column, place) in &placed {
            let Some(field) = column.field() else {
                let value = value(model.context(), look, *handle, *column, place);
                cell(&value, place, cells, row, buffer);
                continue;
            };
            let value = model.data.table.text(*handle, field);
            let at = (cells.x + place.x, cells.y + row);
            let styles = (look.styles.text, look.styles.escape);
            text::draw_fitted(&value, place.width, styles, at, buffer);
        }
        if is_unread {
            let line = Rect::new(rows.x, rows.y + row, rows.width, 1);
            buffer.set_style(line, Style::new().add_modifier(Modifier::BOLD));
        }
        // The cell under the column cursor would not stand out in a bar.
        if focused && column.is_none() && list.cursor() == Some(*handle) {
            bar(look, row, rows, buffer);
        }
        if let Some((_, place)) = column
            && list.cursor() == Some(*handle)
        {
            let spot = Rect::new(cells.x + place.x, cells.y + row, place.width, 1);
            buffer.set_style(spot, Style::new().add_modifier(Modifier::REVERSED));
        }
    }
}

/// The sign of a leak of which there are news that nobody has looked at, where its mark would stand; whether there are
/// any. Such rows are bold, as mail programs show them.
fn unread(
    model: &Model,
    look: &Look,
    handle: RowId,
    marked: bool,
    row: u16,
    room: Rect,
    buffer: &mut Buffer,
) -> bool {
    if !model.data.table.is_unread(handle) {
        return false;
    }
    if !marked && row < room.height {
        let sign = if chart::is_ascii(look) { "N" } else { "•" };
        cells::draw_text(
            sign,
            look.styles.accent,
            (room.x + 1, room.y + row),
            1,
            buffer,
        );
    }
    true
}

fn inset(room: Rect) -> Rect {
    Rect {
        x: room.x + 2,
        width: room.width.saturating_sub(4),
        ..room
    }
}

fn title_suffix(model: &Model, look: &Look) -> String {
    let (shown, all) = (
        model.workspace.leaks.list.order().len() as u64,
        model.data.table.len() as u64,
    );
    let total: u64 = model
        .data
        .profiles
        .iter()
        .map(|state| state.paging.total.unwrap_or(0))
        .sum();
    // Marked leaks that are gone are shown and counted here, and nowhere else.
    let all = all.max(shown);
    let mut words = if all == 0 && !model.data.is_complete() {
        String::new()
    } else if shown == all && all >= total {
        format!("{} of {} ", group_digits(shown), group_digits(all))
    } else if shown == all {
        format!("{} ", group_digits(shown))
    } else {
        format!("{} of {} ", group_digits(shown), group_digits(all))
    };
    let glyphs = look.glyphs;
    let searching = model.workspace.leaks.pending_search.as_ref();
    for part in [
        progress(model.context()),
        searching.map_or_else(String::new, |_| "searching".into()),
        sort_label(look, &model.workspace.leaks.sort),
        match model.workspace.leaks.missing_value_count {
            0 => String::new(),
            count => format!("{} left out without a value", group_digits(count as u64)),
        },
        if model.workspace.leaks.marked_only {
            "marked only".into()
        } else {
            String::new()
        },
    ] {
        if !part.is_empty() {
            if !words.is_empty() {
                words.push_str(look.glyphs.separator);
                words.push(' ');
            }
            words.push_str(&part);
            words.push(' ');
        }
    }
    let mut view = views::current_name(&model.views, model.context());
    if model.views.shows_since_left(model.context())
        && let (Some(view), Some(since)) = (&mut view, model.news.since())
    {
        let since = since.to_zoned(model.setup.zone.clone());
        view.push_str(&since.strftime(", %Y-%m-%d %H:%M").to_string());
    }
    match view {
        Some(view) if words.is_empty() => format!("{view} "),
        Some(view) => format!("{view} {} {words}", glyphs.separator),
        None => words,
    }
}

/// What the list of what is new says where nothing is: what was not read may hold some.
fn no_news(model: &Model, look: &Look, room: Rect, buffer: &mut Buffer) {
    let profiles = &model.data.profiles;
    let words = if model.data.is_loading() {
        "Nothing is new so far: the lists are still being read."
    } else if profiles.iter().any(|state| state.paging.error.is_some()) {
        "Nothing is new in what was read, but not all could be read: ! says why."
    } else {
        "Nothing is new since you left."
    };
    let row = frame::wrapped(words, look.styles.text, room, 0, buffer);
    let back = "N goes back to what was shown before.";
    frame::wrapped(back, look.styles.dim, room, row, buffer);
}

fn value(
    context: Context<'_>,
    look: &Look,
    handle: RowId,
    column: Column,
    place: &ColumnLayout,
) -> Line<'static> {
    let width = usize::from(place.width);
    let styles = &look.styles;
    let said = |text: Option<&str>| {
        let text = text.unwrap_or_default().as_bytes();
        text::fit(text, width, styles.text, styles.escape)
    };
    let noted = || context.data.table.last_note(handle);
    match column {
        Column::Status => status_in(context, look, handle, width),
        Column::Risk => risk(
            look,
            context.data.table.row(handle).risk.map(|risk| risk.level),
        ),
        Column::Seen => date_line(context, look, handle, LeakField::FirstSeen, width),
        Column::Added => date_line(context, look, handle, LeakField::AddedAt, width),
        Column::Found => listed(
            context,
            look,
            context.data.table.found_text(handle).as_bytes(),
            width,
        ),
        Column::News => match context.data.table.fresh_news(handle) {
            Some(told) => news(look, told),
            None => Line::default(),
        },
        Column::From => {
            let name = context.data.table.key(handle).profile;
            let name = header::short_profile_name(context, name.as_str());
            Line::from(vec![text::from_ui(name, styles.text)])
        }
        Column::Claim => claim_line(context, look, handle, width),
        Column::Reason => said(noted().and_then(|noted| noted.justification.reason.as_deref())),
        Column::Ticket => said(noted().and_then(|noted| noted.justification.ticket.as_deref())),
        // What the provider sent is put where it belongs without a line of its own.
        _ => Line::default(),
    }
}

/// A date of a leak.
fn date_line(
    context: Context<'_>,
    look: &Look,
    handle: RowId,
    field: LeakField,
    width: usize,
) -> Line<'static> {
    listed(
        context,
        look,
        &context.data.table.text(handle, field),
        width,
    )
}

/// `@user`, brighter where that is us.
fn claim_line(context: Context<'_>, look: &Look, handle: RowId, width: usize) -> Line<'static> {
    let Some(claim) = claims::active_claim(context, handle) else {
        return Line::default();
    };
    let style = if claim.is_own {
        look.styles.accent
    } else {
        look.styles.warn
    };
    let mut words = format!("@{}", claim.claimant.user);
    let seats = |team: &Team| {
        let consoles = team.state.consoles.iter();
        consoles
            .filter(|console| console.online && console.role == claim.claimant.user)
            .count()
    };
    if context.access.team.as_deref().map_or(0, seats) > 1 {
        let tty = &claim.claimant.console;
        words.push_str(&format!(" ({})", tty.strip_prefix("/dev/").unwrap_or(tty)));
    }
    text::fit(words.as_bytes(), width, style, look.styles.escape)
}
