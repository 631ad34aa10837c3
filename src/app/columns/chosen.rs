//! The columns that were chosen for each pane, and how wide their content is.

use super::column::{Column, VisibleColumn};
use crate::{
    app::model::Pane,
    table::{RowId, Table},
};
use strum::{EnumCount, IntoEnumIterator};

/// What was chosen for each pane, and how wide what stands in the columns of leaks is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    leaks: Option<Vec<VisibleColumn>>,
    domains: Option<Vec<VisibleColumn>>,
    users: Option<Vec<VisibleColumn>>,
    connections: Option<Vec<VisibleColumn>>,
    pub(super) content: ContentWidths,
}

impl Columns {
    /// What was chosen for a pane, if anything was.
    pub fn get(&self, pane: Pane) -> Option<&[VisibleColumn]> {
        match pane {
            Pane::Leaks => self.leaks.as_deref(),
            Pane::Domains => self.domains.as_deref(),
            Pane::Users => self.users.as_deref(),
            Pane::Connections => self.connections.as_deref(),
            Pane::Jobs => None,
        }
    }

    /// Chooses for a pane; what is the default anyway is no choice, and columns that the pane has not are left out.
    pub fn set(&mut self, pane: Pane, shown: Option<Vec<VisibleColumn>>) {
        let shown = shown
            .map(|shown| sanitize(pane, &shown))
            .filter(|shown| !shown.is_empty() && *shown != default_columns(pane));
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
        let rows = table.row_id_count();
        let stride = (rows / SAMPLE_ROWS).max(1);
        for row in (0..rows).step_by(stride).take(SAMPLE_ROWS) {
            for column in Column::iter() {
                let Some(field) = column.field() else {
                    continue;
                };
                let text = table.text(RowId(row as u32), field);
                let wide = u16::try_from(text.len()).unwrap_or(u16::MAX).min(MOST);
                if let Some(width) = self.content.widths.get_mut(column as usize) {
                    *width = wide.max(*width);
                }
            }
        }
    }
}

/// The widest content that was met, by column, and the table's generation that was looked at last.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ContentWidths {
    pub(super) widths: [u16; Column::COUNT],
    generation: Option<u64>,
}

/// Rows that are looked at for the width of their content.
const SAMPLE_ROWS: usize = 256;

/// Content that is wider is cut without regret.
const MOST: u16 = 64;

/// Every column that a pane can show, those that it shows by default first.
pub fn available_columns(pane: Pane) -> &'static [Column] {
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
            C::Found,
            C::News,
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
pub fn default_columns(pane: Pane) -> Vec<VisibleColumn> {
    let count = match pane {
        Pane::Leaks => 10,
        Pane::Domains => 6,
        Pane::Users => 5,
        Pane::Connections => 4,
        Pane::Jobs => 0,
    };
    available_columns(pane)
        .iter()
        .take(count)
        .copied()
        .map(VisibleColumn::from)
        .collect()
}

/// Only what the pane has, each once.
fn sanitize(pane: Pane, shown: &[VisibleColumn]) -> Vec<VisibleColumn> {
    let mut kept: Vec<VisibleColumn> = Vec::with_capacity(shown.len());
    for one in shown {
        let twice = kept.iter().any(|other| other.column == one.column);
        if available_columns(pane).contains(&one.column) && !twice {
            kept.push(*one);
        }
    }
    kept
}
