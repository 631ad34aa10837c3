//! The columns that were chosen for each pane, and how wide their content is.

use super::column::{Column, Shown};
use crate::{
    app::model::Pane,
    table::{Handle, Table},
};
use strum::{EnumCount, IntoEnumIterator};

/// What was chosen for each pane, and how wide what stands in the columns of leaks is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    leaks: Option<Vec<Shown>>,
    domains: Option<Vec<Shown>>,
    users: Option<Vec<Shown>>,
    connections: Option<Vec<Shown>>,
    pub(super) content: Content,
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

/// The widest content that was met, by column, and the table's generation that was looked at last.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Content {
    pub(super) widths: [u16; Column::COUNT],
    generation: Option<u64>,
}

/// Rows that are looked at for the width of their content.
const SAMPLE: usize = 256;

/// Content that is wider is cut without regret.
const MOST: u16 = 64;

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
