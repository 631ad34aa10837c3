//! The editor of columns: every column that the pane can show, in order, with the ones that it shows. What is changed is
//! seen behind it at once.

use super::{
    Column, VisibleColumn, available_columns, default_columns, focused_column_pane, resize,
    visible_columns,
};
use crate::app::model::{Context, Pane, WorkspaceUpdate};

/// The editor.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnEditor {
    /// Whose columns.
    pub pane: Pane,
    /// All of them, and whether each is shown.
    pub rows: Vec<(VisibleColumn, bool)>,
    /// The row under the cursor.
    pub cursor: usize,
}

/// The editor of the focused pane.
pub(in crate::app) fn editor(context: Context<'_>) -> ColumnEditor {
    let pane = focused_column_pane(context);
    ColumnEditor {
        pane,
        rows: rows(context, pane),
        cursor: 0,
    }
}

/// Those that are shown, in their order, then the others.
fn rows(context: Context<'_>, pane: Pane) -> Vec<(VisibleColumn, bool)> {
    let shown = visible_columns(context, pane);
    let has = |column: &Column| shown.iter().any(|shown| shown.column == *column);
    let others = available_columns(pane).iter().filter(|column| !has(column));
    let others = others.map(|column| (VisibleColumn::from(*column), false));
    let all = shown.iter().map(|shown| (*shown, true)).chain(others);
    all.collect()
}

impl ColumnEditor {
    /// Shows the columns in the pane as they are chosen here.
    fn apply(&self, update: &mut WorkspaceUpdate<'_>) {
        let chosen = self.rows.iter().filter(|(_, is_shown)| *is_shown);
        let chosen = chosen.map(|(shown, _)| *shown).collect();
        update.workspace.columns.set(self.pane, Some(chosen));
    }

    /// Shows the column under the cursor, or hides it; the last one stays.
    pub(in crate::app) fn toggle(&mut self, update: &mut WorkspaceUpdate<'_>) {
        let count = self.rows.iter().filter(|(_, shown)| *shown).count();
        if let Some((_, shown)) = self.rows.get_mut(self.cursor)
            && (count > 1 || !*shown)
        {
            *shown = !*shown;
        }
        self.apply(update);
    }

    /// Moves the column under the cursor.
    pub(in crate::app) fn shift(&mut self, update: &mut WorkspaceUpdate<'_>, down: bool) {
        let at = self.cursor;
        let to = if down { at + 1 } else { at.wrapping_sub(1) };
        if to < self.rows.len() {
            self.rows.swap(at, to);
            self.cursor = to;
        }
        self.apply(update);
    }

    /// Makes the column under the cursor wider or narrower.
    pub(in crate::app) fn widen(&mut self, update: &mut WorkspaceUpdate<'_>, by: i16) {
        let Some((shown, true)) = self.rows.get_mut(self.cursor) else {
            return;
        };
        resize(update, shown.column, by);
        let chosen = update.workspace.columns.get(self.pane);
        shown.width = chosen
            .and_then(|chosen| chosen.iter().find(|other| other.column == shown.column))
            .and_then(|shown| shown.width);
    }

    /// Brings back what the pane shows where nobody has chosen.
    pub(in crate::app) fn restore(&mut self, update: &mut WorkspaceUpdate<'_>) {
        let pane = self.pane;
        update
            .workspace
            .columns
            .set(pane, Some(default_columns(pane)));
        self.rows = rows(update.context(), pane);
    }
}
