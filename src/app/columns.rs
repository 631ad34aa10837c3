//! The columns of the panes: which there are, which of them a pane shows, in what order and how wide. What nobody has
//! chosen is left to the room: the least important goes first, and what is cut short gets more than what is not.

mod column;
pub mod edit;
pub mod place;

pub use column::{Column, NARROWEST, SHORT_NAME, Shown, WIDEST};

use super::{
    claims, layout,
    model::{Context, Pane, WorkspaceUpdate},
};
use crate::entity::capability::LeakMember;
use crate::table::{Handle, Table};
use place::Placed;
use strum::{EnumCount, IntoEnumIterator};

/// What was chosen for each pane, and how wide what stands in the columns of leaks is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    leaks: Option<Vec<Shown>>,
    domains: Option<Vec<Shown>>,
    users: Option<Vec<Shown>>,
    connections: Option<Vec<Shown>>,
    content: Content,
}

/// The widest content that was met, by column, and the table's generation that was looked at last.
#[derive(Clone, Debug, Default, PartialEq)]
struct Content {
    widths: [u16; Column::COUNT],
    generation: Option<u64>,
}

impl Columns {
    /// What was chosen for a pane, if anything was.
    pub fn chosen(&self, pane: Pane) -> Option<&[Shown]> {
        match pane {
            Pane::Leaks => self.leaks.as_deref(),
            Pane::Domains => self.domains.as_deref(),
            Pane::Users => self.users.as_deref(),
            Pane::Connections => self.connections.as_deref(),
            Pane::Jobs => None,
        }
    }

    /// Chooses for a pane; what is the default anyway is no choice, and columns that the pane has not are left out.
    pub fn choose(&mut self, pane: Pane, shown: Option<Vec<Shown>>) {
        let shown = shown
            .map(|shown| clean(pane, &shown))
            .filter(|shown| !shown.is_empty() && *shown != default(pane));
        match pane {
            Pane::Leaks => self.leaks = shown,
            Pane::Domains => self.domains = shown,
            Pane::Users => self.users = shown,
            Pane::Connections => self.connections = shown,
            Pane::Jobs => {}
        }
    }

    /// Looks at some rows all over the table. Widths only grow: a filter does not push columns about.
    pub fn measure(&mut self, table: &Table) {
        if self.content.generation == Some(table.leaks_generation()) {
            return;
        }
        self.content.generation = Some(table.leaks_generation());
        let rows = table.rows();
        let stride = (rows / SAMPLE).max(1);
        for row in (0..rows).step_by(stride).take(SAMPLE) {
            for column in Column::iter() {
                let Some(field) = column.field() else {
                    continue;
                };
                let text = table.text(Handle(row as u32), field);
                let wide = u16::try_from(text.len()).unwrap_or(u16::MAX).min(MOST);
                if let Some(width) = self.content.widths.get_mut(column as usize) {
                    *width = wide.max(*width);
                }
            }
        }
    }
}

/// Rows that are looked at for the width of their content.
const SAMPLE: usize = 256;

/// Content that is wider is cut without regret.
const MOST: u16 = 64;

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

/// Every column that a pane can show, those that it shows by default first.
pub fn offered(pane: Pane) -> &'static [Column] {
    use Column as C;
    match pane {
        Pane::Leaks => &[
            C::Status,
            C::Login,
            C::Url,
            C::Host,
            C::Country,
            C::Class,
            C::Risk,
            C::Seen,
            C::From,
            C::Claim,
            C::Domain,
            C::Ip,
            C::Os,
            C::Device,
            C::Breach,
            C::Added,
            C::Id,
            C::Reason,
            C::Ticket,
        ],
        Pane::Domains => &[
            C::Name,
            C::From,
            C::Open,
            C::Fixed,
            C::Leaks,
            C::Verified,
            C::First,
            C::Last,
        ],
        Pane::Users => &[
            C::Name,
            C::Sources,
            C::Open,
            C::Fixed,
            C::Leaks,
            C::First,
            C::Last,
        ],
        Pane::Connections => &[
            C::Name,
            C::Form,
            C::Open,
            C::Leaks,
            C::Fixed,
            C::First,
            C::Last,
        ],
        Pane::Jobs => &[],
    }
}

/// What a pane shows where nothing was chosen.
pub fn default(pane: Pane) -> Vec<Shown> {
    let count = match pane {
        Pane::Leaks => 10,
        Pane::Domains => 6,
        Pane::Users => 5,
        Pane::Connections => 4,
        Pane::Jobs => 0,
    };
    offered(pane)
        .iter()
        .take(count)
        .copied()
        .map(Shown::from)
        .collect()
}

/// What a pane shows, in order.
pub fn shown(context: Context<'_>, pane: Pane) -> Vec<Shown> {
    let chosen = context.workspace.columns.chosen(pane);
    chosen.map_or_else(|| default(pane), <[Shown]>::to_vec)
}

/// Only what the pane has, each once.
fn clean(pane: Pane, shown: &[Shown]) -> Vec<Shown> {
    let mut kept: Vec<Shown> = Vec::with_capacity(shown.len());
    for one in shown {
        let twice = kept.iter().any(|other| other.column == one.column);
        if offered(pane).contains(&one.column) && !twice {
            kept.push(*one);
        }
    }
    kept
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

/// Columns of a pane below which a number of sources has no noun but `src`.
pub const ROOM_FOR_SOURCES: u16 = 60;

/// The columns of a pane in so much room: which, and where each stands.
pub fn placed(context: Context<'_>, pane: Pane, room: u16) -> Vec<(Column, Placed)> {
    let of = of_pane(context, pane);
    let shown: Vec<Shown> = shown(context, of)
        .into_iter()
        .filter(|shown| is_of_use(context, shown.column))
        .collect();
    let spec = |shown: &Shown| {
        let (mut least, mut weight, rank) = shown.column.needs();
        match shown.column {
            // A sign beside the word says whose status it is; the login makes room for it.
            Column::Status if context.data.locals > 0 => least += 2,
            Column::Login if context.data.locals > 0 => least -= 2,
            Column::Name if of == Pane::Connections => least = CONNECTION_NAME,
            Column::Sources if room < ROOM_FOR_SOURCES => least = 5,
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
