//! What all panes have: a title, titles of columns, cells, markers, and what they say when they have no rows.

use crate::{
    app::{
        columns::{Column, place::ColumnLayout},
        model::{Context, Pane},
        notice::Severity,
        paging::PagingState,
        search,
    },
    entity::number::group_digits,
    table::SortKey,
    ui::{Look, cells, chart, frame, header, text},
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
};

/// The title of a pane: its number and name, then what is to be said of it.
pub fn title(context: Context<'_>, look: &Look, pane: Pane, more: String) -> Vec<Span<'static>> {
    let focused = context.workspace.focus == pane;
    let style = if focused {
        look.styles.title
    } else {
        look.styles.dim
    };
    let number = match pane {
        Pane::Domains => " 1 ",
        Pane::Users => " 2 ",
        Pane::Leaks => " 3 ",
        Pane::Connections => " 4 ",
        Pane::Jobs => " 5 ",
    };
    vec![
        text::literal(number, look.styles.key_hint),
        text::from_ui(format!("{pane} "), style),
        text::from_ui(more, look.styles.dim),
    ]
}

/// Draws the titles of columns: each, whether it stands where its numbers end, and its place.
pub fn draw_titles(
    look: &Look,
    titles: impl IntoIterator<Item = (&'static str, bool, ColumnLayout)>,
    room: Rect,
    buffer: &mut Buffer,
) {
    for (title, is_number, place) in titles {
        let width = usize::from(place.width);
        let words = if is_number {
            format!("{title:>width$}")
        } else {
            title.to_owned()
        };
        let spot = Rect::new(room.x + place.x, room.y, place.width, 1);
        frame::line(vec![text::from_ui(words, look.styles.dim)], spot, 0, buffer);
    }
}

/// The titles of columns of leaks and groups.
pub fn column_titles(
    placed: &[(Column, ColumnLayout)],
) -> impl Iterator<Item = (&'static str, bool, ColumnLayout)> + '_ {
    placed
        .iter()
        .map(|(column, place)| (column.title(), column.is_number(), *place))
}

/// A sort in words: `by status▲ leaked▼`. ASCII has words for the direction.
pub fn sort_label(look: &Look, keys: &[SortKey]) -> String {
    let glyphs = look.glyphs;
    if chart::is_ascii(look) {
        search::format_sort(keys, " asc", " desc")
    } else {
        search::format_sort(keys, glyphs.ascending, glyphs.descending)
    }
}

/// Draws one cell.
pub fn cell(
    value: &Line<'static>,
    place: &ColumnLayout,
    room: Rect,
    row: u16,
    buffer: &mut Buffer,
) {
    if row < room.height {
        let at = (room.x + place.x, room.y + row);
        cells::draw_spans(&value.spans, at, place.width, buffer);
    }
}

/// The marker of a row: cursor, mark, both or neither; two columns wide.
pub fn marker(
    look: &Look,
    cursor: bool,
    focused: bool,
    marked: bool,
    row: u16,
    room: Rect,
    buffer: &mut Buffer,
) {
    let (styles, glyphs) = (&look.styles, look.glyphs);
    if row >= room.height {
        return;
    }
    let cursor_style = if focused { styles.cursor } else { styles.dim };
    for (shown, sign, style, column) in [
        (cursor, glyphs.cursor, cursor_style, 0),
        (marked, glyphs.mark, styles.marked, 1),
    ] {
        if shown {
            let at = (room.x + column, room.y + row);
            cells::draw_text(sign, style, at, 1, buffer);
        }
    }
}

/// Gives the row under the cursor its style, from one edge of the pane to the other. What stands out by reversed colours
/// there stands out the other way round.
pub fn bar(look: &Look, row: u16, room: Rect, buffer: &mut Buffer) {
    let style = look.styles.cursor_row;
    if row >= room.height || style == Style::new() {
        return;
    }
    let flips = style.add_modifier.contains(Modifier::REVERSED);
    for column in room.left()..room.right() {
        if let Some(cell) = buffer.cell_mut((column, room.y + row)) {
            let was_reversed = cell.modifier.contains(Modifier::REVERSED);
            let is_cut =
                cell.symbol() == text::ELLIPSIS && cell.modifier.contains(text::ELLIPSIS_STYLE);
            cell.set_style(style);
            // One ground needs no second weight: dim letters are hard to read on it, and each change costs bytes.
            let weights = Modifier::BOLD | Modifier::DIM | Modifier::ITALIC;
            cell.modifier.remove(weights - style.add_modifier);
            // Without a style of its own the sign of a cut must not be that of text: here the typed one is marked.
            if is_cut {
                cell.set_symbol(look.glyphs.ellipsis);
            } else if cell.symbol() == look.glyphs.ellipsis {
                cell.modifier.insert(Modifier::UNDERLINED);
            }
            if flips && was_reversed {
                cell.modifier.remove(Modifier::REVERSED);
            }
        }
    }
}

/// The marker of a group of which some leaks are marked and some are not.
pub fn draw_partial_marker(look: &Look, row: u16, room: Rect, buffer: &mut Buffer) {
    let spot = Rect {
        x: room.x + 1,
        width: 1,
        ..room
    };
    let sign = text::literal(look.glyphs.some_marked, look.styles.marked);
    frame::line(vec![sign], spot, row, buffer);
}

/// What a pane without rows says: loading, what went wrong, or why there is nothing.
pub fn draw_empty(context: Context<'_>, look: &Look, pane: Pane, room: Rect, buffer: &mut Buffer) {
    let styles = &look.styles;
    let error = context.data.profiles.iter().find_map(|state| {
        let error = state.paging.error.as_ref()?;
        Some((state.profile.binding.name.clone(), error))
    });
    let filter = context
        .workspace
        .filter(pane)
        .is_some_and(|state| !state.filter.is_empty());
    let mut row = 0;
    if let (Some((profile, error)), true) = (error, context.data.table.is_empty()) {
        row = frame::wrapped(
            &format!("{profile}: {error}"),
            styles.error,
            room,
            row,
            buffer,
        );
        frame::wrapped(
            &format!("{}. Press r to try again.", error.hint()),
            styles.dim,
            room,
            row,
            buffer,
        );
    } else if context.data.is_loading() && context.data.table.is_empty() {
        frame::wrapped(
            "Loading the first page. Esc stops it.",
            styles.pending,
            room,
            row,
            buffer,
        );
    } else if context.workspace.is_building_groups(pane) {
        frame::wrapped(
            "Counting the leaks of each.",
            styles.pending,
            room,
            row,
            buffer,
        );
    } else if filter {
        row = frame::wrapped(
            &format!("No {pane} match the filter."),
            styles.text,
            room,
            row,
            buffer,
        );
        frame::wrapped("Press \\ to clear it.", styles.dim, room, row, buffer);
    } else if context.workspace.leaks.marked_only && pane == Pane::Leaks {
        frame::wrapped(
            "Nothing is marked here. Press M to show all.",
            styles.text,
            room,
            row,
            buffer,
        );
    } else if !context.workspace.scope.is_empty() {
        frame::wrapped(
            &format!("No {pane} in this drill-down. Press Esc to go back."),
            styles.text,
            room,
            row,
            buffer,
        );
    } else {
        frame::wrapped(
            &format!("No {pane}. The provider has none for this account."),
            styles.text,
            room,
            row,
            buffer,
        );
    }
}

/// How far the lists are loaded, for the titles of what is made from them; empty when they are complete.
pub fn progress(context: Context<'_>) -> String {
    if context.data.is_complete() {
        return String::new();
    }
    let (seen, total) = context
        .data
        .profiles
        .iter()
        .fold((0, 0), |(seen, total), state| {
            let kept = state.paging.rows_retained.max(state.paging.rows_received);
            (
                seen + kept,
                total + state.paging.total.unwrap_or(kept).max(kept),
            )
        });
    let word = if context.data.is_loading() {
        "loading"
    } else {
        "incomplete: have"
    };
    if context
        .data
        .profiles
        .iter()
        .all(|state| state.paging.state == PagingState::Idle)
    {
        return String::new();
    }
    if total == 0 {
        // How many there are is not known yet.
        return word.split(':').next().unwrap_or_default().to_owned();
    }
    let failed = context
        .data
        .profiles
        .iter()
        .find_map(|state| Some((&state.profile.binding.name, state.paging.error.as_ref()?)));
    if let Some((name, error)) = failed.filter(|_| seen >= total && !context.data.is_loading()) {
        // What it brought before is still here: the numbers alone would look whole.
        return format!("incomplete: {name} {}", header::failure_label(error));
    }
    format!("{word} {} of {}", group_digits(seen), group_digits(total))
}

/// The style of a notice.
pub fn severity_style(look: &Look, severity: Severity) -> Style {
    match severity {
        Severity::Info => look.styles.text,
        Severity::Warning => look.styles.warn,
        Severity::Error => look.styles.error,
    }
}

/// Where the rows of leaks are in the area of the pane: within its frame, below the titles of columns.
pub fn leak_rows_area(area: Rect) -> Rect {
    Rect {
        x: area.x + 1,
        y: area.y + 2,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(3),
    }
}
