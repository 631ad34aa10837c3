//! A saved view.

use crate::{
    app::columns::VisibleColumn,
    table::{GroupKind, SortKey},
};
use toml::Table;

/// What the view is called that is always there.
pub const SINCE_LEFT: &str = "since I left";

/// A saved view.
#[derive(Clone, PartialEq)]
pub struct View {
    /// What it is called.
    pub name: String,
    /// Its filter, as it was typed.
    pub filter: String,
    /// Its sort, most important key first.
    pub sort: Vec<SortKey>,
    /// By what it gathers the leaks.
    pub group: Option<GroupKind>,
    /// Its columns, where it says so.
    pub columns: Option<Vec<VisibleColumn>>,
    /// Members of its entry in the file that we do not know.
    pub unknown: toml::Table,
}

impl View {
    /// Whether it is the one of what is new since the operator left.
    pub fn is_since_left(&self) -> bool {
        self.name == SINCE_LEFT
    }
}

/// What of a file is not understood, and is written again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rest {
    /// Members beside the views.
    pub(super) members: Table,
    /// Entries that cannot be read.
    pub(super) entries: Vec<Table>,
}
