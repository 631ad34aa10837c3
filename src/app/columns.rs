//! The columns of the panes: which there are, which of them a pane shows, in what order and how wide. What nobody has
//! chosen is left to the room: the least important goes first, and what is cut short gets more than what is not.

mod column;
pub mod edit;
pub mod place;

mod chosen;

pub use chosen::{Columns, available_columns, default_columns};
pub use column::{Column, MAX_WIDTH, MIN_WIDTH, SHORT_NAME_CHARS, VisibleColumn};

use super::{
    claims, layout,
    model::{Context, Pane, WorkspaceUpdate},
};
use crate::{config::console::Times, entity::capability::LeakMember};
use place::ColumnLayout;

/// The pane whose columns the focused one has: gathered leaks are shown as people are.
pub fn focused_column_pane(context: Context<'_>) -> Pane {
    column_pane(context, context.workspace.focus)
}

/// The same for any pane.
pub fn column_pane(context: Context<'_>, pane: Pane) -> Pane {
    if pane == Pane::Leaks && context.workspace.leaks.grouping.is_some() {
        Pane::Users
    } else {
        pane
    }
}

/// What a pane shows, in order.
pub fn visible_columns(context: Context<'_>, pane: Pane) -> Vec<VisibleColumn> {
    let chosen = context.workspace.columns.get(pane);
    chosen.map_or_else(|| default_columns(pane), <[VisibleColumn]>::to_vec)
}

/// Whether a column has anything to show: a provider that knows no risk would only show question marks, one profile a
/// column of its name, and claims are of no use where nobody has claimed anything.
pub fn has_content(context: Context<'_>, column: Column) -> bool {
    match column {
        Column::Risk => {
            let mut profiles = context.data.profiles.iter();
            profiles.any(|state| state.profile.capabilities.has(LeakMember::Risk))
        }
        Column::From | Column::Sources => context.data.profiles.len() > 1,
        Column::Claim => claims::has_active_claims(context),
        _ => true,
    }
}

/// Columns that a connection's name wants: host names are long, and cut ones look alike. What it is says its name, so
/// that the form goes first.
const CONNECTION_NAME_WIDTH: u16 = 26;

/// Columns that a status takes with its longest word and the sign beside it.
const STATUS: u16 = 18;

/// Columns that all but the longest statuses take with their sign: `? unknown`.
const SHORT_STATUS: u16 = 9;

/// Columns of a pane below which a login and an address share them.
const NARROW: u16 = 54;

/// Columns of a pane from which on a status has room for its longest word.
const ROOM_FOR_WORDS: u16 = 130;

/// Columns that an age takes: `59 min`.
const AGE: u16 = 6;

/// Columns of a pane from which on its title says how many have no group.
pub const MIN_WIDTH_FOR_UNGROUPED: u16 = 60;

/// Columns of a pane from which on most names of domains stand there whole.
const ROOM_FOR_NAME: u16 = 45;

/// Columns that such a name takes.
const WHOLE_NAME: u16 = 19;

/// Columns that the names of three sources take: `PD Leaks.ai LChecker`.
const SOURCE_NAMES: u16 = 20;

/// Columns that a number of sources takes: `4 sources`.
const SOURCE_COUNT: u16 = 9;

/// Columns of the domains pane from which on its sources are named.
const ROOM_FOR_NAMES: u16 = 72;

