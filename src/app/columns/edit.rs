//! The editor of columns: every column that the pane can show, in order, with the ones that it shows. What is changed is
//! seen behind it at once.

use super::{Column, Shown, default, focused, offered, resize, shown};
use crate::app::{
    model::{Context, Model, Pane},
    overlay::Overlay,
};

/// The editor.
#[derive(Clone, Debug, PartialEq)]
pub struct Editor {
    /// Whose columns.
    pub pane: Pane,
    /// All of them, and whether each is shown.
    pub rows: Vec<(Shown, bool)>,
    /// The row under the cursor.
    pub cursor: usize,
}

/// Opens the editor of the focused pane.
pub(in crate::app) fn open(model: &mut Model) {
    let pane = focused(model.context());
    let rows = rows(model.context(), pane);
    model.overlays.push(Overlay::Columns(Box::new(Editor {
        pane,
        rows,
        cursor: 0,
    })));
}

/// Those that are shown, in their order, then the others.
fn rows(context: Context<'_>, pane: Pane) -> Vec<(Shown, bool)> {
    let shown = shown(context, pane);
    let has = |column: &Column| shown.iter().any(|shown| shown.column == *column);
    let others = offered(pane).iter().filter(|column| !has(column));
    let others = others.map(|column| (Shown::from(*column), false));
    let all = shown.iter().map(|shown| (*shown, true)).chain(others);
    all.collect()
}

/// Changes the editor on top, and the pane with it.
fn change(model: &mut Model, change: impl FnOnce(&mut Editor)) {
    let Some(Overlay::Columns(editor)) = model.overlays.last_mut() else {
        return;
    };
    change(editor);
    let chosen: Vec<Shown> = editor
        .rows
        .iter()
        .filter(|(_, is_shown)| *is_shown)
        .map(|(shown, _)| *shown)
        .collect();
    let pane = editor.pane;
    model.workspace.columns.choose(pane, Some(chosen));
}

/// Shows the column under the cursor, or hides it; the last one stays.
pub(in crate::app) fn toggle(model: &mut Model) {
    change(model, |editor| {
        let count = editor.rows.iter().filter(|(_, shown)| *shown).count();
        if let Some((_, shown)) = editor.rows.get_mut(editor.cursor)
            && (count > 1 || !*shown)
        {
            *shown = !*shown;
        }
    });
}

/// Moves the column under the cursor.
pub(in crate::app) fn shift(model: &mut Model, down: bool) {
    change(model, |editor| {
        let at = editor.cursor;
        let to = if down { at + 1 } else { at.wrapping_sub(1) };
        if to < editor.rows.len() {
            editor.rows.swap(at, to);
            editor.cursor = to;
        }
    });
}

/// Makes the column under the cursor wider or narrower.
pub(in crate::app) fn widen(model: &mut Model, by: i16) {
    let Some(Overlay::Columns(editor)) = model.overlays.last() else {
        return;
    };
    let (pane, cursor) = (editor.pane, editor.cursor);
    let Some((shown, true)) = editor.rows.get(cursor).copied() else {
        return;
    };
    resize(&mut model.workspace_update(), shown.column, by);
    let width = model
        .workspace
        .columns
        .chosen(pane)
        .and_then(|chosen| chosen.iter().find(|other| other.column == shown.column))
        .and_then(|shown| shown.width);
    if let Some(Overlay::Columns(editor)) = model.overlays.last_mut()
        && let Some((shown, _)) = editor.rows.get_mut(cursor)
    {
        shown.width = width;
    }
}

/// Brings back what the pane shows where nobody has chosen.
pub(in crate::app) fn restore(model: &mut Model) {
    let Some(Overlay::Columns(editor)) = model.overlays.last() else {
        return;
    };
    let pane = editor.pane;
    model.workspace.columns.choose(pane, Some(default(pane)));
    let rows = rows(model.context(), pane);
    if let Some(Overlay::Columns(editor)) = model.overlays.last_mut() {
        editor.rows = rows;
    }
}
