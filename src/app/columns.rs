//! The columns of the panes: which there are, which of them a pane shows, in what order and how wide. What nobody has
//! chosen is left to the room: the least important goes first, and what is cut short gets more than what is not.

mod column;
pub mod edit;
pub mod place;

mod chosen;

pub use chosen::{Columns, default, offered};
pub use column::{Column, NARROWEST, SHORT_NAME, Shown, WIDEST};

use super::{
    claims, layout,
    model::{Context, Pane, WorkspaceUpdate},
};
use crate::{config::console::Times, entity::capability::LeakMember};
use place::Placed;

/// The pane whose columns the focused one has: gathered leaks are shown as people are.
pub fn focused(context: Context<'_>) -> Pane {
    of_pane(context, context.workspace.focus)
}

/// The same for any pane.
pub fn of_pane(context: Context<'_>, pane: Pane) -> Pane {
    if pane == Pane::Leaks && context.workspace.leaks.grouping.is_some() {
        Pane::Users
    } else {
        pane
    }
}

/// What a pane shows, in order.
pub fn shown(context: Context<'_>, pane: Pane) -> Vec<Shown> {
    let chosen = context.workspace.columns.chosen(pane);
    chosen.map_or_else(|| default(pane), <[Shown]>::to_vec)
}

/// Whether a column has anything to show: a provider that knows no risk would only show question marks, one profile a
/// column of its name, and claims are of no use where nobody has claimed anything.
pub fn is_of_use(context: Context<'_>, column: Column) -> bool {
    match column {
        Column::Risk => {
            let mut profiles = context.data.profiles.iter();
            profiles.any(|state| state.profile.capabilities.has(LeakMember::Risk))
        }
        Column::From | Column::Sources => context.data.profiles.len() > 1,
        Column::Claim => claims::any(context),
        _ => true,
    }
}

/// Columns that a connection's name wants: host names are long, and cut ones look alike. What it is says its name, so
/// that the form goes first.
const CONNECTION_NAME: u16 = 26;

/// Columns that a status takes with its longest word and the sign beside it.
const STATUS: u16 = 18;

/// Columns of a pane below which a login and an address share them.
const NARROW: u16 = 54;

/// Columns of a pane from which on a status has room for its longest word.
const ROOM_FOR_WORDS: u16 = 130;

/// Columns that an age takes: `59 min`.
const AGE: u16 = 6;

/// Columns of a pane below which a number of sources has no noun but `src`.
pub const ROOM_FOR_SOURCES: u16 = 60;

/// Columns that the names of three sources take: `PD Leaks.ai LChecker`.
const SOURCE_NAMES: u16 = 20;

/// Columns of the domains pane from which on its sources are named.
const ROOM_FOR_NAMES: u16 = 72;

/// The columns of a pane in so much room: which, and where each stands.
pub fn placed(context: Context<'_>, pane: Pane, room: u16) -> Vec<(Column, Placed)> {
    let of = of_pane(context, pane);
    let shown: Vec<Shown> = shown(context, of)
        .into_iter()
        .filter(|shown| is_of_use(context, shown.column))
        .collect();
    let spec = |shown: &Shown| {
        let (mut least, mut weight, mut rank) = shown.column.needs();
        match shown.column {
            // Who, where and what state are said on the narrowest screen too.
            Column::Status if room < NARROW => least = 8,
            Column::Login if room < NARROW => least = 12,
            Column::Url if room < NARROW => least = 11,
            // The longest word has room where the screen has; a sign beside it says whose status it is.
            Column::Status if room >= ROOM_FOR_WORDS => least = STATUS,
            Column::Status if context.data.locals > 0 => least += 2,
            Column::Login if context.data.locals > 0 => least -= 2,
            Column::Seen | Column::Added | Column::First | Column::Last
                if context.setup.times == Times::Relative =>
            {
                least = AGE;
            }
            Column::Name if of == Pane::Connections => least = CONNECTION_NAME,
            Column::Sources if room < ROOM_FOR_SOURCES => least = 5,
            // Whose a domain is matters more than whether it is verified.
            Column::From if of == Pane::Domains => {
                rank = 5;
                least = match room {
                    ROOM_FOR_NAMES.. => SOURCE_NAMES,
                    ROOM_FOR_SOURCES.. => 9,
                    _ => 5,
                };
            }
            _ => {}
        }
        if let Some(width) = shown.width {
            (least, weight) = (width, 0);
        }
        place::Column {
            title: shown.column.title(),
            least,
            weight,
            rank,
        }
    };
    let columns: Vec<place::Column> = shown.iter().map(spec).collect();
    let content: Vec<u16> = shown
        .iter()
        .map(|shown| content(context, of, shown.column))
        .collect();
    place::place_for(&columns, &content, room)
        .into_iter()
        .filter_map(|place| Some((shown.get(place.index)?.column, place)))
        .collect()
}

/// How wide what stands in a column is; 0 where nobody has looked.
fn content(context: Context<'_>, pane: Pane, column: Column) -> u16 {
    let widths = &context.workspace.columns.content.widths;
    if pane == Pane::Leaks {
        widths.get(column as usize).copied().unwrap_or(0)
    } else {
        0
    }
}

/// How much room a pane has for its columns: without its frame, the marker and a blank at the end.
pub fn room(context: Context<'_>, pane: Pane) -> u16 {
    let area = layout::areas(context).pane(pane).unwrap_or_default();
    area.width.saturating_sub(5)
}

/// Which column `<` and `>` mean in the list: the one that the pane is sorted by where it is on the screen, else the
/// one that matters most.
pub fn resized(context: Context<'_>) -> Option<Column> {
    let placed = placed(
        context,
        context.workspace.focus,
        room(context, context.workspace.focus),
    );
    let has = |column: &Column| placed.iter().any(|(other, _)| other == column);
    let by = match context.workspace.focus {
        Pane::Leaks if context.workspace.leaks.grouping.is_none() => {
            let key = context.workspace.leaks.sort.first();
            key.map(|key| Column::sorted_by(key.field))
        }
        _ => None,
    };
    let first = [Column::Login, Column::Name];
    by.into_iter().chain(first).find(has)
}

/// Makes a column of the focused pane wider or narrower, beginning with how wide it stands there now.
pub fn resize(update: &mut WorkspaceUpdate<'_>, column: Column, by: i16) {
    let pane = update.workspace.focus;
    let of = of_pane(update.context(), pane);
    let now = placed(update.context(), pane, room(update.context(), pane))
        .into_iter()
        .find(|(other, _)| *other == column)
        .map_or(column.needs().0, |(_, place)| place.width);
    let mut shown = shown(update.context(), of);
    if let Some(shown) = shown.iter_mut().find(|shown| shown.column == column) {
        let width = now.saturating_add_signed(by).clamp(NARROWEST, WIDEST);
        shown.width = Some(width);
    }
    update.workspace.columns.choose(of, Some(shown));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_default_is_no_choice_and_nothing_is_shown_twice() {
        let mut columns = Columns::default();
        columns.choose(Pane::Leaks, Some(default(Pane::Leaks)));
        assert_eq!(columns.chosen(Pane::Leaks), None);
        let twice = [Column::Login, Column::Login, Column::Verified].map(Shown::from);
        columns.choose(Pane::Leaks, Some(twice.to_vec()));
        let login = [Shown::from(Column::Login)];
        assert_eq!(columns.chosen(Pane::Leaks), Some(&login[..]));
        columns.choose(Pane::Leaks, Some(vec![Shown::from(Column::Verified)]));
        assert_eq!(columns.chosen(Pane::Leaks), None, "a pane is never empty");
    }
}