/// The columns of a pane in so much room: which, and where each stands.
pub fn layout_columns(context: Context<'_>, pane: Pane, room: u16) -> Vec<(Column, ColumnLayout)> {
    let of = column_pane(context, pane);
    let shown: Vec<VisibleColumn> = visible_columns(context, of)
        .into_iter()
        .filter(|shown| has_content(context, shown.column))
        .collect();
    let spec = |shown: &VisibleColumn| {
        let (mut least, mut weight, mut rank) = shown.column.width_spec();
        match shown.column {
            // Who, where and what state are said on the narrowest screen too.
            Column::Status if room < NARROW => least = SHORT_STATUS,
            Column::Login if room < NARROW => least = 12,
            Column::Url if room < NARROW => least = 11,
            // The longest word has room where the screen has; a sign beside it says whose status it is.
            Column::Status if room >= ROOM_FOR_WORDS => least = STATUS,
            Column::Status if context.data.local_status_count > 0 => least += 2,
            Column::Login if context.data.local_status_count > 0 => least -= 2,
            Column::Seen | Column::Added | Column::Found | Column::First | Column::Last
                if context.setup.times == Times::Relative =>
            {
                least = AGE;
            }
            Column::Name if of == Pane::Connections => least = CONNECTION_NAME_WIDTH,
            // What a number leaves over is better spent on whose it is.
            Column::Name if room >= ROOM_FOR_NAME => least = WHOLE_NAME,
            // Whose a domain is matters more than whether it is verified.
            Column::From if of == Pane::Domains => {
                rank = 5;
                least = if room >= ROOM_FOR_NAMES {
                    SOURCE_NAMES
                } else {
                    SOURCE_COUNT
                };
            }
            _ => {}
        }
        if let Some(width) = shown.width {
            (least, weight) = (width, 0);
        }
        place::ColumnSpec {
            title: shown.column.title(),
            min_width: least,
            weight,
            priority: rank,
        }
    };
    let columns: Vec<place::ColumnSpec> = shown.iter().map(spec).collect();
    let content: Vec<u16> = shown
        .iter()
        .map(|shown| content_width(context, of, shown.column))
        .collect();
    place::layout_widths_for_content(&columns, &content, room)
        .into_iter()
        .filter_map(|place| Some((shown.get(place.index)?.column, place)))
        .collect()
}

/// How wide what stands in a column is; 0 where nobody has looked.
fn content_width(context: Context<'_>, pane: Pane, column: Column) -> u16 {
    let widths = &context.workspace.columns.content.widths;
    if pane == Pane::Leaks {
        widths.get(column as usize).copied().unwrap_or(0)
    } else {
        0
    }
}

/// How much room a pane has for its columns: without its frame, the marker and a blank at the end.
pub fn available_width(context: Context<'_>, pane: Pane) -> u16 {
    let area = layout::areas(context).pane(pane).unwrap_or_default();
    area.width.saturating_sub(5)
}

/// Which column `<` and `>` mean in the list: the one that the pane is sorted by where it is on the screen, else the
/// one that matters most.
pub fn resize_target(context: Context<'_>) -> Option<Column> {
    let placed = layout_columns(
        context,
        context.workspace.focus,
        available_width(context, context.workspace.focus),
    );
    let has = |column: &Column| placed.iter().any(|(other, _)| other == column);
    let by = match context.workspace.focus {
        Pane::Leaks if context.workspace.leaks.grouping.is_none() => {
            let key = context.workspace.leaks.sort.first();
            key.map(|key| Column::from_sort_field(key.field))
        }
        _ => None,
    };
    let first = [Column::Login, Column::Name];
    by.into_iter().chain(first).find(has)
}

/// Makes a column of the focused pane wider or narrower, beginning with how wide it stands there now.
pub fn resize(update: &mut WorkspaceUpdate<'_>, column: Column, by: i16) {
    let pane = update.workspace.focus;
    let of = column_pane(update.context(), pane);
    let now = layout_columns(
        update.context(),
        pane,
        available_width(update.context(), pane),
    )
    .into_iter()
    .find(|(other, _)| *other == column)
    .map_or(column.width_spec().0, |(_, place)| place.width);
    let mut shown = visible_columns(update.context(), of);
    if let Some(shown) = shown.iter_mut().find(|shown| shown.column == column) {
        let width = now.saturating_add_signed(by).clamp(MIN_WIDTH, MAX_WIDTH);
        shown.width = Some(width);
    }
    update.workspace.columns.set(of, Some(shown));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_default_is_no_choice_and_nothing_is_shown_twice() {
        let mut columns = Columns::default();
        columns.set(Pane::Leaks, Some(default_columns(Pane::Leaks)));
        assert_eq!(columns.get(Pane::Leaks), None);
        let twice = [Column::Login, Column::Login, Column::Verified].map(VisibleColumn::from);
        columns.set(Pane::Leaks, Some(twice.to_vec()));
        let login = [VisibleColumn::from(Column::Login)];
        assert_eq!(columns.get(Pane::Leaks), Some(&login[..]));
        columns.set(
            Pane::Leaks,
            Some(vec![VisibleColumn::from(Column::Verified)]),
        );
        assert_eq!(columns.get(Pane::Leaks), None, "a pane is never empty");
    }
}
